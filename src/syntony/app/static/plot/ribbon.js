// @ts-check
import { diverging, isDark, rampOf } from "./colours.js";
import { boxOf, drawTimes, viewIn } from "./frame.js";
import { codeColour, placeOf } from "./tiers.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("./course.js").Course} Course */
/** @typedef {import("./course.js").Mark} Mark */

/**
 * Mean of a course in each pixel of the whole session; NaN where it has no value.
 * @param {Course} course
 * @param {import("./view.js").View} view
 */
export function ribbonOf(course, view) {
  const width = Math.round(view.width);
  const sum = new Float64Array(width);
  const count = new Float64Array(width);
  const { time, mean, value } = course;
  const step = time.length > 1 ? (time[time.length - 1] - time[0]) / (time.length - 1) : 1;
  for (let k = 0; k < time.length; k += 1) {
    const v = mean[k] === mean[k] ? mean[k] : value[k];
    if (v !== v) continue;
    const from = Math.max(0, Math.floor(pixelAt(view, time[k] - step / 2)));
    const to = Math.max(from, Math.min(width, Math.ceil(pixelAt(view, time[k] + step / 2))) - 1);
    for (let x = from; x <= to; x += 1) {
      sum[x] += v;
      count[x] += 1;
    }
  }
  return sum.map((s, x) => (count[x] ? s / count[x] : NaN));
}

/**
 * The size that is drawn full: the largest of the strip, so that a weak course can be seen as well.
 * @param {ArrayLike<number>} ribbon
 */
export function sizeOf(ribbon) {
  let size = 0;
  for (let x = 0; x < ribbon.length; x += 1) if (Math.abs(ribbon[x]) > size) size = Math.abs(ribbon[x]);
  return size || 1;
}

/**
 * Height of a row of codes in the strip (CSS pixels), so that all of them have room.
 * @param {number} count  rows
 */
export function tierHeight(count) {
  return Math.min(12, 26 / Math.max(1, count) - 1);
}

/** The whole session in one strip: synchrony, moments, codes, and what is on the screen of it. */
export class Overview {
  /**
   * @param {Scene} scene
   * @param {Surface} surface
   */
  constructor(scene, surface) {
    this.scene = scene;
    this.surface = surface;
    /** @type {Course | null} */
    this.course = null;
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {import("./tiers.js").Code[][]} */
    this.tiers = [];
    /** Told which size is drawn full, and whether anything is below 0. */
    this.onSize = (/** @type {number} */ _size, /** @type {boolean} */ _signed) => {};
    /** What never moves, drawn once for a size and a theme. @type {HTMLCanvasElement | null} */
    this.still = null;
    this.made = "";
  }

  /** Draw all of it anew the next time. */
  forget() {
    this.made = "";
  }

  paint() {
    const { scene, surface } = this;
    surface.fit(scene.ratio);
    const { width, height, context } = surface;
    if (!width || !height) return;
    const box = boxOf(scene, surface, 0, 0);
    const { first, last } = scene.view;
    const whole = { ...viewIn(scene, box), start: first, stop: last };
    const want = `${width}x${height} ${scene.colours.ground} ${scene.gutters.left}`;
    if (this.made !== want || !this.still) {
      surface.clear();
      this.drawStill(box, whole);
      this.still = document.createElement("canvas");
      [this.still.width, this.still.height] = [width, height];
      this.still.getContext("2d")?.drawImage(surface.canvas, 0, 0);
      this.made = want;
    } else {
      surface.clear();
      context.drawImage(this.still, 0, 0);
    }
    this.drawWindow(box, whole);
  }

  /**
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} whole
   */
  drawStill(box, whole) {
    const { scene, surface } = this;
    const r = scene.ratio;
    const { start: first, stop: last } = whole;
    this.drawRibbon(box, whole, 4 * r, 16 * r);
    this.drawMarks(box, whole, 24 * r, 8 * r);
    const tall = tierHeight(this.tiers.length);
    this.tiers.forEach((codes, k) => this.drawCodes(codes, box, whole, (36 + k * (tall + 1)) * r, tall * r));
    drawTimes({ ...scene, view: { ...scene.view, start: first, stop: last } }, surface, box, surface.height - 4 * r);
  }

  /**
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} view
   * @param {number} y
   * @param {number} tall
   */
  drawRibbon(box, view, y, tall) {
    const { context } = this.surface;
    const { colours } = this.scene;
    context.fillStyle = colours.line;
    context.fillRect(box.left, y, box.width, tall);
    if (!this.course) return;
    const ramp = rampOf(isDark(colours.ground));
    const ribbon = ribbonOf(this.course, view);
    const size = sizeOf(ribbon);
    this.onSize(size, ribbon.some((v) => v < 0));
    ribbon.forEach((v, x) => {
      context.fillStyle = `rgb(${diverging(v, size, ramp).join(" ")})`;
      context.fillRect(box.left + x, y, 1, tall);
    });
  }

  /**
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} view
   * @param {number} y
   * @param {number} tall
   */
  drawMarks(box, view, y, tall) {
    const { context } = this.surface;
    const { colours, ratio } = this.scene;
    for (const mark of this.marks) {
      const from = box.left + pixelAt(view, mark.start_s);
      const wide = Math.max(3 * ratio, pixelAt(view, mark.stop_s) - pixelAt(view, mark.start_s));
      context.fillStyle = mark.sign < 0 ? colours.negative : colours.positive;
      if (mark.kind === "survivor") {
        context.fillRect(from, y, wide, tall);
        continue;
      }
      const x = from + wide / 2;
      const up = mark.kind === "high";
      context.beginPath();
      context.moveTo(x - 4 * ratio, up ? y + tall : y);
      context.lineTo(x + 4 * ratio, up ? y + tall : y);
      context.lineTo(x, up ? y : y + tall);
      context.fill();
    }
  }

  /**
   * @param {import("./tiers.js").Code[]} codes
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} view
   * @param {number} y
   * @param {number} tall
   */
  drawCodes(codes, box, view, y, tall) {
    const { context } = this.surface;
    for (const code of codes) {
      const from = pixelAt(view, code.start_s);
      const wide = Math.max(0.6, pixelAt(view, code.stop_s) - from);
      const [upper, height] = placeOf(code.valence);
      context.fillStyle = codeColour(this.scene.colours, code.valence);
      context.fillRect(box.left + from, y + upper * tall, wide, Math.max(1, height * tall));
    }
  }

  /**
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} whole
   */
  drawWindow(box, whole) {
    const { context, height } = this.surface;
    const { colours, view, ratio } = this.scene;
    const from = box.left + pixelAt(whole, view.start);
    const to = box.left + pixelAt(whole, view.stop);
    context.fillStyle = colours.ground;
    context.globalAlpha = 0.45;
    const foot = height - 17 * ratio;
    context.fillRect(box.left, 0, from - box.left, foot);
    context.fillRect(to, 0, box.left + box.width - to, foot);
    context.globalAlpha = 1;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5 * ratio;
    context.strokeRect(from, 0.75 * ratio, Math.max(2 * ratio, to - from), foot - 1.5 * ratio);
  }
}
