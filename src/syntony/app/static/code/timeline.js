// @ts-check
// The tiers on a canvas: an overview of the whole session, and below it a stretch to work in.

import { laneHeight, placeOf, rowsOf } from "./rows.js";
import { LEAST_S, exclusiveTier, stopOf } from "./tiers.js";
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
const EDGE = 6;
/** What a letter takes (px). */
const LETTER = 10;

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
    this.height = 0;
    /** @type {Map<string, {top: number, tall: number, row: Map<number, number>}>} */
    this.places = new Map();
    this.layOut([]);
  }

  /** Give every lane the rows that its codes need. @param {Given[]} events */
  layOut(events) {
    let top = OVERVIEW + AXIS;
    for (const { id } of this.lanes) {
      const { row, count } = rowsOf(events.filter((e) => e.person === id), id, this.book);
      this.places.set(id, { top, tall: laneHeight(count), row });
      top += laneHeight(count);
    }
    if (this.height === top + 4) return;
    this.height = top + 4;
    this.canvas.style.height = `${this.height}px`;
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
    return this.lanes.find((l) => y >= this.place(l.id).top && y < this.place(l.id).top + this.place(l.id).tall) ?? null;
  }

  /** @param {number} y */
  isOverview(y) {
    return y < OVERVIEW;
  }

  /** @param {string} lane */
  place(lane) {
    return /** @type {{top: number, tall: number, row: Map<number, number>}} */ (this.places.get(lane));
  }

  /** Where a code lies, up and down. @param {Given} e @returns {{y: number, tall: number}} */
  band(e) {
    const { top, row } = this.place(e.person);
    const { y, tall } = placeOf(row.get(e.id) ?? 0);
    return { y: top + y, tall };
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
    const here = events.filter((e) => {
      if (e.person !== lane.id) return false;
      const { y: top, tall } = this.band(e);
      return y < top + tall + 2 && (y >= top - 1 || !(this.place(lane.id).row.get(e.id) ?? 0)); // the first row has the title's
    });
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
    this.layOut([...shown.events, ...shown.running]);
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
    const hasFree = [...this.book.values()].some((c) => !c.exclusive);
    for (const e of [...shown.events, ...shown.running]) {
      const lane = Math.max(0, this.lanes.findIndex((l) => l.id === e.person));
      const [from, share] = !hasFree ? [0, 1] : exclusiveTier(e, this.book) === null ? [0.6, 0.4] : [0, 0.6];
      g.fillStyle = this.fill(e, colour);
      g.fillRect(px(e.onset_s), 2 + (lane + from) * tall, Math.max(1, px(stopOf(e)) - px(e.onset_s)), share * tall - 1);
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
    const { top, tall } = this.place(lane.id);
    g.fillStyle = colour(lane.id === shown.person ? "--hover" : "--panel");
    g.fillRect(0, top, this.width, tall - 3);
    if (shown.loop) {
      g.fillStyle = colour("--band");
      g.fillRect(this.x(shown.loop.from_s), top, this.x(shown.loop.to_s) - this.x(shown.loop.from_s), tall - 3);
    }
    const here = (/** @type {Given[]} */ list) => list.filter((e) => e.person === lane.id);
    for (const e of here(shown.events)) this.drawCode(g, e, shown.selected === e.id, colour);
    for (const e of here(shown.running)) this.drawCode(g, e, true, colour);
    this.drawLetters(g, [...here(shown.events), ...here(shown.running)], colour);
    const drag = this.drag;
    if (drag?.kind === "new" && drag.lane === lane.id) {
      const [a, b] = [Math.min(drag.from_s, drag.to_s), Math.max(drag.from_s, drag.to_s)];
      g.setLineDash([4, 3]);
      g.strokeStyle = colour("--ink");
      g.strokeRect(this.x(a), top + 16, Math.max(1, this.x(b) - this.x(a)), 24);
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
   * @param {CanvasRenderingContext2D} g @param {Given} e
   * @param {boolean} chosen @param {(n: string) => string} colour
   */
  drawCode(g, e, chosen, colour) {
    const a = this.x(e.onset_s);
    const b = this.x(stopOf(e));
    if (b < -8 || a > this.width + 8) return;
    const { y, tall } = this.band(e);
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
    if (this.hasRoom(e)) {
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

  /** @param {Given} e @returns {boolean} whether its name fits into it */
  hasRoom(e) {
    return e.duration_s >= LEAST_S && this.x(stopOf(e)) - Math.max(this.x(e.onset_s), 0) > 28;
  }

  /**
   * What is too narrow for its name shows the letter of its key, as the palette does: a colour alone
   * does not tell codes apart. Where letters would lie on one another the first of them stands.
   * @param {CanvasRenderingContext2D} g @param {Given[]} events @param {(n: string) => string} colour
   */
  drawLetters(g, events, colour) {
    /** @type {Map<number, number>} where the last letter of each row ends */
    const ends = new Map();
    g.font = `600 11px ${getComputedStyle(this.canvas).fontFamily}`;
    g.textAlign = "center";
    g.lineJoin = "round";
    g.lineWidth = 3;
    for (const e of [...events].sort((a, b) => a.onset_s - b.onset_s)) {
      const [a, b] = [Math.max(0, this.x(e.onset_s)), Math.min(this.width, this.x(stopOf(e)))];
      const { y, tall } = this.band(e);
      const x = (a + b) / 2;
      if (this.hasRoom(e) || b < a || x - LETTER / 2 < (ends.get(y) ?? -Infinity)) continue;
      const letter = this.book.get(e.code)?.key || e.code[0];
      const isInside = e.duration_s < LEAST_S ? tall > 20 : b - a >= LETTER + 2;
      if (!isInside) {
        g.strokeStyle = colour("--ground");
        g.strokeText(letter, x, y + tall / 2 + 1);
      }
      g.fillStyle = isInside ? inkOn(this.fill(e, colour)) : colour("--ink");
      g.fillText(letter, x, y + tall / 2 + 1);
      ends.set(y, x + LETTER / 2);
    }
    g.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
    g.textAlign = "left";
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
