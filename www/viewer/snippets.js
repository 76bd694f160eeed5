// Text to paste elsewhere, out of an image's detail. The service's `embed` gives the first of them
// for public pictures; here are all, also for links that end.

const sizeOrder = ["thumbnail", "small", "medium", "large"];

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const html = (value) => String(value).replace(/[&<>"]/g, (character) => escapes[character]);
const markdown = (value) => value.replace(/\s+/g, " ").replace(/[\\[\]`*_<>!&]/g, "\\$&");
const shell = (value) => `'${value.replaceAll("'", "'\\''")}'`;

// Each width once, smallest first; never the original.
export function widths({ sizes }) {
  const seen = new Set();
  return sizeOrder.map((name) => sizes[name]).filter((size) => size && !seen.has(size.width) && seen.add(size.width));
}

export const snippets = {
  url: (detail, size) => detail.sizes[size].url,

  img(detail) {
    const list = widths(detail);
    const largest = list.at(-1);
    const srcset = list.map(({ url, width }) => `${url} ${width}w`).join(", ");
    return `<img src="${html(largest.url)}"\n     srcset="${html(srcset)}"\n`
      + `     sizes="(max-width: ${largest.width}px) 100vw, ${largest.width}px"\n`
      + `     width="${largest.width}" height="${largest.height}" alt="${html(detail.alt)}" loading="lazy">`;
  },

  picture(detail) {
    const list = widths(detail);
    const largest = list.at(-1);
    const sources = list.slice(0, -1).map(({ url, width, height, mediaType }) =>
      `  <source media="(max-width: ${width}px)" srcset="${html(url)}" type="${mediaType}" width="${width}" height="${height}">\n`);
    return `<picture>\n${sources.join("")}  <img src="${html(largest.url)}" width="${largest.width}" height="${largest.height}" `
      + `alt="${html(detail.alt)}" loading="lazy">\n</picture>`;
  },

  markdown: (detail, size) => `![${markdown(detail.alt)}](${detail.sizes[size].url})`,

  curl(detail, size) {
    const { url } = detail.sizes[size];
    if (size === "original") return `curl -OJ ${shell(url)}`;
    const stem = detail.originalName.replace(/\.[^.]*$/, "");
    return `curl -o ${shell(`${stem}-${size}${new URL(url).pathname.match(/\.\w+$/)[0]}`)} ${shell(url)}`;
  },
};

// Those made of one size, which is then asked for.
export const ofOneSize = ["url", "markdown", "curl"];
