// @ts-check
// The lists of a recipe: methods, kinds of chance, models. A row chooses an entry and its options.

import { fill } from "../http.js";
import { same, textOf, valueOf } from "./values.js";

/** @typedef {import("./values.js").Kind} Kind */
/** @typedef {{value: any, title: string}} Choice */
/** @typedef {{place: string, title: string, kind: Kind, default: any, help: string, unit: string, empty: boolean, choices: Choice[]}} Field */
/** @typedef {{name: string, title: string, group: string, help: string, warning: string, options: Field[], without: string[]}} Entry */
/** @typedef {{place: string, key: string, entries: Entry[], fields: Field[], value: Record<string, any>[] | null}} List */

let count = 0;

/** One list on the page. */
export class Rows {
  /**
   * @param {List} list
   * @param {HTMLElement} box
   * @param {Record<string, string>} words
   * @param {() => void} changed
   */
  constructor(list, box, words, changed) {
    this.list = list;
    this.box = box;
    this.words = words;
    this.changed = changed;
    for (const value of list.value ?? []) this.add(value);
  }

  /** @returns {Record<string, any>[]} the rows as the recipe has them */
  value() {
    return [...this.box.children].map((row) => this.read(/** @type {HTMLElement} */ (row)));
  }

  /**
   * Put a row at the end.
   *
   * @param {Record<string, any>} [value]  default: the first entry that no row has
   */
  add(value) {
    const { key, entries } = this.list;
    const taken = new Set(this.value().map((row) => row[key]));
    const free = entries.find((e) => !taken.has(e.name)) ?? entries[0];
    const chosen = value ?? { [key]: free.name };
    const row = document.createElement("fieldset");
    row.className = "row";
    this.box.append(row);
    this.draw(row, chosen);
    this.number();
    return row;
  }

  /** Give every row its number and its fields their places. */
  number() {
    [...this.box.children].forEach((row, k) => {
      const legend = row.querySelector("legend");
      if (legend) legend.textContent = fill(this.words[`row_${this.list.place}`], { number: k + 1 });
      for (const field of row.querySelectorAll("[data-within]"))
        /** @type {HTMLElement} */ (field).dataset.place = `${this.list.place}.${k}.${/** @type {HTMLElement} */ (field).dataset.within}`;
    });
    const alone = this.box.children.length === 1 && this.list.place === "synchrony";
    for (const button of this.box.querySelectorAll("button[data-remove]"))
      /** @type {HTMLElement} */ (button).hidden = alone;
  }

  /**
   * @param {HTMLElement} row
   * @param {Record<string, any>} value
   */
  draw(row, value) {
    const { key, entries, fields } = this.list;
    const entry = entries.find((e) => e.name === value[key]) ?? entries[0];
    const options = value.options ?? {};
    const differs = entry.options.some((o) => o.place in options && !same(options[o.place], o.default));
    const choose = this.chooser(row, entry);
    const shown = fields.filter((f) => !entry.without.includes(f.place));
    row.dataset.kept = JSON.stringify(value);
    const folded = document.createElement("details");
    folded.open = differs;
    const head = entry.options.length ? `options_${this.list.place}` : `only_${this.list.place}`;
    folded.append(element("summary", this.words[head]));
    if (entry.warning) folded.append(warning(this.words[`warning_${this.list.place}`], entry.warning));
    if (entry.options.length) folded.append(grid(entry.options.map((o) => this.field(o, `options.${o.place}`, options[o.place] ?? o.default))));
    row.replaceChildren(
      element("legend", ""),
      choose,
      element("p", entry.help, "soft small"),
      ...(shown.length ? [grid(shown.map((f) => this.field(f, f.place, value[f.place] ?? f.default)))] : []),
      ...(entry.options.length || entry.warning ? [folded] : []),
    );
  }

  /**
   * @param {HTMLElement} row
   * @param {Entry} entry
   */
  chooser(row, entry) {
    const { key, entries } = this.list;
    const held = box(key);
    const select = document.createElement("select");
    select.id = `row-${(count += 1)}`;
    const groups = new Map();
    for (const one of entries) {
      const option = new Option(one.title, one.name, false, one === entry);
      const title = this.words[`acts_${one.group}`] ?? one.group;
      if (!title) {
        select.append(option);
        continue;
      }
      if (!groups.has(title)) {
        const group = document.createElement("optgroup");
        group.label = title;
        groups.set(title, group);
        select.append(group);
      }
      groups.get(title).append(option);
    }
    const remove = element("button", this.words.remove, "quiet");
    remove.setAttribute("type", "button");
    remove.dataset.remove = "";
    remove.addEventListener("click", () => {
      row.remove();
      this.number();
      this.changed();
    });
    select.addEventListener("change", () => {
      const kept = this.read(row);
      this.draw(row, { ...kept, [key]: select.value, options: {} });
      this.number();
      row.querySelector("select")?.focus();
      this.changed();
    });
    const label = element("label", this.words[this.list.place], "visually-hidden");
    label.setAttribute("for", select.id);
    const line = element("div", "", "choose");
    line.append(select, remove);
    held.append(label, line, problem());
    return held;
  }

  /**
   * @param {Field} field
   * @param {string} within  place in the row
   * @param {any} value
   */
  field(field, within, value) {
    const held = box(within);
    held.dataset.kind = field.kind;
    const id = `row-${(count += 1)}`;
    const label = element("label", field.title);
    label.setAttribute("for", id);
    if (field.unit) label.append(" ", element("span", field.unit, "unit"));
    const input = this.input(field, value);
    input.id = id;
    input.setAttribute("aria-describedby", `${id}-help`);
    const shown = textOf(field.kind, field.default);
    const told = field.kind === "yes-no" ? this.words[field.default ? "yes" : "no"] : shown;
    const help = element("span", `${field.help} ${told ? fill(this.words.default, { value: told.replaceAll("_", " ") }) : ""}`, "help");
    help.id = `${id}-help`;
    if (field.kind === "yes-no") {
      const tick = element("span", "", "tick");
      tick.append(input, " ", label);
      held.append(tick, help, problem());
    } else held.append(label, input, help, problem());
    return held;
  }

  /**
   * @param {Field} field
   * @param {any} value
   * @returns {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement}
   */
  input(field, value) {
    if (field.kind === "choice") {
      const select = document.createElement("select");
      for (const c of field.choices) select.append(new Option(c.title, JSON.stringify(c.value), false, c.value === value));
      return select;
    }
    if (field.kind === "couples" || field.kind === "table") {
      const area = document.createElement("textarea");
      area.rows = 2;
      area.value = textOf(field.kind, value);
      return area;
    }
    const input = document.createElement("input");
    if (field.kind === "yes-no") {
      input.type = "checkbox";
      input.checked = value === true;
      return input;
    }
    input.type = "text";
    input.autocomplete = "off";
    input.spellcheck = false;
    if (field.kind === "number" || field.kind === "whole") {
      input.inputMode = "decimal";
      input.className = "short";
    }
    input.value = textOf(field.kind, value);
    return input;
  }

  /**
   * @param {HTMLElement} row
   * @returns {Record<string, any>} a row as the recipe has it; options that are the default are left out
   */
  read(row) {
    const { key, fields, entries } = this.list;
    const name = row.querySelector("select")?.value ?? "";
    const entry = entries.find((e) => e.name === name);
    /** @type {Record<string, any>} */
    const found = { [key]: name, options: {} };
    const kept = JSON.parse(row.dataset.kept ?? "{}");
    for (const f of fields)
      found[f.place] = entry?.without.includes(f.place)
        ? (kept[f.place] ?? f.default)
        : readIn(row, f, f.place);
    for (const o of entry?.options ?? []) {
      const value = readIn(row, o, `options.${o.place}`);
      if (!same(value, o.default)) found.options[o.place] = value;
    }
    return found;
  }
}

/**
 * @param {HTMLElement} row
 * @param {Field} field
 * @param {string} within
 * @returns {unknown}
 */
function readIn(row, field, within) {
  const held = row.querySelector(`[data-within="${within}"]`);
  const input = held?.querySelector("input, select, textarea");
  if (input instanceof HTMLSelectElement) return JSON.parse(input.value);
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked;
  if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)
    return valueOf(field.kind, input.value);
  return field.default;
}

/**
 * @param {string} within
 */
function box(within) {
  const held = element("div", "", "field");
  held.dataset.within = within;
  return held;
}

function problem() {
  const held = element("p", "", "problem");
  held.hidden = true;
  return held;
}

/**
 * @param {HTMLElement[]} fields
 */
function grid(fields) {
  const held = element("div", "", "grid");
  held.append(...fields);
  return held;
}

/**
 * @param {string} head
 * @param {string} text
 */
function warning(head, text) {
  const held = element("p", "", "soft small");
  held.append(element("strong", `${head}: `), text);
  return held;
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [name]  class
 * @returns {HTMLElement}
 */
function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (name) made.className = name;
  return made;
}
