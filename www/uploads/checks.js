// Checks a file before it is sent. The service checks the bytes itself; this only avoids useless uploads.

import { bytes, formats } from "/core/format.js";
import { text } from "/strings.js";

const types = {
  jpg: "jpeg",
  jpeg: "jpeg",
  png: "png",
  webp: "webp",
  gif: "gif",
  avif: "avif",
  heic: "heic",
  heif: "heic",
};

// By media type or by file name: on many systems, browsers do not know the type of HEIC.
const isTaken = (file, formats) =>
  [file.type.split("/").at(-1), file.name.split(".").at(-1)].some((word) =>
    formats.includes(`image/${types[word.toLowerCase()]}`),
  );

// Returns an error message, or null if the file can be sent.
export function refusal(file, limits) {
  if (file.size === 0) return text.uploads.empty;
  if (!limits) return null;
  if (file.size > limits.imageBytes) return text.uploads.tooLarge(bytes(file.size), bytes(limits.imageBytes));
  return isTaken(file, limits.formats) ? null : text.uploads.noPicture(formats(limits.formats));
}

// False for a file that was moved or deleted after it was chosen.
export async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
