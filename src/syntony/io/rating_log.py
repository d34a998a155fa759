"""A continuous rating while it is given: a log that grows by the second, until it is a signal.

It lies in ``sourcedata/ratings/unfinished`` as a table of grid number, second and value, with
what is rated beside it. What was appended is on the disk; a crash costs what was not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError, InputError
from syntony.core.rated import rating_kind
from syntony.core.signal import Signal
from syntony.io.bids import plain_label
from syntony.io.lasting import alone, append_lasting, write_lasting

FOLDER = Path("sourcedata") / "ratings" / "unfinished"
SLOWEST_HZ, FASTEST_HZ = 0.1, 10.0
MOST_AT_ONCE = 3_000
HEADER = "sample,time_s,value\n"
_TAIL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLog:
    """What is being rated, by whom, on which scale.

    Attributes
    ----------
    session, person : str
        The person it is about, by id.
    what, rater : str
        As in the kind of the signal, ``<what>_by_<rater>``.
    rate_hz : float
        Samples per second of the session clock, 0.1 to 10.
    low, high : float
        Ends of the scale.
    begun_at : str
        ISO 8601 stamp, UTC.
    by : str
        Account under which it is given; empty without accounts.
    """

    session: str
    person: str
    what: str
    rater: str
    rate_hz: float
    low: float
    high: float
    begun_at: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        rating_kind(self.what, self.rater)
        if not SLOWEST_HZ <= self.rate_hz <= FASTEST_HZ:
            raise InputError("rate_hz", self.rate_hz, f"{SLOWEST_HZ} to {FASTEST_HZ:g} Hz")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InputError("low, high", (self.low, self.high), "two ends of a scale, low first")

    @property
    def kind(self) -> str:
        """Kind of the signal that it becomes."""
        return rating_kind(self.what, self.rater)

    @property
    def id(self) -> str:
        """Name of the log: one for each session, person and kind."""
        return f"{self.session}_{self.person}_{plain_label(self.kind, 'rating')}"


def begin_log(root: Path, log: RatingLog) -> int:
    """Begin a log, or take up the one that is there; give the first grid number that is free.

    Raises
    ------
    InputError
        If the one that is there has another rate or scale.
    """
    path = log_path(root, log.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path.parent):
        if path.is_file():
            old = read_facts(root, log.id)
            same = (old.kind, old.rate_hz, old.low, old.high)
            if same != (log.kind, log.rate_hz, log.low, log.high):
                hint = "Save it as it is, or put it aside."
                found = f"an unfinished one at {old.rate_hz:g} Hz from {old.low:g} to {old.high:g}"
                raise InputError("rating", found, "the same rate and scale", hint)
            return _next(path)
        stamped = {**asdict(log), "begun_at": datetime.now(UTC).isoformat(timespec="seconds")}
        write_lasting(path.with_suffix(".json"), json.dumps(stamped, indent=2) + "\n")
        append_lasting(path, HEADER)
        return 0


def append_samples(root: Path, log: RatingLog, first: int, values: Sequence[float]) -> int:
    """Add samples of consecutive grid numbers; give the next number that is free.

    Numbers that are there already are passed over, so that a request may be sent twice.
    NaN is missing, and so is what lies between two chunks.

    Raises
    ------
    InputError
        For values off the scale, too many at once, a negative number.
    """
    given = np.asarray(values, dtype=float)
    if first < 0 or given.size > MOST_AT_ONCE:
        raise InputError("samples", (first, given.size), f"0 or more, {MOST_AT_ONCE} at once")
    if np.any(given < log.low) or np.any(given > log.high):
        raise InputError("values", "a value off the scale", f"{log.low:g} to {log.high:g}")
    path = log_path(root, log.id)
    if not path.is_file():
        raise FileError(path, "no such rating", "one that was begun")
    with alone(path.parent):
        there = _next(path)
        lines = [
            f"{k},{k / log.rate_hz:.4f},{'n/a' if math.isnan(v) else repr(v)}\n"
            for k, v in enumerate(given.tolist(), start=first)
            if k >= there
        ]
        if lines:
            append_lasting(path, "".join(lines))
        return max(there, first + given.size)


def read_signal(root: Path, log: RatingLog) -> Signal | None:
    """What was logged, as a signal on the session clock; None where nothing was."""
    path = log_path(root, log.id)
    rows = path.read_text("utf-8").rpartition("\n")[0].splitlines()[1:]
    try:
        cells = [row.split(",") for row in rows]
        numbers = np.array([int(c[0]) for c in cells], dtype=int)
        values = np.array([math.nan if c[2] == "n/a" else float(c[2]) for c in cells])
    except (ValueError, IndexError):
        raise FileError(path, "something else", f"rows of {HEADER.strip()}") from None
    if not numbers.size:
        return None
    first = int(numbers[0])
    laid = np.full(int(numbers[-1]) - first + 1, np.nan)
    laid[numbers - first] = values
    return Signal(
        values=laid,
        rate_hz=log.rate_hz,
        start_s=first / log.rate_hz,
        unit="1",
        kind=log.kind,
        person=log.person,
    )


def read_facts(root: Path, log_id: str) -> RatingLog:
    """What an unfinished rating is about.

    Raises
    ------
    FileError
        If there is no such one, or its facts cannot be read.
    """
    path = log_path(root, log_id).with_suffix(".json")
    try:
        return RatingLog(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise FileError(path.name, "no such rating", "an unfinished one") from None
    except (ValueError, TypeError):
        raise FileError(path, "something else", "the facts of a rating") from None


def unfinished(root: Path, session: str) -> list[RatingLog]:
    """Ratings of a session that were begun and are not in the study yet."""
    found = sorted((root / FOLDER).glob(f"{session}_*.csv"))
    return [read_facts(root, p.stem) for p in found if not p.stem.endswith(".aside")]


def next_free(root: Path, log: RatingLog) -> int:
    """First grid number that is free."""
    return _next(log_path(root, log.id))


def put_aside(root: Path, log: RatingLog) -> Path:
    """Take an unfinished rating out of the way; nothing of it is deleted."""
    path = log_path(root, log.id)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    for old in (path, path.with_suffix(".json")):
        old.rename(old.with_name(f"{log.id}.{stamp}.aside{old.suffix}"))
    return path.with_name(f"{log.id}.{stamp}.aside.csv")


def end_log(root: Path, log: RatingLog) -> None:
    """Take the log away once what it holds is in the study."""
    path = log_path(root, log.id)
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def log_path(root: Path, log_id: str) -> Path:
    """Where a log lies; its name is that of a log, never a path."""
    if Path(log_id).name != log_id or log_id.startswith("."):
        raise InputError("id", log_id, "the name of a rating")
    return root / FOLDER / f"{log_id}.csv"


def _next(path: Path) -> int:
    """First grid number after the last whole line."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        whole = file.read().rpartition(b"\n")[0].splitlines()
    last = whole[-1].split(b",")[0] if whole else b"sample"
    return int(last) + 1 if last.isdigit() else 0
