"""Continuous ratings of CARMA (one axis) and DARMA (two axes)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.signal import Signal
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import Peek, Row, low, read_rows, seconds_in
from syntony.io.codes.value import CodeFile, Media, Tier

_RULE = "%%%%%%"
_UNEVEN_S = 1e-3


def _sniff(peek: Peek) -> bool:
    """Claim ratings: CARMA's facts above, or its older columns."""
    first = low(peek.rows[0].cells) if peek.rows else ()
    return first[:1] == ("time of rating",) or bool(peek.header("Lower Label", "Second", "Rating"))


@code_reader(
    name="carma",
    title="CARMA and DARMA ratings",
    suffixes=(".csv", ".xlsx", ".xls"),
    sniff=_sniff,
    source="layouts by the public source of CARMA and DARMA and its example files",
)
def read_carma(path: Path, *, kind: str = "") -> CodeFile:
    """Read a continuous rating: one signal an axis (and the button of DARMA).

    CARMA writes for each bin the mean of what was rated in it, beside the second at which the
    bin ends. So the first sample here stands at the beginning of the first bin, and each
    covers one bin.

    Parameters
    ----------
    path : Path
    kind : str, optional
        What was rated (``"valence"``); without it ``"rating"``, or DARMA's names of the axes.

    Returns
    -------
    CodeFile
        ``ratings`` in arbitrary units (``"1"``), NaN where a bin had no sample; whom the
        rating is of, the file does not say.

    Raises
    ------
    FileError
        With the line: no ratings, bins that are not even, a cell that is no number.
    """
    rows, notes = read_rows(path)
    facts, names, data = _laid_out(path, rows)
    ends = np.array([seconds_in(path, r[0], line=at, column="Second") for at, r in data])
    bin_s = _bin(path, ends, [at for at, _ in data])
    ratings = []
    for column, name in enumerate(names, start=1):
        values = np.array([_value(path, r[column], at, name) for at, r in data])
        what = kind if kind and column == 1 else _further(name, kind)
        ratings.append(
            Signal(
                values=values,
                rate_hz=1 / bin_s,
                start_s=round(float(ends[0]) - bin_s, 9),
                unit="1",
                kind=what,
                person="",
            )
        )
        notes += _out_of_range(path, facts, values, name)
    tiers = tuple(Tier(name=s.kind, count=s.values.size, kind="rating") for s in ratings)
    media = facts.get("multimedia file") or facts.get("filename", "")
    scale = ", ".join(
        f"{k} {v}" for k, v in facts.items() if k.split()[-1] in {"label", "value", "magnitude"}
    )
    told = Note(path.name, "rating", f"Mean of each {bin_s:g} s. {scale}".strip())
    return CodeFile(
        path=path,
        tiers=tiers,
        media=(Media(name=media),) if media else (),
        ratings=tuple(ratings),
        notes=(*notes, told),
    )


_Data = list[tuple[int, tuple[str, ...]]]


def _laid_out(path: Path, rows: Sequence[Row]) -> tuple[dict[str, str], list[str], _Data]:
    """Facts of the scale, names of the axes, and rows of second and values."""
    at = next((i for i, r in enumerate(rows) if "second" in low(r.cells)), None)
    if at is None:
        raise FileError(path, "no column 'Second'", "a CARMA or DARMA annotation")
    header = low(rows[at].cells)
    first = header.index("second")
    names = [c.strip().lower() for c in rows[at].cells[first + 1 :] if c.strip()]
    if not names:
        raise FileError(path, "nothing beside 'Second'", "a rating", line=rows[at].line)
    below = [r for r in rows[at + 1 :] if r.cells[0] != _RULE]
    data: _Data = []
    for row in below:
        cells = row.cells[first : first + 1 + len(names)]
        if len(cells) < 1 + len(names):
            found = f"{len(cells)} cells"
            raise FileError(path, found, f"{1 + len(names)}", "Is it cut off?", line=row.line)
        data.append((row.line, cells))
    if not data:
        raise FileError(path, "no ratings", "rows of second and rating", line=rows[at].line)
    if at:
        facts = {low(r.cells)[0]: r.cells[1] for r in rows[:at] if len(r.cells) > 1}
    else:
        facts = dict(zip(header[:first], below[0].cells, strict=False))
    return facts, names, data


def _further(name: str, kind: str) -> str:
    """Kind of a further axis: its own name, by the same rater as the first."""
    _, by, rater = kind.rpartition("_by_")
    return f"{name or 'rating'}{by}{rater if by else ''}"


def _bin(path: Path, ends: Array, lines: list[int]) -> float:
    """Length of a bin, the same for all."""
    steps = np.diff(ends)
    length = float(np.median(steps)) if steps.size else float(ends[0])
    back = np.flatnonzero(steps <= 0)
    odd = back if back.size else np.flatnonzero(np.abs(steps - length) > _UNEVEN_S)
    if length <= 0 or odd.size:
        line = lines[int(odd[0]) + 1] if odd.size else lines[0]
        found = f"{ends[int(odd[0]) + 1] if odd.size else ends[0]:g} s"
        raise FileError(path, found, "seconds in even steps", "Is a row missing?", line=line)
    return round(length, 9)


def _value(path: Path, cell: str, line: int, name: str) -> float:
    """One rating; an empty bin is missing."""
    if cell.lower() in {"", "nan", "n/a", "na"}:
        return math.nan
    return seconds_in(path, cell, line=line, column=name)


def _out_of_range(path: Path, facts: dict[str, str], values: Array, name: str) -> list[Note]:
    """Say where ratings lie outside their own scale."""
    try:
        least, most = float(facts["minimum value"]), float(facts["maximum value"])
    except (KeyError, ValueError):
        return []
    out = int(np.count_nonzero((values < least) | (values > most)))
    if not out:
        return []
    text = f"{out} of {values.size} values of {name!r} lie outside {least:g} to {most:g}."
    return [Note(path.name, "off-scale", text)]
