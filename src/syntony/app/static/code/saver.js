// @ts-check
// Every change is saved at once; until the server has confirmed it, it is kept in the browser.

/**
 * @typedef {{base: string, at: string, doc: any, sent: any}} Draft  unsaved, made from revision
 *   `base`; `sent`: on its way to the server when nothing more was heard of it
 * @typedef {{kind: "saved" | "saving" | "waiting" | "conflict" | "refused" | "fresh", at?: string, message?: string}} Told
 * @typedef {{getItem(key: string): string | null, setItem(key: string, text: string): void, removeItem(key: string): void}} Store
 * @typedef {{revision: string}} Answer
 */

/** Not logged in (the server was started again, or it was late), too many requests. */
const PASSING = new Set([401, 403, 429]);
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000];

export class Saver {
  /**
   * @param {object} given
   * @param {string} given.key  under which unsaved changes are kept
   * @param {string} given.revision
   * @param {(doc: any, revision: string) => Promise<Answer>} given.save
   * @param {Store} given.store
   * @param {(told: Told) => void} given.tell
   * @param {() => Promise<{revision: string, doc: unknown}>} given.look  what the server holds
   * @param {(a: unknown, b: unknown) => boolean} given.same  whether two states are equal
   * @param {(run: () => void, ms: number) => unknown} [given.later]
   * @param {() => Date} [given.clock]
   */
  constructor(given) {
    this.key = given.key;
    this.revision = given.revision;
    this.save = given.save;
    this.store = given.store;
    this.tell = given.tell;
    this.look = given.look;
    this.same = given.same;
    this.later = given.later ?? ((run, ms) => window.setTimeout(run, ms));
    this.clock = given.clock ?? (() => new Date());
    /** @type {{doc: unknown} | null} the newest state that the server has not confirmed */
    this.pending = null;
    /** @type {unknown} sent, and neither confirmed nor refused: the server may have it */
    this.unheard = null;
    this.busy = false;
    /** @type {Promise<void>} of what is on its way */
    this.flight = Promise.resolve();
    this.tries = 0;
    this.stopped = false;
  }

  /** @returns {boolean} whether the server has everything */
  get isClean() {
    return this.pending === null && !this.busy;
  }

  /** @param {unknown} doc  the whole of it */
  changed(doc) {
    this.pending = { doc };
    this.keep(doc);
    if (!this.stopped) void this.flush();
  }

  /** @param {unknown} doc */
  keep(doc) {
    const draft = { base: this.revision, at: this.clock().toISOString(), doc, sent: this.unheard };
    try {
      this.store.setItem(this.key, JSON.stringify(draft));
    } catch {
      // A browser that may keep nothing still has the page's own memory, and the server.
    }
  }

  /** Wait until what there is was sent and answered. @returns {Promise<boolean>} whether all is saved */
  async settle() {
    await this.flush();
    return this.isClean;
  }

  /** @returns {Promise<void>} done when nothing is on its way any more */
  flush() {
    if (!this.busy && !this.stopped && this.pending) this.flight = this.send();
    return this.flight;
  }

  async send() {
    this.busy = true;
    this.tell({ kind: "saving" });
    let isSent = false;
    try {
      if (this.unheard !== null) await this.hear();
      const sent = /** @type {{doc: unknown}} */ (this.pending);
      isSent = true;
      this.unheard = sent.doc;
      this.keep(sent.doc);
      const answer = await this.save(sent.doc, this.revision);
      this.busy = false;
      this.tries = 0;
      this.unheard = null;
      this.revision = answer.revision;
      if (this.pending === sent) {
        this.pending = null;
        this.store.removeItem(this.key);
        this.tell({ kind: "saved", at: this.clock().toISOString() });
      } else {
        if (this.pending) this.keep(this.pending.doc);
        await this.flush();
      }
    } catch (error) {
      this.busy = false;
      const status = /** @type {any} */ (error)?.status;
      if (isSent && typeof status === "number" && status < 500) this.unheard = null; // a plain no
      this.failed(error);
    }
  }

  /**
   * An answer may get lost on its way. What became of that state is asked before another is sent:
   * if the server holds it, what follows is made from it.
   */
  async hear() {
    const held = await this.look();
    if (this.same(held.doc, this.unheard)) this.revision = held.revision;
    this.unheard = null;
  }

  /** @param {any} error */
  failed(error) {
    const message = String(error?.message ?? error);
    if (error?.status === 409) {
      this.stopped = true;
      this.tell({ kind: "conflict", message });
    } else if (typeof error?.status === "number" && error.status < 500 && !PASSING.has(error.status)) {
      this.tell({ kind: "refused", message }); // tried again with the next change
    } else {
      this.tell({ kind: "waiting", message });
      const pause = PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)];
      this.tries += 1;
      this.later(() => void this.flush(), pause);
    }
  }

  /**
   * After a conflict: save ours over the revision that is there now.
   * @param {string} revision
   */
  overwrite(revision) {
    this.revision = revision;
    this.stopped = false;
    if (this.pending) this.keep(this.pending.doc);
    void this.flush();
  }

  /** Drop what was not saved. */
  forget() {
    this.pending = null;
    this.store.removeItem(this.key);
  }
}

/**
 * Unsaved changes that an earlier page left behind.
 * @param {Store} store @param {string} key @returns {Draft | null}
 */
export function readDraft(store, key) {
  try {
    const held = JSON.parse(store.getItem(key) ?? "null");
    return held && typeof held.base === "string" && "doc" in held ? held : null;
  } catch {
    return null;
  }
}
