// @ts-check

/** @typedef {import("../types").Review} Review */
/** @typedef {import("../types").Channel} Channel */
/** @typedef {import("../types").Series} Series */

/**
 * One lane: all people's signals of one kind and source.
 * @typedef {object} LaneSpec
 * @property {string} key
 * @property {"feature" | "recording" | "events"} source
 * @property {string} title
 * @property {string} unit
 * @property {{place: number, role: string, channel: Channel | null, series: Series | null}[]} traces
 */

/**
 * Lanes of a session: what was compared first, then what was recorded, in the order it comes.
 * Where one person has two channels of a kind, the second gets a lane of its own.
 * @param {Pick<Review, "channels" | "events" | "people">} review
 * @returns {LaneSpec[]}
 */
export function lanesOf(review) {
  const places = new Map(review.people.map((p, k) => [p.id, k]));
  /** @type {Map<string, LaneSpec>} */
  const lanes = new Map();
  /**
   * @param {LaneSpec["source"]} source
   * @param {Channel | Series} one
   * @param {Channel | null} channel
   * @param {Series | null} series
   */
  const put = (source, one, channel, series) => {
    const place = places.get(one.person) ?? review.people.length;
    for (let copy = 0; ; copy += 1) {
      const key = `${source}/${one.kind}/${copy}`;
      const lane = lanes.get(key) ?? { key, source, title: one.title, unit: one.unit, traces: [] };
      if (lane.traces.some((t) => t.place === place)) continue;
      lane.traces.push({ place, role: one.role, channel, series });
      lanes.set(key, lane);
      return;
    }
  };
  const featured = review.channels.filter((c) => c.source === "feature");
  // two people may be compared on different signals: they share the lane all the same
  for (const c of featured) put("feature", { ...c, kind: "compared" }, c, null);
  for (const c of review.channels) if (c.source === "recording") put("recording", c, c, null);
  for (const e of review.events) if (e.count) put("events", e, null, e);
  const all = [...lanes.values()];
  for (const lane of all) {
    lane.traces.sort((a, b) => a.place - b.place);
    const titles = [...new Set(lane.traces.map((t) => (t.channel ?? t.series)?.title ?? ""))];
    const units = [...new Set(lane.traces.map((t) => (t.channel ?? t.series)?.unit ?? ""))];
    lane.title = titles.join(" / ");
    lane.unit = units.join(" / ");
  }
  return all;
}

/**
 * Codes with a word for whom they are about where that is no single person: everybody together,
 * or nobody, where they are phases of the session.
 * @param {Pick<Review, "codes" | "people">} review
 * @param {Record<string, string>} text
 * @returns {Review["codes"]}
 */
export function namedCodes(review, text) {
  const together = review.people.length > 2 ? text.everybody : text.both;
  return review.codes.map((c) => (c.person ? c : { ...c, role: c.coder ? together : text.phases }));
}

/**
 * Codes that are given at a time, one line a person and coder.
 * @param {Review["codes"]} codes
 * @param {number} start
 * @param {number} stop
 */
export function codesIn(codes, start, stop) {
  /** @type {Map<string, Map<string, number>>} */
  const found = new Map();
  for (const code of codes) {
    const shared = Math.min(code.stop_s, stop) - Math.max(code.start_s, start);
    if (shared <= 0) continue;
    const who = code.coder ? `${code.role} (${code.coder})` : code.role;
    const labels = found.get(who) ?? new Map();
    labels.set(code.label, (labels.get(code.label) ?? 0) + shared);
    found.set(who, labels);
  }
  return [...found].map(([who, labels]) => ({
    who,
    labels: [...labels].sort((a, b) => b[1] - a[1]).map(([label, seconds]) => ({ label, seconds })),
  }));
}
