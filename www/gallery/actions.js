// Actions on the selected images.

import { h } from "/core/dom.js";
import { warn, notice } from "/core/notices.js";
import { api } from "/session/api.js";
import { local } from "/gallery/images.js";
import { text } from "/strings.js";

export async function setVisibility(images, ids, visibility) {
  let changed = 0;
  try {
    for (const id of ids) {
      await api("PATCH", `/api/images/${id}`, { json: { visibility } });
      images.update({ id, visibility });
      changed++;
    }
    notice(text.gallery.changed[visibility](changed));
  } catch (error) {
    warn(error.message);
  }
}

// Downloads the originals one after the other: browsers ask once whether the page may download several files.
export async function download(ids) {
  for (const id of ids) {
    try {
      const { sizes } = await api("GET", `/api/images/${id}`);
      if (sizes) save(local(sizes.original.url));
    } catch (error) {
      return warn(error.message);
    }
  }
}

export function save(address, name = "") {
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

export async function retry(images, id) {
  try {
    await api("POST", `/api/images/${id}/retry`);
    images.update({ id, status: "pending" });
  } catch (error) {
    warn(error.message);
  }
}
