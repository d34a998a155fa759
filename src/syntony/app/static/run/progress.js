// @ts-check
// A run at work: how far it is, how long it takes, its stop; and going on with one that stopped.

import { fill, Refused, send, words } from "../http.js";
import { left, spoken } from "./time.js";

/** @typedef {import("../types").Job} Job */

const said = words("run");
const box = document.getElementById("progress");
const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById("bar"));
const told = document.getElementById("told");
const stop = /** @type {HTMLButtonElement | null} */ (document.getElementById("stop"));
const resume = /** @type {HTMLButtonElement | null} */ (document.getElementById("resume"));
const problem = document.getElementById("run-problem");

/** @param {string} text */
function complain(text) {
  if (!problem) return;
  problem.textContent = text;
  problem.hidden = !text;
}

/** @param {Job} job */
function show(job) {
  const share = job.total > 0 ? job.done / job.total : 0;
  if (bar) {
    if (job.total > 0) bar.value = share;
    else bar.removeAttribute("value");
  }
  const rest = left(job.done, job.total, job.elapsed_s);
  const parts = [
    fill(said.progress, { percent: Math.floor(100 * share) }),
    fill(said.elapsed, { time: spoken(job.elapsed_s, said) }),
    rest === null ? said.estimate_none : fill(said.estimate, { time: spoken(rest, said) }),
  ];
  if (told) told.textContent = parts.join(" · ");
}

/** @param {string} id */
async function watch(id) {
  for (;;) {
    try {
      /** @type {Job} */
      const job = await send("GET", `/api/jobs/${id}`);
      if (job.state !== "running") {
        window.location.reload();
        return;
      }
      show(job);
    } catch (error) {
      complain(error instanceof Refused ? error.message : said.unreachable);
      if (error instanceof Refused) return;
    }
    await new Promise((wake) => window.setTimeout(wake, 1000));
  }
}

const id = box?.dataset.job;
if (id) void watch(id);

stop?.addEventListener("click", async () => {
  stop.disabled = true;
  stop.textContent = said.stopping;
  try {
    await send("POST", `/api/jobs/${id}/stop`);
  } catch (error) {
    complain(error instanceof Error ? error.message : said.unreachable);
  }
});

resume?.addEventListener("click", async () => {
  resume.disabled = true;
  complain("");
  try {
    await send("POST", `/api/runs/${encodeURIComponent(String(resume.dataset.run))}/resume`);
    window.location.reload();
  } catch (error) {
    complain(error instanceof Error ? error.message : said.unreachable);
    resume.disabled = false;
  }
});

const calibrate = /** @type {HTMLFormElement | null} */ (document.getElementById("calibrate"));
calibrate?.addEventListener("submit", async (event) => {
  event.preventDefault();
  complain("");
  const many = /** @type {HTMLSelectElement | null} */ (document.getElementById("how-many"));
  const url = `/api/runs/${encodeURIComponent(String(calibrate.dataset.run))}/calibrate`;
  try {
    await send("POST", url, { quick: many?.value === "quick" });
    window.location.reload();
  } catch (error) {
    complain(error instanceof Error ? error.message : said.unreachable);
  }
});
