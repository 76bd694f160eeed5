// What can be done with chosen pictures.

import { h } from "/core/dom.js";
import { complain, notice } from "/core/notices.js";
import { api } from "/session/api.js";
import { local } from "/gallery/pictures.js";
import { text } from "/strings.js";

export async function setVisibility(pictures, ids, visibility) {
  let changed = 0;
  try {
    for (const id of ids) {
      await api("PATCH", `/api/images/${id}`, { json: { visibility } });
      pictures.update({ id, visibility });
      changed++;
    }
    notice(text.gallery.changed[visibility](changed));
  } catch (error) {
    complain(error.message);
  }
}

// Originals, one after the other: browsers ask once whether a page may give several files.
export async function download(ids) {
  for (const id of ids) {
    try {
      const { sizes } = await api("GET", `/api/images/${id}`);
      if (sizes) save(local(sizes.original.url));
    } catch (error) {
      return complain(error.message);
    }
  }
}

export function save(address, name = "") {
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

export async function retry(pictures, id) {
  try {
    await api("POST", `/api/images/${id}/retry`);
    pictures.update({ id, status: "pending" });
  } catch (error) {
    complain(error.message);
  }
}
