// A part of the account page that first has to ask the service.

import { fill, h, uniqueId } from "/core/dom.js";
import { button } from "/core/controls.js";
import { text } from "/strings.js";

// `load` returns the content; a service that does not know the route takes the part away.
export function part(title, lead, load) {
  const heading = uniqueId("part");
  const body = h("div", { class: "stack", "aria-busy": load && "true" }, load && h("p", { class: "hint" }, text.loading));
  const element = h("section", { class: "card", "aria-labelledby": heading },
    h("h2", { id: heading }, title), lead && h("p", { class: "hint" }, lead), body);

  async function refresh() {
    try {
      fill(body, await load());
    } catch (error) {
      if (error.isAbsent) return element.remove();
      fill(body, h("p", { class: "problem" }, error.message), button(text.again, refresh, { symbol: "retry" }));
    } finally {
      body.removeAttribute("aria-busy");
    }
  }

  if (load) refresh();
  return { element, body, refresh };
}
