// @ts-check
// After coding: codes are called finished, and may then be compared by those who may see all.

import { send } from "../http.js";
import { showStanding } from "./parts.js";

/**
 * @typedef {import("../types").CodingAgreement} Agreement
 * @param {{path: string, coder: string, saver: import("./saver.js").Saver, desk: import("./desk.js").Desk,
 *  seek(t: number): void, now(): number, at(id: string): HTMLElement, text: Record<string, string>}} given
 */
export function startCompare(given) {
  const { path, coder, saver, desk, seek, now, at, text } = given;

  /** @param {"finish" | "reopen"} way */
  async function stand(way) {
    const was = desk.locked;
    if (way === "finish") desk.endAll(now());
    desk.locked = true; // nothing is added to what is on its way
    try {
      if (!(await saver.settle())) throw new Error(text.not_saved_yet);
      const answer = await send("POST", `${path}/${way}`, { coder, revision: saver.revision });
      saver.revision = answer.revision;
      desk.locked = way === "finish";
      showStanding(desk.locked, at);
      desk.out.say(way === "finish" ? text.is_finished : text.is_open);
    } catch (error) {
      desk.locked = was;
      desk.out.say(String(/** @type {Error} */ (error).message));
    }
    desk.out.show();
  }

  showStanding(desk.locked, at);
  at("finish").addEventListener("click", () => void stand("finish"));
  at("reopen").addEventListener("click", () => void stand("reopen"));
  const ask = document.getElementById("compare");
  ask?.addEventListener("click", async () => {
    const place = at("agreement");
    try {
      const query = new URLSearchParams({ coder });
      show(place, await send("GET", `${path}/agreement?${query}`), seek, text);
    } catch (error) {
      place.textContent = String(/** @type {Error} */ (error).message);
    }
    place.hidden = false;
    place.focus();
  });
}

/**
 * @param {HTMLElement} place @param {Agreement} found @param {(t: number) => void} seek
 * @param {Record<string, string>} text
 */
function show(place, found, seek, text) {
  place.textContent = "";
  for (const note of found.notes) place.append(paragraph(note, "note"));
  if (!found.rows.length) {
    place.append(paragraph(text.nobody_else, ""));
    return;
  }
  place.append(paragraph(found.words, "soft"));
  const heads = [text.coders, text.code, text.kappa, text.interval, text.seconds_both, text.shares];
  place.append(
    table(text.agreement_title, heads, found.rows.map((r) => [
      `${r.coder_a}, ${r.coder_b}`, r.code || text.all_codes,
      r.value === null ? r.status : r.value.toFixed(2),
      r.low === null || r.high === null ? text.no_interval : `${r.low.toFixed(2)} – ${r.high.toFixed(2)}`,
      r.seconds === null ? "" : r.seconds.toFixed(0),
      r.share_a === null || r.share_b === null ? "" : `${(100 * r.share_a).toFixed(0)} %, ${(100 * r.share_b).toFixed(0)} %`,
    ])),
  );
  const made = table(text.parts_title, [text.go_to, text.seconds, text.person, text.coders, text.code], found.disagreements.map((d) => {
    const go = document.createElement("button");
    go.type = "button";
    go.className = "quiet";
    go.textContent = `${d.start_s.toFixed(1)} – ${d.stop_s.toFixed(1)} s`;
    go.addEventListener("click", () => seek(d.start_s));
    return [go, d.seconds.toFixed(1), d.role, `${d.coder_a}, ${d.coder_b}`, `${d.code_a} – ${d.code_b}`];
  }));
  place.append(made);
}

/** @param {string} said @param {string} kind */
function paragraph(said, kind) {
  const made = document.createElement("p");
  made.textContent = said;
  made.className = kind;
  return made;
}

/** @param {string} title @param {string[]} heads @param {(string | HTMLElement)[][]} rows */
function table(title, heads, rows) {
  const wrap = document.createElement("div");
  wrap.className = "scroll";
  wrap.tabIndex = 0;
  wrap.setAttribute("role", "region");
  wrap.setAttribute("aria-label", title);
  const made = document.createElement("table");
  const caption = made.createCaption();
  caption.textContent = title;
  const head = made.createTHead().insertRow();
  for (const name of heads) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const held of row) line.insertCell().append(held);
  }
  wrap.append(made);
  return wrap;
}
