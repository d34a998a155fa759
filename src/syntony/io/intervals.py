"""Lists of intervals between beats: one number per line, or time and interval."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.units import convert
from syntony.io.cells import cut_columns, data_rows, to_numbers
from syntony.io.layout import find_layout, split_cells
from syntony.io.registry import reader
from syntony.io.stamps import Stamps, read_stamps, stamp_in_name
from syntony.io.text import decode, read_lines, split_lines

_HEADER = re.compile(r"\b(rr|ibi|nn|ipi|rri)([\s_\[(].*)?$", re.I)
_LONG_MS = 2000.0
_DAY_MS = 86_400_000.0


def looks_like_intervals(lines: list[str]) -> bool:
    """Tell a list of beat intervals from other tables by its first lines.

    One column: a header that says so (``rr_ms``, ``IBI``), or whole lines of numbers of
    which most lie between 250 and 2500. Two columns: a header whose second name says so.

    Examples
    --------
    >>> looks_like_intervals(["690", "711", "702"]), looks_like_intervals(["0.5", "0.6"])
    (True, False)
    """
    rows = [x.strip() for x in lines if x.strip()]
    if not rows or rows[0].startswith(("#", "%")):
        return False
    for mark in (";", "\t", ",", ""):
        cells = split_cells(rows[0], mark)
        if len(cells) == 2 and _HEADER.search(cells[1]) and not _HEADER.search(cells[0]):
            return True
    if len(rows) > 1 and _HEADER.search(rows[0].strip('"')):
        return all(len(r.split()) == 1 for r in rows)
    try:
        numbers = np.array([float(r) for r in rows])
    except ValueError:
        return False
    return bool(np.mean((numbers >= 250) & (numbers <= 2500)) > 0.6)


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a list of beat intervals."""
    if not head:
        return False
    try:
        lines = split_lines(path, decode(path, head))
    except FileError:
        return False
    return looks_like_intervals(lines[:-1] if len(lines) > 2 else lines)


@reader(
    name="rr_list", title="List of beat intervals (RR, IBI)", suffixes=(".txt", ".rr"), sniff=_sniff
)
def read_rr_list(
    path: Path, *, person: str, unit: str = "ms", time_unit: str = "", decimal: str = ""
) -> Recording:
    r"""Read intervals between beats, one per line, or time and interval per line.

    An interval belongs to the beat that ends it. Without a time column the time of beat i
    is the sum of the intervals up to and with i, counted from the start of the file.
    Nothing is dropped: what is implausible is judged when beats are cleaned.

    Parameters
    ----------
    path : Path
        A stamp ``YYYY-MM-DD HH-MM-SS`` in its name is the start, good to half a second.
    person : str
    unit : str, default "ms"
        Unit of the intervals, ``ms`` or ``s``. A file whose size contradicts it is refused.
    time_unit : str, optional
        Unit of the time column; without it the one in which intervals and times agree.
    decimal : str, optional
        ``.`` or ``,``; found out by itself where it can be told.

    Returns
    -------
    Recording
        Events of kind ``rr``: ``times_s`` in s, ``values`` in ms. With a time column an
        interval may be missing (NaN).

    Raises
    ------
    FileError
        Text, infinities, intervals of zero or less, more than two columns, a size that
        contradicts the unit, times that run backwards.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "1rk2 2023-07-30 19-01-36.txt"
    ...     _ = file.write_text("800\n810\n790\n")
    ...     r = read_rr_list(file, person="P01")
    >>> r.events[0].times_s.tolist(), r.started_at.isoformat()
    ([0.8, 1.61, 2.4], '2023-07-30T19:01:36')
    """
    path = Path(path)
    if unit not in {"ms", "s"}:
        raise InputError("unit", unit, "'ms' or 's'")
    lines = read_lines(path)
    layout = find_layout(path, lines, decimal=decimal)
    if layout.width > 2:
        raise FileError(
            path,
            f"columns {list(layout.columns)}",
            "one column of intervals, or time and interval",
            "Use format='delimited' for a table of samples.",
        )
    rows, numbers = data_rows(path, lines, layout)
    cells = cut_columns(path, rows, numbers, layout, range(layout.width))
    name = layout.columns[-1]
    raw = to_numbers(path, cells[layout.width - 1], numbers, name)
    intervals, _ = convert(raw, unit, "rr")
    _refuse_no_interval(path, intervals, numbers, name, gaps=layout.width == 2)
    _refuse_wrong_unit(path, intervals, unit)
    notes = _notes(path, intervals)
    started = stamp_in_name(path.name)
    error = 0.5 if started else float("nan")
    if layout.width == 1:
        times = np.cumsum(intervals) / 1000.0
    else:
        stamps = read_stamps(path, cells[0], numbers, layout.columns[0])
        if stamps.started_at is not None:
            started, error = stamps.started_at, stamps.error_s
        times, note = _times_s(path, stamps, intervals, numbers, layout.columns[0], time_unit)
        notes.append(note)
    beats = Events(times_s=times, values=intervals, unit="ms", kind="rr", person=person)
    return Recording(
        events=(beats,),
        started_at=started,
        started_at_error_s=error,
        clock=str(path),
        notes=tuple(notes),
    )


def _times_s(
    path: Path, stamps: Stamps, intervals: Array, numbers: Ints, column: str, time_unit: str
) -> tuple[Array, Note]:
    """Read the times of the beats off their column, with a note on how it was understood."""
    _refuse_backwards(path, stamps.times_s, numbers, column)
    scale, said = _time_scale(path, stamps.times_s, intervals, time_unit)
    read_as = stamps.read_as if scale == 1.0 else said
    note = Note(path.name, "time-axis", f"Column {column!r} was read as {read_as}.")
    return stamps.times_s * scale, note


def _refuse_no_interval(
    path: Path, intervals: Array, numbers: Ints, column: str, *, gaps: bool
) -> None:
    """Raise where a number is no interval, or is missing and takes the time axis with it."""
    if not np.isfinite(intervals).any():
        raise FileError(path, "no interval at all", "intervals between beats", column=column)
    bad = np.flatnonzero((intervals <= 0) | (intervals > _DAY_MS))
    if not gaps:
        bad = np.flatnonzero(~((intervals > 0) & (intervals <= _DAY_MS)))
    if bad.size:
        at = int(bad[0])
        missing = np.isnan(intervals[at])
        raise FileError(
            path,
            "a missing interval" if missing else f"an interval of {intervals[at]:g} ms",
            "an interval above 0" if missing or intervals[at] <= 0 else "an interval of a heart",
            "Without it the time of all later beats is unknown: export with a time column.",
            line=int(numbers[at]),
            column=column,
        )


def _refuse_wrong_unit(path: Path, intervals: Array, unit: str) -> None:
    """Raise where no heart has such a median interval."""
    middle = float(np.nanmedian(intervals))
    if not 200.0 <= middle <= 3000.0:
        other = "s" if unit == "ms" else "ms"
        raise FileError(
            path,
            f"a median interval of {middle:g} ms, read as {unit}",
            "200 to 3000 ms",
            f"Pass unit={other!r}, or name another format.",
        )


def _refuse_backwards(path: Path, times: Array, numbers: Ints, column: str) -> None:
    """Raise on the first beat that is not later than the one before."""
    bad = np.flatnonzero(np.diff(times) <= 0)
    if bad.size:
        at = int(bad[0]) + 1
        raise FileError(
            path,
            f"the time {times[at]:.10g} after {times[at - 1]:.10g}",
            "a later time in every row",
            "Mend the stamps, or cut the file in two.",
            line=int(numbers[at]),
            column=column,
        )


def _time_scale(path: Path, times: Array, intervals: Array, time_unit: str) -> tuple[float, str]:
    """Factor from the time column to seconds, found by comparing it with the intervals."""
    known = {"s": 1.0, "ms": 1e-3}
    if time_unit:
        if time_unit not in known:
            raise InputError("time_unit", time_unit, "'s' or 'ms'")
        return known[time_unit], time_unit
    if times.size < 3:
        return 1.0, "s"
    # Where no beat is lost, the time grows by the interval; elsewhere by more.
    growth = np.diff(times) / (intervals[1:] / 1000.0)
    ratio = float(np.nanquantile(growth, 0.1, method="lower"))
    for name, scale in known.items():
        if 0.5 < ratio * scale < 2.0:
            return scale, f"{name} since some start"
    raise FileError(
        path,
        f"times that grow {ratio:.3g} times as fast as the intervals say",
        "a time column in s or ms that fits the intervals",
        "Pass time_unit, or unit.",
    )


def _notes(path: Path, intervals: Array) -> list[Note]:
    """Count the intervals that are longer than a heart's usual pause."""
    long = int(np.count_nonzero(intervals > _LONG_MS))
    if not long:
        return []
    text = (
        f"{long} of {intervals.size} intervals are longer than {_LONG_MS:g} ms "
        f"(longest {np.nanmax(intervals):.0f} ms): beats were probably lost there."
    )
    return [Note(path.name, "long-interval", text)]
