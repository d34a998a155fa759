// @ts-check
import { diverging, isDark, rampOf } from "./colours.js";
import { boxOf, drawValues, inside, viewIn, yIn } from "./frame.js";
import { pixelAt } from "./view.js";

/** @typedef {import("./frame.js").Scene} Scene */
/** @typedef {import("./surface.js").Surface} Surface */

/**
 * Strength over time and lag (or frequency): ``values`` row by row, one row a window.
 * @typedef {object} LagMap
 * @property {Float32Array} time
 * @property {Float32Array} values
 * @property {number[]} at        lags (s) or frequencies (Hz), ascending
 * @property {number} limit       size that is drawn full
 * @property {"lag_s" | "frequency_hz"} axis
 */

/** Widest picture that every browser draws. */
const MOST = 8192;

/**
 * Pixels of some windows of a map, the highest lag on top; four bytes each.
 * @param {LagMap} map
 * @param {number} from  first window
 * @param {number} to    one past the last
 * @param {ReturnType<typeof rampOf>} ramp
 */
export function mapPixels(map, from, to, ramp) {
  const [wide, tall] = [to - from, map.at.length];
  const pixels = new Uint8ClampedArray(4 * wide * tall);
  for (let w = 0; w < wide; w += 1) {
    for (let k = 0; k < tall; k += 1) {
      const colour = diverging(map.values[(from + w) * tall + k], map.limit, ramp);
      pixels.set([...colour, 255], 4 * ((tall - 1 - k) * wide + w));
    }
  }
  return pixels;
}

/** The lag map: above the middle the first person leads, below it the second. */
export class LagMapLane {
  /**
   * @param {Scene} scene
   * @param {Surface} surface
   */
  constructor(scene, surface) {
    this.scene = scene;
    this.surface = surface;
    /** @type {LagMap | null} */
    this.map = null;
    /** @type {{from: number, to: number, picture: HTMLCanvasElement}[]} */
    this.pictures = [];
    this.made = "";
  }

  /** @param {LagMap | null} map */
  show(map) {
    this.map = map;
    this.made = "";
  }

  paint() {
    const { scene, surface, map } = this;
    surface.fit(scene.ratio);
    surface.clear();
    if (!map || !map.time.length) return;
    if (this.made !== scene.colours.ground) this.makePictures(map);
    const box = boxOf(scene, surface, 4, 4);
    const view = viewIn(scene, box);
    const step = map.time.length > 1 ? (map.time[map.time.length - 1] - map.time[0]) / (map.time.length - 1) : 1;
    const cell = map.at.length > 1 ? (map.at[map.at.length - 1] - map.at[0]) / (map.at.length - 1) : 1;
    /** @type {[number, number]} */
    const range = [map.at[0] - cell / 2, map.at[map.at.length - 1] + cell / 2];
    const { context } = surface;
    inside(surface, box, () => {
      context.imageSmoothingEnabled = false;
      for (const { from, to, picture } of this.pictures) {
        const left = pixelAt(view, map.time[from] - step / 2);
        const right = pixelAt(view, map.time[to - 1] + step / 2);
        if (right < 0 || left > view.width) continue;
        context.drawImage(picture, box.left + left, box.top, right - left, box.height);
      }
      if (map.axis === "lag_s") {
        context.fillStyle = scene.colours.soft;
        context.fillRect(box.left, Math.round(yIn(box, range, 0)), box.width, Math.max(1, scene.ratio / 2));
      }
    });
    drawValues(scene, surface, box, range, { side: "left", colour: scene.colours.soft });
  }

  /** @param {LagMap} map */
  makePictures(map) {
    const ramp = rampOf(isDark(this.scene.colours.ground));
    this.pictures = [];
    for (let from = 0; from < map.time.length; from += MOST) {
      const to = Math.min(map.time.length, from + MOST);
      const picture = document.createElement("canvas");
      picture.width = to - from;
      picture.height = map.at.length;
      const pen = picture.getContext("2d");
      const data = new ImageData(mapPixels(map, from, to, ramp), to - from, map.at.length);
      pen?.putImageData(data, 0, 0);
      this.pictures.push({ from, to, picture });
    }
    this.made = this.scene.colours.ground;
  }
}
