// @ts-check
// Small parts of the coding page: palette, state of saving, the book, a fresh token.

import { fill } from "../http.js";
import { clockText } from "./player.js";
import { inkOn } from "./timeline.js";

/**
 * @typedef {import("../types").CodeShape} Code
 * @typedef {import("../types").CodingSheet} Sheet
 * @typedef {(id: string) => HTMLElement} At
 */

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** @param {number} now @param {1 | -1} step @returns {number} the next speed */
export function readSpeed(now, step) {
  const k = SPEEDS.indexOf(now);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (k < 0 ? 2 : k) + step))];
}

/**
 * @param {HTMLElement} place @param {Code[]} codes @param {Record<string, string>} text
 * @param {{press(name: string): void, arm(name: string): void}} deeds
 */
export function showPalette(place, codes, text, deeds) {
  const buttons = codes.map((c) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "swatch";
    const patch = document.createElement("span");
    patch.className = "patch";
    patch.style.background = c.colour;
    patch.style.color = inkOn(c.colour);
    patch.textContent = c.key || "·";
    const name = document.createElement("span");
    name.textContent = c.title;
    made.append(patch, name);
    made.title = fill(c.exclusive ? text.is_exclusive : text.is_free, { key: c.key || "–" });
    made.addEventListener("click", () => {
      deeds.arm(c.name);
      deeds.press(c.name);
    });
    place.append(made);
    return made;
  });
  return {
    /** @param {string} armed @param {string[]} running @param {string} _person @param {boolean} locked */
    show(armed, running, _person, locked) {
      codes.forEach((c, k) => {
        buttons[k].setAttribute("aria-pressed", String(running.includes(c.name)));
        buttons[k].classList.toggle("armed", c.name === armed);
        buttons[k].disabled = locked;
      });
    },
  };
}

/**
 * Whom the codes are about, one at a time.
 * @param {HTMLElement} place @param {{id: string, label: string, second: boolean}[]} lanes
 * @param {(id: string) => void} choose
 */
export function showWhom(place, lanes, choose) {
  const fields = lanes.map((l, k) => {
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "radio";
    field.name = "whom";
    field.addEventListener("change", () => {
      choose(l.id);
      field.blur(); // the keys are for the codes again
    });
    label.className = l.second ? "second" : k ? "both" : "first";
    label.append(field, l.label);
    place.append(label);
    return field;
  });
  return {
    /** @param {string} id */
    show(id) {
      lanes.forEach((l, k) => (fields[k].checked = l.id === id));
    },
  };
}

/** @param {import("./saver.js").Told} told @param {At} at @param {Record<string, string>} text */
export function tellSaved(told, at, text) {
  const place = at("saved");
  place.dataset.state = told.kind;
  const time = told.at ? clock24(new Date(told.at)) : "";
  const said = {
    saved: fill(text.saved, { time }),
    saving: text.saving,
    waiting: text.waiting,
    conflict: text.conflict_short,
    refused: fill(text.not_accepted, { why: told.message ?? "" }),
    fresh: text.fresh,
  }[told.kind];
  if (told.kind !== "saving") place.textContent = said;
  place.title = told.kind === "waiting" ? (told.message ?? "") : "";
  at("conflict").hidden = told.kind !== "conflict";
}

/** @param {Date} when @returns {string} such as 14:03:22 */
export function clock24(when) {
  return [when.getHours(), when.getMinutes(), when.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** @param {boolean} locked @param {At} at */
export function showStanding(locked, at) {
  at("finish").hidden = locked;
  at("finished").hidden = !locked;
}

/**
 * @param {Sheet} sheet @param {At} at @param {Record<string, string>} text @param {string} coder
 * @param {URLSearchParams} asked
 */
export function fillBook(sheet, at, text, coder, asked) {
  at("coder").textContent = coder;
  at("book-status").textContent = sheet.book_status;
  const list = /** @type {HTMLSelectElement} */ (at("book"));
  for (const name of sheet.books) list.add(new Option(name.replaceAll("_", " "), name));
  if (!sheet.books.includes(sheet.book)) list.add(new Option(sheet.book_title, sheet.book));
  list.value = sheet.book;
  list.disabled = sheet.book_is_fixed || sheet.events.length > 0;
  list.title = list.disabled ? text.book_fixed : "";
  list.addEventListener("change", () => {
    asked.set("coder", coder);
    asked.set("book", list.value);
    window.location.search = asked.toString();
  });
}

/**
 * What a blind clip has besides: what counts of it, and the clips before and after.
 * @param {Sheet} sheet @param {string} path @param {string} coder @param {At} at
 * @param {Record<string, string>} text
 */
export function fillClip(sheet, path, coder, at, text) {
  const [from, to] = sheet.core;
  at("core").textContent = fill(text.core, { from: clockText(from), to: clockText(to) });
  at("core").hidden = false;
  const [set, number] = path.split("/").slice(-2);
  const k = sheet.numbers.indexOf(Number(number));
  for (const [id, other] of /** @type {[string, number | undefined][]} */ ([
    ["clip-before", sheet.numbers[k - 1]],
    ["clip-after", sheet.numbers[k + 1]],
  ])) {
    if (other === undefined) continue;
    at(id).setAttribute("href", `/code/clips/${set}/${other}?${new URLSearchParams({ coder })}`);
    at(id).hidden = false;
  }
}

/** After the program was started again, this page needs a new token; its log-in may be there. */
export async function freshToken() {
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector('meta[name="syntony-token"]')?.getAttribute("content");
    if (token) document.querySelector('meta[name="syntony-token"]')?.setAttribute("content", token);
  } catch {
    // The program is not there: the next try asks again.
  }
}
