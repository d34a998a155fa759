// @ts-check
import { fill, words } from "../http.js";
import { ask } from "../using.js";
import { wire } from "./hands.js";
import { byId } from "./plots.js";
import { Page } from "./watching.js";

const root = byId("review");
const session = root.dataset.session ?? "";
const text = words("review");
const api = `/api/sessions/${encodeURIComponent(session)}`;

function chooseElsewhere() {
  byId("sessions").addEventListener("change", (event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    window.location.assign(`/session/${encodeURIComponent(chosen)}${root.dataset.carried}`);
  });
  byId("runs").addEventListener("change", (event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    window.location.assign(`${window.location.pathname}?run=${encodeURIComponent(chosen)}`);
  });
}

async function begin() {
  chooseElsewhere();
  try {
    const run = encodeURIComponent(root.dataset.run ?? "");
    const answer = await ask(`${api}?run=${run}`);
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.problems?.map((/** @type {{message: string}} */ p) => p.message).join(" "));
    const page = new Page(found, answer.headers.get("X-Syntony-Review") ?? "", root, text);
    page.fillTables();
    wire(page);
    await page.start();
  } catch (error) {
    const status = byId("status");
    status.hidden = false;
    status.className = "problem";
    status.textContent = fill(text.failed, { message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

void begin();
