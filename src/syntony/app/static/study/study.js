// @ts-check
// The study page: its table, the demo of an empty folder, the import.

import { follow } from "../jobs.js";
import { fill, send, words } from "../http.js";
import { watchImport } from "./importing.js";
import { watchTable } from "./table.js";

const text = words("study");
const table = /** @type {HTMLTableElement | null} */ (document.getElementById("sessions"));
const filter = /** @type {HTMLInputElement | null} */ (document.getElementById("filter"));
const shown = document.getElementById("shown");
const box = document.getElementById("job");

if (table && filter && shown) {
  const keys = JSON.parse(document.getElementById("sorted-by")?.textContent ?? "{}");
  watchTable(table, filter, keys, (count, all) => {
    shown.textContent = count === all ? "" : fill(text.shown, { count, all });
  });
}

const demo = /** @type {HTMLButtonElement | null} */ (document.getElementById("demo"));
demo?.addEventListener("click", () => void watchWork(() => send("POST", "/api/demo")));

if (box && document.getElementById("drop")) {
  watchImport(box, text);
  void findWork();
}

/** Go on showing the demo or the import that was at work when the page was opened again. */
async function findWork() {
  const { jobs } = /** @type {import("../types").JobList} */ (await send("GET", "/api/jobs"));
  const found = jobs.find((j) => j.state === "running" && ["demo", "import"].includes(j.kind));
  if (found) await watchWork(async () => found);
}

/**
 * Show a job until it ends; then the study is another.
 *
 * @param {() => Promise<import("../types").Job>} begin
 */
async function watchWork(begin) {
  if (!box) return;
  if (demo) demo.disabled = true;
  try {
    const ended = await follow(await begin(), box);
    if (ended.state === "finished") window.location.reload();
    else tell(ended.message || text.stopped);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
  if (demo) demo.disabled = false;
}

/** @param {string} message */
function tell(message) {
  const said = document.createElement("p");
  said.className = "problem";
  said.setAttribute("role", "alert");
  said.textContent = message;
  box?.before(said);
}
