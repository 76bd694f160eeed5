// One chosen file and the state of its upload.

import { preview } from "/uploads/preview.js";

let count = 0;

export class Upload {
  // waiting, sending, sizing, done; failed, cancelled
  state = "waiting";
  sent = 0; // bytes
  // The share of the sizes that is ready, 0 to 1; null while it is unknown.
  made = null;
  imageId = null;
  duplicate = false;
  error = null;
  // False for a file that was refused before it was sent: a retry would be refused too.
  canRetry = true;
  abort = null;
  local = null; // the preview, {url, ratio}

  constructor(file, { fit, visibility }) {
    this.number = ++count;
    this.file = file;
    this.fit = fit;
    this.visibility = visibility;
    // crypto.randomUUID exists only on HTTPS and localhost, getRandomValues everywhere.
    this.key = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  }

  // Resolves when `local` is set; it stays null if no preview is possible.
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
