// Choices this browser remembers. A browser that keeps nothing still works.

const defaults = { fit: "cover", visibility: "private", view: "grid", snippet: "img" };

export function preference(name) {
  try {
    return localStorage.getItem(`multires.${name}`) ?? defaults[name];
  } catch {
    return defaults[name];
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`multires.${name}`, value);
  } catch {
    // Private windows of some browsers refuse; the choice holds until the page is left.
  }
}
