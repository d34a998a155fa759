// @ts-check
// The rating page: what is to be rated, a practice run, the rating itself, its picture.

import { clockText, Player } from "../code/player.js";
import { clock24, freshToken } from "../code/parts.js";
import { Refused, fill, send, words } from "../http.js";
import { troubleBox } from "../trouble.js";
import { drawCourse, drawScale } from "./draw.js";
import { askEnding } from "./ending.js";
import { Hand } from "./hand.js";
import { Keeper } from "./keeper.js";
import { Sampler, summary } from "./sampler.js";

/**
 * @typedef {import("../types").RatingPage} Sheet
 * @typedef {import("../types").BegunRating} Begun
 * @typedef {import("../types").RatedCourse} Course
 */

const SCALES = /** @type {const} */ ({ valence: [-100, 100], arousal: [0, 100] });
const text = words("rate");
const root = /** @type {HTMLElement} */ (document.getElementById("rating"));
const session = root.dataset.session ?? "";
const path = `/api/rating/${encodeURIComponent(session)}`;
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (at(id));
const show = (/** @type {"ask" | "stage" | "done"} */ part) => {
  for (const id of ["ask", "stage", "done"]) at(id).hidden = id !== part;
};

/** @param {unknown} error */
function tell(error) {
  at("problem").textContent = error instanceof Error ? error.message : String(error);
  at("problem").hidden = false;
}

/** @param {string} method @param {string} url @param {unknown} [body] */
async function ask(method, url, body) {
  try {
    return await send(method, url, body);
  } catch (error) {
    if (error instanceof Refused && [401, 403].includes(error.status)) await freshToken();
    throw error;
  }
}

/** @type {Sheet} */
let sheet;
ask("GET", path).then(
  (/** @type {Sheet} */ found) => {
    sheet = found;
    fillForm();
    show("ask");
  },
  tell,
);

function fillForm() {
  const about = /** @type {HTMLSelectElement} */ (at("about"));
  about.replaceChildren(...sheet.people.map((p) => new Option(`${p.role} (${p.id})`, p.id)));
  about.addEventListener("change", fillRaters);
  fillRaters();
  at("practise").addEventListener("click", () => void start(null));
  at("skip").addEventListener("click", () => ready());
  at("begin").addEventListener("click", () => void begin());
  at("again").addEventListener("click", () => window.location.reload());
  for (const one of sheet.films.filter((f) => !f.url)) at("troubles").append(troubleBox(one));
  showThere();
}

/** Who may rate: the person, another of the session, somebody from outside. */
function fillRaters() {
  const only = root.dataset.rater ?? "";
  const list = /** @type {HTMLSelectElement} */ (at("rater"));
  const about = field("about").value;
  const others = sheet.people.filter((p) => p.id !== about);
  list.replaceChildren(
    ...(only
      ? [new Option(only, only)]
      : [
          new Option(text.self, "self"),
          ...others.map((p) => new Option(fill(text.by_role, { role: p.role }), p.role)),
          new Option(text.outside, ""),
        ]),
  );
  const named = () => (at("name-field").hidden = list.value !== "");
  list.onchange = named;
  named();
}

function ready() {
  field("begin").disabled = false;
  at("skip").hidden = true;
  at("begin").focus();
}

/** Ratings that were begun, and those that are there. */
function showThere() {
  const place = at("begun");
  place.replaceChildren();
  for (const one of sheet.begun) {
    const line = document.createElement("li");
    line.append(fill(text.begun, { ...said(one), time: clockText(one.next / one.rate_hz) }), " ");
    line.append(
      button(text.go_on, () => void start(one)),
      " ",
      button(text.keep_it, async () => {
        if ((await ending(one, one.next / one.rate_hz)) === "save") await finish(one);
      }),
      " ",
      button(text.put_aside, async () => {
        sheet = await ask("POST", `${path}/drop`, { id: one.id });
        showThere();
      }),
    );
    place.append(line);
  }
  const kept = at("kept");
  kept.replaceChildren();
  for (const one of sheet.kept) {
    const line = document.createElement("li");
    line.append(fill(text.kept, said(one)), " ");
    line.append(
      button(text.picture, async () => {
        const query = new URLSearchParams({ person: one.person, what: one.what, rater: one.rater });
        picture(await ask("GET", `${path}/course?${query}`));
      }),
    );
    kept.append(line);
  }
  at("there").hidden = !sheet.begun.length && !sheet.kept.length;
}

/** @param {string} what  of a rating, which may be one that this page does not offer */
function named(what) {
  return text[`name_${what}`] ?? what;
}

/** @param {Begun} begun @param {number} time_s  up to where it is rated */
function ending(begun, time_s) {
  const whole = clockText(sheet.stop_s);
  const dialog = /** @type {HTMLDialogElement} */ (at("ending"));
  return askEnding(dialog, text.ending_words, { time: clockText(Math.min(time_s, sheet.stop_s)), whole });
}

/** @param {{person: string, what: string, rater: string}} one */
function said(one) {
  const about = sheet.people.find((p) => p.id === one.person);
  const rater = one.rater === "self" ? text.self : one.rater;
  return { what: named(one.what), about: `${about?.role ?? ""} (${one.person})`, rater };
}

/** @param {string} label @param {() => void} deed */
function button(label, deed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", deed);
  return made;
}

async function begin() {
  at("problem").hidden = true;
  const what = /** @type {"valence" | "arousal"} */ (field("what").value);
  const rater = field("rater").value || field("rater-name").value.trim();
  if (!rater) {
    tell(text.name_missing);
    field("rater-name").focus();
    return;
  }
  try {
    const [low, high] = SCALES[what];
    const rate_hz = Number(field("rate").value);
    const begun = await ask("POST", path, { person: field("about").value, what, rater, rate_hz, low, high });
    await start(begun);
  } catch (error) {
    tell(error);
  }
}

/**
 * Rate while the recording plays; without `begun` it is practice, and nothing is kept.
 * @param {Begun | null} begun
 */
async function start(begun) {
  const what = begun ? begun.what : field("what").value;
  const [low, high] = begun ? [begun.low, begun.high] : SCALES[/** @type {"valence"} */ (what)];
  show("stage");
  at("stage").dataset.practice = String(!begun);
  at("stage-what").textContent = fill(begun ? text.now_rating : text.now_practising, begun ? said(begun) : { what: named(what) });
  const known = what === "arousal" ? "arousal" : "valence";
  at("scale-high").textContent = text[`${known}_high`];
  at("scale-low").textContent = text[`${known}_low`];
  at("end").textContent = begun ? text.end : text.end_practice;
  at("kept-at").textContent = begun ? "" : text.nothing_kept;
  const camera = sheet.films.find((f) => f.url);
  const film = camera ? /** @type {HTMLVideoElement} */ (at("film")) : null;
  at("screen").hidden = !film;
  at("no-film").hidden = Boolean(film);
  if (film && !film.src) {
    film.addEventListener("error", () => tell(fill(words("films").fails, { name: camera?.name ?? "" })));
    film.src = camera?.url ?? "";
  }
  const player = new Player(film, { start_s: sheet.start_s, stop_s: sheet.stop_s, offset_s: camera?.offset_s ?? 0 });
  if (film && film.readyState < 1) {
    await new Promise((done) => {
      film.addEventListener("loadedmetadata", done, { once: true });
      film.addEventListener("error", done, { once: true });
    });
  }
  player.seek(begun ? begun.next / begun.rate_hz : Math.max(0, sheet.start_s));
  const scale = at("scale");
  scale.setAttribute("aria-valuemin", String(low));
  scale.setAttribute("aria-valuemax", String(high));
  scale.setAttribute("aria-label", fill(text.scale, { what: named(what) }));
  const hand = new Hand(scale, low, high);
  const keeper = begun ? keeperOf(begun) : null;
  keeper?.recall();
  const sampler = new Sampler(begun?.rate_hz ?? 10, begun?.next ?? 0);
  let isOver = false;
  let sent_ms = performance.now();

  /** Playing or not is what rates: it stops where the recording stops. */
  async function toggle() {
    if (player.isPlaying) player.pause();
    else await player.play().catch(tell);
    scale.focus();
  }

  /** What is rated stays when the hand slips: asked before the end, and nothing plays meanwhile. */
  async function end() {
    player.pause();
    const way = begun ? await ending(begun, sampler.next / sampler.rate_hz) : "save";
    if (way === "back") scale.focus();
    else await over(way);
  }

  /** @param {"later" | "save"} way */
  async function over(way) {
    if (isOver) return;
    isOver = true;
    player.pause();
    stop.abort();
    if (!begun || !keeper) {
      show("ask");
      ready();
      return;
    }
    at("kept-at").textContent = text.last_kept;
    for (let k = 0; k < 20 && !keeper.isClean; k += 1) {
      await keeper.flush();
      if (!keeper.isClean) await new Promise((done) => window.setTimeout(done, 500));
    }
    if (!keeper.isClean) tell(text.not_kept);
    else if (way === "later") window.location.reload();
    else await finish(begun);
  }

  const stop = new AbortController();
  const { signal } = stop;
  at("go").addEventListener("click", () => void toggle(), { signal });
  at("end").addEventListener("click", () => void end(), { signal });
  document.addEventListener("keydown", (e) => {
    if (/** @type {HTMLDialogElement} */ (at("ending")).open) return;
    if (e.key === "Escape") player.pause();
    else if (e.key === " " && !(e.target instanceof HTMLButtonElement)) {
      e.preventDefault();
      void toggle();
    }
  }, { signal });

  function frame() {
    if (isOver) return;
    const value = hand.read();
    const now = player.time_s;
    if (player.isPlaying && keeper) keeper.add(sampler.take(now, value === null ? null : Math.round(value * 10) / 10));
    player.tick();
    drawScale(/** @type {HTMLCanvasElement} */ (at("scale-drawn")), value, low, high);
    at("stage-time").textContent = `${clockText(now)} / ${clockText(sheet.stop_s)}`;
    const going = player.isPlaying ? text.pause : text.go;
    if (at("go").textContent !== going) at("go").textContent = going;
    const ms = performance.now();
    if (ms - sent_ms >= 1000) {
      sent_ms = ms;
      scale.setAttribute("aria-valuenow", String(Math.round(value ?? 0)));
      if (keeper) void keeper.flush();
    }
    if (now >= sheet.stop_s - 0.005 || film?.ended) void over("save");
    window.requestAnimationFrame(frame);
  }
  scale.focus();
  frame();
}

/** @param {Begun} begun */
function keeperOf(begun) {
  return new Keeper({
    key: `syntony-rating ${begun.id}`,
    store: window.localStorage,
    send: (chunk) => ask("POST", `${path}/samples`, { id: begun.id, ...chunk }),
    tell: (state, why) => {
      at("kept-at").textContent =
        state === "saved" ? fill(text.kept_at, { time: clock24(new Date()) }) : fill(text[state], { why: why ?? "" });
      at("kept-at").dataset.state = state;
    },
  });
}

/** @param {Begun} begun */
async function finish(begun) {
  try {
    picture(await ask("POST", `${path}/finish`, { id: begun.id }), begun.low, begun.high);
  } catch (error) {
    tell(error);
    at("again").hidden = false;
    show("done");
  }
}

/** @param {Course} course @param {number} [low] @param {number} [high] */
function picture(course, low, high) {
  show("done");
  const found = summary(course.values);
  const [a, b] = low !== undefined && high !== undefined ? [low, high] : scaleOf(course, found);
  at("done-title").textContent = fill(text.done, said(course));
  const one = (/** @type {number} */ v) => (Number.isFinite(v) ? v.toFixed(1).replace("-", "−") : "–");
  const told = fill(text.figures, {
    seconds: (found.count / course.rate_hz).toFixed(1), rate: course.rate_hz, mean: one(found.mean), sd: one(found.sd),
    low: one(found.low), high: one(found.high), missing: one(100 * found.missing),
  });
  at("figures").textContent = told;
  at("course").setAttribute("aria-label", told);
  const draw = () => drawCourse(/** @type {HTMLCanvasElement} */ (at("course")), course, a, b);
  draw();
  document.addEventListener("syntony-theme", draw);
  window.addEventListener("resize", draw);
  at("done-title").focus();
}

/** @param {Course} course @param {{low: number, high: number}} found @returns {[number, number]} */
function scaleOf(course, found) {
  const known = SCALES[/** @type {"valence"} */ (course.what)];
  if (known && found.low >= known[0] && found.high <= known[1] && found.high - found.low > 2) return [known[0], known[1]];
  return found.high > found.low ? [found.low, found.high] : [found.low - 1, found.high + 1];
}
