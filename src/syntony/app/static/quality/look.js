// @ts-check
// What is on the screen: closer, wider, earlier, later; another width; another theme.

import { themeColours } from "../plot/colours.js";
import { clampView, panBy, zoomAt } from "../plot/view.js";

/** @typedef {import("../plot/view.js").View} View */
/** @typedef {{scene: import("../plot/frame.js").Scene, setView: (view: View) => void, measure: () => void, askAll: () => void}} Shown */

/**
 * Buttons, the window's size and the theme.
 *
 * @param {Shown} page
 * @param {HTMLElement} lanes
 */
export function listenView(page, lanes) {
  /** @type {Record<string, (view: View) => View>} */
  const moves = {
    closer: (v) => zoomAt(v, v.width / 2, 2),
    wider: (v) => zoomAt(v, v.width / 2, 0.5),
    earlier: (v) => panBy(v, -v.width / 2),
    later: (v) => panBy(v, v.width / 2),
    whole: (v) => clampView({ ...v, start: v.first, stop: v.last }),
  };
  for (const button of document.querySelectorAll("[data-view]"))
    button.addEventListener("click", () =>
      page.setView(moves[/** @type {HTMLElement} */ (button).dataset.view ?? "whole"](page.scene.view)),
    );
  new ResizeObserver(() => page.measure()).observe(lanes);
  const theme = () => {
    page.scene.colours = themeColours(document.documentElement);
    page.askAll();
  };
  document.addEventListener("syntony-theme", theme);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
}
