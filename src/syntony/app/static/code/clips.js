// @ts-check
// Making clips for blind coding: the form, the work, what came of it.

import { follow } from "../jobs.js";
import { send, words } from "../http.js";

const text = words("clips");
/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (at("make"));
const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));
const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (at(id)).value;
const isChecked = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (at(id)).checked;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  problem.hidden = at("made").hidden = true;
  button.disabled = true;
  try {
    const ended = await follow(await send("POST", "/api/clips", wanted()), at("job"));
    if (ended.state === "finished") tell(ended.result.lines);
    else complain(ended.message || text.stopped);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
  button.disabled = false;
});

function wanted() {
  return {
    run: value("run"),
    which: value("which"),
    matched: isChecked("matched"),
    length_s: value("length") === "" ? null : Number(value("length")),
    margin_s: Number(value("margin")),
    cut: isChecked("cut"),
  };
}

/** @param {string} message */
function complain(message) {
  problem.textContent = message;
  problem.hidden = false;
}

/** @param {string[]} lines */
function tell(lines) {
  const made = at("made");
  made.replaceChildren(
    ...[...lines, text.made_next].map((line) => {
      const said = document.createElement("p");
      said.textContent = line;
      return said;
    }),
  );
  const go = document.createElement("a");
  go.href = "/clips";
  go.textContent = text.made_go;
  made.append(go);
  made.hidden = false;
  made.focus();
}
