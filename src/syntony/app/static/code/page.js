// @ts-check
// The coding page: asks for the coder's codes, and puts desk, playhead, tiers and table together.

import { Refused, fill, send, words } from "../http.js";
import { startCompare } from "./compare.js";
import { Desk, bare, sameCodes } from "./desk.js";
import { offerCameras, openFilm } from "./film.js";
import { freeLists, isTaken, meaning } from "./keys.js";
import { Player, clockText } from "./player.js";
import { listen } from "./pointer.js";
import { Saver, readDraft } from "./saver.js";
import { fillBook, fillClip, freshToken, readSpeed, showPalette, showWhom, tellSaved } from "./parts.js";
import { CodeTable } from "./table.js";
import { LEAST_S, isPoint } from "./tiers.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("../types").CodingSheet} Sheet */

const text = words("code");
const root = /** @type {HTMLElement} */ (document.getElementById("coding"));
const path = root.dataset.api ?? "";
const blind = root.dataset.blind === "true";
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const RUNNING_MS = 3000;

const asked = new URLSearchParams(window.location.search);
const coder = root.dataset.coder || asked.get("coder") || "";
if (coder) void open();
else askWho();

function askWho() {
  at("who").hidden = false;
  const field = /** @type {HTMLInputElement} */ (at("who-name"));
  field.value = window.localStorage.getItem("syntony-coder") ?? "";
  field.focus();
  at("who-form").addEventListener("submit", (e) => {
    e.preventDefault();
    window.localStorage.setItem("syntony-coder", field.value.trim());
    asked.set("coder", field.value.trim());
    window.location.search = asked.toString();
  });
}

/** @returns {Promise<Sheet>} */
function ask() {
  const query = new URLSearchParams({ coder, book: asked.get("book") ?? "" });
  return send("GET", `${path}?${query}`);
}

async function open() {
  try {
    begin(await ask());
  } catch (error) {
    at("problem").textContent = error instanceof Refused ? error.message : String(error);
    at("problem").hidden = false;
    if (!root.dataset.coder) askWho();
  }
}

/** @param {Sheet} sheet */
function begin(sheet) {
  at("desk").hidden = false;
  const { film, offset_s, rate_hz, cameras } = openFilm(sheet.films, at);
  const span = { start_s: sheet.start_s, stop_s: sheet.stop_s, least_s: blind ? LEAST_S : 0 };
  const player = new Player(film, { ...span, offset_s, rate_hz });
  offerCameras(cameras, player, at);

  const saver = new Saver({
    key: `syntony-codes ${path} ${coder}`,
    revision: sheet.revision,
    store: window.localStorage,
    same: sameCodes,
    tell: (told) => tellSaved(told, at, text),
    look: async () => {
      const now = await ask();
      return { revision: now.revision, doc: now.events };
    },
    save: async (events, revision) => {
      try {
        return await send("PUT", path, { coder, book: sheet.book, revision, events });
      } catch (error) {
        if (error instanceof Refused && [401, 403].includes(error.status)) await freshToken();
        throw error;
      }
    },
  });
  const desk = new Desk(sheet.codes, span, sheet.events, {
    save: () => saver.changed(desk.state(player.time_s)),
    show,
    say: (told) => (at("said").textContent = told),
    words: text,
  });
  desk.person = sheet.people[0]?.id ?? "";
  desk.locked = Boolean(sheet.standing.finished_at);

  const dyad = sheet.codes.some((c) => c.about === "dyad") || sheet.events.some((e) => !e.person);
  const lanes = sheet.people.map((p, k) => ({ id: p.id, label: p.role === p.id ? p.id : `${p.role} (${p.id})`, second: k > 0 }));
  if (dyad) lanes.push({ id: "", label: text.dyad, second: false });
  const line = new Timeline(/** @type {HTMLCanvasElement} */ (at("tiers")), lanes, desk.book, span);
  const table = new CodeTable(
    /** @type {HTMLTableSectionElement} */ (at("rows")), sheet.people, sheet.codes, text,
    { change: (id, patch) => desk.change(id, patch), remove: (id) => desk.remove(id), go: goTo },
  );
  const keys = new Map(sheet.codes.filter((c) => c.key).map((c) => [c.key, c.name]));
  let armed = sheet.codes[0]?.name ?? "";
  const palette = showPalette(at("palette"), sheet.codes, text, {
    press: (name) => desk.press(name, `mouse ${name}`, player.time_s, -1),
    arm: (name) => {
      armed = name;
      show();
    },
  });
  const whom = showWhom(at("whom"), lanes, (id) => {
    desk.person = id;
    show();
  });
  let stale = true;

  function show() {
    stale = true;
  }

  function draw() {
    stale = false;
    const now = player.time_s;
    const running = desk.running.soFar(now).map((m, k) => ({ ...m, id: -1 - k, comment: "", tier: "", modifier: "" }));
    line.draw({
      events: preview(), running, selected: desk.selected, person: desk.person, time_s: now, loop: player.loop,
    });
    at("clock").textContent = clockText(now);
    /** @type {HTMLInputElement} */ (at("seek")).value = String(now);
    at("seek").setAttribute("aria-valuetext", clockText(now));
    palette.show(armed, desk.running.runs.map((r) => r.code), desk.person, desk.locked);
    const playing = player.isPlaying ? text.pause : text.play;
    if (at("play").textContent !== playing) at("play").textContent = playing;
    whom.show(desk.person);
    at("loop").setAttribute("aria-pressed", String(player.loop !== null));
  }

  /** Codes as they are while something is dragged. */
  function preview() {
    const drag = line.drag;
    if (!drag || drag.kind === "new") return desk.events;
    return desk.events.map((e) => {
      if (e.id !== drag.id) return e;
      if (drag.kind === "move") return { ...e, onset_s: e.onset_s + drag.by_s };
      const stop = e.onset_s + e.duration_s;
      return drag.edge === "start"
        ? { ...e, onset_s: drag.to_s, duration_s: Math.max(0, stop - drag.to_s) }
        : { ...e, duration_s: Math.max(0, drag.to_s - e.onset_s) };
    });
  }

  /** @type {unknown[]} */
  let listed = [];
  function list() {
    const now = [desk.events, desk.selected, desk.locked];
    if (now.every((x, k) => x === listed[k])) return;
    listed = now;
    table.show(desk.events, desk.selected, desk.locked);
    at("count").textContent = fill(text.count, { count: desk.events.length });
    at("none").hidden = desk.events.length > 0;
  }

  let went = false;
  function advance() {
    if (player.tick()) desk.endAll(player.loop?.to_s ?? player.time_s);
    if (went && !player.isPlaying) rest();
    went = player.isPlaying;
  }
  film?.addEventListener("timeupdate", advance); // frames are not drawn while the page is hidden

  function frame() {
    advance();
    if (player.isPlaying || stale) {
      if (player.isPlaying) line.follow(player.time_s);
      if (stale) list();
      draw();
    }
    window.requestAnimationFrame(frame);
  }

  /** It stopped, whoever stopped it: what runs is saved, and at the end of the recording it ends. */
  function rest() {
    if (player.isOver) desk.endAll(player.time_s);
    keepRunning();
    show();
  }

  function keepRunning() {
    if (desk.running.runs.length && !desk.locked) saver.changed(desk.state(player.time_s));
  }

  /** @param {number} to_s */
  function seek(to_s) {
    desk.endAll(player.time_s);
    player.seek(to_s);
    line.follow(player.time_s);
    show();
  }

  /** @param {number} id */
  function goTo(id) {
    const found = desk.events.find((e) => e.id === id);
    if (!found) return;
    desk.selected = id;
    desk.person = found.person;
    seek(found.onset_s);
  }

  /** @param {number} step */
  function lane(step) {
    const k = lanes.findIndex((l) => l.id === desk.person);
    desk.person = lanes[(k + step + lanes.length) % lanes.length].id;
    desk.out.say(lanes.find((l) => l.id === desk.person)?.label ?? "");
    show();
  }

  /** @param {number} rate */
  function speed(rate) {
    player.setRate(rate);
    /** @type {HTMLSelectElement} */ (at("speed")).value = String(rate);
    show();
  }

  function loop() {
    const one = desk.chosen;
    const now = player.time_s;
    if (player.loop) player.loop = null;
    else if (one && one.duration_s >= 0.2) player.loop = { from_s: one.onset_s, to_s: one.onset_s + one.duration_s };
    else player.loop = { from_s: player.within(now - 2), to_s: player.within(now + 2) };
    show();
  }

  function toggle() {
    if (player.isPlaying) player.pause();
    else player.play().catch((error) => desk.out.say(String(error.message ?? error)));
    show();
  }

  /** @type {Record<import("./keys.js").Deed, () => void>} */
  const deeds = {
    play: toggle, loop,
    back: () => seek(player.time_s - 1), on: () => seek(player.time_s + 1),
    far_back: () => seek(player.time_s - 5), far_on: () => seek(player.time_s + 5),
    frame_back: () => (player.pause(), seek(player.frameFrom(-1))),
    frame_on: () => (player.pause(), seek(player.frameFrom(1))),
    slower: () => speed(readSpeed(player.rate, -1)), faster: () => speed(readSpeed(player.rate, 1)),
    up: () => lane(-1), down: () => lane(1),
    previous: () => walk(-1), next: () => walk(1),
    earlier: () => desk.move(-0.1), later: () => desk.move(0.1),
    start_here: () => desk.trim("start", player.time_s), stop_here: () => desk.trim("stop", player.time_s),
    remove: () => desk.remove(desk.selected),
    comment: () => (list(), desk.selected !== null && table.focus(desk.selected, "comment")),
    undo: () => desk.step("undo"), redo: () => desk.step("redo"),
    end_all: () => desk.endAll(player.time_s),
    help: () => /** @type {HTMLDialogElement} */ (at("help")).showModal(),
    zoom_in: () => (line.zoom(0.5, player.time_s), show()), zoom_out: () => (line.zoom(2, player.time_s), show()),
  };

  /** @param {1 | -1} step */
  function walk(step) {
    const to_s = desk.walk(step, player.time_s);
    if (to_s !== null) {
      desk.person = desk.chosen?.person ?? desk.person;
      seek(to_s);
    }
  }

  document.addEventListener("keydown", (e) => {
    if (isTaken(document.activeElement, e)) {
      const field = /** @type {HTMLElement | null} */ (document.activeElement);
      if (e.key === "Escape" && field?.matches("input, select, textarea")) field.blur();
      return;
    }
    const found = meaning(e, keys);
    if (!found) return;
    e.preventDefault();
    if ("deed" in found) deeds[found.deed]();
    else if (!e.repeat && found.point) desk.point(found.code, player.time_s);
    else if (!e.repeat) desk.press(found.code, found.key, player.time_s, performance.now());
  });
  freeLists();
  document.addEventListener("keyup", (e) => desk.release(e.code || e.key.toLowerCase(), player.time_s, performance.now()));
  document.addEventListener("syntony-theme", show);
  window.addEventListener("resize", show);
  for (const name of ["play", "loop", "undo", "redo", "help", "frame_back", "frame_on", "back", "on"]) {
    at(name === "help" ? "open-help" : name.replace("_", "-")).addEventListener("click", () => deeds[/** @type {"play"} */ (name)]());
  }
  at("close-help").addEventListener("click", () => /** @type {HTMLDialogElement} */ (at("help")).close());
  at("speed").addEventListener("change", () => speed(Number(/** @type {HTMLSelectElement} */ (at("speed")).value)));
  const bar = /** @type {HTMLInputElement} */ (at("seek"));
  bar.min = String(span.start_s);
  bar.max = String(span.stop_s);
  bar.addEventListener("input", () => seek(Number(bar.value)));
  at("length").textContent = clockText(span.stop_s);
  at("add").addEventListener("click", () => addRow());

  function addRow() {
    if (desk.locked) return desk.out.say(text.locked);
    desk.give([{ code: armed, person: desk.running.who(armed, desk.person), onset_s: player.time_s, duration_s: 1 }]);
    list();
    if (desk.selected !== null) table.focus(desk.selected, "start");
  }

  fillBook(sheet, at, text, coder, asked);
  listen(line, desk, { armed: () => armed, seek, show });
  if (blind) fillClip(sheet, path, coder, at, text);
  else startCompare({ path, coder, saver, desk, seek, at, text, now: () => player.time_s });
  window.setInterval(() => {
    if (player.isPlaying) keepRunning();
  }, RUNNING_MS);
  window.addEventListener("blur", () => desk.letGo(player.time_s));
  window.addEventListener("pagehide", () => {
    if (desk.running.runs.length) saver.keep(desk.state(player.time_s));
  });
  recover();
  show();
  frame();

  /** Take up what an earlier page could not save. */
  function recover() {
    const draft = readDraft(window.localStorage, saver.key);
    if (!draft) return tellSaved({ kind: "fresh" }, at, text);
    if (sameCodes(draft.doc, sheet.events)) {
      saver.forget();
      return tellSaved({ kind: "fresh" }, at, text);
    }
    const safe = draft.base === sheet.revision || sameCodes(draft.sent, sheet.events);
    const kept = draft.doc.filter((/** @type {import("./tiers.js").Given} */ e) => !isPoint(e, span)); // or none is saved
    desk.history.push(desk.numbered(kept), text.did_recover);
    saver.pending = { doc: bare(desk.events) };
    if (safe) {
      desk.out.say(fill(text.recovered, { time: new Date(draft.at).toLocaleTimeString() }));
      saver.changed(bare(desk.events));
    } else {
      saver.stopped = true;
      tellSaved({ kind: "conflict" }, at, text);
    }
  }

  at("take-theirs").addEventListener("click", async () => {
    const now = await ask();
    saver.forget();
    saver.revision = now.revision;
    saver.stopped = false;
    desk.replace(now.events);
    tellSaved({ kind: "fresh" }, at, text);
  });
  at("keep-mine").addEventListener("click", async () => {
    const now = await ask();
    if (!saver.pending) saver.pending = { doc: bare(desk.events) };
    saver.overwrite(now.revision);
  });
}
