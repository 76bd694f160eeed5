// Places images of any proportions in rows of equal width.

// `ratios` are width / height; returns {boxes: [{x, y, width, height}], height}. The last row has the
// height of the previous row and is not stretched.
export function justify(ratios, { width, gap, target }) {
  const boxes = [];
  let row = [],
    sum = 0,
    y = 0,
    previous = target;
  const place = (height) => {
    let x = 0;
    for (const ratio of row) {
      boxes.push({ x, y, width: ratio * height, height });
      x += ratio * height + gap;
    }
    y += height + gap;
    [row, sum] = [[], 0];
  };
  for (const ratio of ratios) {
    const heightOf = (count, sumOfRatios) => (width - (count - 1) * gap) / sumOfRatios;
    const without = row.length > 0 ? heightOf(row.length, sum) : Infinity;
    const withIt = heightOf(row.length + 1, sum + ratio);
    // If the row's height is closer to the target without this image, the image starts a new row.
    if (withIt < target && without - target < target - withIt) {
      previous = Math.min(without, target * 1.5);
      place(without);
    }
    row.push(ratio);
    sum += ratio;
    const height = heightOf(row.length, sum);
    if (height <= target) {
      previous = height;
      place(height);
    }
  }
  if (row.length > 0) place(Math.min(previous, (width - (row.length - 1) * gap) / sum));
  return { boxes, height: Math.max(0, y - gap) };
}
