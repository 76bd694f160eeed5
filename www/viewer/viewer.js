// A dialog over the gallery that shows one image large, with its sizes, its details and the text to copy.

import { h, say } from "/core/dom.js";
import { button, iconButton } from "/core/controls.js";
import { announce, warn, hostNotices } from "/core/notices.js";
import { go } from "/core/router.js";
import { api } from "/session/api.js";
import { entryOf } from "/gallery/images.js";
import { retry } from "/gallery/actions.js";
import { remove } from "/gallery/deletion.js";
import { watch } from "/uploads/watch.js";
import { comparison } from "/viewer/compare.js";
import { copySection } from "/viewer/copy.js";
import { detailSection } from "/viewer/details.js";
import { showHelp } from "/viewer/help.js";
import { largest, sizeSection } from "/viewer/sizes.js";
import { stage } from "/viewer/stage.js";
import { text } from "/strings.js";

const words = text.viewer;

// `close` returns to the gallery's URL. `show(id)` is called for the first image and after each change of
// the URL.
export function openViewer(images, { close }) {
  let id,
    detail,
    size,
    isReal = false,
    isComparing = false,
    failures = 0;

  const scene = stage({ renew: () => ++failures < 3 && load() });
  const pair = comparison();
  const sizes = sizeSection((to) => ((size = to), draw()));
  const copying = copySection({ publish: () => setVisibility("public") });
  const details = detailSection({ changed: take, setVisibility });
  const title = h("h2", { id: "viewer-title", tabindex: -1 });
  const place = h("p", { class: "place" });
  const previous = iconButton(words.previous, "previous", () => step(-1), { class: "step" });
  const next = iconButton(words.next, "next", () => step(1), { class: "step" });
  const real = iconButton(words.real, "real", () => ((isReal = !isReal), draw()), {
    "aria-pressed": "false",
  });
  const compare = iconButton(words.compare, "compare", () => ((isComparing = !isComparing), draw()), {
    "aria-pressed": "false",
  });
  const dialog = h(
    "dialog",
    { class: "viewer", "aria-labelledby": "viewer-title" },
    h(
      "div",
      { class: "top" },
      iconButton(text.close, "close", () => close()),
      h("div", { class: "head" }, title, place),
      real,
      compare,
      iconButton(words.delete, "trash", del),
      iconButton(words.help.title, "help", showHelp),
    ),
    h("div", { class: "view" }, previous, scene.element, pair.element, next),
    h("div", { class: "parts" }, sizes.element, copying.element, details.element),
  );
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), close()));
  dialog.addEventListener("keydown", onKey);
  images.addEventListener("change", drawPlace);
  document.body.append(dialog);
  dialog.showModal();
  hostNotices(dialog);

  async function show(nextId) {
    if (id === nextId) return;
    [id, detail, failures] = [nextId, null, 0];
    const item = images.find(id);
    say(title, item?.originalName ?? words.loading);
    drawPlace();
    draw();
    title.focus({ preventScroll: true });
    await load();
  }

  async function load() {
    const asked = id;
    try {
      const answer = await api("GET", `/api/images/${asked}`);
      if (asked === id) take(answer);
    } catch (error) {
      if (asked !== id) return;
      if (!detail) say(title, words.missing);
      scene.showNotice(
        h("p", {}, error.status === 404 ? words.notThere : error.message),
        button(text.again, load, { symbol: "retry" }),
      );
    }
  }

  function take(answer) {
    detail = answer;
    images.update(entryOf(answer));
    if (answer.sizes && !answer.sizes[size]) size = largest(answer.sizes);
    if (answer.status === "pending" || answer.status === "processing") {
      watch(
        answer.id,
        ({ status }) => (status === "complete" || status === "failed") && answer.id === id && load(),
      );
    }
    draw();
  }

  function draw() {
    const ready = detail?.sizes != null;
    for (const one of [sizes, copying]) one.element.hidden = !ready;
    details.element.hidden = !detail;
    for (const one of [real, compare]) one.disabled = !ready;
    real.setAttribute("aria-pressed", String(isReal && !isComparing));
    compare.setAttribute("aria-pressed", String(isComparing));
    const comparing = ready && isComparing;
    scene.element.hidden = comparing;
    pair.element.hidden = !comparing;
    if (!detail) return scene.showNotice(h("p", {}, words.loading));
    say(title, detail.originalName);
    details.show(detail);
    if (!ready) return drawUnready();
    sizes.show(detail, size);
    copying.show(detail, size);
    comparing ? pair.show(detail, size) : scene.show(detail, size, isReal);
  }

  function drawUnready() {
    if (detail.status !== "failed")
      return scene.showNotice(h("p", {}, words.working), h("progress", { "aria-label": words.working }));
    scene.showNotice(
      h("h3", {}, words.failed),
      h("p", {}, detail.errorMessage),
      button(
        text.again,
        async () => {
          await retry(images, id);
          await load();
        },
        { symbol: "retry" },
      ),
    );
  }

  function drawPlace() {
    const at = images.items.findIndex((item) => item.id === id);
    say(place, at < 0 ? "" : words.place(at + 1, images.items.length, images.isComplete));
    previous.disabled = at <= 0;
    next.disabled = at < 0 || (at === images.items.length - 1 && images.isComplete);
  }

  async function step(by) {
    const at = images.items.findIndex((item) => item.id === id);
    if (at < 0) return;
    if (at + by >= images.items.length - 3) await images.more();
    const to = images.items[at + by];
    if (to) go(`/image/${to.id}`, { replace: true });
    else announce(words.noMore);
  }

  function del() {
    const at = images.items.findIndex((item) => item.id === id);
    const gone = id;
    const to = images.items[at + 1] ?? images.items[at - 1];
    remove(images, [gone]);
    if (to) go(`/image/${to.id}`, { replace: true });
    else close();
  }

  async function setVisibility(visibility) {
    try {
      take(await api("PATCH", `/api/images/${id}`, { json: { visibility } }));
      announce(text.gallery.changed[visibility](1));
    } catch (error) {
      warn(error.message);
      draw();
    }
  }

  function onKey(event) {
    if (
      event.target.matches("input:not([type=radio]), textarea, select") ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    const isRadio = event.target.matches("[type=radio]") || event.target.matches(".scroller, .scrolling");
    const forward = getComputedStyle(dialog).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    if (event.key === forward && !isRadio) step(1);
    else if (event.key === back && !isRadio) step(-1);
    else if (event.key === "Delete") del();
    else if (event.key === "?") showHelp();
    else return;
    event.preventDefault();
  }

  return {
    show,
    get id() {
      return id;
    },
    leave() {
      images.removeEventListener("change", drawPlace);
      hostNotices(document.body);
      dialog.close();
      dialog.remove();
    },
  };
}
