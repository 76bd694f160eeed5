// The upload queue: sends three files at a time and continues automatically after temporary failures.

import { api } from "/session/api.js";
import { Problem } from "/session/problem.js";
import { isReadable, refusal } from "/uploads/checks.js";
import { send } from "/uploads/send.js";
import { Upload } from "/uploads/upload.js";
import { watch } from "/uploads/watch.js";
import { text } from "/strings.js";

// More would share the same bandwidth, and each upload would finish later.
const parallel = 3;

// Events: "change" {upload}, "accepted" {upload}, "finished" {upload}, "hold".
class Queue extends EventTarget {
  uploads = [];
  // Why the queue waits, and until when in ms: {reason: "busy"|"connection"|"session", until} or null.
  hold = null;
  #misses = 0;
  #timer;

  constructor() {
    super();
    window.addEventListener("online", () => this.resume());
    // Uploads in progress would hang until a time-out.
    window.addEventListener("offline", () => {
      for (const upload of this.uploads) if (upload.state === "sending") upload.abort.abort();
    });
    window.addEventListener(
      "beforeunload",
      (event) => this.uploads.some((one) => one.isUnsent) && event.preventDefault(),
    );
  }

  add(files, choices, limits) {
    const added = [...files].map((file) => {
      const upload = new Upload(file, choices);
      const error = refusal(file, limits);
      if (error) Object.assign(upload, { state: "failed", error, canRetry: false });
      else upload.makePreview().then(() => this.#notify("change", upload));
      return upload;
    });
    this.uploads.push(...added);
    for (const upload of added) this.#notify("change", upload);
    this.#pump();
    return added;
  }

  async cancel(upload) {
    const { imageId, state } = upload;
    if (state === "done") return;
    upload.state = "cancelled";
    upload.abort?.abort();
    this.#notify("change", upload);
    if (imageId && !upload.duplicate) await api("DELETE", `/api/images/${imageId}`).catch(() => {});
    this.#notify("finished", upload);
  }

  async retry(upload) {
    Object.assign(upload, { state: "waiting", error: null, sent: 0, made: null });
    if (!upload.imageId) return (this.#notify("change", upload), this.#pump());
    try {
      await api("POST", `/api/images/${upload.imageId}/retry`);
      this.#follow(upload);
    } catch (error) {
      this.#fail(upload, error);
    }
  }

  // Removes the uploads that have ended.
  clear() {
    this.uploads = this.uploads.filter((upload) => upload.isActive);
    this.#notify("change", null);
  }

  empty() {
    const { uploads } = this;
    this.uploads = [];
    for (const upload of uploads) upload.abort?.abort();
    this.#notify("change", null);
  }

  resume() {
    this.#misses = 0;
    this.#setHold(null);
    this.#pump();
  }

  #pump() {
    if (this.hold) return;
    const sending = this.uploads.filter(({ state }) => state === "sending").length;
    const waiting = this.uploads.filter(({ state }) => state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, parallel - sending))) this.#send(upload);
  }

  async #send(upload) {
    upload.state = "sending";
    upload.abort = new AbortController();
    this.#notify("change", upload);
    try {
      const answer = await send(upload, {
        signal: upload.abort.signal,
        progress: (sent) => {
          upload.sent = Math.min(sent, upload.file.size);
          this.#notify("change", upload);
        },
      });
      this.#misses = 0;
      Object.assign(upload, { imageId: answer.imageId, duplicate: answer.duplicate, sent: upload.file.size });
      this.#notify("accepted", upload);
      this.#follow(upload);
    } catch (error) {
      if (upload.state === "cancelled" || !this.uploads.includes(upload)) return;
      await this.#interrupted(upload, error.name === "AbortError" ? Problem.offline() : error);
    } finally {
      this.#pump();
    }
  }

  async #interrupted(upload, error) {
    if (error.status === 0 && !(await isReadable(upload.file))) {
      return this.#fail(upload, { message: text.uploads.unreadable });
    }
    if (!error.passes && error.status !== 401) return this.#fail(upload, error);
    Object.assign(upload, { state: "waiting", sent: 0 });
    if (error.retryAfter) this.#setHold("busy", error.retryAfter);
    else if (error.status === 401) this.#setHold("session", 3600); // continues after signing in
    else this.#setHold("connection", Math.min(15, 2 ** this.#misses++));
    this.#notify("change", upload);
  }

  #follow(upload) {
    upload.state = "sizing";
    this.#notify("change", upload);
    watch(upload.imageId, (progress) => {
      if (upload.state !== "sizing") return;
      const states = Object.values(progress.variants);
      const made = states.filter((state) => state === "complete").length;
      upload.made = made > 0 ? made / states.length : null;
      upload.progress = progress;
      if (progress.status === "complete") {
        upload.state = "done";
        this.#notify("finished", upload);
      } else if (progress.status === "failed") {
        this.#fail(upload, { message: progress.errorMessage });
      } else if (progress.status === "gone") {
        upload.state = "cancelled";
        this.#notify("finished", upload);
      }
      this.#notify("change", upload);
    });
  }

  #fail(upload, error) {
    Object.assign(upload, { state: "failed", error: error.message });
    this.#notify("change", upload);
    this.#notify("finished", upload);
  }

  #setHold(reason, seconds) {
    clearTimeout(this.#timer);
    this.hold = reason && { reason, until: Date.now() + seconds * 1000 };
    if (reason) this.#timer = setTimeout(() => (this.#setHold(null), this.#pump()), seconds * 1000);
    this.dispatchEvent(new Event("hold"));
  }

  #notify(type, upload) {
    this.dispatchEvent(new CustomEvent(type, { detail: upload }));
  }
}

export const queue = new Queue();
