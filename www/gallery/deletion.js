// Deletes images with an undo: the request is sent when the time for the undo has passed or when the page
// is closed, whichever is first.

import { warn, notice } from "/core/notices.js";
import { api, sendOnPageHide } from "/session/api.js";
import { text } from "/strings.js";

const undoSeconds = 7;
const parallel = 4;
const waiting = new Set();

export function remove(images, ids) {
  if (ids.length === 0) return;
  const back = images.hide(ids);
  const removal = { ids: [...ids], send };
  waiting.add(removal);
  removal.finish = notice(text.gallery.deleted(ids.length), {
    seconds: undoSeconds,
    action: { label: text.gallery.undo, run: () => (waiting.delete(removal), back()) },
    ended: send,
  });

  async function send() {
    if (!waiting.delete(removal)) return;
    const left = [...ids];
    const failed = [];
    const one = async () => {
      for (let id; (id = left.pop());) {
        await api("DELETE", `/api/images/${id}`).catch((error) => error.status === 404 || failed.push(error));
      }
    };
    await Promise.all(Array.from({ length: parallel }, one));
    if (failed.length === 0) return;
    back();
    warn(text.gallery.notDeleted(failed.length, failed[0].message));
    images.load();
  }
}

// Called before signing out, which makes the token invalid.
export async function finishRemovals() {
  await Promise.all(
    [...waiting].map((removal) => {
      const sent = removal.send();
      removal.finish();
      return sent;
    }),
  );
}

window.addEventListener("pagehide", () => {
  for (const { ids } of waiting) for (const id of ids) sendOnPageHide("DELETE", `/api/images/${id}`);
  waiting.clear();
});
