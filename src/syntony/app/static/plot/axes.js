// @ts-check

const TIME_STEPS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
];

/**
 * Round times for the ticks of an axis, as many as fit.
 * @param {number} start
 * @param {number} stop
 * @param {number} most
 * @returns {{at: number[], step: number}}
 */
export function timeTicks(start, stop, most) {
  const rough = (stop - start) / Math.max(1, most);
  const step = TIME_STEPS.find((s) => s >= rough) ?? 3600 * Math.ceil(rough / 3600);
  const at = [];
  const first = Math.ceil(start / step - 1e-9);
  for (let k = first; k * step <= stop + 1e-9; k += 1) at.push(k * step + 0); // never minus zero
  return { at, step };
}

/**
 * A time as m:ss, with as many decimals as the step needs; h:mm:ss from one hour on.
 * @param {number} seconds
 * @param {number} step
 */
export function clockText(seconds, step = 1) {
  if (!Number.isFinite(seconds)) return "–";
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step) - 1e-9);
  const unit = 10 ** digits;
  const all = Math.round(Math.abs(seconds) * unit);
  const sign = seconds < 0 && all > 0 ? "−" : "";
  const whole = Math.floor(all / unit);
  const part = digits ? `.${String(all % unit).padStart(digits, "0")}` : "";
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const ss = String(s).padStart(2, "0") + part;
  return h ? `${sign}${h}:${String(m).padStart(2, "0")}:${ss}` : `${sign}${m}:${ss}`;
}

/**
 * Round values for the ticks of a vertical axis.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @returns {number[]}
 */
export function valueTicks(low, high, most) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((f) => f * power >= rough * (1 - 1e-9)) ?? 10);
  const at = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) {
    at.push(k * step + 0); // never minus zero
  }
  return at;
}

/**
 * A value of an axis as text, with a true minus.
 * @param {number} value
 * @param {number[]} ticks  those that stand beside it
 */
export function tickText(value, ticks) {
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(value) || 1;
  const size = Math.max(...ticks.map(Math.abs), 0);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) {
    return value.toExponential(1).replace("-", "−");
  }
  const digits = Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/**
 * From lowest to highest with a little room; a flat or empty range gets one.
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
export function paddedRange(low, high) {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (high > low) {
    const room = 0.06 * (high - low);
    return [low - room, high + room];
  }
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}
