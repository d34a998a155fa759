// @ts-check
// What else can be done with the recipe of the form: a multiverse, a plan registered beforehand.

import { follow } from "../jobs.js";
import { send, words } from "../http.js";

/**
 * Give the two buttons their work; neither begins with a recipe that is wrong.
 *
 * @param {{check: () => Promise<boolean>, given: () => {recipe: unknown, name: string},
 *   refused: (error: unknown) => void}} form
 */
export function watchAlso(form) {
  const text = words("run");
  const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const complain = (/** @type {string} */ said) => {
    at("also-problem").textContent = said;
    at("also-problem").hidden = !said;
  };
  const buttons = ["start-multiverse", "register"].map(
    (id) => /** @type {HTMLButtonElement} */ (at(id)),
  );

  /** @param {() => Promise<void>} work */
  async function doing(work) {
    complain("");
    for (const button of buttons) button.disabled = true;
    try {
      if (await form.check()) await work();
      else complain(text.also_wrong);
    } catch (error) {
      form.refused(error);
      complain(error instanceof Error ? error.message : String(error));
    }
    for (const button of buttons) button.disabled = false;
  }

  buttons[0].addEventListener("click", () =>
    doing(async () => {
      const job = await send("POST", "/api/multiverses", form.given());
      window.location.assign(`/runs/${encodeURIComponent(job.title)}`);
    }),
  );
  buttons[1].addEventListener("click", () =>
    doing(async () => {
      const box = /** @type {HTMLInputElement | null} */ (document.getElementById("replace"));
      const asked = { recipe: form.given().recipe, replace: box?.checked ?? false };
      const ended = await follow(await send("POST", "/api/plan", asked), at("job"));
      if (ended.state === "finished") window.location.assign("/plan");
      else complain(ended.message || text.also_stopped);
    }),
  );
}
