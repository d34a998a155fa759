// @ts-check
// A recording that a browser cannot play: which, why, and the command that makes one which it can.

import { fill, words } from "./http.js";

/**
 * @param {{name: string, trouble: string, remedy: string}} film
 */
export function troubleBox(film) {
  const text = words("films");
  const box = document.createElement("div");
  box.className = "note trouble";
  const what = document.createElement("p");
  what.textContent = fill(text.trouble, { name: film.name, trouble: film.trouble });
  box.append(what);
  if (film.remedy) {
    const how = document.createElement("p");
    how.textContent = text.remedy;
    const command = document.createElement("pre");
    const code = document.createElement("code");
    code.textContent = film.remedy;
    command.append(code);
    box.append(how, command);
  }
  return box;
}
