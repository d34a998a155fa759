// @ts-check
import { fill, send } from "../http.js";
import { Frames, USUAL_HZ, frameStep } from "../frames.js";
import { troubleBox } from "../trouble.js";

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
    this.frames = new Frames(element);
    this.wanted = NaN;
    /** Says that there is nothing at this time. @type {HTMLElement | null} */
    this.note = null;
    element.addEventListener("error", () => {
      this.hasFailed = true;
    });
  }

  get rate_hz() {
    return this.frames.rate_hz;
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
    const first = this.all[0];
    for (const one of this.all) one.element.muted = one !== first;
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
    caption.append(facts.name, player.note);
    element.addEventListener("error", () => {
      const words = document.createElement("p");
      words.className = "problem";
      words.textContent = this.text.unplayable;
      box.append(words);
    });
    box.append(element, caption, this.makeOffset(player));
    return box;
  }

  /** @param {Player} player */
  makeOffset(player) {
    const { text } = this;
    const row = document.createElement("div");
    row.className = "offset";
    const label = document.createElement("label");
    label.textContent = text.offset;
    label.title = text.offset_help;
    const field = document.createElement("input");
    field.type = "number";
    field.step = "0.001";
    field.value = player.offset_s.toFixed(3);
    label.append(" ", field);
    const from = document.createElement("span");
    from.className = "soft small";
    const origin = { eye: text.offset_eye, table: text.offset_table }[player.facts.offset_from];
    from.textContent = origin ?? text.offset_none;
    /** @param {number} offset */
    const keep = async (offset) => {
      if (!Number.isFinite(offset)) return;
      player.offset_s = offset;
      field.value = offset.toFixed(3);
      this.onOffset();
      try {
        const url = `/api/sessions/${encodeURIComponent(this.session)}/media/${player.facts.number}/offset`;
        await send("PUT", url, { offset_s: offset });
        from.textContent = fill(text.offset_saved, { offset: offset.toFixed(3) });
      } catch (error) {
        from.textContent = error instanceof Error ? error.message : String(error);
      }
    };
    field.addEventListener("change", () => void keep(Number(field.value)));
    const earlier = this.makeNudge("−1", text.offset_earlier, () => keep(player.offset_s - 1 / player.rate_hz));
    const later = this.makeNudge("+1", text.offset_later, () => keep(player.offset_s + 1 / player.rate_hz));
    row.append(label, earlier, later, from);
    return row;
  }

  /**
   * @param {string} sign
   * @param {string} label
   * @param {() => Promise<void>} nudge
   */
  makeNudge(sign, label, nudge) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => void nudge());
    return button;
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
   * A frame on or back, on the session clock.
   * @param {number} time
   * @param {number} frames
   */
  step(time, frames) {
    const player = this.leading(time);
    const offset = player?.offset_s ?? 0;
    return frameStep(time + offset, frames, player?.rate_hz ?? USUAL_HZ) - offset;
  }
}
