// One chosen file and how far it is.

import { preview } from "/uploads/preview.js";

let count = 0;

export class Upload {
  // waiting, sending, sizing, done; failed, cancelled
  state = "waiting";
  sent = 0;
  // Of the sizes, 0 to 1; null while nothing is known.
  made = null;
  imageId = null;
  duplicate = false;
  error = null;
  // May be tried again: what is no picture never becomes one.
  canRetry = true;
  abort = null;
  local = null;

  constructor(file, { fit, visibility }) {
    this.number = ++count;
    this.file = file;
    this.fit = fit;
    this.visibility = visibility;
    // crypto.randomUUID is for secure addresses alone, getRandomValues for all.
    this.key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Resolves when `local` is there, or known not to be.
  makePreview() {
    this.previewed = preview(this.file).then((local) => (this.local = local));
    return this.previewed;
  }

  get isActive() {
    return this.state === "waiting" || this.state === "sending" || this.state === "sizing";
  }

  get isUnsent() {
    return this.state === "waiting" || this.state === "sending";
  }
}
