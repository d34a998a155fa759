// @ts-check
// Samples on their way to the disk: sent every second, sent again until they are there.

/**
 * @typedef {import("../types").BegunRating} Begun
 * @typedef {{first: number, values: (number | null)[]}} Chunk
 */

const RETRY_MS = 1500;

export class Keeper {
  /**
   * @param {object} given
   * @param {(chunk: Chunk) => Promise<{next: number}>} given.send
   * @param {{getItem(k: string): string | null, setItem(k: string, t: string): void, removeItem(k: string): void}} given.store
   * @param {string} given.key
   * @param {(state: "saved" | "waiting" | "refused", why?: string) => void} given.tell
   * @param {(run: () => void, ms: number) => unknown} [given.later]
   */
  constructor(given) {
    this.send = given.send;
    this.store = given.store;
    this.key = given.key;
    this.tell = given.tell;
    this.later = given.later ?? ((run, ms) => window.setTimeout(run, ms));
    /** @type {Chunk[]} not confirmed yet */
    this.queue = [];
    this.busy = false;
  }

  /** @param {Chunk} chunk */
  add(chunk) {
    if (!chunk.values.length) return;
    const last = this.queue.at(-1);
    if (last && last.first + last.values.length === chunk.first && (!this.busy || this.queue.length > 1) && last.values.length < 1000) {
      last.values.push(...chunk.values);
    } else this.queue.push({ first: chunk.first, values: [...chunk.values] });
  }

  /** @returns {boolean} */
  get isClean() {
    return !this.queue.length;
  }

  async flush() {
    if (this.busy || !this.queue.length) return;
    this.remember();
    this.busy = true;
    const chunk = this.queue[0];
    try {
      await this.send(chunk);
      this.queue.shift();
      this.busy = false;
      this.remember();
      this.tell("saved");
      if (this.queue.length) await this.flush();
    } catch (error) {
      this.busy = false;
      const status = /** @type {any} */ (error)?.status;
      const why = String(/** @type {any} */ (error)?.message ?? error);
      this.tell(typeof status === "number" && status !== 401 && status !== 403 && status < 500 ? "refused" : "waiting", why);
      this.later(() => void this.flush(), RETRY_MS);
    }
  }

  remember() {
    try {
      if (this.queue.length) this.store.setItem(this.key, JSON.stringify(this.queue));
      else this.store.removeItem(this.key);
    } catch {
      // What the browser will not keep is still in this page's memory.
    }
  }

  /** Take up what an earlier page could not send. */
  recall() {
    try {
      const held = JSON.parse(this.store.getItem(this.key) ?? "[]");
      if (Array.isArray(held)) this.queue.push(...held);
    } catch {
      this.store.removeItem(this.key);
    }
  }
}
