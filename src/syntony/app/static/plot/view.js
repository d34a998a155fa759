// @ts-check

/**
 * The stretch of time that is on the screen. All functions give a new view; none changes one.
 *
 * @typedef {object} View
 * @property {number} start  first second shown
 * @property {number} stop   last second shown
 * @property {number} first  first second there is
 * @property {number} last   last second there is
 * @property {number} width  pixels from start to stop
 */

/** Shortest stretch that can be shown, in seconds. */
export const LEAST_S = 0.05;

/**
 * @param {number} first
 * @param {number} last
 * @param {number} width
 * @returns {View}
 */
export function wholeView(first, last, width) {
  return { start: first, stop: last, first, last, width };
}

/**
 * Time to pixels from the left edge.
 * @param {View} view
 * @param {number} time
 */
export function pixelAt(view, time) {
  return ((time - view.start) * view.width) / (view.stop - view.start);
}

/**
 * Pixels from the left edge to time.
 * @param {View} view
 * @param {number} x
 */
export function timeAt(view, x) {
  return view.start + (x * (view.stop - view.start)) / view.width;
}

/**
 * The same stretch, moved and shortened so that it lies inside what there is.
 * @param {View} view
 * @returns {View}
 */
export function clampView(view) {
  const whole = view.last - view.first;
  const span = Math.min(whole, Math.max(LEAST_S, view.stop - view.start));
  const start = Math.min(Math.max(view.start, view.first), view.last - span);
  return { ...view, start, stop: start + span };
}

/**
 * Zoom so that the time under a pixel stays under it.
 * @param {View} view
 * @param {number} x       pixel that stays
 * @param {number} factor  above 1: closer
 */
export function zoomAt(view, x, factor) {
  const whole = view.last - view.first;
  const span = Math.min(whole, Math.max(LEAST_S, (view.stop - view.start) / factor));
  const kept = timeAt(view, x);
  const start = kept - (span * x) / view.width;
  return clampView({ ...view, start, stop: start + span });
}

/**
 * Move by pixels; positive shows what is later.
 * @param {View} view
 * @param {number} pixels
 */
export function panBy(view, pixels) {
  const moved = (pixels * (view.stop - view.start)) / view.width;
  return clampView({ ...view, start: view.start + moved, stop: view.stop + moved });
}

/**
 * Show a stretch with room on both sides.
 * @param {View} view
 * @param {number} start
 * @param {number} stop
 * @param {number} room  share of the stretch that is left free on either side
 */
export function showStretch(view, start, stop, room = 1) {
  const more = Math.max(stop - start, LEAST_S) * room;
  return clampView({ ...view, start: start - more, stop: stop + more });
}

/**
 * Whether a time is on the screen.
 * @param {View} view
 * @param {number} time
 */
export function isInSight(view, time) {
  return time >= view.start && time <= view.stop;
}

/**
 * The same view with this time on the screen: unchanged where it is, turned like a page where not.
 * @param {View} view
 * @param {number} time
 */
export function keepInSight(view, time) {
  const span = view.stop - view.start;
  if (isInSight(view, time)) return view;
  const start = time > view.stop ? time - span * 0.1 : time - span * 0.9;
  return clampView({ ...view, start, stop: start + span });
}
