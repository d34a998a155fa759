// @ts-check
// Filtering and sorting of the table of sessions: plain functions, then their use on the page.

/** So many rows are drawn when the end of the table is reached. */
const STEP = 100;

/**
 * Whether a row's text holds every word of a question; "-word" must not be there.
 *
 * @param {string} text
 * @param {string} question
 * @returns {boolean}
 */
export function matches(text, question) {
  const held = text.toLowerCase();
  return question
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "-")
    .every((word) => (word.startsWith("-") ? !held.includes(word.slice(1)) : held.includes(word)));
}

/**
 * Order of two cells; what is missing comes last in both directions.
 *
 * @param {number | string | null | undefined} a
 * @param {number | string | null | undefined} b
 * @param {boolean} down
 * @returns {number}
 */
export function order(a, b, down) {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  const up =
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true });
  return down ? -up : up;
}

/**
 * Whether a row is among those asked for, such as "lacks=yes"; nothing asked: every row is.
 *
 * @param {Record<string, (number | string | null)[]>} keys
 * @param {number} k  the row
 * @param {string[]} asked
 * @returns {boolean}
 */
export function isAsked(keys, k, asked) {
  return asked.every((one) => {
    const at = one.indexOf("=");
    return at < 0 || String((keys[one.slice(0, at)] ?? [])[k] ?? "") === one.slice(at + 1);
  });
}

/**
 * Rows that the page holds as text only, since so many would be slow to draw with it.
 *
 * @param {string} text  of the page's own template, escaped there
 * @returns {HTMLTableRowElement[]}
 */
function furtherRows(text) {
  const held = new DOMParser().parseFromString(`<table><tbody>${text}</tbody></table>`, "text/html");
  return Array.from(held.querySelectorAll("tr"), (row) => document.adoptNode(row));
}

/**
 * Give the table its filters, its sort buttons, and its further rows as they are reached.
 *
 * @param {HTMLTableElement} table
 * @param {HTMLInputElement} filter
 * @param {Record<string, (number | string | null)[]>} keys  what it is sorted by, row by row
 * @param {(shown: number, all: number) => void} told
 */
export function watchTable(table, filter, keys, told) {
  const body = table.tBodies[0];
  const further = document.getElementById("further");
  const more = /** @type {HTMLButtonElement | null} */ (document.getElementById("more"));
  const rows = Array.from(body.rows);
  const sequence = (keys.session ?? rows).map((_, k) => k);
  /** @type {string[]} */
  let texts = [];
  let matching = sequence;
  let drawn = body.rows.length;

  const unpack = () => {
    if (rows.length < sequence.length) rows.push(...furtherRows(further?.textContent ?? ""));
  };
  const draw = (/** @type {number} */ count) => {
    unpack();
    drawn = count;
    body.replaceChildren(...matching.slice(0, count).map((k) => rows[k]));
    if (more) more.hidden = count >= matching.length;
  };
  const choose = () => {
    unpack();
    if (!texts.length) texts = rows.map((row) => row.textContent ?? "");
    const asked = only.map((select) => select.value);
    matching = sequence.filter((k) => isAsked(keys, k, asked) && matches(texts[k], filter.value));
    draw(Math.max(drawn, STEP));
    told(matching.length, rows.length);
  };
  filter.addEventListener("input", choose);
  const only = Array.from(/** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select.only")));
  for (const select of only) select.addEventListener("change", choose);
  more?.addEventListener("click", () => {
    draw(matching.length);
    /** @type {HTMLElement | null} */ (body.rows[STEP]?.querySelector("a"))?.focus();
  });
  if (more) {
    const reached = new IntersectionObserver((seen) => {
      if (seen.some((s) => s.isIntersecting)) draw(drawn + STEP);
    });
    reached.observe(more);
  }
  for (const head of table.querySelectorAll("th[data-key]")) {
    head.querySelector("button")?.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const held = keys[head.getAttribute("data-key") ?? ""] ?? [];
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sequence.sort((a, b) => order(held[a], held[b], down) || a - b);
      choose();
    });
  }
}
