// @ts-check
// The list of marks as a table: what, from when to when, why, by whom; and taking one back.

import { fill } from "../http.js";
import { typedTime } from "./marks.js";

/** @typedef {import("../types").MarkShown} MarkShown */

/**
 * @param {HTMLElement} body  of the table
 * @param {MarkShown[]} marks
 * @param {Record<string, string>} words
 * @param {{title: (kind: string) => string, mayMark: boolean, show: (mark: MarkShown) => void, withdraw: (mark: MarkShown) => void, again: (mark: MarkShown) => void}} how
 */
export function fillMarks(body, marks, words, how) {
  body.replaceChildren(
    ...marks.map((mark) => {
      const row = document.createElement("tr");
      row.dataset.mark = mark.id;
      if (mark.withdrawn_at) row.className = "gone";
      const what = cell("th", `${mark.role} ${mark.person}: ${how.title(mark.kind)}`);
      what.setAttribute("scope", "row");
      const when = cell("td", "");
      when.className = "number";
      const see = button(`${typedTime(mark.start_s)} – ${typedTime(mark.stop_s)}`, () => how.show(mark));
      see.className = "link";
      when.append(see);
      const who = cell("td", `${nameOf(mark.by, words)}, ${stamp(mark.at)}`);
      if (mark.withdrawn_at) {
        const by = nameOf(mark.withdrawn_by, words);
        const told = fill(words.withdrawn, { by, at: stamp(mark.withdrawn_at) });
        who.append(document.createElement("br"), told);
      }
      const act = cell("td", "");
      if (how.mayMark)
        act.append(
          mark.withdrawn_at
            ? button(words.again, () => how.again(mark))
            : button(words.withdraw, () => how.withdraw(mark)),
        );
      row.append(what, when, cell("td", mark.reason), who, act);
      return row;
    }),
  );
}

/**
 * @param {string} name
 * @param {Record<string, string>} words
 */
function nameOf(name, words) {
  return name === "local" ? words.here : name;
}

/** @param {string} at */
function stamp(at) {
  return at.slice(0, 16).replace("T", " ");
}

/**
 * @param {string} tag
 * @param {string} text
 */
function cell(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}
