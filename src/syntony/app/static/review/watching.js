// @ts-check
import { fill, send } from "../http.js";
import { clockText } from "../plot/axes.js";
import { courseOf } from "../plot/course.js";
import { Loop } from "../plot/surface.js";
import { floatsOf, levelSizes, TileStore } from "../plot/tiles.js";
import { isInSight, keepInSight, pixelAt, showStretch, zoomAt } from "../plot/view.js";
import { ask } from "../using.js";
import { Clock, SPEEDS } from "./clock.js";
import { neighbour } from "./keys.js";
import { lanesOf, namedCodes } from "./layout.js";
import { Players } from "./media.js";
import { fillCodes, fillMoments, kindText, make, showMoment, showStep } from "./panel.js";
import { byId, Plots } from "./plots.js";

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").Moment} Moment */

/** @param {string} url */
async function floats(url) {
  const answer = await ask(url);
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.arrayBuffer();
}

/** Mark the row of a moment in the table; null: none. @param {number | null} number */
function markRow(number) {
  for (const row of document.querySelectorAll("#moments tr[data-number]")) {
    if (row.getAttribute("data-number") === String(number)) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
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
    /** Whether the person moved the playhead after the moment was chosen. */
    this.hasMoved = false;
    /** Whether the view goes along with the playhead while it plays. */
    this.isFollowing = true;
    this.loop = new Loop();
    this.store = new TileStore(
      (channel, level, tile) => floats(`${this.api}/tiles/${channel}/${level}/${tile}`),
      () => this.plots?.askLanes(),
      () => this.tellNoAnswer(),
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
    if (!step || !shown.course) return;
    let course = null;
    if (step.course) {
      const all = floatsOf(await floats(`${this.api}/arrays/${this.key}/course_${step.step}`));
      if (step !== this.review.steps[this.step]) return; // another was chosen meanwhile
      course = courseOf(all, step.course.n_windows, [step.course.low, step.course.high]);
    }
    const marks = review.moments.filter((m) => m.step === step.step);
    shown.nameStep(step);
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
    lane?.toggleAttribute("hidden", !step?.map || !shown.course?.course);
    if (!step?.map || !shown.course?.course) return;
    const values = floatsOf(await floats(`${this.api}/arrays/${this.key}/map_${step.step}`));
    if (step !== this.review.steps[this.step]) return;
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
    try {
      await this.loadCourse();
      if (step === this.step) await this.loadMap();
    } catch {
      this.tellNoAnswer();
    }
  }

  /** What is drawn is not whole, and the person is told so. */
  tellNoAnswer() {
    const box = byId("no-answer");
    box.textContent = this.text.no_answer;
    box.hidden = false;
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
    this.isFollowing = true;
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
    this.isFollowing = this.isFollowing || isInSight(shown.scene.view, now);
    if (this.isFollowing) shown.setView(keepInSight(shown.scene.view, now));
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
    this.hasMoved = false;
    markRow(moment.number);
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
    markRow(null);
    this.clock.loop = null;
    const { shown } = this;
    shown.playhead.chosen = null;
    shown.playhead.isLoop = false;
    byId("loop").setAttribute("aria-pressed", "false");
    byId("moment-body").replaceChildren(make("p", { kind: "soft", text: this.text.no_moment }));
    this.loop.ask(shown.playhead);
  }

  /**
   * From the chosen moment as long as the playhead is in it, else from the playhead.
   * @param {1 | -1} way
   */
  nextMoment(way) {
    const { moment } = this;
    const now = this.clock.now();
    const isThere = moment && !this.hasMoved && moment.start_s - 0.01 <= now && now <= moment.stop_s;
    const found = neighbour(this.review.moments, now, way, isThere ? moment : null);
    if (found) this.choose(found);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.clock.setSpeed(speed);
    /** @type {HTMLSelectElement} */ (byId("speed")).value = String(this.clock.speed);
    this.players.follow(this.clock.now(), this.clock.isPlaying, this.clock.speed);
  }

  /** The person moves the playhead. @param {number} time */
  moveTo(time) {
    this.seek(time);
    this.hasMoved = true;
    this.shown.setView(keepInSight(this.shown.scene.view, this.clock.now()));
  }

  /** @param {number} frames */
  stepFrames(frames) {
    if (this.clock.isPlaying) this.togglePlay();
    this.moveTo(this.players.step(this.clock.now(), frames));
  }

  /** The person looks elsewhere: the view stays there while it plays. @param {import("../plot/view.js").View} view */
  look(view) {
    this.isFollowing = false;
    this.shown.setView(view);
  }

  /** @param {number} factor */
  zoomAtPlayhead(factor) {
    const { view } = this.shown.scene;
    const x = pixelAt(view, this.clock.now());
    this.look(zoomAt(view, x < 0 || x > view.width ? view.width / 2 : x, factor));
  }

  showWhole() {
    const { view } = this.shown.scene;
    this.look({ ...view, start: view.first, stop: view.last });
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

  /** Put the playhead there; a moment under it is chosen. @param {number} time */
  clickAt(time) {
    const hit = this.review.moments.find(
      (m) => m.step === this.step && m.start_s <= time && time < m.stop_s && m !== this.moment,
    );
    if (hit) this.choose(hit);
    this.moveTo(time);
  }

  fillTables() {
    const { review } = this;
    for (const id of ["previous", "next"]) {
      /** @type {HTMLButtonElement} */ (byId(id)).disabled = !review.moments.length;
    }
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
