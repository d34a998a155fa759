// @ts-check
// Before a rating ends early: what is kept, and whether it ends for good or waits.

import { fill } from "../http.js";

/**
 * @typedef {"back" | "later" | "save"} Way
 * @param {HTMLDialogElement} dialog
 * @param {string} text
 * @param {{time: string, whole: string}} reached
 * @returns {Promise<Way>} "back" where it was closed by keyboard
 */
export function askEnding(dialog, text, reached) {
  /** @type {HTMLElement} */ (dialog.querySelector("p")).textContent = fill(text, reached);
  for (const button of dialog.querySelectorAll("button")) button.onclick = () => choose(button.dataset.way);
  /** @type {Way} what holds until a button says otherwise: Esc leaves no word of its own */
  let way = "back";
  /** @param {string | undefined} chosen */
  function choose(chosen) {
    if (chosen === "later" || chosen === "save") way = chosen;
    dialog.close();
  }
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(way), { once: true }));
}
