// @ts-check
// Times as people type them, and what was done last: plain values, no page.

/**
 * A time as typed: minutes and seconds, hours too, or seconds alone.
 *
 * @param {string} typed
 * @returns {number | null} seconds; null where it is no time
 */
export function secondsOf(typed) {
  const text = typed.trim().replace("\u2212", "-");
  if (/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  const found = /^(-?)(?:(\d+):)?(\d+):([0-5]?\d(?:\.\d*)?)$/.exec(text);
  if (!found) return null;
  const [, sign, hours, minutes, seconds] = found;
  if (hours !== undefined && Number(minutes) > 59) return null;
  const all = 3600 * Number(hours ?? 0) + 60 * Number(minutes) + Number(seconds);
  return sign ? -all : all;
}

/**
 * A time for a field: minutes and seconds with at most hundredths, read back as it is written.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function typedTime(seconds) {
  const hundredths = Math.round(Math.abs(seconds) * 100);
  const minutes = Math.floor(hundredths / 6000);
  const rest = (hundredths % 6000) / 100;
  const whole = String(Math.floor(rest)).padStart(2, "0");
  const part = rest % 1 ? `.${String(Math.round((rest % 1) * 100)).padStart(2, "0").replace(/0$/, "")}` : "";
  return `${seconds < 0 && hundredths > 0 ? "-" : ""}${minutes}:${whole}${part}`;
}

/** @typedef {{person: string, kind: string, start_s: number, stop_s: number, reason: string}} Stretch */
/** @typedef {{act: "mark" | "withdraw", id: string, stretch: Stretch}} Step */

/** What was marked and withdrawn on this page, so that it can be taken back and done again. */
export class Steps {
  constructor() {
    /** @type {Step[]} */
    this.done = [];
    /** @type {Step[]} */
    this.undone = [];
  }

  /** @param {Step} step  done by a person; nothing can be done again after it */
  add(step) {
    this.done.push(step);
    this.undone = [];
  }

  /**
   * What takes the last step back; the caller does it and says what id the mark has now.
   *
   * @returns {Step | null}
   */
  back() {
    const last = this.done[this.done.length - 1];
    return last ? { ...last, act: last.act === "mark" ? "withdraw" : "mark" } : null;
  }

  /** @returns {Step | null} what does the step that was taken back last again */
  again() {
    return this.undone[this.undone.length - 1] ?? null;
  }

  /**
   * The last step was taken back; a mark that was made anew for that has another id.
   *
   * @param {string} id
   */
  wentBack(id) {
    const last = this.done.pop();
    if (!last) return;
    this.undone.push(last);
    this.rename(last.id, id);
  }

  /** @param {string} id */
  wentOn(id) {
    const last = this.undone.pop();
    if (!last) return;
    this.done.push(last);
    this.rename(last.id, id);
  }

  /**
   * @param {string} old
   * @param {string} now
   */
  rename(old, now) {
    for (const step of [...this.done, ...this.undone]) if (step.id === old) step.id = now;
  }
}

/**
 * The stretch between two moments of a drag, in order and inside the recording.
 *
 * @param {number} one
 * @param {number} other
 * @param {number} first
 * @param {number} last
 * @returns {[number, number]}
 */
export function stretchOf(one, other, first, last) {
  const within = (/** @type {number} */ t) => Math.min(last, Math.max(first, t));
  const [start, stop] = one < other ? [one, other] : [other, one];
  return [within(start), within(stop)];
}
