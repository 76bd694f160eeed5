// The selected images. A click with Shift selects everything between this image and the last clicked one.

export class Selection extends EventTarget {
  #ids = new Set();
  #anchor = null;
  #images;

  constructor(images) {
    super();
    this.#images = images;
  }

  get size() {
    return this.#ids.size;
  }

  // The selected ids in the gallery's order.
  get ids() {
    return this.#images.items.map(({ id }) => id).filter((id) => this.#ids.has(id));
  }

  has(id) {
    return this.#ids.has(id);
  }

  set(id, chosen, withRange) {
    const order = this.#images.items.map((item) => item.id);
    const [from, to] = [order.indexOf(this.#anchor), order.indexOf(id)].sort((one, other) => one - other);
    const range = withRange && from >= 0 ? order.slice(from, to + 1) : [id];
    for (const one of range) chosen ? this.#ids.add(one) : this.#ids.delete(one);
    this.#anchor = id;
    this.#changed();
  }

  all() {
    for (const { id } of this.#images.items) this.#ids.add(id);
    this.#changed();
  }

  clear() {
    if (this.#ids.size === 0) return;
    this.#ids.clear();
    this.#anchor = null;
    this.#changed();
  }

  // Removes the ids of images that are no longer in the gallery.
  prune() {
    const there = new Set(this.#images.items.map(({ id }) => id));
    for (const id of this.#ids) if (!there.has(id)) this.#ids.delete(id);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
