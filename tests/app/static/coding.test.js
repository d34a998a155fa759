// Codes on tiers, undo, keys that are held, saving: the logic of the coding page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../../src/syntony/app/static/code/undo.js";
import { Running } from "../../../src/syntony/app/static/code/running.js";
import { Saver, readDraft } from "../../../src/syntony/app/static/code/saver.js";
import { isTaken, meaning } from "../../../src/syntony/app/static/code/keys.js";
import { Player, clockText, readClock } from "../../../src/syntony/app/static/code/player.js";
import { laneHeight, placeOf, rowsOf } from "../../../src/syntony/app/static/code/rows.js";
import { Timeline, inkOn } from "../../../src/syntony/app/static/code/timeline.js";
import { Desk, bare, sameCodes } from "../../../src/syntony/app/static/code/desk.js";
import { changed, exclusiveTier, moved, ms, neighbour, place, room, stopOf, trimmed } from "../../../src/syntony/app/static/code/tiers.js";

const code = (name, more = {}) => ({ name, title: name, valence: "", about: "person", exclusive: true, colour: "#000000", key: name[0], ...more });
const CODES = [code("pos"), code("neg"), code("laugh", { exclusive: false }), code("silence", { about: "dyad" })];
const BOOK = new Map(CODES.map((c) => [c.name, c]));
const SPAN = { start_s: 0, stop_s: 100 };
let last = 1000;
const newId = () => (last += 1);
const ev = (id, onset_s, duration_s, name = "pos", person = "P") => ({ id, onset_s, duration_s, code: name, person, comment: "", tier: "", modifier: "" });
const spans = (events) => events.map((e) => [e.code, e.onset_s, stopOf(e)]);
const put = (events, one) => place(events, one, BOOK, SPAN, newId);

/** Numbers from a seed, the same everywhere. */
function seeded(seed) {
  let s = seed;
  return () => ((s = (s * 1103515245 + 12345) % 2147483648), s / 2147483648);
}

test("a newer exclusive code cuts what stands in its way, and leaves the rest", () => {
  const old = [ev(1, 0, 10), ev(2, 10, 10, "neg"), ev(3, 20, 2)];
  const found = put(old, ev(4, 5, 16, "neg"));
  assert.deepEqual(spans(found.events), [["pos", 0, 5], ["neg", 5, 21], ["pos", 21, 22]]);
  assert.equal(found.cut, 2);
  assert.equal(found.gone, 1);
  assert.deepEqual(spans(old), [["pos", 0, 10], ["neg", 10, 20], ["pos", 20, 22]], "the old list stays");
});

test("a code inside another splits it in two with numbers of their own", () => {
  const found = put([ev(1, 0, 30)], ev(2, 10, 5, "neg"));
  assert.deepEqual(spans(found.events), [["pos", 0, 10], ["neg", 10, 15], ["pos", 15, 30]]);
  assert.equal(new Set(found.events.map((e) => e.id)).size, 3);
});

test("free codes, other people and the dyad are left alone", () => {
  const others = [ev(1, 0, 30, "laugh"), ev(2, 0, 30, "pos", "T"), ev(3, 0, 30, "silence", "")];
  assert.equal(put(others, ev(4, 5, 5)).events.length, 4);
  assert.equal(put(others, ev(5, 5, 5, "laugh")).events.length, 4);
  assert.equal(exclusiveTier(ev(1, 0, 1, "laugh"), BOOK), null);
  assert.notEqual(exclusiveTier(ev(1, 0, 1), BOOK), exclusiveTier(ev(1, 0, 1, "silence", ""), BOOK));
});

test("a point inside a code, the same code twice, a time outside are refused", () => {
  assert.deepEqual(put([ev(1, 0, 10)], ev(2, 5, 0)), { refused: "taken" });
  assert.deepEqual(put([ev(1, 0, 10, "laugh")], ev(2, 0, 10, "laugh")), { refused: "twice" });
  assert.deepEqual(put([], ev(2, 100, 3)), { refused: "outside" });
  assert.deepEqual(spans(put([], ev(2, 95, 30)).events), [["pos", 95, 100]]);
});

test("where there are no points in time, none is given and none is made by the table", () => {
  const clip = { ...SPAN, least_s: 0.04 };
  assert.deepEqual(place([], ev(1, 5, 0), BOOK, clip, newId), { refused: "point" });
  assert.deepEqual(place([], ev(1, 99.99, 5), BOOK, clip, newId), { refused: "point" }, "cut by the end");
  assert.deepEqual(changed([ev(1, 5, 3)], 1, { duration_s: 0 }, BOOK, clip), { refused: "point" });
  assert.deepEqual(spans(place([], ev(1, 5, 3), BOOK, clip, newId).events), [["pos", 5, 8]]);
});

test("moving and trimming stop at the neighbours", () => {
  const list = [ev(1, 0, 10), ev(2, 20, 5, "neg"), ev(3, 40, 10)];
  assert.deepEqual(room(list, list[1], BOOK, SPAN), { low: 10, high: 40 });
  assert.deepEqual(spans(moved(list, 2, -50, BOOK, SPAN))[1], ["neg", 10, 15]);
  assert.deepEqual(spans(moved(list, 2, 50, BOOK, SPAN))[1], ["neg", 35, 40]);
  assert.deepEqual(spans(trimmed(list, 2, "stop", 99, BOOK, SPAN))[1], ["neg", 20, 40]);
  assert.deepEqual(spans(trimmed(list, 2, "start", 3, BOOK, SPAN))[1], ["neg", 10, 25]);
  assert.deepEqual(spans(trimmed(list, 2, "start", 60, BOOK, SPAN))[1], ["neg", 24.96, 25]);
  assert.equal(moved(list, 99, 1, BOOK, SPAN), list);
});

test("the table refuses what would not fit, and puts the dyad's codes to nobody", () => {
  const list = [ev(1, 0, 10), ev(2, 20, 5, "neg")];
  assert.deepEqual(changed(list, 2, { onset_s: 5 }, BOOK, SPAN), { refused: "taken" });
  assert.deepEqual(changed(list, 2, { onset_s: NaN }, BOOK, SPAN), { refused: "outside" });
  assert.deepEqual(changed(list, 2, { duration_s: 99 }, BOOK, SPAN), { refused: "outside" });
  assert.deepEqual(changed(list, 2, { person: "" }, BOOK, SPAN), { refused: "who" });
  assert.equal(changed(list, 2, { code: "silence" }, BOOK, SPAN).events[1].person, "");
  assert.equal(changed(list, 2, { comment: "hm" }, BOOK, SPAN).events[1].comment, "hm");
});

test("whatever is done, exclusive codes of one person never overlap", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const draw = seeded(seed);
    let events = [];
    for (let k = 0; k < 60; k += 1) {
      const one = ev(newId(), ms(draw() * 98), ms(0.05 + draw() * 12), draw() < 0.5 ? "pos" : "neg", draw() < 0.5 ? "P" : "T");
      const way = draw();
      if (way < 0.5 || !events.length) events = put(events, one).events ?? events;
      else {
        const id = events[Math.floor(draw() * events.length)].id;
        if (way < 0.7) events = moved(events, id, (draw() - 0.5) * 30, BOOK, SPAN);
        else if (way < 0.9) events = trimmed(events, id, draw() < 0.5 ? "start" : "stop", draw() * 100, BOOK, SPAN);
        else events = changed(events, id, { onset_s: draw() * 100, duration_s: draw() * 9 }, BOOK, SPAN).events ?? events;
      }
      for (const person of ["P", "T"]) {
        const mine = events.filter((e) => e.person === person);
        for (let i = 1; i < mine.length; i += 1) {
          assert.ok(mine[i].onset_s >= stopOf(mine[i - 1]) - 1e-9, `seed ${seed}, step ${k}`);
        }
        assert.ok(mine.every((e) => e.duration_s > 0 && e.onset_s >= 0 && stopOf(e) <= 100));
      }
    }
  }
});

test("seconds that were coded and not coded over stay as they were", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const draw = seeded(seed);
    const painted = new Array(1000).fill("");
    let events = [];
    for (let k = 0; k < 30; k += 1) {
      const a = Math.floor(draw() * 990);
      const b = Math.min(1000, a + 1 + Math.floor(draw() * 120));
      const name = draw() < 0.5 ? "pos" : "neg";
      painted.fill(name, a, b);
      events = put(events, ev(newId(), a / 10, (b - a) / 10, name)).events ?? events;
    }
    const seen = new Array(1000).fill("");
    for (const e of events) seen.fill(e.code, Math.round(e.onset_s * 10), Math.round(stopOf(e) * 10));
    assert.deepEqual(seen, painted, `seed ${seed}`);
  }
});

test("undo and redo go back and forth, and a new step ends what could be redone", () => {
  const h = new History("a", 3);
  for (const s of ["b", "c", "d", "e"]) h.push(s, s);
  assert.equal(h.push("e", "nothing"), false);
  assert.deepEqual([h.undo(), h.now], ["e", "d"]);
  assert.deepEqual([h.undo(), h.undo(), h.undo(), h.now], ["d", "c", null, "b"], "three steps are remembered");
  assert.deepEqual([h.redo(), h.now], ["c", "c"]);
  h.push("x", "x");
  assert.deepEqual([h.redo(), h.now], [null, "x"]);
});

test("a held key lasts as long as it is held, a tap runs on until the next", () => {
  const run = new Running(BOOK);
  assert.deepEqual(run.press("pos", "P", "KeyP", 10, 0), []);
  assert.deepEqual(run.release("KeyP", 12, 2000), [{ code: "pos", person: "P", onset_s: 10, duration_s: 2 }]);
  run.press("pos", "P", "KeyP", 20, 5000);
  assert.deepEqual(run.release("KeyP", 20.1, 5100), []);
  assert.deepEqual(run.press("neg", "P", "KeyN", 25, 9000), [{ code: "pos", person: "P", onset_s: 20, duration_s: 5 }]);
  assert.deepEqual(run.release("KeyP", 26, 9100), [], "the tap's own key is up long since");
  run.release("KeyN", 25.1, 9100);
  assert.deepEqual(run.press("neg", "P", "KeyN", 30, 12000), [{ code: "neg", person: "P", onset_s: 25, duration_s: 5 }]);
  assert.deepEqual(run.runs, []);
});

test("a window that loses the keyboard lets go of what is held, and of nothing else", () => {
  const run = new Running(BOOK);
  run.press("pos", "P", "KeyP", 1, 5000);
  run.press("pos", "T", "KeyP", 2, 6000);
  run.release("KeyP", 2.1, 6100); // the first was held, the second a tap
  run.press("laugh", "P", "KeyL", 3, 9000);
  run.press("silence", "P", "mouse silence", 4, -1);
  assert.deepEqual(run.letGo(4.2).map((m) => [m.code, m.duration_s]), [["laugh", 1.2]]);
  assert.deepEqual(run.runs.map((r) => [r.code, r.person]), [["pos", "T"], ["silence", ""]]);
});

test("only rivals end one another: not free codes, not other people", () => {
  const run = new Running(BOOK);
  run.press("pos", "P", "a", 0, 0);
  run.press("laugh", "P", "b", 1, 0);
  run.press("neg", "T", "c", 2, 0);
  run.press("silence", "P", "d", 3, 0);
  assert.equal(run.runs.length, 4);
  assert.equal(run.runs[3].person, "");
  assert.deepEqual(run.press("neg", "P", "e", 4, 0).map((m) => m.code), ["pos"]);
  assert.equal(run.soFar(5).length, 4);
  assert.equal(run.end(run.runs, 1).length, 0, "the playhead is before them: nothing is left");
});

test("keys: codes first, points with shift, the rest is the same in every book", () => {
  const keys = new Map([["p", "pos"], ["1", "one"]]);
  const press = (key, more = {}) => meaning({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more }, keys);
  assert.deepEqual(press("p", { code: "KeyP" }), { code: "pos", point: false, key: "KeyP" });
  assert.deepEqual(press("P", { code: "KeyP", shiftKey: true }), { code: "pos", point: true, key: "KeyP" });
  assert.deepEqual(press("!", { code: "Digit1", shiftKey: true }), { code: "one", point: true, key: "Digit1" });
  assert.deepEqual(press("?", { shiftKey: true, code: "Slash" }), { deed: "help" });
  assert.deepEqual(press("z", { ctrlKey: true }), { deed: "undo" });
  assert.deepEqual(press("Z", { metaKey: true, shiftKey: true }), { deed: "redo" });
  assert.deepEqual(press("ArrowLeft", { shiftKey: true }), { deed: "far_back" });
  assert.deepEqual(press("ArrowLeft", { altKey: true }), { deed: "earlier" });
  assert.equal(press("p", { ctrlKey: true }), null, "printing stays the browser's");
  assert.equal(press("q"), null);
});

test("what has the keyboard keeps the keys that it needs, and no others", () => {
  /** An element that is matched by its name, or by name and attributes in brackets. */
  const element = (...names) => ({
    matches: (list) => list.split(", ").some((one) => names.includes(one)),
    closest: (one) => (names.includes(one) ? {} : null),
  });
  const kept = (at, keys) => keys.filter((key) => isTaken(at, { key }));
  const all = ["p", " ", "Enter", "ArrowLeft", "ArrowDown", "PageDown", "Home", ",", "["];
  assert.deepEqual(kept(null, all), []);
  assert.deepEqual(kept(element("input", "input[type=range]"), all), ["ArrowLeft", "ArrowDown", "PageDown", "Home"]);
  assert.deepEqual(kept(element("input", "input[type=radio]"), all), [" ", "ArrowLeft", "ArrowDown"]);
  assert.deepEqual(kept(element("[role=region][tabindex]"), all), [" ", "ArrowLeft", "ArrowDown", "PageDown", "Home"]);
  assert.deepEqual(kept(element("summary"), all), [" ", "Enter"]);
  for (const name of ["input", "select", "textarea", "dialog[open]"]) assert.deepEqual(kept(element(name), all), all);
  assert.equal(isTaken(element("[role=region][tabindex]"), { key: "ArrowLeft", altKey: true }), false, "it moves the code");
});

/** A store and a clock that do what the test says. */
function bench(save, look = async () => ({ revision: "r0", doc: [] })) {
  const held = new Map();
  const store = { getItem: (k) => held.get(k) ?? null, setItem: (k, t) => held.set(k, t), removeItem: (k) => held.delete(k) };
  const told = [];
  const waits = [];
  const saver = new Saver({
    key: "k", revision: "r0", store, save, look, same: (a, b) => JSON.stringify(a) === JSON.stringify(b),
    tell: (t) => told.push(t.kind), later: (run) => waits.push(run), clock: () => new Date(0),
  });
  return { saver, store, told, waits };
}
const settle = () => new Promise((done) => setImmediate(done));
const refusal = (status) => Object.assign(new Error(`status ${status}`), { status });

test("what is not confirmed is kept in the browser, and nothing else", async () => {
  let answer;
  const { saver, store, told } = bench(() => new Promise((done) => (answer = done)));
  saver.changed([1]);
  assert.deepEqual(readDraft(store, "k").doc, [1]);
  assert.equal(readDraft(store, "k").base, "r0");
  saver.changed([1, 2]);
  answer({ revision: "r1" });
  await settle();
  assert.deepEqual([readDraft(store, "k").doc, readDraft(store, "k").base], [[1, 2], "r1"]);
  answer({ revision: "r2" });
  await settle();
  assert.equal(readDraft(store, "k"), null);
  assert.equal(saver.revision, "r2");
  assert.equal(told.at(-1), "saved");
  assert.ok(saver.isClean);
});

test("no program: it is tried again with the newest state", async () => {
  const sent = [];
  let down = true;
  const { saver, told, waits } = bench(async (doc) => {
    sent.push(doc);
    if (down) throw new TypeError("failed to fetch");
    return { revision: "r1" };
  });
  saver.changed([1]);
  await settle();
  assert.equal(told.at(-1), "waiting");
  down = false;
  saver.pending = { doc: [1, 2] };
  waits.pop()();
  await settle();
  assert.deepEqual(sent, [[1], [1, 2]]);
  assert.equal(told.at(-1), "saved");
});

test("an answer that was lost is no conflict: the server holds what we sent", async () => {
  let calls = 0;
  const { saver, told, waits } = bench(
    async (_, revision) => {
      calls += 1;
      if (calls === 1) throw new TypeError("the line was cut after the server had written");
      if (revision !== "r1") throw refusal(409);
      return { revision: "r2" };
    },
    async () => ({ revision: "r1", doc: [1] }),
  );
  saver.changed([1]);
  await settle();
  saver.changed([1, 2]);
  await settle();
  await settle();
  while (waits.length) waits.pop()();
  await settle();
  assert.equal(told.includes("conflict"), false);
  assert.equal(saver.revision, "r2");
});

test("what was not heard of is told from what never left, however much follows", async () => {
  let held = { revision: "r0", doc: [] };
  let line = "cut after writing";
  const { saver, told, waits } = bench(
    async (doc, revision) => {
      if (line === "down") throw new TypeError("failed to fetch");
      if (revision !== held.revision) throw refusal(409);
      held = { revision: `r${doc.length}`, doc };
      if (line === "cut after writing") throw new TypeError("the line was cut");
      return held;
    },
    async () => {
      if (line === "down") throw new TypeError("failed to fetch");
      return held;
    },
  );
  saver.changed([1]);
  await settle();
  line = "down";
  saver.changed([1, 2]);
  await settle();
  saver.changed([1, 2, 3]);
  await settle();
  line = "up";
  waits.pop()();
  await settle();
  assert.deepEqual(held.doc, [1, 2, 3]);
  assert.equal(told.includes("conflict"), false);
  assert.equal(told.at(-1), "saved");
});

test("who is not let in yet asks again what was kept", async () => {
  let held = { revision: "r0", doc: [] };
  let isIn = false;
  let isCut = true;
  const { saver, told, waits } = bench(
    async (doc, revision) => {
      if (revision !== held.revision) throw refusal(409);
      held = { revision: `r${doc.length}`, doc };
      if (isCut) throw new TypeError("the line was cut after the server had written");
      return held;
    },
    async () => {
      if (!isIn) throw refusal(401);
      return held;
    },
  );
  saver.changed([1]);
  await settle();
  isCut = false;
  saver.changed([1, 2]);
  await settle();
  assert.equal(told.at(-1), "waiting");
  isIn = true;
  waits.pop()();
  await settle();
  assert.deepEqual([held.doc, told.at(-1), told.includes("conflict")], [[1, 2], "saved", false]);
});

test("what another window wrote is a conflict, after a lost answer too", async () => {
  const { saver, told, waits } = bench(
    async (_, revision) => {
      if (revision === "r0") throw waits.length ? refusal(409) : new TypeError("the line was cut");
    },
    async () => ({ revision: "r7", doc: ["theirs"] }),
  );
  saver.changed([1]);
  await settle();
  waits[0]();
  await settle();
  assert.equal(told.at(-1), "conflict");
  assert.equal(saver.revision, "r0");
});

test("who waits for the last save is told whether all is there", async () => {
  const answers = [];
  const { saver, waits } = bench(() => new Promise((yes, no) => answers.push({ yes, no })));
  assert.equal(await saver.settle(), true, "nothing to save");
  saver.changed([1]);
  saver.changed([1, 2]); // while the first is on its way
  const settled = saver.settle();
  answers[0].yes({ revision: "r1" });
  await settle();
  answers[1].yes({ revision: "r2" });
  assert.deepEqual([await settled, saver.revision], [true, "r2"]);
  saver.changed([1, 2, 3]);
  const failed = saver.settle();
  answers[2].no(new TypeError("failed to fetch"));
  assert.deepEqual([await failed, waits.length], [false, 1], "tried again, but not waited for");
});

test("a true conflict stops saving until somebody decides", async () => {
  const sent = [];
  const { saver, store, told } = bench(async (doc, revision) => {
    sent.push(revision);
    if (revision === "r0") throw refusal(409);
    return { revision: "r9" };
  });
  saver.changed([1]);
  await settle();
  saver.changed([1, 2]);
  await settle();
  assert.deepEqual(sent, ["r0"]);
  assert.equal(told.at(-1), "conflict");
  assert.deepEqual(readDraft(store, "k").doc, [1, 2]);
  saver.overwrite("r8");
  await settle();
  assert.deepEqual([sent.at(-1), told.at(-1)], ["r8", "saved"]);
});

test("what the server refuses is said, kept, and sent with the next change", async () => {
  const { saver, store, told } = bench(async (doc) => {
    if (doc.length < 2) throw refusal(422);
    return { revision: "r1" };
  });
  saver.changed([1]);
  await settle();
  assert.equal(told.at(-1), "refused");
  assert.deepEqual(readDraft(store, "k").doc, [1]);
  saver.changed([1, 2]);
  await settle();
  assert.equal(told.at(-1), "saved");
});

test("the desk saves what runs, too, and undoes what it did", () => {
  const saved = [];
  const desk = new Desk(CODES, SPAN, [], { save: (e) => saved.push(e), show() {}, say() {}, words: {} });
  desk.person = "P";
  desk.press("pos", "KeyP", 5, 0);
  assert.deepEqual(desk.state(8).map((e) => [e.code, e.onset_s, e.duration_s]), [["pos", 5, 3]]);
  assert.equal(desk.events.length, 0);
  desk.endAll(9);
  assert.equal(saved.length, 1);
  assert.deepEqual(Object.keys(saved[0][0]).sort(), ["code", "comment", "duration_s", "modifier", "onset_s", "person", "tier"]);
  desk.step("undo");
  assert.deepEqual(saved.at(-1), []);
  desk.step("redo");
  assert.ok(sameCodes(saved.at(-1), bare(desk.events)));
  desk.locked = true;
  desk.remove(desk.events[0].id);
  assert.equal(desk.events.length, 1);
});

test("walking steps over codes that begin together", () => {
  const list = [ev(1, 5, 1), ev(2, 5, 1, "laugh"), ev(3, 9, 1)];
  assert.equal(neighbour(list, null, 4, 1).id, 1);
  assert.equal(neighbour(list, 1, 4, 1).id, 2);
  assert.equal(neighbour(list, null, 8, -1).id, 2);
  assert.equal(neighbour(list, 3, 0, 1), null);
});

test("times as people write them", () => {
  for (const [text, seconds] of [["75.5", 75.5], ["1:15,5", 75.5], ["1:02:03", 3723], ["−0:02.5", -2.5]]) assert.equal(readClock(text), seconds);
  for (const text of ["", "a", "1:2:3:4", "--1", "1e3"]) assert.ok(Number.isNaN(readClock(text)), text);
  assert.equal(clockText(3723.44), "1:02:03.4");
  assert.equal(clockText(59.96), "1:00.0");
  assert.equal(clockText(-2.5), "−0:02.5");
});

test("letters on a code's colour can be read", () => {
  const light = (hex) => {
    const c = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] + 0.05;
  };
  for (const ground of ["#2b7a4b", "#8a8a8a", "#b3423a", "#9ec1e8", "#d0d0d0", "#3a5f9e", "#000000", "#ffffff"]) {
    const [a, b] = [light(ground), light(inkOn(ground))];
    assert.ok(Math.max(a, b) / Math.min(a, b) >= 4.5, ground);
  }
});

test("it is over at the end of the session, and where the film ends before", () => {
  const film = { readyState: 1, currentTime: 60, paused: false, ended: false };
  const player = new Player(/** @type {any} */ (film), { start_s: 0, stop_s: 100, offset_s: 2 });
  film.currentTime = 60;
  assert.equal(player.isOver, false);
  film.ended = true;
  assert.equal(player.isOver, true);
  film.ended = false;
  film.currentTime = 102;
  assert.equal(player.isOver, true);
});

test("free codes lie below the exclusive ones, and none of them on another", () => {
  const list = [ev(1, 0, 10), ev(2, 1, 5, "laugh"), ev(3, 2, 5, "laugh"), ev(4, 7.5, 1, "laugh"), ev(5, 20, 0, "laugh"), ev(6, 20.2, 3, "unknown")];
  const { row, count } = rowsOf(list, "P", BOOK);
  assert.deepEqual([...row], [[1, 0], [2, 1], [3, 2], [4, 1], [5, 1], [6, 2]]);
  assert.equal(count, 3);
  assert.deepEqual(rowsOf([], "", BOOK).count, 1, "the dyad has exclusive codes only");
  const free = new Map([["laugh", BOOK.get("laugh")]]);
  assert.deepEqual([...rowsOf([ev(2, 1, 5, "laugh")], "P", free).row], [[2, 0]], "without exclusive codes no row is empty");
  for (let k = 0; k < 4; k += 1) assert.ok(placeOf(k).y + placeOf(k).tall < placeOf(k + 1).y, `row ${k}`);
  assert.ok(laneHeight(3) > placeOf(2).y + placeOf(2).tall);
});

/** A canvas that writes down what is drawn on it. */
function paper() {
  const drawn = [];
  const state = { fillStyle: "", font: "" };
  const g = new Proxy(state, {
    get: (of, name) => {
      if (name in of) return of[name];
      return (...rest) => {
        drawn.push({ what: name, rest, fill: of.fillStyle });
        return { width: 8 * String(rest[0]).length };
      };
    },
  });
  globalThis.window ??= { devicePixelRatio: 1 };
  globalThis.getComputedStyle = () => ({ fontFamily: "sans", getPropertyValue: (name) => name });
  return { drawn, canvas: { clientWidth: 600, width: 0, height: 0, style: {}, getContext: () => g } };
}

test("every code is seen, and a narrow one is told by the letter of its key", () => {
  const { drawn, canvas } = paper();
  const codes = CODES.map((c, k) => ({ ...c, colour: `#0000${k}0`, key: "xyzw"[k] }));
  const book = new Map(codes.map((c) => [c.name, c]));
  const line = new Timeline(/** @type {any} */ (canvas), [{ id: "P", label: "P", second: false }, { id: "T", label: "T", second: true }], book, { start_s: 0, stop_s: 60 });
  const before = line.height;
  const events = [ev(1, 0, 20), ev(2, 5, 10, "laugh"), ev(3, 6, 10, "laugh"), ev(4, 30, 1, "neg"), ev(5, 40, 0, "neg"), ev(6, 40.1, 0.5, "pos", "T")];
  line.draw({ events, running: [], selected: null, person: "P", time_s: 0, loop: null });
  assert.ok(line.height > before, "the lane has one row more");
  const bars = drawn.filter((d) => d.what === "fillRect" && /^#/.test(d.fill) && d.rest[1] > 48).map((d) => d.rest);
  assert.equal(bars.length, 5);
  for (const [i, [x, y, w, h]] of bars.entries()) {
    for (const [x2, y2, w2, h2] of bars.slice(i + 1)) assert.ok(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y, `bar ${i}`);
  }
  const told = drawn.filter((d) => d.what === "fillText").map((d) => d.rest[0]);
  assert.deepEqual(told.filter((t) => "xyzw".includes(t)), ["y", "y", "x"]);
  assert.equal(told.filter((t) => t === "laugh").length, 2);
  assert.equal(line.hit(events, line.x(10), line.band(events[2]).y + 4)?.event.id, 3);
  assert.equal(line.hit(events, line.x(10), line.band(events[1]).y + 4)?.event.id, 2);
  assert.equal(line.hit(events, line.x(10), line.band(events[0]).y + 4)?.event.id, 1);
  assert.equal(line.laneAt(line.place("T").top + 1)?.id, "T");
});

test("another camera goes on at the same second of the session", () => {
  const film = { readyState: 1, currentTime: 0, src: "", paused: true, ended: false, pause() {} };
  const player = new Player(/** @type {any} */ (film), { start_s: 0, stop_s: 100, offset_s: 2 });
  player.seek(30);
  film.readyState = 0;
  player.change({ url: "/other", offset_s: -5, rate_hz: 50 });
  assert.equal(film.src, "/other");
  assert.equal(film.currentTime, 25);
  assert.equal(player.time_s, 30);
  film.readyState = 1;
  film.currentTime = 25.01; // within the frame from 25 to 25.02 of the file
  assert.ok(Math.abs(player.frameFrom(1) - 30.03) < 1e-9);
  assert.ok(Math.abs(player.frameFrom(-1) - 29.99) < 1e-9);
});

test("without a film a frame is as long as films usually have it", () => {
  const player = new Player(null, { start_s: 0, stop_s: 100, offset_s: 2 });
  player.seek(10);
  assert.equal(player.frameFrom(1), 10.06);
});
