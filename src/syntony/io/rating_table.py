"""Long tables of ratings: one row a moment and person, many sessions in one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.rated import SELF, rating_kind
from syntony.core.signal import Signal
from syntony.io.axis import find_axis
from syntony.io.text import decode, read_bytes

NEEDED = ("role", "value", "time")
COLUMNS = ("dyad", "session", "person", "rater", *NEEDED)
_MISSING = {"", "na", "n/a", "nan", "null", "."}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongRating:
    """One rating of one person, taken out of a long table.

    Attributes
    ----------
    dyad, session, person : str
        As the table names them; empty where it does not.
    role : str
        Whom the rating is about, as a role.
    rater : str
    signal : Signal
        Of the kind ``<what>_by_<rater>``; ``person`` is that of the table, else the role.
    line : int
        Where it begins.
    notes : tuple of Note
    """

    dyad: str
    session: str
    person: str
    role: str
    rater: str
    signal: Signal
    line: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTable:
    """How a long table is laid out.

    Attributes
    ----------
    columns : mapping of str to str
        What is in which column: ``role`` (whom the rating is about), ``value``, ``time``; and
        ``dyad`` or ``session`` or both, ``person``, ``rater``.
    roles : mapping of str to str
        What the cells of ``role`` mean, such as ``{"1": "woman", "0": "man"}``.
    what : str
        What was rated.
    rater : str
        Who rated, where no column says it: ``self``, a role, or a name.
    time_unit_s, offset_s : float
        Session time in seconds is ``time * time_unit_s + offset_s``.
    unit : str
        Of the values.
    """

    columns: Mapping[str, str]
    what: str
    roles: Mapping[str, str] = field(default_factory=dict)
    rater: str = SELF
    time_unit_s: float = 1.0
    offset_s: float = 0.0
    unit: str = "1"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns) - set(COLUMNS))
        lacking = [n for n in NEEDED if n not in self.columns]
        if unknown:
            raise InputError("columns", unknown, f"some of {list(COLUMNS)}")
        if lacking or not {"dyad", "session"} & set(self.columns):
            raise InputError(
                "columns", sorted(self.columns), "role, value, time, and dyad or session"
            )
        if not (np.isfinite(self.time_unit_s) and self.time_unit_s > 0):
            raise InputError("time_unit_s", self.time_unit_s, "a finite number above 0 s")
        if not np.isfinite(self.offset_s):
            raise InputError("offset_s", self.offset_s, "a finite number of seconds")
        rating_kind(self.what, self.rater)


def read_rating_table(path: Path | str, layout: LongTable) -> tuple[LongRating, ...]:
    r"""Read every rating of a long table.

    Parameters
    ----------
    path : path
        Text with a header, separated by tabs, semicolons or commas.
    layout : LongTable

    Returns
    -------
    tuple of LongRating
        In the order of the table; each evenly sampled, a row that is not there NaN.

    Raises
    ------
    FileError
        With line and column: a column that is not there, a cell that is no number, a role that
        ``roles`` does not know, a time that comes twice for one rating, uneven times, a rating
        of one moment.

    Examples
    --------
    >>> import tempfile
    >>> rows = "couple,female,dial,time\n" + "".join(
    ...     f"7,{f},{v},{t}\n" for f in (1, 0) for t, v in enumerate((2.5, 3.0, 3.5), start=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "dials.csv"
    ...     _ = file.write_text(rows)
    ...     found = read_rating_table(file, LongTable(
    ...         columns={"dyad": "couple", "role": "female", "value": "dial", "time": "time"},
    ...         roles={"1": "woman", "0": "man"}, what="valence", time_unit_s=2, offset_s=-2))
    >>> [(r.dyad, r.role, r.signal.kind, r.signal.rate_hz) for r in found]
    [('7', 'woman', 'valence_by_self', 0.5), ('7', 'man', 'valence_by_self', 0.5)]
    """
    path = Path(path)
    parts: dict[tuple[str, ...], list[tuple[int, float, float]]] = {}
    for line, row in _rows(path, layout):
        role = layout.roles.get(row["role"], "" if layout.roles else row["role"])
        if not role:
            known = sorted(layout.roles) or "a role"
            raise FileError(
                path, repr(row["role"]), f"one of {known}", line=line, column=layout.columns["role"]
            )
        who = tuple(row.get(n, "") for n in ("dyad", "session", "person"))
        rater = row.get("rater") or layout.rater
        time_s = _number(path, line, row, "time", layout) * layout.time_unit_s + layout.offset_s
        if not np.isfinite(time_s):
            column = layout.columns["time"]
            raise FileError(path, "an empty cell", "a time", line=line, column=column)
        value = _number(path, line, row, "value", layout)
        parts.setdefault((*who, role, rater), []).append((line, time_s, value))
    if not parts:
        raise FileError(path, "no rows", "ratings below a header", line=1)
    return tuple(_rating(path, layout, key, held) for key, held in parts.items())


def _rows(path: Path, layout: LongTable) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with the cells that are wanted, by their meaning."""
    text = decode(path, read_bytes(path))
    header = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=max("\t;,", key=header.count))
    names = [n.strip().strip('"') for n in next(rows, [])]
    for meaning, column in layout.columns.items():
        if names.count(column) != 1:
            raise FileError(
                path,
                f"columns {names}",
                f"one column {column!r} ({meaning})",
                line=1,
                column=column,
            )
    places = {meaning: names.index(column) for meaning, column in layout.columns.items()}
    for cells in rows:
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(names):
            found = f"{len(cells)} cells"
            raise FileError(path, found, f"{len(names)}", "Is it cut off?", line=rows.line_num)
        yield rows.line_num, {m: cells[at].strip() for m, at in places.items()}


def _number(
    path: Path, line: int, row: Mapping[str, str], meaning: str, layout: LongTable
) -> float:
    """A cell as a number; what is missing as NaN."""
    cell = row[meaning]
    if cell.lower() in _MISSING:
        return float("nan")
    try:
        if "_" in cell:
            raise ValueError
        value = float(cell)
    except ValueError:
        value = float("inf")
    if np.isinf(value):
        raise FileError(
            path, repr(cell), "a number, or nothing", line=line, column=layout.columns[meaning]
        )
    return value


def _rating(
    path: Path, layout: LongTable, key: tuple[str, ...], held: list[tuple[int, float, float]]
) -> LongRating:
    """Rows of one rating as a signal."""
    dyad, session, person, role, rater = key
    lines = np.array([line for line, _, _ in held])
    times: Array = np.array([t for _, t, _ in held])
    order = np.argsort(times, kind="stable")
    lines, times = lines[order], times[order]
    values: Array = np.array([v for _, _, v in held])[order]
    column = layout.columns["time"]
    if times.size < 2:
        found = f"one moment of {role} ({dyad or session})"
        raise FileError(path, found, "at least two", line=int(lines[0]), column=column)
    twice = np.flatnonzero(np.diff(times) == 0)
    if twice.size:
        raise FileError(
            path,
            f"{times[twice[0]]:g} s again for {role} ({dyad or session}), rated by {rater}",
            "each moment once for one rating",
            "Is there a column that tells sessions or raters apart?",
            line=int(lines[twice[0] + 1]),
            column=column,
        )
    axis = find_axis(path, times, lines, column)
    signal = Signal(
        values=axis.lay(values),
        rate_hz=axis.rate_hz,
        start_s=axis.start_s,
        unit=layout.unit,
        kind=rating_kind(layout.what, rater),
        person=person or role,
    )
    return LongRating(
        dyad=dyad,
        session=session,
        person=person,
        role=role,
        rater=rater,
        signal=signal,
        line=int(lines[0]),
        notes=tuple(axis.notes),
    )
