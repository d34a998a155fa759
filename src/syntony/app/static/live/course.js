// @ts-check
// Synchrony of the last minutes beside its band of chance; preliminary.

import { fill } from "../http.js";
import { themeColours } from "../plot/colours.js";

/** @typedef {import("../types").LivePreview} LivePreview */

const LEFT_PX = 132;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {LivePreview} shown
 * @param {Record<string, string>} said
 */
export function drawCourse(canvas, shown, said) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width || !height) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const colours = themeColours(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  const times = shown.time_s;
  const [begin, end] = times.length ? [times[0], times[times.length - 1]] : [0, 1];
  const present = shown.synchrony.filter((v) => v !== null);
  const isR = present.every((v) => Math.abs(/** @type {number} */ (v)) <= 1.0001);
  const top = isR ? 1 : Math.max(...present.map((v) => Math.abs(/** @type {number} */ (v))), 1e-9);
  const x = (/** @type {number} */ t) => LEFT_PX + ((t - begin) / Math.max(end - begin, 1e-9)) * (width - LEFT_PX - 4);
  const floor = height - 16;
  const y = (/** @type {number} */ v) => 6 + (1 - (v + top) / (2 * top)) * (floor - 12);
  if (shown.low !== null && shown.high !== null) {
    pen.fillStyle = getComputedStyle(canvas).getPropertyValue("--band").trim() || colours.line;
    pen.fillRect(LEFT_PX, y(shown.high), width - LEFT_PX - 4, y(shown.low) - y(shown.high));
  }
  pen.strokeStyle = colours.line;
  pen.strokeRect(LEFT_PX + 0.5, 3.5, width - LEFT_PX - 5, floor - 7);
  pen.beginPath();
  pen.moveTo(LEFT_PX, y(0));
  pen.lineTo(width - 4, y(0));
  pen.stroke();
  pen.fillStyle = colours.soft;
  pen.textAlign = "right";
  for (const value of [top, 0, -top]) {
    pen.fillText(isR ? value.toFixed(0) : value.toPrecision(2), LEFT_PX - 6, y(value) + (value > 0 ? 10 : value < 0 ? -2 : 4));
  }
  const span = Math.round(end - begin);
  pen.fillText(said.now, width - 4, height - 3);
  pen.textAlign = "left";
  const ago = `${Math.floor(span / 60)}:${String(span % 60).padStart(2, "0")}`;
  pen.fillText(fill(said.min_ago, { time: ago }), LEFT_PX, height - 3);
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  let isDown = false;
  times.forEach((t, k) => {
    const v = shown.synchrony[k];
    if (v === null) {
      isDown = false;
      return;
    }
    if (isDown) pen.lineTo(x(t), y(v));
    else pen.moveTo(x(t), y(v));
    isDown = true;
  });
  pen.stroke();
}
