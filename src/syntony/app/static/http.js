// @ts-check
// Requests to our own server: the page's token on everything, errors as problems.

import { ask } from "./using.js";

/** @typedef {import("./types").Problem} Problem */

/** An answer that is not a success; says which fields are wrong. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Problem[]} problems
   */
  constructor(status, problems) {
    super(problems.map((p) => p.message).join(" ") || `The app answered ${status}.`);
    this.status = status;
    this.problems = problems;
  }
}

/** @returns {string} the token of this page */
export function token() {
  const found = document.querySelector('meta[name="syntony-token"]');
  return found?.getAttribute("content") ?? "";
}

/**
 * Ask the server, with JSON or with the bytes of a file.
 *
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]  a Blob is sent as it is, anything else as JSON
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} the JSON of the answer; null where there is none
 */
export async function send(method, url, body, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "X-Syntony-Token": token() };
  /** @type {BodyInit | undefined} */
  let sent;
  if (body instanceof Blob) {
    headers["Content-Type"] = "application/octet-stream";
    sent = body;
  } else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    sent = JSON.stringify(body);
  }
  const answer = await ask(url, { method, headers, body: sent, signal });
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  const found = isJson && text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refused(answer.status, found?.problems ?? []);
  return found;
}

/**
 * The part of the English that the page was given.
 *
 * @param {string} part
 * @returns {Record<string, string>}
 */
export function words(part) {
  const held = document.getElementById("text")?.textContent ?? "{}";
  return JSON.parse(held)[part] ?? {};
}

/**
 * Put values into the braces of a text.
 *
 * @param {string} text
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}
