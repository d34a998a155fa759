// @ts-check
// The last seconds of every channel that is being recorded, drawn from bins of least and most.

import { personColour, themeColours } from "../plot/colours.js";

/** @typedef {import("../types").LiveLane} LiveLane */
/** @typedef {[number, number | null, number | null]} Bin */

const LANE_PX = 64;
const LEFT_PX = 132;
export const SHOWN_S = 30;

/** Bins of one lane, in a ring over the seconds that are shown. */
export class Ring {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.low = new Float64Array(size).fill(NaN);
    this.high = new Float64Array(size).fill(NaN);
    this.number = new Float64Array(size).fill(-1);
  }

  /** @param {Bin} bin  a bin that comes in two parts becomes one */
  add([k, low, high]) {
    const at = k % this.size;
    const isNew = this.number[at] !== k;
    const a = low ?? NaN;
    const b = high ?? NaN;
    this.low[at] = isNew || !(this.low[at] <= a) ? a : this.low[at];
    this.high[at] = isNew || !(this.high[at] >= b) ? b : this.high[at];
    this.number[at] = k;
  }

  /**
   * Bins from ``first`` to ``last``, missing ones as NaN.
   * @param {number} first
   * @param {number} last
   * @param {(k: number, low: number, high: number) => void} see
   */
  each(first, last, see) {
    for (let k = Math.max(0, first); k <= last; k += 1) {
      const at = k % this.size;
      if (this.number[at] === k) see(k, this.low[at], this.high[at]);
      else see(k, NaN, NaN);
    }
  }
}

/**
 * Room for a scale: from the least to the most, never of no height.
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
export function roomy(low, high) {
  if (!(high >= low)) return [0, 1];
  const spare = high > low ? (high - low) * 0.06 : Math.max(1e-6, Math.abs(high) * 0.01);
  return [low - spare, high + spare];
}

/**
 * Short for a scale.
 * @param {number} value
 */
export function short(value) {
  if (!Number.isFinite(value)) return "";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 1 ? 2 : 3);
}

export class LanesView {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {LiveLane[]} */
    this.lanes = [];
    /** @type {Map<number, Ring>} */
    this.rings = new Map();
    /** @type {string[]} */
    this.roles = [];
    this.binS = 1 / 30;
    this.nowS = 0;
  }

  /** @param {LiveLane[]} lanes */
  lay(lanes) {
    if (lanes.length === this.lanes.length && lanes.every((l, k) => l.stream === this.lanes[k].stream)) return;
    this.lanes = lanes;
    this.roles = [...new Set(lanes.map((l) => l.role))];
    const size = Math.ceil(SHOWN_S / this.binS) + 90;
    this.rings = new Map(lanes.map((l) => [l.number, new Ring(size)]));
    this.canvas.style.height = `${Math.max(1, lanes.length) * LANE_PX}px`;
    this.canvas.setAttribute("aria-label", lanes.map((l) => `${l.role}: ${l.label} (${l.unit})`).join("; "));
  }

  /**
   * @param {Record<string, Bin[]>} bins
   * @param {number} nowS
   * @param {number} binS
   */
  see(bins, nowS, binS) {
    this.binS = binS;
    this.nowS = nowS;
    for (const [number, some] of Object.entries(bins)) {
      const ring = this.rings.get(Number(number));
      if (ring) for (const one of some) ring.add(one);
    }
  }

  paint() {
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width || !height) return;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const colours = themeColours(canvas);
    pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    this.lanes.forEach((lane, row) => this.paintLane(pen, lane, row * LANE_PX, width, colours));
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {LiveLane} lane
   * @param {number} top
   * @param {number} width
   * @param {Record<string, string>} colours
   */
  paintLane(pen, lane, top, width, colours) {
    const ring = this.rings.get(lane.number);
    if (!ring) return;
    const last = Math.floor(this.nowS / this.binS);
    const first = last - Math.round(SHOWN_S / this.binS);
    let least = Infinity;
    let most = -Infinity;
    ring.each(first, last, (_, low, high) => {
      if (low < least) least = low;
      if (high > most) most = high;
    });
    const [floor, ceiling] = roomy(least, most);
    const x = (/** @type {number} */ k) => LEFT_PX + ((k - first) / (last - first)) * (width - LEFT_PX - 4);
    const y = (/** @type {number} */ v) => top + 6 + (1 - (v - floor) / (ceiling - floor)) * (LANE_PX - 12);
    const place = this.roles.indexOf(lane.role);
    pen.strokeStyle = colours.line;
    pen.strokeRect(LEFT_PX + 0.5, top + 3.5, width - LEFT_PX - 5, LANE_PX - 7);
    pen.fillStyle = personColour(colours, place);
    pen.fillText(lane.role, 0, top + 20, LEFT_PX - 8);
    pen.fillStyle = colours.ink;
    pen.fillText(`${lane.label}, ${lane.unit}`, 0, top + 35, LEFT_PX - 52);
    pen.fillStyle = colours.soft;
    pen.textAlign = "right";
    pen.fillText(short(most), LEFT_PX - 6, top + 15);
    pen.fillText(short(least), LEFT_PX - 6, top + LANE_PX - 8);
    pen.textAlign = "left";
    pen.strokeStyle = personColour(colours, place);
    pen.setLineDash(place === 1 ? [5, 2] : []);
    pen.lineWidth = 1.25;
    pen.beginPath();
    let isDown = false;
    ring.each(first, last, (k, low, high) => {
      if (!(low <= high)) {
        isDown = isDown && k - last > -2 ? isDown : this.bridges(ring, k, last) && isDown;
        return;
      }
      if (isDown) pen.lineTo(x(k), y(high));
      else pen.moveTo(x(k), y(high));
      if (low !== high) pen.lineTo(x(k), y(low));
      isDown = true;
    });
    pen.stroke();
    pen.setLineDash([]);
  }

  /**
   * Whether an empty bin only lies between two samples of a slow stream, and is no gap.
   * @param {Ring} ring
   * @param {number} k
   * @param {number} last
   */
  bridges(ring, k, last) {
    const most = Math.round(1 / this.binS);
    for (let next = k + 1; next <= Math.min(last, k + most); next += 1) {
      if (ring.number[next % ring.size] === next) return true;
    }
    return false;
  }
}
