// @ts-check
// Filtering and sorting of the table of sessions: plain functions, then their use on the page.

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
 * Give the table its filter box and its sort buttons.
 *
 * @param {HTMLTableElement} table
 * @param {HTMLInputElement} filter
 * @param {(shown: number, all: number) => void} told
 */
export function watchTable(table, filter, told) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.textContent ?? "");
  filter.addEventListener("input", () => {
    let shown = 0;
    rows.forEach((row, k) => {
      row.hidden = !matches(texts[k], filter.value);
      shown += row.hidden ? 0 : 1;
    });
    told(shown, rows.length);
  });
  for (const head of table.querySelectorAll("th[data-key]")) {
    head.querySelector("button")?.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const key = head.getAttribute("data-key") ?? "";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row) => ({ row, value: JSON.parse(row.dataset.sort ?? "{}")[key] }));
      keyed.sort((a, b) => order(a.value, b.value, down));
      body.append(...keyed.map((k) => k.row));
    });
  }
}
