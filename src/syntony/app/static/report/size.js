// @ts-check
// How many pixels a figure gets as PNG: enough for print, never more than a browser can hold.

export const TIMES = 3;
export const MOST = 8192;

/**
 * @param {number} width  of the drawing, in CSS pixels
 * @param {number} height
 * @returns {{width: number, height: number}} three times as many, smaller where that is too large
 */
export function canvasSize(width, height) {
  const times = Math.min(TIMES, MOST / Math.max(width, height));
  return { width: Math.round(width * times), height: Math.round(height * times) };
}
