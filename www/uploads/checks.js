// What can be said of a file before it is sent. The service looks at the bytes; this saves the way.

import { bytes, formats } from "/core/format.js";
import { text } from "/strings.js";

const types = {
  jpg: "jpeg", jpeg: "jpeg", png: "png", webp: "webp", gif: "gif", avif: "avif", heic: "heic", heif: "heic",
};

// By its type, or by its name: browsers know no type for HEIC on many systems.
const isTaken = (file, formats) =>
  [file.type.split("/").at(-1), file.name.split(".").at(-1)]
    .some((word) => formats.includes(`image/${types[word.toLowerCase()]}`));

// A sentence, or null for what may be sent.
export function refusal(file, limits) {
  if (file.size === 0) return text.uploads.empty;
  if (!limits) return null;
  if (file.size > limits.imageBytes) return text.uploads.tooLarge(bytes(file.size), bytes(limits.imageBytes));
  return isTaken(file, limits.formats) ? null : text.uploads.noPicture(formats(limits.formats));
}

// A file that was moved or taken away since it was chosen.
export async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
