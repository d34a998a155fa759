// @ts-check
import { isDark, rampOf } from "./colours.js";

/** @typedef {import("./colours.js").Rgb} Rgb */

/**
 * A value beside a colour: two digits that count, a true minus.
 * @param {number} value
 */
export function shortNumber(value) {
  return String(Number(value.toPrecision(2))).replace("-", "−");
}

/**
 * What the ends of a bar say.
 * @param {number} limit     size that is drawn full
 * @param {boolean} signed   whether there is anything below 0
 * @param {boolean} isCut    whether what is larger is drawn full as well
 * @returns {[string, string]}
 */
export function endsOf(limit, signed, isCut) {
  const size = shortNumber(limit);
  const high = isCut ? `≥ ${size}` : size;
  return [signed ? high.replace("≥", "≤").replace(size, `−${size}`) : "0", high];
}

/** A bar of the colours of a map, with the values at its ends and the colour of what is missing. */
export class ColourBar {
  /**
   * @param {string} words    what the colours mean
   * @param {string} missing  word for what is missing
   */
  constructor(words, missing) {
    this.element = document.createElement("span");
    this.element.className = "colourbar";
    this.words = document.createElement("span");
    this.words.textContent = words;
    this.low = document.createElement("span");
    this.high = document.createElement("span");
    this.bar = document.createElement("i");
    this.bar.className = "ramp";
    this.grey = document.createElement("i");
    this.grey.className = "missing";
    this.signed = true;
    const told = document.createElement("span");
    told.textContent = missing;
    this.element.append(this.words, this.low, this.bar, this.high, this.grey, told);
  }

  /**
   * @param {number} limit
   * @param {boolean} signed
   * @param {boolean} isCut
   * @param {string} ground  of the theme
   */
  show(limit, signed, isCut, ground) {
    this.signed = signed;
    [this.low.textContent, this.high.textContent] = endsOf(limit, signed, isCut);
    this.takeTheme(ground);
  }

  /** @param {string} ground */
  takeTheme(ground) {
    const ramp = rampOf(isDark(ground));
    const css = (/** @type {Rgb} */ c) => `rgb(${c.join(" ")})`;
    const stops = [...(this.signed ? [ramp.negative] : []), ramp.middle, ramp.positive];
    this.bar.style.background = `linear-gradient(to right, ${stops.map(css).join(", ")})`;
    this.grey.style.background = css(ramp.missing);
  }
}
