// @ts-check
// Many thin lines as pixels. A canvas strokes paths one by one; adding them up by hand is many times quicker, and
// where lines are dense it shows how dense.

const BASE = 0.55;

/**
 * @param {{width: number, height: number, columns: Float32Array[], xs: number[], rows: Uint32Array, colours: Uint8Array, alpha: number}} what
 * `columns`: y of each row at each x, NaN where the line has a gap; `rows` in the order of drawing, the last on top;
 * `colours`: red, green, blue of each row.
 * @returns {ImageData}
 */
export function lines(what) {
  const { width, height, columns, xs, rows, colours, alpha } = what;
  const image = new ImageData(width, height);
  const pixels = image.data;
  for (let segment = 0; segment + 1 < columns.length; segment++) {
    const [left, right] = [Math.round(xs[segment]), Math.round(xs[segment + 1])];
    const [from, to] = [columns[segment], columns[segment + 1]];
    const last = segment + 2 === columns.length ? right : right - 1;
    for (const row of rows) {
      const [y0, y1] = [from[row], to[row]];
      if (y0 !== y0 || y1 !== y1) continue;
      stroke(pixels, width, height, left, last, y0, (y1 - y0) / (right - left), colours, row * 3, alpha);
    }
  }
  return image;
}

/**
 * One segment, a pixel wide: each column of pixels gets the line's whole way through it.
 * @param {Uint8ClampedArray} pixels @param {number} width @param {number} height @param {number} left @param {number} last
 * @param {number} start @param {number} slope @param {Uint8Array} colours @param {number} colour @param {number} alpha
 */
function stroke(pixels, width, height, left, last, start, slope, colours, colour, alpha) {
  const [red, green, blue] = [colours[colour], colours[colour + 1], colours[colour + 2]];
  const steep = Math.abs(slope);
  const weight = steep > 1 ? alpha * (BASE + (1 - BASE) / steep) : alpha;
  let y = start;
  for (let x = left; x <= last; x++, y += slope) {
    let top = slope < 0 ? y + slope : y;
    let bottom = slope < 0 ? y : y + slope;
    top = Math.max(0, top + 0.5) | 0;
    bottom = Math.min(height - 1, bottom + 0.5) | 0;
    if (bottom > top) bottom -= 1;
    for (let at = (top * width + x) * 4, end = (bottom * width + x) * 4; at <= end; at += width * 4) {
      const under = pixels[at + 3] / 255;
      const sum = weight + under * (1 - weight);
      const share = weight / sum;
      pixels[at] += (red - pixels[at]) * share;
      pixels[at + 1] += (green - pixels[at + 1]) * share;
      pixels[at + 2] += (blue - pixels[at + 2]) * share;
      pixels[at + 3] = sum * 255;
    }
  }
}
