// @ts-check

/**
 * Fill rectangles into pixels: thousands of columns are quicker so than as a path. Upper and lower
 * edges that fall into a pixel cover a part of it.
 *
 * @param {Uint32Array} pixels    four bytes each: red, green, blue, opacity
 * @param {number} width          pixels in a row
 * @param {Float32Array} boxes    x, upper edge, width, height of each; x and width are whole
 * @param {[number, number, number]} colour
 */
export function fillBoxes(pixels, width, boxes, colour) {
  const height = pixels.length / width;
  const solid = wordOf(colour, 255);
  for (let k = 0; k < boxes.length; k += 4) {
    const x = boxes[k];
    if (x < 0 || x >= width) continue;
    const top = Math.max(0, boxes[k + 1]);
    const bottom = Math.min(height, boxes[k + 1] + boxes[k + 3]);
    if (bottom <= top) continue;
    const first = Math.ceil(top);
    const last = Math.floor(bottom);
    for (let y = first; y < last; y += 1) pixels[y * width + x] = solid;
    if (last < first) {
      cover(pixels, (first - 1) * width + x, colour, bottom - top);
      continue;
    }
    if (first > top) cover(pixels, (first - 1) * width + x, colour, first - top);
    if (bottom > last) cover(pixels, last * width + x, colour, bottom - last);
  }
}

/**
 * Cover a part of a pixel; what covers more of it stays.
 * @param {Uint32Array} pixels
 * @param {number} at
 * @param {[number, number, number]} colour
 * @param {number} share
 */
function cover(pixels, at, colour, share) {
  const opacity = Math.round(255 * share);
  if (at < pixels.length && pixels[at] >>> 24 <= opacity) pixels[at] = wordOf(colour, opacity);
}

/**
 * A colour as the machine keeps four bytes.
 * @param {[number, number, number]} colour
 * @param {number} opacity
 */
export function wordOf(colour, opacity) {
  [BYTES[0], BYTES[1], BYTES[2]] = colour;
  BYTES[3] = opacity;
  return WORD[0];
}

const WORD = new Uint32Array(1);
const BYTES = new Uint8Array(WORD.buffer);
