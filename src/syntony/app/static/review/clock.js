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
