// @ts-check
// Codes on tiers: what may stand beside what. Pure functions; lists are never changed in place.

/**
 * @typedef {import("../types").CodedEvent & {id: number}} Given  a code that was given
 * @typedef {import("../types").CodeShape} Code
 * @typedef {{start_s: number, stop_s: number, least_s?: number}} Span  where codes may stand, and the
 *   least that one lasts where there are no points in time
 * @typedef {{events: Given[], cut: number, gone: number} | {refused: "taken" | "twice" | "outside" | "who" | "point"}} Outcome
 */

export const SLACK_S = 1e-3;
export const LEAST_S = 0.04;

/** @param {number} seconds @returns {number} to the millisecond, as codes are kept */
export function ms(seconds) {
  return Math.round(seconds * 1000) / 1000;
}

/** @param {Given} e @returns {number} where a code ends (s) */
export function stopOf(e) {
  return ms(e.onset_s + e.duration_s);
}

/**
 * The tier of codes that exclude one another; null for a free code, which stands beside anything.
 *
 * @param {Given} e
 * @param {Map<string, Code>} book
 * @returns {string | null}
 */
export function exclusiveTier(e, book) {
  const code = book.get(e.code);
  if (!code || !code.exclusive) return null;
  return code.about === "dyad" ? "dyad" : `person ${e.person}`;
}

/**
 * Others on the same exclusive tier, by onset.
 *
 * @param {Given[]} events @param {Given} one @param {Map<string, Code>} book
 */
export function rivals(events, one, book) {
  const tier = exclusiveTier(one, book);
  if (tier === null) return [];
  return events.filter((e) => e.id !== one.id && exclusiveTier(e, book) === tier);
}

/** @param {Given} a @param {Given} b */
function overlap(a, b) {
  const [first, second] = a.onset_s <= b.onset_s ? [a, b] : [b, a];
  return second.onset_s < stopOf(first) - SLACK_S;
}

/** @param {{duration_s: number}} e @param {Span} span @returns {boolean} whether it is a point where there are none */
export function isPoint(e, span) {
  return e.duration_s < (span.least_s ?? 0);
}

/** @param {Given[]} events @param {Given} one */
function isTwice(events, one) {
  return events.some(
    (e) =>
      e.id !== one.id && e.onset_s === one.onset_s && e.duration_s === one.duration_s &&
      e.code === one.code && e.person === one.person && e.tier === one.tier && e.modifier === one.modifier,
  );
}

/** @param {Given[]} events */
function ordered(events) {
  return [...events].sort((a, b) => a.onset_s - b.onset_s || a.id - b.id);
}

/**
 * Add a code. What stands in its way on an exclusive tier is cut back: the newer look counts.
 * A point inside a longer code is refused, and so is the same code twice.
 *
 * @param {Given[]} events
 * @param {Given} made
 * @param {Map<string, Code>} book
 * @param {Span} span  the session
 * @param {() => number} newId
 * @returns {Outcome}
 */
export function place(events, made, book, span, newId) {
  const start = ms(Math.max(span.start_s, made.onset_s));
  const stop = ms(Math.min(span.stop_s, made.onset_s + made.duration_s));
  if (stop < start || start >= span.stop_s) return { refused: "outside" };
  const one = { ...made, onset_s: start, duration_s: ms(stop - start) };
  if (isPoint(one, span)) return { refused: "point" };
  if (isTwice(events, one)) return { refused: "twice" };
  const tier = exclusiveTier(one, book);
  let cut = 0;
  let gone = 0;
  /** @type {Given[]} */
  const kept = [];
  for (const e of events) {
    if (tier === null || exclusiveTier(e, book) !== tier || !overlap(e, one)) {
      kept.push(e);
      continue;
    }
    if (one.duration_s === 0) return { refused: "taken" };
    const before = ms(start - e.onset_s);
    const after = ms(stopOf(e) - stop);
    if (before >= LEAST_S) kept.push({ ...e, duration_s: before });
    if (after >= LEAST_S) {
      kept.push({ ...e, id: before >= LEAST_S ? newId() : e.id, onset_s: stop, duration_s: after });
    }
    if (before >= LEAST_S || after >= LEAST_S) cut += 1;
    else gone += 1;
  }
  return { events: ordered([...kept, one]), cut, gone };
}

/**
 * The stretch that a code may be moved and trimmed in without touching its rivals.
 *
 * @param {Given[]} events @param {Given} one @param {Map<string, Code>} book @param {Span} span
 * @returns {{low: number, high: number}}
 */
export function room(events, one, book, span) {
  let low = span.start_s;
  let high = span.stop_s;
  const middle = one.onset_s + one.duration_s / 2;
  for (const e of rivals(events, one, book)) {
    if (stopOf(e) <= middle || e.onset_s < one.onset_s) low = Math.max(low, stopOf(e));
    else high = Math.min(high, e.onset_s);
  }
  return { low, high };
}

/**
 * Move a code by so many seconds, at most up to its neighbours.
 *
 * @param {Given[]} events @param {number} id @param {number} by_s
 * @param {Map<string, Code>} book @param {Span} span
 * @returns {Given[]} the same list where nothing moved
 */
export function moved(events, id, by_s, book, span) {
  const one = events.find((e) => e.id === id);
  if (!one) return events;
  const { low, high } = room(events, one, book, span);
  const onset_s = ms(Math.min(Math.max(one.onset_s + by_s, low), Math.max(low, high - one.duration_s)));
  if (onset_s === one.onset_s) return events;
  return ordered(events.map((e) => (e.id === id ? { ...e, onset_s } : e)));
}

/**
 * Put one end of a code at a time, at most up to its neighbour, and never past its other end.
 *
 * @param {Given[]} events @param {number} id @param {"start" | "stop"} edge @param {number} to_s
 * @param {Map<string, Code>} book @param {Span} span
 * @returns {Given[]} the same list where nothing changed
 */
export function trimmed(events, id, edge, to_s, book, span) {
  const one = events.find((e) => e.id === id);
  if (!one) return events;
  const { low, high } = room(events, one, book, span);
  let start = one.onset_s;
  let stop = stopOf(one);
  if (edge === "start") start = ms(Math.max(low, Math.min(to_s, stop - LEAST_S)));
  else stop = ms(Math.min(high, Math.max(to_s, start + LEAST_S)));
  if (start === one.onset_s && stop === stopOf(one)) return events;
  if (stop - start < LEAST_S - 1e-9) return events;
  return ordered(
    events.map((e) => (e.id === id ? { ...e, onset_s: start, duration_s: ms(stop - start) } : e)),
  );
}

/**
 * Change a code by its fields, as the table does; refused where it would not fit.
 *
 * @param {Given[]} events @param {number} id @param {Partial<Given>} patch
 * @param {Map<string, Code>} book @param {Span} span
 * @returns {Outcome}
 */
export function changed(events, id, patch, book, span) {
  const old = events.find((e) => e.id === id);
  if (!old) return { events, cut: 0, gone: 0 };
  const one = { ...old, ...patch, id };
  one.onset_s = ms(one.onset_s);
  one.duration_s = ms(one.duration_s);
  const about = book.get(one.code)?.about;
  if (about === "dyad") one.person = "";
  if (about === "person" && !one.person) return { refused: "who" };
  const inside = one.onset_s >= span.start_s && one.onset_s < span.stop_s && stopOf(one) <= span.stop_s + SLACK_S;
  if (!(one.duration_s >= 0) || !inside) return { refused: "outside" };
  if (isPoint(one, span)) return { refused: "point" };
  if (isTwice(events, one)) return { refused: "twice" };
  if (rivals(events, one, book).some((e) => overlap(e, one))) return { refused: "taken" };
  return { events: ordered(events.map((e) => (e.id === id ? one : e))), cut: 0, gone: 0 };
}

/**
 * The code before or after a time on one tier of people; by id to step over equal onsets.
 *
 * @param {Given[]} events  by onset
 * @param {number | null} selected  id
 * @param {number} time_s
 * @param {1 | -1} step
 * @returns {Given | null}
 */
export function neighbour(events, selected, time_s, step) {
  const at = events.findIndex((e) => e.id === selected);
  if (at >= 0) return events[at + step] ?? null;
  if (step > 0) return events.find((e) => e.onset_s >= time_s) ?? null;
  return events.filter((e) => e.onset_s < time_s).at(-1) ?? null;
}
