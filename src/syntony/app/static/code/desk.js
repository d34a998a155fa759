// @ts-check
// The coder's desk: codes, what was undone, what runs, what is selected; every change is saved.

import { History } from "./undo.js";
import { Running } from "./running.js";
import { changed, moved, neighbour, place, stopOf, trimmed } from "./tiers.js";

/**
 * @typedef {import("../types").CodedEvent} CodedEvent
 * @typedef {import("../types").CodeShape} Code
 * @typedef {import("./tiers.js").Given} Given
 * @typedef {import("./running.js").Made} Made
 * @typedef {import("./tiers.js").Span} Span
 */

export class Desk {
  /**
   * @param {Code[]} codes
   * @param {Span} span
   * @param {CodedEvent[]} events
   * @param {{save(events: CodedEvent[]): void, show(): void, say(text: string): void, words: Record<string, string>}} out
   */
  constructor(codes, span, events, out) {
    this.book = new Map(codes.map((c) => [c.name, c]));
    this.codes = codes;
    this.span = span;
    this.out = out;
    this.next = 1;
    this.running = new Running(this.book);
    this.history = new History(this.numbered(events));
    /** @type {number | null} */
    this.selected = null;
    this.person = "";
    this.locked = false;
  }

  /** @param {CodedEvent[]} events @returns {Given[]} */
  numbered(events) {
    return events.map((e) => ({ ...e, id: this.next++ }));
  }

  /** @returns {Given[]} */
  get events() {
    return this.history.now;
  }

  /** @returns {Given | null} */
  get chosen() {
    return this.events.find((e) => e.id === this.selected) ?? null;
  }

  /**
   * All codes as they are saved: those that run, too, up to now.
   * @param {number} time_s @returns {CodedEvent[]}
   */
  state(time_s) {
    let events = this.events;
    for (const made of this.running.soFar(time_s)) events = this.added(events, made) ?? events;
    return bare(events);
  }

  /** @param {Given[]} events @param {Made} made @returns {Given[] | null} */
  added(events, made) {
    const one = { ...made, id: this.next++, comment: "", tier: "", modifier: "" };
    const found = place(events, one, this.book, this.span, () => this.next++);
    return "events" in found ? found.events : null;
  }

  /** @param {Given[]} events @param {string} what  word for undo */
  put(events, what) {
    if (this.locked || !this.history.push(events, what)) return false;
    this.out.save(bare(this.events));
    this.out.show();
    return true;
  }

  /** @param {Made[]} list */
  give(list) {
    for (const made of list) {
      const one = { ...made, id: this.next++, comment: "", tier: "", modifier: "" };
      const found = place(this.events, one, this.book, this.span, () => this.next++);
      if ("refused" in found) {
        this.out.say(this.out.words[`refused_${found.refused}`]);
      } else if (this.put(found.events, this.out.words.did_code)) {
        this.selected = one.id;
        const title = this.book.get(made.code)?.title ?? made.code;
        this.out.say(found.gone ? this.out.words.replaced : `${title}`);
        this.out.show();
      }
    }
  }

  /** @param {string} name @param {string} key @param {number} time_s @param {number} at_ms */
  press(name, key, time_s, at_ms) {
    if (this.locked) return this.out.say(this.out.words.locked);
    this.give(this.running.press(name, this.person, key, time_s, at_ms));
    this.out.show();
  }

  /** @param {string} key @param {number} time_s @param {number} at_ms */
  release(key, time_s, at_ms) {
    this.give(this.running.release(key, time_s, at_ms));
    this.out.show();
  }

  /** @param {string} name @param {number} time_s  a point in time */
  point(name, time_s) {
    if (this.locked) return this.out.say(this.out.words.locked);
    this.give([{ code: name, person: this.running.who(name, this.person), onset_s: time_s, duration_s: 0 }]);
  }

  /** End codes whose key is held. @param {number} time_s */
  letGo(time_s) {
    this.give(this.running.letGo(time_s));
    this.out.show();
  }

  /** End all codes that run. @param {number} time_s */
  endAll(time_s) {
    this.give(this.running.end(this.running.runs, time_s));
    this.out.show();
  }

  /** @param {number} by_s */
  move(by_s) {
    if (this.selected === null) return;
    this.put(moved(this.events, this.selected, by_s, this.book, this.span), this.out.words.did_move);
  }

  /** @param {"start" | "stop"} edge @param {number} to_s */
  trim(edge, to_s) {
    if (this.selected === null) return;
    this.put(trimmed(this.events, this.selected, edge, to_s, this.book, this.span), this.out.words.did_trim);
  }

  /** @param {number} id @param {Partial<Given>} patch @returns {string | null} why not */
  change(id, patch) {
    const found = changed(this.events, id, patch, this.book, this.span);
    if ("refused" in found) {
      const why = this.out.words[`refused_${found.refused}`];
      this.out.say(why);
      return why;
    }
    this.put(found.events, this.out.words.did_change);
    return null;
  }

  /** @param {number | null} id */
  remove(id) {
    if (id === null) return;
    const next = neighbour(this.events, id, 0, 1) ?? neighbour(this.events, id, 0, -1);
    const left = this.events.filter((e) => e.id !== id);
    if (left.length === this.events.length) return;
    if (this.selected === id) this.selected = next?.id ?? null;
    if (this.put(left, this.out.words.did_remove)) this.out.say(this.out.words.removed);
  }

  /** @param {"undo" | "redo"} way */
  step(way) {
    if (this.locked) return;
    const what = way === "undo" ? this.history.undo() : this.history.redo();
    if (what === null) return this.out.say(this.out.words[`nothing_to_${way}`]);
    if (!this.chosen) this.selected = null;
    this.out.say(`${this.out.words[way]}: ${what}`);
    this.out.save(bare(this.events));
    this.out.show();
  }

  /** @param {1 | -1} step @param {number} time_s @returns {number | null} where it begins */
  walk(step, time_s) {
    const found = neighbour(this.events, this.selected, time_s, step);
    if (!found) return null;
    this.selected = found.id;
    const title = this.book.get(found.code)?.title ?? found.code;
    this.out.say(`${title}, ${found.onset_s.toFixed(1)} – ${stopOf(found).toFixed(1)} s`);
    this.out.show();
    return found.onset_s;
  }

  /** Take what the server holds in place of what is here. @param {CodedEvent[]} events */
  replace(events) {
    this.history = new History(this.numbered(events));
    this.selected = null;
    this.out.show();
  }
}

/** @param {Given[]} events @returns {CodedEvent[]} without the page's own numbers */
export function bare(events) {
  return events.map(({ id: _, ...e }) => e);
}

/**
 * Whether two lists hold the same codes.
 * @param {any} a @param {any} b @returns {boolean}
 */
export function sameCodes(a, b) {
  const told = (/** @type {CodedEvent[]} */ list) =>
    list.map((e) => JSON.stringify([e.onset_s, e.duration_s, e.person, e.code, e.comment ?? "", e.tier ?? "", e.modifier ?? ""])).sort();
  return Array.isArray(a) && Array.isArray(b) && JSON.stringify(told(a)) === JSON.stringify(told(b));
}
