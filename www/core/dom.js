// Creates elements. Strings always become text nodes, so data cannot become markup. Styles are set
// through the CSSOM, because the Content-Security-Policy forbids style attributes.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  append(element, children);
  return element;
}

// Replaces the element's children.
export function fill(element, ...children) {
  element.textContent = "";
  append(element, children);
  return element;
}

function append(element, children) {
  element.append(...children.flat(2).filter((child) => child != null && child !== false));
}

function set(element, name, value) {
  if (value == null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") Object.entries(value).forEach(([key, to]) => element.style.setProperty(key, to));
  else element.setAttribute(name, value === true ? "" : value);
}

// Sets the text only if it changed: a screen reader reads a live region aloud at every write.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let last = 0;
export const uniqueId = (prefix) => `${prefix}-${++last}`;
