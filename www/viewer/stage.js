// The large view of an image: fitted into the space, or pixel for pixel.

import { fill, h } from "/core/dom.js";
import { local } from "/gallery/images.js";
import { format } from "/core/format.js";
import { text } from "/strings.js";

// Every browser that this page supports can show all formats except HEIC.
const isShown = ({ mediaType }) => mediaType !== "image/heic";

// `renew` is called when the image cannot be loaded, for example because its link has expired.
export function stage({ renew }) {
  const element = h("div", { class: "stage", tabindex: -1 });
  let current;

  function show(detail, size, isReal) {
    const { sizes } = detail;
    const picked = sizes[size];
    if (!isShown(picked))
      return fill(element, h("p", { class: "nothing" }, text.viewer.noPreview(format(picked.mediaType))));
    const key = `${detail.id} ${size} ${isReal}`;
    if (current === key && element.querySelector("img")) return;
    current = key;
    const image = h("img", {
      src: local(picked.url),
      width: picked.width,
      height: picked.height,
      alt: detail.alt || detail.originalName,
      class: isReal ? "real" : "fitted",
      decoding: "async",
      onerror: () => renew(),
      onload: async () => {
        await image.decode().catch(() => {}); // loaded, but possibly not decoded yet
        image.classList.add("loaded");
        image.style.removeProperty("background-image"); // it would be visible through transparent pixels
      },
    });
    // The blurred placeholder is shown until the image is loaded.
    if (detail.placeholder) image.style.setProperty("background-image", `url("${detail.placeholder}")`);
    image.style.setProperty("--width", picked.width);
    image.style.setProperty("--ratio", picked.width / picked.height);
    element.classList.toggle("scrolling", isReal);
    element.tabIndex = isReal ? 0 : -1; // a scrollable element must be reachable by keyboard
    fill(element, image);
    if (isReal)
      element.scrollTo(
        (element.scrollWidth - element.clientWidth) / 2,
        (element.scrollHeight - element.clientHeight) / 2,
      );
  }

  function showNotice(...content) {
    current = null;
    element.classList.remove("scrolling");
    fill(element, h("div", { class: "nothing" }, ...content));
  }

  return { element, show, showNotice };
}
