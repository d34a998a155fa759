// @ts-check
// What every page has: the theme button, the way out, and that it ends with its log-in.

import { send } from "./http.js";

const HERE_S = 60;

const theme = document.getElementById("theme");

/** @returns {"light" | "dark"} the theme that is shown now */
function shown() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

theme?.setAttribute("aria-pressed", String(shown() === "dark"));
theme?.addEventListener("click", () => {
  const next = shown() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  window.localStorage.setItem("syntony-theme", next);
  theme.setAttribute("aria-pressed", String(next === "dark"));
  document.dispatchEvent(new CustomEvent("syntony-theme"));
});

const here = document.querySelector(".bar nav [aria-current]"); // on a small screen the bar scrolls
here?.closest("ul")?.scrollTo({ left: /** @type {HTMLElement} */ (here).offsetLeft - 80 });

document.getElementById("leave")?.addEventListener("click", async () => {
  await send("POST", "/api/leave");
  window.location.assign("/enter");
});

// Tells the app of a film that is watched; and a page that nobody uses learns that its log-in ended.
if ("idles" in document.body.dataset) {
  window.setInterval(() => void send("GET", "/api/here").catch(() => {}), 1000 * HERE_S);
}
