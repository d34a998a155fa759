// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { clockText, paddedRange, tickText, timeTicks, valueTicks } from "../../../src/syntony/app/static/plot/axes.js";
import { endsOf, shortNumber } from "../../../src/syntony/app/static/plot/colourbar.js";
import { diverging, isDark, personName, rampOf, rgbOf } from "../../../src/syntony/app/static/plot/colours.js";
import { courseOf } from "../../../src/syntony/app/static/plot/course.js";
import { columnBoxes, dashOf, gatherColumns, gatherSamples, isClose } from "../../../src/syntony/app/static/plot/envelope.js";
import { mapPixels } from "../../../src/syntony/app/static/plot/lagmap.js";
import { footOf } from "../../../src/syntony/app/static/plot/lanes.js";
import { fillOf } from "../../../src/syntony/app/static/plot/legend.js";
import { fillBoxes } from "../../../src/syntony/app/static/plot/raster.js";
import { ribbonOf, tierHeight } from "../../../src/syntony/app/static/plot/ribbon.js";
import { indexAt, pointColumns, traceBand, traceLine, visibleRange } from "../../../src/syntony/app/static/plot/series.js";
import { Loop } from "../../../src/syntony/app/static/plot/surface.js";
import { placeOf, tiersOf } from "../../../src/syntony/app/static/plot/tiers.js";
import { chooseLevel, levelSizes, readTile, TileStore } from "../../../src/syntony/app/static/plot/tiles.js";
import { clampView, isInSight, keepInSight, LEAST_S, panBy, pixelAt, showStretch, timeAt, wholeView, zoomAt } from "../../../src/syntony/app/static/plot/view.js";

/** Numbers that a seed gives. @param {number} seed */
function random(seed) {
  let s = seed;
  return () => {
    s = (s * 1664525 + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/** A pyramid made here, bucket by bucket. @param {ArrayLike<number>} samples */
function pyramid(samples) {
  const levels = [{ low: Float32Array.from(samples), high: Float32Array.from(samples) }];
  for (const size of levelSizes(samples.length).slice(1)) {
    const below = levels[levels.length - 1];
    const low = new Float32Array(size).fill(NaN);
    const high = new Float32Array(size).fill(NaN);
    below.low.forEach((v, k) => {
      const b = k >> 2;
      if (v !== v) return;
      if (!(v >= low[b])) low[b] = v;
      if (!(below.high[k] <= high[b])) high[b] = below.high[k];
    });
    levels.push({ low, high });
  }
  return levels;
}

/** Answers for tiles of that pyramid. @param {ReturnType<typeof pyramid>} levels @param {(level: number) => boolean} [has] */
function asking(levels, has = () => true) {
  return (/** @type {string} */ _, /** @type {number} */ level, /** @type {number} */ tile) =>
    has(level)
      ? {
          low: levels[level].low.subarray(tile * 4096, (tile + 1) * 4096),
          high: levels[level].high.subarray(tile * 4096, (tile + 1) * 4096),
        }
      : null;
}

test("pixels and times are two ways of saying the same", () => {
  const view = { ...wholeView(0, 3000, 1280), start: 123.4, stop: 567.8 };
  for (const t of [123.4, 200, 567.8]) assert.ok(Math.abs(timeAt(view, pixelAt(view, t)) - t) < 1e-9);
  assert.equal(pixelAt(view, view.stop), 1280);
});

test("zooming keeps the time under the pointer, and stays inside the session", () => {
  const next = random(1);
  let view = wholeView(-5, 3000, 1000);
  for (let k = 0; k < 500; k += 1) {
    const x = next() * 1000;
    const before = timeAt(view, x);
    const zoomed = zoomAt(view, x, 0.5 + next() * 1.5);
    assert.ok(zoomed.start >= -5 - 1e-9 && zoomed.stop <= 3000 + 1e-9);
    assert.ok(zoomed.stop - zoomed.start >= LEAST_S - 1e-9);
    const touches = zoomed.start <= -5 + 1e-9 || zoomed.stop >= 3000 - 1e-9;
    if (!touches) assert.ok(Math.abs(timeAt(zoomed, x) - before) < 1e-6);
    view = zoomed;
  }
});

test("panning goes by pixels and stops at the ends", () => {
  const view = { ...wholeView(0, 100, 500), start: 40, stop: 60 };
  assert.deepEqual([panBy(view, 50).start, panBy(view, 50).stop], [42, 62]);
  assert.deepEqual([panBy(view, 1e6).start, panBy(view, 1e6).stop], [80, 100]);
  assert.deepEqual([panBy(view, -1e6).start, panBy(view, -1e6).stop], [0, 20]);
  assert.deepEqual(clampView({ ...view, start: -50, stop: 500 }).start, 0);
});

test("a playhead that leaves the screen turns the page, and one on it moves nothing", () => {
  const view = { ...wholeView(0, 100, 500), start: 40, stop: 60 };
  assert.equal(keepInSight(view, 60), view);
  assert.ok(isInSight(view, 40) && isInSight(view, 60) && !isInSight(view, 60.5));
  const after = keepInSight(view, 60.5);
  assert.ok(after.start <= 60.5 && after.stop >= 60.5 && after.start > 55);
  assert.deepEqual(showStretch(view, 50, 52, 1).start, 48);
});

test("levels are those of the server, and each pixel has a bucket", () => {
  assert.deepEqual(levelSizes(750_000), [750_000, 187_500, 46_875, 11_719, 2930]);
  assert.deepEqual(levelSizes(4096), [4096]);
  for (const perPixel of [0.1, 1, 3.99, 4, 15.9, 16, 600]) {
    const level = chooseLevel(perPixel, 20);
    assert.ok(perPixel < 1 || perPixel / 4 ** level >= 1 - 1e-9, `${perPixel}`);
    assert.ok(perPixel / 4 ** level < 4 || level === 0);
  }
  assert.equal(chooseLevel(1e9, 5), 4);
});

test("tiles are read as they were written", () => {
  const floats = Float32Array.from([1, 2, 3, 4]);
  assert.deepEqual([...readTile(floats.buffer, 1).high], [3, 4]);
  assert.deepEqual([...readTile(floats.buffer, 0).high], [1, 2, 3, 4]);
});

test("tiles are asked for once, the least used are forgotten, the coarsest never", async () => {
  /** @type {string[]} */
  const asked = [];
  let came = 0;
  const store = new TileStore(
    async (channel, level, tile) => {
      asked.push(`${channel}/${level}/${tile}`);
      return new Float32Array(8).buffer;
    },
    () => (came += 1),
    () => {},
    32 * 3,
  );
  assert.equal(store.get("c", 1, 0, true), null);
  assert.equal(store.get("c", 1, 0, true), null);
  await store.load("c", 1, 0);
  for (let t = 0; t < 6; t += 1) await store.load("c", 0, t);
  assert.equal(asked.filter((a) => a === "c/1/0").length, 1);
  assert.equal(came, 7);
  assert.ok(store.bytes <= 32 * 3);
  assert.ok(store.get("c", 1, 0));
  assert.ok(store.get("c", 0, 5));
  assert.equal(store.held.has("c/0/0"), false);
});

test("a tile that cannot be had is not asked for without end, and it is told", async () => {
  let [asked, told] = [0, 0];
  const store = new TileStore(() => Promise.reject(new Error(`no ${(asked += 1)}`)), () => {}, () => (told += 1));
  for (let k = 0; k < 10; k += 1) await store.load("c", 0, 0);
  assert.deepEqual([asked, told], [3, 3]);
});

for (const [rate, start] of [[250, 0], [4, -3.5], [33.3, 12.25]]) {
  test(`a spike of one sample is in exactly one column at any zoom, ${rate} Hz`, () => {
    const samples = new Float32Array(60_000).fill(1);
    const at = 23_457;
    samples[at] = 9;
    const channel = { id: "c", rate_hz: rate, start_s: start, n_samples: samples.length };
    const ask = asking(pyramid(samples));
    const time = start + at / rate;
    let view = wholeView(Math.min(0, start), start + samples.length / rate, 731);
    for (let k = 0; k < 40; k += 1) {
      if (isClose(channel, view)) break;
      const columns = gatherColumns(channel, view, ask);
      const hit = [...columns.high.keys()].filter((x) => columns.high[x] === 9);
      assert.ok(hit.length >= 1 && hit.length <= 2, `${hit.length} columns`);
      const perPixel = ((view.stop - view.start) * rate) / view.width;
      const bucket = 4 ** chooseLevel(perPixel, 20) / perPixel; // pixels that a bucket may lie off
      assert.ok(Math.abs(hit[0] - pixelAt(view, time)) <= 1 + bucket);
      view = zoomAt(view, pixelAt(view, time), 1.31);
    }
    const close = gatherSamples(channel, { ...view, start: time - 1 / rate, stop: time + 1 / rate }, ask);
    assert.ok(close && Math.max(...close.value) === 9);
  });
}

test("columns hold what the samples hold, and a gap is a gap", () => {
  const next = random(7);
  const samples = Float32Array.from({ length: 50_000 }, () => next());
  samples.fill(NaN, 20_000, 26_000);
  const channel = { id: "c", rate_hz: 100, start_s: 0, n_samples: samples.length };
  const view = wholeView(0, 500, 600);
  const columns = gatherColumns(channel, view, asking(pyramid(samples)));
  assert.ok(columns.isWhole);
  for (let x = 0; x < 600; x += 1) {
    const mine = [...samples.subarray(Math.floor((x * 50_000) / 600), Math.ceil(((x + 1) * 50_000) / 600))];
    const there = mine.filter((v) => v === v);
    if (x > 240 && x < 311) assert.ok(columns.low[x] !== columns.low[x], `column ${x}`);
    if (x < 239 || x > 313) assert.ok(columns.low[x] === columns.low[x], `column ${x}`);
    if (!there.length) continue;
    assert.ok(columns.low[x] !== columns.low[x] || columns.low[x] >= 0);
  }
  assert.ok(Math.min(...[...columns.low].filter((v) => v === v)) === Math.min(...[...samples].filter((v) => v === v)));
});

test("where a fine tile is on its way a coarser one stands in", () => {
  const samples = Float32Array.from({ length: 70_000 }, (_, k) => Math.sin(k / 50));
  const channel = { id: "c", rate_hz: 100, start_s: 0, n_samples: samples.length };
  const view = { ...wholeView(0, 700, 500), start: 100, stop: 120 };
  const levels = pyramid(samples);
  const top = levels.length - 1;
  const columns = gatherColumns(channel, view, asking(levels, (level) => level === top));
  assert.equal(columns.isWhole, false);
  assert.ok(columns.low.every((v) => v === v));
  assert.ok(gatherColumns(channel, view, asking(levels, () => false)).low.every((v) => v !== v));
  assert.equal(gatherSamples(channel, view, asking(levels, (level) => level === top)), null);
});

test("before and after a recording there is nothing", () => {
  const samples = new Float32Array(1000).fill(2);
  const channel = { id: "c", rate_hz: 10, start_s: 50, n_samples: 1000 };
  const columns = gatherColumns(channel, wholeView(0, 200, 200), asking(pyramid(samples)));
  assert.deepEqual([columns.low[48], columns.low[51], columns.low[148], columns.low[151]], [NaN, 2, 2, NaN]);
});

test("columns are joined to an unbroken line, but never over a gap", () => {
  const columns = { low: Float32Array.from([0, 5, NaN, 9]), high: Float32Array.from([1, 6, NaN, 9]), isWhole: true };
  const boxes = columnBoxes(columns, (v) => 10 - v, 1);
  const rows = [0, 1, 2].map((k) => [...boxes.subarray(4 * k, 4 * k + 4)]);
  assert.deepEqual(rows[0], [0, 9, 1, 1]);
  assert.deepEqual(rows[1], [1, 4, 1, 5]); // reaches down to its neighbour at 9
  assert.deepEqual(rows[2], [3, 0.5, 1, 1]); // after the gap: alone, as thick as a line
});

test("a dashed line leaves no spike out", () => {
  const width = 100;
  const low = new Float32Array(width).fill(0);
  const high = new Float32Array(width).fill(0);
  high[8] = 50; // in a pause of the dashes
  const boxes = columnBoxes({ low, high, isWhole: true }, (v) => 60 - v, 1, { on: 7, off: 3, tall: 4 });
  const xs = [];
  for (let k = 0; k < boxes.length; k += 4) xs.push(boxes[k]);
  assert.ok(xs.includes(8));
  assert.ok(!xs.includes(17) && !xs.includes(29));
  assert.ok(xs.includes(10) && xs.includes(16));
});

test("columns become pixels, and edges inside a pixel cover a part of it", () => {
  const pixels = new Uint32Array(4 * 6);
  const boxes = Float32Array.from([1, 1.5, 1, 2.25, 2, 4.25, 1, 0.5, 3, -2, 1, 3, 9, 0, 1, 6]);
  fillBoxes(pixels, 4, boxes, [10, 20, 30]);
  const opacity = (/** @type {number} */ x) => [0, 1, 2, 3, 4, 5].map((y) => new Uint8Array(pixels.buffer)[4 * (4 * y + x) + 3]);
  assert.deepEqual(opacity(0), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(opacity(1), [0, 128, 255, 191, 0, 0]);
  assert.deepEqual(opacity(2), [0, 0, 0, 0, 128, 0]);
  assert.deepEqual(opacity(3), [255, 0, 0, 0, 0, 0]);
  assert.deepEqual([...new Uint8Array(pixels.buffer, 4 * (4 * 2 + 1), 3)], [10, 20, 30]);
  fillBoxes(pixels, 4, Float32Array.from([1, 2.9, 1, 0.2]), [1, 1, 1]); // what covers more stays
  assert.deepEqual(opacity(1), [0, 128, 255, 191, 0, 0]);
});

/** A pen that writes down what it does. */
function scribe() {
  /** @type {[string, number, number][]} */
  const did = [];
  return {
    did,
    moveTo: (/** @type {number} */ x, /** @type {number} */ y) => void did.push(["m", x, y]),
    lineTo: (/** @type {number} */ x, /** @type {number} */ y) => void did.push(["l", x, y]),
    closePath: () => void did.push(["z", 0, 0]),
  };
}

test("a missing value lifts the pen, a long pause too, and a lone point is a dot", () => {
  const pen = scribe();
  const view = wholeView(0, 10, 10);
  traceLine(pen, [0, 1, 2, 3, 4, 9], [1, 1, NaN, 2, 2, 5], view, (v) => v, { left: 0, lift: 3 });
  assert.deepEqual(pen.did, [["m", 0, 1], ["l", 1, 1], ["m", 3, 2], ["l", 4, 2], ["m", 9, 5], ["l", 10, 5]]);
});

test("a band breaks where either border is missing", () => {
  const pen = scribe();
  traceBand(pen, [0, 1, 2, 3, 4], [0, 0, NaN, 0, 0], [1, 1, 1, 1, 1], wholeView(0, 4, 4), (v) => v, 0);
  assert.equal(pen.did.filter(([what]) => what === "z").length, 2);
  assert.ok(!pen.did.some(([, x]) => x === 2));
});

test("what is on the screen is found among uneven points", () => {
  assert.equal(indexAt([1, 2, 3], 2.5), 2);
  assert.deepEqual(visibleRange([0, 1, 2, 3, 4, 5], { ...wholeView(0, 5, 10), start: 2, stop: 3 }), [1, 5]);
  const { low, high } = pointColumns([0, 0.5, 3], [4, 6, NaN], wholeView(0, 4, 4));
  assert.deepEqual([low[0], high[0], low[3]], [4, 6, NaN]);
});

test("times are told as minutes and seconds", () => {
  assert.equal(clockText(754.25, 0.01), "12:34.25");
  assert.equal(clockText(59.96, 0.1), "1:00.0");
  assert.equal(clockText(-5), "−0:05");
  assert.equal(clockText(3725), "1:02:05");
  assert.equal(clockText(NaN), "–");
  assert.deepEqual(timeTicks(0, 60, 4).at, [0, 15, 30, 45, 60]);
});

test("ticks are round and lie inside", () => {
  assert.deepEqual(valueTicks(0.2, 9.7, 5), [2, 4, 6, 8]);
  assert.deepEqual(valueTicks(3, 3, 4), [3]);
  assert.equal(tickText(-0.5, [-0.5, 0, 0.5]), "−0.5");
  assert.equal(tickText(0, [-0.5, 0, 0.5]), "0.0");
  assert.deepEqual(paddedRange(null, null), [0, 1]);
  assert.deepEqual(paddedRange(5, 5), [4.5, 5.5]);
});

test("the map is told by lightness as well as by hue, and missing is neither", () => {
  for (const dark of [false, true]) {
    const ramp = rampOf(dark);
    const light = (/** @type {number} */ v) => {
      const [r, g, b] = diverging(v, 1, ramp);
      return 0.299 * r + 0.587 * g + 0.114 * b;
    };
    for (const sign of [-1, 1]) {
      const steps = [0, 0.25, 0.5, 0.75, 1].map((v) => light(sign * v));
      for (let k = 1; k < 5; k += 1) assert.ok(dark ? steps[k] > steps[k - 1] : steps[k] < steps[k - 1]);
    }
    assert.deepEqual(diverging(NaN, 1, ramp), ramp.missing);
    assert.deepEqual(diverging(9, 1, ramp), ramp.positive);
  }
  assert.ok(isDark("#14171a") && !isDark("#fff"));
  assert.deepEqual(rgbOf("#0af"), [0, 170, 255]);
});

test("every person has a line of their own, by colour or by dashes", () => {
  const looks = Array.from({ length: 12 }, (_, k) => `${personName(k)} ${JSON.stringify(dashOf(k, 2))}`);
  assert.equal(new Set(looks).size, 12);
  assert.equal(new Set(Array.from({ length: 6 }, (_, k) => personName(k))).size, 6);
  assert.equal(new Set(Array.from({ length: 6 }, (_, k) => JSON.stringify(dashOf(k, 1)))).size, 6);
  assert.equal(dashOf(0, 1), null);
  assert.equal(fillOf(0), "var(--first)");
  assert.match(fillOf(2), /var\(--third\) 0 2px, transparent 2px 5px/);
  assert.ok(footOf(3) >= 3 * 3.5 && footOf(1) === footOf(2));
});

test("a bar of colours says what its ends are, and whether more is drawn the same", () => {
  assert.deepEqual(endsOf(0.6, true, true), ["≤ −0.6", "≥ 0.6"]);
  assert.deepEqual(endsOf(0.4231, true, false), ["−0.42", "0.42"]);
  assert.deepEqual(endsOf(12, false, true), ["0", "≥ 12"]);
  assert.equal(shortNumber(-1234), "−1200");
});

test("in the map the highest lag is on top and the first window on the left", () => {
  const ramp = rampOf(false);
  const map = {
    time: Float32Array.from([0, 1]), at: [-1, 0, 1], limit: 1, axis: /** @type {"lag_s"} */ ("lag_s"),
    values: Float32Array.from([0, 0, 1, 0, 0, 0]), // window 0, lag +1
  };
  const pixels = mapPixels(map, 0, 2, ramp);
  assert.deepEqual([...pixels.subarray(0, 3)], ramp.positive);
  assert.deepEqual([...pixels.subarray(4, 7)], ramp.middle);
});

test("the ribbon is the mean of each pixel and has gaps", () => {
  const floats = new Float32Array(5 * 4);
  floats.set([0, 1, 2, 3], 0);
  floats.set([1, 3, NaN, 5], 4);
  floats.fill(NaN, 8);
  const ribbon = ribbonOf(courseOf(floats, 4, [-1, 1]), wholeView(-0.5, 3.5, 4));
  assert.deepEqual([...ribbon], [1, 3, NaN, 5]);
});

test("codes lie in rows of coder and person, and valence is told by place", () => {
  const code = { label: "warm", valence: "positive", person: "P", role: "patient", start_s: 1, stop_s: 2 };
  const rows = tiersOf([{ ...code, coder: "a", start_s: 5 }, { ...code, coder: "b" }, { ...code, coder: "a" }]);
  assert.deepEqual(rows.map((r) => r.coder), ["a", "b"]);
  assert.deepEqual(rows[0].codes.map((c) => c.start_s), [1, 5]);
  const places = ["positive", "neutral", "negative"].map((v) => placeOf(v)[0]);
  assert.ok(places[0] < places[1] && places[1] < places[2]);
});

test("every row of codes has its place in the strip", () => {
  assert.equal(tierHeight(1), 12);
  for (let n = 1; n < 12; n += 1) {
    assert.ok(tierHeight(n) > 1);
    assert.ok(36 + n * (tierHeight(n) + 1) <= 62 + 1e-9);
  }
});

test("a frame paints what was asked for, once, and then sleeps", () => {
  /** @type {(() => void)[]} */
  const frames = [];
  const loop = new Loop((run) => frames.push(run));
  let painted = 0;
  const painter = { paint: () => (painted += 1) };
  loop.ask(painter);
  loop.ask(painter, painter);
  assert.equal(frames.length, 1);
  frames.shift()?.();
  assert.deepEqual([painted, frames.length], [1, 0]);
  let left = 3;
  loop.every(() => (left -= 1) > 0);
  while (frames.length) frames.shift()?.();
  assert.deepEqual([left, painted], [0, 1]);
});
