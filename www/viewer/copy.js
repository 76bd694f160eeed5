// The text to paste elsewhere, of the kind that the user selects. The links of a private image expire, so
// a button offers to make it public.

import { fill, h, uniqueId } from "/core/dom.js";
import { button, copyButton, field } from "/core/controls.js";
import { time } from "/core/format.js";
import { preference, remember } from "/core/preferences.js";
import { largest, nameOf } from "/viewer/sizes.js";
import { ofOneSize, snippets } from "/viewer/snippets.js";
import { text } from "/strings.js";

const words = text.viewer.snippets;

export function copySection({ publish }) {
  const heading = uniqueId("copy");
  const element = h("section", { class: "part", "aria-labelledby": heading });
  const kind = h(
    "select",
    { onchange: () => (remember("snippet", kind.value), draw()) },
    Object.entries(words.kinds).map(([value, label]) =>
      h("option", { value, selected: value === preference("snippet") }, label),
    ),
  );
  const output = h("textarea", {
    readonly: true,
    rows: 4,
    spellcheck: "false",
    "aria-label": words.output,
    class: "code",
  });
  const note = h("p", { class: "hint" });
  const publishing = h("div", { class: "publish" });
  let detail, size;

  const body = h(
    "div",
    { class: "stack" },
    publishing,
    h("div", { class: "side" }, field(words.kind, kind), copyButton(output)),
    output,
    note,
  );
  const heads = h("h3", { id: heading }, words.title);

  function draw() {
    element.hidden = !detail?.sizes;
    if (!detail?.sizes) return;
    if (!body.isConnected) fill(element, heads, body);
    output.value = snippets[kind.value](detail, size);
    const isPrivate = detail.visibility === "private";
    const ends = (ofOneSize.includes(kind.value) ? detail.sizes[size] : detail.sizes[largest(detail.sizes)])
      .expiresAt;
    note.textContent = [
      ofOneSize.includes(kind.value) ? words.ofSize(nameOf(size)) : words.ofAll,
      ends ? words.ends(time(ends)) : words.stays,
    ].join(" ");
    publishing.hidden = !isPrivate;
    if (isPrivate && publishing.childElementCount === 0) {
      publishing.append(h("p", {}, words.isPrivate), button(words.publish, publish, { symbol: "globe" }));
    }
  }

  return { element, show: (nextDetail, nextSize) => (([detail, size] = [nextDetail, nextSize]), draw()) };
}
