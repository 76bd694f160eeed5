// The main screen: upload, and the pictures that are there.

import { h } from "/core/dom.js";
import { button } from "/core/controls.js";
import { preference } from "/core/preferences.js";
import { grid } from "/gallery/grid.js";
import { Pictures } from "/gallery/pictures.js";
import { remove } from "/gallery/removal.js";
import { Selection } from "/gallery/selection.js";
import { toolbar } from "/gallery/toolbar.js";
import { uploadOptions } from "/uploads/options.js";
import { queue } from "/uploads/queue.js";
import { text } from "/strings.js";

const words = text.gallery;

export function galleryPage() {
  const pictures = new Pictures();
  const selection = new Selection(pictures);
  const wall = grid(pictures, selection, {
    select: (id, chosen, withRange) => selection.set(id, chosen, withRange),
    isSelecting: () => selection.size > 0,
    renew: (id) => pictures.renew(id),
  });
  wall.setView(preference("view"));
  const bar = toolbar(pictures, selection, wall.setView);
  let foot = h("div");
  // Two screens ahead, so that the end is rarely seen. It calls too when a new end is in sight already.
  const ahead = new IntersectionObserver((ends) => ends.at(-1).isIntersecting && pictures.more(),
    { rootMargin: "0px 0px 1500px" });
  const element = h("div", { class: "gallery" },
    h("h1", { class: "unseen", tabindex: -1 }, words.title), uploadOptions(), bar.element, wall.element, foot);

  function draw() {
    selection.prune();
    wall.draw();
    bar.draw();
    const none = pictures.items.length === 0;
    bar.element.hidden = none && !pictures.isFiltered && !pictures.error;
    drawFoot(none);
  }

  // A new element each time: one that stays would be seen to jump when pictures come above it.
  function drawFoot(none) {
    const drawn = h("div", { class: none && pictures.isComplete ? "foot empty" : "foot" }, ...state(none));
    foot.replaceWith(drawn);
    ahead.disconnect();
    ahead.observe(foot = drawn);
  }

  function state(none) {
    if (pictures.error) {
      return [h("p", {}, pictures.error.message), button(text.again, () => pictures.load(), { symbol: "retry" })];
    }
    if (pictures.loading) return [h("p", { class: "loading" }, words.loading)];
    if (!none) return [];
    if (pictures.isFiltered) return [h("p", {}, words.nothingFound)];
    return [h("img", { src: "/picture.svg", alt: "", width: 240, height: 160 }),
      h("h2", {}, words.emptyTitle), h("p", {}, words.empty)];
  }

  const onAccepted = (/** @type {CustomEvent} */ { detail }) => (pictures.find(detail.imageId) ? pictures.renew(detail.imageId) : pictures.add(detail));
  const onCancelled = (/** @type {CustomEvent} */ { detail }) => detail.state === "cancelled" && detail.imageId && pictures.drop([detail.imageId]);
  const onKey = (event) => {
    if (event.target.matches("input:not([type=checkbox]), select, textarea") || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") selection.clear();
    else if (event.key === "Delete" && selection.size > 0) {
      const { ids } = selection;
      selection.clear();
      remove(pictures, ids);
    }
  };

  pictures.addEventListener("change", draw);
  selection.addEventListener("change", draw);
  queue.addEventListener("accepted", onAccepted);
  queue.addEventListener("finished", onCancelled);
  document.addEventListener("keydown", onKey);
  draw();
  pictures.load();

  return {
    element, pictures, focus: wall.focus,
    leave() {
      ahead.disconnect();
      wall.leave();
      queue.removeEventListener("accepted", onAccepted);
      queue.removeEventListener("finished", onCancelled);
      document.removeEventListener("keydown", onKey);
    },
  };
}
