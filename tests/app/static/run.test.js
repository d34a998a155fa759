// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { nearest, numberOf, put, same, textOf, valueOf } from "../../../src/syntony/app/static/run/values.js";
import { left, spoken } from "../../../src/syntony/app/static/run/time.js";
import { canvasSize, MOST } from "../../../src/syntony/app/static/report/size.js";

const WORDS = { hours: "{n} h", minutes: "{n} min", seconds: "{n} s" };

test("what is a number becomes one, and what is none stays as it was typed", () => {
  assert.equal(numberOf("12.5"), 12.5);
  assert.equal(numberOf("\u22123"), -3);
  assert.equal(numberOf("1e-4"), 1e-4);
  for (const text of ["12,5", "five", "0x10", "Infinity", "NaN", "1 2"]) assert.equal(numberOf(text), text);
});

test("an empty field of a number is nothing, an empty list is a list", () => {
  assert.equal(valueOf("number", "  "), null);
  assert.deepEqual(valueOf("words", " "), []);
  assert.equal(valueOf("text", " a b "), "a b");
});

test("lists, couples and tables are read as they are written", () => {
  const values = /** @type {const} */ ([
    ["words", ["patient", "therapist"]],
    ["numbers", [30, 40.5]],
    ["couples", [["speech", "smile"], ["a", "b"]]],
    ["table", { age: "sessions.age", x: "marci.ssi@0" }],
    ["number", 0.25],
  ]);
  for (const [kind, value] of values) assert.deepEqual(valueOf(kind, textOf(kind, value)), value);
});

test("a value is put at its place without touching its neighbours", () => {
  const recipe = { emotion: { coder: "a" } };
  put(recipe, "emotion.rotations", 99);
  put(recipe, "body.eda.quality.low_us", 0.1);
  assert.deepEqual(recipe, {
    emotion: { coder: "a", rotations: 99 },
    body: { eda: { quality: { low_us: 0.1 } } },
  });
});

test("values are the same by what they hold", () => {
  assert.ok(same({ a: [1, "x"], b: {} }, { b: {}, a: [1, "x"] }));
  assert.ok(!same([1, 2], [2, 1]));
  assert.ok(!same({ a: 1 }, { a: 1, b: undefined }));
  assert.ok(!same("1", 1));
  assert.ok(!same(null, ""));
});

test("a problem goes to its field, else to the nearest around it", () => {
  const there = new Set(["surrogates", "surrogates.0.count", ""]);
  const has = (/** @type {string} */ place) => there.has(place);
  assert.equal(nearest("surrogates.0.count", has), "surrogates.0.count");
  assert.equal(nearest("surrogates.1.count", has), "surrogates");
  assert.equal(nearest("nonsense", has), "");
  assert.equal(nearest("nonsense", () => false), null);
});

test("what is left is told from what was done, once that says something", () => {
  assert.equal(left(25, 100, 50), 150);
  assert.equal(left(0, 100, 50), null);
  assert.equal(left(1, 100, 50), null);
  assert.equal(left(50, 100, 1), null);
  assert.equal(left(0, 0, 10), null);
});

test("a time is said no finer than one would say it", () => {
  const said = [0.2, 7.4, 43, 89, 600, 5400, 7150, 12600].map((s) => spoken(s, WORDS));
  assert.deepEqual(said, ["1 s", "7 s", "45 s", "1 min", "10 min", "1 h 30 min", "2 h", "3 h 30 min"]);
});

test("a picture is three times as large, and never more than a canvas holds", () => {
  assert.deepEqual(canvasSize(760, 300), { width: 2280, height: 900 });
  const long = canvasSize(760, 7600);
  assert.equal(long.height, MOST);
  assert.equal(long.width, 819);
});
