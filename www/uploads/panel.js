// The list of uploads, fixed at the window's lower edge, so that it moves nothing on the page.

import { h, say, uniqueId } from "/core/dom.js";
import { percent } from "/core/format.js";
import { button, iconButton } from "/core/controls.js";
import { announce } from "/core/notices.js";
import { queue } from "/uploads/queue.js";
import { uploadRow } from "/uploads/row.js";
import { text } from "/strings.js";

const words = text.uploads;
const rows = new Map();
const title = document.title;

const heading = h("h2", { id: uniqueId("uploads") });
const total = h("progress", { max: 1, value: 0, "aria-label": words.all });
const hold = h("p", { class: "hold", hidden: true });
const now = button(words.tryNow, () => queue.resume(), { class: "quiet strong", hidden: true });
const list = h("ul", { class: "uploads", tabindex: 0, "aria-labelledby": heading.id });
const fold = iconButton(words.fold, "fold", () => setFolded(!panel.classList.contains("folded")), {
  "aria-expanded": "true",
});
const clear = iconButton(words.clear, "close", () => queue.clear());
const panel = h(
  "section",
  { class: "panel", hidden: true, "aria-labelledby": heading.id },
  h("header", {}, heading, fold, clear),
  total,
  h("div", { class: "holding" }, hold, now),
  list,
);

export function startPanel() {
  document.body.append(panel);
  queue.addEventListener("change", (/** @type {CustomEvent} */ { detail }) => draw(detail));
  queue.addEventListener("hold", drawHold);
  queue.addEventListener("finished", announceEnd);
}

function setFolded(folded) {
  panel.classList.toggle("folded", folded);
  fold.setAttribute("aria-expanded", String(!folded));
}

function draw(upload) {
  const { uploads } = queue;
  for (const [one, row] of rows) {
    if (uploads.includes(one)) continue;
    row.element.remove();
    rows.delete(one);
  }
  for (const one of uploads) {
    if (rows.has(one)) continue;
    setFolded(false);
    rows.set(one, uploadRow(one));
    list.append(rows.get(one).element);
    if (one.state === "failed") announce(words.failedOne(one.file.name, one.error));
  }
  rows.get(upload)?.draw();
  drawTotal(uploads);
}

function drawTotal(uploads) {
  const counted = uploads.filter(({ state }) => state !== "cancelled" && state !== "failed");
  const active = uploads.filter((one) => one.isActive);
  const all = counted.reduce((sum, { file }) => sum + file.size, 0);
  // On most connections, sending takes nine tenths of the time and creating the sizes takes the rest.
  const part = (one) => 0.9 * one.sent + (one.state === "done" ? 0.1 * one.file.size : 0);
  const done = all === 0 ? 1 : counted.reduce((sum, one) => sum + part(one), 0) / all;
  total.value = done;
  total.hidden = active.length === 0;
  clear.hidden = active.length > 0;
  panel.hidden = uploads.length === 0;
  document.body.classList.toggle("uploading", uploads.length > 0);
  say(heading, active.length > 0 ? words.progress(active.length) : summary(uploads));
  document.title = active.length > 0 ? `${percent(done)} · ${title}` : title;
}

function summary(uploads) {
  const count = (state) => uploads.filter((one) => one.state === state).length;
  return words.summary(count("done"), count("failed"));
}

// Announced once when all uploads have ended, and once per failure, but not per step.
function announceEnd(/** @type {CustomEvent} */ { detail: upload }) {
  const { uploads } = queue;
  if (uploads.every((one) => !one.isActive)) {
    announce(summary(uploads));
    // Collapsed at the end, unless an upload needs attention or the user is at the panel.
    const staysOpen =
      uploads.some(({ state, duplicate }) => state === "failed" || duplicate) ||
      panel.matches(":hover, :focus-within");
    setFolded(!staysOpen);
  } else if (upload.state === "failed") announce(words.failedOne(upload.file.name, upload.error));
}

let ticking;
function drawHold() {
  clearInterval(ticking);
  hold.hidden = now.hidden = !queue.hold;
  if (!queue.hold) return;
  const { reason, until } = queue.hold;
  const show = () =>
    say(
      hold,
      words.holds[navigator.onLine ? reason : "offline"](Math.max(0, Math.ceil((until - Date.now()) / 1000))),
    );
  show();
  announce(words.holds.announced[reason]);
  ticking = setInterval(show, 1000);
}
