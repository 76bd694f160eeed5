// Short notes at the window's edge, and what is only said to screen readers. A modal dialog makes
// all outside it inert, so the notes move into the dialog that is open.

import { h, say } from "/core/dom.js";
import { icon } from "/core/icons.js";
import { text } from "/strings.js";

const list = h("div", { class: "notices", role: "region", "aria-label": text.notes });
const spoken = h("p", { class: "unseen", role: "status", "aria-live": "polite" });

export function hostNotices(element) {
  element.append(list, spoken);
}

export const announce = (sentence) => say(spoken, sentence);

// Stays for `seconds`, longer while pointed at or focused (WCAG 2.2.1). `action` is {label, run};
// `ended` is called once, unless the action was taken. Returns a function that ends it now.
/**
 * @param {string} sentence
 * @param {{ action?: { label: string, run: () => void }, ended?: () => void, seconds?: number, kind?: string }} options
 */
export function notice(sentence, { action, ended = () => {}, seconds = 6, kind = "plain" } = {}) {
  let timer, left = false;
  const leave = (then) => {
    if (left) return;
    left = true;
    clearTimeout(timer);
    element.remove();
    then();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => leave(ended), seconds * 1000);
  };
  const hold = () => clearTimeout(timer);
  const element = h("div",
    { class: `notice ${kind}`, onpointerenter: hold, onpointerleave: wait, onfocusin: hold, onfocusout: wait },
    h("p", {}, sentence),
    action && h("button", { type: "button", class: "quiet strong", onclick: () => leave(action.run) }, action.label),
    h("button", { type: "button", class: "quiet round", "aria-label": text.dismiss, onclick: () => leave(ended) },
      icon("close")));
  list.append(element);
  announce(sentence);
  wait();
  return () => leave(ended);
}

export const complain = (sentence) => notice(sentence, { kind: "bad", seconds: 10 });
