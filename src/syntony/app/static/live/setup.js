// @ts-check
// Before a recording: which streams are there, whose they are, in which unit.

import { fill, words } from "../http.js";

/** @typedef {import("../types").LiveFound} LiveFound */
/** @typedef {import("../types").LiveStream} LiveStream */

const said = words("live");

/** @param {string} id */
function json(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "[]");
}

/** @type {string[]} */
export const roles = json("roles");

/**
 * Name by which a stream is asked for: its source id, or its name where it has none.
 * @param {LiveStream} stream
 */
export function askedAs(stream) {
  return stream.source_id || stream.name;
}

/**
 * Whose a stream probably is: as the last time, else the role whose name is in its name.
 * @param {LiveStream} stream
 * @param {Record<string, string[]>} before
 * @param {string[]} among
 */
export function probably(stream, before, among) {
  for (const [role, names] of Object.entries(before)) {
    if (names.includes(stream.source_id) || names.includes(stream.name)) return role;
  }
  return among.find((role) => stream.name.toLowerCase().startsWith(role.toLowerCase())) ?? "";
}

/**
 * Show what was found, a row for each stream that can be given to somebody.
 * @param {LiveFound} found
 */
export function showFound(found) {
  const body = document.querySelector("#streams tbody");
  if (!body) return;
  body.replaceChildren();
  found.streams.forEach((stream, number) => {
    const row = document.createElement("tr");
    const cells = [stream.name, stream.rate_hz ? `${stream.rate_hz} Hz` : "–", stream.host];
    for (const text of cells) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    const last = document.createElement("td");
    const select = document.createElement("select");
    select.dataset.stream = String(number);
    select.setAttribute("aria-label", `${said.whose}: ${stream.name}`);
    for (const role of ["", ...roles]) {
      const option = document.createElement("option");
      option.value = role;
      option.textContent = role || said.nobody;
      select.append(option);
    }
    select.value = probably(stream, found.people, roles);
    last.append(select);
    row.append(last);
    body.append(row);
  });
  askUnits(found);
  body.addEventListener("change", () => askUnits(found));
}

/** @param {LiveFound} found */
function askUnits(found) {
  const place = document.getElementById("units");
  if (!place) return;
  /** @type {Record<string, string>} */
  const given = { ...found.units };
  for (const input of place.querySelectorAll("input")) given[input.name] = input.value;
  place.replaceChildren();
  const lacking = new Set(taken(found).flatMap(([, stream]) => stream.unitless));
  for (const channel of lacking) {
    const field = document.createElement("div");
    field.className = "field";
    const label = document.createElement("label");
    label.textContent = fill(said.unit, { channel });
    const input = document.createElement("input");
    input.name = channel;
    input.id = `unit-${channel}`;
    input.required = true;
    input.value = given[channel] ?? "";
    label.htmlFor = input.id;
    const help = document.createElement("span");
    help.className = "help";
    help.textContent = said.unit_help;
    field.append(label, input, help);
    place.append(field);
  }
}

/**
 * Streams that somebody has, with the role.
 * @param {LiveFound} found
 * @returns {[string, LiveStream][]}
 */
export function taken(found) {
  const selects = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("#streams select"));
  return [...selects]
    .filter((s) => s.value)
    .map((s) => [s.value, found.streams[Number(s.dataset.stream)]]);
}

/**
 * What is asked of the recorder.
 * @param {LiveFound} found
 */
export function asked(found) {
  /** @type {Record<string, string[]>} */
  const people = {};
  for (const [role, stream] of taken(found)) (people[role] ??= []).push(askedAs(stream));
  /** @type {Record<string, string>} */
  const units = {};
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#units input"));
  for (const input of inputs) units[input.name] = input.value.trim();
  /** @type {Record<string, string>} */
  const ids = {};
  const known = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".person-id"));
  for (const input of known) {
    const id = input.value.trim();
    if (id && people[input.dataset.role ?? ""]) ids[input.dataset.role ?? ""] = id;
  }
  return { people, ids, units };
}
