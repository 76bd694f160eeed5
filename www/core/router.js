// Changes the screen and its URL with the History API.

/** @type {(path: string) => void} */
let show = () => {};

export function startRouter(render) {
  show = render;
  window.addEventListener("popstate", () => show(location.pathname));
  document.addEventListener("click", follow);
  show(location.pathname);
}

export function go(path, { replace = false } = {}) {
  if (path !== location.pathname) history[replace ? "replaceState" : "pushState"]({ inside: true }, "", path);
  show(path);
}

// A click on an internal link changes the screen. With a modifier key it stays an ordinary link.
function follow(event) {
  const link = event.target.closest?.("a[data-inside]");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.pathname);
}

// Whether the Back button stays within the page.
export const cameFromInside = () => history.state?.inside === true;
