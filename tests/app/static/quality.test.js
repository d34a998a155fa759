// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { secondsOf, Steps, stretchOf, typedTime } from "../../../src/syntony/app/static/quality/marks.js";

test("times are read as people type them", () => {
  assert.equal(secondsOf("12:30.5"), 750.5);
  assert.equal(secondsOf(" 750.5 "), 750.5);
  assert.equal(secondsOf("1:02:03"), 3723);
  assert.equal(secondsOf("-0:05"), -5);
  assert.equal(secondsOf("90:00"), 5400);
  for (const text of ["", "five", "12:75", "1:75:00", "12,5", "1:2:3:4", "1e3"]) assert.equal(secondsOf(text), null);
});

test("a time is read back as it was written, to a hundredth", () => {
  assert.equal(typedTime(750.5), "12:30.5");
  assert.equal(typedTime(59.999), "1:00");
  assert.equal(typedTime(-0.001), "0:00");
  for (let s = -65; s < 4000; s += 7.13) {
    const back = secondsOf(typedTime(s));
    assert.ok(back !== null && Math.abs(back - s) <= 0.00501, `${s} ${typedTime(s)} ${back}`);
  }
});

test("a drag gives a stretch in order, inside the recording", () => {
  assert.deepEqual(stretchOf(20, 10, 0, 60), [10, 20]);
  assert.deepEqual(stretchOf(-5, 80, 0, 60), [0, 60]);
});

const stretch = { person: "P01", kind: "eda", start_s: 1, stop_s: 2, reason: "" };

test("undo takes back the last step, redo does it again under its new id", () => {
  const steps = new Steps();
  assert.equal(steps.back(), null);
  steps.add({ act: "mark", id: "a", stretch });
  steps.add({ act: "withdraw", id: "a", stretch });
  assert.equal(steps.back()?.act, "mark"); // the withdrawal is taken back by marking anew
  steps.wentBack("b");
  assert.deepEqual(steps.back(), { act: "withdraw", id: "b", stretch }); // the mark is now called b
  assert.deepEqual(steps.again(), { act: "withdraw", id: "b", stretch });
  steps.wentBack("b");
  assert.equal(steps.back(), null);
  assert.equal(steps.again()?.act, "mark");
  steps.wentOn("c");
  assert.deepEqual(steps.again(), { act: "withdraw", id: "c", stretch });
});

test("after a new step nothing can be done again", () => {
  const steps = new Steps();
  steps.add({ act: "mark", id: "a", stretch });
  steps.wentBack("a");
  steps.add({ act: "mark", id: "b", stretch });
  assert.equal(steps.again(), null);
});
