// @ts-check
// The playhead: a film, or the clock alone. Seconds are those of the session.

import { Frames, USUAL_HZ, frameStep } from "../frames.js";

/** Film or clock, with the same handles. */
export class Player {
  /**
   * @param {HTMLMediaElement | null} film
   * @param {{start_s: number, stop_s: number, offset_s: number, rate_hz?: number | null}} about
   *   session second 0 is second `offset_s` of the film, which by its file has `rate_hz` frames
   */
  constructor(film, about) {
    this.film = film;
    this.frames = film && new Frames(film, about.rate_hz ?? null);
    this.start_s = about.start_s;
    this.stop_s = about.stop_s;
    this.offset_s = about.offset_s;
    this.rate = 1;
    /** @type {{from_s: number, to_s: number} | null} */
    this.loop = null;
    this.at_s = Math.max(0, about.start_s);
    this.since_ms = 0;
    this.playing = false;
    if (film) film.currentTime = this.at_s + this.offset_s;
  }

  /** @returns {number} */
  get time_s() {
    if (this.film?.readyState === 0) return this.at_s; // another camera is being opened
    if (this.film) return this.within(this.film.currentTime - this.offset_s);
    if (!this.playing) return this.at_s;
    return this.within(this.at_s + ((performance.now() - this.since_ms) / 1000) * this.rate);
  }

  /** @param {number} t @returns {number} */
  within(t) {
    return Math.min(this.stop_s, Math.max(this.start_s, t));
  }

  /** @returns {boolean} */
  get isPlaying() {
    return this.film ? !this.film.paused && !this.film.ended : this.playing;
  }

  async play() {
    if (this.isOver) this.seek(this.start_s);
    if (this.film) {
      await this.film.play();
    } else if (!this.playing) {
      this.since_ms = performance.now();
      this.playing = true;
    }
  }

  pause() {
    if (this.film) this.film.pause();
    this.at_s = this.time_s;
    this.playing = false;
  }

  /** @param {number} to_s */
  seek(to_s) {
    this.at_s = this.within(to_s);
    this.since_ms = performance.now();
    if (this.film) this.film.currentTime = this.at_s + this.offset_s;
  }

  /** @param {1 | -1} frames @returns {number} the second of the frame after or before */
  frameFrom(frames) {
    const offset_s = this.film ? this.offset_s : 0;
    return frameStep(this.time_s + offset_s, frames, this.frames?.rate_hz ?? USUAL_HZ) - offset_s;
  }

  /** @param {number} rate */
  setRate(rate) {
    const now = this.time_s;
    this.rate = rate;
    if (this.film) this.film.playbackRate = this.film.defaultPlaybackRate = rate;
    else this.seek(now);
  }

  /**
   * Go on with another camera at the same second of the session.
   * @param {{url: string, offset_s: number, rate_hz: number | null}} camera
   */
  change(camera) {
    if (!this.film) return;
    const went = this.isPlaying;
    this.pause();
    this.offset_s = camera.offset_s;
    this.frames?.begin(camera.rate_hz);
    this.film.src = camera.url;
    this.film.currentTime = this.at_s + this.offset_s;
    if (went) void this.film.play().catch(() => {});
  }

  /** @returns {boolean} whether there is nothing after this */
  get isOver() {
    return this.time_s >= this.stop_s - 0.01 || Boolean(this.film?.ended);
  }

  /**
   * To be called at every frame: jumps back at the end of a loop, stops at the end.
   * @returns {boolean} whether it jumped
   */
  tick() {
    const now = this.time_s;
    if (this.loop && (now >= this.loop.to_s || now < this.loop.from_s - 0.25) && this.isPlaying) {
      this.seek(this.loop.from_s);
      return true;
    }
    if (now >= this.stop_s && this.isPlaying) this.pause();
    return false;
  }
}

/** @param {number} seconds @returns {string} such as 1:02:03.4, with a minus before zero */
export function clockText(seconds) {
  const sign = seconds < -0.0499 ? "−" : "";
  const tenths = Math.round(Math.abs(seconds) * 10);
  const h = Math.floor(tenths / 36000);
  const m = Math.floor(tenths / 600) % 60;
  const s = Math.floor(tenths / 10) % 60;
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${sign}${h ? `${h}:${two(m)}` : m}:${two(s)}.${tenths % 10}`;
}

/**
 * Read a time as people write it: seconds, m:ss.s or h:mm:ss.s; NaN where it is none.
 * @param {string} text @returns {number}
 */
export function readClock(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  if (!/^-?(\d+:){0,2}\d+(\.\d+)?$/.test(plain)) return NaN;
  const sign = plain.startsWith("-") ? -1 : 1;
  return sign * plain.replace("-", "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
