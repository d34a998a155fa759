// A hand becomes samples on a grid, whatever the clock of the page does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Keeper } from "../../../src/syntony/app/static/rate/keeper.js";
import { fromStick, stepped, within } from "../../../src/syntony/app/static/rate/hand.js";
import { Sampler, summary } from "../../../src/syntony/app/static/rate/sampler.js";

/** Numbers from a seed, the same everywhere. */
function seeded(seed) {
  let s = seed;
  return () => ((s = (s * 1103515245 + 12345) % 2147483648), s / 2147483648);
}

/** Feed moments and gather what comes, checking that numbers follow one another. */
function run(sampler, moments) {
  const all = [];
  let next = null;
  for (const [t, v] of moments) {
    const { first, values } = sampler.take(t, v);
    if (values.length) {
      if (next !== null) assert.equal(first, next);
      next = first + values.length;
      all.push(...values.map((x, k) => [first + k, x]));
    }
  }
  return all;
}

test("frames of 60 Hz with jitter give every grid point once, with the place held then", () => {
  for (const rate of [10, 5, 1, 0.1, 3.7]) {
    for (let seed = 1; seed < 12; seed += 1) {
      const draw = seeded(seed);
      const moments = [];
      for (let t = 3.21; t < 64; t += 0.004 + draw() * 0.04) moments.push([t, Math.round(draw() * 100)]);
      const found = run(new Sampler(rate), moments);
      const first = Math.ceil(3.21 * rate - 1e-6);
      const last = Math.floor(moments.at(-1)[0] * rate + 1e-6);
      assert.deepEqual(found.map(([k]) => k), Array.from({ length: last - first + 1 }, (_, k) => first + k));
      for (const [k, v] of found) {
        // the naive twin: the last moment that is not after the grid point
        const held = moments.filter(([t]) => t <= k / rate + 1e-6).at(-1) ?? moments[0];
        assert.equal(v, held[1], `rate ${rate}, seed ${seed}, number ${k}`);
      }
    }
  }
});

test("a page that hung for long leaves a gap, a short hang holds", () => {
  const short = run(new Sampler(10), [[0, 1], [0.4, 2], [0.5, 2]]);
  assert.deepEqual(short.map(([, v]) => v), [1, 1, 1, 1, 2, 2]);
  const long = run(new Sampler(10), [[0, 1], [1.05, 2], [1.1, 2]]);
  assert.deepEqual(long.map(([, v]) => v), [1, ...new Array(10).fill(null), 2]);
  const slow = run(new Sampler(0.1), [[0, 1], [15, 2], [20, 3]]);
  assert.deepEqual(slow, [[0, 1], [1, 1], [2, 3]]);
});

test("a clock that stands still gives nothing, one that goes back gives nothing twice", () => {
  const sampler = new Sampler(10);
  run(sampler, [[0, 1], [0.1, 1], [0.2, 1]]);
  assert.deepEqual(sampler.take(0.2, 5).values, []);
  assert.deepEqual(sampler.take(0.05, 6).values, []);
  assert.equal(sampler.take(0.3, 7).first, 3);
});

test("going on begins at the number that is free", () => {
  const sampler = new Sampler(10, 25);
  assert.deepEqual(sampler.take(2.41, 1).values, []);
  assert.deepEqual(sampler.take(2.5, 3), { first: 25, values: [3] });
});

test("no hand is a missing sample, never a zero", () => {
  const found = run(new Sampler(10), [[0, 1], [0.1, null], [0.2, null], [0.3, 4]]);
  assert.deepEqual(found.map(([, v]) => v), [1, null, null, 4]);
  const told = summary([1, null, 3, null]);
  assert.deepEqual([told.mean, told.missing, told.low, told.high], [2, 0.5, 1, 3]);
  assert.equal(told.sd, Math.SQRT2);
  assert.ok(Number.isNaN(summary([null]).mean) && Number.isNaN(summary([1]).sd));
});

test("keys and stick reach both ends of the scale and no further", () => {
  assert.equal(stepped(0, 1, 1, -100, 100), 100);
  assert.equal(stepped(0, -1, 0.5, -100, 100), -50);
  assert.equal(stepped(90, 1, 5, -100, 100), 100);
  assert.equal(fromStick(-1, 0, 100), 100);
  assert.equal(fromStick(1, 0, 100), 0);
  assert.equal(fromStick(0.05, -100, 100), 0);
  assert.equal(within(7, 0, 5), 5);
});

test("samples are sent until they are there, in order, and remembered meanwhile", async () => {
  const held = new Map();
  const store = { getItem: (k) => held.get(k) ?? null, setItem: (k, t) => held.set(k, t), removeItem: (k) => held.delete(k) };
  const there = [];
  let down = true;
  const waits = [];
  const make = () =>
    new Keeper({
      key: "k", store, tell() {}, later: (f) => waits.push(f),
      send: async (chunk) => {
        if (down) throw new TypeError("no program");
        there.push([chunk.first, ...chunk.values]);
        return { next: chunk.first + chunk.values.length };
      },
    });
  const keeper = make();
  keeper.add({ first: 0, values: [1, 2] });
  await keeper.flush();
  keeper.add({ first: 2, values: [3] });
  keeper.add({ first: 3, values: [] });
  await keeper.flush();
  assert.equal(keeper.isClean, false);
  const later = make(); // the browser died here
  later.recall();
  down = false;
  await later.flush();
  assert.deepEqual(there.flatMap((c) => c.slice(1)), [1, 2, 3]);
  assert.equal(held.size, 0);
});
