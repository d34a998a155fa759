// @ts-check

/** Speeds that can be chosen. */
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/**
 * What the clock follows while it plays: a video or sound file laid onto the session clock.
 * @typedef {object} Leader
 * @property {() => number | null} now  time on the session clock; null where it has none now
 */

/**
 * The one clock of the page. It runs by the machine's clock, and follows a leader that has a
 * picture or sound at this time.
 */
export class Clock {
  /**
   * @param {number} first  first second of the session
   * @param {number} last
   * @param {() => number} machine  seconds that only grow
   */
  constructor(first, last, machine = () => performance.now() / 1000) {
    this.first = first;
    this.last = last;
    this.machine = machine;
    this.isPlaying = false;
    this.speed = 1;
    /** @type {{start_s: number, stop_s: number} | null} */
    this.loop = null;
    /** @type {Leader | null} */
    this.leader = null;
    this.held = Math.max(0, first);
    this.since = 0;
  }

  /** Time on the session clock now, in seconds. */
  now() {
    if (!this.isPlaying) return this.held;
    const led = this.leader?.now() ?? null;
    if (led !== null) {
      this.held = led;
      this.since = this.machine();
      return Math.min(led, this.last);
    }
    return Math.min(this.last, this.held + (this.machine() - this.since) * this.speed);
  }

  /** @param {number} time */
  seek(time) {
    this.held = Math.min(this.last, Math.max(this.first, time));
    this.since = this.machine();
  }

  play() {
    if (this.held >= this.last) this.seek(this.first);
    if (this.loop && (this.held < this.loop.start_s || this.held >= this.loop.stop_s)) {
      this.seek(this.loop.start_s);
    }
    this.since = this.machine();
    this.isPlaying = true;
  }

  pause() {
    this.held = this.now();
    this.isPlaying = false;
  }

  /** @param {number} speed */
  setSpeed(speed) {
    const now = this.now();
    this.held = now;
    this.since = this.machine();
    this.speed = Math.min(2, Math.max(0.5, speed));
  }

  /**
   * Go on by one frame of the screen; says what the caller has to do.
   * @returns {"" | "jumped" | "ended"}
   */
  tick() {
    const now = this.now();
    if (!this.isPlaying) return "";
    if (this.loop && now >= this.loop.stop_s) {
      this.seek(this.loop.start_s);
      return "jumped";
    }
    if (now >= this.last) {
      this.isPlaying = false;
      this.held = this.last;
      return "ended";
    }
    return "";
  }
}

/**
 * The middle of the frame that is ``frames`` away from the one at this time. The middle, because
 * a border may be shown as either of its frames.
 * @param {number} time       second of the file
 * @param {number} frames
 * @param {number} rate_hz    frames per second
 */
export function frameStep(time, frames, rate_hz) {
  const now = Math.floor(time * rate_hz + 1e-6);
  return (Math.max(0, now + frames) + 0.5) / rate_hz;
}

const USUAL = [10, 12, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60];

/**
 * Frame rate from the times of frames that were shown. Some may have been dropped, and stamps are
 * rounded to a millisecond in some files: frames are counted over the whole of what was seen.
 * @param {number[]} times  seconds of the file
 * @returns {number | null}
 */
export function frameRate(times) {
  const steps = [];
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  for (let k = 1; k < sorted.length; k += 1) {
    const step = sorted[k] - sorted[k - 1];
    if (step > 1 / 250 && step < 0.5) steps.push(step);
  }
  if (steps.length < 3) return null;
  steps.sort((a, b) => a - b);
  const one = steps[Math.floor(steps.length / 2)];
  const count = steps.reduce((sum, s) => sum + Math.max(1, Math.round(s / one)), 0);
  const rate = count / steps.reduce((sum, s) => sum + s, 0);
  const near = USUAL.reduce((best, u) => (Math.abs(u - rate) < Math.abs(best - rate) ? u : best));
  return Math.abs(near - rate) < 0.012 * near ? near : rate;
}

/**
 * The rate that counts. Frames that were dropped can only make it look slower than it is, so a
 * file that says more is believed; where both say nearly the same, the file is the exact one.
 * @param {number | null} measured  from frames that were shown
 * @param {number | null} told      what the file says
 * @returns {number | null}
 */
export function rateOf(measured, told) {
  if (measured === null || told === null) return measured ?? told;
  return Math.abs(measured - told) < 0.012 * told ? told : Math.max(measured, told);
}
