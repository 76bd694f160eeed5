// The page for users who are not signed in: an introduction and the sign-in form.

import { h } from "/core/dom.js";
import { bytes, formats } from "/core/format.js";
import { limits } from "/session/api.js";
import { signInForm } from "/welcome/form.js";
import { text } from "/strings.js";

const words = text.welcome;
// Relative sides in the figure. The smaller sizes are drawn larger than to scale, to stay recognizable.
const shown = [
  ["large", 1],
  ["medium", 0.62],
  ["small", 0.36],
  ["thumbnail", 0.2],
];

export function welcomePage(options) {
  const rules = h("p", { class: "rules" }, "\u00a0");
  const sides = Object.fromEntries(shown.map(([size]) => [size, h("span", {}, "\u00a0")]));
  limits().then(
    ({ formats: types, imageBytes, sizes }) => {
      rules.textContent = words.rules(formats(types), bytes(imageBytes));
      for (const { name, width } of sizes) if (sides[name]) sides[name].textContent = text.side(width);
    },
    () => {},
  );

  const figure = h(
    "figure",
    { class: "sizes-shown" },
    shown.map(([size, scale]) =>
      h(
        "div",
        { class: "shown", style: { "--scale": scale } },
        h("img", { src: "/empty-gallery.svg", alt: "", width: 480, height: 480 }),
        h("p", {}, h("b", {}, text.sizes[size]), sides[size]),
      ),
    ),
    h("figcaption", { class: "unseen" }, words.figure),
  );

  const element = h(
    "div",
    { class: "welcome" },
    h("div", { class: "pitch" }, h("h1", {}, words.title), h("p", { class: "lead" }, words.lead)),
    signInForm(options),
    figure,
    h(
      "ul",
      { class: "promises" },
      words.promises.map(([title, sentence]) => h("li", {}, h("h2", {}, title), h("p", {}, sentence))),
    ),
    rules,
  );
  return { element };
}
