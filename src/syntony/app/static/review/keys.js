// @ts-check

/**
 * What a key does, by name; null where it is not ours.
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {string | null}
 */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const far = event.shiftKey;
  switch (event.key) {
    case " ":
      return "play";
    case "ArrowLeft":
      return far ? "back-far" : "back";
    case "ArrowRight":
      return far ? "on-far" : "on";
    case "PageUp":
      return "page-back";
    case "PageDown":
      return "page-on";
    case "+":
    case "=":
      return "closer";
    case "-":
    case "−":
    case "_":
      return "wider";
    case "0":
      return "whole";
    case "Home":
      return "start";
    case "End":
      return "end";
    case "n":
      return "next";
    case "p":
      return "previous";
    case "m":
      return "sound";
    case "l":
      return "loop";
    case ",":
      return "frame-back";
    case ".":
      return "frame-on";
    case "[":
      return "slower";
    case "]":
      return "faster";
    case "f":
      return "fit";
    case "Escape":
      return "leave";
    default:
      return null;
  }
}

/**
 * Whether an element keeps its keys for itself: fields always, buttons and links their own two.
 * @param {{tagName: string, isContentEditable: boolean} | null} element
 * @param {string} key
 */
export function keepsKey(element, key) {
  if (!element) return false;
  const name = element.tagName;
  if (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT", "VIDEO", "AUDIO"].includes(name)) {
    return true;
  }
  return ["BUTTON", "A", "SUMMARY"].includes(name) && (key === " " || key === "Enter");
}

/**
 * The moment after or before a time; the next one round at the ends.
 * @template {{start_s: number}} T
 * @param {T[]} moments   ascending
 * @param {number} time
 * @param {1 | -1} way
 * @returns {T | null}
 */
export function neighbour(moments, time, way) {
  if (!moments.length) return null;
  if (way > 0) return moments.find((m) => m.start_s > time + 1e-6) ?? moments[0];
  return moments.filter((m) => m.start_s < time - 1e-6).at(-1) ?? moments[moments.length - 1];
}
