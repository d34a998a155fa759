// @ts-check
// Where a file lies on the session clock: a field, and buttons for single frames.

import { readClock } from "../code/player.js";
import { fill, send } from "../http.js";

/** @typedef {import("./media.js").Player} Player */
/** @typedef {Record<string, string>} Text */

/**
 * The row under a film or sound in which its offset is set.
 * @param {Player} player
 * @param {Text} text
 * @param {string} session
 * @param {() => void} onOffset  told when it changed
 */
export function makeOffset(player, text, session, onOffset) {
  const row = document.createElement("div");
  row.className = "offset";
  const label = document.createElement("label");
  label.textContent = text.offset;
  label.title = text.offset_help;
  const field = document.createElement("input");
  field.inputMode = "decimal";
  field.value = player.offset_s.toFixed(3);
  label.append(" ", field);
  const told = document.createElement("span");
  told.id = `offset-${player.facts.number}`;
  told.setAttribute("role", "status");
  field.setAttribute("aria-describedby", told.id);
  const origin = { eye: text.offset_eye, table: text.offset_table }[player.facts.offset_from];
  /** @param {string} words @param {boolean} isWrong */
  const tell = (words, isWrong) => {
    told.textContent = words;
    told.className = isWrong ? "problem small" : "soft small";
    if (isWrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  tell(origin ?? text.offset_none, false);
  /** @param {number} offset */
  const keep = async (offset) => {
    player.offset_s = offset;
    field.value = offset.toFixed(3);
    onOffset();
    try {
      const url = `/api/sessions/${encodeURIComponent(session)}/media/${player.facts.number}/offset`;
      await send("PUT", url, { offset_s: offset });
      tell(fill(text.offset_saved, { offset: offset.toFixed(3) }), false);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), true);
    }
  };
  field.addEventListener("change", () => {
    const offset = readClock(field.value);
    if (Number.isFinite(offset)) void keep(offset);
    else tell(text.offset_wrong, true);
  });
  const earlier = makeNudge("−1", text.offset_earlier, () => keep(player.offset_s - 1 / player.frames.rate_hz));
  const later = makeNudge("+1", text.offset_later, () => keep(player.offset_s + 1 / player.frames.rate_hz));
  row.append(label, earlier, later, told);
  return row;
}

/**
 * @param {string} sign
 * @param {string} label
 * @param {() => Promise<void>} nudge
 */
function makeNudge(sign, label, nudge) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sign;
  button.title = label;
  button.setAttribute("aria-label", `${sign}: ${label}`);
  button.addEventListener("click", () => void nudge());
  return button;
}
