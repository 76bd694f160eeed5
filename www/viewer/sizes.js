// The sizes to choose from, each with its pixels, bytes and format.

import { fill, h, uniqueId } from "/core/dom.js";
import { button } from "/core/controls.js";
import { bytes, format, pixels } from "/core/format.js";
import { local } from "/gallery/images.js";
import { save } from "/gallery/actions.js";
import { text } from "/strings.js";

// Smallest first, the original last. Sorted by area, because a server can have configured sizes.
export const sizeNames = ({ original, ...sizes }) => [
  ...Object.keys(sizes).sort(
    (one, other) => area(sizes[one]) - area(sizes[other]) || known(one) - known(other),
  ),
  "original",
];

// The largest variant.
export const largest = (sizes) => sizeNames(sizes).at(-2) ?? "original";

// The name of a size as shown to users.
export const nameOf = (size) => text.sizes[size] ?? size;

const known = (size) => Object.keys(text.sizes).indexOf(size);
const area = ({ width, height }) => width * height;

export function sizeSection(choose) {
  const name = uniqueId("size");
  const list = h("div", { class: "sizes" });
  const download = button(
    text.viewer.download,
    () => {
      const address = local(detail.sizes[chosen].url);
      const stem = detail.originalName.replace(/\.[^.]*$/, "");
      save(address, `${stem}-${chosen}${address.match(/\.\w+(?=\?|$)/)?.[0] ?? ""}`);
    },
    { symbol: "download", class: "primary" },
  );
  const element = h(
    "section",
    { class: "part" },
    h("fieldset", {}, h("legend", {}, text.viewer.size), list),
    download,
  );
  let detail, chosen;

  // `next.sizes` must not be null.
  function show(next, size) {
    const isSame = detail === next;
    [detail, chosen] = [next, size];
    if (isSame) return;
    const focused = list.contains(document.activeElement);
    fill(
      list,
      sizeNames(next.sizes).map((one) => {
        const { width, height, bytes: count, mediaType } = next.sizes[one];
        return h(
          "label",
          {},
          h("input", { type: "radio", name, value: one, checked: one === size, onchange: () => choose(one) }),
          h(
            "span",
            { class: "size" },
            h("b", {}, nameOf(one)),
            h("span", {}, pixels(width, height)),
            h("span", {}, `${bytes(count)} · ${format(mediaType)}`),
          ),
        );
      }),
    );
    if (focused) list.querySelector("input:checked").focus();
  }

  return { element, show };
}
