// @ts-check
// Rows of one lane: codes that exclude one another share the first, free codes lie below, none on another.

import { exclusiveTier, stopOf } from "./tiers.js";

/**
 * @typedef {import("./tiers.js").Given} Given
 * @typedef {import("../types").CodeShape} Code
 */

const TITLE = 16;
const BAND = 25;
const FREE = 15;
const GAP = 3;
/** A point is drawn about as wide as this lasts (s). */
const POINT_S = 0.5;

/**
 * @param {Given[]} events  of one lane
 * @param {string} lane  a person, or empty for all of them
 * @param {Map<string, Code>} book
 * @returns {{row: Map<number, number>, count: number}} row of each code by its id
 */
export function rowsOf(events, lane, book) {
  const ours = [...book.values()].filter((c) => (c.about === "dyad") === (lane === ""));
  const first = ours.some((c) => c.exclusive) ? 1 : 0;
  const row = new Map();
  /** @type {number[]} where the last code of each free row ends */
  const ends = ours.some((c) => !c.exclusive) ? [-Infinity] : [];
  for (const e of [...events].sort((a, b) => a.onset_s - b.onset_s)) {
    if (exclusiveTier(e, book) !== null) {
      row.set(e.id, 0);
      continue;
    }
    const found = ends.findIndex((stop) => stop <= e.onset_s);
    const k = found < 0 ? ends.length : found;
    ends[k] = Math.max(stopOf(e), e.onset_s + POINT_S);
    row.set(e.id, first + k);
  }
  return { row, count: Math.max(1, first + ends.length) };
}

/** @param {number} row @returns {{y: number, tall: number}} below the top of its lane */
export function placeOf(row) {
  return row ? { y: TITLE + BAND + GAP + (row - 1) * (FREE + GAP), tall: FREE } : { y: TITLE, tall: BAND };
}

/** @param {number} count  of rows @returns {number} */
export function laneHeight(count) {
  const { y, tall } = placeOf(count - 1);
  return y + tall + 5;
}
