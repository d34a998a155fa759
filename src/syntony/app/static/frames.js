// @ts-check
// Frames of a film: how many there are in a second, and the one before or after.

/** Assumed until enough frames were seen, where the file does not say. */
export const USUAL_HZ = 25;
const ENOUGH = 12;
const MOST = 60;

/** The frame rate of a film: as it is seen to play, before that as its file says. */
export class Frames {
  /**
   * @param {HTMLMediaElement} element  sound has no frames
   * @param {number} [told_hz]  by the file; 0 where it does not say
   */
  constructor(element, told_hz = 0) {
    this.element = element;
    this.rate_hz = told_hz || USUAL_HZ;
    /** Whether the rate is that of frames that were seen. */
    this.isSeen = false;
    /** @type {number[]} */
    this.times = [];
    this.watch();
  }

  /** Another film is played from here. @param {number} told_hz */
  begin(told_hz) {
    this.rate_hz = told_hz || USUAL_HZ;
    this.isSeen = false;
    this.times = [];
  }

  watch() {
    const video = /** @type {HTMLVideoElement} */ (this.element);
    if (typeof video.requestVideoFrameCallback !== "function") return;
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      video.dataset.shown = String(mediaTime);
      if (!this.isSeen && !video.paused) this.see(mediaTime); // a step is as long as we made it
      this.watch();
    });
  }

  /** @param {number} time  second of the file */
  see(time) {
    this.times.push(time);
    const rate = this.times.length >= ENOUGH ? frameRate(this.times) : null;
    if (rate) {
      this.rate_hz = rate;
      this.isSeen = true;
    }
    if (this.times.length > MOST) this.times = [];
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
 * Frame rate from the times of frames that were shown: the median of what lies between them.
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
  const rate = 1 / steps[Math.floor(steps.length / 2)];
  const usual = [24, 25, 30, 50, 60, 24000 / 1001, 30000 / 1001, 60000 / 1001, 15, 10, 12, 20];
  return usual.find((u) => Math.abs(u - rate) < 0.012 * u) ?? rate;
}
