// @ts-check
// The data quality page: every channel as recorded, marks over it, made by dragging or by typing.

import { fill, Refused, send, words } from "../http.js";
import { themeColours } from "../plot/colours.js";
import { boxOf, drawTimes } from "../plot/frame.js";
import { Loop, Surface } from "../plot/surface.js";
import { floatsOf, TileStore } from "../plot/tiles.js";
import { panBy, showStretch, timeAt, wholeView, zoomAt } from "../plot/view.js";
import { ask } from "../using.js";
import { makeLane } from "./lane.js";
import { fillMarks } from "./list.js";
import { listenView } from "./look.js";
import { secondsOf, Steps, stretchOf, typedTime } from "./marks.js";

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").MarkList} MarkList */
/** @typedef {import("../types").MarkShown} MarkShown */
/** @typedef {import("./marks.js").Stretch} Stretch */
/** @typedef {import("./marks.js").Step} Step */

const said = words("quality");
const root = byId("quality");
const session = encodeURIComponent(root.dataset.session ?? "");
const mayMark = root.dataset.mayMark === "true";
const loop = new Loop();
const steps = new Steps();

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** @param {string} url */
async function bytes(url) {
  const answer = await ask(url);
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.arrayBuffer();
}

/** Signals and marks of one session on one view. */
class Page {
  /**
   * @param {Review} review
   * @param {string} key
   */
  constructor(review, key) {
    this.review = review;
    this.key = key;
    /** @type {MarkList | null} what the server said last */
    this.list = null;
    /** @type {import("../plot/frame.js").Scene} */
    this.scene = {
      view: wholeView(review.start_s, review.stop_s, 100),
      ratio: 1,
      gutters: { left: 56, right: 12 },
      colours: themeColours(document.documentElement),
    };
    this.axis = new Surface(/** @type {HTMLCanvasElement} */ (byId("axis")));
    this.axisPainter = { paint: () => this.paintAxis() };
    this.store = new TileStore(
      (channel, level, tile) => bytes(`/api/sessions/${session}/tiles/${channel}/${level}/${tile}`),
      () => this.askAll(),
    );
    this.lanes = this.makeLanes();
    byId("lanes").append(...this.lanes.map((l) => l.lane));
    byId("plots").hidden = false;
    byId("status").hidden = true;
    this.measure();
    this.lanes.forEach((lane) => this.listen(lane));
  }

  makeLanes() {
    const { review, scene } = this;
    const places = new Map(review.people.map((p, k) => [p.id, k]));
    const ask = this.store.get.bind(this.store);
    const recorded = review.channels.filter((c) => c.source === "recording");
    const made = recorded.map((c) => {
      const trace = { place: places.get(c.person) ?? 2, low: c.low, high: c.high, channel: c, points: null };
      const share = `${(100 * c.valid_share).toFixed(1)} %`;
      return { ...makeLane(scene, trace, ask, this.about(c, fill(said.samples, { share }))), of: c, trace };
    });
    const events = review.events.map((e) => {
      const trace = { place: places.get(e.person) ?? 2, low: e.low, high: e.high, channel: null, points: null };
      return { ...makeLane(scene, trace, ask, this.about(e, "")), of: e, trace };
    });
    const order = (/** @type {{of: {person: string}}} */ l) => places.get(l.of.person) ?? 2;
    return [...made, ...events].sort((a, b) => order(a) - order(b));
  }

  /**
   * @param {{role: string, person: string, title: string, unit: string, kind: string}} one
   * @param {string} share
   */
  about(one, share) {
    return {
      title: fill(said.one_channel, one),
      unit: one.unit,
      label: fill(said.lane, one),
      share,
      person: one.person,
      kind: one.kind,
    };
  }

  async loadEvents() {
    for (const lane of this.lanes) {
      if (!("index" in lane.of)) continue;
      const all = floatsOf(await bytes(`/api/sessions/${session}/arrays/${this.key}/events_${lane.of.index}`));
      const count = lane.of.count;
      lane.signal.traces[0].points = { time: all.subarray(0, count), value: all.subarray(count) };
      loop.ask(lane.signal);
    }
  }

  measure() {
    const { scene } = this;
    const wide = byId("lanes").clientWidth;
    scene.gutters.left = wide < 560 ? 40 : 56;
    scene.ratio = window.devicePixelRatio || 1;
    scene.view = { ...scene.view, width: Math.max(40, wide - scene.gutters.left - scene.gutters.right) };
    this.askAll();
  }

  askAll() {
    loop.ask(...this.lanes.flatMap((l) => [l.signal, l.layer]), this.axisPainter);
  }

  paintAxis() {
    this.axis.fit(this.scene.ratio);
    this.axis.clear();
    const box = boxOf(this.scene, this.axis, 0, 0);
    drawTimes(this.scene, this.axis, box, this.axis.height - 5 * this.scene.ratio);
  }

  /** @param {import("../plot/view.js").View} view */
  setView(view) {
    this.scene.view = view;
    this.askAll();
  }

  /**
   * Drag to choose a stretch; the wheel zooms, with Shift it moves.
   *
   * @param {Page["lanes"][number]} lane
   */
  listen(lane) {
    const timeOf = (/** @type {{clientX: number}} */ e) =>
      timeAt(this.scene.view, e.clientX - lane.drawn.getBoundingClientRect().left - this.scene.gutters.left);
    lane.drawn.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const turn = Math.max(-120, Math.min(120, event.deltaY * [1, 16, 400][event.deltaMode]));
        const x = event.clientX - lane.drawn.getBoundingClientRect().left - this.scene.gutters.left;
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.setView(panBy(this.scene.view, event.deltaX || turn));
        else this.setView(zoomAt(this.scene.view, x, Math.exp(-turn / 400)));
      },
      { passive: false },
    );
    if (!mayMark) return;
    let from = NaN;
    lane.drawn.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = timeOf(event);
      lane.drawn.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    lane.drawn.addEventListener("pointermove", (event) => {
      if (Number.isNaN(from)) return;
      this.choose(lane, ...stretchOf(from, timeOf(event), this.review.start_s, this.review.stop_s));
    });
    const end = (/** @type {PointerEvent} */ event) => {
      const moved = !Number.isNaN(from) && Math.abs(timeOf(event) - from) > 0;
      from = NaN;
      if (event.type === "pointerup" && moved) input("reason").focus();
    };
    lane.drawn.addEventListener("pointerup", end);
    lane.drawn.addEventListener("pointercancel", end);
  }

  /**
   * @param {Page["lanes"][number] | null} lane
   * @param {number} start
   * @param {number} stop
   */
  choose(lane, start, stop) {
    for (const one of this.lanes) one.layer.chosen = one === lane ? [start, stop] : null;
    loop.ask(...this.lanes.map((l) => l.layer));
    if (!lane) return;
    input("start").value = typedTime(start);
    input("stop").value = typedTime(stop);
    /** @type {HTMLSelectElement} */ (byId("channel")).value = JSON.stringify([lane.of.person, lane.of.kind]);
  }

  /** Show the stretch that is typed over its lane. */
  chooseTyped() {
    const [person, kind] = JSON.parse(/** @type {HTMLSelectElement} */ (byId("channel")).value || "[]");
    const [start, stop] = [secondsOf(input("start").value), secondsOf(input("stop").value)];
    const isStretch = start !== null && stop !== null && start < stop;
    for (const lane of this.lanes) {
      const isMeant = lane.of.person === person && (kind === "*" || lane.of.kind === kind);
      lane.layer.chosen = isMeant && isStretch ? [start, stop] : null;
    }
    loop.ask(...this.lanes.map((l) => l.layer));
  }

  /** @param {MarkList} list */
  take(list) {
    this.list = list;
    for (const lane of this.lanes) {
      lane.layer.take(list.marks);
      lane.layer.chosen = null;
    }
    loop.ask(...this.lanes.map((l) => l.layer));
    fillMarks(byId("marks"), list.marks, said, {
      title: (kind) => this.titleOf(kind),
      mayMark,
      show: (mark) => this.setView(showStretch(this.scene.view, mark.start_s, mark.stop_s)),
      withdraw: (mark) => void this.withdraw(mark),
      again: (mark) => void this.mark(mark),
    });
    byId("marks-box").hidden = !list.marks.length;
    byId("no-marks").hidden = list.marks.length > 0;
    const before = byId("before");
    before.hidden = !list.marks.length;
    before.textContent = list.runs_before.length
      ? fill(said.before, { runs: list.runs_before.join(", ") })
      : said.before_none;
    if (!mayMark) return;
    /** @type {HTMLButtonElement} */ (byId("undo")).disabled = !steps.back();
    /** @type {HTMLButtonElement} */ (byId("redo")).disabled = !steps.again();
  }

  /** @param {string} kind */
  titleOf(kind) {
    if (kind === "*") return said.every;
    return this.lanes.find((l) => l.of.kind === kind)?.of.title ?? kind;
  }

  /**
   * Mark a stretch, and remember it for undo.
   *
   * @param {Stretch} stretch
   */
  async mark(stretch) {
    const id = await this.act({ act: "mark", id: "", stretch });
    if (id !== null) steps.add({ act: "mark", id, stretch: plainly(stretch) });
    this.refresh();
  }

  /** @param {MarkShown} mark */
  async withdraw(mark) {
    const id = await this.act({ act: "withdraw", id: mark.id, stretch: mark });
    if (id !== null) steps.add({ act: "withdraw", id: mark.id, stretch: plainly(mark) });
    this.refresh();
  }

  async undo() {
    const step = steps.back();
    const id = step && (await this.act(step));
    if (id !== null) steps.wentBack(id);
    this.refresh();
  }

  async redo() {
    const step = steps.again();
    const id = step && (await this.act(step));
    if (id !== null) steps.wentOn(id);
    this.refresh();
  }

  /**
   * Have the server do it.
   *
   * @param {Step} step
   * @returns {Promise<string | null>} id of the mark; null where it was refused
   */
  async act(step) {
    complain("");
    try {
      const url = `/api/quality/${session}/marks`;
      /** @type {MarkList} */
      const list =
        step.act === "mark"
          ? await send("POST", url, plainly(step.stretch))
          : await send("POST", `${url}/${step.id}/withdraw`);
      this.list = list;
      const { start_s, stop_s, kind } = step.stretch;
      byId("said").textContent =
        step.act === "mark"
          ? fill(said.marked, { what: this.titleOf(kind), start: typedTime(start_s), stop: typedTime(stop_s) })
          : said.took_back;
      return list.made || step.id;
    } catch (error) {
      complain(error instanceof Error ? error.message : said.failed);
      return null;
    }
  }

  refresh() {
    if (this.list) this.take(this.list);
  }
}

/**
 * @param {Stretch} stretch
 * @returns {Stretch}
 */
function plainly({ person, kind, start_s, stop_s, reason }) {
  return { person, kind, start_s, stop_s, reason };
}

/** @param {string} text */
function complain(text) {
  const box = document.getElementById("mark-problem");
  if (!box) return;
  box.textContent = text;
  box.hidden = !text;
}

/** @param {Page} page */
function fillChannels(page) {
  const select = /** @type {HTMLSelectElement} */ (byId("channel"));
  for (const lane of page.lanes)
    select.append(new Option(page.about(lane.of, "").title, JSON.stringify([lane.of.person, lane.of.kind])));
  for (const p of page.review.people)
    select.append(new Option(fill(said.all_channels, { role: p.role, person: p.id }), JSON.stringify([p.id, "*"])));
}

/** @param {Page} page */
function listenForm(page) {
  fillChannels(page);
  for (const id of ["channel", "start", "stop"]) byId(id).addEventListener("input", () => page.chooseTyped());
  byId("mark").addEventListener("submit", (event) => {
    event.preventDefault();
    const times = ["start", "stop"].map((id) => secondsOf(input(id).value));
    const wrong = times.findIndex((t) => t === null);
    if (wrong >= 0) {
      const field = input(["start", "stop"][wrong]);
      complain(fill(said.bad_time, { typed: field.value || "–" }));
      field.focus();
      return;
    }
    const [start_s, stop_s] = /** @type {number[]} */ (times);
    if (start_s >= stop_s) {
      complain(fill(said.bad_order, { start: typedTime(start_s), stop: typedTime(stop_s) }));
      return;
    }
    const [person, kind] = JSON.parse(/** @type {HTMLSelectElement} */ (byId("channel")).value);
    void page.mark({ person, kind, start_s, stop_s, reason: input("reason").value.trim() });
  });
  byId("undo").addEventListener("click", () => void page.undo());
  byId("redo").addEventListener("click", () => void page.redo());
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    void (key === "y" || event.shiftKey ? page.redo() : page.undo());
  });
}

async function start() {
  const answer = await ask(`/api/sessions/${session}?run=`, { headers: { Accept: "application/json" } });
  const review = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, review.problems ?? []);
  const page = new Page(review, answer.headers.get("X-Syntony-Review") ?? "");
  listenView(page, byId("lanes"));
  if (mayMark) listenForm(page);
  page.take(await send("GET", `/api/quality/${session}/marks`));
  await page.loadEvents();
  root.dataset.ready = "yes";
}

start().catch((error) => {
  byId("status").textContent = `${said.failed} ${error instanceof Error ? error.message : ""}`;
  byId("status").className = "problem";
});
