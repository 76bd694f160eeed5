// The start page: this server's own address in the lines, a copy button each, and its health.

const example = "http://localhost:8080";

document.getElementById("address").textContent = location.origin;

for (const pre of document.querySelectorAll(".steps pre")) {
  const code = pre.firstElementChild;
  code.textContent = code.textContent.replace(example, location.origin);
  pre.tabIndex = 0; // a line that scrolls must be reachable by keyboard
  pre.before(copyButton(code));
}

function copyButton(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = (await copy(code)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

// Browsers open the clipboard to HTTPS and localhost alone; elsewhere the text is selected.
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return false;
  }
}

const parts = [
  ["/health", "gateway"],
  ["/api/auth/health", "accounts"],
  ["/api/health", "images"],
];

async function isUp(path) {
  try {
    return (await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function showHealth() {
  const states = await Promise.all(parts.map(([path]) => isUp(path)));
  const down = parts.filter((_, index) => !states[index]).map(([, name]) => name);
  const health = document.getElementById("health");
  const sentence = down.length === 0 ? "Everything is up" : `Not answering: ${down.join(", ")}`;
  // Said again only when it changed: a screen reader reads every change.
  if (health.textContent !== sentence) health.textContent = sentence;
  health.className = down.length === 0 ? "health good" : "health bad";
}

async function watchHealth() {
  if (!document.hidden) await showHealth();
  setTimeout(watchHealth, 10_000);
}

watchHealth();
document.addEventListener("visibilitychange", () => document.hidden || showHealth());
