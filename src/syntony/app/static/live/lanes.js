// @ts-check
// The last seconds of every channel that is being recorded, drawn from bins of least and most.

import { personColour, rgbOf, themeColours } from "../plot/colours.js";
import { columnBoxes, dashOf } from "../plot/envelope.js";
import { fillBoxes } from "../plot/raster.js";

/** @typedef {import("../types").LiveLane} LiveLane */
/** @typedef {import("../plot/envelope.js").Columns} Columns */
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
   * Bins from ``first`` to ``last`` on the columns of a picture. Between two bins that are no more
   * than ``most`` apart a slow stream has none: a straight line stands there. A bin whose samples
   * are missing is a gap, as is a longer wait.
   *
   * @param {number} first
   * @param {number} last
   * @param {number} width
   * @param {number} most
   * @returns {Columns & {least: number, greatest: number}}
   */
  columns(first, last, width, most) {
    const low = new Float32Array(width).fill(NaN);
    const high = new Float32Array(width).fill(NaN);
    const scale = width / (last + 1 - first);
    let [least, greatest] = [Infinity, -Infinity];
    let before = -1;
    for (let k = Math.max(0, first); k <= last; k += 1) {
      const at = k % this.size;
      if (this.number[at] !== k) continue;
      const [a, b] = [this.low[at], this.high[at]];
      if (!(a <= b)) {
        before = -1;
        continue;
      }
      if (a < least) least = a;
      if (b > greatest) greatest = b;
      const from = Math.floor((k - first) * scale);
      const until = Math.max(from + 1, Math.floor((k + 1 - first) * scale));
      for (let x = from; x < until; x += 1) {
        if (!(a >= low[x])) low[x] = a;
        if (!(b <= high[x])) high[x] = b;
      }
      if (before >= 0 && k - before > 1 && k - before <= most) {
        const begin = Math.floor((before + 1 - first) * scale);
        const start = this.high[before % this.size];
        for (let x = begin; x < from; x += 1) {
          low[x] = high[x] = start + ((x - begin + 1) / (from - begin + 1)) * (b - start);
        }
      }
      before = k;
    }
    return { low, high, isWhole: true, least, greatest };
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
    /** What the labels say, by lane. @type {Map<number, string>} */
    this.labels = new Map();
    this.look = "";
    /** Pixels of one lane, used for each in turn. @type {ImageData | null} */
    this.picture = null;
  }

  /** @param {LiveLane[]} lanes */
  lay(lanes) {
    if (lanes.length === this.lanes.length && lanes.every((l, k) => l.stream === this.lanes[k].stream)) return;
    this.lanes = lanes;
    this.roles = [...new Set(lanes.map((l) => l.role))];
    const size = Math.ceil(SHOWN_S / this.binS) + 90;
    this.rings = new Map(lanes.map((l) => [l.number, new Ring(size)]));
    this.labels.clear();
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
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    const pen = canvas.getContext("2d");
    if (!width || !height || !pen) return;
    const colours = themeColours(canvas);
    const look = `${width} ${height} ${ratio} ${colours.ink} ${colours.first}`;
    if (look !== this.look) {
      canvas.width = width; // which clears it, too
      canvas.height = height;
      this.look = look;
      this.labels.clear();
    }
    this.lanes.forEach((lane, row) => this.paintLane(pen, lane, row, ratio, colours));
  }

  /**
   * The picture of a lane is put in place whole, and its labels only where they changed.
   * @param {CanvasRenderingContext2D} pen
   * @param {LiveLane} lane
   * @param {number} row
   * @param {number} ratio
   * @param {Record<string, string>} colours
   */
  paintLane(pen, lane, row, ratio, colours) {
    const ring = this.rings.get(lane.number);
    if (!ring) return;
    const place = this.roles.indexOf(lane.role);
    const left = Math.round(LEFT_PX * ratio);
    const width = Math.max(1, pen.canvas.width - left - Math.round(4 * ratio));
    const height = Math.round((LANE_PX - 7) * ratio);
    const top = Math.round((row * LANE_PX + 3.5) * ratio);
    const last = Math.floor(this.nowS / this.binS);
    const first = last - Math.round(SHOWN_S / this.binS);
    const columns = ring.columns(first, last, width, Math.round(1 / this.binS) + 1);
    const [floor, ceiling] = roomy(columns.least, columns.greatest);
    const y = (/** @type {number} */ v) => (1 - (v - floor) / (ceiling - floor)) * (height - 5 * ratio) + 2.5 * ratio;
    if (this.picture?.width !== width || this.picture.height !== height) this.picture = new ImageData(width, height);
    const pixels = new Uint32Array(this.picture.data.buffer);
    pixels.fill(0);
    fillBoxes(pixels, width, columnBoxes(columns, y, 1.4 * ratio, dashOf(place, ratio)), rgbOf(personColour(colours, place)));
    pen.putImageData(this.picture, left, top);
    pen.lineWidth = ratio;
    pen.strokeStyle = colours.line;
    pen.strokeRect(left + ratio / 2, top + ratio / 2, width - ratio, height - ratio);
    const label = [lane.role, `${lane.label}, ${lane.unit}`, short(columns.greatest), short(columns.least)];
    if (this.labels.get(row) === label.join("\n")) return;
    this.labels.set(row, label.join("\n"));
    this.paintLabel(pen, label, row, ratio, [personColour(colours, place), colours.ink, colours.soft]);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {string[]} label  who, what, the greatest and the least value
   * @param {number} row
   * @param {number} ratio
   * @param {string[]} inks  of who, of what, of the values
   */
  paintLabel(pen, [who, what, greatest, least], row, ratio, inks) {
    pen.save();
    pen.setTransform(ratio, 0, 0, ratio, 0, row * LANE_PX * ratio);
    pen.font = `12px ${getComputedStyle(pen.canvas).fontFamily}`;
    pen.clearRect(0, 0, LEFT_PX - 1, LANE_PX);
    pen.fillStyle = inks[0];
    pen.fillText(who, 0, 20, LEFT_PX - 8);
    pen.fillStyle = inks[1];
    pen.fillText(what, 0, 35, LEFT_PX - 52);
    pen.fillStyle = inks[2];
    pen.textAlign = "right";
    pen.fillText(greatest, LEFT_PX - 6, 15);
    pen.fillText(least, LEFT_PX - 6, LANE_PX - 8);
    pen.restore();
  }
}
