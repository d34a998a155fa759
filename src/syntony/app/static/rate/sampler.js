// @ts-check
// A hand that moves when it likes becomes samples on a grid of the session's clock.

/** A hold of the page for longer than this (s) means that nobody was seen to rate: missing. */
export const LONGEST_HOLD_S = 0.5;

export class Sampler {
  /**
   * @param {number} rate_hz
   * @param {number} [next]  first grid number that is wanted
   */
  constructor(rate_hz, next = 0) {
    this.rate_hz = rate_hz;
    this.next = next;
    /** @type {number | null} */
    this.before = null;
    this.seen_s = NaN;
  }

  /**
   * Where the hand is now. Every grid point up to this moment gets the place the hand had when
   * its time came: the one before, but for a point at this very moment.
   *
   * @param {number} time_s  of the session; may stand still, jump, or run on unevenly
   * @param {number | null} value  null: there is no hand (a gamepad was unplugged)
   * @returns {{first: number, values: (number | null)[]}} samples that are new
   */
  take(time_s, value) {
    const last = Math.floor(time_s * this.rate_hz + 1e-6);
    if (Number.isNaN(this.seen_s)) this.next = Math.max(this.next, Math.ceil(time_s * this.rate_hz - 1e-6));
    const first = this.next;
    const long = Math.max(LONGEST_HOLD_S, 2 / this.rate_hz);
    const held = time_s - this.seen_s <= long ? this.before : null;
    /** @type {(number | null)[]} */
    const values = [];
    for (let k = first; k <= last; k += 1) {
      const isNow = Math.abs(k / this.rate_hz - time_s) < 1e-6;
      values.push(isNow || Number.isNaN(this.seen_s) ? value : held);
    }
    this.next = Math.max(first, last + 1);
    this.before = value;
    this.seen_s = time_s;
    return { first, values };
  }
}

/**
 * What a rating comes to; missing samples are counted and left out.
 *
 * @param {(number | null)[]} values
 * @returns {{count: number, missing: number, mean: number, sd: number, low: number, high: number}}
 */
export function summary(values) {
  const there = /** @type {number[]} */ (values.filter((v) => v !== null));
  const n = there.length;
  const mean = n ? there.reduce((a, b) => a + b, 0) / n : NaN;
  const squares = there.reduce((a, b) => a + (b - mean) ** 2, 0);
  return {
    count: values.length,
    missing: values.length ? 1 - n / values.length : NaN,
    mean,
    sd: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN,
    low: n ? there.reduce((a, b) => Math.min(a, b)) : NaN,
    high: n ? there.reduce((a, b) => Math.max(a, b)) : NaN,
  };
}
