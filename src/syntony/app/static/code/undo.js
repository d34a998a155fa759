// @ts-check
// Steps back and forward over states that are never changed in place.

/** @template T */
export class History {
  /** @param {T} first @param {number} [most]  steps that are remembered */
  constructor(first, most = 500) {
    this.now = first;
    this.most = most;
    /** @type {{state: T, what: string}[]} */
    this.past = [];
    /** @type {{state: T, what: string}[]} */
    this.future = [];
  }

  /**
   * Go on to a new state; what was undone before cannot be redone any more.
   * @param {T} state @param {string} what  a word for people
   * @returns {boolean} whether anything changed
   */
  push(state, what) {
    if (state === this.now) return false;
    this.past.push({ state: this.now, what });
    if (this.past.length > this.most) this.past.shift();
    this.future = [];
    this.now = state;
    return true;
  }

  /** @returns {string | null} what was taken back */
  undo() {
    const last = this.past.pop();
    if (!last) return null;
    this.future.push({ state: this.now, what: last.what });
    this.now = last.state;
    return last.what;
  }

  /** @returns {string | null} what was done again */
  redo() {
    const next = this.future.pop();
    if (!next) return null;
    this.past.push({ state: this.now, what: next.what });
    this.now = next.state;
    return next.what;
  }
}
