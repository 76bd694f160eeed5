// A modal dialog. The browser keeps the focus inside; closing it returns the focus to where it was.

import { h, uniqueId } from "/core/dom.js";
import { hostNotices } from "/core/notices.js";

export function openDialog(title, content, { className = "" } = {}) {
  const before = /** @type {HTMLElement} */ (document.activeElement);
  const heading = uniqueId("title");
  const dialog = h(
    "dialog",
    { class: `question ${className}`, "aria-labelledby": heading },
    h("h2", { id: heading }, title),
    content,
  );
  const host = document.querySelector("dialog[open]") ?? document.body;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    hostNotices(host);
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  hostNotices(dialog);
  return dialog;
}
