// @ts-check
// What the files hold, as a table; what it suggests goes into fields that are still empty.

import { fill } from "../http.js";

/**
 * @typedef {{label: string, kind: string, unit: string, rate_hz: number | null, length_s: number | null}} Channel
 * @typedef {{name: string, started_at: string | null, channels: Channel[], events: {kind: string, count: number, last_s: number | null}[]}} Part
 * @typedef {{files: number, example: string, title: string, problem: string, parts: Part[]}} Alike
 * @typedef {{groups: Alike[], guesses: Record<string, any>}} Looked
 */

const MOST_CHANNELS = 8;

/**
 * A channel in words: its name, what it measures where the name does not say it, unit and rate.
 *
 * @param {Channel} channel
 * @returns {string}
 */
export function channelWords(channel) {
  const name = channel.label || channel.kind;
  const isSaid = name.toLowerCase().replace(/[^a-z0-9]+/g, "_") === channel.kind;
  const more = [
    isSaid ? "" : channel.kind,
    channel.unit,
    channel.rate_hz ? `${Number(channel.rate_hz.toPrecision(5))} Hz` : "",
  ].filter(Boolean);
  return more.length ? `${name} (${more.join(", ")})` : name;
}

/**
 * The cells of a row about files that are alike.
 *
 * @param {Alike} group
 * @param {Record<string, string>} text
 * @returns {string[]}
 */
export function groupCells(group, text) {
  if (!group.title) return [String(group.files), group.example, text.not_inside, "", "", ""];
  const channels = group.parts.flatMap((p) => p.channels.map(channelWords));
  const held = [
    ...channels.slice(0, MOST_CHANNELS),
    ...(channels.length > MOST_CHANNELS ? [`… ${channels.length}`] : []),
    ...group.parts.flatMap((p) => p.events.map((e) => fill(text.beats, { count: e.count, kind: e.kind }))),
  ];
  const stamps = group.parts.map((p) => p.started_at).filter(Boolean);
  const seconds = Math.max(
    0,
    ...group.parts.flatMap((p) => [...p.channels.map((c) => c.length_s ?? 0), ...p.events.map((e) => e.last_s ?? 0)]),
  );
  return [
    String(group.files),
    group.example,
    group.title,
    group.problem || held.join(", "),
    String(stamps[0] ?? text.no_stamp).slice(0, 19).replace("T", " "),
    seconds ? (seconds / 60).toFixed(1) : "",
  ];
}

/**
 * Show what was found, and put what it suggests into empty fields.
 *
 * @param {Looked} found
 * @param {HTMLElement} place  the section with the table
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} text
 */
export function showInside(found, place, form, text) {
  const body = /** @type {HTMLTableElement} */ (place.querySelector("table")).tBodies[0];
  body.replaceChildren(...found.groups.map((g) => row(groupCells(g, text), [0, 5])));
  const names = found.groups.flatMap((g) => g.parts.flatMap((p) => p.channels.map((c) => c.label)));
  options("channel-names", [...new Set(names)].filter(Boolean).slice(0, 100));
  const told = guessedFields(found.guesses);
  for (const [name, value] of Object.entries(told)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && !field.value) field.value = value;
  }
  place.hidden = false;
}

/**
 * What the guesses are called in the form.
 *
 * @param {Record<string, any>} guesses
 * @returns {Record<string, string>}
 */
export function guessedFields(guesses) {
  /** @type {Record<string, string>} */
  const told = {};
  for (const name of ["pattern", "kind", "time_column"]) if (guesses[name]) told[name] = guesses[name];
  if (guesses.rate_hz) told.rate_hz = String(guesses.rate_hz);
  if (guesses.column) told.columns = guesses.column;
  if (guesses.columns) {
    told.columns = Object.entries(guesses.columns).map(([role, name]) => `${role}=${name}`).join(", ");
  }
  return told;
}

/**
 * Offer the units that go with what was measured.
 *
 * @param {HTMLFormElement} form
 */
export function watchUnits(form) {
  const known = JSON.parse(document.getElementById("units-of")?.textContent ?? "{}");
  const kind = /** @type {HTMLInputElement} */ (form.elements.namedItem("kind"));
  const offer = () => options("units", known[kind.value.trim()] ?? ["1"]);
  kind.addEventListener("input", offer);
  form.addEventListener("focusin", offer);
}

/**
 * @param {string} id  of a datalist
 * @param {string[]} values
 */
function options(id, values) {
  const list = document.getElementById(id);
  list?.replaceChildren(...values.map((v) => Object.assign(document.createElement("option"), { value: v })));
}

/**
 * A row of a table; its first cell is its head.
 *
 * @param {string[]} cells
 * @param {number[]} numbers  which of them are numbers
 * @returns {HTMLTableRowElement}
 */
export function row(cells, numbers) {
  const made = document.createElement("tr");
  cells.forEach((cell, k) => {
    const part = document.createElement(k === 0 ? "th" : "td");
    part.textContent = cell;
    if (k === 0) part.setAttribute("scope", "row");
    if (numbers.includes(k)) part.className = "number";
    made.append(part);
  });
  return made;
}
