// @ts-check
import { boxOf, drawTimeGrid, inside, viewIn } from "./frame.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */
/** @typedef {import("./surface.js").Surface} Surface */

/**
 * @typedef {{label: string, valence: string, start_s: number, stop_s: number}} Code
 */

/**
 * Place and height of a code in its row, in shares of the row: told by place as well as by colour.
 * @param {string} valence
 * @returns {[number, number]}  upper edge and height
 */
export function placeOf(valence) {
  if (valence === "positive") return [0.06, 0.44];
  if (valence === "negative") return [0.5, 0.44];
  if (valence === "neutral") return [0.36, 0.28];
  return [0.14, 0.72];
}

/**
 * Rows of codes: one for each coder and person, in the order in which they come.
 * @param {(Code & {role: string, coder: string, person: string})[]} codes
 */
export function tiersOf(codes) {
  /** @type {Map<string, {role: string, coder: string, person: string, codes: Code[]}>} */
  const rows = new Map();
  for (const code of codes) {
    const key = `${code.coder}\u001f${code.person}`;
    const row = rows.get(key) ?? { role: code.role, coder: code.coder, person: code.person, codes: [] };
    row.codes.push(code);
    rows.set(key, row);
  }
  for (const row of rows.values()) row.codes.sort((a, b) => a.start_s - b.start_s);
  return [...rows.values()];
}

/** Codes of one person by one coder. */
export class TierLane {
  /**
   * @param {Scene} scene
   * @param {Surface} surface
   * @param {Code[]} codes
   */
  constructor(scene, surface, codes) {
    this.scene = scene;
    this.surface = surface;
    this.codes = codes;
  }

  paint() {
    const { scene, surface } = this;
    surface.fit(scene.ratio);
    surface.clear();
    const box = boxOf(scene, surface, 1, 1);
    const view = viewIn(scene, box);
    const { context } = surface;
    const r = scene.ratio;
    drawTimeGrid(scene, surface, box);
    inside(surface, box, () => {
      context.font = `${11 * r}px system-ui, sans-serif`;
      context.textBaseline = "middle";
      context.textAlign = "left";
      for (const code of this.codes) {
        const from = pixelAt(view, code.start_s);
        const to = pixelAt(view, code.stop_s);
        if (to < 0) continue;
        if (from > view.width) break;
        const [upper, tall] = placeOf(code.valence);
        context.fillStyle = codeColour(scene.colours, code.valence);
        const y = box.top + upper * box.height;
        context.fillRect(box.left + from, y, Math.max(r, to - from - r), tall * box.height);
        const seen = Math.min(to, view.width) - Math.max(from, 0);
        if (seen > 8 * r + context.measureText(code.label).width) {
          context.fillStyle = scene.colours.ink;
          const free = code.valence === "positive" ? 0.76 : 0.24;
          const middle = code.valence === "neutral" ? 0.84 : free;
          const at = code.valence in NAMED ? middle : 0.5;
          context.fillText(code.label, box.left + Math.max(from, 0) + 3 * r, box.top + at * box.height);
        }
      }
    });
  }
}

const NAMED = { positive: 1, negative: 1, neutral: 1 };

/**
 * @param {Record<string, string>} colours
 * @param {string} valence
 */
export function codeColour(colours, valence) {
  return valence in NAMED ? colours[valence] : colours.accent;
}
