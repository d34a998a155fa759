// @ts-check
// The report page: another page at once when it is chosen, and figures as PNG by the canvas.

import { words } from "../http.js";
import { canvasSize } from "./size.js";

const said = words("report");
const problem = document.getElementById("figure-problem");

const page = document.getElementById("page");
page?.addEventListener("change", () => /** @type {HTMLSelectElement} */ (page).form?.submit());

// Another page was opened by a link inside the report: what can be taken along is that page's.
const frame = /** @type {HTMLIFrameElement | null} */ (document.getElementById("frame"));
frame?.addEventListener("load", () => {
  const path = frame.contentWindow?.location.pathname ?? "";
  const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  const select = /** @type {HTMLSelectElement | null} */ (page);
  const isKnown = [...(select?.options ?? [])].some((o) => o.value === name);
  if (!select || !isKnown || name === new URL(frame.src).pathname.split("/").pop()) return;
  window.location.replace(`${window.location.pathname}?page=${encodeURIComponent(name)}`);
});

/**
 * @param {string} url
 * @returns {Promise<HTMLImageElement>}
 */
function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(image));
    image.addEventListener("error", () => reject(new Error(said.png_failed)));
    image.src = url;
  });
}

/**
 * Draw a figure on a canvas and have the browser save it.
 *
 * @param {HTMLElement} button
 */
async function savePng(button) {
  const { png = "", name = "figure.png", width = "", height = "" } = button.dataset;
  const image = await load(png);
  const size = canvasSize(Number(width), Number(height));
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error(said.png_failed);
  pen.drawImage(image, 0, 0, size.width, size.height);
  const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!(made instanceof Blob)) throw new Error(said.png_failed);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(made);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

for (const found of document.querySelectorAll("button[data-png]")) {
  const button = /** @type {HTMLButtonElement} */ (found);
  button.addEventListener("click", async () => {
    if (problem) problem.hidden = true;
    try {
      await savePng(button);
    } catch (error) {
      if (!problem) return;
      problem.textContent = error instanceof Error ? error.message : said.png_failed;
      problem.hidden = false;
    }
  });
}
