// @ts-check
// The form of a run: reads itself, has the server check it, shows what is wrong at the field.

import { fill, Refused, send, words } from "../http.js";
import { watchAlso } from "./also.js";
import { Rows } from "./rows.js";
import { nearest, put, same, valueOf } from "./values.js";

/** @typedef {import("../http.js").Problem} Problem */
/** @typedef {import("./values.js").Kind} Kind */

const said = words("run");
const form = /** @type {HTMLFormElement} */ (document.getElementById("recipe"));
const verdict = /** @type {HTMLElement} */ (document.getElementById("verdict"));
const registered = /** @type {HTMLElement} */ (document.getElementById("registered"));
const start = /** @type {HTMLButtonElement} */ (document.getElementById("start"));
/** @type {{rows: import("./rows.js").List[], kept: Record<string, any>}} */
const held = JSON.parse(document.getElementById("form")?.textContent ?? "{}");
/** @type {Map<string, Rows>} */
const lists = new Map();
let asked = 0;
let waiting = 0;

for (const list of held.rows) {
  const place = list.place;
  const box = /** @type {HTMLElement} */ (form.querySelector(`[data-rows="${place}"]`));
  const rows = new Rows(list, box, said, later);
  lists.set(place, rows);
  form.querySelector(`[data-add="${place}"]`)?.addEventListener("click", () => {
    rows.add().querySelector("select")?.focus();
    later();
  });
  const byHand = byHandOf(place);
  if (byHand) {
    byHand.checked = list.value !== null;
    byHand.addEventListener("change", () => showByHand(place));
    showByHand(place);
  }
}

/**
 * @param {string} place
 * @returns {HTMLInputElement | null}
 */
function byHandOf(place) {
  return form.querySelector(`[data-by-hand="${place}"]`);
}

/** @param {string} place */
function showByHand(place) {
  const chosen = byHandOf(place)?.checked ?? true;
  for (const part of form.querySelectorAll(`[data-rows="${place}"], [data-add="${place}"]`))
    /** @type {HTMLElement} */ (part).hidden = !chosen;
  const rows = lists.get(place);
  if (chosen && rows && !rows.value().length) rows.add();
}

/** @returns {Record<string, any>} the recipe as it stands in the form */
function recipe() {
  /** @type {Record<string, any>} */
  const found = {};
  for (const [place, value] of Object.entries(held.kept)) put(found, place, value);
  for (const field of form.querySelectorAll(".field[data-kind]:not([data-within], [data-outside])"))
    put(found, String(/** @type {HTMLElement} */ (field).dataset.place), read(/** @type {HTMLElement} */ (field)));
  for (const [place, rows] of lists)
    found[place] = byHandOf(place)?.checked === false ? null : rows.value();
  return found;
}

/**
 * @param {HTMLElement} field
 * @returns {unknown}
 */
function read(field) {
  const kind = /** @type {Kind} */ (field.dataset.kind);
  const items = [...field.querySelectorAll("[data-item], [data-word]")];
  if (items.length) return readItems(field, kind, items);
  const input = field.querySelector("input, select, textarea");
  if (input instanceof HTMLSelectElement) return JSON.parse(input.value);
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked;
  const value = valueOf(kind, /** @type {HTMLInputElement} */ (input).value);
  const nothing = Array.isArray(value) && !value.length;
  return nothing && field.dataset.empty === "true" ? null : value;
}

/**
 * @param {HTMLElement} field
 * @param {Kind} kind
 * @param {Element[]} items
 */
function readItems(field, kind, items) {
  if (kind === "table") {
    const chosen = items.map((i) => [/** @type {HTMLElement} */ (i).dataset.word, /** @type {HTMLSelectElement} */ (i).value]);
    return Object.fromEntries(chosen.filter(([, value]) => value !== ""));
  }
  if (items[0] instanceof HTMLSelectElement) {
    const chosen = items.map((i) => JSON.parse(/** @type {HTMLSelectElement} */ (i).value ? JSON.stringify(/** @type {HTMLSelectElement} */ (i).value) : '""'));
    return chosen.every((c) => c === "") && field.dataset.empty === "true" ? null : chosen;
  }
  return items
    .filter((i) => /** @type {HTMLInputElement} */ (i).checked)
    .map((i) => /** @type {HTMLElement} */ (i).dataset.item);
}

/** Check in a moment: while somebody types, not at every key. */
function later() {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(check, 350);
  showChanged();
}

/** @returns {{recipe: Record<string, any>, name: string}} what is sent */
function given() {
  const name = /** @type {HTMLInputElement} */ (document.getElementById("f-name")).value.trim();
  return { recipe: recipe(), name };
}

/**
 * Have the server settle the recipe dryly, and show what it says.
 *
 * @returns {Promise<boolean>} whether a run could begin with what stands in the form now
 */
async function check() {
  const mine = (asked += 1);
  verdict.textContent = said.checking;
  try {
    const found = await send("POST", "/api/recipe/check", given());
    if (mine !== asked) return false;
    showProblems(found.problems);
    registered.hidden = !found.registered;
    registered.textContent = found.registered;
    if (!found.problems.length)
      verdict.textContent = [fill(said.ready, found), ...found.notes].join(" ");
    return !found.problems.length;
  } catch (error) {
    if (mine === asked) showRefusal(error);
    return false;
  }
}

/** @param {unknown} error */
function showRefusal(error) {
  if (error instanceof Refused && error.problems.length) showProblems(error.problems);
  else verdict.textContent = said.unreachable;
}

/**
 * Each at its field; those of no field above the button. The first one's fold is opened.
 *
 * @param {Problem[]} problems
 */
function showProblems(problems) {
  for (const place of form.querySelectorAll(".problem")) {
    place.textContent = "";
    /** @type {HTMLElement} */ (place).hidden = true;
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const one of problems) {
    const where = nearest(one.field, (place) => placeOf(place) !== null);
    const target = placeOf(where ?? "");
    if (!target) continue;
    target.box.textContent = `${target.box.textContent} ${one.message}`.trim();
    target.box.hidden = false;
    target.input?.setAttribute("aria-invalid", "true");
    for (let up = target.box.parentElement; up; up = up.parentElement)
      if (up instanceof HTMLDetailsElement) up.open = true;
  }
  if (problems.length)
    verdict.textContent =
      problems.length === 1 ? said.wrong_one : fill(said.wrong_many, { count: problems.length });
}

/**
 * @param {string} place
 * @returns {{box: HTMLElement, input: Element | null} | null}
 */
function placeOf(place) {
  const field = form.querySelector(`.field[data-place="${place}"]`);
  const inside = /** @type {HTMLElement | null} */ (field?.querySelector(".problem") ?? null);
  if (field && inside) return { box: inside, input: field.querySelector("input, select, textarea") };
  const whole = /** @type {HTMLElement | null} */ (form.querySelector(`[data-problem="${place}"]`));
  return whole ? { box: whole, input: null } : null;
}

/** Say at each fold how many of its fields are no default. */
function showChanged() {
  for (const fold of form.querySelectorAll("[data-part]")) {
    const fields = /** @type {HTMLElement[]} */ ([...fold.querySelectorAll(".field[data-kind]")]);
    const changed = fields.filter((f) => !same(read(f), JSON.parse(f.dataset.default ?? "null")));
    for (const f of fields) f.classList.toggle("is-changed", changed.includes(f));
    const told = fold.querySelector("[data-changed]");
    if (told) told.textContent = changed.length ? `· ${changed.length} ${said.changed}` : "";
  }
}

form.addEventListener("change", later);
form.addEventListener("input", later);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  window.clearTimeout(waiting);
  start.disabled = true;
  if (await check()) await begin();
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong instanceof HTMLElement) wrong.focus();
  start.disabled = false;
});

/** Start the run and go to its page. */
async function begin() {
  try {
    const job = await send("POST", "/api/runs", given());
    window.location.assign(`/runs/${encodeURIComponent(job.title)}`);
  } catch (error) {
    showRefusal(error);
  }
}

showChanged();
void check();
watchAlso({
  check: async () => {
    window.clearTimeout(waiting);
    return check();
  },
  given,
  refused: showRefusal,
});
