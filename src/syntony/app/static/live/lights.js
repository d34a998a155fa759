// @ts-check
// How every stream is doing: a light with a word, never by colour alone.

import { fill, words } from "../http.js";

/** @typedef {import("../types").LiveState} LiveState */
/** @typedef {import("../types").LiveStreamState} LiveStreamState */

const said = words("live");

/** A clock that far from ours shows the date. */
const DAYS_S = 1e7;

/**
 * In one word, and whether something has to be done.
 * @param {LiveStreamState} stream
 * @returns {{word: string, kind: "good" | "bad" | "wait"}}
 */
export function light(stream) {
  if (stream.alarms.length) {
    const names = stream.alarms.map((code) => said[`alarm_${code}`] ?? code);
    return { word: names.join(", "), kind: "bad" };
  }
  if (!stream.samples && stream.nominal_rate_hz > 0) return { word: said.light_wait, kind: "wait" };
  return { word: said.light_good, kind: "good" };
}

/** @param {number | null} value @param {number} digits */
function figure(value, digits) {
  return value === null ? "–" : value.toFixed(digits);
}

/**
 * Where the stream's clock lies beside ours, and how fast it moves away.
 * @param {LiveStreamState} stream
 */
export function clockWords(stream) {
  if (stream.offset_s === null) return "";
  const ppm = Math.round((stream.growth_ppm ?? 0) * 10) / 10 + 0; // no minus before a 0
  const size = Math.abs(stream.offset_s);
  const ms = size < 10 ? `${Math.round(stream.offset_s * 1e4) / 10 + 0} ms` : `${stream.offset_s.toFixed(1)} s`;
  const offset = size < DAYS_S ? fill(said.clock_offset, { offset: ms }) : said.clock_date;
  return ppm ? fill(said.clock_grows, { offset, ppm }) : offset;
}

/** @param {LiveState} state */
export function showLights(state) {
  const body = document.querySelector("#lights tbody");
  if (!body) return;
  while (body.children.length > state.streams.length) body.lastElementChild?.remove();
  state.streams.forEach((stream, k) => {
    const row = body.children[k] ?? body.appendChild(document.createElement("tr"));
    const { word, kind } = light(stream);
    const rate = stream.nominal_rate_hz ? `${figure(stream.rate_hz, 1)} ${said.of} ${stream.nominal_rate_hz} Hz` : "–";
    const texts = [stream.name, stream.samples.toLocaleString("en"), rate];
    texts.forEach((text, column) => {
      const cell = row.children[column] ?? row.appendChild(document.createElement("td"));
      if (column) {
        cell.className = "number";
        cell.textContent = text;
        return;
      }
      const lamp = document.createElement("span");
      lamp.className = `lamp ${kind}`;
      lamp.textContent = word;
      const clock = document.createElement("span");
      clock.className = "soft small clock-line";
      clock.textContent = clockWords(stream);
      cell.replaceChildren(lamp, ` ${text}`, clock);
    });
  });
  const list = document.getElementById("alarms");
  if (!list) return;
  list.replaceChildren();
  const lines = state.alarms.length ? [...state.alarms].reverse() : [said.no_alarms];
  for (const line of lines.slice(0, 12)) {
    const item = document.createElement("li");
    item.textContent = line;
    list.append(item);
  }
}
