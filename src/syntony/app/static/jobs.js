// @ts-check
// Long work on a page: asks how it stands until it ends, shows its progress, can stop it.

import { fill, send, words } from "./http.js";

/** @typedef {import("./types").Job} Job */

/**
 * Follow a job to its end in a box of the page.
 *
 * @param {Job} job
 * @param {HTMLElement} box  with .job-title, progress, .job-steps and a button .stop
 * @param {number} [everyMs]
 * @returns {Promise<Job>} how it ended
 */
export async function follow(job, box, everyMs = 400) {
  const text = words("jobs");
  const bar = /** @type {HTMLProgressElement} */ (box.querySelector("progress"));
  const title = /** @type {HTMLElement} */ (box.querySelector(".job-title"));
  const steps = /** @type {HTMLElement} */ (box.querySelector(".job-steps"));
  const stop = /** @type {HTMLButtonElement} */ (box.querySelector(".stop"));
  title.textContent = job.title;
  stop.disabled = false;
  stop.onclick = () => {
    stop.disabled = true;
    void send("POST", `/api/jobs/${job.id}/stop`);
  };
  box.hidden = false;
  let now = job;
  while (now.state === "running") {
    if (now.total > 0) {
      bar.max = now.total;
      bar.value = now.done;
    } else {
      bar.removeAttribute("value");
    }
    steps.textContent = fill(now.total > 0 ? text.steps : text.begun, {
      done: now.done,
      total: now.total,
      seconds: Math.round(now.elapsed_s),
    });
    await new Promise((done) => setTimeout(done, everyMs));
    now = await send("GET", `/api/jobs/${job.id}`);
  }
  box.hidden = true;
  return now;
}
