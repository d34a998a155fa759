// @ts-check
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */

/**
 * The playhead and the chosen stretch lie over all plots as elements of their own, so that moving
 * them draws no plot anew.
 */
export class Playhead {
  /**
   * @param {Scene} scene
   * @param {HTMLElement} line
   * @param {HTMLElement} stretch
   */
  constructor(scene, line, stretch) {
    this.scene = scene;
    this.line = line;
    this.stretch = stretch;
    this.time = 0;
    /** @type {{start_s: number, stop_s: number} | null} */
    this.chosen = null;
    this.isLoop = false;
  }

  paint() {
    const { view, gutters } = this.scene;
    const x = pixelAt(view, this.time);
    this.line.hidden = x < 0 || x > view.width;
    this.line.style.transform = `translateX(${gutters.left + x}px)`;
    const chosen = this.chosen;
    const from = chosen ? Math.max(0, pixelAt(view, chosen.start_s)) : 0;
    const to = chosen ? Math.min(view.width, pixelAt(view, chosen.stop_s)) : 0;
    this.stretch.hidden = !chosen || to <= 0 || from >= view.width;
    this.stretch.classList.toggle("loop", this.isLoop);
    this.stretch.style.transform = `translateX(${gutters.left + from}px)`;
    this.stretch.style.width = `${Math.max(2, to - from)}px`;
  }
}
