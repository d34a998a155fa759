import assert from "node:assert/strict";
import { test } from "node:test";

import { isAsked, matches, order } from "../../../src/syntony/app/static/study/table.js";
import { chosen, optionsFrom } from "../../../src/syntony/app/static/study/files.js";
import { channelWords, groupCells, guessedFields } from "../../../src/syntony/app/static/study/looking.js";

test("a row is shown when it holds every word, and none with a minus", () => {
  assert.ok(matches("d01s01 therapy eda", "THER d01"));
  assert.ok(!matches("d01s01 therapy eda", "therapy d02"));
  assert.ok(!matches("d01s01 therapy eda", "-eda"));
  assert.ok(matches("d01s01 therapy eda", "- "));
});

test("rows are chosen by what they are", () => {
  const keys = { type: ["a=b", "c"], lacks: ["yes", ""], number: [1, null] };
  assert.deepEqual([0, 1].map((k) => isAsked(keys, k, ["type=a=b", ""])), [true, false]);
  assert.deepEqual([0, 1].map((k) => isAsked(keys, k, ["lacks=yes", "type=c"])), [false, false]);
  assert.deepEqual([0, 1].map((k) => isAsked(keys, k, ["number="])), [false, true]);
  assert.ok(isAsked(keys, 1, []));
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

test("what the system left in a folder is not sent", () => {
  const names = ["a/.DS_Store", "a/d1.csv", ".git/config", "a/Thumbs.db", "__MACOSX/d1.csv", "d2.csv"];
  const files = /** @type {any} */ (names.map((n) => ({ name: n.split("/").pop(), webkitRelativePath: n })));
  assert.deepEqual(chosen(files).map((f) => f.name), ["a/d1.csv", "d2.csv"]);
});

test("short forms are read a field a line", () => {
  const form = new FormData();
  form.set("values", "role: k=woman, m = man\n\n type: w=cooperation ");
  assert.deepEqual(optionsFrom(form).values, {
    role: { k: "woman", m: "man" },
    type: { w: "cooperation" },
  });
  form.set("values", "k=woman");
  assert.deepEqual(optionsFrom(form).values, { "": { k: "woman" } }, "the server says which fields there are");
});

test("what files hold is told in words", () => {
  const text = { not_inside: "none", no_stamp: "not said", beats: "{count} of {kind}" };
  const channel = { label: "EDA1", kind: "eda", unit: "uS", rate_hz: 4, length_s: 90 };
  assert.equal(channelWords(channel), "EDA1 (eda, uS, 4 Hz)");
  assert.equal(channelWords({ ...channel, label: "eda", unit: "", rate_hz: null }), "eda");
  const part = { name: "", started_at: "2024-05-01T10:00:00.25", channels: [channel], events: [{ kind: "rr", count: 3, last_s: 120 }] };
  const group = { files: 2, example: "a.csv", title: "Table", problem: "", parts: [part] };
  assert.deepEqual(groupCells(group, text), ["2", "a.csv", "Table", "EDA1 (eda, uS, 4 Hz), 3 of rr", "2024-05-01 10:00:00", "2.0"]);
  assert.equal(groupCells({ ...group, problem: "damaged" }, text)[3], "damaged");
  assert.equal(groupCells({ ...group, title: "", parts: [] }, text)[2], "none");
});

test("guesses become fields of the form", () => {
  assert.deepEqual(guessedFields({ pattern: "{dyad}", columns: { patient: "pat", therapist: "th" }, rate_hz: 25 }), {
    pattern: "{dyad}",
    rate_hz: "25",
    columns: "patient=pat, therapist=th",
  });
  assert.deepEqual(guessedFields({ column: "eda" }), { columns: "eda" });
});

test("further facts are read a line at a time, and what all devices caught by its kind", () => {
  const form = new FormData();
  form.set("settings", "channels=GSR=eda, ECG 1=ecg\n\n units = GSR=kOhm ");
  form.set("common", "claps");
  assert.deepEqual(optionsFrom(form), { settings: { channels: "GSR=eda, ECG 1=ecg", units: "GSR=kOhm" } });
  form.set("common_kind", "acc_z");
  assert.equal(optionsFrom(form).claps, "acc_z");
});
