// The bar above the images: search, filter and view, or actions while images are selected.

import { h, say } from "/core/dom.js";
import { button, iconButton, segments } from "/core/controls.js";
import { icon } from "/core/icons.js";
import { preference, remember } from "/core/preferences.js";
import { download, setVisibility } from "/gallery/actions.js";
import { remove } from "/gallery/deletion.js";
import { text } from "/strings.js";

const words = text.gallery;
const typingPause = 250; // ms without a key before the search starts

export function toolbar(images, selection, setView) {
  let timer;
  const search = h("input", {
    type: "search",
    "aria-label": words.search,
    placeholder: words.search,
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => images.load({ ...images.query, q: search.value.trim() }), typingPause);
    },
  });
  const filter = h(
    "select",
    {
      "aria-label": words.filter,
      onchange: () => images.load({ ...images.query, status: filter.value }),
    },
    h("option", { value: "" }, words.everyState),
    Object.entries(words.states).map(([value, label]) => h("option", { value }, label)),
  );
  const view = segments(
    words.view,
    [
      ["grid", words.grid],
      ["list", words.list],
    ],
    preference("view"),
    (to) => {
      remember("view", to);
      setView(to);
    },
  );
  view.classList.add("views");
  const tools = h(
    "div",
    { class: "tools", role: "search" },
    h("span", { class: "searchbox" }, icon("search"), search),
    filter,
    view,
  );

  const count = h("p", { class: "count", role: "status" });
  const act = (work) => () => {
    const { ids } = selection;
    selection.clear();
    work(ids);
  };
  const chosen = h(
    "div",
    { class: "chosen", role: "group", "aria-label": words.chosenActions },
    iconButton(words.clear, "close", () => selection.clear()),
    count,
    button(words.all, () => selection.all(), { class: "quiet" }),
    h("span", { class: "spring" }),
    button(
      words.publish,
      act((ids) => setVisibility(images, ids, "public")),
      { symbol: "globe", class: "quiet" },
    ),
    button(
      words.makePrivate,
      act((ids) => setVisibility(images, ids, "private")),
      { symbol: "lock", class: "quiet" },
    ),
    button(words.download, act(download), { symbol: "download", class: "quiet" }),
    button(
      words.delete,
      act((ids) => remove(images, ids)),
      { symbol: "trash", class: "quiet bad" },
    ),
  );

  function draw() {
    tools.hidden = selection.size > 0;
    chosen.hidden = selection.size === 0;
    say(count, selection.size > 0 ? words.chosen(selection.size) : "");
  }

  draw();
  return { element: h("div", { class: "toolbar" }, tools, chosen), draw };
}
