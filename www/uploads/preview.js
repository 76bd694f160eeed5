// Makes small local previews of the chosen files, one at a time: decoding a hundred photos at once would
// take gigabytes.

const side = 480;
let turn = Promise.resolve();

// Resolves to {url, ratio}, or to null if this browser cannot decode the format (mostly HEIC).
export function preview(file) {
  const made = turn.then(() => render(file)).catch(() => null);
  turn = made;
  return made;
}

async function render(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const ratio = bitmap.width / bitmap.height;
  bitmap.close();
  const small = await new Promise((done) => canvas.toBlob(done, "image/webp", 0.8));
  return { url: URL.createObjectURL(small), ratio };
}
