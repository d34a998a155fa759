"""Who, when and which session a file belongs to: by the pattern of its name, or by a map file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from syntony.core.errors import FileError, InputError
from syntony.pipeline.name_match import Program
from syntony.pipeline.reader_options import known_options

FIELDS = ("dyad", "session", "number", "type", "role", "person", "part", "date")
OPTIONS = ("kind", "unit", "rate_hz", "column", "time_column", "format")
MAP_COLUMNS = ("file", *FIELDS[:-1], *OPTIONS, "offset_s")  # and the options of readers
_OURS = {"file", *FIELDS, "offset_s"}
NUMBERS = {"number", "part"}
_DAY, _TIME, _SECOND = r"\d{4}-?\d\d-?\d\d", r"[ T_]+\d\d[-:.h]?\d\d", r"[-:.m]?\d\d"
DATES = (_DAY + _TIME + _SECOND, _DAY + _TIME, _DAY)
DATE = "|".join(DATES)
MOST_ANY, MOST_OPTIONAL, MOST_STEPS = 4, 8, 300_000
PIECE = re.compile(r"\{(\w+)\}|(\s+)|(\[)|(\])|([^\s{}\[\]]+)|(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one file (or of one column of it) before it is opened.

    Attributes
    ----------
    path : Path
        A file, or a folder that is one recording.
    dyad, session, type, role, person : str
        ``""`` where nothing says it.
    number, part : int or None
    started_at : datetime or None
        From the name, if it holds a date with a time; naive.
    started_at_error_s : float
        Half the resolution of that stamp; NaN without.
    offset_s : float or None
    options : mapping of str to str
        For the reader: kind, unit, rate_hz, column, time_column, format.
    """

    path: Path
    dyad: str = ""
    session: str = ""
    type: str = ""
    role: str = ""
    person: str = ""
    number: int | None = None
    part: int | None = None
    started_at: datetime | None = None
    started_at_error_s: float = float("nan")
    offset_s: float | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of file names, compiled.

    Attributes
    ----------
    text : str
    program : Program
    depth : int
        How many trailing pieces of the path it describes.
    of_folders : bool
        Whether it ends in ``/`` and so describes folders that are one recording each.
    """

    text: str
    program: Program
    depth: int
    of_folders: bool

    def match(self, path: Path) -> dict[str, str] | None:
        """Fields of this path, or None where the pattern does not fit."""
        return self.tried(path)[0]

    def tried(self, path: Path) -> tuple[dict[str, str] | None, int]:
        """The same, and how many steps it took."""
        return self.program.match("/".join(path.parts[-self.depth :]))


def compile_pattern(text: str, values: Mapping[str, Mapping[str, str]] | None = None) -> Pattern:
    """Compile a pattern such as ``{dyad}_{session}_{role}.csv``.

    Fields stand in braces: dyad, session, number, type, role, person, part, date, and
    ``{_}`` for anything. What stands in square brackets may be absent. A blank fits one blank or
    several. With a ``/`` the folder is described too; a ``/`` at the end means that folders,
    not files, are the recordings. Fields hold no blank, underscore or slash, except date
    (``2024-05-01``, ``2024-05-01 10-00-00``) and ``{_}``. At most four ``{_}`` and eight parts
    in brackets.

    Parameters
    ----------
    text : str
    values : mapping of field to mapping of str to str, optional
        What the short forms in names mean, such as ``{"role": {"k": "woman"}}``. Two
        fields side by side need it for one of them, unless one is a number.

    Raises
    ------
    InputError
        If a field is unknown or used twice, or two free fields stand side by side.

    Examples
    --------
    >>> p = compile_pattern("{number}{role}{dyad}[_{part}] {date}.txt", {"role": {"k": "woman"}})
    >>> p.match(Path("data/2k5  2023-10-04 23-15-21.txt"))
    {'number': '2', 'role': 'k', 'dyad': '5', 'date': '2023-10-04 23-15-21'}
    """
    pieces = list(PIECE.finditer(text.rstrip("/")))
    _check_fields(text, pieces, values or {})
    program = Program()
    balanced = True
    for at, piece in enumerate(pieces):
        name, blank, opened, closed, literal, _ = piece.groups()
        if name:
            beside = [p.group(1) for p in pieces[max(0, at - 1) : at + 2]]
            crowded = sum(bool(b) for b in beside) > 1
            _add_field(program, name, (values or {}).get(name, {}), crowded)
        elif blank:
            program.repeat(r"\s")
        elif opened:
            program.open()
        elif closed:
            balanced = program.close() and balanced
        else:
            program.take(re.escape(literal))
    if not (balanced and program.is_whole):
        raise InputError("pattern", text, "brackets in pairs: [optional]")
    depth = text.rstrip("/").count("/") + 1
    return Pattern(text, program, depth, text.endswith("/"))


def _check_fields(
    text: str, pieces: Sequence[re.Match[str]], values: Mapping[str, Mapping[str, str]]
) -> None:
    names = [p.group(1) for p in pieces if p.group(1)]
    stray = [p.group(6) for p in pieces if p.group(6)]
    unknown = [n for n in names if n not in (*FIELDS, "_")] + stray
    if unknown:
        raise InputError("pattern", unknown[0], f"fields of {', '.join(FIELDS)}, or {{_}}")
    twice = {n for n in names if n != "_" and names.count(n) > 1}
    if twice or not names:
        raise InputError("pattern", text, "every field at most once, and at least one field")
    optional = sum(bool(p.group(3)) for p in pieces)
    if names.count("_") > MOST_ANY or optional > MOST_OPTIONAL:
        most = f"at most {MOST_ANY} times {{_}} and {MOST_OPTIONAL} parts in [ ]"
        raise InputError("pattern", text, most)
    for name in values:
        if name not in FIELDS:
            raise InputError("values", name, f"one of the fields {', '.join(FIELDS)}")
    fixed = {*NUMBERS, "date", *values}
    for left, right in pairwise(pieces):
        pair = (left.group(1), right.group(1))
        if all(pair) and (not fixed.intersection(pair) or NUMBERS.issuperset(pair)):
            raise InputError(
                "pattern",
                f"{{{pair[0]}}}{{{pair[1]}}}",
                "something between two fields",
                f"Or say what {{{pair[0]}}} can be, for example --map {pair[0]} a=first.",
            )


def _add_field(program: Program, name: str, known: Mapping[str, str], crowded: bool) -> None:
    """Steps of one field; what it can be narrows it only beside another field."""
    if name == "_":
        program.repeat(".", least=False, lazy=True)
        return
    program.mark(name)
    if name == "date":
        program.one_of(DATES)
    elif name in NUMBERS:
        program.up_to(9, r"\d", lazy=crowded)
    elif known and crowded:
        program.one_of([re.escape(k) for k in sorted(known, key=len, reverse=True)])
    else:
        program.repeat(r"[^/\s_]", lazy=True)
    program.mark(name)


def entry_by_pattern(
    path: Path, pattern: Pattern, values: Mapping[str, Mapping[str, str]]
) -> Entry | None:
    """Read what the name of a file says, or None where the pattern does not fit.

    Without a session or a number, the day of the date is the session.

    Raises
    ------
    InputError
        If a field holds a value that its map does not know.
    FileError
        If a date in the name is none.
    """
    found = pattern.match(path)
    return None if found is None else _entry_of_name(path, found, values)


def _entry_of_name(
    path: Path, found: dict[str, str], values: Mapping[str, Mapping[str, str]]
) -> Entry:
    """What the fields of a name say."""
    for name, known in values.items():
        if name in found and found[name] not in known:
            given = f"{found[name]} in {path.name}"
            raise InputError(name, given, f"one of {sorted(known)}", "Add it to the map.")
        if name in found:
            found[name] = known[found[name]]
    words = {k: v for k, v in found.items() if k not in {*NUMBERS, "date"}}
    stamp, error_s = _stamp(path, found.get("date", ""))
    if "date" in found and not {"session", "number"} & set(found):
        words["session"] = re.sub(r"\D", "", found["date"])[:8]
    return replace(
        Entry(path=path, **words),  # type: ignore[arg-type]
        number=int(found["number"]) if "number" in found else None,
        part=int(found["part"]) if "part" in found else None,
        started_at=stamp,
        started_at_error_s=error_s,
    )


def read_names(
    names: Iterable[str], text: str, values: Mapping[str, Mapping[str, str]] | None = None
) -> list[tuple[str, dict[str, str] | None]]:
    """Say what a pattern reads from each name, so that a person can look at it.

    Parameters
    ----------
    names : iterable of str
        Files, with the folders they lie in.
    text : str
        A pattern; see `compile_pattern`.
    values : mapping of field to mapping of str to str, optional
        What the short forms in names mean.

    Returns
    -------
    list of (str, dict or None)
        The name, and field to value; None where the pattern does not fit.

    Raises
    ------
    InputError
        If the pattern is wrong or needs too much trying, or a name holds a short form that
        ``values`` does not know.

    Examples
    --------
    >>> read_names(["d01_k.csv", "notes.txt"], "{dyad}_{role}.csv", {"role": {"k": "woman"}})
    [('d01_k.csv', {'dyad': 'd01', 'role': 'woman'}), ('notes.txt', None)]
    """
    pattern = compile_pattern(text, values)
    paths = [Path(n) for n in names]
    if pattern.of_folders:
        paths = list(dict.fromkeys(up for p in paths for up in reversed(p.parents[:-1])))
    out: list[tuple[str, dict[str, str] | None]] = []
    steps = 0
    for path in paths:
        found, tried = pattern.tried(path)
        steps += tried
        if steps > MOST_STEPS:
            raise InputError("pattern", text, "a pattern that fits with less trying", "Fewer {_}.")
        if found is None:
            out.append((path.as_posix(), None))
            continue
        entry = _entry_of_name(path, found, values or {})
        told = {n: getattr(entry, n) for n in FIELDS[:-1]}
        told["date"] = entry.started_at.isoformat(" ") if entry.started_at else ""
        read = {n: str(v) for n, v in told.items() if v not in ("", None)}
        out.append((path.as_posix(), read))
    return out


def _stamp(path: Path, text: str) -> tuple[datetime | None, float]:
    """Start stamp and half its resolution; none from a date without a time of day."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < 12:
        return None, float("nan")
    form, error_s = ("%Y%m%d%H%M%S", 0.5) if len(digits) == 14 else ("%Y%m%d%H%M", 30.0)
    try:
        return datetime.strptime(digits, form), error_s
    except ValueError:
        raise FileError(path, f"{text!r} in its name", "a date and time that exist") from None


def read_map(map_file: Path | str, roots: Iterable[Path] = ()) -> list[Entry]:
    """Read a map file: one row per file, or per column of a file.

    Parameters
    ----------
    map_file : path
        Table with a header, separated by tabs, semicolons or commas. Columns: file, role,
        and dyad or session; optional: number, type, part, person, kind, unit, rate_hz,
        column, time_column, format, offset_s, and any option of a reader, such as channels
        (``GSR=eda, ECG=ecg``), units (``GSR=kOhm``) or device. Empty or ``n/a``: not said.
    roots : iterable of Path
        Folders in which the files are looked for first; then beside the map file.

    Raises
    ------
    FileError
        If the map or a file of it is missing, a column is unknown, or a row says too little.
    """
    map_file = Path(map_file)
    if not map_file.is_file():
        raise FileError(map_file, "no such file", "a map file", "Check the path.")
    text = map_file.read_text(encoding="utf-8-sig")
    header = text.split("\n", 1)[0]
    separator = max("\t;,", key=header.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    names = [name.strip() for name in next(rows, [])]
    _check_map(map_file, names)
    folders = [*(r for r in roots if r.is_dir()), map_file.parent]
    entries = []
    for line, cells in enumerate(rows, start=2):
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(names):
            raise FileError(map_file, f"{len(cells)} cells", f"{len(names)} cells", line=line)
        row = {n: c.strip() for n, c in zip(names, cells, strict=True)}
        told = {n: c for n, c in row.items() if c and c.lower() != "n/a"}
        entries.append(_entry_of_row(map_file, line, told, folders))
    if not entries:
        raise FileError(map_file, "no rows", "one row per file")
    return entries


def _check_map(map_file: Path, names: Sequence[str]) -> None:
    of_readers = known_options()
    for name in names:
        if name not in MAP_COLUMNS and name not in of_readers:
            known = ", ".join(MAP_COLUMNS)
            raise FileError(map_file, f"column {name!r}", f"columns of {known}", line=1)
    if not {"file", "role"} <= set(names) or not {"dyad", "session"} & set(names):
        raise FileError(
            map_file, f"columns {list(names)}", "file, role, and dyad or session", line=1
        )


def _entry_of_row(
    map_file: Path, line: int, told: Mapping[str, str], folders: Sequence[Path]
) -> Entry:
    for name in ("file", "role"):
        if name not in told:
            raise FileError(map_file, "an empty cell", "a value", line=line, column=name)
    if "dyad" not in told and "session" not in told:
        raise FileError(map_file, "neither", "a dyad or a session", line=line)
    paths = [folder / told["file"] for folder in folders]
    path = next((p for p in paths if p.exists()), None)
    if path is None:
        hint = "Paths count from the folder given, or from that of the map file."
        raise FileError(map_file, told["file"], "a file that is there", hint, line=line)
    numbers = {n: _number(map_file, line, n, told) for n in ("number", "part", "offset_s")}
    whole = {n: None if v is None else int(v) for n, v in numbers.items() if n != "offset_s"}
    words = {n: told[n] for n in ("dyad", "session", "type", "role", "person") if n in told}
    entry = Entry(path=path, offset_s=numbers["offset_s"], **whole)  # type: ignore[arg-type]
    options = {n: v for n, v in told.items() if n not in _OURS}  # `_check_map` knows the others
    return replace(entry, options=options, **words)  # type: ignore[arg-type]


def _number(map_file: Path, line: int, name: str, told: Mapping[str, str]) -> float | None:
    if name not in told:
        return None
    whole = name != "offset_s"
    try:
        return int(told[name]) if whole else float(told[name].replace(",", "."))
    except ValueError:
        expected = "a whole number" if whole else "seconds"
        raise FileError(map_file, repr(told[name]), expected, line=line, column=name) from None
