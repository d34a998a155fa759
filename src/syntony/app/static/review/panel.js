// @ts-check
import { clockText } from "../plot/axes.js";
import { fill } from "../http.js";
import { codesIn } from "./layout.js";

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").Moment} Moment */
/** @typedef {Record<string, string>} Text */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{text?: string, kind?: string}} [how]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, how = {}, ...children) {
  const element = document.createElement(tag);
  if (how.kind) element.className = how.kind;
  if (how.text !== undefined) element.textContent = how.text;
  element.append(...children);
  return element;
}

/** @param {Text} text @param {Moment} moment */
export function kindText(text, moment) {
  const kind = { survivor: text.kind_survivor, high: text.kind_high, low: text.kind_low }[moment.kind];
  return moment.phase ? `${kind}, ${moment.phase}` : (kind ?? moment.kind);
}

/**
 * What a moment is: its words, its numbers, and the codes that lie in it.
 * @param {HTMLElement} body
 * @param {Text} text
 * @param {Review} review
 * @param {Moment} moment
 */
export function showMoment(body, text, review, moment) {
  const rows = [
    [text.col_kind, kindText(text, moment)],
    [text.start, clockText(moment.start_s)],
    [text.stop, clockText(moment.stop_s)],
    [text.strength, moment.strength],
    [text.lag, moment.lag_s === null ? "–" : `${String(moment.lag_s).replace("-", "−")} s`],
    [text.leader, moment.leader],
    [text.coverage, moment.coverage],
    ...(moment.p ? [[text.p, moment.p], [text.col_chance, moment.chance]] : []),
  ];
  const list = make("dl", { kind: "numbers" });
  for (const [name, value] of rows) {
    list.append(make("div", {}, make("dt", { text: name }), make("dd", { text: value })));
  }
  const codes = make("dl", { kind: "numbers codes" });
  for (const { who, labels } of codesIn(review.codes, moment.start_s, moment.stop_s)) {
    const said = labels.map((l) => `${l.label} ${Math.round(l.seconds)} s`).join(", ");
    codes.append(make("div", {}, make("dt", { text: who }), make("dd", { text: said })));
  }
  body.replaceChildren(make("p", { text: moment.words }), list);
  if (review.codes.length) {
    const lone = make("p", { kind: "soft", text: text.uncoded_here });
    body.append(make("h3", { text: text.codes_here }), codes.childElementCount ? codes : lone);
  }
}

/**
 * The table of moments; each row has a button that shows it.
 * @param {HTMLTableElement} table
 * @param {Text} text
 * @param {Pick<Review, "moments" | "steps">} review
 * @param {(moment: Moment) => void} show
 */
export function fillMoments(table, text, review, show) {
  const { moments, steps } = review;
  if (!moments.length) {
    table.replaceWith(make("p", { kind: "soft", text: steps.length ? text.no_moments : text.no_run_moments }));
    return;
  }
  const heads = ["number", "kind", "from", "to", "strength", "leader", "coverage", "p", "chance", "method"];
  const top = make("tr");
  for (const name of heads) {
    const cell = make("th", { text: text[`col_${name}`] });
    cell.scope = "col";
    top.append(cell);
  }
  const body = make("tbody");
  for (const moment of moments) {
    const button = make("button", { kind: "quiet", text: String(moment.number) });
    button.type = "button";
    button.setAttribute("aria-label", fill(text.show, { number: moment.number }));
    button.addEventListener("click", () => show(moment));
    const row = make("tr", {}, make("td", {}, button));
    row.dataset.number = String(moment.number);
    const cells = [
      kindText(text, moment), clockText(moment.start_s), clockText(moment.stop_s), moment.strength,
      moment.leader, moment.coverage, moment.p || "–", moment.chance || "–", steps[moment.step]?.title ?? "–",
    ];
    for (const words of cells) row.append(make("td", { text: words }));
    body.append(row);
  }
  table.replaceChildren(make("thead", {}, top), body);
}

/**
 * Every code as a table.
 * @param {HTMLTableElement} table
 * @param {Text} text
 * @param {Review["codes"]} codes
 */
export function fillCodes(table, text, codes) {
  if (!codes.length) {
    table.replaceWith(make("p", { kind: "soft", text: text.no_codes }));
    return;
  }
  const top = make("tr");
  for (const name of ["from", "to", "person", "code", "coder"]) {
    const cell = make("th", { text: text[`col_${name}`] });
    cell.scope = "col";
    top.append(cell);
  }
  const body = make("tbody");
  for (const code of [...codes].sort((a, b) => a.start_s - b.start_s)) {
    const row = make("tr");
    for (const words of [clockText(code.start_s), clockText(code.stop_s), code.role, code.label, code.coder]) {
      row.append(make("td", { text: words }));
    }
    body.append(row);
  }
  table.replaceChildren(make("thead", {}, top), body);
}

/** Words as a sentence. @param {string} words */
function sentence(words) {
  return words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".");
}

/**
 * What a step of the run says of the whole session, beside each kind of chance.
 * @param {HTMLElement} body
 * @param {Text} text
 * @param {Review} review
 * @param {number} number
 */
export function showStep(body, text, review, number) {
  const step = review.steps[number];
  if (!step) {
    body.replaceChildren(make("p", { kind: "soft", text: text.no_results }));
    return;
  }
  const top = make("tr");
  for (const name of ["col_chance", "col_index", "col_range", "col_reach", "col_p"]) {
    const cell = make("th", { text: text[name] });
    cell.scope = "col";
    top.append(cell);
  }
  const rows = make("tbody");
  for (const one of step.beside) {
    const row = make("tr");
    for (const words of [one.chance, one.value, one.range, one.reach || "–", one.p]) {
      row.append(make("td", { text: words }));
    }
    rows.append(row);
  }
  const parts = [step.headline, step.leader, step.stretches].filter((words) => words);
  const scroll = make("div", { kind: "scroll" }, make("table", {}, make("thead", {}, top), rows));
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `${text.col_index}: ${step.title}`);
  body.replaceChildren(...parts.map((words) => make("p", { text: sentence(words) })), scroll);
}
