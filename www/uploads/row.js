// One row of the list of uploads: preview, name, progress and buttons.

import { fill, h, say } from "/core/dom.js";
import { bytes, percent } from "/core/format.js";
import { iconButton } from "/core/controls.js";
import { icon } from "/core/icons.js";
import { queue } from "/uploads/queue.js";
import { text } from "/strings.js";

export function uploadRow(upload) {
  const words = text.uploads;
  const { name, size } = upload.file;
  const face = h("span", { class: "face" }, icon("upload"));
  const state = h("p", { class: "state" });
  const sent = h("progress", { max: size || 1, value: 0, "aria-label": words.sentOf(name) });
  const made = h("progress", { max: 1, "aria-label": words.madeOf(name) });
  const cancel = iconButton(words.cancel(name), "close", () => queue.cancel(upload));
  const retry = iconButton(words.retry(name), "retry", () => queue.retry(upload), { class: "strong" });
  const open = h(
    "a",
    { class: "button quiet", "data-inside": true, "aria-label": words.open(name) },
    words.show,
  );
  const bars = h("div", { class: "bars" }, sent, made);
  const element = h(
    "li",
    { class: "upload" },
    face,
    h("div", { class: "what" }, h("p", { class: "name", title: name }, name), bars, state),
    retry,
    open,
    cancel,
  );

  function draw() {
    element.dataset.state = upload.state;
    if (upload.local && !face.querySelector("img")) fill(face, h("img", { src: upload.local.url, alt: "" }));
    sent.value = upload.sent;
    if (upload.state === "sizing" && upload.made === null) made.removeAttribute("value");
    else made.value = upload.state === "done" ? 1 : (upload.made ?? 0);
    bars.hidden = !upload.isActive;
    say(state, sentence());
    retry.hidden = upload.state !== "failed" || !upload.canRetry;
    open.hidden = upload.state !== "done";
    if (upload.imageId) open.href = `/image/${upload.imageId}`;
    cancel.hidden = !upload.isActive;
  }

  function sentence() {
    switch (upload.state) {
      case "waiting":
        return words.waiting(bytes(size));
      case "sending":
        return upload.sent < size ? words.sending(percent(upload.sent / size), bytes(size)) : words.storing;
      case "sizing":
        return words.sizing;
      case "done":
        return upload.duplicate ? words.duplicate : words.done;
      case "failed":
        return upload.error ?? text.problems.unknown();
      default:
        return words.cancelled;
    }
  }

  draw();
  return { element, draw };
}
