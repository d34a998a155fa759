// @ts-check

/** @typedef {[number, number, number]} Rgb */

const NAMES = [
  "ground", "panel", "ink", "soft", "line", "accent", "first", "second", "third", "fourth", "fifth", "sixth",
  "positive", "negative", "neutral", "alarm",
];

/**
 * Colours of the theme that is on, by name.
 * @param {Element} element
 * @returns {Record<string, string>}
 */
export function themeColours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((n) => [n, style.getPropertyValue(`--${n}`).trim() || "#888"]));
}

const PEOPLE = ["first", "second", "third", "fourth", "fifth", "sixth"];

/**
 * Name of a person's colour by place; after six they come again, with other dashes.
 * @param {number} place
 */
export function personName(place) {
  return PEOPLE[place % PEOPLE.length];
}

/**
 * Colour of a person by place.
 * @param {Record<string, string>} colours
 * @param {number} place
 */
export function personColour(colours, place) {
  return colours[personName(place)];
}

/**
 * ``#rgb`` or ``#rrggbb`` as numbers.
 * @param {string} text
 * @returns {Rgb}
 */
export function rgbOf(text) {
  const hex = text.replace("#", "");
  const long = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex.slice(0, 6);
  const number = Number.parseInt(long, 16);
  if (Number.isNaN(number)) return [136, 136, 136];
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/**
 * A colour for a value from -limit to limit: from negative over the middle to positive. It is
 * told by how dark it is as well as by hue, so that it can be read without seeing colours.
 * @param {number} value
 * @param {number} limit
 * @param {{negative: Rgb, middle: Rgb, positive: Rgb, missing: Rgb}} ramp
 * @returns {Rgb}
 */
export function diverging(value, limit, ramp) {
  if (value !== value) return ramp.missing;
  const share = Math.min(1, Math.abs(value) / limit);
  const end = value < 0 ? ramp.negative : ramp.positive;
  return /** @type {Rgb} */ (ramp.middle.map((m, k) => Math.round(m + share * (end[k] - m))));
}

/**
 * The ramp of a theme: violet for below zero, green for above.
 * @param {boolean} isDark
 * @returns {{negative: Rgb, middle: Rgb, positive: Rgb, missing: Rgb}}
 */
export function rampOf(isDark) {
  return isDark
    ? { negative: [196, 140, 255], middle: [24, 27, 32], positive: [110, 220, 130], missing: [70, 74, 80] }
    : { negative: [106, 30, 140], middle: [250, 250, 250], positive: [10, 110, 50], missing: [190, 194, 198] };
}

/**
 * Whether a colour is dark.
 * @param {string} text
 */
export function isDark(text) {
  const [r, g, b] = rgbOf(text);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
