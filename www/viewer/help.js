// The keyboard shortcuts of the viewer.

import { h } from "/core/dom.js";
import { openDialog } from "/core/dialog.js";
import { button } from "/core/controls.js";
import { text } from "/strings.js";

export function showHelp() {
  const { help } = text.viewer;
  const dialog = openDialog(help.title, [
    h(
      "dl",
      { class: "keys" },
      help.keys.map(([keys, what]) =>
        h(
          "div",
          {},
          h(
            "dt",
            {},
            keys.map((key) => h("kbd", {}, key)),
          ),
          h("dd", {}, what),
        ),
      ),
    ),
    button(text.close, () => dialog.close()),
  ]);
}
