// Controls that several screens use.

import { h, uniqueId } from "/core/dom.js";
import { icon } from "/core/icons.js";
import { copy } from "/core/clipboard.js";
import { announce } from "/core/notices.js";
import { text } from "/strings.js";

/**
 * @param {string} label
 * @param {(event: any) => any} onclick
 * @param {{ symbol?: string, class?: string, [attribute: string]: any }} options
 */
export function button(label, onclick, { symbol, class: className = "", ...more } = {}) {
  return h(
    "button",
    { type: "button", class: className, onclick, ...more },
    symbol && icon(symbol),
    h("span", {}, label),
  );
}

/**
 * @param {string} label
 * @param {string} symbol
 * @param {(event: any) => any} onclick
 * @param {{ class?: string, [attribute: string]: any }} options
 */
export function iconButton(label, symbol, onclick, { class: className = "", ...more } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: `quiet round ${className}`,
      "aria-label": label,
      title: label,
      onclick,
      ...more,
    },
    icon(symbol),
  );
}

// Radio buttons that look like one segmented control. `choices` is [[value, label], …].
export function segments(legend, choices, chosen, onchange) {
  const name = uniqueId("choice");
  return h(
    "fieldset",
    { class: "segments" },
    h("legend", {}, legend),
    h(
      "div",
      { class: "track" },
      choices.map(([value, label]) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            name,
            value,
            checked: value === chosen,
            onchange: () => onchange(value),
          }),
          h("span", {}, label),
        ),
      ),
    ),
  );
}

export function field(label, input, hint) {
  input.id ||= uniqueId("field");
  const hintId = `${input.id}-hint`;
  if (hint) input.setAttribute("aria-describedby", hintId);
  return h(
    "div",
    { class: "field" },
    h("label", { for: input.id }, label),
    input,
    hint && h("p", { id: hintId, class: "hint" }, hint),
  );
}

export function copyButton(target) {
  const label = h("span", {}, text.copy);
  let timer;
  return h(
    "button",
    {
      type: "button",
      onclick: async () => {
        const done = await copy(target);
        label.textContent = done ? text.copied : text.pressCopy;
        announce(label.textContent);
        clearTimeout(timer);
        timer = setTimeout(() => (label.textContent = text.copy), 2500);
      },
    },
    label,
  );
}
