// @ts-check
// Codes that are being given right now: a key that is held, or pressed to begin and to end.

import { ms } from "./tiers.js";

/**
 * @typedef {import("../types").CodeShape} Code
 * @typedef {{code: string, person: string, start_s: number, key: string, down_ms: number}} Run
 *   `down_ms` is below zero where no key is held: after a tap, or begun by mouse
 * @typedef {{code: string, person: string, onset_s: number, duration_s: number}} Made
 */

/** A key that is up again before this has begun a code that runs on; later, it was held. */
export const TAP_MS = 300;
const LEAST_S = 0.04;

/** Codes that run; times are of the session (s), `at_ms` is of the wall. */
export class Running {
  /** @param {Map<string, Code>} book */
  constructor(book) {
    this.book = book;
    /** @type {Run[]} */
    this.runs = [];
  }

  /** @param {string} name @param {string} person */
  who(name, person) {
    return this.book.get(name)?.about === "dyad" ? "" : person;
  }

  /**
   * A key goes down: its code begins, or ends if it runs; a rival on its tier ends.
   *
   * @param {string} name @param {string} person @param {string} key
   * @param {number} time_s @param {number} at_ms
   * @returns {Made[]} codes that ended by it
   */
  press(name, person, key, time_s, at_ms) {
    const who = this.who(name, person);
    const same = this.runs.find((r) => r.code === name && r.person === who);
    if (same) return this.end([same], time_s);
    const code = this.book.get(name);
    const ended = code?.exclusive
      ? this.runs.filter((r) => {
          const other = this.book.get(r.code);
          return other?.exclusive && other.about === code.about && r.person === who;
        })
      : [];
    const made = this.end(ended, time_s);
    this.runs = [...this.runs, { code: name, person: who, start_s: ms(time_s), key, down_ms: at_ms }];
    return made;
  }

  /**
   * A key goes up: what it held ends; after a tap it runs on.
   *
   * @param {string} key @param {number} time_s @param {number} at_ms
   * @returns {Made[]}
   */
  release(key, time_s, at_ms) {
    const held = this.runs.filter((r) => r.key === key && r.down_ms >= 0);
    const over = held.filter((r) => at_ms - r.down_ms >= TAP_MS);
    this.runs = this.runs.map((r) => (held.includes(r) && !over.includes(r) ? { ...r, down_ms: -1 } : r));
    return this.end(over, time_s);
  }

  /**
   * The window lost the keyboard: no key goes up any more. What was held ends, however short; what
   * was tapped runs on.
   * @param {number} time_s @returns {Made[]}
   */
  letGo(time_s) {
    return this.end(this.runs.filter((r) => r.down_ms >= 0), time_s);
  }

  /**
   * End codes at a time; what has no length by then is dropped.
   * @param {Run[]} runs @param {number} time_s @returns {Made[]}
   */
  end(runs, time_s) {
    this.runs = this.runs.filter((r) => !runs.includes(r));
    return runs.map((r) => made(r, time_s)).filter((m) => m.duration_s >= LEAST_S);
  }

  /** @param {number} time_s @returns {Made[]} all of them, as if they ended now; they run on */
  soFar(time_s) {
    return this.runs.map((r) => made(r, time_s)).filter((m) => m.duration_s >= LEAST_S);
  }
}

/** @param {Run} run @param {number} time_s @returns {Made} */
function made(run, time_s) {
  return {
    code: run.code,
    person: run.person,
    onset_s: run.start_s,
    duration_s: ms(Math.max(0, time_s - run.start_s)),
  };
}
