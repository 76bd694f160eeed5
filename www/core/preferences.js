// Choices that this browser remembers. If localStorage is refused, they last until the page is closed.

const defaults = { fit: "cover", visibility: "private", view: "grid", snippet: "img" };
const chosen = {};

export function preference(name) {
  try {
    return chosen[name] ?? localStorage.getItem(`multires.${name}`) ?? defaults[name];
  } catch {
    return defaults[name];
  }
}

export function remember(name, value) {
  chosen[name] = value;
  try {
    localStorage.setItem(`multires.${name}`, value);
  } catch {
    // Some browsers refuse it in private windows.
  }
}
