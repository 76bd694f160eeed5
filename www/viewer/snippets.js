// Texts to paste elsewhere, made from an image's detail. The service's `embed` has some of them for public
// images. This module has all of them, also for links that expire. A browser test compares the two.

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const html = (value) => String(value).replace(/[&<>"]/g, (character) => escapes[character]);
const markdown = (value) =>
  value.replace(/[\n-\r\u0085\u2028\u2029]/g, " ").replace(/[\\[\]`*_<>!&|]/g, "\\$&");
const shell = (value) => `'${value.replaceAll("'", "'\\''")}'`;

// One size per width, that with the fewest bytes, smallest first. Without the original, and only sizes that
// have the proportions of the largest one, apart from rounding.
export function widths({ sizes: { original, ...sizes } }) {
  const all = Object.values(sizes).sort(
    (one, other) => one.width - other.width || one.bytes - other.bytes || (one.url < other.url ? -1 : 1),
  );
  const { width, height } = all.at(-1);
  const isScaled = (size) => Math.abs(size.width * height - size.height * width) <= Math.max(width, height);
  const seen = new Set();
  return all.filter((size) => isScaled(size) && !seen.has(size.width) && seen.add(size.width));
}

export const snippets = {
  url: (detail, size) => detail.sizes[size].url,

  img(detail) {
    const list = widths(detail);
    const largest = list.at(-1);
    const srcset = list.map(({ url, width }) => `${url} ${width}w`).join(", ");
    return (
      `<img src="${html(largest.url)}"\n     srcset="${html(srcset)}"\n` +
      `     sizes="(max-width: ${largest.width}px) 100vw, ${largest.width}px"\n` +
      `     width="${largest.width}" height="${largest.height}" alt="${html(detail.alt)}" loading="lazy">`
    );
  },

  picture(detail) {
    const list = widths(detail);
    const largest = list.at(-1);
    const sources = list
      .slice(0, -1)
      .map(
        ({ url, width, height, mediaType }) =>
          `  <source media="(max-width: ${width}px)" srcset="${html(url)}" type="${mediaType}" width="${width}" height="${height}">\n`,
      );
    return (
      `<picture>\n${sources.join("")}  <img src="${html(largest.url)}" width="${largest.width}" height="${largest.height}" ` +
      `alt="${html(detail.alt)}" loading="lazy">\n</picture>`
    );
  },

  markdown: (detail, size) => `![${markdown(detail.alt)}](${detail.sizes[size].url})`,

  curl(detail, size) {
    const { url } = detail.sizes[size];
    if (size === "original") return `curl -OJ ${shell(url)}`;
    const stem = detail.originalName.replace(/\.[^.]*$/, "");
    return `curl -o ${shell(`${stem}-${size}${new URL(url).pathname.match(/\.\w+$/)[0]}`)} ${shell(url)}`;
  },
};

// The snippets that contain only the selected size.
export const ofOneSize = ["url", "markdown", "curl"];
