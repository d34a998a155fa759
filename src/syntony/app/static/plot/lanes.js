// @ts-check
import { paddedRange } from "./axes.js";
import { personColour } from "./colours.js";
import { columnBoxes, gatherColumns, gatherSamples, isClose } from "./envelope.js";
import { boxOf, drawTimeGrid, drawValues, inside, viewIn, yIn } from "./frame.js";
import { pointColumns, traceLine, visibleRange } from "./series.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */
/** @typedef {import("./frame.js").Box} Box */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("./envelope.js").AskTile} AskTile */
/** @typedef {import("./view.js").View} View */

/**
 * What one person has in a lane: evenly sampled, or single moments with a value each.
 * @typedef {object} Trace
 * @property {number} place  0: the first person, 1: the second, ...
 * @property {number | null} low
 * @property {number | null} high
 * @property {import("./envelope.js").Sampled & {gaps: number[][]} | null} channel
 * @property {{time: Float32Array, value: Float32Array} | null} points
 */

/** Beats further apart than this are not joined, in seconds. */
const LIFT_S = 3;
const TOP = 4;
const FOOT = 8;

/** A lane in which all people's signals of one kind are drawn, each on its own scale. */
export class Lane {
  /**
   * @param {Scene} scene
   * @param {Surface} surface
   * @param {Trace[]} traces
   * @param {AskTile} ask
   */
  constructor(scene, surface, traces, ask) {
    this.scene = scene;
    this.surface = surface;
    this.traces = traces;
    this.ask = ask;
    this.fitsView = false;
    this.isWhole = false;
  }

  paint() {
    const { scene, surface } = this;
    surface.fit(scene.ratio);
    surface.clear();
    const box = boxOf(scene, surface, TOP, FOOT);
    const view = viewIn(scene, box);
    drawTimeGrid(scene, surface, box);
    this.isWhole = true;
    this.traces.forEach((trace, k) => {
      const colour = personColour(scene.colours, trace.place);
      const range = this.rangeOf(trace, view);
      inside(surface, box, () => this.drawTrace(trace, box, view, range, colour));
      if (k < 2) drawValues(scene, surface, box, range, { side: k ? "right" : "left", colour });
      if (trace.channel) this.drawGaps(trace.channel.gaps, trace.place, box, view, colour);
    });
  }

  /**
   * The scale of a trace: of the whole session, or of what is on the screen.
   * @param {Trace} trace
   * @param {View} view
   * @returns {[number, number]}
   */
  rangeOf(trace, view) {
    if (!this.fitsView) return paddedRange(trace.low, trace.high);
    const columns = trace.channel
      ? gatherColumns(trace.channel, view, this.ask)
      : trace.points && pointColumns(trace.points.time, trace.points.value, view);
    let [low, high] = [Infinity, -Infinity];
    for (let x = 0; columns && x < columns.low.length; x += 1) {
      if (columns.low[x] < low) low = columns.low[x];
      if (columns.high[x] > high) high = columns.high[x];
    }
    return low <= high ? paddedRange(low, high) : paddedRange(trace.low, trace.high);
  }

  /**
   * @param {Trace} trace
   * @param {Box} box
   * @param {View} view
   * @param {[number, number]} range
   * @param {string} colour
   */
  drawTrace(trace, box, view, range, colour) {
    const yAt = (/** @type {number} */ value) => yIn(box, range, value);
    if (trace.channel && isClose(trace.channel, view)) {
      const found = gatherSamples(trace.channel, view, this.ask);
      if (found) {
        this.drawLine(found.time, found.value, view, yAt, trace.place, colour, box, Infinity);
        return;
      }
      this.isWhole = false;
    }
    if (trace.channel) {
      const columns = gatherColumns(trace.channel, view, this.ask);
      this.isWhole = this.isWhole && columns.isWhole;
      this.drawColumns(columns, yAt, trace.place, colour, box);
      return;
    }
    if (!trace.points) return;
    const { time, value } = trace.points;
    const [from, to] = visibleRange(time, view);
    if (to - from > 2 * view.width) {
      this.drawColumns(pointColumns(time, value, view), yAt, trace.place, colour, box);
    } else {
      this.drawLine(time, value, view, yAt, trace.place, colour, box, LIFT_S);
    }
  }

  /**
   * @param {import("./envelope.js").Columns} columns
   * @param {(value: number) => number} yAt
   * @param {number} place
   * @param {string} colour
   * @param {Box} box
   */
  drawColumns(columns, yAt, place, colour, box) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    const dash = place === 1 ? { on: Math.round(7 * r), off: Math.round(3 * r), tall: 4 * r } : null;
    const boxes = columnBoxes(columns, yAt, 1.4 * r, dash);
    context.fillStyle = colour;
    context.beginPath();
    for (let k = 0; k < boxes.length; k += 4) {
      context.rect(box.left + boxes[k], boxes[k + 1], 1, boxes[k + 3]);
    }
    context.fill();
  }

  /**
   * @param {ArrayLike<number>} time
   * @param {ArrayLike<number>} value
   * @param {View} view
   * @param {(value: number) => number} yAt
   * @param {number} place
   * @param {string} colour
   * @param {Box} box
   * @param {number} lift
   */
  drawLine(time, value, view, yAt, place, colour, box, lift) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    context.strokeStyle = colour;
    context.lineWidth = 1.5 * r;
    context.lineJoin = "round";
    context.setLineDash(place === 1 ? [7 * r, 3 * r] : []);
    context.beginPath();
    traceLine(context, time, value, view, yAt, { left: box.left, lift });
    context.stroke();
    context.setLineDash([]);
  }

  /**
   * Marks along the foot where a person's signal is missing, at least one pixel wide.
   * @param {number[][]} gaps
   * @param {number} place
   * @param {Box} box
   * @param {View} view
   * @param {string} colour
   */
  drawGaps(gaps, place, box, view, colour) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    const y = box.top + box.height + (1 + 3.5 * Math.min(place, 1)) * r;
    context.fillStyle = colour;
    for (const [start, stop] of gaps) {
      const from = Math.max(0, pixelAt(view, start));
      const to = Math.min(view.width, pixelAt(view, stop));
      if (to >= 0 && from <= view.width && to >= from) {
        context.fillRect(box.left + Math.floor(from), y, Math.max(r, Math.ceil(to - from)), 2.5 * r);
      }
    }
  }
}
