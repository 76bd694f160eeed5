// Which pictures are chosen. Shift takes everything between this one and the one before.

export class Selection extends EventTarget {
  #ids = new Set();
  #anchor = null;
  #pictures;

  constructor(pictures) {
    super();
    this.#pictures = pictures;
  }

  get size() {
    return this.#ids.size;
  }

  // In the gallery's order.
  get ids() {
    return this.#pictures.items.map(({ id }) => id).filter((id) => this.#ids.has(id));
  }

  has(id) {
    return this.#ids.has(id);
  }

  set(id, chosen, withRange) {
    const order = this.#pictures.items.map((item) => item.id);
    const [from, to] = [order.indexOf(this.#anchor), order.indexOf(id)].sort((one, other) => one - other);
    const range = withRange && from >= 0 ? order.slice(from, to + 1) : [id];
    for (const one of range) chosen ? this.#ids.add(one) : this.#ids.delete(one);
    this.#anchor = id;
    this.#changed();
  }

  all() {
    for (const { id } of this.#pictures.items) this.#ids.add(id);
    this.#changed();
  }

  clear() {
    if (this.#ids.size === 0) return;
    this.#ids.clear();
    this.#anchor = null;
    this.#changed();
  }

  // What is no longer there is not chosen.
  prune() {
    const there = new Set(this.#pictures.items.map(({ id }) => id));
    for (const id of this.#ids) if (!there.has(id)) this.#ids.delete(id);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
