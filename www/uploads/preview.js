// Small local pictures of what was chosen, one at a time: a hundred photos decoded at once would
// take gigabytes.

const side = 480;
let turn = Promise.resolve();

// {url, ratio}, or null where this browser cannot show the format (HEIC, mostly).
export function preview(file) {
  const made = turn.then(() => render(file)).catch(() => null);
  turn = made;
  return made;
}

async function render(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const ratio = picture.width / picture.height;
  picture.close();
  const small = await new Promise((done) => canvas.toBlob(done, "image/webp", 0.8));
  return { url: URL.createObjectURL(small), ratio };
}
