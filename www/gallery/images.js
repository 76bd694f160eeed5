// The account's images, as far as they were fetched, newest first.

import { previewSide } from "/core/contract.js";
import { api } from "/session/api.js";
import { watch } from "/uploads/watch.js";

const pageSize = 60; // about three screens

// URLs from the API have the host of MULTIRES_URL. A path works with any host that this page was opened on.
export const local = (address) => address && new URL(address).pathname + new URL(address).search;

// Ids are UUIDs of version 7: they sort by the time of the upload.
const newestFirst = (items) => items.sort((one, other) => (one.id < other.id ? 1 : -1));

// The same as `preview` in the API's list: the smallest size whose shorter side has `previewSide` pixels or
// more, or else the largest.
function previewOf({ original, ...sizes }) {
  const all = Object.values(sizes).sort((one, other) => one.width * one.height - other.width * other.height);
  return all.find(({ width, height }) => Math.min(width, height) >= previewSide) ?? all.at(-1) ?? null;
}

// Makes a list entry from an image's detail, so that the list need not be fetched again after an upload.
export function entryOf(detail) {
  const { id, originalName, status, uploadedAt, processedAt, visibility, width, height, placeholder, sizes } =
    detail;
  const preview = sizes ? previewOf(sizes) : null;
  return {
    id,
    originalName,
    status,
    uploadedAt,
    processedAt,
    visibility,
    width,
    height,
    placeholder,
    preview,
    thumbnailUrl: sizes?.thumbnail?.url ?? null,
  };
}

// Events: "change" when the items or the loading state have changed.
export class Images extends EventTarget {
  items = [];
  query = { q: "", status: "" };
  loading = false;
  error = null;
  #cursor = null;
  #generation = 0; // number of the current query; responses to older queries are dropped
  #hidden = new Set(); // ids of images that are being deleted
  #renewed = new Map(); // id: time of its last renewal, in ms

  get isComplete() {
    return this.#cursor === null && !this.loading && !this.error;
  }

  get isFiltered() {
    return this.query.q !== "" || this.query.status !== "";
  }

  find(id) {
    return this.items.find((item) => item.id === id);
  }

  async load(query = this.query) {
    this.query = query;
    this.#generation++;
    this.#cursor = null;
    await this.#fetch(true);
  }

  async more() {
    if (this.loading || this.error || this.#cursor === null) return;
    await this.#fetch(false);
  }

  async #fetch(fresh) {
    const generation = this.#generation;
    const asked = new URLSearchParams({ limit: String(pageSize) });
    for (const [name, value] of Object.entries(this.query)) if (value) asked.set(name, value);
    if (!fresh && this.#cursor) asked.set("cursor", this.#cursor);
    Object.assign(this, { loading: true, error: null });
    this.#changed();
    try {
      const { images, nextCursor } = await api("GET", `/api/images?${asked}`);
      if (generation !== this.#generation) return;
      const known = new Set(fresh ? [] : this.items.map(({ id }) => id));
      const added = images.filter(({ id }) => !known.has(id) && !this.#hidden.has(id));
      this.items = fresh ? added : [...this.items, ...added];
      this.#cursor = nextCursor;
      for (const item of added) this.#follow(item);
    } catch (error) {
      if (generation === this.#generation) this.error = error;
    } finally {
      if (generation === this.#generation) this.loading = false;
      this.#changed();
    }
  }

  #follow({ id, status }) {
    if (status !== "pending" && status !== "processing") return;
    watch(id, (progress) => {
      const item = this.find(id);
      if (progress.status === "gone") this.drop([id]);
      else if (progress.status === "complete") this.renew(id);
      else if (item && item.status !== progress.status) this.update({ id, status: progress.status });
    });
  }

  // Adds an accepted upload. Its local preview is shown until the sizes are ready.
  async add(upload) {
    const id = upload.imageId;
    await upload.previewed;
    if (this.find(id) || upload.state === "cancelled") return;
    const name = upload.file.name.toLowerCase();
    if (!name.includes(this.query.q.toLowerCase()) || this.query.status) return;
    const item = {
      id,
      originalName: upload.file.name,
      status: "pending",
      uploadedAt: new Date().toISOString(),
      processedAt: null,
      visibility: upload.visibility,
      width: null,
      height: null,
      preview: null,
      placeholder: null,
      thumbnailUrl: null,
      local: upload.local,
      ratio: upload.fit === "cover" ? 1 : upload.local?.ratio,
    };
    this.items = newestFirst([item, ...this.items]);
    this.#follow(item);
    this.#changed();
  }

  // Fetches the image again, for new links or for its new status.
  async renew(id) {
    const last = this.#renewed.get(id) ?? 0;
    if (Date.now() - last < 10_000 && this.find(id)?.status === "complete") return;
    this.#renewed.set(id, Date.now());
    const detail = await api("GET", `/api/images/${id}`).catch(() => null);
    if (detail) this.update(entryOf(detail));
  }

  update(changes) {
    const item = this.find(changes.id);
    if (!item) return;
    const wasFinal = item.status === "failed";
    Object.assign(item, changes);
    if (wasFinal && changes.status === "pending") this.#follow(item);
    this.#changed();
  }

  // Hides the images; returns a function that shows them again.
  hide(ids) {
    const kept = this.items;
    for (const id of ids) this.#hidden.add(id);
    this.items = kept.filter(({ id }) => !this.#hidden.has(id));
    this.#changed();
    return () => {
      for (const id of ids) this.#hidden.delete(id);
      const back = kept.filter(({ id }) => ids.includes(id) && !this.find(id));
      this.items = newestFirst([...this.items, ...back]);
      this.#changed();
    };
  }

  drop(ids) {
    this.items = this.items.filter(({ id }) => !ids.includes(id));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
