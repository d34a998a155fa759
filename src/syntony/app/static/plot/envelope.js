// @ts-check
import { chooseLevel, FACTOR, levelSizes, TILE_BUCKETS } from "./tiles.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./tiles.js").Tile} Tile */

/**
 * Lowest and highest value of each pixel column; NaN where nothing is there.
 * @typedef {{low: Float32Array, high: Float32Array, isWhole: boolean}} Columns
 */

/**
 * An evenly sampled channel.
 * @typedef {{id: string, rate_hz: number, start_s: number, n_samples: number}} Sampled
 */

/**
 * Asks for a tile: null where it is not here yet.
 * @typedef {(channel: string, level: number, tile: number, kept: boolean) => Tile | null} AskTile
 */

/**
 * Gather the columns of a view from tiles. Where a fine tile is on its way, a coarser one stands
 * in; the coarsest is kept for good. A column is NaN only where everything in it is missing, and
 * it then lifts the pen.
 *
 * @param {Sampled} channel
 * @param {View} view
 * @param {AskTile} ask
 * @returns {Columns}
 */
export function gatherColumns(channel, view, ask) {
  const width = Math.round(view.width);
  const low = new Float32Array(width).fill(NaN);
  const high = new Float32Array(width).fill(NaN);
  const sizes = levelSizes(channel.n_samples);
  const top = sizes.length - 1;
  const perPixel = ((view.stop - view.start) * channel.rate_hz) / view.width;
  const level = chooseLevel(perPixel, sizes.length);
  const first = Math.floor((view.start - channel.start_s) * channel.rate_hz);
  const last = Math.ceil((view.stop - channel.start_s) * channel.rate_hz);
  const span = TILE_BUCKETS * FACTOR ** level;
  const fromTile = Math.max(0, Math.floor(first / span));
  const toTile = Math.min(Math.ceil(sizes[level] / TILE_BUCKETS) - 1, Math.floor(last / span));
  let isWhole = true;
  for (let tile = fromTile; tile <= toTile; tile += 1) {
    const begin = Math.max(first, tile * span);
    const end = Math.min(last, (tile + 1) * span);
    isWhole = fillFrom(channel, view, ask, level, top, begin, end, { low, high }) && isWhole;
  }
  return { low, high, isWhole };
}

/**
 * Fill columns for samples [begin, end) from one level, or from the next coarser one that is here.
 * @param {Sampled} channel
 * @param {View} view
 * @param {AskTile} ask
 * @param {number} level
 * @param {number} top
 * @param {number} begin
 * @param {number} end
 * @param {{low: Float32Array, high: Float32Array}} out
 * @returns {boolean}  whether the level that was asked for was here
 */
function fillFrom(channel, view, ask, level, top, begin, end, out) {
  for (let at = level; at <= top; at += 1) {
    const span = TILE_BUCKETS * FACTOR ** at;
    const number = Math.floor(begin / span);
    const tile = ask(channel.id, at, number, at === top);
    if (!tile) continue;
    fillColumns(channel, view, tile, at, number * TILE_BUCKETS, begin, end, out);
    return at === level;
  }
  return false;
}

/**
 * Put the buckets of one tile into the columns that they cover.
 * @param {Sampled} channel
 * @param {View} view
 * @param {Tile} tile
 * @param {number} level
 * @param {number} offset  number of the tile's first bucket
 * @param {number} begin   first sample wanted
 * @param {number} end     one past the last sample wanted
 * @param {{low: Float32Array, high: Float32Array}} out
 */
export function fillColumns(channel, view, tile, level, offset, begin, end, out) {
  const size = FACTOR ** level;
  const scale = view.width / ((view.stop - view.start) * channel.rate_hz);
  const shift = (channel.start_s - view.start) * channel.rate_hz;
  const width = out.low.length;
  const from = Math.max(0, Math.floor(begin / size) - offset);
  const to = Math.min(tile.low.length, Math.ceil(end / size) - offset);
  for (let k = from; k < to; k += 1) {
    const low = tile.low[k];
    if (low !== low) continue; // NaN: nothing valid in this bucket
    const high = tile.high[k];
    const sample = (offset + k) * size;
    let x = Math.floor((sample + shift) * scale);
    const until = Math.max(x + 1, Math.floor((sample + size + shift) * scale));
    for (x = Math.max(0, x); x < until && x < width; x += 1) {
      if (!(low >= out.low[x])) out.low[x] = low;
      if (!(high <= out.high[x])) out.high[x] = high;
    }
  }
}

/**
 * Single samples of a view, where there are fewer than pixels; one more on either side.
 * @param {Sampled} channel
 * @param {View} view
 * @param {AskTile} ask
 * @returns {{time: number[], value: number[]} | null}  null where a tile is not here yet
 */
export function gatherSamples(channel, view, ask) {
  const first = Math.max(0, Math.floor((view.start - channel.start_s) * channel.rate_hz) - 1);
  const last = Math.min(
    channel.n_samples - 1,
    Math.ceil((view.stop - channel.start_s) * channel.rate_hz) + 1,
  );
  const top = levelSizes(channel.n_samples).length - 1;
  /** @type {number[]} */
  const time = [];
  /** @type {number[]} */
  const value = [];
  for (let k = first; k <= last; k += 1) {
    const number = Math.floor(k / TILE_BUCKETS);
    const tile = ask(channel.id, 0, number, top === 0);
    if (!tile) return null;
    time.push(channel.start_s + k / channel.rate_hz);
    value.push(tile.low[k - number * TILE_BUCKETS]);
  }
  return { time, value };
}

/**
 * Whether single samples are drawn rather than columns.
 * @param {Sampled} channel
 * @param {View} view
 */
export function isClose(channel, view) {
  return (view.stop - view.start) * channel.rate_hz < view.width;
}

/** Lengths of dash and pause, in CSS pixels; the first person's line is whole. */
const DASHES = [null, [7, 3], [2, 3], [14, 4], [4, 8], [10, 9]];

/**
 * Dashes of a person's line by place, so that people are told apart without colour; null: none.
 * Who has the colour of another has other dashes.
 * @param {number} place
 * @param {number} ratio  device pixels per CSS pixel
 */
export function dashOf(place, ratio) {
  const dash = DASHES[(place + Math.floor(place / DASHES.length)) % DASHES.length];
  return dash && { on: Math.round(dash[0] * ratio), off: Math.round(dash[1] * ratio), tall: 4 * ratio };
}

/**
 * Rectangles that make one unbroken line of columns: each reaches to its neighbour, except over
 * a gap. Four numbers each: x, upper edge, width, height, in pixels.
 *
 * @param {Columns} columns
 * @param {(value: number) => number} yAt
 * @param {number} thick  least height
 * @param {{on: number, off: number, tall: number} | null} dash  columns taller than ``tall`` are
 *   always drawn, so that no spike falls into a pause
 * @returns {Float32Array}
 */
export function columnBoxes(columns, yAt, thick, dash = null) {
  const width = columns.low.length;
  const boxes = new Float32Array(4 * width);
  let count = 0;
  let lastTop = NaN;
  let lastBottom = NaN;
  const period = dash ? dash.on + dash.off : 1;
  for (let x = 0; x < width; x += 1) {
    const low = columns.low[x];
    if (low !== low) {
      lastTop = NaN;
      continue;
    }
    let upper = yAt(columns.high[x]);
    let lower = yAt(low);
    const ownTop = upper;
    const ownBottom = lower;
    if (lastTop === lastTop) {
      if (upper > lastBottom) upper = lastBottom;
      if (lower < lastTop) lower = lastTop;
    }
    lastTop = ownTop;
    lastBottom = ownBottom;
    if (lower - upper < thick) {
      const middle = (upper + lower) / 2;
      upper = middle - thick / 2;
      lower = middle + thick / 2;
    }
    if (dash && x % period >= dash.on && lower - upper < dash.tall) continue;
    boxes[count] = x;
    boxes[count + 1] = upper;
    boxes[count + 2] = 1;
    boxes[count + 3] = lower - upper;
    count += 4;
  }
  return boxes.subarray(0, count);
}
