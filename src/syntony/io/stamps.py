"""Time columns: seconds, ISO 8601, clock times, Unix seconds to nanoseconds."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NoReturn

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError

_ZONE = re.compile(r"\s*(Z|[+-]\d\d:?\d\d)$")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?")
_UNIX = ((1e8, 1e11, 1.0, "s"), (1e11, 1e14, 1e-3, "ms"), (1e14, 1e17, 1e-6, "us"))
_UNIX_NS = (1e17, 1e20)
_SCALES = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0}
_NAMED = re.compile(r"[\[(_ ](s|sec|seconds|ms|us|min)[\])]?$", re.I)
_LOOK = 200
NAME_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T_]+(\d\d)[-.:](\d\d)[-.:](\d\d)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stamps:
    """A time column as seconds.

    Attributes
    ----------
    times_s : ndarray, shape (n_rows,)
        Seconds since ``started_at``; as written where the column has no absolute time.
    started_at : datetime or None
    error_s : float
        Half the resolution of the stamps; NaN without absolute time.
    read_as : str
        In words: how the column was understood.
    """

    times_s: Array
    started_at: datetime | None
    error_s: float
    read_as: str


def stamp_in_name(name: str) -> datetime | None:
    """Start stamp in a file name, ``YYYY-MM-DD HH-MM-SS``; None where there is none.

    Examples
    --------
    >>> stamp_in_name("2rk5  2023-10-04 21-06-00.txt")
    datetime.datetime(2023, 10, 4, 21, 6)
    """
    found = NAME_STAMP.search(name)
    if not found:
        return None
    try:
        return datetime(*map(int, found.groups()))  # type: ignore[arg-type]
    except ValueError:  # such as hour 25
        return None


def read_stamps(
    path: Path, cells: list[str], lines: Ints, column: str, numbers: Array | None = None
) -> Stamps:
    """Understand a time column.

    Parameters
    ----------
    path : Path
    cells : list of str
    lines : ndarray of int, shape (n_rows,)
        Line number of each cell, for messages.
    column : str
        Name of the column; ``time_ms`` or ``t [ms]`` states a unit.
    numbers : ndarray, shape (n_rows,), optional
        The cells as numbers, where they are known; ``cells`` may then be the first few.

    Raises
    ------
    FileError
        With the line of a cell that is no time.
    """
    if numbers is None:
        try:
            numbers = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            if _is_number(cells[0]):
                at = next(i for i, cell in enumerate(cells) if not _is_number(cell))
                _refuse(path, cells[at], int(lines[at]), column)
            return _read_words(path, cells, lines, column)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        _refuse(path, str(numbers[bad[0]]), int(lines[bad[0]]), column)
    return _read_numbers(cells, numbers, column)


def _is_number(cell: str) -> bool:
    """Tell whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse(path: Path, cell: str, line: int, column: str) -> NoReturn:
    """Raise for a cell that is no time."""
    raise FileError(
        path,
        repr(cell[:60]),
        "a time: seconds, ISO 8601 or Unix time, in one form throughout",
        "Every row needs its time.",
        line=line,
        column=column,
    )


def _read_numbers(cells: list[str], numbers: Array, column: str) -> Stamps:
    """Understand numbers: Unix time by size, else seconds, or the unit in the column's name."""
    named = _NAMED.search(column)
    unit = named.group(1).lower() if named else ""
    size = float(np.median(np.abs(numbers)))
    for low, high, scale, name in _UNIX:
        if low <= size < high:
            return _unix(cells, numbers, scale, name)
    if _UNIX_NS[0] <= size < _UNIX_NS[1]:
        return _unix(cells, numbers, 1e-9, "ns")
    scale = _SCALES.get(unit, 1.0)
    return Stamps(
        times_s=numbers * scale if scale != 1.0 else numbers,
        started_at=None,
        error_s=float("nan"),
        read_as=f"{unit or 's'} since some start" if scale != 1.0 else "seconds",
    )


def _unix(cells: list[str], numbers: Array, scale: float, name: str) -> Stamps:
    """Count Unix time from its first stamp."""
    first = numbers[0]
    times = (numbers - first) * scale
    started = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(first) * scale)
    return Stamps(
        times_s=times,
        started_at=started,
        error_s=0.5 * scale * 10.0 ** -_digits(cells),
        read_as=f"Unix time in {name} (UTC)",
    )


def _read_words(path: Path, cells: list[str], lines: Ints, column: str) -> Stamps:
    """Understand ISO 8601 stamps, or clock times without a date."""
    texts = [c.strip().replace(",", ".") for c in cells]
    if _CLOCK.fullmatch(texts[0]):
        return _read_clock(path, texts, lines, column)
    zones = {m.group(1) if (m := _ZONE.search(t[10:])) else "" for t in texts}
    if len(zones) == 1:
        zone = next(iter(zones))
        bare = [t[: -len(zone)].rstrip() for t in texts] if zone else texts
        seconds = _seconds(path, bare, lines, column)
        tz = _zone(zone)
    else:  # the offset changes on the way: summer time
        tz = UTC
        seconds = _seconds_by_row(path, texts, lines, column)
    first = float(seconds[0])
    started = datetime.fromtimestamp(0, UTC) + timedelta(seconds=first)
    return Stamps(
        times_s=seconds - first,
        started_at=started.replace(tzinfo=None) if tz is None else started.replace(tzinfo=tz),
        error_s=0.5 * 10.0 ** -_digits([_ZONE.sub("", t) for t in texts[:_LOOK]]),
        read_as="ISO 8601" + (" with its zone" if tz else ", no zone stated"),
    )


def _digits(cells: list[str]) -> int:
    """Decimals that the stamps use; zeros at the end do not count."""
    return max(min(6, len(c.strip().partition(".")[2].rstrip("0"))) for c in cells[:_LOOK])


def _zone(text: str) -> timezone | None:
    """Zone of an ISO stamp."""
    if not text:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _seconds(path: Path, texts: list[str], lines: Ints, column: str) -> Array:
    """Seconds since 1970 of ISO stamps without a zone, at once."""
    if len(texts[0]) >= 8 and texts[0][0].isdigit():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # of a zone inside the text
                whole = np.array(texts, dtype="datetime64[us]")
        except (ValueError, UserWarning):
            return _seconds_by_row(path, texts, lines, column)
        if not np.isnat(whole).any():
            micros: Array = whole.astype(np.int64).astype(np.float64)
            return micros * 1e-6
    return _seconds_by_row(path, texts, lines, column)


def _seconds_by_row(path: Path, texts: list[str], lines: Ints, column: str) -> Array:
    """Seconds since 1970 of ISO stamps, one by one; names the cell that is none."""
    out = np.empty(len(texts))
    for i, text in enumerate(texts):
        try:
            stamp = datetime.fromisoformat(text)
        except ValueError:
            _refuse(path, text, int(lines[i]), column)
        if stamp.tzinfo is None:
            stamp = stamp.replace(tzinfo=UTC)
        out[i] = stamp.timestamp()
    return out


def _read_clock(path: Path, texts: list[str], lines: Ints, column: str) -> Stamps:
    """Clock times HH:MM:SS as seconds since midnight."""
    out = np.empty(len(texts))
    for i, text in enumerate(texts):
        found = _CLOCK.fullmatch(text)
        if not found:
            _refuse(path, text, int(lines[i]), column)
        hours, minutes, seconds = found.groups()
        out[i] = 3600 * int(hours) + 60 * int(minutes) + float(seconds or 0)
    return Stamps(
        times_s=out, started_at=None, error_s=float("nan"), read_as="clock time, no date stated"
    )
