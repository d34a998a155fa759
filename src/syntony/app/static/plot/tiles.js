// @ts-check

/** Buckets of one tile, and samples of one level up: as in pipeline/pyramid.py. */
export const TILE_BUCKETS = 4096;
export const FACTOR = 4;

/**
 * One tile: lowest and highest of each bucket. At level 0 both are the samples.
 * @typedef {{low: Float32Array, high: Float32Array}} Tile
 */

/**
 * How many buckets each level has, the finest first.
 * @param {number} samples
 * @returns {number[]}
 */
export function levelSizes(samples) {
  const sizes = [samples];
  for (let size = samples; size > TILE_BUCKETS; ) {
    size = Math.ceil(size / FACTOR);
    sizes.push(size);
  }
  return sizes;
}

/**
 * The coarsest level that still has a bucket for every pixel.
 * @param {number} samplesPerPixel
 * @param {number} levels  how many there are
 */
export function chooseLevel(samplesPerPixel, levels) {
  if (!(samplesPerPixel > 1)) return 0;
  const level = Math.floor(Math.log(samplesPerPixel) / Math.log(FACTOR) + 1e-9);
  return Math.min(level, levels - 1);
}

/**
 * Take a tile out of the bytes that were sent.
 * @param {ArrayBuffer} bytes  little-endian 32-bit floats
 * @param {number} level
 * @returns {Tile}
 */
export function readTile(bytes, level) {
  const all = floatsOf(bytes);
  if (level === 0) return { low: all, high: all };
  const half = all.length / 2;
  return { low: all.subarray(0, half), high: all.subarray(half) };
}

/**
 * Little-endian bytes as floats, on a machine of either kind.
 * @param {ArrayBuffer} bytes
 */
export function floatsOf(bytes) {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return new Float32Array(bytes);
  const view = new DataView(bytes);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

/**
 * Tiles that were fetched, the least used forgotten first. The coarsest level is never forgotten.
 */
export class TileStore {
  /**
   * @param {(channel: string, level: number, tile: number) => Promise<ArrayBuffer>} fetchTile
   * @param {() => void} onArrival  told when a tile came
   * @param {() => void} onFailure  told when one could not be had
   * @param {number} mostBytes
   */
  constructor(fetchTile, onArrival, onFailure = () => {}, mostBytes = 64e6) {
    this.fetchTile = fetchTile;
    this.onArrival = onArrival;
    this.onFailure = onFailure;
    this.mostBytes = mostBytes;
    this.bytes = 0;
    /** @type {Map<string, {tile: Tile, bytes: number, kept: boolean}>} */
    this.held = new Map();
    /** @type {Map<string, Promise<void>>} */
    this.asked = new Map();
    /** @type {Map<string, number>} */
    this.failed = new Map();
  }

  /**
   * A tile if it is here; else null, and it is fetched.
   * @param {string} channel
   * @param {number} level
   * @param {number} tile
   * @param {boolean} kept  never to be forgotten
   * @returns {Tile | null}
   */
  get(channel, level, tile, kept = false) {
    const key = `${channel}/${level}/${tile}`;
    const found = this.held.get(key);
    if (found) {
      this.held.delete(key); // last used goes to the end
      this.held.set(key, found);
      return found.tile;
    }
    void this.load(channel, level, tile, kept);
    return null;
  }

  /**
   * Fetch a tile, unless it is here or on its way.
   * @param {string} channel
   * @param {number} level
   * @param {number} tile
   * @param {boolean} kept
   * @returns {Promise<void>}
   */
  load(channel, level, tile, kept = false) {
    const key = `${channel}/${level}/${tile}`;
    const coming = this.asked.get(key);
    if (coming) return coming;
    if (this.held.has(key) || (this.failed.get(key) ?? 0) >= 3) return Promise.resolve();
    const made = this.fetchTile(channel, level, tile).then(
      (bytes) => this.keep(key, readTile(bytes, level), bytes.byteLength, kept),
      () => {
        this.asked.delete(key);
        this.failed.set(key, (this.failed.get(key) ?? 0) + 1);
        this.onFailure();
      },
    );
    this.asked.set(key, made);
    return made;
  }

  /**
   * @param {string} key
   * @param {Tile} tile
   * @param {number} bytes
   * @param {boolean} kept
   */
  keep(key, tile, bytes, kept) {
    this.asked.delete(key);
    this.held.set(key, { tile, bytes, kept });
    this.bytes += bytes;
    for (const [old, entry] of this.held) {
      if (this.bytes <= this.mostBytes) break;
      if (entry.kept || old === key) continue;
      this.held.delete(old);
      this.bytes -= entry.bytes;
    }
    this.onArrival();
  }
}
