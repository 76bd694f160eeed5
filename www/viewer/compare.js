// Compares two sizes of one image: both are shown on top of each other, at the larger one's pixels, with a
// slider between them.

import { fill, h } from "/core/dom.js";
import { field } from "/core/controls.js";
import { bytes } from "/core/format.js";
import { local } from "/gallery/images.js";
import { nameOf, sizeNames } from "/viewer/sizes.js";
import { text } from "/strings.js";

const words = text.viewer;

export function comparison() {
  const frame = h("div", { class: "frame" });
  const scroller = h(
    "div",
    { class: "scroller", tabindex: 0, role: "group", "aria-label": words.compare },
    frame,
  );
  const other = h("select", { onchange: () => draw() });
  const slider = h("input", { type: "range", min: 0, max: 100, value: 50, oninput: split });
  const sides = h("p", { class: "hint" });
  const element = h(
    "div",
    { class: "comparison" },
    scroller,
    h("div", { class: "controls" }, field(words.compareWith, other), field(words.divider, slider), sides),
  );
  let detail, size;

  function show(nextDetail, nextSize) {
    [detail, size] = [nextDetail, nextSize];
    const { sizes } = detail;
    const options = sizeNames(sizes).filter(
      (name) => name !== size && sizes[name].mediaType !== "image/heic",
    );
    const before = options.includes(other.value)
      ? other.value
      : (options.find((name) => name === "original") ?? options.at(-1));
    fill(
      other,
      options.map((name) => h("option", { value: name, selected: name === before }, nameOf(name))),
    );
    draw();
  }

  function draw() {
    const { sizes } = detail;
    const [left, right] = [sizes[size], sizes[other.value]];
    const larger = left.width >= right.width ? left : right;
    frame.style.setProperty("width", `${larger.width}px`);
    frame.style.setProperty("aspect-ratio", `${larger.width} / ${larger.height}`);
    fill(
      frame,
      h("img", { src: local(right.url), alt: "", class: "under" }),
      h("img", { src: local(left.url), alt: "", class: "over" }),
    );
    sides.textContent = words.sides(nameOf(size), bytes(left.bytes), nameOf(other.value), bytes(right.bytes));
    split();
    scroller.scrollTo(
      (scroller.scrollWidth - scroller.clientWidth) / 2,
      (scroller.scrollHeight - scroller.clientHeight) / 2,
    );
  }

  function split() {
    frame.style.setProperty("--split", `${slider.value}%`);
  }

  return { element, show };
}
