// @ts-check
// The rater's hand: mouse or finger on the scale, arrow keys, or a gamepad's stick.

/** Share of the scale that a held arrow key crosses in a second. */
export const SPEED = 0.5;
const DEAD = 0.12;

/**
 * @param {number} value @param {number} low @param {number} high
 */
export function within(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/**
 * Place after a key was held for a while.
 * @param {number} value @param {number} way  1 up, -1 down, 0 neither
 * @param {number} seconds @param {number} low @param {number} high
 */
export function stepped(value, way, seconds, low, high) {
  return within(value + way * SPEED * (high - low) * seconds, low, high);
}

/**
 * Place that a stick points to: its middle is the middle of the scale, up is high.
 * @param {number} axis  -1 up to 1 down, as browsers have it
 * @param {number} low @param {number} high
 */
export function fromStick(axis, low, high) {
  const still = Math.abs(axis) < DEAD ? 0 : (axis - Math.sign(axis) * DEAD) / (1 - DEAD);
  return within((low + high) / 2 - (still * (high - low)) / 2, low, high);
}

export class Hand {
  /** @param {HTMLElement} scale @param {number} low @param {number} high */
  constructor(scale, low, high) {
    this.scale = scale;
    this.low = low;
    this.high = high;
    /** @type {number} */
    this.value = (low + high) / 2;
    this.way = 0;
    this.usesStick = false;
    this.last_ms = performance.now();
    scale.addEventListener("pointermove", (e) => this.point(e));
    scale.addEventListener("pointerdown", (e) => {
      scale.setPointerCapture(e.pointerId);
      this.point(e);
    });
    scale.addEventListener("keydown", (e) => this.key(e, true));
    scale.addEventListener("keyup", (e) => this.key(e, false));
    scale.addEventListener("blur", () => (this.way = 0));
  }

  /** @param {PointerEvent} e */
  point(e) {
    const box = this.scale.getBoundingClientRect();
    const share = 1 - (e.clientY - box.top) / box.height;
    this.value = within(this.low + share * (this.high - this.low), this.low, this.high);
    this.usesStick = false;
  }

  /** @param {KeyboardEvent} e @param {boolean} isDown */
  key(e, isDown) {
    const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
    if (way) {
      e.preventDefault();
      this.usesStick = false;
      if (isDown) this.way = way;
      else if (this.way === way) this.way = 0;
    } else if (isDown && (e.key === "Home" || e.key === "End")) {
      e.preventDefault();
      this.value = e.key === "Home" ? this.low : this.high;
    } else if (isDown && (e.key === "0" || e.key === "5")) {
      this.value = (this.low + this.high) / 2;
    }
  }

  /** To be called at every frame. @returns {number | null} where the hand is */
  read() {
    const now = performance.now();
    if (this.way) this.value = stepped(this.value, this.way, (now - this.last_ms) / 1000, this.low, this.high);
    this.last_ms = now;
    const pad = navigator.getGamepads?.().find((p) => p && p.axes.length > 1);
    if (pad && (this.usesStick || Math.abs(pad.axes[1]) > 0.3)) {
      this.usesStick = true;
      this.value = fromStick(pad.axes[1], this.low, this.high);
    } else if (!pad && this.usesStick) {
      return null; // it was unplugged: nobody rates until another hand does
    }
    return this.value;
  }
}
