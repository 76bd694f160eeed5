// A section of the account page. Its content may have to be loaded from the service first.

import { fill, h, uniqueId } from "/core/dom.js";
import { button } from "/core/controls.js";
import { text } from "/strings.js";

// `load` returns the content. If the service does not have the route, the section is removed. Without
// `load`, the caller fills `body`.
export function section(title, lead, load) {
  const heading = uniqueId("section");
  const body = h(
    "div",
    { class: "stack", "aria-busy": load && "true" },
    load && h("p", { class: "hint" }, text.loading),
  );
  const element = h(
    "section",
    { class: "card", "aria-labelledby": heading },
    h("h2", { id: heading }, title),
    lead && h("p", { class: "hint" }, lead),
    body,
  );

  async function refresh() {
    try {
      fill(body, await load());
    } catch (error) {
      if (error.isAbsent) return element.remove();
      fill(
        body,
        h("p", { class: "problem" }, error.message),
        button(text.again, refresh, { symbol: "retry" }),
      );
    } finally {
      body.removeAttribute("aria-busy");
    }
  }

  if (load) refresh();
  return { element, body, refresh };
}
