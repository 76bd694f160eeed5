// Uploads live as long as the page: they go on while another screen is shown.

import { account } from "/session/session.js";
import { watchDropsAndPastes } from "/uploads/intake.js";
import { startPanel } from "/uploads/panel.js";
import { queue } from "/uploads/queue.js";
import { stopWatching } from "/uploads/watch.js";

let isStarted = false, owner = null;

export function startUploads() {
  owner ??= account()?.userId ?? null; // who came back signed in never "began"
  if (isStarted) return;
  isStarted = true;
  startPanel();
  watchDropsAndPastes();
}

// After signing in again the same person's uploads go on; another's are never sent.
export function resumeUploads({ userId }) {
  if (owner !== null && owner !== userId) queue.empty();
  owner = userId;
  queue.goOn();
}

export function endUploads() {
  queue.empty();
  stopWatching();
}
