// @ts-check
// Whether somebody uses the page: what only the page does of itself is no use, and ends no idling.

const IDLE_HEADER = "X-Syntony-Idle";
const BACK = "syntony-back";
const DEEDS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

let usedMs = performance.now();
let isLeaving = false;
/** @type {WeakMap<object, number>} how far each film was watched: one that loops does not count for ever */
const watched = new WeakMap();

/** Somebody did something. */
export function used() {
  usedMs = performance.now();
}

/** @returns {number} seconds since somebody did something */
export function idleS() {
  return (performance.now() - usedMs) / 1000;
}

/** @param {{currentTime: number}} film  that has come on */
export function watch(film) {
  if (film.currentTime <= (watched.get(film) ?? 0)) return;
  watched.set(film, film.currentTime);
  used();
}

/**
 * Ask the server; a page whose log-in has ended shows nothing any longer.
 *
 * @param {string} url
 * @param {RequestInit & {headers?: Record<string, string>}} [options]
 * @returns {Promise<Response>}
 */
export async function ask(url, options = {}) {
  const headers = { [IDLE_HEADER]: idleS().toFixed(1), ...options.headers };
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  if (answer.status === 401) goToDoor();
  return answer;
}

/**
 * Of a study without accounts the page stays, and waits until the program lets this browser in
 * again. Else it goes to the log-in; what was typed is handed to the page before, which keeps it.
 */
function goToDoor() {
  if (!("idles" in document.body.dataset) || isLeaving) return;
  isLeaving = true;
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  window.sessionStorage.setItem(BACK, window.location.pathname + window.location.search);
  window.location.assign("/enter");
}

/** @returns {string} where this window was when its log-in ended; the study if it was not */
export function wayBack() {
  const back = window.sessionStorage.getItem(BACK) ?? "/";
  window.sessionStorage.removeItem(BACK);
  return back.startsWith("/") && !back.startsWith("//") ? back : "/";
}

if (typeof window !== "undefined") {
  for (const deed of DEEDS) {
    window.addEventListener(deed, (event) => event.isTrusted && used(), { capture: true, passive: true });
  }
  window.addEventListener("timeupdate", (event) => watch(/** @type {HTMLMediaElement} */ (event.target)), true);
}
