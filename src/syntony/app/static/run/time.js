// @ts-check
// How long something took, and how long it will take yet.

/**
 * Seconds that are left, if it goes on as it went; null where nobody can say yet.
 *
 * @param {number} done
 * @param {number} total
 * @param {number} elapsed_s
 * @returns {number | null}
 */
export function left(done, total, elapsed_s) {
  if (!(total > 0) || !(done > 0) || done / total < 0.02 || elapsed_s < 3) return null;
  return (elapsed_s * (total - done)) / done;
}

/**
 * A time in one or two units, no finer than one would say it.
 *
 * @param {number} seconds
 * @param {Record<string, string>} words  `hours`, `minutes` and `seconds`, with {n}
 * @returns {string}
 */
export function spoken(seconds, words) {
  const say = (/** @type {string} */ unit, /** @type {number} */ n) =>
    words[unit].replace("{n}", String(n));
  if (seconds < 60) return say("seconds", Math.max(1, seconds < 10 ? Math.round(seconds) : Math.round(seconds / 5) * 5));
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return say("minutes", minutes);
  const hours = Math.floor(minutes / 60);
  const rest = Math.round((minutes % 60) / 10) * 10;
  if (rest === 60) return say("hours", hours + 1);
  return rest ? `${say("hours", hours)} ${say("minutes", rest)}` : say("hours", hours);
}
