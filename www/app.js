// The frame of the page and the screen that it shows.

import { fill, h } from "/core/dom.js";
import { button } from "/core/controls.js";
import { hostNotices, notice } from "/core/notices.js";
import { cameFromInside, go, startRouter } from "/core/router.js";
import { account, onSession } from "/session/session.js";
import { welcomePage } from "/welcome/page.js";
import { text } from "/strings.js";

const main = h("main", { id: "main", tabindex: -1 });
const nav = h("nav", { "aria-label": text.nav.label });
document.body.append(
  h("a", { class: "skip", href: "#main" }, text.nav.skip),
  h(
    "header",
    { class: "bar" },
    h(
      "a",
      { class: "brand", href: "/", "data-inside": true, "aria-label": "Multires" },
      h("img", { src: "/icon.svg", alt: "", width: 32, height: 32 }),
      h("span", {}, "Multires"),
    ),
    nav,
  ),
  main,
);
hostNotices(document.body);

let screen = null,
  name = null,
  viewer = null,
  ended = null;

async function render(path) {
  const image = path.match(/^\/image\/([0-9a-f-]{36})$/)?.[1];
  const wanted =
    path === "/developers"
      ? "developers"
      : !account()
        ? "welcome"
        : path === "/account"
          ? "account"
          : "gallery";
  const isFirst = name === null;
  if (wanted !== name) {
    name = wanted;
    const made = await screens[wanted]().catch(unavailable);
    if (name !== wanted) return; // another screen was opened meanwhile
    closeViewer();
    screen?.leave?.();
    screen = made;
    document.body.dataset.screen = wanted;
    fill(main, screen.element);
    if (!isFirst) (screen.element.querySelector("h1[tabindex]") ?? main).focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  drawNav();
  if (wanted === "gallery") await showImage(image);
}

const screens = {
  welcome: async () => welcomePage(ended ?? {}),
  developers: async () => (await import("/developers/page.js")).developersPage(),
  account: async () => (await import("/account/page.js")).accountPage(),
  gallery: async () => {
    const [{ startUploads }, { galleryPage }] = await Promise.all([
      import("/uploads/start.js"),
      import("/gallery/page.js"),
    ]);
    startUploads();
    return galleryPage();
  },
};

// A module could not be loaded. Browsers remember the failure, so only a reload helps.
function unavailable() {
  return {
    element: h(
      "div",
      { class: "foot" },
      h("p", {}, text.problems.offline()),
      button(text.again, () => location.reload(), { symbol: "retry" }),
    ),
  };
}

async function showImage(id) {
  if (!id) return closeViewer();
  const { openViewer } = await import("/viewer/viewer.js");
  const { images } = screen;
  if (!location.pathname.endsWith(id) || !images) return;
  viewer ??= openViewer(images, {
    close: () => (cameFromInside() ? history.back() : go("/", { replace: true })),
  });
  viewer.show(id);
}

function closeViewer() {
  if (!viewer) return;
  const { id } = viewer;
  viewer.leave();
  viewer = null;
  screen.focus?.(id);
}

function drawNav() {
  const link = (to, label) =>
    h("a", { href: to, "data-inside": true, "aria-current": location.pathname === to && "page" }, label);
  fill(
    nav,
    account()
      ? [
          link("/", text.nav.pictures),
          link("/developers", text.nav.developers),
          link("/account", text.nav.account),
          h("button", { type: "button", class: "quiet", onclick: signOut }, text.nav.signOut),
        ]
      : [name === "developers" && link("/", text.nav.signIn), link("/developers", text.nav.developers)],
  );
}

async function signOut() {
  await (await import("/account/sign-out.js")).signOut();
}

// Called after signing in or out, in this tab or in another one.
onSession(async (state) => {
  const { endUploads, resumeUploads } = await import("/uploads/start.js");
  if (state === "begun") resumeUploads(account());
  if (state === "left") endUploads();
  ended =
    state === "expired"
      ? { hint: text.signIn.expired }
      : state === "left"
        ? { hint: text.signIn.left }
        : null;
  name = null;
  if (state === "left") history.replaceState(null, "", "/");
  await render(location.pathname);
  main.focus({ preventScroll: true });
  if (ended) notice(ended.hint);
});

startRouter(render);
