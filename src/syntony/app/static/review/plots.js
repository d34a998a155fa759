// @ts-check
import { fill } from "../http.js";
import { ColourBar, shortNumber } from "../plot/colourbar.js";
import { themeColours } from "../plot/colours.js";
import { CourseLane } from "../plot/course.js";
import { boxOf, drawTimes } from "../plot/frame.js";
import { LagMapLane } from "../plot/lagmap.js";
import { Lane } from "../plot/lanes.js";
import { colourOf, lineOf } from "../plot/legend.js";
import { Playhead } from "../plot/playhead.js";
import { Overview } from "../plot/ribbon.js";
import { Surface } from "../plot/surface.js";
import { TierLane, tiersOf } from "../plot/tiers.js";
import { wholeView } from "../plot/view.js";
import { lanesOf } from "./layout.js";
import { make } from "./panel.js";

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").ReviewStep} ReviewStep */
/** @typedef {import("../plot/frame.js").Scene} Scene */
/** @typedef {import("../plot/surface.js").Loop} Loop */
/** @typedef {import("../plot/surface.js").Painter} Painter */
/** @typedef {Record<string, string>} Text */

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} id */
function canvas(id) {
  return /** @type {HTMLCanvasElement} */ (byId(id));
}

/** All plots of the page, on one view. */
export class Plots {
  /**
   * @param {Review} review
   * @param {Text} text
   * @param {Loop} loop
   * @param {import("../plot/envelope.js").AskTile} ask
   */
  constructor(review, text, loop, ask) {
    this.review = review;
    this.text = text;
    this.loop = loop;
    this.ask = ask;
    this.root = byId("plots");
    /** @type {Scene} */
    this.scene = {
      view: wholeView(review.start_s, review.stop_s, 100),
      ratio: 1,
      gutters: { left: 56, right: 52 },
      colours: themeColours(document.documentElement),
    };
    this.overview = new Overview(this.scene, new Surface(canvas("overview")));
    this.mapKey = new ColourBar(text.map_key, text.missing);
    this.stripKey = new ColourBar("", text.missing);
    this.stripKey.element.hidden = true;
    byId("overview").after(this.stripKey.element);
    this.overview.onSize = (size, signed) => {
      this.stripKey.element.hidden = false;
      this.stripKey.show(size, signed, false, this.scene.colours.ground);
    };
    this.axis = new Surface(canvas("axis"));
    this.playhead = new Playhead(this.scene, byId("playhead"), byId("stretch"));
    /** @type {Lane[]} */
    this.lanes = [];
    /** @type {Painter[]} */
    this.others = [];
    this.axisPainter = { paint: () => this.paintAxis() };
    /** @type {CourseLane | null} */
    this.course = null;
    /** @type {LagMapLane | null} */
    this.map = null;
    this.build();
    this.measure();
  }

  build() {
    const { review, scene, text } = this;
    for (const spec of lanesOf(review)) {
      const place = spec.source === "feature" ? text.lane_feature : text.lane_recording;
      const title = fill(place, { title: spec.title });
      const label = fill(text.lane_label, { title, people: spec.traces.map((t) => t.role).join(", ") });
      const { legend, scales } = this.legendOf(spec.traces);
      const surface = this.addLane(spec.key, title, spec.unit, label, "signal", legend);
      const traces = spec.traces.map((t) => ({
        place: t.place,
        low: (t.channel ?? t.series)?.low ?? null,
        high: (t.channel ?? t.series)?.high ?? null,
        channel: t.channel,
        points: null,
      }));
      const lane = new Lane(scene, surface, traces, this.ask);
      lane.onRange = (row, range) => {
        const told = fill(text.legend_scale, { low: shortNumber(range[0]), high: shortNumber(range[1]) });
        const words = scales.get(row);
        if (words && words.textContent !== told) words.textContent = told;
      };
      this.lanes.push(lane);
    }
    if (review.steps.some((s) => s.course)) {
      const surface = this.addLane("course", "", "", "", "course", null);
      this.course = new CourseLane(scene, surface);
      this.others.push(this.course);
    }
    if (review.steps.some((s) => s.map)) {
      const surface = this.addLane("map", "", "", "", "map", null);
      this.map = new LagMapLane(scene, surface);
      this.others.push(this.map);
    }
    byId("lanes").classList.toggle("few", this.lanes.length <= 3);
    const tiers = tiersOf(review.codes);
    for (const tier of tiers) {
      const title = `${text.lane_codes}: ${tier.role}${tier.coder ? ` · ${tier.coder}` : ""}`;
      const surface = this.addLane(`codes/${tier.coder}/${tier.person}`, title, "", title, "tier", null);
      this.others.push(new TierLane(scene, surface, tier.codes));
    }
    this.overview.tiers = tiers.map((t) => t.codes);
  }

  /**
   * Who is drawn how: the colour, line and scale of each person, in words too. The first two have
   * their scales beside the plot; that of others is told in numbers, by the row of their trace.
   * @param {import("./layout.js").LaneSpec["traces"]} traces
   */
  legendOf(traces) {
    const { text } = this;
    const legend = make("span", { kind: "legend" });
    /** @type {Map<number, HTMLElement>} */
    const scales = new Map();
    traces.forEach((t, k) => {
      const one = make("span", { kind: "person" }, lineOf(t.place), t.role);
      one.style.color = colourOf(t.place);
      const hasScale = t.channel !== null || t.series?.low !== null;
      if (hasScale && traces.length > 1) {
        const side = make("span", { kind: "soft side", text: [text.legend_first, text.legend_second][k] ?? "" });
        if (k > 1) scales.set(k, side);
        one.append(" ", side);
      }
      legend.append(one);
    });
    return { legend, scales };
  }

  /**
   * @param {string} key
   * @param {string} title
   * @param {string} unit
   * @param {string} label
   * @param {string} kind
   * @param {HTMLElement | null} legend
   */
  addLane(key, title, unit, label, kind, legend) {
    const head = make("h3", { text: title });
    if (unit) head.append(make("span", { kind: "soft unit", text: `, ${unit}` }));
    const drawn = make("canvas");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", label);
    const top = make("div", { kind: "lane-head" }, head);
    if (legend) top.append(legend);
    const lane = make("div", { kind: `lane ${kind}` }, top, drawn);
    lane.dataset.lane = key;
    byId("lanes").append(lane);
    return new Surface(drawn);
  }

  /** Name the lanes of the step that is shown. @param {ReviewStep} step */
  nameStep(step) {
    const { text, review } = this;
    const [first, second] = review.roles;
    const chance = step.course?.band ? fill(text.band, { beside: step.course.band }) : text.no_band;
    const band = step.course ? chance : text.no_course;
    const mean = step.course?.smooth_s
      ? fill(text.running_mean, { seconds: step.course.smooth_s }) : "";
    this.rename("course", fill(text.lane_course, { title: step.title }), `${mean} ${band}`,
      fill(text.course_label, { title: step.title, band }));
    this.stripKey.element.hidden = true; // until the strip is drawn
    this.stripKey.words.textContent = fill(text.strip_key, { title: step.title });
    const isLag = step.map?.axis !== "frequency_hz";
    const title = fill(isLag ? text.lane_map : text.lane_spectrum, { title: step.title });
    const axis = isLag ? fill(text.map_axis, { first, second }) : text.spectrum_axis;
    this.rename("map", title, axis, fill(text.map_label, { title: step.title, axis }));
    const { map } = step;
    // correlations end at 1; any other limit is one that few values are beyond
    if (map) this.mapKey.show(map.limit, map.signed, map.limit !== 1, this.scene.colours.ground);
    document.querySelector('[data-lane="map"] .lane-head')?.append(this.mapKey.element);
  }

  /**
   * @param {string} key
   * @param {string} title
   * @param {string} more
   * @param {string} label
   */
  rename(key, title, more, label) {
    const lane = document.querySelector(`[data-lane="${key}"]`);
    if (!lane) return;
    const head = lane.querySelector(".lane-head");
    head?.replaceChildren(make("h3", { text: title }), make("span", { kind: "soft small", text: more }));
    lane.querySelector("canvas")?.setAttribute("aria-label", label);
  }

  /** Take the width that the page gives. */
  measure() {
    const { scene } = this;
    const wide = this.root.clientWidth;
    const isNarrow = wide < 560;
    scene.gutters.left = isNarrow ? 42 : 56;
    scene.gutters.right = isNarrow ? 38 : 52;
    scene.ratio = window.devicePixelRatio || 1;
    const width = Math.max(40, wide - scene.gutters.left - scene.gutters.right);
    scene.view = { ...scene.view, width };
  }

  /** @param {import("../plot/view.js").View} view */
  setView(view) {
    if (view.start === this.scene.view.start && view.stop === this.scene.view.stop) return;
    this.scene.view = view;
    this.askAll();
  }

  askAll() {
    this.loop.ask(...this.lanes, ...this.others, this.axisPainter, this.overview, this.playhead);
  }

  askLanes() {
    this.loop.ask(...this.lanes.filter((lane) => !lane.isWhole || lane.fitsView));
  }

  takeTheme() {
    this.scene.colours = themeColours(document.documentElement);
    for (const key of [this.mapKey, this.stripKey]) key.takeTheme(this.scene.colours.ground);
    this.askAll();
  }

  paintAxis() {
    const { axis, scene } = this;
    axis.fit(scene.ratio);
    axis.clear();
    drawTimes(scene, axis, boxOf(scene, axis, 0, 0), axis.height - 5 * scene.ratio);
    byId("review").dataset.shown = (scene.view.stop - scene.view.start).toFixed(4);
  }
}
