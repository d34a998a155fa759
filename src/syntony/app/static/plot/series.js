// @ts-check
import { pixelAt } from "./view.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {ArrayLike<number>} Numbers */

/**
 * First index whose time is not before this one; times ascend.
 * @param {Numbers} times
 * @param {number} time
 */
export function indexAt(times, time) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Which points are on the screen: [from, to), with one more on either side.
 * @param {Numbers} times
 * @param {View} view
 * @returns {[number, number]}
 */
export function visibleRange(times, view) {
  const from = Math.max(0, indexAt(times, view.start) - 1);
  return [from, Math.min(times.length, indexAt(times, view.stop) + 2)];
}

/**
 * Columns of uneven points: lowest and highest in each pixel, NaN where none falls.
 * @param {Numbers} times
 * @param {Numbers} values
 * @param {View} view
 */
export function pointColumns(times, values, view) {
  const width = Math.round(view.width);
  const low = new Float32Array(width).fill(NaN);
  const high = new Float32Array(width).fill(NaN);
  const [from, to] = visibleRange(times, view);
  for (let k = from; k < to; k += 1) {
    const x = Math.floor(pixelAt(view, times[k]));
    const v = values[k];
    if (v !== v || x < 0 || x >= width) continue;
    if (!(v >= low[x])) low[x] = v;
    if (!(v <= high[x])) high[x] = v;
  }
  return { low, high, isWhole: true };
}

/**
 * Lines through points in pixels. NaN lifts the pen, and so does a pause longer than ``lift``;
 * a lone point stays a dot.
 * @param {Pick<CanvasRenderingContext2D, "moveTo" | "lineTo">} pen
 * @param {Numbers} times
 * @param {Numbers} values
 * @param {View} view
 * @param {(value: number) => number} yAt
 * @param {{left: number, lift?: number, from?: number, to?: number}} how
 */
export function traceLine(pen, times, values, view, yAt, how) {
  const [seenFrom, seenTo] = visibleRange(times, view);
  const from = how.from ?? seenFrom;
  const to = how.to ?? seenTo;
  const lift = how.lift ?? Infinity;
  let isDown = false;
  let isLone = false;
  let lastX = 0;
  let lastY = 0;
  for (let k = from; k < to; k += 1) {
    const v = values[k];
    const isBroken = v !== v || (k > from && times[k] - times[k - 1] > lift);
    if (isBroken && isDown) {
      if (isLone) pen.lineTo(lastX + 1, lastY);
      isDown = false;
    }
    if (v !== v) continue;
    lastX = how.left + pixelAt(view, times[k]);
    lastY = yAt(v);
    if (isDown) pen.lineTo(lastX, lastY);
    else pen.moveTo(lastX, lastY);
    isLone = !isDown;
    isDown = true;
  }
  if (isDown && isLone) pen.lineTo(lastX + 1, lastY);
}

/**
 * The area between two lines, piece by piece: where either is missing there is a gap.
 * @param {Pick<CanvasRenderingContext2D, "moveTo" | "lineTo" | "closePath">} pen
 * @param {Numbers} times
 * @param {Numbers} lows
 * @param {Numbers} highs
 * @param {View} view
 * @param {(value: number) => number} yAt
 * @param {number} left
 */
export function traceBand(pen, times, lows, highs, view, yAt, left) {
  const [from, to] = visibleRange(times, view);
  const every = Math.max(1, Math.floor((to - from) / (2 * view.width)));
  let begin = -1;
  const close = (/** @type {number} */ end) => {
    if (begin < 0 || end - begin < 2) return;
    pen.moveTo(left + pixelAt(view, times[begin]), yAt(highs[begin]));
    for (let k = begin + every; k < end; k += every) {
      pen.lineTo(left + pixelAt(view, times[k]), yAt(highs[k]));
    }
    const last = begin + Math.floor((end - 1 - begin) / every) * every;
    for (let k = last; k >= begin; k -= every) pen.lineTo(left + pixelAt(view, times[k]), yAt(lows[k]));
    pen.closePath();
  };
  for (let k = from; k < to; k += 1) {
    const isThere = lows[k] === lows[k] && highs[k] === highs[k];
    if (isThere && begin < 0) begin = k;
    if (!isThere && begin >= 0) {
      close(k);
      begin = -1;
    }
  }
  if (begin >= 0) close(to);
}
