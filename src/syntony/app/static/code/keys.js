// @ts-check
// What each key does. Letters (and digits) give codes; everything else is the same in every book.

/**
 * @typedef {"play" | "back" | "on" | "far_back" | "far_on" | "frame_back" | "frame_on" | "slower" | "faster"
 *  | "loop" | "up" | "down" | "previous" | "next" | "earlier" | "later" | "start_here" | "stop_here"
 *  | "remove" | "comment" | "undo" | "redo" | "end_all" | "help" | "zoom_in" | "zoom_out"} Deed
 */

/** @type {Record<string, Deed>} */
const PLAIN = {
  " ": "play", ArrowLeft: "back", ArrowRight: "on", ArrowUp: "up", ArrowDown: "down",
  ",": "frame_back", ".": "frame_on", "-": "slower", "+": "faster", "=": "faster", "/": "loop",
  PageUp: "previous", PageDown: "next", "[": "start_here", "]": "stop_here", "(": "start_here", ")": "stop_here",
  Delete: "remove", Backspace: "remove", Enter: "comment", Escape: "end_all", "?": "help",
  "<": "zoom_out", ">": "zoom_in",
};

/** @type {Record<string, Deed>} */
const SHIFTED = { ArrowLeft: "far_back", ArrowRight: "far_on", PageUp: "previous", PageDown: "next" };

/** @type {Record<string, Deed>} */
const WITH_ALT = { ArrowLeft: "earlier", ArrowRight: "later" };

/**
 * What a key press means; null where it is the browser's.
 *
 * @param {{key: string, code?: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} e
 * @param {Map<string, string>} codes  key to code
 * @returns {{deed: Deed} | {code: string, point: boolean, key: string} | null}
 */
export function meaning(e, codes) {
  const low = e.key.toLowerCase();
  if ((e.ctrlKey || e.metaKey) && !e.altKey) {
    if (low === "z") return { deed: e.shiftKey ? "redo" : "undo" };
    if (low === "y") return { deed: "redo" };
    return null;
  }
  if (e.ctrlKey || e.metaKey) return null; // AltGr arrives as both: its signs come below as keys
  if (e.altKey) return WITH_ALT[e.key] ? { deed: WITH_ALT[e.key] } : null;
  const digit = /^Digit(\d)$/.exec(e.code ?? "");
  const sign = e.shiftKey && digit ? digit[1] : low; // Shift and a digit is a point by that digit
  const code = codes.get(sign);
  if (code) return { code, point: e.shiftKey, key: e.code || sign };
  if (e.shiftKey && SHIFTED[e.key]) return { deed: SHIFTED[e.key] };
  return PLAIN[e.key] ? { deed: PLAIN[e.key] } : null;
}

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
const PAGES = ["PageUp", "PageDown", "Home", "End"];
/** What keeps some keys while it has the keyboard, and leaves the others to the page. @type {[string, string[]][]} */
const KEPT = [
  ["input[type=range]", [...ARROWS, ...PAGES]],
  ["input[type=radio], input[type=checkbox]", [...ARROWS, " "]],
  ["button, a, summary, [role=button]", [" ", "Enter"]],
  ["[role=region][tabindex]", [...ARROWS, ...PAGES, " "]], // it scrolls
];
const ALL_KEPT = "input, textarea, select";

/**
 * Whether a key belongs to what has the keyboard now: a field, a list, an open dialog, a region
 * that scrolls.
 * @param {Element | null} at @param {{key: string, altKey?: boolean}} e
 */
export function isTaken(at, e) {
  if (!at) return false;
  if (at.closest("dialog[open]")) return true;
  for (const [what, kept] of KEPT) if (at.matches(what)) return !e.altKey && kept.includes(e.key);
  return at.matches(ALL_KEPT);
}

/** A list gives the keys back once something was chosen from it by mouse; by keyboard, with Esc. */
export function freeLists() {
  let byMouse = false;
  document.addEventListener("pointerdown", () => (byMouse = true), true);
  document.addEventListener("keydown", () => (byMouse = false), true);
  document.addEventListener("change", (e) => {
    if (byMouse && e.target instanceof HTMLSelectElement) e.target.blur();
  });
}
