// The details of an image. Its name, alternative text and visibility can be changed.

import { fill, h, say, uniqueId } from "/core/dom.js";
import { field, segments } from "/core/controls.js";
import { bytes, pixels, time } from "/core/format.js";
import { api } from "/session/api.js";
import { text } from "/strings.js";

const words = text.viewer;

// `changed` is called with the new detail.
export function detailSection({ changed, setVisibility }) {
  const heading = uniqueId("details");
  const name = h("input", { type: "text", maxlength: 255, required: true, autocomplete: "off" });
  const alt = h("textarea", { rows: 2, maxlength: 1000 });
  const save = h("button", { type: "submit" }, words.save);
  const outcome = h("p", { class: "hint", role: "status" });
  const facts = h("dl", { class: "facts" });
  const who = h("div");
  let detail;

  const form = h(
    "form",
    {
      class: "stack",
      novalidate: true,
      onsubmit: submit,
      oninput: () => {
        save.disabled = !isChanged();
        say(outcome, "");
      },
    },
    field(words.name, name),
    field(words.alt, alt, words.altHint),
    h("div", { class: "side" }, save, outcome),
  );

  const isChanged = () => name.value.trim() !== detail.originalName || alt.value !== detail.alt;

  async function submit(event) {
    event.preventDefault();
    if (!isChanged()) return;
    if (name.value.trim() === "") return void (say(outcome, words.nameNeeded), name.focus());
    try {
      const next = await api("PATCH", `/api/images/${detail.id}`, {
        json: { originalName: name.value.trim(), alt: alt.value },
      });
      changed(next);
      say(outcome, words.saved);
    } catch (error) {
      say(outcome, error.message);
    }
  }

  function show(next) {
    const isSame = detail?.id === next.id;
    // Does not overwrite what the user is typing.
    if (!isSame || !isChanged()) [name.value, alt.value] = [next.originalName, next.alt];
    if (!isSame) say(outcome, "");
    detail = next;
    save.disabled = !isChanged();
    fill(
      who,
      segments(words.visibility, Object.entries(text.gallery.visibilities), next.visibility, setVisibility),
    );
    const rows = [
      [words.uploaded, time(next.uploadedAt)],
      next.processedAt && [words.processed, time(next.processedAt)],
      next.width && [words.dimensions, pixels(next.width, next.height)],
      next.sizes && [
        words.allSizes,
        bytes(Object.values(next.sizes).reduce((sum, size) => sum + size.bytes, 0)),
      ],
      [words.fit, text.uploads.fits[next.fit].label],
    ].filter(Boolean);
    fill(
      facts,
      rows.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
    );
  }

  const element = h(
    "section",
    { class: "part", "aria-labelledby": heading },
    h("h3", { id: heading }, words.details),
    who,
    form,
    facts,
  );
  return { element, show };
}
