// What can be said of a file before it is sent. The service looks at the bytes; this saves the way.

import { bytes, formats } from "/core/format.js";
import { text } from "/strings.js";

// Browsers know no type for HEIC on many systems: the name then tells.
const byName = /\.(jpe?g|png|webp|gif|avif|hei[cf])$/i;

// A sentence, or null for what may be sent.
export function refusal(file, limits) {
  if (file.size === 0) return text.uploads.empty;
  if (!limits) return null;
  if (file.size > limits.imageBytes) return text.uploads.tooLarge(bytes(file.size), bytes(limits.imageBytes));
  const known = limits.formats.includes(file.type) || /^image\/hei[cf]/.test(file.type) || byName.test(file.name);
  return known ? null : text.uploads.noPicture(formats(limits.formats));
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
