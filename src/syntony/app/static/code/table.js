// @ts-check
// Every code as a row that can be read aloud and changed by keyboard.

import { fill } from "../http.js";
import { clockText, readClock } from "./player.js";
import { ms, stopOf } from "./tiers.js";

/**
 * @typedef {import("./tiers.js").Given} Given
 * @typedef {import("../types").CodeShape} Code
 * @typedef {{change(id: number, patch: Partial<Given>): string | null, remove(id: number): void, go(id: number): void}} Deeds
 */

export class CodeTable {
  /**
   * @param {HTMLTableSectionElement} body
   * @param {{id: string, role: string}[]} people
   * @param {Code[]} codes
   * @param {Record<string, string>} text
   * @param {Deeds} deeds
   */
  constructor(body, people, codes, text, deeds) {
    this.body = body;
    this.people = people;
    this.codes = codes;
    this.text = text;
    this.deeds = deeds;
    /** @type {Map<number, HTMLTableRowElement>} */
    this.rows = new Map();
    /** @type {Map<number, Given>} */
    this.shown = new Map();
    /** @type {WeakSet<EventTarget>} fields that hold what was typed and not entered yet */
    this.typing = new WeakSet();
    body.addEventListener("input", (event) => this.typing.add(/** @type {EventTarget} */ (event.target)));
    for (const end of ["change", "focusout"]) {
      body.addEventListener(end, (event) => this.typing.delete(/** @type {EventTarget} */ (event.target)), true);
    }
  }

  /** @param {Given[]} events @param {number | null} selected @param {boolean} locked */
  show(events, selected, locked) {
    const ids = new Set(events.map((e) => e.id));
    for (const [id, row] of this.rows) {
      if (!ids.has(id)) {
        row.remove();
        this.rows.delete(id);
        this.shown.delete(id);
      }
    }
    /** @type {HTMLTableRowElement | null} */
    let before = null;
    for (const e of events) {
      let row = this.rows.get(e.id);
      if (!row || this.shown.get(e.id) !== e) {
        if (row) this.refill(row, e);
        else {
          row = this.make(e);
          this.rows.set(e.id, row);
        }
        this.shown.set(e.id, e);
      }
      /** @type {Element | null} */
      const place = before ? before.nextElementSibling : this.body.firstElementChild;
      if (place !== row) this.body.insertBefore(row, place);
      before = row;
      if (e.id === selected) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (row.dataset.locked !== String(locked)) {
        row.dataset.locked = String(locked);
        for (const field of row.querySelectorAll("input, select, button.remove")) {
          /** @type {HTMLInputElement} */ (field).disabled = locked;
        }
      }
    }
  }

  /** @param {Given} e */
  make(e) {
    const row = document.createElement("tr");
    row.dataset.id = String(e.id);
    const go = button(this.text.go_to, "go quiet");
    go.addEventListener("click", () => this.deeds.go(e.id));
    row.append(cell(go));
    row.append(cell(this.timeField(e.id, "start")), cell(this.timeField(e.id, "stop")));
    row.append(cell(this.choice(e.id, "person")), cell(this.choice(e.id, "code")));
    row.append(cell(this.commentField(e.id)));
    const remove = button(this.text.remove, "remove quiet");
    remove.addEventListener("click", () => this.deeds.remove(e.id));
    row.append(cell(remove));
    this.refill(row, e);
    return row;
  }

  /** @param {HTMLTableRowElement} row @param {Given} e */
  refill(row, e) {
    const of = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (row.querySelector(`[data-field=${name}]`));
    const code = this.codes.find((c) => c.name === e.code)?.title ?? e.code;
    const what = fill(this.text.row, { code, time: clockText(e.onset_s) });
    for (const name of ["start", "stop", "person", "code", "comment"]) {
      of(name).setAttribute("aria-label", `${this.text[name]}, ${what}`);
      of(name).removeAttribute("aria-invalid");
    }
    row.querySelector(".go")?.setAttribute("aria-label", `${this.text.go_to}: ${what}`);
    row.querySelector(".remove")?.setAttribute("aria-label", `${this.text.remove}: ${what}`);
    const list = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (of("code")));
    if (![...list.options].some((o) => o.value === e.code)) list.add(new Option(e.code, e.code));
    list.value = e.code;
    of("person").value = e.person;
    for (const [name, value] of [["start", clockText3(e.onset_s)], ["stop", clockText3(stopOf(e))], ["comment", e.comment]]) {
      if (!this.typing.has(of(name))) of(name).value = value;
    }
  }

  /** @param {number} id @param {"start" | "stop"} edge */
  timeField(id, edge) {
    const field = document.createElement("input");
    field.dataset.field = edge;
    field.className = "time";
    field.inputMode = "decimal";
    field.autocomplete = "off";
    field.addEventListener("change", () => {
      const e = /** @type {Given} */ (this.shown.get(id));
      const to_s = readClock(field.value);
      const patch =
        edge === "start"
          ? { onset_s: to_s, duration_s: ms(stopOf(e) - to_s) }
          : { duration_s: ms(to_s - e.onset_s) };
      if (e.duration_s === 0 && edge === "start") patch.duration_s = 0; // a point stays one
      this.try(id, field, Number.isFinite(to_s) ? patch : { onset_s: NaN });
    });
    return field;
  }

  /** @param {number} id @param {"person" | "code"} what */
  choice(id, what) {
    const field = document.createElement("select");
    field.dataset.field = what;
    const all =
      what === "code"
        ? this.codes.map((c) => [c.name, c.title])
        : [...this.people.map((p) => [p.id, p.role === p.id ? p.id : `${p.id} (${p.role})`]), ["", this.text.dyad]];
    for (const [value, label] of all) field.add(new Option(label, value));
    field.addEventListener("change", () => this.try(id, field, { [what]: field.value }));
    return field;
  }

  /** @param {number} id */
  commentField(id) {
    const field = document.createElement("input");
    field.dataset.field = "comment";
    field.maxLength = 2000;
    field.addEventListener("change", () => {
      const said = field.value.trim().replace(/\s+/g, " ");
      this.try(id, field, { comment: said.toLowerCase() === "n/a" ? "" : said });
    });
    return field;
  }

  /** @param {number} id @param {HTMLElement} field @param {Partial<Given>} patch */
  try(id, field, patch) {
    const refused = this.deeds.change(id, patch);
    const row = this.rows.get(id);
    const now = this.shown.get(id);
    if (row && now && refused) this.refill(row, now);
    if (refused) field.setAttribute("aria-invalid", "true");
  }

  /** @param {number} id @param {string} name  put the keyboard into a field of a row */
  focus(id, name) {
    /** @type {HTMLElement | null | undefined} */ (this.rows.get(id)?.querySelector(`[data-field=${name}]`))?.focus();
  }
}

/** @param {HTMLElement} held */
function cell(held) {
  const made = document.createElement("td");
  made.append(held);
  return made;
}

/** @param {string} label @param {string} kind */
function button(label, kind) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = label;
  return made;
}

/** @param {number} seconds @returns {string} to the millisecond, as it is kept */
export function clockText3(seconds) {
  const sign = seconds < 0 ? "-" : "";
  const all = Math.round(Math.abs(seconds) * 1000);
  const h = Math.floor(all / 3600000);
  const m = Math.floor(all / 60000) % 60;
  const s = ((all % 60000) / 1000).toFixed(3).padStart(6, "0");
  return `${sign}${h ? `${h}:${String(m).padStart(2, "0")}` : m}:${s}`;
}
