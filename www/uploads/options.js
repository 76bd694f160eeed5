// The options for the next uploads. They are remembered.

import { h } from "/core/dom.js";
import { bytes, formats, number } from "/core/format.js";
import { button, segments } from "/core/controls.js";
import { preference, remember } from "/core/preferences.js";
import { limits } from "/session/api.js";
import { choose } from "/uploads/intake.js";
import { text } from "/strings.js";

export function uploadOptions() {
  const words = text.uploads;
  const fitHint = h("p", { class: "hint" }, words.fits[preference("fit")].hint);
  const visibilityHint = h("p", { class: "hint" }, words.visibilities[preference("visibility")].hint);
  const rules = h("p", { class: "rules" }, "\u00a0");
  limits().then(
    ({ formats: types, imageBytes, pixels }) => {
      rules.textContent = words.rules(formats(types), bytes(imageBytes), number(Math.round(pixels / 1e6)));
    },
    () => {},
  );

  const choice = (name, options, hint) =>
    h(
      "div",
      { class: "choice" },
      segments(
        options.legend,
        Object.entries(options.values).map(([value, to]) => [value, to.label]),
        preference(name),
        (value) => {
          remember(name, value);
          hint.textContent = options.values[value].hint;
        },
      ),
      hint,
    );

  return h(
    "section",
    { class: "drop", "aria-label": words.section },
    h(
      "div",
      { class: "call" },
      button(words.choose, () => choose(), { symbol: "upload", class: "primary large" }),
      button(words.camera, () => choose({ camera: true }), { symbol: "camera", class: "large camera" }),
      h("p", { class: "or" }, words.orDrop),
    ),
    h(
      "div",
      { class: "choices" },
      choice("fit", { legend: words.fit, values: words.fits }, fitHint),
      choice("visibility", { legend: words.visibility, values: words.visibilities }, visibilityHint),
    ),
    rules,
  );
}
