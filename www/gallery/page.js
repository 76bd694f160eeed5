// The main screen: the upload area and the gallery.

import { h } from "/core/dom.js";
import { button } from "/core/controls.js";
import { preference } from "/core/preferences.js";
import { grid } from "/gallery/grid.js";
import { Images } from "/gallery/images.js";
import { remove } from "/gallery/deletion.js";
import { Selection } from "/gallery/selection.js";
import { toolbar } from "/gallery/toolbar.js";
import { uploadOptions } from "/uploads/options.js";
import { queue } from "/uploads/queue.js";
import { text } from "/strings.js";

const words = text.gallery;

export function galleryPage() {
  const images = new Images();
  const selection = new Selection(images);
  const tiles = grid(images, selection, {
    select: (id, chosen, withRange) => selection.set(id, chosen, withRange),
    isSelecting: () => selection.size > 0,
    renew: (id) => images.renew(id),
  });
  tiles.setView(preference("view"));
  const bar = toolbar(images, selection, tiles.setView);
  let foot = h("div");
  // Loads more two screens ahead, so that users rarely see the end. The observer also calls when a new end
  // is already within this distance.
  const ahead = new IntersectionObserver((ends) => ends.at(-1).isIntersecting && images.more(), {
    rootMargin: "0px 0px 1500px",
  });
  const element = h(
    "div",
    { class: "gallery" },
    h("h1", { class: "unseen", tabindex: -1 }, words.title),
    uploadOptions(),
    bar.element,
    tiles.element,
    foot,
  );

  function draw() {
    selection.prune();
    tiles.draw();
    bar.draw();
    const none = images.items.length === 0;
    bar.element.hidden = none && !images.isFiltered && !images.error;
    drawFoot(none);
  }

  // A new element each time: an existing one that moves down counts as a layout shift.
  function drawFoot(none) {
    const drawn = h("div", { class: none && images.isComplete ? "foot empty" : "foot" }, ...state(none));
    foot.replaceWith(drawn);
    ahead.disconnect();
    ahead.observe((foot = drawn));
  }

  function state(none) {
    if (images.error) {
      return [h("p", {}, images.error.message), button(text.again, () => images.load(), { symbol: "retry" })];
    }
    if (images.loading) return [h("p", { class: "loading" }, words.loading)];
    if (!none) return [];
    if (images.isFiltered) return [h("p", {}, words.nothingFound)];
    return [
      h("img", { src: "/empty-gallery.svg", alt: "", width: 240, height: 160 }),
      h("h2", {}, words.emptyTitle),
      h("p", {}, words.empty),
    ];
  }

  const onAccepted = (/** @type {CustomEvent} */ { detail }) =>
    images.find(detail.imageId) ? images.renew(detail.imageId) : images.add(detail);
  const onCancelled = (/** @type {CustomEvent} */ { detail }) =>
    detail.state === "cancelled" && detail.imageId && images.drop([detail.imageId]);
  const onKey = (event) => {
    if (
      event.target.matches("input:not([type=checkbox]), select, textarea") ||
      document.querySelector("dialog[open]")
    )
      return;
    if (event.key === "Escape") selection.clear();
    else if (event.key === "Delete" && selection.size > 0) {
      const { ids } = selection;
      selection.clear();
      remove(images, ids);
    }
  };

  images.addEventListener("change", draw);
  selection.addEventListener("change", draw);
  queue.addEventListener("accepted", onAccepted);
  queue.addEventListener("finished", onCancelled);
  document.addEventListener("keydown", onKey);
  draw();
  images.load();

  return {
    element,
    images,
    focus: tiles.focus,
    leave() {
      ahead.disconnect();
      tiles.leave();
      queue.removeEventListener("accepted", onAccepted);
      queue.removeEventListener("finished", onCancelled);
      document.removeEventListener("keydown", onKey);
    },
  };
}
