// Line icons on a 24 × 24 grid, drawn for this page. Always used with a text or an aria-label.

const paths = {
  upload: "M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  camera:
    "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1Zm8 8.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  close: "m6 6 12 12M18 6 6 18",
  check: "m5 12.5 4.5 4.5L19 7.5",
  retry: "M5 12a7 7 0 1 1 2.2 5.1M5 18v-4h4",
  trash: "M5 7h14M10 7V5h4v2m-7 0 1 12h8l1-12",
  download: "M12 4v12m0 0 5-5m-5 5-5-5M4 20h16",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.5 9h17m-17 6h17M12 3c-5 6-5 12 0 18 5-6 5-12 0-18Z",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  previous: "m15 5-7 7 7 7",
  next: "m9 5 7 7-7 7",
  grid: "M4 5h9v6H4zm12 0h4v6h-4zM4 14h4v5H4zm7 0h9v5h-9z",
  list: "M9 6h11M9 12h11M9 18h11M4 6h1M4 12h1M4 18h1",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 5 5",
  fold: "m6 9 6 6 6-6",
  alert: "M12 8v5m0 3.5v.1M12 3 2.5 20h19z",
  help: "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7m0 3v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  compare: "M12 3v18M4 6h5v12H4zm11 0h5v12h-5z",
  real: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
