// @ts-check
// The tiers by mouse or finger: drag to code, to move, to trim; click to select and to seek.

/**
 * @typedef {import("./timeline.js").Timeline} Timeline
 * @typedef {import("./desk.js").Desk} Desk
 */

/**
 * @param {Timeline} line
 * @param {Desk} desk
 * @param {{armed(): string, seek(t: number): void, show(): void}} page
 */
export function listen(line, desk, page) {
  const canvas = line.canvas;
  /** @type {{x: number, y: number, time_s: number} | null} */
  let down = null;
  const place = (/** @type {PointerEvent | WheelEvent} */ e) => {
    const box = canvas.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };

  canvas.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    const { x, y } = place(e);
    canvas.setPointerCapture(e.pointerId);
    down = { x, y, time_s: line.timeAt(x) };
    if (line.isOverview(y)) {
      page.seek(line.overviewTime(x));
      return;
    }
    const lane = line.laneAt(y);
    if (!lane) return;
    const hit = line.hit(desk.events, x, y);
    if (hit) {
      desk.selected = hit.event.id;
      line.drag = hit.edge
        ? { kind: "trim", id: hit.event.id, edge: hit.edge, to_s: line.timeAt(x) }
        : { kind: "move", id: hit.event.id, by_s: 0 };
    } else {
      line.drag = { kind: "new", lane: lane.id, from_s: line.timeAt(x), to_s: line.timeAt(x) };
    }
    desk.person = lane.id;
    page.show();
  });

  canvas.addEventListener("pointermove", (e) => {
    const { x, y } = place(e);
    if (!down) {
      const hit = line.isOverview(y) ? null : line.hit(desk.events, x, y);
      canvas.style.cursor = hit ? (hit.edge ? "ew-resize" : "grab") : "crosshair";
      return;
    }
    if (line.isOverview(down.y)) return page.seek(line.overviewTime(x));
    const drag = line.drag;
    if (drag?.kind === "new") drag.to_s = line.timeAt(x);
    else if (drag?.kind === "move") drag.by_s = line.timeAt(x) - down.time_s;
    else if (drag?.kind === "trim") drag.to_s = line.timeAt(x);
    page.show();
  });

  canvas.addEventListener("pointerup", (e) => {
    const drag = line.drag;
    const from = down;
    line.drag = null;
    down = null;
    if (!drag || !from) return;
    const far = Math.abs(place(e).x - from.x) > 3;
    if (drag.kind === "new") {
      if (!far) page.seek(from.time_s);
      else draw(drag, page.armed());
    } else if (far && drag.kind === "move") desk.move(drag.by_s);
    else if (far && drag.kind === "trim") desk.trim(drag.edge, drag.to_s);
    page.show();
  });

  canvas.addEventListener("pointercancel", () => {
    line.drag = null;
    down = null;
  });

  canvas.addEventListener(
    "wheel",
    (e) => {
      const { x } = place(e);
      if (e.ctrlKey || e.metaKey) line.zoom(Math.exp(e.deltaY / 300), line.timeAt(x));
      else if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        const long = line.view.to_s - line.view.from_s;
        line.show(line.view.from_s + (e.deltaX / line.width) * long, long);
      } else return;
      e.preventDefault();
      page.show();
    },
    { passive: false },
  );

  /** @param {{lane: string, from_s: number, to_s: number}} drag @param {string} name */
  function draw(drag, name) {
    if (desk.locked) return desk.out.say(desk.out.words.locked);
    const start = Math.min(drag.from_s, drag.to_s);
    const about = desk.book.get(name)?.about;
    if (about === "person" && !drag.lane) return desk.out.say(desk.out.words.refused_who);
    desk.give([
      { code: name, person: about === "dyad" ? "" : drag.lane, onset_s: start, duration_s: Math.abs(drag.to_s - drag.from_s) },
    ]);
  }
}
