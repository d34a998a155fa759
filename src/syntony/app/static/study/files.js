// @ts-check
// What was dropped, and what the form says.

/**
 * All files of a drop, those in folders too, with the folders in their names.
 *
 * @param {DataTransfer | null} dropped
 * @returns {Promise<{name: string, file: File}[]>}
 */
export async function gather(dropped) {
  /** @type {{name: string, file: File}[]} */
  const found = [];
  const held = Array.from(dropped?.items ?? [], (item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(), // asked for now: after the first wait the drop is empty
  }));
  for (const { entry, file } of held) {
    if (entry) await walk(entry, "", found);
    else if (file) found.push({ name: file.name, file });
  }
  return found;
}

/**
 * All files of a choice, with the folders in their names.
 *
 * @param {FileList | null} files
 * @returns {{name: string, file: File}[]}
 */
export function chosen(files) {
  return Array.from(files ?? [], (file) => ({ name: file.webkitRelativePath || file.name, file })).filter(
    ({ name }) => !name.split("/").some(isOfSystem),
  );
}

/**
 * Whether a file or folder was put there by the system, as ``.DS_Store`` is, and by no recorder.
 *
 * @param {string} name  without its folders
 */
function isOfSystem(name) {
  return name.startsWith(".") || /^(thumbs\.db|desktop\.ini|__MACOSX)$/i.test(name);
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {{name: string, file: File}[]} found
 */
async function walk(entry, above, found) {
  if (isOfSystem(entry.name)) return;
  const name = above + entry.name;
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    const file = await new Promise((done, refuse) => one.file(done, refuse));
    found.push({ name, file });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, refuse) => reader.readEntries(done, refuse));
    if (some.length === 0) return; // a browser gives at most a hundred at a time
    for (const one of some) await walk(one, `${name}/`, found);
  }
}

/**
 * Options of an import from the form; what is empty is left out.
 *
 * @param {FormData} form
 * @returns {Record<string, unknown>}
 */
export function optionsFrom(form) {
  /** @param {string} name */
  const word = (name) => String(form.get(name) ?? "").trim();
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of ["pattern", "kind", "unit", "time_column", "zone", "title"]) if (word(name)) options[name] = word(name);
  if (word("rate_hz")) options.rate_hz = Number(word("rate_hz"));
  const values = word("values").split("\n").map((line) => shortForms(line)).filter((v) => v !== null);
  if (values.length > 0) options.values = Object.fromEntries(values);
  const roles = word("roles").split(/[,;]\s*/).filter(Boolean);
  if (roles.length > 0) options.roles = roles;
  const columns = word("columns").split(/[,;]\s*/).filter(Boolean);
  const named = columns.filter((c) => c.includes("=")).map((c) => c.split("=", 2).map((p) => p.trim()));
  if (named.length > 0) options.columns = Object.fromEntries(named);
  else if (columns.length === 1) options.column = columns[0];
  const lines = word("settings").split("\n").map((line) => line.trim()).filter(Boolean);
  const settings = lines.map((line) => [line.split("=", 1)[0].trim(), line.slice(line.indexOf("=") + 1).trim()]);
  if (settings.length > 0) options.settings = Object.fromEntries(settings);
  if (form.get("together")) options.together = true;
  if (word("common") && word("common_kind")) options[word("common")] = word("common_kind");
  return options;
}

/**
 * What the short forms of one field mean: ``role: k=woman, m=man``.
 *
 * @param {string} line
 * @returns {[string, Record<string, string>] | null} null where the line holds nothing
 */
function shortForms(line) {
  if (!line.trim()) return null;
  const at = line.indexOf(":");
  const field = at < 0 ? "" : line.slice(0, at).trim();
  const pairs = line.slice(at + 1).split(/[,;]/).map((p) => p.split("=", 2).map((w) => w.trim()));
  return [field, Object.fromEntries(pairs.filter((p) => p[0]).map(([k, v]) => [k, v ?? ""]))];
}
