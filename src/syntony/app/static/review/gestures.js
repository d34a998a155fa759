// @ts-check

/**
 * What a person does on the plots, in pixels from the left edge of the plot.
 * @typedef {object} Wishes
 * @property {(x: number, factor: number) => void} zoom
 * @property {(pixels: number) => void} pan
 * @property {(x: number) => void} click
 */

/**
 * How much closer one turn of a wheel brings: the same for a mouse and a touchpad.
 * @param {{deltaY: number, deltaMode: number}} event
 */
export function wheelFactor(event) {
  const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
  return Math.exp(-Math.max(-120, Math.min(120, pixels)) / 400);
}

/**
 * Wheel, drag, pinch and click on the plots.
 * @param {HTMLElement} element
 * @param {() => {left: number, width: number}} plot  where the plot lies in the element
 * @param {Wishes} wishes
 */
export function listen(element, plot, wishes) {
  const xOf = (/** @type {{clientX: number}} */ e) => e.clientX - element.getBoundingClientRect().left - plot().left;
  element.addEventListener(
    "wheel",
    (event) => {
      const x = xOf(event);
      if (x < 0 || x > plot().width) return;
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        wishes.pan(event.deltaX || event.deltaY);
      } else {
        wishes.zoom(x, wheelFactor(event));
      }
    },
    { passive: false },
  );
  /** @type {Map<number, number>} pointers that are down: id to x */
  const down = new Map();
  let moved = 0;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    down.set(event.pointerId, xOf(event));
    if (down.size === 1) moved = 0;
  });
  element.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (last === undefined) return;
    const x = xOf(event);
    moved += Math.abs(x - last);
    const others = [...down].filter(([id]) => id !== event.pointerId);
    if (others.length) {
      const other = others[0][1];
      const [before, after] = [Math.abs(last - other), Math.abs(x - other)];
      if (before > 8 && after > 8) wishes.zoom((x + other) / 2, after / before);
    } else if (moved > 4) {
      element.setPointerCapture(event.pointerId);
      element.classList.add("dragging");
      wishes.pan(last - x);
    }
    down.set(event.pointerId, x);
  });
  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    element.classList.remove("dragging");
    const x = xOf(event);
    if (event.type === "pointerup" && moved <= 4 && x >= 0 && x <= plot().width) wishes.click(x);
  };
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
}

/**
 * Click and drag on the overview: the time under the pointer.
 * @param {HTMLElement} element
 * @param {(x: number) => void} go  pixels from the left edge of the element
 */
export function listenOverview(element, go) {
  element.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    element.setPointerCapture(event.pointerId);
    go(event.clientX - element.getBoundingClientRect().left);
  });
  element.addEventListener("pointermove", (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    go(event.clientX - element.getBoundingClientRect().left);
  });
}
