// @ts-check
// One channel of one person: the signal below, marks and the chosen stretch above it.

import { boxOf, viewIn } from "../plot/frame.js";
import { Lane } from "../plot/lanes.js";
import { lineOf } from "../plot/legend.js";
import { Surface } from "../plot/surface.js";
import { pixelAt } from "../plot/view.js";

/** @typedef {import("../plot/frame.js").Scene} Scene */
/** @typedef {import("../plot/lanes.js").Trace} Trace */
/** @typedef {import("../types").MarkShown} MarkShown */

/** Marks over a lane; hatched, so that they are told from gaps without colour. */
export class MarkLayer {
  /**
   * @param {Scene} scene
   * @param {Surface} surface
   * @param {string} person
   * @param {string} kind
   */
  constructor(scene, surface, person, kind) {
    this.scene = scene;
    this.surface = surface;
    this.person = person;
    this.kind = kind;
    /** @type {MarkShown[]} */
    this.marks = [];
    /** @type {[number, number] | null} */
    this.chosen = null;
  }

  /** @param {MarkShown[]} all  of the session */
  take(all) {
    this.marks = all.filter(
      (m) => !m.withdrawn_at && m.person === this.person && (m.kind === this.kind || m.kind === "*"),
    );
  }

  paint() {
    const { scene, surface } = this;
    surface.fit(scene.ratio);
    surface.clear();
    for (const mark of this.marks) this.hatch(mark.start_s, mark.stop_s);
    if (this.chosen) this.frame(...this.chosen);
  }

  /**
   * Left and right edge of a stretch in device pixels; null where it is not on the screen.
   *
   * @param {number} start
   * @param {number} stop
   * @returns {{left: number, width: number} | null}
   */
  edges(start, stop) {
    const box = boxOf(this.scene, this.surface, 0, 0);
    const view = viewIn(this.scene, box);
    const from = Math.max(0, pixelAt(view, start));
    const to = Math.min(box.width, pixelAt(view, stop));
    if (to < 0 || from > box.width) return null;
    return { left: box.left + from, width: Math.max(2 * this.scene.ratio, to - from) };
  }

  /**
   * @param {number} start
   * @param {number} stop
   */
  hatch(start, stop) {
    const where = this.edges(start, stop);
    if (!where) return;
    const { context, height } = this.surface;
    const r = this.scene.ratio;
    context.save();
    context.beginPath();
    context.rect(where.left, 0, where.width, height);
    context.clip();
    context.globalAlpha = 0.14;
    context.fillStyle = this.scene.colours.alarm;
    context.fillRect(where.left, 0, where.width, height);
    context.globalAlpha = 0.75;
    context.strokeStyle = this.scene.colours.alarm;
    context.lineWidth = r;
    context.beginPath();
    const first = Math.floor((where.left - height) / (7 * r)) * 7 * r; // fixed to the page, not to the mark
    for (let x = first; x < where.left + where.width; x += 7 * r) {
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
    }
    context.stroke();
    context.restore();
  }

  /**
   * @param {number} start
   * @param {number} stop
   */
  frame(start, stop) {
    const where = this.edges(start, stop);
    if (!where) return;
    const { context, height } = this.surface;
    const r = this.scene.ratio;
    context.fillStyle = this.scene.colours.accent;
    context.globalAlpha = 0.18;
    context.fillRect(where.left, 0, where.width, height);
    context.globalAlpha = 1;
    context.fillRect(where.left, 0, 1.5 * r, height);
    context.fillRect(where.left + where.width - 1.5 * r, 0, 1.5 * r, height);
  }
}

/**
 * A lane on the page: its head, the canvas of the signal and that of the marks.
 *
 * @param {Scene} scene
 * @param {Trace} trace
 * @param {import("../plot/envelope.js").AskTile} ask
 * @param {{title: string, unit: string, label: string, share: string, person: string, kind: string}} about
 */
export function makeLane(scene, trace, ask, about) {
  const lane = document.createElement("div");
  lane.className = "lane";
  const head = document.createElement("div");
  head.className = "lane-head";
  const title = document.createElement("h3");
  title.append(lineOf(trace.place), about.title);
  const more = document.createElement("span");
  more.className = "soft";
  more.textContent = [about.unit, about.share].filter(Boolean).join(" · ");
  head.append(title, more);
  const drawn = document.createElement("div");
  drawn.className = "drawn";
  const [under, over] = [document.createElement("canvas"), document.createElement("canvas")];
  under.setAttribute("role", "img");
  under.setAttribute("aria-label", about.label);
  over.setAttribute("aria-hidden", "true");
  drawn.append(under, over);
  lane.append(head, drawn);
  return {
    lane,
    drawn,
    signal: new Lane(scene, new Surface(under), [trace], ask),
    layer: new MarkLayer(scene, new Surface(over), about.person, about.kind),
  };
}
