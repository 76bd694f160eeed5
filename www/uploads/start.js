// Uploads continue while another screen is shown, until the page is closed.

import { account } from "/session/session.js";
import { watchDropsAndPastes } from "/uploads/intake.js";
import { startPanel } from "/uploads/panel.js";
import { queue } from "/uploads/queue.js";
import { stopWatching } from "/uploads/watch.js";

let isStarted = false,
  owner = null;

export function startUploads() {
  owner ??= account()?.userId ?? null; // a user who was signed in already causes no "begun"
  if (isStarted) return;
  isStarted = true;
  startPanel();
  watchDropsAndPastes();
}

// After signing in again, the same user's uploads continue. Another user's uploads are dropped.
export function resumeUploads({ userId }) {
  if (owner !== null && owner !== userId) queue.empty();
  owner = userId;
  queue.resume();
}

export function endUploads() {
  queue.empty();
  stopWatching();
}
