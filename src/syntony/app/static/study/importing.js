// @ts-check
// Bringing recordings in: drop or choose, send, see the plan, carry it out.

import { follow } from "../jobs.js";
import { Refused, fill, send } from "../http.js";
import { chosen, gather, optionsFrom } from "./files.js";
import { row, showInside, watchUnits } from "./looking.js";
import { watchNames } from "./naming.js";

/**
 * @param {HTMLElement} box  where the progress is shown
 * @param {Record<string, string>} text
 */
export function watchImport(box, text) {
  const drop = /** @type {HTMLElement} */ (document.getElementById("drop"));
  const form = /** @type {HTMLFormElement} */ (document.getElementById("import"));
  const plan = /** @type {HTMLElement} */ (document.getElementById("plan"));
  const said = /** @type {HTMLElement} */ (document.getElementById("dropped"));
  const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));
  const carry = /** @type {HTMLButtonElement} */ (plan.querySelector(".do"));
  const leaveOut = /** @type {HTMLInputElement} */ (plan.querySelector(".leave-out"));
  const inside = /** @type {HTMLElement} */ (document.getElementById("inside"));
  const named = /** @type {HTMLElement} */ (document.getElementById("names"));
  let upload = "";
  const readNames = watchNames(form, named, () => upload, text);
  watchUnits(form);

  /** @param {{name: string, file: File}[]} files */
  async function take(files) {
    if (files.length === 0) return;
    plan.hidden = true;
    inside.hidden = true;
    problem.hidden = true;
    try {
      upload = (await send("POST", "/api/uploads")).id;
      const refused = await sendAll(files);
      said.textContent = fill(text.sent, { count: files.length - refused.length });
      if (refused.length) said.textContent += " " + fill(text.not_taken, { files: refused.join(" ") });
      if (refused.length === files.length) return;
      const looked = await follow(await send("POST", `/api/uploads/${upload}/look`), box);
      if (looked.state === "finished") showInside(/** @type {any} */ (looked.result), inside, form, text);
      else said.textContent = looked.message || text.stopped;
      form.hidden = false;
      document.body.classList.add("importing");
      /** @type {HTMLInputElement} */ (form.elements.namedItem("pattern")).focus();
      readNames();
    } catch (error) {
      said.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /**
   * Send file by file; one whose name is refused is left out, and told.
   *
   * @param {{name: string, file: File}[]} files
   * @returns {Promise<string[]>} what was said of those left out
   */
  async function sendAll(files) {
    /** @type {string[]} */
    const refused = [];
    let done = 0;
    for (const { name, file } of files) {
      try {
        await send("PUT", `/api/uploads/${upload}/files?name=${encodeURIComponent(name)}`, file);
      } catch (error) {
        if (!(error instanceof Refused && error.status === 422)) throw error;
        refused.push(error.message);
      }
      done += 1;
      said.textContent = fill(text.sending, { done, total: files.length });
    }
    return refused;
  }

  for (const event of ["dragenter", "dragover"]) {
    drop.addEventListener(event, (e) => {
      e.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    await take(await gather(event.dataTransfer));
  });
  for (const id of ["files", "folder"]) {
    const input = /** @type {HTMLInputElement} */ (document.getElementById(id));
    input.addEventListener("change", () =>
      take(chosen(input.files)),
    );
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ended = await work("plan");
    if (ended) show(ended.result);
  });
  carry.addEventListener("click", async () => {
    if (await work("import")) window.location.reload();
  });
  form.querySelector(".cancel")?.addEventListener("click", async () => {
    await send("DELETE", `/api/uploads/${upload}`);
    upload = "";
    form.hidden = true;
    plan.hidden = true;
    inside.hidden = true;
    document.body.classList.remove("importing");
    said.textContent = "";
  });

  /**
   * @param {"plan" | "import"} what
   * @returns {Promise<import("../types").Job | null>} the finished job
   */
  async function work(what) {
    problem.hidden = true;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    try {
      const options = { ...optionsFrom(new FormData(form)), leave_out_problems: leaveOut.checked };
      const ended = await follow(await send("POST", `/api/uploads/${upload}/${what}`, options), box);
      if (ended.state === "finished") return ended;
      complain(ended.message || text.stopped, [ended.field]);
    } catch (error) {
      const fields = error instanceof Refused ? error.problems.map((p) => p.field) : [];
      complain(error instanceof Error ? error.message : String(error), fields);
    }
    return null;
  }

  /**
   * @param {string} message
   * @param {string[]} fields
   */
  function complain(message, fields) {
    problem.textContent = message;
    problem.hidden = false;
    for (const name of fields) {
      const field = name ? form.elements.namedItem(name) : null;
      if (field instanceof HTMLElement) field.setAttribute("aria-invalid", "true");
    }
  }

  /** @param {any} found  the plan as ``syntony import --json`` prints it */
  function show(found) {
    const body = /** @type {HTMLTableElement} */ (plan.querySelector("table")).tBodies[0];
    body.replaceChildren(
      ...found.sessions.map((/** @type {any} */ s) =>
        row([
          s.session,
          s.people.map((/** @type {any} */ p) => `${p.role} ${p.id}`).join(", "),
          [...new Set(s.files.map((/** @type {any} */ f) => f.file))].join(", "),
          s.overlap_s === null ? "–" : (s.overlap_s / 60).toFixed(1),
          s.why ? `${s.state}: ${s.why}` : s.state,
        ], [3]),
      ),
    );
    /** @type {HTMLElement} */ (plan.querySelector(".unused-box")).hidden = !found.unused.length;
    const unused = /** @type {HTMLElement} */ (plan.querySelector(".unused"));
    unused.replaceChildren(
      ...found.unused.map((/** @type {any} */ u) => item(`${u.file}: ${u.why}`)),
    );
    /** @type {HTMLElement} */ (plan.querySelector(".noticed ul")).replaceChildren(...found.noted.map(item));
    /** @type {HTMLElement} */ (plan.querySelector(".noticed")).hidden = !found.noted.length;
    /** @type {HTMLElement} */ (plan.querySelector(".plan-summary")).textContent = found.summary.join(" ");
    plan.hidden = false;
    document.getElementById("plan-title")?.focus();
  }
}

/**
 * @param {string} text
 * @returns {HTMLLIElement}
 */
function item(text) {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}
