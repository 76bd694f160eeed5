// One image of the gallery, as a tile or as a row of the list view.

import { fill, h, say } from "/core/dom.js";
import { icon } from "/core/icons.js";
import { number, time } from "/core/format.js";
import { local } from "/gallery/images.js";
import { text } from "/strings.js";

const words = text.gallery;
// Width / height. Images beyond these limits are shown cropped: a panorama would be a thin strip.
const narrowest = 0.5,
  widest = 3;

export function tile(item, { select, renew, isSelecting }) {
  const image = h("img", { alt: "", decoding: "async", draggable: "false", loading: "lazy" });
  const picture = h("span", { class: "picture" }, image);
  const badge = h("span", { class: "badge" });
  const name = h("span", { class: "name" });
  const link = h(
    "a",
    { class: "open", "data-inside": true, href: `/image/${item.id}`, onclick: choose },
    picture,
    badge,
    name,
  );
  const box = h("input", {
    type: "checkbox",
    onclick: (event) => select(item.id, box.checked, event.shiftKey),
  });
  const facts = ["pixels", "when", "who"].map((kind) => h("span", { class: `fact ${kind}` }));
  const element = h(
    "li",
    { class: "tile", "data-id": item.id },
    link,
    h("span", { class: "facts" }, facts),
    h("label", { class: "tick" }, box),
  );
  // Fixed here, so that a tile never changes its shape under the pointer.
  const shape = item.preview ? item.preview.width / item.preview.height : (item.ratio ?? 1);
  image.addEventListener("error", () => shown === item.preview?.url && renew(item.id));
  image.addEventListener("load", () =>
    image
      .decode()
      .catch(() => {})
      .then(() => picture.classList.add("loaded"))
      .then(() => Promise.all(image.getAnimations().map((fading) => fading.finished)))
      .catch(() => {})
      // The placeholder would be visible through transparent pixels.
      .then(() => picture.style.removeProperty("background-image")),
  );
  let shown;

  // While images are selected, a click anywhere on a tile toggles its checkbox.
  function choose(event) {
    if (!isSelecting() && !event.shiftKey) return;
    event.preventDefault();
    select(item.id, !box.checked, event.shiftKey);
  }

  function draw(isSelected) {
    const { status, originalName, visibility } = item;
    const source = item.preview ? item.preview.url : item.local?.url;
    if (item.placeholder && !picture.classList.contains("loaded"))
      picture.style.setProperty("background-image", `url("${item.placeholder}")`);
    if (source && source !== shown) {
      shown = source;
      image.src = item.preview ? local(source) : source;
    }
    image.hidden = !source;
    element.dataset.status = status;
    element.classList.toggle("selected", isSelected);
    box.checked = isSelected;
    box.setAttribute("aria-label", words.select(originalName));
    say(name, originalName);
    link.title = originalName;
    const state = words.states[status];
    const badges = [
      status !== "complete" && [status === "failed" ? "alert" : "upload", state],
      visibility === "public" && ["globe", words.public],
    ].filter(Boolean);
    if (badge.dataset.shown !== String(badges)) {
      badge.dataset.shown = String(badges);
      fill(
        badge,
        badges.map(([symbol, label]) => h("span", { class: symbol }, icon(symbol), h("span", {}, label))),
      );
    }
    const pixels = item.width ? text.pixels(number(item.width), number(item.height)) : state;
    [pixels, time(item.uploadedAt), words.visibilities[visibility]].forEach((fact, index) =>
      say(facts[index], fact),
    );
  }

  return { element, link, draw, ratio: Math.min(widest, Math.max(narrowest, shape)) };
}
