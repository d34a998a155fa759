// @ts-check
import { columnBoxes } from "./envelope.js";
import { boxOf, drawTimeGrid, drawValues, inside, viewIn, yIn } from "./frame.js";
import { pointColumns, traceBand, traceLine, visibleRange } from "./series.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */
/** @typedef {import("./surface.js").Surface} Surface */

/**
 * Synchrony over time.
 * @typedef {object} Course
 * @property {Float32Array} time
 * @property {Float32Array} value
 * @property {Float32Array} mean   running mean; NaN where none
 * @property {Float32Array} low    of the chance band
 * @property {Float32Array} high
 * @property {[number, number]} range
 */

/**
 * A stretch or moment that can be chosen.
 * @typedef {{number: number, kind: string, sign: number, start_s: number, stop_s: number}} Mark
 */

/**
 * Cut the floats that were sent into rows of equal length.
 * @param {Float32Array} floats
 * @param {number} columns
 * @param {[number, number]} range
 * @returns {Course}
 */
export function courseOf(floats, columns, range) {
  const row = (/** @type {number} */ k) => floats.subarray(k * columns, (k + 1) * columns);
  return { time: row(0), value: row(1), mean: row(2), low: row(3), high: row(4), range };
}

/** The course of synchrony with its chance band, and under it what survives. */
export class CourseLane {
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
  }

  paint() {
    const { scene, surface, course } = this;
    surface.fit(scene.ratio);
    surface.clear();
    if (!course) return;
    const { context } = surface;
    const r = scene.ratio;
    const box = boxOf(scene, surface, 10, 14);
    const view = viewIn(scene, box);
    const yAt = (/** @type {number} */ v) => yIn(box, course.range, v);
    drawTimeGrid(scene, surface, box);
    inside(surface, box, () => {
      context.fillStyle = scene.colours.neutral;
      context.globalAlpha = 0.28;
      context.beginPath();
      traceBand(context, course.time, course.low, course.high, view, yAt, box.left);
      context.fill();
      context.globalAlpha = 1;
      if (course.range[0] < 0 && course.range[1] > 0) {
        context.fillStyle = scene.colours.soft;
        context.fillRect(box.left, Math.round(yAt(0)), box.width, Math.max(1, Math.round(r / 2)));
      }
      const hasMean = course.mean.some((v) => v === v);
      this.drawCurve(course.value, view, yAt, box, hasMean ? 0.4 : 1, 1.2 * r);
      if (hasMean) this.drawCurve(course.mean, view, yAt, box, 1, 2 * r);
      this.drawMarks(box, view);
    });
    drawValues(scene, surface, box, course.range, { side: "left", colour: scene.colours.soft });
  }

  /**
   * @param {Float32Array} values
   * @param {import("./view.js").View} view
   * @param {(value: number) => number} yAt
   * @param {import("./frame.js").Box} box
   * @param {number} alpha
   * @param {number} thick
   */
  drawCurve(values, view, yAt, box, alpha, thick) {
    const course = /** @type {Course} */ (this.course);
    const { context } = this.surface;
    context.globalAlpha = alpha;
    const [from, to] = visibleRange(course.time, view);
    context.beginPath();
    if (to - from > 2 * view.width) {
      const boxes = columnBoxes(pointColumns(course.time, values, view), yAt, thick);
      for (let k = 0; k < boxes.length; k += 4) {
        context.rect(box.left + boxes[k], boxes[k + 1], 1, boxes[k + 3]);
      }
      context.fillStyle = this.scene.colours.ink;
      context.fill();
    } else {
      context.strokeStyle = this.scene.colours.ink;
      context.lineWidth = thick;
      context.lineJoin = "round";
      traceLine(context, course.time, values, view, yAt, { left: box.left });
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /**
   * Ribbon of what survives, under the line; triangles for high and low moments.
   * @param {import("./frame.js").Box} box
   * @param {import("./view.js").View} view
   */
  drawMarks(box, view) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    const { colours } = this.scene;
    for (const mark of this.marks) {
      const from = box.left + pixelAt(view, mark.start_s);
      const wide = Math.max(3 * r, pixelAt(view, mark.stop_s) - pixelAt(view, mark.start_s));
      context.fillStyle = mark.sign < 0 ? colours.negative : colours.positive;
      if (mark.kind === "survivor") {
        context.fillRect(from, box.top + box.height + 4 * r, wide, 7 * r);
        continue;
      }
      const x = from + wide / 2;
      const isHigh = mark.kind === "high";
      const y = isHigh ? box.top - 8 * r : box.top + box.height - 8 * r;
      context.globalAlpha = 0.14;
      context.fillRect(from, box.top, wide, box.height);
      context.globalAlpha = 1;
      context.beginPath();
      context.moveTo(x - 4 * r, isHigh ? y + 7 * r : y);
      context.lineTo(x + 4 * r, isHigh ? y + 7 * r : y);
      context.lineTo(x, isHigh ? y : y + 7 * r);
      context.fill();
    }
  }
}
