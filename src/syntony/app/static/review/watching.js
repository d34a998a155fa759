// @ts-check
import { fill, send } from "../http.js";
import { clockText } from "../plot/axes.js";
import { courseOf } from "../plot/course.js";
import { Loop } from "../plot/surface.js";
import { floatsOf, levelSizes, TileStore } from "../plot/tiles.js";
import { clampView, keepInSight, panBy, pixelAt, showStretch, timeAt, zoomAt } from "../plot/view.js";
import { Clock, SPEEDS } from "./clock.js";
import { listen, listenOverview } from "./gestures.js";
import { actionOf, keepsKey, neighbour } from "./keys.js";
import { lanesOf, namedCodes } from "./layout.js";
import { Players } from "./media.js";
import { fillCodes, fillMoments, kindText, make, showMoment, showStep } from "./panel.js";
import { byId, Plots } from "./plots.js";

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").Moment} Moment */

/** @param {string} url */
async function floats(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.arrayBuffer();
}

/** The page: what is shown, where the playhead is, which moment is chosen. */
export class Page {
  /**
   * @param {Review} review
   * @param {string} key  under which its arrays are kept
   * @param {HTMLElement} root
   * @param {Record<string, string>} text
   */
  constructor(review, key, root, text) {
    this.review = { ...review, codes: namedCodes(review, text) };
    this.key = key;
    this.root = root;
    this.text = text;
    this.api = `/api/sessions/${encodeURIComponent(review.session)}`;
    this.step = review.steps.findIndex((s) => s.course);
    /** @type {Moment | null} */
    this.moment = null;
    this.loop = new Loop();
    this.store = new TileStore(
      (channel, level, tile) => floats(`${this.api}/tiles/${channel}/${level}/${tile}`),
      () => this.plots?.askLanes(),
    );
    /** @type {Plots | null} set below: tiles may come before */
    this.plots = null;
    const ask = this.store.get.bind(this.store);
    this.plots = this.shown = new Plots(this.review, text, this.loop, ask);
    this.clock = new Clock(review.start_s, review.stop_s);
    this.players = new Players(byId("players"), text, review.session);
    this.clock.leader = { now: () => this.ledTime() };
    this.players.onOffset = () => this.seek(this.clock.now());
  }

  ledTime() {
    const player = this.players.leading(this.clock.held);
    if (!player || player.element.paused || player.element.readyState < 1) return null;
    return player.time();
  }

  async start() {
    const { review, store } = this;
    this.shown.askAll();
    const tops = review.channels.map((c) => store.load(c.id, levelSizes(c.n_samples).length - 1, 0, true));
    const others = [this.loadEvents(), this.loadCourse()];
    await Promise.all(tops);
    this.loop.ask(...this.shown.lanes);
    byId("status").hidden = true;
    requestAnimationFrame(() => {
      performance.mark("signals-drawn");
      this.root.dataset.drawn = "yes";
    });
    await Promise.all(others);
    await Promise.all([this.loadMap(), this.loadMedia()]);
    this.root.dataset.ready = "yes";
  }

  async loadEvents() {
    const lanes = lanesOf(this.review);
    await Promise.all(
      lanes.flatMap((spec, k) =>
        spec.traces.map(async (trace, j) => {
          if (!trace.series) return;
          const all = floatsOf(await floats(`${this.api}/arrays/${this.key}/events_${trace.series.index}`));
          const count = trace.series.count;
          this.shown.lanes[k].traces[j].points = { time: all.subarray(0, count), value: all.subarray(count) };
          this.loop.ask(this.shown.lanes[k]);
        }),
      ),
    );
  }

  async loadCourse() {
    const step = this.review.steps[this.step];
    const { shown, review } = this;
    if (!step?.course || !shown.course) return;
    shown.nameStep(step);
    const all = floatsOf(await floats(`${this.api}/arrays/${this.key}/course_${step.step}`));
    const course = courseOf(all, step.course.n_windows, [step.course.low, step.course.high]);
    const marks = review.moments.filter((m) => m.step === step.step);
    Object.assign(shown.course, { course, marks });
    Object.assign(shown.overview, { course, marks });
    shown.overview.forget();
    this.loop.ask(shown.course, shown.overview);
  }

  async loadMap() {
    const step = this.review.steps[this.step];
    const { shown } = this;
    if (!shown.map) return;
    const lane = document.querySelector('[data-lane="map"]');
    lane?.toggleAttribute("hidden", !step?.map);
    if (!step?.map || !shown.course?.course) return;
    const values = floatsOf(await floats(`${this.api}/arrays/${this.key}/map_${step.step}`));
    shown.map.show({ time: shown.course.course.time, values, ...step.map });
    this.loop.ask(shown.map);
  }

  async loadMedia() {
    const { media } = await send("GET", `${this.api}/media`);
    this.players.show(media);
    this.seek(this.clock.now());
  }

  /** Show another step of the run. @param {number} step */
  async chooseStep(step) {
    this.step = step;
    showStep(byId("said-body"), this.text, this.review, step);
    await this.loadCourse();
    await this.loadMap();
  }

  /** @param {number} time */
  seek(time) {
    this.clock.seek(time);
    this.players.follow(this.clock.now(), this.clock.isPlaying, this.clock.speed);
    this.showTime();
  }

  showTime() {
    const now = this.clock.now();
    const { shown } = this;
    shown.playhead.time = now;
    const told = clockText(now, 0.1);
    if (byId("now").textContent !== told) byId("now").textContent = told;
    this.root.dataset.time = now.toFixed(4);
    this.loop.ask(shown.playhead);
  }

  togglePlay() {
    const { clock } = this;
    if (clock.isPlaying) clock.pause();
    else clock.play();
    this.players.follow(clock.now(), clock.isPlaying, clock.speed);
    this.tellPlaying();
    if (clock.isPlaying) this.loop.every(() => this.run());
    else this.showTime();
  }

  /** One frame of playing; false at its end. */
  run() {
    const { clock, shown } = this;
    if (!clock.isPlaying) return false;
    const did = clock.tick();
    const now = clock.now();
    if (did === "jumped") for (const p of this.players.all) p.element.pause();
    this.players.follow(now, clock.isPlaying, clock.speed);
    shown.setView(keepInSight(shown.scene.view, now));
    this.showTime();
    if (did === "ended") this.tellPlaying();
    return clock.isPlaying;
  }

  tellPlaying() {
    const button = byId("play");
    button.textContent = this.clock.isPlaying ? this.text.pause : this.text.play;
    button.setAttribute("aria-pressed", String(this.clock.isPlaying));
  }

  /** @param {Moment} moment */
  choose(moment) {
    this.moment = moment;
    const { shown, review } = this;
    showMoment(byId("moment-body"), this.text, review, moment);
    shown.playhead.chosen = moment;
    if (this.clock.loop) this.clock.loop = moment;
    shown.playhead.isLoop = this.clock.loop !== null;
    shown.setView(showStretch(shown.scene.view, moment.start_s, moment.stop_s, 1.5));
    this.seek(moment.start_s);
    for (const row of document.querySelectorAll("#moments tr[data-number]")) {
      row.toggleAttribute("aria-current", row instanceof HTMLElement && row.dataset.number === String(moment.number));
    }
    this.say(fill(this.text.chosen, {
      number: moment.number, kind: kindText(this.text, moment),
      from: clockText(moment.start_s), to: clockText(moment.stop_s),
    }));
    if (moment.step !== this.step && review.steps[moment.step]?.course) {
      const select = document.querySelector("#step");
      if (select instanceof HTMLSelectElement) select.value = String(moment.step);
      void this.chooseStep(moment.step);
    }
  }

  /** Tell a screen reader. @param {string} told */
  say(told) {
    const status = byId("status");
    status.hidden = false;
    status.className = "visually-hidden";
    status.textContent = told;
  }

  toggleLoop() {
    const { clock, shown } = this;
    const { start, stop } = shown.scene.view;
    clock.loop = clock.loop ? null : (this.moment ?? { start_s: start, stop_s: stop });
    shown.playhead.isLoop = clock.loop !== null;
    shown.playhead.chosen = clock.loop ?? this.moment;
    byId("loop").setAttribute("aria-pressed", String(clock.loop !== null));
    this.loop.ask(shown.playhead);
  }

  leave() {
    this.moment = null;
    this.clock.loop = null;
    const { shown } = this;
    shown.playhead.chosen = null;
    shown.playhead.isLoop = false;
    byId("loop").setAttribute("aria-pressed", "false");
    byId("moment-body").replaceChildren(make("p", { kind: "soft", text: this.text.no_moment }));
    this.loop.ask(shown.playhead);
  }

  /** @param {1 | -1} way */
  nextMoment(way) {
    const from = this.moment?.start_s ?? this.clock.now();
    const found = neighbour(this.review.moments, from, way);
    if (found) this.choose(found);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.clock.setSpeed(speed);
    /** @type {HTMLSelectElement} */ (byId("speed")).value = String(this.clock.speed);
    this.players.follow(this.clock.now(), this.clock.isPlaying, this.clock.speed);
  }

  /** @param {number} time */
  moveTo(time) {
    this.seek(time);
    this.shown.setView(keepInSight(this.shown.scene.view, this.clock.now()));
  }

  /** @param {number} frames */
  stepFrames(frames) {
    if (this.clock.isPlaying) this.togglePlay();
    this.moveTo(this.players.step(this.clock.now(), frames));
  }

  /** @param {number} factor */
  zoomAtPlayhead(factor) {
    const { view } = this.shown.scene;
    const x = pixelAt(view, this.clock.now());
    this.shown.setView(zoomAt(view, x < 0 || x > view.width ? view.width / 2 : x, factor));
  }

  showWhole() {
    const { view } = this.shown.scene;
    this.shown.setView({ ...view, start: view.first, stop: view.last });
  }

  toggleFit() {
    const fits = !this.shown.lanes[0]?.fitsView;
    for (const lane of this.shown.lanes) lane.fitsView = fits;
    byId("fit").setAttribute("aria-pressed", String(fits));
    this.loop.ask(...this.shown.lanes);
  }

  /** @param {1 | -1} way */
  changeSpeed(way) {
    const at = SPEEDS.indexOf(this.clock.speed);
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + way))]);
  }

  /** @param {string} action */
  act(action) {
    const { view } = this.shown.scene;
    const now = this.clock.now();
    /** @type {Record<string, () => void>} */
    const all = {
      play: () => this.togglePlay(),
      back: () => this.moveTo(now - 1),
      on: () => this.moveTo(now + 1),
      "back-far": () => this.moveTo(now - 10),
      "on-far": () => this.moveTo(now + 10),
      "page-back": () => this.shown.setView(panBy(view, -view.width / 2)),
      "page-on": () => this.shown.setView(panBy(view, view.width / 2)),
      closer: () => this.zoomAtPlayhead(1.5),
      wider: () => this.zoomAtPlayhead(1 / 1.5),
      whole: () => this.showWhole(),
      start: () => this.moveTo(view.first),
      end: () => this.moveTo(view.last),
      next: () => this.nextMoment(1),
      previous: () => this.nextMoment(-1),
      loop: () => this.toggleLoop(),
      "frame-back": () => this.stepFrames(-1),
      "frame-on": () => this.stepFrames(1),
      sound: () => this.players.sound?.toggle(),
      slower: () => this.changeSpeed(-1),
      faster: () => this.changeSpeed(1),
      fit: () => this.toggleFit(),
      leave: () => this.leave(),
    };
    all[action]?.();
  }

  wire() {
    const { shown } = this;
    const buttons = {
      play: "play", previous: "previous", next: "next", loop: "loop",
      closer: "closer", wider: "wider", whole: "whole", fit: "fit",
    };
    for (const [id, action] of Object.entries(buttons)) {
      byId(id).addEventListener("click", () => this.act(action));
    }
    byId("speed").addEventListener("change", (e) => this.setSpeed(Number(/** @type {HTMLSelectElement} */ (e.target).value)));
    document.addEventListener("keydown", (event) => {
      const element = event.target instanceof HTMLElement ? event.target : null;
      const action = actionOf(event);
      if (!action || keepsKey(element, event.key)) return;
      event.preventDefault();
      this.act(action);
    });
    listen(byId("plots"), () => ({ left: shown.scene.gutters.left, width: shown.scene.view.width }), {
      zoom: (x, factor) => shown.setView(zoomAt(shown.scene.view, x, factor)),
      pan: (pixels) => shown.setView(panBy(shown.scene.view, pixels)),
      click: (x) => this.clickAt(timeAt(shown.scene.view, x)),
    });
    listenOverview(byId("overview"), (x) => {
      const { view, gutters } = shown.scene;
      const time = view.first + ((x - gutters.left) * (view.last - view.first)) / view.width;
      const half = (view.stop - view.start) / 2;
      shown.setView(clampView({ ...view, start: time - half, stop: time + half }));
      this.seek(time);
    });
    new ResizeObserver(() => {
      shown.measure();
      shown.askAll();
    }).observe(byId("plots"));
    const retheme = () => shown.takeTheme();
    document.addEventListener("syntony-theme", retheme);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
  }

  /** Put the playhead there; a moment under it is chosen. @param {number} time */
  clickAt(time) {
    const hit = this.review.moments.find(
      (m) => m.step === this.step && m.start_s <= time && time < m.stop_s && m !== this.moment,
    );
    if (hit) this.choose(hit);
    this.seek(time);
  }

  fillTables() {
    const { review } = this;
    fillMoments(/** @type {HTMLTableElement} */ (byId("moments")), this.text, review, (m) => this.choose(m));
    const details = byId("codes-details");
    details.addEventListener("toggle", () => {
      const table = document.querySelector("#codes");
      if (table instanceof HTMLTableElement && !table.rows.length) fillCodes(table, this.text, review.codes);
    });
    showStep(byId("said-body"), this.text, review, Math.max(0, this.step));
    const drawn = review.steps.filter((s) => s.course);
    if (drawn.length > 1) {
      const select = make("select");
      select.id = "step";
      for (const s of review.steps) {
        const option = make("option", { text: s.title });
        option.value = String(s.step);
        select.append(option);
      }
      select.value = String(this.step);
      select.addEventListener("change", () => void this.chooseStep(Number(select.value)));
      byId("said").insertBefore(make("label", {}, `${this.text.step} `, select), byId("said-body"));
    }
    byId("end").textContent = clockText(review.stop_s);
  }
}
