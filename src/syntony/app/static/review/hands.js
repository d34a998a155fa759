// @ts-check
// What a person does on the page: keys, buttons, pointer; and what it does to the page.

import { clampView, panBy, timeAt, zoomAt } from "../plot/view.js";
import { listen, listenOverview } from "./gestures.js";
import { actionOf, blursAfter, keepsKey } from "./keys.js";
import { byId } from "./plots.js";

/** @typedef {import("./watching.js").Page} Page */

const BUTTONS = ["play", "previous", "next", "loop", "closer", "wider", "whole", "fit"];

/**
 * Do what a key or a button is for.
 * @param {Page} page
 * @param {string} action
 */
export function act(page, action) {
  const { view } = page.shown.scene;
  const now = page.clock.now();
  /** @type {Record<string, () => void>} */
  const all = {
    play: () => page.togglePlay(),
    back: () => page.moveTo(now - 1),
    on: () => page.moveTo(now + 1),
    "back-far": () => page.moveTo(now - 10),
    "on-far": () => page.moveTo(now + 10),
    "page-back": () => page.look(panBy(view, -view.width / 2)),
    "page-on": () => page.look(panBy(view, view.width / 2)),
    closer: () => page.zoomAtPlayhead(1.5),
    wider: () => page.zoomAtPlayhead(1 / 1.5),
    whole: () => page.showWhole(),
    start: () => page.moveTo(view.first),
    end: () => page.moveTo(view.last),
    next: () => page.nextMoment(1),
    previous: () => page.nextMoment(-1),
    loop: () => page.toggleLoop(),
    "frame-back": () => page.stepFrames(-1),
    "frame-on": () => page.stepFrames(1),
    sound: () => page.players.sound?.toggle(),
    slower: () => page.changeSpeed(-1),
    faster: () => page.changeSpeed(1),
    fit: () => page.toggleFit(),
    leave: () => page.leave(),
  };
  all[action]?.();
}

/** @param {Page} page */
export function wire(page) {
  for (const id of BUTTONS) byId(id).addEventListener("click", () => act(page, id));
  byId("speed").addEventListener("change", (e) => page.setSpeed(Number(/** @type {HTMLSelectElement} */ (e.target).value)));
  wireKeys(page);
  wirePlots(page);
  const retheme = () => page.shown.takeTheme();
  document.addEventListener("syntony-theme", retheme);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
}

/** @param {Page} page */
function wireKeys(page) {
  let last = "";
  document.addEventListener("pointerdown", () => (last = ""), true);
  document.addEventListener("keydown", (event) => {
    last = event.key;
    const element = event.target instanceof HTMLElement ? event.target : null;
    const action = actionOf(event);
    if (!action || keepsKey(element, event.key)) return;
    event.preventDefault();
    act(page, action);
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement && blursAfter(last)) event.target.blur();
  });
}

/** @param {Page} page */
function wirePlots(page) {
  const { shown } = page;
  listen(byId("plots"), () => ({ left: shown.scene.gutters.left, width: shown.scene.view.width }), {
    zoom: (x, factor) => page.look(zoomAt(shown.scene.view, x, factor)),
    pan: (pixels) => page.look(panBy(shown.scene.view, pixels)),
    click: (x) => page.clickAt(timeAt(shown.scene.view, x)),
  });
  listenOverview(byId("overview"), (x) => {
    const { view, gutters } = shown.scene;
    const time = view.first + ((x - gutters.left) * (view.last - view.first)) / view.width;
    const half = (view.stop - view.start) / 2;
    shown.setView(clampView({ ...view, start: time - half, stop: time + half }));
    page.moveTo(time);
  });
  new ResizeObserver(() => {
    shown.measure();
    shown.askAll();
  }).observe(byId("plots"));
}
