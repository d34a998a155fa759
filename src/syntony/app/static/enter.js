// @ts-check
// The log-in form.

import { send } from "./http.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log-in"));
const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  try {
    await send("POST", "/api/enter", { name: given.get("name"), password: given.get("password") });
    window.location.assign("/");
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
    form.querySelector("input")?.focus();
  }
});
