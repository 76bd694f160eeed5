// Shows whether the parts of the service respond. Checks every ten seconds while the page is visible.

import { h, say } from "/core/dom.js";
import { text } from "/strings.js";

const words = text.developers;
const parts = [
  ["/health", "gateway"],
  ["/api/auth/health", "accounts"],
  ["/api/health", "images"],
];

async function answers(path) {
  try {
    return (await fetch(path, { cache: "no-store", signal: /** @type {any} */ (AbortSignal).timeout(5000) }))
      .ok;
  } catch {
    return false;
  }
}

export function healthLine() {
  const element = h("p", { class: "health", role: "status" }, words.asking);
  let timer;

  async function check() {
    if (!document.hidden) {
      const states = await Promise.all(parts.map(([path]) => answers(path)));
      const down = parts.filter((_, index) => !states[index]).map(([, name]) => words.parts[name]);
      say(element, down.length === 0 ? words.up : words.down(down.join(", ")));
      element.dataset.state = down.length === 0 ? "good" : "bad";
    }
    timer = setTimeout(check, 10_000);
  }

  check();
  return { element, leave: () => clearTimeout(timer) };
}
