// @ts-check
// How a person is drawn, for the words beside a plot.

import { personName } from "./colours.js";
import { dashOf } from "./envelope.js";

/** A person's colour for a style. @param {number} place */
export function colourOf(place) {
  return `var(--${personName(place)})`;
}

/**
 * What fills a piece of a person's line, dashes and all, for a style.
 * @param {number} place
 */
export function fillOf(place) {
  const colour = colourOf(place);
  const dash = dashOf(place, 1);
  if (!dash) return colour;
  const { on, off } = dash;
  return `repeating-linear-gradient(to right, ${colour} 0 ${on}px, transparent ${on}px ${on + off}px)`;
}

/** A piece of a person's line. @param {number} place */
export function lineOf(place) {
  const line = document.createElement("i");
  line.style.background = fillOf(place);
  return line;
}
