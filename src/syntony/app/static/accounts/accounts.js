// @ts-check
// The accounts of a study: add, change, assign sessions, a new password, remove.

import { fill, send, words } from "../http.js";
import { ask } from "../using.js";

const text = words("accounts");

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const add = /** @type {HTMLFormElement} */ (at("add"));
const change = /** @type {HTMLFormElement} */ (at("change"));
const role = /** @type {HTMLSelectElement} */ (at("change-role"));
const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (
  at("sessions").querySelectorAll("input[type=checkbox]")
);
/** @type {HTMLTableRowElement | null} */
let chosen = null;

/**
 * Do something on the server; what it refuses is said in the form.
 *
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} work
 */
async function doing(form, work) {
  const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));
  problem.hidden = true;
  try {
    await work();
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  }
}

/** @param {import("../types").AccountShape} account  with a password that was drawn */
function tell(account) {
  at("told-title").textContent = fill(text.told, { name: account.name });
  at("told-password").textContent = account.password;
  at("told").hidden = false;
  at("told-title").focus();
}

/** Fetch the table anew, without losing what is said above it. */
async function redraw() {
  const answer = await ask(window.location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("accounts");
  const before = document.getElementById("accounts");
  if (now && before) before.replaceWith(now);
  else if (now) add.before(now);
  document.querySelector("main > .note")?.remove();
  listen();
}

function listen() {
  for (const button of document.querySelectorAll("#accounts .change")) {
    button.addEventListener("click", () => open(/** @type {HTMLTableRowElement} */ (button.closest("tr"))));
  }
}

/** @param {HTMLTableRowElement} row */
function open(row) {
  chosen = row;
  at("change-title").textContent = fill(text.change_of, { name: row.dataset.name ?? "" });
  role.value = row.dataset.role ?? "reader";
  const held = new Set((row.dataset.sessions ?? "").split(" "));
  for (const box of boxes) box.checked = held.has(box.value);
  at("sessions").hidden = role.value !== "coder";
  at("sure").hidden = true;
  change.hidden = false;
  at("change-title").focus();
}

function close() {
  const name = chosen?.dataset.name;
  change.hidden = true;
  chosen = null;
  /** @type {HTMLElement | null} */ (
    document.querySelector(`#accounts tr[data-name="${CSS.escape(name ?? "")}"] .change`)
  )?.focus();
}

const url = (/** @type {string} */ end) => `/api/accounts/${chosen?.dataset.account}${end}`;

add.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = /** @type {HTMLInputElement} */ (at("add-name"));
  const wanted = /** @type {HTMLSelectElement} */ (at("add-role"));
  void doing(add, async () => {
    const made = await send("POST", "/api/accounts", { name: name.value.trim(), role: wanted.value });
    name.value = "";
    if ("first" in add.dataset) {
      add.hidden = true; // with the first account the log-in by the address has ended
      document.querySelector("main > .note")?.remove();
    } else await redraw();
    tell(made);
  });
});

change.addEventListener("submit", (event) => {
  event.preventDefault();
  void doing(change, async () => {
    if (role.value !== chosen?.dataset.role) await send("PUT", url("/role"), { role: role.value });
    if (role.value === "coder") {
      const sessions = Array.from(boxes, (b) => (b.checked ? b.value : "")).filter(Boolean);
      await send("PUT", url("/sessions"), { sessions });
    }
    await redraw();
    at("said").textContent = text.saved;
    close();
  });
});

role.addEventListener("change", () => {
  at("sessions").hidden = role.value !== "coder";
});
at("pick-all").addEventListener("click", () => boxes.forEach((b) => (b.checked = true)));
at("pick-none").addEventListener("click", () => boxes.forEach((b) => (b.checked = false)));
at("cancel").addEventListener("click", close);
at("renew").addEventListener("click", () => {
  void doing(change, async () => {
    const changed = await send("POST", url("/password"));
    await redraw();
    close();
    tell(changed);
  });
});
at("remove").addEventListener("click", () => {
  at("sure-told").textContent = fill(text.remove_sure, { name: chosen?.dataset.name ?? "" });
  at("sure").hidden = false;
  at("sure-no").focus();
});
at("sure-no").addEventListener("click", () => {
  at("sure").hidden = true;
  at("remove").focus();
});
at("sure-yes").addEventListener("click", () => {
  void doing(change, async () => {
    const name = chosen?.dataset.name ?? "";
    await send("DELETE", url(""));
    await redraw();
    at("said").textContent = fill(text.removed, { name });
    close();
    at("add-name").focus();
  });
});
listen();
