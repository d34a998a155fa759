// @ts-check
// The scale while rating, and the picture of what was rated.

import { clockText } from "../code/player.js";

/** @param {HTMLCanvasElement} canvas */
function prepared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
  }
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, w, h);
  const css = getComputedStyle(canvas);
  g.font = `12px ${css.fontFamily}`;
  return { g, w, h, colour: (/** @type {string} */ n) => css.getPropertyValue(n).trim() };
}

/**
 * A tall scale with a wide mark; calm: nothing else moves.
 * @param {HTMLCanvasElement} canvas @param {number | null} value @param {number} low @param {number} high
 */
export function drawScale(canvas, value, low, high) {
  const { g, w, h, colour } = prepared(canvas);
  const edge = 14;
  const y = (/** @type {number} */ v) => edge + (1 - (v - low) / (high - low)) * (h - 2 * edge);
  g.fillStyle = colour("--panel");
  g.fillRect(0, edge, w, h - 2 * edge);
  g.strokeStyle = colour("--line-strong");
  g.lineWidth = 1;
  for (let k = 0; k <= 8; k += 1) {
    const at = Math.round(y(low + (k / 8) * (high - low))) + 0.5;
    const long = k % 4 === 0 ? 1 : 0.25;
    g.beginPath();
    g.moveTo(0, at);
    g.lineTo(w * long * 0.5, at);
    g.moveTo(w, at);
    g.lineTo(w - w * long * 0.5, at);
    g.stroke();
  }
  if (value === null) return;
  const middle = y((low + high) / 2);
  g.fillStyle = colour("--accent");
  g.globalAlpha = 0.3;
  g.fillRect(0, Math.min(middle, y(value)), w, Math.abs(middle - y(value)));
  g.globalAlpha = 1;
  g.beginPath();
  g.roundRect(2, y(value) - 9, w - 4, 18, 9);
  g.fill();
}

/**
 * The whole rating over time; what is missing is a gap.
 * @param {HTMLCanvasElement} canvas
 * @param {{values: (number | null)[], rate_hz: number, start_s: number}} course
 * @param {number} low @param {number} high
 */
export function drawCourse(canvas, course, low, high) {
  const { g, w, h, colour } = prepared(canvas);
  const [left, right, top, bottom] = [44, 8, 8, 26];
  const stop = course.start_s + course.values.length / course.rate_hz;
  const x = (/** @type {number} */ t) => left + ((t - course.start_s) / (stop - course.start_s)) * (w - left - right);
  const y = (/** @type {number} */ v) => top + (1 - (v - low) / (high - low)) * (h - top - bottom);
  g.textBaseline = "middle";
  g.textAlign = "right";
  for (const v of [low, (low + high) / 2, high]) {
    g.fillStyle = colour("--soft");
    g.fillText(String(v).replace("-", "−"), left - 8, y(v));
    g.fillStyle = colour("--line");
    g.fillRect(left, Math.round(y(v)), w - left - right, 1);
  }
  g.textAlign = "center";
  g.fillStyle = colour("--soft");
  const wanted = ((stop - course.start_s) * 90) / w;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200].find((s) => s >= wanted) ?? 3600;
  for (let t = Math.ceil(course.start_s / step) * step; t <= stop; t += step) {
    g.fillText(clockText(t).replace(/\.0$/, ""), Math.min(w - 16, Math.max(left + 8, x(t))), h - bottom / 2 + 2);
  }
  g.strokeStyle = colour("--first");
  g.lineWidth = 1.5;
  g.beginPath();
  let isDown = false;
  course.values.forEach((v, k) => {
    if (v === null) {
      isDown = false;
      return;
    }
    const at = x(course.start_s + k / course.rate_hz);
    if (isDown) g.lineTo(at, y(v));
    else g.moveTo(at, y(v));
    isDown = true;
  });
  g.stroke();
}
