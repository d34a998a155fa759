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

const SLIDING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const SCROLLING = [...SLIDING, " "];

/**
 * Whether an element keeps a key for itself: fields all of them, sliders those that move them,
 * what scrolls those that scroll, buttons and links the two that press them.
 * @param {{tagName: string, isContentEditable: boolean, type?: string, className?: string} | null} element
 * @param {string} key
 */
export function keepsKey(element, key) {
  if (!element) return false;
  const name = element.tagName;
  if (name === "INPUT" && element.type === "range") return SLIDING.includes(key);
  if (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT", "VIDEO", "AUDIO"].includes(name)) {
    return true;
  }
  if (element.className?.split(" ").includes("scroll")) return SCROLLING.includes(key);
  return ["BUTTON", "A", "SUMMARY"].includes(name) && (key === " " || key === "Enter");
}

/**
 * Whether a chooser gives the keys back to the page once something was chosen: not while a person
 * goes through it key by key.
 * @param {string} last  key that was pressed last; empty: it was the pointer
 */
export function blursAfter(last) {
  return last === "" || last === "Enter";
}

/**
 * The moment after or before another, else after or before a time; round at the ends.
 * @template {{start_s: number}} T
 * @param {T[]} moments   ascending
 * @param {number} time
 * @param {1 | -1} way
 * @param {T | null} [chosen]  one of them: from there, so that none of an equal start is left out
 * @returns {T | null}
 */
export function neighbour(moments, time, way, chosen = null) {
  if (!moments.length) return null;
  const at = chosen ? moments.indexOf(chosen) : -1;
  if (at >= 0) return moments[(at + way + moments.length) % moments.length];
  if (way > 0) return moments.find((m) => m.start_s > time + 1e-6) ?? moments[0];
  return moments.filter((m) => m.start_s < time - 1e-6).at(-1) ?? moments[moments.length - 1];
}
