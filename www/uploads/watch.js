// What became of pictures whose sizes are being made: one question for all of them, often at first
// and less often as time goes by.

import { api } from "/session/api.js";

const soonest = 0.3, latest = 3, atOnce = 100; // seconds, seconds, ids that one question may have
const watched = new Map();
let timer, delay;

const isFinal = (status) => status === "complete" || status === "failed" || status === "gone";

// Calls `tell({status, variants, errorMessage, …})` at each look until the status is final; "gone"
// is a picture that was deleted meanwhile.
export function watch(id, tell) {
  const tellers = watched.get(id);
  if (tellers) return void tellers.push(tell);
  watched.set(id, [tell]);
  delay = soonest;
  plan();
}

export function stopWatching() {
  watched.clear();
  clearTimeout(timer);
}

function plan() {
  clearTimeout(timer);
  if (watched.size > 0) timer = setTimeout(look, (document.hidden ? latest : delay) * 1000);
}

async function look() {
  const ids = [...watched.keys()].slice(0, atOnce);
  try {
    const { images } = await api("GET", `/api/images/status?ids=${ids.join(",")}`);
    const found = new Map(images.map((image) => [image.id, image]));
    for (const id of ids) {
      const progress = found.get(id) ?? { id, status: "gone", variants: {} };
      const tellers = watched.get(id) ?? [];
      watched.delete(id);
      if (!isFinal(progress.status)) watched.set(id, tellers); // to the end of the queue
      for (const tell of tellers) tell(progress);
    }
  } catch (error) {
    if (error.status === 401) return stopWatching();
    if (error.retryAfter) delay = Math.max(delay, error.retryAfter);
  }
  delay = Math.min(latest, delay * 1.3);
  plan();
}
