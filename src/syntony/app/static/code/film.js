// @ts-check
// The recordings of a session beside the codes: which is watched, and what does not play.

import { fill, words } from "../http.js";
import { troubleBox } from "../trouble.js";

/** @typedef {import("../types").FilmShape} Film */

/**
 * Open the first recording that plays, and name those that do not with the command that helps.
 *
 * @param {Film[]} films
 * @param {(id: string) => HTMLElement} at
 * @returns {{film: HTMLVideoElement | null, offset_s: number, rate_hz: number | null, cameras: Film[]}}
 */
export function openFilm(films, at) {
  const cameras = films.filter((f) => f.url);
  for (const one of films.filter((f) => !f.url)) at("troubles").append(troubleBox(one));
  at("no-film").hidden = cameras.length > 0;
  if (!cameras.length) return { film: null, offset_s: 0, rate_hz: null, cameras };
  const film = /** @type {HTMLVideoElement} */ (at("film"));
  film.src = cameras[0].url;
  at("screen").hidden = false;
  film.addEventListener("error", () => {
    at("no-film").hidden = false;
    at("no-film").textContent = fill(words("films").fails, { name: film.dataset.name ?? "" });
    const failed = cameras.find((c) => c.name === film.dataset.name);
    if (failed?.remedy) at("troubles").replaceChildren(troubleBox({ ...failed, trouble: words("films").unplayable }));
  });
  film.addEventListener("loadeddata", () => (at("no-film").hidden = true));
  film.dataset.name = cameras[0].name;
  return { film, offset_s: cameras[0].offset_s, rate_hz: cameras[0].rate_hz, cameras };
}

/**
 * Offer the other cameras, where there are several.
 *
 * @param {Film[]} cameras
 * @param {import("./player.js").Player} player
 * @param {(id: string) => HTMLElement} at
 */
export function offerCameras(cameras, player, at) {
  const chooser = /** @type {HTMLSelectElement} */ (at("camera"));
  at("camera-field").hidden = cameras.length < 2;
  chooser.replaceChildren(...cameras.map((c, k) => new Option(c.name, String(k))));
  chooser.addEventListener("change", () => {
    const chosen = cameras[Number(chooser.value)];
    if (player.film) player.film.dataset.name = chosen.name;
    player.change(chosen);
  });
}
