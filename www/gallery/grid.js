// The images of the gallery: tiles in justified rows, or a list. Tiles are placed with transforms, which
// cause no layout shift, and their boxes are known before any image file is loaded.

import { h } from "/core/dom.js";
import { justify } from "/gallery/justify.js";
import { tile } from "/gallery/tile.js";
import { text } from "/strings.js";

export function grid(images, selection, handlers) {
  const tiles = new Map();
  const element = h("ul", { class: "grid", "aria-label": text.gallery.pictures });
  let view = "grid",
    width = 0;

  function draw() {
    const ids = new Set(images.items.map(({ id }) => id));
    for (const [id, one] of tiles) {
      if (ids.has(id)) continue;
      one.element.remove();
      tiles.delete(id);
    }
    let after = null;
    for (const item of images.items) {
      if (!tiles.has(item.id)) tiles.set(item.id, tile(item, handlers));
      const one = tiles.get(item.id);
      const due = after ? after.nextSibling : element.firstChild;
      if (one.element !== due) element.insertBefore(one.element, due);
      after = one.element;
      one.draw(selection.has(item.id));
    }
    element.classList.toggle("selecting", selection.size > 0);
    place();
  }

  function place() {
    element.className = `${view} ${selection.size > 0 ? "selecting" : ""}`;
    // The observer's first call may come after the first images.
    width ||= element.clientWidth;
    if (view === "list" || width === 0) {
      element.style.removeProperty("height");
      return;
    }
    const shown = images.items.map(({ id }) => tiles.get(id)).filter(Boolean);
    const narrow = width < 560;
    const { boxes, height } = justify(
      shown.map(({ ratio }) => ratio),
      { width, gap: narrow ? 4 : 10, target: narrow ? 130 : width > 1800 ? 260 : 210 },
    );
    const mirrored = getComputedStyle(element).direction === "rtl";
    shown.forEach(({ element: { style } }, index) => {
      const box = boxes[index];
      const x = mirrored ? width - box.x - box.width : box.x;
      style.setProperty("width", `${box.width}px`);
      style.setProperty("height", `${box.height}px`);
      style.setProperty("transform", `translate(${x}px, ${box.y}px)`);
    });
    element.style.setProperty("height", `${height}px`);
  }

  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    place();
  });
  observer.observe(element);

  return {
    element,
    draw,
    setView: (to) => ((view = to), place()),
    focus: (id) => tiles.get(id)?.link.focus(),
    leave: () => observer.disconnect(),
  };
}
