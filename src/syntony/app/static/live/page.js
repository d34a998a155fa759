// @ts-check
// Record a session: find streams, give them to people, record, watch, mark, end.

import { fill, Refused, send, words } from "../http.js";
import { drawCourse } from "./course.js";
import { LanesView, SHOWN_S } from "./lanes.js";
import { showLights } from "./lights.js";
import { asked, showFound } from "./setup.js";

/** @typedef {import("../types").LiveFound} LiveFound */
/** @typedef {import("../types").LiveFrame} LiveFrame */
/** @typedef {import("../types").LivePreview} LivePreview */
/** @typedef {import("../types").LiveState} LiveState */

const said = words("live");
const AWAKE = ["waiting", "recording", "paused", "filing"];

/** @template {HTMLElement} T @param {string} id @returns {T} */
function by(id) {
  return /** @type {T} */ (document.getElementById(id));
}

const lanes = new LanesView(by("lanes"));
/** @type {LiveFound | null} */
let found = null;
/** @type {LivePreview | null} */
let previewed = null;
let rehearsal = "";
let isAsked = false;
let stage = "idle";
let shown = "";

/** @param {string} text */
function complain(text) {
  by("problem").textContent = text;
  by("problem").hidden = !text;
}

/** @param {() => Promise<void>} work */
async function trying(work) {
  complain("");
  try {
    await work();
  } catch (error) {
    complain(error instanceof Refused || error instanceof Error ? error.message : String(error));
  }
}

function lslSession() {
  return /** @type {HTMLInputElement} */ (by("lsl")).value.trim();
}

function devices() {
  return /** @type {HTMLInputElement} */ (by("devices")).value.trim().split(/\s+/).filter(Boolean);
}

function paintSoon() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    lanes.paint();
  });
}

/** @param {LivePreview} seen */
function showPreview(seen) {
  previewed = seen;
  const parts = seen.people.map((one) => {
    const facts = [];
    if (one.heart_rate !== null) facts.push(fill(said.heart_rate, { value: Math.round(one.heart_rate) }));
    if (one.responses_per_min !== null) facts.push(fill(said.responses, { value: one.responses_per_min }));
    facts.push(fill(said.valid, { value: Math.round(100 * one.valid_share) }));
    return `${one.role}: ${facts.join(", ")}`;
  });
  by("people").textContent = parts.join(" · ");
  const canvas = /** @type {HTMLCanvasElement} */ (by("synchrony"));
  canvas.hidden = Boolean(seen.why);
  if (seen.why) {
    by("preview-note").textContent = fill(said.no_preview, { why: seen.why });
    return;
  }
  drawCourse(canvas, seen, said);
  canvas.setAttribute("aria-label", said.synchrony);
  const band = seen.draws ? fill(said.band, { draws: seen.draws }) : said.no_band;
  by("preview-note").textContent = `${band} ${said.preliminary_note}`;
}

/** What was seen of another session is not left standing. */
function clearPreview() {
  previewed = null;
  by("people").textContent = "";
  by("preview-note").textContent = "";
  by("synchrony").hidden = true;
}

/** @param {LiveState} state */
function showState(state) {
  if (state.session !== shown) clearPreview();
  shown = state.session;
  stage = state.stage;
  const key = `stage_${state.stage}`;
  by("stage").textContent = fill(said[key] ?? state.stage, { session: state.session, why: state.message });
  by("stage").dataset.stage = state.stage;
  const isAwake = AWAKE.includes(state.stage);
  by("prepare").hidden = isAwake;
  by("running").hidden = !isAwake;
  by("after").hidden = state.stage !== "filed";
  if (state.stage === "filed") {
    /** @type {HTMLAnchorElement} */ (by("open")).href = `/session/${encodeURIComponent(state.session)}`;
    by("file").textContent = fill(said.file_at, { file: state.file });
  }
  const s = Math.floor(state.elapsed_s);
  by("clock").textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  by("pause").textContent = state.stage === "paused" ? said.resume : said.pause;
  for (const id of ["pause", "stop"]) {
    /** @type {HTMLButtonElement} */ (by(id)).disabled = !["recording", "paused"].includes(state.stage);
  }
  lanes.lay(state.lanes);
  showLights(state);
}

function watch() {
  const address = new URL("/api/live/signals", window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.addEventListener("message", (event) => {
    const frame = /** @type {LiveFrame} */ (JSON.parse(event.data));
    if (frame.state) showState(frame.state);
    lanes.see(/** @type {any} */ (frame.bins), frame.now_s, frame.bin_s);
    if (frame.preview) showPreview(frame.preview);
    if (!by("running").hidden) paintSoon();
  });
  socket.addEventListener("close", () => {
    if (AWAKE.includes(stage)) complain(said.lost);
    setTimeout(watch, 2000);
  });
  socket.addEventListener("open", () => complain(""));
}

async function find() {
  by("found-note").textContent = said.finding;
  found = /** @type {LiveFound} */ (await send("POST", "/api/live/find", { lsl_session: lslSession(), devices: devices() }));
  by("found-note").textContent = found.streams.length ? "" : said.none_found;
  by("found").hidden = !found.streams.length;
  showFound(found);
}

async function start() {
  if (!found) return;
  const given = asked(found);
  if (Object.keys(given.people).length < 2) throw new Error(said.need_two);
  const text = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (by(id)).value.trim();
  showState(
    await send("POST", "/api/live/start", {
      session: text("session"),
      dyad: text("dyad"),
      type: text("type"),
      lsl_session: lslSession(),
      ...given,
    }),
  );
}

/** @param {string} what @param {string} [text] */
async function command(what, text = "") {
  showState(await send("POST", "/api/live/do", { do: what, text }));
}

by("find").addEventListener("click", () => void trying(find));
by("setup").addEventListener("submit", (event) => {
  event.preventDefault();
  void trying(start);
});
by("pause").addEventListener("click", () => void trying(() => command(stage === "paused" ? "resume" : "pause")));
by("stop").addEventListener("click", () => void trying(() => command("stop")));
by("marking").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (by("marker"));
  const text = input.value.trim();
  void trying(async () => {
    await command("mark", text);
    input.value = "";
    by("found-note").textContent = fill(said.marked, { text });
  });
});
by("hide").addEventListener("click", () => {
  const isHidden = !by("seen").hidden;
  by("seen").hidden = isHidden;
  by("hidden-note").hidden = !isHidden;
  by("hide").setAttribute("aria-pressed", String(isHidden));
  by("hide").textContent = isHidden ? said.show : said.hide;
  if (!isHidden) {
    paintSoon();
    if (previewed) showPreview(previewed);
  }
});
by("rehearse").addEventListener("click", () =>
  void trying(async () => {
    const job = await send("POST", "/api/live/rehearse", { lsl_session: lslSession() });
    rehearsal = job.id;
    by("rehearse-stop").hidden = false;
    by("found-note").textContent = said.rehearsing;
  }),
);
by("rehearse-stop").addEventListener("click", () =>
  void trying(async () => {
    await send("POST", `/api/jobs/${rehearsal}/stop`);
    by("rehearse-stop").hidden = true;
    by("found-note").textContent = "";
  }),
);
window.addEventListener("resize", () => {
  paintSoon();
  if (previewed && !previewed.why) showPreview(previewed);
});
by("span").textContent = fill(said.seconds_shown, { s: SHOWN_S });
watch();
