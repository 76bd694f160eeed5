// Takes files from the buttons, from a drop anywhere on the page, and from a paste.

import { h } from "/core/dom.js";
import { preference } from "/core/preferences.js";
import { limits } from "/session/api.js";
import { account } from "/session/session.js";
import { queue } from "/uploads/queue.js";
import { text } from "/strings.js";

export async function take(files) {
  if (files.length === 0) return;
  const known = await limits().catch(() => null); // the service checks as well
  queue.add(files, { fit: preference("fit"), visibility: preference("visibility") }, known);
}

// Opens the system's file dialog, or the camera of a phone.
export function choose({ camera = false } = {}) {
  const input = h("input", {
    type: "file",
    class: "unseen",
    multiple: !camera,
    tabindex: -1,
    "aria-hidden": "true",
    accept: "image/*,.heic,.heif,.avif",
    capture: camera && "environment",
    onchange: () => {
      take([...input.files]);
      input.remove();
    },
    oncancel: () => input.remove(),
  });
  document.body.append(input);
  input.click();
}

export function watchDropsAndPastes() {
  const veil = h("div", { class: "veil", hidden: true }, h("p", {}, text.uploads.dropHere));
  document.body.append(veil);
  let depth = 0; // dragenter and dragleave fire for every element that the pointer crosses
  const carriesFiles = (event) => account() && event.dataTransfer?.types.includes("Files");
  const show = (shown) => (veil.hidden = !shown);

  document.addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) show(++depth > 0);
  });
  document.addEventListener("dragleave", (event) => {
    if (carriesFiles(event)) show(--depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", async (event) => {
    depth = 0;
    show(false);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    take(await dropped(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!account() || files.length === 0) return;
    event.preventDefault();
    take(files);
  });
}

// Includes the files of dropped folders, at any depth.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const files = await Promise.all(entries.filter(Boolean).map(filesOf));
  return files
    .flat()
    .filter((file) => file.type.startsWith("image/") || /\.(hei[cf]|avif)$/i.test(file.name));
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail)); // 100 at a time
    if (some.length === 0) return (await Promise.all(found.map(filesOf))).flat();
    found.push(...some);
  }
}
