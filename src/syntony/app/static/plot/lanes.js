// @ts-check
import { paddedRange } from "./axes.js";
import { personColour, rgbOf } from "./colours.js";
import { columnBoxes, dashOf, gatherColumns, gatherSamples, isClose } from "./envelope.js";
import { boxOf, drawTimeGrid, drawValues, inside, viewIn, yIn } from "./frame.js";
import { fillBoxes } from "./raster.js";
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

/**
 * Room under a lane for a row of stripes for each trace, in CSS pixels.
 * @param {number} count
 */
export function footOf(count) {
  return 1 + 3.5 * Math.max(2, count);
}

/**
 * Whether a trace is of moments that have no value.
 * @param {Trace} trace
 */
function isOfMoments(trace) {
  return trace.channel === null && trace.low === null;
}

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
    /** Told the scale of each trace when it is drawn. */
    this.onRange = (/** @type {number} */ _row, /** @type {[number, number]} */ _range) => {};
    this.fitsView = false;
    this.isWhole = false;
    /** Pixels of the plot, kept from frame to frame. @type {ImageData | null} */
    this.picture = null;
  }

  paint() {
    const { scene, surface } = this;
    surface.fit(scene.ratio);
    surface.clear();
    const box = boxOf(scene, surface, TOP, footOf(this.traces.length));
    const view = viewIn(scene, box);
    this.isWhole = true;
    const ranges = this.traces.map((trace) => this.rangeOf(trace, view));
    this.drawAllColumns(box, view, ranges);
    this.traces.forEach((trace, k) => {
      const colour = personColour(scene.colours, trace.place);
      const range = ranges[k];
      inside(surface, box, () => this.drawClose(trace, box, view, range, colour));
    });
    surface.context.globalCompositeOperation = "destination-over"; // the grid lies behind
    drawTimeGrid(scene, surface, box);
    surface.context.globalCompositeOperation = "source-over";
    this.traces.forEach((trace, k) => {
      const colour = personColour(scene.colours, trace.place);
      const range = ranges[k];
      if (isOfMoments(trace)) this.drawTicks(trace, k, box, view, colour);
      else if (k < 2) drawValues(scene, surface, box, range, { side: k ? "right" : "left", colour });
      if (!isOfMoments(trace)) this.onRange(k, range);
      if (trace.channel) this.drawGaps(trace.channel.gaps, k, box, view, colour);
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
   * Whether a trace is drawn point by point, rather than as columns.
   * @param {Trace} trace
   * @param {View} view
   */
  isByPoint(trace, view) {
    if (trace.channel) return isClose(trace.channel, view);
    if (!trace.points) return false;
    const [from, to] = visibleRange(trace.points.time, view);
    return to - from <= 2 * view.width;
  }

  /**
   * Draw every trace that has more samples than pixels, all in one picture. Where the single
   * samples of a close view are on their way, its columns stand in.
   * @param {Box} box
   * @param {View} view
   * @param {[number, number][]} ranges
   */
  drawAllColumns(box, view, ranges) {
    const { context, height } = this.surface;
    const r = this.scene.ratio;
    if (this.picture?.width !== box.width || this.picture.height !== height) {
      this.picture = new ImageData(box.width, height);
    }
    const pixels = new Uint32Array(this.picture.data.buffer);
    pixels.fill(0);
    this.traces.forEach((trace, k) => {
      const columns = this.columnsOf(trace, view);
      if (!columns) return;
      this.isWhole = this.isWhole && columns.isWhole;
      const dash = this.traces.length > 1 ? dashOf(trace.place, r) : null; // alone, a pause would look like a gap
      const boxes = columnBoxes(columns, (value) => yIn(box, ranges[k], value), 1.4 * r, dash);
      fillBoxes(pixels, box.width, boxes, rgbOf(personColour(this.scene.colours, trace.place)));
    });
    context.putImageData(this.picture, box.left, 0);
  }

  /**
   * @param {Trace} trace
   * @param {View} view
   * @returns {import("./envelope.js").Columns | null}
   */
  columnsOf(trace, view) {
    const isByPoint = this.isByPoint(trace, view);
    if (trace.channel) {
      if (isByPoint && gatherSamples(trace.channel, view, this.ask)) return null;
      const columns = gatherColumns(trace.channel, view, this.ask);
      return isByPoint ? { ...columns, isWhole: false } : columns;
    }
    if (!trace.points || isByPoint) return null;
    return pointColumns(trace.points.time, trace.points.value, view);
  }

  /**
   * Draw a trace that has fewer samples than pixels, as a line.
   * @param {Trace} trace
   * @param {Box} box
   * @param {View} view
   * @param {[number, number]} range
   * @param {string} colour
   */
  drawClose(trace, box, view, range, colour) {
    if (!this.isByPoint(trace, view)) return;
    const yAt = (/** @type {number} */ value) => yIn(box, range, value);
    const found = trace.channel ? gatherSamples(trace.channel, view, this.ask) : trace.points;
    if (!found) return;
    const lift = trace.channel ? Infinity : LIFT_S;
    this.drawLine(found.time, found.value, view, yAt, trace.place, colour, box, lift);
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
    const dash = dashOf(place, r);
    context.setLineDash(dash ? [dash.on, dash.off] : []);
    context.beginPath();
    traceLine(context, time, value, view, yAt, { left: box.left, lift });
    context.stroke();
    context.setLineDash([]);
  }

  /**
   * Moments without a value, such as markers: a tick each, one person's above the other's.
   * @param {Trace} trace
   * @param {number} row  of the lane's traces
   * @param {Box} box
   * @param {View} view
   * @param {string} colour
   */
  drawTicks(trace, row, box, view, colour) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    const height = box.height / Math.max(2, this.traces.length);
    const times = trace.points?.time ?? [];
    const [from, to] = visibleRange(times, view);
    inside(this.surface, box, () => {
      context.fillStyle = colour;
      for (let k = from; k < to; k += 1) {
        const x = box.left + pixelAt(view, times[k]);
        context.fillRect(Math.round(x), box.top + row * height, Math.max(1, 1.5 * r), height - 2 * r);
      }
    });
  }

  /**
   * Stripes along the foot where a person's signal is missing, at least one pixel wide.
   * @param {number[][]} gaps
   * @param {number} row  of the lane's traces: nobody's stripes lie on another's
   * @param {Box} box
   * @param {View} view
   * @param {string} colour
   */
  drawGaps(gaps, row, box, view, colour) {
    const { context } = this.surface;
    const r = this.scene.ratio;
    const y = box.top + box.height + (1.5 + 3.5 * row) * r;
    context.fillStyle = colour;
    context.beginPath();
    for (const [start, stop] of gaps) {
      const from = Math.floor(Math.max(0, pixelAt(view, start)));
      const to = Math.ceil(Math.min(view.width, pixelAt(view, stop)));
      for (let x = from; x < to || x === from; x += 4 * r) {
        if (x >= 0 && x <= view.width && from <= to) {
          context.rect(box.left + x, y, Math.max(r, Math.min(2 * r, to - x)), 2.5 * r);
        }
      }
    }
    context.fill();
  }
}
