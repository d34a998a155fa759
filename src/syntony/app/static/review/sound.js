// @ts-check
// What is heard: one of the files, or none.

/** @typedef {import("./media.js").Player} Player */

/**
 * The file that is heard where nobody chose: a sound file, else the first film.
 * @param {{kind: string, name: string}[]} files
 */
export function heardAtFirst(files) {
  return (files.find((f) => f.kind === "sound") ?? files[0])?.name ?? "";
}

/** Which file is heard, how loud; kept for this window of the browser. */
export class Sound {
  /**
   * @param {Player[]} players
   * @param {Record<string, string>} text
   * @param {string} session
   */
  constructor(players, text, session) {
    this.players = players;
    this.key = `syntony-heard-${session}`;
    const kept = window.sessionStorage.getItem(this.key);
    const names = players.map((p) => p.facts.name);
    /** What is heard when sound is turned on again. */
    this.last = heardAtFirst(players.map((p) => p.facts));
    this.heard = kept === "" || (kept && names.includes(kept)) ? kept : this.last;
    this.volume = Number(window.sessionStorage.getItem("syntony-volume") ?? 1);
    this.chooser = document.createElement("select");
    this.chooser.id = "heard";
    this.chooser.append(...names.map((n) => new Option(n, n)), new Option(text.heard_none, ""));
    this.chooser.addEventListener("change", () => this.choose(this.chooser.value));
    this.slider = document.createElement("input");
    Object.assign(this.slider, { type: "range", id: "volume", min: "0", max: "1", step: "0.05" });
    this.slider.setAttribute("aria-label", text.volume);
    this.slider.addEventListener("input", () => this.setVolume(Number(this.slider.value)));
    const label = document.createElement("label");
    label.append(`${text.heard} `, this.chooser);
    this.row = document.createElement("div");
    this.row.className = "sound";
    this.row.append(label, this.slider);
    this.put();
  }

  /** @param {string} name  empty: none */
  choose(name) {
    this.heard = name;
    window.sessionStorage.setItem(this.key, name);
    this.put();
  }

  /** @param {number} volume  0 to 1 */
  setVolume(volume) {
    this.volume = volume;
    window.sessionStorage.setItem("syntony-volume", String(volume));
    this.put();
  }

  /** Off, or on again as it was. */
  toggle() {
    if (this.heard) this.last = this.heard;
    this.choose(this.heard ? "" : this.last);
  }

  put() {
    this.chooser.value = this.heard;
    this.slider.value = String(this.volume);
    for (const { element, facts } of this.players) {
      element.muted = facts.name !== this.heard;
      element.volume = this.volume;
    }
  }
}
