import assert from "node:assert/strict";
import { test } from "node:test";

import { matches, order } from "../../../src/syntony/app/static/study/table.js";
import { optionsFrom, suggestPattern } from "../../../src/syntony/app/static/study/files.js";

test("a row is shown when it holds every word, and none with a minus", () => {
  assert.ok(matches("d01s01 therapy eda", "THER d01"));
  assert.ok(!matches("d01s01 therapy eda", "therapy d02"));
  assert.ok(!matches("d01s01 therapy eda", "-eda"));
  assert.ok(matches("d01s01 therapy eda", "- "));
});

test("what is missing comes last in both directions", () => {
  for (const down of [false, true]) {
    const sorted = [null, 0.2, -1, null, 3].sort((a, b) => order(a, b, down));
    assert.deepEqual(sorted.slice(3), [null, null]);
    assert.deepEqual(sorted.slice(0, 3), down ? [3, 0.2, -1] : [-1, 0.2, 3]);
  }
});

test("labels are sorted by their numbers", () => {
  assert.deepEqual(["d10", "d9", "d1"].sort((a, b) => order(a, b, false)), ["d1", "d9", "d10"]);
});

test("the form becomes options, and what is empty is left out", () => {
  const form = new FormData();
  form.set("pattern", " {dyad}_{role}.csv ");
  form.set("rate_hz", "4");
  form.set("roles", "patient, therapist");
  form.set("columns", "patient=pat, therapist = th");
  form.set("unit", "");
  assert.deepEqual(optionsFrom(form), {
    pattern: "{dyad}_{role}.csv",
    rate_hz: 4,
    roles: ["patient", "therapist"],
    columns: { patient: "pat", therapist: "th" },
  });
  form.set("columns", "eda");
  assert.equal(optionsFrom(form).column, "eda");
});

test("a pattern is suggested only where all names are alike", () => {
  assert.equal(suggestPattern(["x/d1_s1_pat.csv", "x/d1_s1_th.csv"]), "{dyad}_{session}_{role}.csv");
  assert.equal(suggestPattern(["d1_pat.txt", "d1_th.txt"]), "{dyad}_{role}.txt");
  assert.equal(suggestPattern(["d1_pat.txt", "d1_s1_th.txt"]), "");
  assert.equal(suggestPattern(["d1_pat.txt", "d1_th.csv"]), "");
  assert.equal(suggestPattern([]), "");
});

test("further facts are read a line at a time, and what all devices caught by its kind", () => {
  const form = new FormData();
  form.set("settings", "channels=GSR=eda, ECG 1=ecg\n\n units = GSR=kOhm ");
  form.set("common", "claps");
  assert.deepEqual(optionsFrom(form), { settings: { channels: "GSR=eda, ECG 1=ecg", units: "GSR=kOhm" } });
  form.set("common_kind", "acc_z");
  assert.equal(optionsFrom(form).claps, "acc_z");
});
