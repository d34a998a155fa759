// @ts-check
// The tiers on a canvas: an overview of the whole session, and below it a stretch to work in.

import { LEAST_S, stopOf } from "./tiers.js";
import { clockText } from "./player.js";

/**
 * @typedef {import("./tiers.js").Given} Given
 * @typedef {import("../types").CodeShape} Code
 * @typedef {{id: string, label: string, second: boolean}} Lane
 * @typedef {{events: Given[], running: Given[], selected: number | null, person: string, time_s: number, loop: {from_s: number, to_s: number} | null}} Shown
 * @typedef {{kind: "new", lane: string, from_s: number, to_s: number} | {kind: "move", id: number, by_s: number} | {kind: "trim", id: number, edge: "start" | "stop", to_s: number}} Drag
 */

const OVERVIEW = 28;
const AXIS = 20;
const LANE = 46;
const EDGE = 6;

export class Timeline {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Lane[]} lanes
   * @param {Map<string, Code>} book
   * @param {{start_s: number, stop_s: number}} span
   */
  constructor(canvas, lanes, book, span) {
    this.canvas = canvas;
    this.lanes = lanes;
    this.book = book;
    this.span = span;
    this.view = { from_s: span.start_s, to_s: Math.min(span.stop_s, span.start_s + 60) };
    /** @type {Drag | null} */
    this.drag = null;
    this.height = OVERVIEW + AXIS + lanes.length * LANE + 4;
    canvas.style.height = `${this.height}px`;
  }

  get width() {
    return this.canvas.clientWidth || 300;
  }

  /** @param {number} t */
  x(t) {
    return ((t - this.view.from_s) / (this.view.to_s - this.view.from_s)) * this.width;
  }

  /** @param {number} x */
  timeAt(x) {
    return this.view.from_s + (x / this.width) * (this.view.to_s - this.view.from_s);
  }

  /** @param {number} x */
  overviewTime(x) {
    return this.span.start_s + (x / this.width) * (this.span.stop_s - this.span.start_s);
  }

  /** @param {number} y @returns {Lane | null} */
  laneAt(y) {
    return this.lanes[Math.floor((y - OVERVIEW - AXIS) / LANE)] ?? null;
  }

  /** @param {number} y */
  isOverview(y) {
    return y < OVERVIEW;
  }

  /** @param {string} lane */
  top(lane) {
    return OVERVIEW + AXIS + this.lanes.findIndex((l) => l.id === lane) * LANE;
  }

  /** Keep the playhead in sight. @param {number} t */
  follow(t) {
    const length = this.view.to_s - this.view.from_s;
    if (t < this.view.from_s || t > this.view.to_s - length * 0.08) this.show(t - length * 0.15, length);
  }

  /** @param {number} from_s @param {number} length */
  show(from_s, length) {
    const whole = this.span.stop_s - this.span.start_s;
    const long = Math.min(whole, Math.max(4, length));
    const from = Math.min(Math.max(from_s, this.span.start_s), this.span.stop_s - long);
    this.view = { from_s: from, to_s: from + long };
  }

  /** @param {number} factor @param {number} about_s */
  zoom(factor, about_s) {
    const length = this.view.to_s - this.view.from_s;
    const share = (about_s - this.view.from_s) / length;
    this.show(about_s - length * factor * share, length * factor);
  }

  /**
   * What lies under the pointer: a code with the edge that is near, or nothing.
   * @param {Given[]} events @param {number} x @param {number} y
   * @returns {{event: Given, edge: "start" | "stop" | null} | null}
   */
  hit(events, x, y) {
    const lane = this.laneAt(y);
    if (!lane || y < OVERVIEW + AXIS) return null;
    const here = events.filter((e) => e.person === lane.id);
    for (const e of [...here].reverse()) {
      const a = this.x(e.onset_s);
      const b = this.x(stopOf(e));
      const wide = b - a > 3 * EDGE;
      if (e.duration_s > 0 && Math.abs(x - a) <= EDGE && (!wide || x <= a + EDGE)) return { event: e, edge: "start" };
      if (e.duration_s > 0 && Math.abs(x - b) <= EDGE) return { event: e, edge: "stop" };
      if (x >= a - 4 && x <= b + 4) return { event: e, edge: null };
    }
    return null;
  }

  /** @param {Shown} shown */
  draw(shown) {
    const ratio = window.devicePixelRatio || 1;
    const width = this.width;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(this.height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(this.height * ratio);
    }
    const g = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const css = getComputedStyle(this.canvas);
    const colour = (/** @type {string} */ name) => css.getPropertyValue(name).trim();
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, this.height);
    g.font = `12px ${css.fontFamily}`;
    g.textBaseline = "middle";
    this.drawOverview(g, shown, colour);
    this.drawAxis(g, colour);
    for (const lane of this.lanes) this.drawLane(g, lane, shown, colour);
    const at = this.x(shown.time_s);
    g.fillStyle = colour("--alarm");
    g.fillRect(Math.round(at) - 1, OVERVIEW, 2, this.height - OVERVIEW);
  }

  /** @param {CanvasRenderingContext2D} g @param {Shown} shown @param {(n: string) => string} colour */
  drawOverview(g, shown, colour) {
    const whole = this.span.stop_s - this.span.start_s || 1;
    const px = (/** @type {number} */ t) => ((t - this.span.start_s) / whole) * this.width;
    g.fillStyle = colour("--panel");
    g.fillRect(0, 0, this.width, OVERVIEW - 4);
    const tall = (OVERVIEW - 8) / this.lanes.length;
    for (const e of [...shown.events, ...shown.running]) {
      const row = Math.max(0, this.lanes.findIndex((l) => l.id === e.person));
      g.fillStyle = this.fill(e, colour);
      g.fillRect(px(e.onset_s), 2 + row * tall, Math.max(1, px(stopOf(e)) - px(e.onset_s)), tall - 1);
    }
    g.strokeStyle = colour("--ink");
    g.lineWidth = 1.5;
    const a = px(this.view.from_s);
    g.strokeRect(a + 0.75, 0.75, Math.max(3, px(this.view.to_s) - a) - 1.5, OVERVIEW - 5.5);
    g.fillStyle = colour("--alarm");
    g.fillRect(Math.round(px(shown.time_s)) - 1, 0, 2, OVERVIEW - 4);
  }

  /** @param {CanvasRenderingContext2D} g @param {(n: string) => string} colour */
  drawAxis(g, colour) {
    const length = this.view.to_s - this.view.from_s;
    const wanted = (length * 90) / this.width;
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800].find((s) => s >= wanted) ?? 3600;
    g.fillStyle = colour("--soft");
    g.textAlign = "left";
    for (let t = Math.ceil(this.view.from_s / step) * step; t <= this.view.to_s; t += step) {
      const x = Math.round(this.x(t));
      g.fillRect(x, OVERVIEW + AXIS - 5, 1, 5);
      g.fillText(clockText(t).replace(/\.0$/, ""), x + 4, OVERVIEW + AXIS / 2 - 1);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} g @param {Lane} lane @param {Shown} shown
   * @param {(n: string) => string} colour
   */
  drawLane(g, lane, shown, colour) {
    const top = this.top(lane.id);
    g.fillStyle = colour(lane.id === shown.person ? "--hover" : "--panel");
    g.fillRect(0, top, this.width, LANE - 3);
    if (shown.loop) {
      g.fillStyle = colour("--band");
      g.fillRect(this.x(shown.loop.from_s), top, this.x(shown.loop.to_s) - this.x(shown.loop.from_s), LANE - 3);
    }
    for (const e of shown.events) if (e.person === lane.id) this.drawCode(g, e, top, shown.selected === e.id, colour);
    for (const e of shown.running) if (e.person === lane.id) this.drawCode(g, e, top, true, colour);
    const drag = this.drag;
    if (drag?.kind === "new" && drag.lane === lane.id) {
      const [a, b] = [Math.min(drag.from_s, drag.to_s), Math.max(drag.from_s, drag.to_s)];
      g.setLineDash([4, 3]);
      g.strokeStyle = colour("--ink");
      g.strokeRect(this.x(a), top + 16, Math.max(1, this.x(b) - this.x(a)), LANE - 22);
      g.setLineDash([]);
    }
    const y = top + 8;
    g.strokeStyle = colour(lane.second ? "--second" : "--first");
    g.lineWidth = 3;
    g.setLineDash(lane.second ? [5, 3] : []);
    g.beginPath();
    g.moveTo(6, y);
    g.lineTo(26, y);
    g.stroke();
    g.setLineDash([]);
    g.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
    const wide = g.measureText(lane.label).width;
    g.fillStyle = colour("--ground");
    g.globalAlpha = 0.8;
    g.fillRect(30, top + 1, wide + 6, 14);
    g.globalAlpha = 1;
    g.fillStyle = colour(lane.id === shown.person ? "--ink" : "--soft");
    g.textAlign = "left";
    g.fillText(lane.label, 33, y);
  }

  /**
   * @param {CanvasRenderingContext2D} g @param {Given} e @param {number} top
   * @param {boolean} chosen @param {(n: string) => string} colour
   */
  drawCode(g, e, top, chosen, colour) {
    const a = this.x(e.onset_s);
    const b = this.x(stopOf(e));
    if (b < -8 || a > this.width + 8) return;
    const y = top + 16;
    const tall = LANE - 21;
    g.fillStyle = this.fill(e, colour);
    if (e.duration_s < LEAST_S) {
      g.beginPath();
      g.moveTo(a, y);
      g.lineTo(a + 7, y + tall / 2);
      g.lineTo(a, y + tall);
      g.lineTo(a - 7, y + tall / 2);
      g.closePath();
      g.fill();
    } else {
      g.fillRect(a, y, Math.max(2, b - a), tall);
    }
    if (chosen) {
      g.strokeStyle = colour("--ink");
      g.lineWidth = 2;
      g.strokeRect(Math.min(a, a - (e.duration_s < LEAST_S ? 8 : 0)), y - 1, Math.max(3, b - a) + (e.duration_s < LEAST_S ? 13 : 0), tall + 2);
    }
    const title = this.book.get(e.code)?.name.replaceAll("_", " ") ?? e.code;
    const left = Math.max(a, 0) + 6;
    if (e.duration_s >= LEAST_S && b - left > 22) {
      g.save();
      g.beginPath();
      g.rect(left, y, Math.min(b, this.width) - left - 3, tall);
      g.clip();
      g.fillStyle = inkOn(this.fill(e, colour));
      g.textAlign = "left";
      g.fillText(e.comment ? `${title} ✎` : title, left, y + tall / 2 + 1);
      g.restore();
    }
  }

  /** @param {Given} e @param {(n: string) => string} colour @returns {string} */
  fill(e, colour) {
    return this.book.get(e.code)?.colour || colour("--neutral");
  }
}

/**
 * Black or white, whichever is the more legible on a colour.
 * @param {string} colour  #rrggbb
 * @returns {string}
 */
export function inkOn(colour) {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return "#ffffff";
  const [r, g, b] = found.slice(1).map((x) => {
    const c = parseInt(x, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}
