// @ts-check

/**
 * Something that can be painted.
 * @typedef {{paint: () => void}} Painter
 */

/** One loop of animation frames for the whole page: it paints what was asked for, and sleeps. */
export class Loop {
  /** @param {(run: () => void) => void} nextFrame */
  constructor(nextFrame = (run) => requestAnimationFrame(run)) {
    this.nextFrame = nextFrame;
    /** @type {Set<Painter>} */
    this.wanted = new Set();
    this.isAsked = false;
    /** @type {Set<() => boolean>} what runs every frame as long as it gives true */
    this.tickers = new Set();
  }

  /** @param {Painter[]} painters  to be painted in the next frame, each once */
  ask(...painters) {
    for (const one of painters) this.wanted.add(one);
    this.wake();
  }

  /** @param {() => boolean} tick */
  every(tick) {
    this.tickers.add(tick);
    this.wake();
  }

  wake() {
    if (this.isAsked) return;
    this.isAsked = true;
    this.nextFrame(() => this.frame());
  }

  frame() {
    this.isAsked = false;
    for (const tick of [...this.tickers]) if (!tick()) this.tickers.delete(tick);
    const now = [...this.wanted];
    this.wanted.clear();
    for (const one of now) one.paint();
    if (this.tickers.size || this.wanted.size) this.wake();
  }
}

/**
 * Room beside a plot for its axes, in CSS pixels.
 * @typedef {{left: number, right: number}} Gutters
 */

/** A canvas with as many pixels as the screen has under it; drawn in device pixels. */
export class Surface {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    const context = canvas.getContext("2d", { alpha: true });
    if (!context) throw new Error("This browser has no canvas.");
    this.context = context;
    this.ratio = 1;
    this.width = 0;
    this.height = 0;
  }

  /**
   * Take the size that the page gives it; true where it changed.
   * @param {number} ratio  device pixels per CSS pixel
   */
  fit(ratio) {
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    [this.width, this.height, this.ratio] = [width, height, ratio];
    return true;
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
  }
}
