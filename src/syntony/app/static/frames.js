// @ts-check
// Frames of a film: how many there are in a second, and the one before or after.

/** Taken where neither the file nor the frames that were seen say. */
export const USUAL_HZ = 25;
/** Numbers of frames after which their rate is measured, each time more exactly. */
const ENOUGH = [12, 24, 48, 96, 192];
const USUAL = [10, 12, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60];

/** The frame rate of a film: as it is seen to play, and as its file says. */
export class Frames {
  /**
   * @param {HTMLMediaElement} element  sound has no frames
   * @param {number | null} told_hz  by the file; null where it does not say
   */
  constructor(element, told_hz) {
    this.element = element;
    /** Told when the rate was measured. @type {() => void} */
    this.onRate = () => {};
    this.told_hz = told_hz;
    /** By the frames that were seen. @type {number | null} */
    this.measured_hz = null;
    /** @type {number[]} */
    this.times = [];
    this.watch();
  }

  /** Another film is played from here. @param {number | null} told_hz */
  begin(told_hz) {
    this.told_hz = told_hz;
    this.measured_hz = null;
    this.times = [];
  }

  /** Frames per second; null where nothing says. */
  get known_hz() {
    return rateOf(this.measured_hz, this.told_hz);
  }

  get rate_hz() {
    return this.known_hz ?? USUAL_HZ;
  }

  watch() {
    const video = /** @type {HTMLVideoElement} */ (this.element);
    if (typeof video.requestVideoFrameCallback !== "function") return;
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      video.dataset.shown = String(mediaTime);
      if (!video.paused) this.see(mediaTime); // a step is as long as we made it
      this.watch();
    });
  }

  /** @param {number} time  second of the file */
  see(time) {
    if (this.times.length >= ENOUGH[ENOUGH.length - 1]) return;
    this.times.push(time);
    if (!ENOUGH.includes(this.times.length)) return;
    this.measured_hz = frameRate(this.times) ?? this.measured_hz;
    this.onRate();
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
