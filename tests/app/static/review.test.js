// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { Frames, frameRate, frameStep, rateOf } from "../../../src/syntony/app/static/frames.js";
import { Clock } from "../../../src/syntony/app/static/review/clock.js";
import { wheelFactor } from "../../../src/syntony/app/static/review/gestures.js";
import { actionOf, blursAfter, keepsKey, neighbour } from "../../../src/syntony/app/static/review/keys.js";
import { heardAtFirst } from "../../../src/syntony/app/static/review/sound.js";
import { codesIn, lanesOf, namedCodes } from "../../../src/syntony/app/static/review/layout.js";

/** A machine's clock that we turn by hand. */
function machine() {
  const at = { s: 100 };
  return { at, read: () => at.s };
}

test("the clock runs at its speed, and stands when it is stopped", () => {
  const { at, read } = machine();
  const clock = new Clock(0, 60, read);
  clock.seek(10);
  clock.play();
  at.s += 2;
  assert.equal(clock.now(), 12);
  clock.setSpeed(0.5);
  at.s += 2;
  assert.equal(clock.now(), 13);
  clock.pause();
  at.s += 5;
  assert.equal(clock.now(), 13);
  clock.setSpeed(9);
  assert.equal(clock.speed, 2);
});

test("the clock stays inside the session, ends there, and begins again from the front", () => {
  const { at, read } = machine();
  const clock = new Clock(-2, 60, read);
  clock.seek(-50);
  assert.equal(clock.now(), -2);
  clock.seek(59);
  clock.play();
  at.s += 3;
  assert.equal(clock.now(), 60);
  assert.equal(clock.tick(), "ended");
  assert.equal(clock.isPlaying, false);
  clock.play();
  assert.equal(clock.now(), -2);
});

test("a loop is gone round, and begun at its start", () => {
  const { at, read } = machine();
  const clock = new Clock(0, 60, read);
  clock.loop = { start_s: 20, stop_s: 22 };
  clock.play();
  assert.equal(clock.now(), 20);
  at.s += 1.9;
  assert.equal(clock.tick(), "");
  at.s += 0.2;
  assert.equal(clock.tick(), "jumped");
  assert.equal(clock.now(), 20);
});

test("while a video plays the clock is the video's; where it has nothing, the machine's", () => {
  const { at, read } = machine();
  const clock = new Clock(0, 60, read);
  /** @type {number | null} */
  let led = 5;
  clock.leader = { now: () => led };
  clock.seek(5);
  clock.play();
  at.s += 1;
  assert.equal(clock.now(), 5); // the video waits for its data: so does the playhead
  led = 5.4;
  assert.equal(clock.now(), 5.4);
  led = null;
  at.s += 1;
  assert.ok(Math.abs(clock.now() - 6.4) < 1e-9);
});

test("steps of a frame land in the middle of frames, without a drift", () => {
  let time = 0;
  for (let k = 0; k < 1000; k += 1) time = frameStep(time, 1, 29.97);
  assert.ok(Math.abs(time - 1000.5 / 29.97) < 1e-9);
  for (let k = 0; k < 999; k += 1) time = frameStep(time, -1, 29.97);
  assert.ok(Math.abs(time - 1.5 / 29.97) < 1e-9);
  assert.equal(frameStep(0, -1, 25), 0.02);
});

test("the frame rate is found from frames that were shown, even when some were dropped", () => {
  const times = Array.from({ length: 20 }, (_, k) => k / 25).filter((_, k) => k % 7 !== 3);
  assert.equal(frameRate(times), 25);
  assert.equal(frameRate([0, 1 / 30]), null);
  assert.ok(Math.abs((frameRate(Array.from({ length: 12 }, (_, k) => k / 17)) ?? 0) - 17) < 1e-6);
});

test("a film is stepped by the rate seen while it plays, before that by the one its file tells", () => {
  /** @type {((now: number, told: {mediaTime: number}) => void) | null} */
  let next = null;
  const video = { paused: true, dataset: {}, requestVideoFrameCallback: (/** @type {any} */ f) => (next = f) };
  const show = (/** @type {number} */ time) => next?.(0, { mediaTime: time });
  const frames = new Frames(/** @type {any} */ (video), 30);
  for (let k = 0; k < 20; k += 1) show(k / 10); // steps that somebody made
  assert.deepEqual([frames.rate_hz, frames.measured_hz], [30, null]);
  video.paused = false;
  let told = 0;
  frames.onRate = () => (told += 1);
  for (let k = 0; k < 30; k += 1) show(5 + k / 50);
  assert.deepEqual([frames.rate_hz, frames.measured_hz, told], [50, 50, 2]);
  frames.begin(null); // another camera, whose file says nothing
  assert.deepEqual([frames.rate_hz, frames.known_hz], [25, null]);
  assert.equal(new Frames(/** @type {any} */ ({}), null).rate_hz, 25);
});

for (const hz of [30000 / 1001, 30, 50, 60]) {
  test(`frames of ${hz.toFixed(2)} a second are told, rounded to milliseconds or dropped`, () => {
    const times = Array.from({ length: 96 }, (_, k) => Math.round((1000 * k) / hz) / 1000);
    assert.equal(frameRate(times), hz);
    assert.equal(frameRate(times.filter((_, k) => k % 5 !== 3)), hz);
  });
}

test("the file is believed where frames were dropped, the frames where the file is a mean", () => {
  assert.equal(rateOf(null, null), null);
  assert.equal(rateOf(null, 50), 50);
  assert.equal(rateOf(30, null), 30);
  assert.equal(rateOf(15, 30), 30); // every second one was dropped
  assert.equal(rateOf(30, 21.3), 30); // uneven: the mean is lower
  assert.equal(rateOf(30, 30000 / 1001), 30000 / 1001);
});

test("a sound file is heard first, else the first film", () => {
  const [cam, mic] = [{ kind: "video", name: "cam.mp4" }, { kind: "sound", name: "mic.wav" }];
  assert.equal(heardAtFirst([cam, mic]), "mic.wav");
  assert.equal(heardAtFirst([cam]), "cam.mp4");
  assert.equal(heardAtFirst([]), "");
});

const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

test("keys do what the page says, and none that the browser needs", () => {
  assert.equal(actionOf({ ...plain, key: " " }), "play");
  assert.equal(actionOf({ ...plain, key: "ArrowRight", shiftKey: true }), "on-far");
  assert.equal(actionOf({ ...plain, key: "n" }), "next");
  assert.equal(actionOf({ ...plain, key: "," }), "frame-back");
  assert.equal(actionOf({ ...plain, key: "f", ctrlKey: true }), null);
  assert.equal(actionOf({ ...plain, key: "Tab" }), null);
  assert.equal(actionOf({ ...plain, key: "ArrowDown" }), null);
});

test("sliders and what scrolls keep the keys that move them, and no others", () => {
  const slider = { tagName: "INPUT", type: "range", isContentEditable: false };
  const region = { tagName: "DIV", className: "scroll wide", isContentEditable: false };
  for (const key of ["ArrowLeft", "ArrowUp", "Home", "End", "PageUp", "PageDown"]) {
    assert.ok(keepsKey(slider, key) && keepsKey(region, key), key);
  }
  assert.ok(keepsKey(region, " ") && !keepsKey(slider, " "));
  for (const key of ["n", "p", "l", ",", "[", "Escape"]) {
    assert.ok(!keepsKey(slider, key) && !keepsKey(region, key), key);
  }
  assert.ok(!keepsKey({ ...region, className: "scrolled" }, "PageUp"));
});

test("a chooser gives the keys back after a choice, not while it is gone through by keys", () => {
  assert.ok(blursAfter("") && blursAfter("Enter"));
  assert.ok(!blursAfter("ArrowDown") && !blursAfter("p"));
});

test("fields keep their keys, buttons keep the two that press them", () => {
  const element = (/** @type {string} */ tagName) => ({ tagName, isContentEditable: false });
  assert.ok(keepsKey(element("INPUT"), "n"));
  assert.ok(keepsKey(element("SELECT"), "ArrowRight"));
  assert.ok(keepsKey(element("BUTTON"), " "));
  assert.ok(!keepsKey(element("BUTTON"), "n"));
  assert.ok(!keepsKey(element("DIV"), " "));
  assert.ok(!keepsKey(null, " "));
});

test("next and previous moments go round at the ends", () => {
  const moments = [{ start_s: 10 }, { start_s: 20 }, { start_s: 30 }];
  assert.equal(neighbour(moments, 10, 1)?.start_s, 20);
  assert.equal(neighbour(moments, 15, -1)?.start_s, 10);
  assert.equal(neighbour(moments, 30, 1)?.start_s, 10);
  assert.equal(neighbour(moments, 10, -1)?.start_s, 30);
  assert.equal(neighbour([], 10, 1), null);
});

test("moments that start together are all gone through, either way", () => {
  const moments = [{ start_s: 10 }, { start_s: 20, n: 1 }, { start_s: 20, n: 2 }, { start_s: 30 }];
  for (const way of /** @type {(1 | -1)[]} */ ([1, -1])) {
    let at = moments[0];
    const seen = new Set([at]);
    for (let k = 0; k < 3; k += 1) seen.add((at = neighbour(moments, at.start_s, way, at) ?? at));
    assert.equal(seen.size, 4);
    assert.equal(neighbour(moments, at.start_s, way, at), moments[0]);
  }
  assert.equal(neighbour(moments, 25, 1), moments[3]);
  assert.equal(neighbour(moments, 25, -1), moments[2]);
});

test("a wheel brings closer and back by as much", () => {
  const closer = wheelFactor({ deltaY: -100, deltaMode: 0 });
  const wider = wheelFactor({ deltaY: 100, deltaMode: 0 });
  assert.ok(closer > 1 && Math.abs(closer * wider - 1) < 1e-12);
  assert.ok(wheelFactor({ deltaY: -3, deltaMode: 1 }) > 1);
  assert.ok(wheelFactor({ deltaY: -1e6, deltaMode: 0 }) < 2);
});

/** @param {Partial<import("../../../src/syntony/app/static/types").Channel>} more */
function channel(more) {
  return {
    id: "x", source: /** @type {"recording"} */ ("recording"), person: "P", role: "patient", kind: "eda",
    title: "skin conductance", unit: "µS", rate_hz: 4, start_s: 0, n_samples: 10, low: 0, high: 1,
    valid_share: 1, gaps: [], ...more,
  };
}

test("both people share a lane of a kind; what was compared comes first", () => {
  const people = [{ id: "P", role: "patient" }, { id: "T", role: "therapist" }];
  const lanes = lanesOf({
    people,
    channels: [
      channel({ person: "T", role: "therapist" }),
      channel({}),
      channel({ kind: "hr", title: "heart rate", unit: "/min" }),
      channel({ source: "feature", kind: "hr", title: "heart rate" }),
      channel({ source: "feature", person: "T", role: "therapist" }),
    ],
    events: [],
  });
  assert.deepEqual(lanes.map((l) => [l.source, l.title, l.traces.map((t) => t.place)]), [
    ["feature", "heart rate / skin conductance", [0, 1]],
    ["recording", "skin conductance", [0, 1]],
    ["recording", "heart rate", [0]],
  ]);
});

test("a second channel of one person and kind gets a lane of its own", () => {
  const lanes = lanesOf({ people: [{ id: "P", role: "patient" }], channels: [channel({}), channel({})], events: [] });
  assert.equal(lanes.length, 2);
});

test("codes of a moment are counted by the seconds that lie in it", () => {
  const code = { person: "P", role: "patient", coder: "c1", label: "warm", valence: "positive" };
  const found = codesIn([
    { ...code, start_s: 0, stop_s: 15 },
    { ...code, label: "cold", start_s: 15, stop_s: 100 },
    { ...code, role: "therapist", person: "T", start_s: 20, stop_s: 30 },
  ], 10, 20);
  assert.deepEqual(found, [
    { who: "patient (c1)", labels: [{ label: "warm", seconds: 5 }, { label: "cold", seconds: 5 }] },
  ]);
});

test("codes about both and phases have a word in place of a person", () => {
  const code = { person: "", role: "", coder: "c1", label: "protest", valence: "", start_s: 0, stop_s: 5 };
  const text = { both: "both together", everybody: "all together", phases: "phases" };
  const people = ["a", "b", "c"].map((id) => ({ id, role: id }));
  const codes = [code, { ...code, coder: "" }, { ...code, person: "a", role: "a" }];
  const roles = (/** @type {number} */ n) => namedCodes({ codes, people: people.slice(0, n) }, text).map((c) => c.role);
  assert.deepEqual(roles(2), ["both together", "phases", "a"]);
  assert.deepEqual(roles(3), ["all together", "phases", "a"]);
  assert.deepEqual(codesIn(namedCodes({ codes, people: people.slice(0, 2) }, text), 0, 9)[0].who, "both together (c1)");
});
