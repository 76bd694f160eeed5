// Deleting with a way back: the request is sent when the time for undoing is over, or when the page
// is left, whichever comes first.

import { complain, notice } from "/core/notices.js";
import { api, lastWord } from "/session/api.js";
import { text } from "/strings.js";

const undoSeconds = 7;
const together = 4;
const waiting = new Set();

export function remove(pictures, ids) {
  if (ids.length === 0) return;
  const back = pictures.hide(ids);
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
      for (let id; (id = left.pop()); ) {
        await api("DELETE", `/api/images/${id}`).catch((error) => error.status === 404 || failed.push(error));
      }
    };
    await Promise.all(Array.from({ length: together }, one));
    if (failed.length === 0) return;
    back();
    complain(text.gallery.notDeleted(failed.length, failed[0].message));
    pictures.load();
  }
}

// Before signing out, which ends the token.
export async function finishRemovals() {
  await Promise.all([...waiting].map((removal) => {
    const sent = removal.send();
    removal.finish();
    return sent;
  }));
}

window.addEventListener("pagehide", () => {
  for (const { ids } of waiting) for (const id of ids) lastWord("DELETE", `/api/images/${id}`);
  waiting.clear();
});
