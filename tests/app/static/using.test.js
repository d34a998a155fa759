// Whether somebody uses the page: deeds, films that come on, and the way to the log-in and back.

import assert from "node:assert/strict";
import { test } from "node:test";

/** Hold time, the page and the network still; the module is read anew. */
async function made({ idles = true, status = 200, path = "/code/d01s01", search = "?coder=kim" } = {}) {
  const now = { ms: 0 };
  const seen = { asked: [], went: [], blurred: 0, store: new Map() };
  const heard = new Map();
  globalThis.HTMLElement = class {
    blur() {
      seen.blurred += 1;
    }
  };
  Object.defineProperty(globalThis, "performance", { value: { now: () => now.ms }, configurable: true });
  globalThis.document = { body: { dataset: idles ? { idles: "" } : {} }, activeElement: new globalThis.HTMLElement() };
  globalThis.window = {
    addEventListener: (kind, hear) => heard.set(kind, hear),
    sessionStorage: {
      getItem: (k) => seen.store.get(k) ?? null,
      setItem: (k, v) => seen.store.set(k, v),
      removeItem: (k) => seen.store.delete(k),
    },
    location: { pathname: path, search, assign: (to) => seen.went.push(to) },
  };
  globalThis.fetch = async (url, options) => {
    seen.asked.push({ url, ...options });
    return { status };
  };
  const using = await import(`../../../src/syntony/app/static/using.js?${Math.random()}`);
  return { using, now, seen, heard };
}

test("a request says how long ago somebody did something", async () => {
  const { using, now, seen, heard } = await made();
  now.ms = 30_000;
  await using.ask("/api/jobs/1", { headers: { Accept: "application/json" } });
  assert.deepEqual(seen.asked[0].headers, { "X-Syntony-Idle": "30.0", Accept: "application/json" });
  assert.equal(seen.asked[0].credentials, "same-origin");
  heard.get("keydown")({ isTrusted: false }); // made by a script
  assert.equal(using.idleS(), 30);
  heard.get("keydown")({ isTrusted: true });
  assert.equal(using.idleS(), 0);
});

test("a film that comes on is watched, one that loops is not for ever", async () => {
  const { using, now, heard } = await made();
  const film = { currentTime: 5 };
  now.ms = 10_000;
  heard.get("timeupdate")({ target: film });
  assert.equal(using.idleS(), 0);
  now.ms = 20_000;
  film.currentTime = 1; // back to the beginning of the loop
  heard.get("timeupdate")({ target: film });
  film.currentTime = 5;
  heard.get("timeupdate")({ target: film });
  assert.equal(using.idleS(), 10);
  film.currentTime = 5.1;
  heard.get("timeupdate")({ target: film });
  assert.equal(using.idleS(), 0);
});

test("a page whose log-in has ended hands over what is typed, and goes to the door once", async () => {
  const { using, seen } = await made({ status: 401 });
  await using.ask("/api/here");
  await using.ask("/api/here");
  assert.deepEqual(seen.went, ["/enter"]);
  assert.equal(seen.blurred, 1);
  assert.equal(using.wayBack(), "/code/d01s01?coder=kim");
  assert.equal(using.wayBack(), "/");
});

test("without accounts the page stays, and waits to be let in again", async () => {
  const { using, seen } = await made({ status: 401, idles: false });
  assert.equal((await using.ask("/api/here")).status, 401);
  assert.deepEqual(seen.went, []);
});

test("other refusals lead nowhere, and the way back is on this site", async () => {
  const { using, seen } = await made({ status: 403 });
  await using.ask("/api/here");
  assert.deepEqual(seen.went, []);
  for (const odd of ["//evil.example", "https://evil.example", "javascript:alert(1)"]) {
    seen.store.set("syntony-back", odd);
    assert.equal(using.wayBack(), "/", odd);
  }
});
