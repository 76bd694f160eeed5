// Short notifications at the window's edge, and announcements for screen readers only. A modal dialog
// makes everything outside it inert, so the notifications move into the open dialog.

import { h, say } from "/core/dom.js";
import { icon } from "/core/icons.js";
import { text } from "/strings.js";

const list = h("div", { class: "notices", role: "region", "aria-label": text.notes });
const liveRegion = h("p", { class: "unseen", role: "status", "aria-live": "polite" });

export function hostNotices(element) {
  element.append(list, liveRegion);
}

export const announce = (sentence) => say(liveRegion, sentence);

// Closes after `seconds`, counted again after each hover or focus (WCAG 2.2.1). `action` is {label, run}.
// `ended` is called once, unless the user runs the action. Returns a function that closes it now.
/**
 * @param {string} sentence
 * @param {{ action?: { label: string, run: () => void }, ended?: () => void, seconds?: number, kind?: string }} options
 */
export function notice(sentence, { action, ended = () => {}, seconds = 6, kind = "plain" } = {}) {
  let timer,
    isClosed = false;
  const close = (then) => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(timer);
    element.remove();
    then();
  };
  const startTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => close(ended), seconds * 1000);
  };
  const stopTimer = () => clearTimeout(timer);
  const element = h(
    "div",
    {
      class: `notice ${kind}`,
      onpointerenter: stopTimer,
      onpointerleave: startTimer,
      onfocusin: stopTimer,
      onfocusout: startTimer,
    },
    h("p", {}, sentence),
    action &&
      h("button", { type: "button", class: "quiet strong", onclick: () => close(action.run) }, action.label),
    h(
      "button",
      { type: "button", class: "quiet round", "aria-label": text.dismiss, onclick: () => close(ended) },
      icon("close"),
    ),
  );
  list.append(element);
  announce(sentence);
  startTimer();
  return () => close(ended);
}

export const warn = (sentence) => notice(sentence, { kind: "bad", seconds: 10 });
