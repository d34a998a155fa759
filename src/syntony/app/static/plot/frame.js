// @ts-check
import { clockText, tickText, timeTicks, valueTicks } from "./axes.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./surface.js").Surface} Surface */

/**
 * The part of a surface that holds the plot, in device pixels.
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/**
 * What all plots of a page share.
 * @typedef {object} Scene
 * @property {View} view           in CSS pixels
 * @property {number} ratio        device pixels per CSS pixel
 * @property {{left: number, right: number}} gutters  CSS pixels
 * @property {Record<string, string>} colours
 */

/**
 * @param {Scene} scene
 * @param {Surface} surface
 * @param {number} top     CSS pixels
 * @param {number} bottom  CSS pixels
 * @returns {Box}
 */
export function boxOf(scene, surface, top, bottom) {
  const r = scene.ratio;
  const left = Math.round(scene.gutters.left * r);
  const width = Math.max(1, surface.width - left - Math.round(scene.gutters.right * r));
  return { left, top: Math.round(top * r), width, height: surface.height - Math.round((top + bottom) * r) };
}

/**
 * The view measured in the device pixels of a box.
 * @param {Scene} scene
 * @param {Box} box
 * @returns {View}
 */
export function viewIn(scene, box) {
  return { ...scene.view, width: box.width };
}

/**
 * Hair lines at round times.
 * @param {Scene} scene
 * @param {Surface} surface
 * @param {Box} box
 */
export function drawTimeGrid(scene, surface, box) {
  const { context } = surface;
  const view = viewIn(scene, box);
  const { at } = timeTicks(view.start, view.stop, view.width / (90 * scene.ratio));
  context.fillStyle = scene.colours.line;
  for (const t of at) {
    const x = Math.round(box.left + pixelAt(view, t));
    context.fillRect(x, box.top, Math.max(1, Math.round(scene.ratio / 2)), box.height);
  }
}

/**
 * Times under a plot.
 * @param {Scene} scene
 * @param {Surface} surface
 * @param {Box} box
 * @param {number} y  baseline in device pixels
 */
export function drawTimes(scene, surface, box, y) {
  const { context } = surface;
  const view = viewIn(scene, box);
  const { at, step } = timeTicks(view.start, view.stop, view.width / (90 * scene.ratio));
  context.fillStyle = scene.colours.soft;
  context.font = `${11 * scene.ratio}px system-ui, sans-serif`;
  context.textBaseline = "alphabetic";
  for (const t of at) {
    const x = box.left + pixelAt(view, t);
    const words = clockText(t, step);
    const half = context.measureText(words).width / 2;
    context.textAlign = "left";
    context.fillText(words, Math.min(Math.max(x - half, 0), surface.width - 2 * half), y);
  }
}

/**
 * Numbers of a vertical axis, left or right of the plot.
 * @param {Scene} scene
 * @param {Surface} surface
 * @param {Box} box
 * @param {[number, number]} range
 * @param {{side: "left" | "right", colour: string}} how
 */
export function drawValues(scene, surface, box, range, how) {
  const { context } = surface;
  const r = scene.ratio;
  const ticks = valueTicks(range[0], range[1], Math.max(2, box.height / (22 * r)));
  context.fillStyle = how.colour;
  context.font = `${11 * r}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = how.side === "left" ? "right" : "left";
  const x = how.side === "left" ? box.left - 6 * r : box.left + box.width + 6 * r;
  const tick = how.side === "left" ? box.left - 4 * r : box.left + box.width;
  for (const value of ticks) {
    const y = yIn(box, range, value);
    context.fillRect(tick, Math.round(y), 4 * r, Math.max(1, Math.round(r / 2)));
    context.fillText(tickText(value, ticks), x, y);
  }
}

/**
 * Height of a value in a box.
 * @param {Box} box
 * @param {[number, number]} range
 * @param {number} value
 */
export function yIn(box, range, value) {
  return box.top + box.height * (1 - (value - range[0]) / (range[1] - range[0]));
}

/**
 * Keep what is drawn inside the box until the given function is done.
 * @param {Surface} surface
 * @param {Box} box
 * @param {() => void} draw
 */
export function inside(surface, box, draw) {
  const { context } = surface;
  context.save();
  context.beginPath();
  context.rect(box.left, 0, box.width, surface.height);
  context.clip();
  draw();
  context.restore();
}
