// Where the picture is seen: fitted into the space, or pixel for pixel.

import { fill, h } from "/core/dom.js";
import { local } from "/gallery/pictures.js";
import { format } from "/core/format.js";
import { text } from "/strings.js";

// Shown by every browser this page works in; HEIC originals are for downloading.
const isShown = ({ mediaType }) => mediaType !== "image/heic";

// What a size looks like at its own number of pixels, or fitted.
export function stage({ renew }) {
  const element = h("div", { class: "stage", tabindex: -1 });
  let current;

  function show(detail, size, isReal) {
    const { sizes } = detail;
    const picked = sizes[size];
    if (!isShown(picked)) return fill(element, h("p", { class: "nothing" }, text.viewer.noPreview(format(picked.mediaType))));
    const key = `${detail.id} ${size} ${isReal}`;
    if (current === key && element.querySelector("img")) return;
    current = key;
    const image = h("img", {
      src: local(picked.url), width: picked.width, height: picked.height, alt: detail.alt || detail.originalName,
      class: isReal ? "real" : "fitted", decoding: "async", onerror: () => renew(),
      onload: async () => {
        await image.decode().catch(() => {}); // loaded is not yet painted
        image.classList.add("loaded");
        image.style.removeProperty("background-image"); // it would shine through
      },
    });
    // The blurred placeholder stands in until the picture is there.
    if (detail.placeholder) image.style.setProperty("background-image", `url("${detail.placeholder}")`);
    image.style.setProperty("--width", picked.width);
    image.style.setProperty("--ratio", picked.width / picked.height);
    element.classList.toggle("scrolling", isReal);
    element.tabIndex = isReal ? 0 : -1; // a picture that scrolls must be reachable by keyboard
    fill(element, image);
    if (isReal) element.scrollTo((element.scrollWidth - element.clientWidth) / 2, (element.scrollHeight - element.clientHeight) / 2);
  }

  function showNotice(...content) {
    current = null;
    element.classList.remove("scrolling");
    fill(element, h("div", { class: "nothing" }, ...content));
  }

  return { element, show, showNotice };
}
