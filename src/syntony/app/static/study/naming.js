// @ts-check
// What the pattern reads from the names, shown while it is typed.

import { Refused, fill, send } from "../http.js";
import { optionsFrom } from "./files.js";
import { row } from "./looking.js";

const WAIT_MS = 250;

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place  the box with the table of names
 * @param {() => string} uploaded  the open upload; empty where there is none
 * @param {Record<string, string>} text
 * @returns {() => void} read the names now
 */
export function watchNames(form, place, uploaded, text) {
  const pattern = /** @type {HTMLInputElement} */ (form.elements.namedItem("pattern"));
  const values = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("values"));
  const said = /** @type {HTMLElement} */ (place.querySelector(".names-said"));
  const others = /** @type {HTMLElement} */ (place.querySelector(".names-others"));
  const table = /** @type {HTMLTableElement} */ (place.querySelector("table"));
  let latest = 0;
  let timer = 0;

  async function read() {
    const mine = ++latest;
    if (!pattern.value.trim() || !uploaded()) {
      place.hidden = true;
      return;
    }
    const told = optionsFrom(new FormData(form));
    const body = { pattern: told.pattern, values: told.values ?? {} };
    try {
      const found = await send("POST", `/api/uploads/${uploaded()}/names`, body);
      if (mine === latest) show(found);
    } catch (error) {
      if (mine === latest) fail(error);
    }
  }

  /** @param {import("../types").NamesRead} found */
  function show(found) {
    pattern.removeAttribute("aria-invalid");
    said.textContent = fill(text.names_fit, { fit: found.fit, all: found.all });
    if (found.more) said.textContent += " " + fill(text.names_more, { more: found.more });
    said.classList.remove("problem");
    const fields = [...new Set(found.rows.flatMap((r) => Object.keys(r.fields)))];
    /** @type {HTMLElement} */ (table.tHead?.rows[0]).replaceChildren(
      ...[text.names_file, ...fields].map((name) => {
        const head = document.createElement("th");
        head.scope = "col";
        head.textContent = name;
        return head;
      }),
    );
    const rows = found.rows.map((r) => row([r.file, ...fields.map((f) => r.fields[f] ?? "")], []));
    table.tBodies[0].replaceChildren(...rows);
    table.hidden = rows.length === 0;
    const files = found.others.map((r) => r.file).join(", ");
    const more = found.all - found.fit > found.others.length ? " …" : "";
    others.textContent = files ? fill(text.names_others, { files: files + more }) : "";
    place.hidden = false;
  }

  /** @param {unknown} error */
  function fail(error) {
    if (error instanceof Refused && error.status === 422) pattern.setAttribute("aria-invalid", "true");
    said.textContent = error instanceof Error ? error.message : String(error);
    said.classList.add("problem");
    table.hidden = true;
    others.textContent = "";
    place.hidden = false;
  }

  for (const field of [pattern, values]) {
    field.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(read, WAIT_MS);
    });
  }
  return () => void read();
}
