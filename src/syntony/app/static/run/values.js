// @ts-check
// From what a person typed to the value of a recipe, and back. A value that is no number stays
// the text it is: the server says what is wrong with it, in the words of every other door.

/**
 * @typedef {"number" | "whole" | "yes-no" | "choice" | "text" | "words" | "numbers" | "couples" | "table" | "kept"} Kind
 */

/**
 * Value of a text field.
 *
 * @param {Kind} kind
 * @param {string} typed
 * @returns {unknown} null where nothing stands in a field that is no text
 */
export function valueOf(kind, typed) {
  const text = typed.trim();
  if (kind === "number" || kind === "whole") return text === "" ? null : numberOf(text);
  if (kind === "words") return parts(text, ",");
  if (kind === "numbers") return parts(text, ",").map(numberOf);
  if (kind === "couples") return parts(text, "\n").map((line) => parts(line, ","));
  if (kind === "table") return Object.fromEntries(parts(text, "\n").map(entry));
  return text;
}

/**
 * @param {string} text
 * @returns {number | string} the number; the text where it is none
 */
export function numberOf(text) {
  return /^[-+\u2212]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)
    ? Number(text.replace("\u2212", "-"))
    : text;
}

/**
 * @param {string} text
 * @param {string} between
 * @returns {string[]} what stands between, without blanks around it
 */
function parts(text, between) {
  return text
    .split(between)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * @param {string} line
 * @returns {[string, string]} what stands before and after the first equals sign
 */
function entry(line) {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/**
 * A value as text for a field of this kind.
 *
 * @param {Kind} kind
 * @param {unknown} value
 * @returns {string}
 */
export function textOf(kind, value) {
  if (value === null || value === undefined) return "";
  if (kind === "couples" && Array.isArray(value)) return value.map((v) => v.join(", ")).join("\n");
  if (Array.isArray(value)) return value.join(", ");
  if (kind === "table" && typeof value === "object")
    return Object.entries(value)
      .map(([name, what]) => `${name} = ${what}`)
      .join("\n");
  return String(value);
}

/**
 * Put a value at a place such as `emotion.rotations` into a recipe.
 *
 * @param {Record<string, any>} recipe  changed
 * @param {string} place
 * @param {unknown} value
 */
export function put(recipe, place, value) {
  const names = place.split(".");
  const last = /** @type {string} */ (names.pop());
  let here = recipe;
  for (const name of names) {
    here[name] ??= {};
    here = here[name];
  }
  here[last] = value;
}

/**
 * Whether two values of a recipe are the same.
 *
 * @param {unknown} one
 * @param {unknown} other
 * @returns {boolean}
 */
export function same(one, other) {
  if (typeof one === "number" && typeof other === "number") return one === other;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((v, k) => same(v, other[k]));
  if (isTable(one) && isTable(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((n) => n in other && same(one[n], other[n]))
    );
  }
  return one === other;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isTable(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The place among these that a problem belongs to: its own, or the nearest around it.
 *
 * @param {string} place  of a problem, as `surrogates.0.count`
 * @param {(place: string) => boolean} has
 * @returns {string | null} null where none is around it
 */
export function nearest(place, has) {
  let here = place;
  while (here) {
    if (has(here)) return here;
    const at = here.lastIndexOf(".");
    here = at < 0 ? "" : here.slice(0, at);
  }
  return has("") ? "" : null;
}
