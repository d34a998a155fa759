// What is drawn and said while a session is recorded.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { getElementById: () => ({ textContent: '{"live": {}}' }), querySelector: () => null, querySelectorAll: () => [] };
const { Ring, roomy, short } = await import("../../../src/syntony/app/static/live/lanes.js");
const { probably, askedAs } = await import("../../../src/syntony/app/static/live/setup.js");
const { light } = await import("../../../src/syntony/app/static/live/lights.js");

const bins = (ring, first, last) => {
  const seen = [];
  ring.each(first, last, (k, low, high) => seen.push([k, low, high]));
  return seen;
};

test("a bin that comes in two parts becomes one", () => {
  const ring = new Ring(8);
  ring.add([3, 1, 2]);
  ring.add([3, -1, 1.5]);
  assert.deepEqual(bins(ring, 3, 3), [[3, -1, 2]]);
});

test("what has not come and what is missing are gaps", () => {
  const ring = new Ring(8);
  ring.add([1, 5, 5]);
  ring.add([2, null, null]);
  assert.deepEqual(bins(ring, 0, 2), [[0, NaN, NaN], [1, 5, 5], [2, NaN, NaN]]);
});

test("a bin of an earlier turn of the ring is not shown again", () => {
  const ring = new Ring(4);
  ring.add([1, 5, 5]);
  ring.add([5, 7, 8]);
  assert.deepEqual(bins(ring, 5, 6), [[5, 7, 8], [6, NaN, NaN]]);
});

test("missing first, then a value, in one bin", () => {
  const ring = new Ring(4);
  ring.add([1, null, null]);
  ring.add([1, 2, 3]);
  assert.deepEqual(bins(ring, 1, 1), [[1, 2, 3]]);
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
