// Polls the status of images whose sizes are being rendered: one request for all of them, often at first
// and less often later.

import { api } from "/session/api.js";

const shortestDelay = 0.3,
  longestDelay = 3,
  maxIds = 100; // seconds, seconds, ids in one request
const watched = new Map();
let timer, delay;

const isFinal = (status) => status === "complete" || status === "failed" || status === "gone";

// Calls `listener({status, variants, errorMessage, …})` after each request until the status is final. The
// status "gone" means that the image was deleted.
export function watch(id, listener) {
  const listeners = watched.get(id);
  if (listeners) return void listeners.push(listener);
  watched.set(id, [listener]);
  delay = shortestDelay;
  schedule();
}

export function stopWatching() {
  watched.clear();
  clearTimeout(timer);
}

function schedule() {
  clearTimeout(timer);
  if (watched.size > 0) timer = setTimeout(poll, (document.hidden ? longestDelay : delay) * 1000);
}

async function poll() {
  const ids = [...watched.keys()].slice(0, maxIds);
  try {
    const { images } = await api("GET", `/api/images/status?ids=${ids.join(",")}`);
    const found = new Map(images.map((image) => [image.id, image]));
    for (const id of ids) {
      const progress = found.get(id) ?? { id, status: "gone", variants: {} };
      const listeners = watched.get(id) ?? [];
      watched.delete(id);
      if (!isFinal(progress.status)) watched.set(id, listeners); // to the end of the queue
      for (const listener of listeners) listener(progress);
    }
  } catch (error) {
    if (error.status === 401) return stopWatching();
    if (error.retryAfter) delay = Math.max(delay, error.retryAfter);
  }
  delay = Math.min(longestDelay, delay * 1.3);
  schedule();
}
