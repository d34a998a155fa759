// What is drawn and said while a session is recorded.

import assert from "node:assert/strict";
import { test } from "node:test";

const TEXT = '{"live": {"clock_offset": "offset {offset}", "clock_grows": "{offset} and {ppm} ppm", "clock_date": "date"}}';
globalThis.document = { getElementById: () => ({ textContent: TEXT }), querySelector: () => null, querySelectorAll: () => [] };
const { Ring, roomy, short } = await import("../../../src/syntony/app/static/live/lanes.js");
const { probably, askedAs } = await import("../../../src/syntony/app/static/live/setup.js");
const { clockWords, light } = await import("../../../src/syntony/app/static/live/lights.js");

const columns = (ring, first, last, width = last + 1 - first) => {
  const { low, high } = ring.columns(first, last, width, 4);
  return [...low].map((v, x) => [v, high[x]]);
};
const NOTHING = [NaN, NaN];

test("a bin that comes in two parts becomes one", () => {
  const ring = new Ring(8);
  ring.add([3, 1, 2]);
  ring.add([3, -1, 1.5]);
  assert.deepEqual(columns(ring, 3, 3), [[-1, 2]]);
});

test("what has not come and what is missing are gaps", () => {
  const ring = new Ring(8);
  ring.add([1, 5, 5]);
  ring.add([2, null, null]);
  ring.add([3, 6, 6]);
  assert.deepEqual(columns(ring, 0, 3), [NOTHING, [5, 5], NOTHING, [6, 6]]);
});

test("a bin of an earlier turn of the ring is not shown again", () => {
  const ring = new Ring(4);
  ring.add([1, 5, 5]);
  ring.add([5, 7, 8]);
  assert.deepEqual(columns(ring, 5, 6), [[7, 8], NOTHING]);
});

test("missing first, then a value, in one bin", () => {
  const ring = new Ring(4);
  ring.add([1, null, null]);
  ring.add([1, 2, 3]);
  assert.deepEqual(columns(ring, 1, 1), [[2, 3]]);
});

test("a slow stream is one line, and a wait is a gap", () => {
  const ring = new Ring(32);
  for (const [k, v] of [[0, 0], [4, 8], [9, 1]]) ring.add([k, v, v]);
  const want = [0, 2, 4, 6, 8, NaN, NaN, NaN, NaN, 1];
  assert.deepEqual(columns(ring, 0, 9), want.map((v) => [v, v]));
  const { least, greatest } = ring.columns(0, 9, 10, 4);
  assert.deepEqual([least, greatest], [0, 8]);
});

test("fewer columns than bins lose no spike, more leave no hole", () => {
  const ring = new Ring(64);
  for (let k = 0; k < 60; k += 1) ring.add([k, 0, k === 31 ? 9 : 1]);
  assert.deepEqual(columns(ring, 0, 59, 6).map(([, b]) => b), [1, 1, 1, 9, 1, 1]);
  assert.ok(columns(ring, 0, 59, 171).every(([a, b]) => a === 0 && b >= 1));
});

test("a scale has room, also for a flat line and for nothing", () => {
  assert.deepEqual(roomy(0, 100), [-6, 106]);
  const [low, high] = roomy(5, 5);
  assert.ok(low < 5 && high > 5);
  assert.deepEqual(roomy(Infinity, -Infinity), [0, 1]);
});

test("numbers of a scale are short", () => {
  assert.deepEqual([0, 0.5, 4.333, 123.4, 1e7, NaN].map(short), ["0.000", "0.500", "4.33", "123", "1.0e+7", ""]);
});

test("a stream is given to whoever had it, else to the role in its name", () => {
  const stream = (name, source_id) => ({ name, source_id, type: "EDA", host: "", rate_hz: 4, channels: [], unitless: [] });
  const roles = ["patient", "therapist"];
  assert.equal(probably(stream("Band 7", "mac7"), { therapist: ["mac7"] }, roles), "therapist");
  assert.equal(probably(stream("Patient EDA", "x"), {}, roles), "patient");
  assert.equal(probably(stream("Band 7", "x"), {}, roles), "");
  assert.equal(askedAs(stream("Band 7", "")), "Band 7");
});

test("a light has a word, and an alarm goes before everything", () => {
  const stream = { name: "a", samples: 0, nominal_rate_hz: 4, rate_hz: null, age_s: null, offset_s: null, growth_ppm: null, alarms: [] };
  assert.equal(light(stream).kind, "wait");
  assert.equal(light({ ...stream, samples: 9 }).kind, "good");
  assert.deepEqual(light({ ...stream, samples: 9, alarms: ["flat"] }), { word: "flat", kind: "bad" });
});

test("a clock is near, far, or shows the date", () => {
  const clock = (offset_s, growth_ppm = null) => clockWords({ offset_s, growth_ppm });
  assert.equal(clock(null), "");
  assert.equal(clock(-0.00001), "offset 0 ms");
  assert.equal(clock(0.0123, 0.04), "offset 12.3 ms");
  assert.equal(clock(1000.25, 50.02), "offset 1000.3 s and 50 ppm".replace("1000.3", (1000.25).toFixed(1)));
  assert.equal(clock(-1.7959e9), "date");
});
