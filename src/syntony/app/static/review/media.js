// @ts-check
import { Frames, USUAL_HZ, frameStep } from "../frames.js";
import { fill, words } from "../http.js";
import { troubleBox } from "../trouble.js";
import { makeOffset } from "./offset.js";
import { Sound } from "./sound.js";

/** @typedef {import("../types").MediaFacts} MediaFacts */

/** A follower that is further off than this is set anew, in seconds. */
const FAR_S = 0.08;

/** One camera or sound file on the session clock. */
export class Player {
  /**
   * @param {HTMLMediaElement} element
   * @param {MediaFacts} facts
   */
  constructor(element, facts) {
    this.element = element;
    this.facts = facts;
    this.offset_s = facts.offset_s;
    this.hasFailed = false;
    this.frames = new Frames(element, facts.frame_rate_hz);
    this.wanted = NaN;
    /** Says that there is nothing at this time. @type {HTMLElement | null} */
    this.note = null;
    element.addEventListener("error", () => {
      this.hasFailed = true;
    });
  }

  /** Whether it has a picture or sound at this time of the session. @param {number} time */
  covers(time) {
    const at = time + this.offset_s;
    const { duration } = this.element;
    return !this.hasFailed && at >= 0 && (Number.isNaN(duration) || at < duration);
  }

  /**
   * Bring it to a time of the session.
   * @param {number} time
   * @param {boolean} isPlaying
   * @param {number} speed
   * @param {boolean} leads  it gives the time while it plays
   */
  follow(time, isPlaying, speed, leads) {
    const { element } = this;
    const inside = this.covers(time);
    element.classList.toggle("outside", !inside);
    if (this.note) this.note.hidden = inside || this.hasFailed;
    if (!inside) {
      if (!element.paused) element.pause();
      return;
    }
    const at = time + this.offset_s;
    if (element.playbackRate !== speed) element.playbackRate = speed;
    const off = Math.abs(element.currentTime - at);
    if (!isPlaying) {
      if (!element.paused) element.pause();
      if (at !== this.wanted && off > 1e-4) this.seek(at);
      return;
    }
    if (element.paused) {
      if (off > 0.02) this.seek(at);
      void element.play().catch(() => {});
    } else if (!leads && off > FAR_S && !element.seeking) {
      this.seek(at);
    }
  }

  /** @param {number} at  second of the file */
  seek(at) {
    this.wanted = at;
    this.element.currentTime = at;
  }

  /** Time on the session clock, while it plays; what is waited for, while it is being looked up. */
  time() {
    const { element } = this;
    const at = element.seeking && !Number.isNaN(this.wanted) ? this.wanted : element.currentTime;
    return at - this.offset_s;
  }
}

/** All cameras and sound files of a session. */
export class Players {
  /**
   * @param {HTMLElement} root
   * @param {Record<string, string>} text
   * @param {string} session
   */
  constructor(root, text, session) {
    this.root = root;
    this.text = text;
    this.session = session;
    /** @type {Player[]} */
    this.all = [];
    /** What is heard, once there is something. @type {Sound | null} */
    this.sound = null;
    /** @type {() => void} */
    this.onOffset = () => {};
  }

  /** @param {MediaFacts[]} media */
  show(media) {
    this.root.replaceChildren();
    if (!media.length) {
      const words = document.createElement("p");
      words.className = "soft none";
      words.textContent = fill(this.text.no_media, { session: this.session });
      this.root.append(words);
      return;
    }
    for (const facts of media.filter((m) => m.url)) this.root.append(this.makePlayer(facts));
    for (const facts of media.filter((m) => !m.url)) this.root.append(troubleBox(facts));
    if (!this.all.length) return;
    this.sound = new Sound(this.all, this.text, this.session);
    this.root.prepend(this.sound.row);
  }

  /** @param {MediaFacts} facts */
  makePlayer(facts) {
    const box = document.createElement("figure");
    const element = document.createElement(facts.kind === "video" ? "video" : "audio");
    element.preload = "metadata";
    element.setAttribute("aria-label", facts.name);
    if (element instanceof HTMLVideoElement) element.playsInline = true;
    element.src = facts.url;
    const player = new Player(element, facts);
    this.all.push(player);
    const caption = document.createElement("figcaption");
    player.note = document.createElement("strong");
    player.note.textContent = ` · ${this.text.outside}`;
    player.note.hidden = true;
    const rate = document.createElement("span");
    player.frames.onRate = () => {
      const told = player.frames.known_hz === null ? this.text.frame_rate_taken : this.text.frame_rate;
      if (facts.kind === "video") rate.textContent = ` · ${fill(told, { rate: rateText(player.frames.rate_hz) })}`;
    };
    player.frames.onRate();
    caption.append(facts.name, rate, player.note);
    element.addEventListener("error", () => {
      box.append(troubleBox({ ...facts, trouble: words("films").unplayable }));
    });
    box.append(element, caption, makeOffset(player, this.text, this.session, () => this.onOffset()));
    return box;
  }

  /**
   * @param {number} time
   * @param {boolean} isPlaying
   * @param {number} speed
   */
  follow(time, isPlaying, speed) {
    const leading = this.leading(time);
    for (const one of this.all) one.follow(time, isPlaying, speed, one === leading);
  }

  /** The first that has something at this time. @param {number} time */
  leading(time) {
    return this.all.find((p) => p.covers(time)) ?? null;
  }

  /**
   * A frame of the picture on or back, on the session clock.
   * @param {number} time
   * @param {number} frames
   */
  step(time, frames) {
    const player = this.all.find((p) => p.facts.kind === "video" && p.covers(time));
    const offset = player?.offset_s ?? 0;
    return frameStep(time + offset, frames, player?.frames.rate_hz ?? USUAL_HZ) - offset;
  }
}

/** Frames per second as people write them. @param {number} rate_hz */
function rateText(rate_hz) {
  return String(Number(rate_hz.toFixed(2)));
}
