// @ts-check
// The log-in form.

import { Refused, send } from "./http.js";
import { wayBack } from "./using.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log-in"));
const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(form));
  problem.hidden = true;
  try {
    await send("POST", "/api/enter", given);
    window.location.assign(wayBack());
  } catch (error) {
    if (error instanceof Refused && error.status === 409) {
      askForOwn();
      return;
    }
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
    form.querySelector("input")?.focus();
  }
});

/** The password was good once: have one chosen that takes its place. */
function askForOwn() {
  const own = /** @type {HTMLInputElement} */ (document.getElementById("own"));
  /** @type {HTMLElement} */ (document.getElementById("own-field")).hidden = false;
  own.required = true;
  own.focus();
}
