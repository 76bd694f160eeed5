// Rows of equal width out of pictures of any proportions.

// `ratios` are width / height; returns {boxes: [{x, y, width, height}], height}. The last row keeps
// the height of the one before it instead of being stretched.
export function justify(ratios, { width, gap, target }) {
  const boxes = [];
  let row = [], sum = 0, y = 0, previous = target;
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
    const fits = (count, of) => (width - (count - 1) * gap) / of;
    const without = row.length > 0 ? fits(row.length, sum) : Infinity;
    const withIt = fits(row.length + 1, sum + ratio);
    // The row is full; this one goes where the height comes closer to the target.
    if (withIt < target && without - target < target - withIt) {
      previous = Math.min(without, target * 1.5);
      place(without);
    }
    row.push(ratio);
    sum += ratio;
    const height = fits(row.length, sum);
    if (height <= target) {
      previous = height;
      place(height);
    }
  }
  if (row.length > 0) place(Math.min(previous, (width - (row.length - 1) * gap) / sum));
  return { boxes, height: Math.max(0, y - gap) };
}
