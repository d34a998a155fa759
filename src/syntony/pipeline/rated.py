"""Ratings of a session on one grid: written when it is prepared, read for the findings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from syntony.body.grid import to_grid
from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.columns import column_of, values_of
from syntony.core.files import write_whole
from syntony.core.rated import RATERS, Rating, is_outside, rating_kind, ratings_of
from syntony.core.session import Session
from syntony.link.accuracy.raters import (
    course_agreement,
    mean_of_raters,
    pairwise_agreement,
)
from syntony.pipeline.plan import Planned


def ratings_path(folder: Path, session: str) -> Path:
    """Where the ratings of a session lie, on the grid on which they are compared."""
    return folder / "signals" / f"{session}_ratings.parquet"


def without_ratings(session: Session) -> tuple[Any, ...]:
    """Signals that were measured; all of them where there are only ratings."""
    rated = {id(r.signal) for r in ratings_of(session.signals, session.people)}
    measured = tuple(s for s in session.signals if id(s) not in rated)
    people = {s.person for s in measured} | {e.person for e in session.events}
    return measured if people >= {p.id for p in session.people} else session.signals


def write_ratings(
    folder: Path, planned: Planned, session: Session, recipe: Recipe
) -> list[dict[str, Any]]:
    """Lay the ratings of a session on one grid and write them; give the facts of each.

    Returns
    -------
    list of dict
        Rows of the table ``ratings`` but for session and dyad; empty where nothing was rated.
    """
    pair = (planned.first, planned.second)
    ids = {p.id for p in pair}
    found = [r for r in ratings_of(session.signals, session.people) if r.about.id in ids]
    if not found:
        return []
    rate_hz = recipe.ratings.rate_hz
    first = math.ceil(min(r.signal.start_s for r in found) * rate_hz - 1e-9)
    last = math.floor(max(r.signal.times_s[-1] for r in found) * rate_hz + 1e-9)
    start_s, stop_s = first / rate_hz, (last + 1) / rate_hz
    columns: dict[str, Array] = {}
    rows = []
    for rating in found:
        name = f"{rating.about.role}|{rating.kind}"
        laid = to_grid(rating.signal, rate_hz=rate_hz, start_s=start_s, stop_s=stop_s).values
        there = np.isfinite(columns[name]) if name in columns else np.zeros(laid.size, dtype=bool)
        columns[name] = np.where(there, columns.get(name, laid), laid)  # parts of one rating
        rows.append(_row(rating, columns[name], rate_hz))
    rows += _outsiders(columns, found, session, rate_hz)
    times = start_s + np.arange(last - first + 1) / rate_hz
    table = pa.table(
        {"time_s": column_of(times)} | {k: column_of(v) for k, v in columns.items()},
        metadata={"rate_hz": repr(rate_hz), "first": str(first)},
    )
    write_whole(ratings_path(folder, planned.id), lambda part: pq.write_table(table, part))
    return rows


def _row(rating: Rating, laid: Array, rate_hz: float) -> dict[str, Any]:
    """Facts of one rating: of whom, by whom, how much of it there is, how much it moves."""
    return _facts(rating.about.id, rating.about.role, rating.what, rating.rater, laid) | {
        "rate_hz": rating.signal.rate_hz,
        "seconds": float(np.isfinite(laid).sum() / rate_hz),
        "missing": 1.0 - rating.signal.valid_share,
        "unit": rating.signal.unit,
    }


def _facts(person: str, role: str, what: str, rater: str, laid: Array) -> dict[str, Any]:
    there = laid[np.isfinite(laid)]
    return {
        "person": person,
        "role": role,
        "what": what,
        "rater": rater,
        "mean": float(there.mean()) if there.size else math.nan,
        "sd": float(there.std(ddof=1)) if there.size > 1 else math.nan,
        "flat": bool(there.size > 1 and np.ptp(there) == 0),
    }


def _outsiders(
    columns: dict[str, Array], found: Sequence[Rating], session: Session, rate_hz: float
) -> list[dict[str, Any]]:
    """Add the mean of all outside raters of a person, with their agreement."""
    rows = []
    outside = [r for r in found if is_outside(r.rater, session.people)]
    for about, what in dict.fromkeys((r.about, r.what) for r in outside):
        names = sorted({r.kind for r in outside if (r.about, r.what) == (about, what)})
        each = np.stack([columns[f"{about.role}|{name}"] for name in names])
        mean, (one, several) = mean_of_raters(each), course_agreement(each)
        columns[f"{about.role}|{rating_kind(what, RATERS)}"] = mean
        rows.append(
            _facts(about.id, about.role, what, RATERS, mean)
            | {
                "rate_hz": rate_hz,
                "seconds": float(np.isfinite(mean).sum() / rate_hz),
                "missing": 1.0 - float(np.isfinite(mean).mean()),
                "unit": next(r.signal.unit for r in outside if r.about == about),
                "raters": len(names),
                "agreement": pairwise_agreement(each),
                "icc_of": "moments",
                "icc_2_1": one,
                "icc_2_k": several,
            }
        )
    return rows


@dataclass(frozen=True, eq=False)
class RatedStudy:
    """Ratings of some sessions on one axis of time.

    Attributes
    ----------
    sessions : tuple of Planned
    rate_hz : float
    columns : mapping of "role|kind" to ndarray of float64, shape (n_sessions, n_samples)
        NaN where a session has no such rating, or no longer one.
    """

    sessions: tuple[Planned, ...]
    rate_hz: float
    columns: dict[str, Array]

    def rating(self, role: str, what: str, rater: str) -> Array | None:
        """Rating about a role by a rater, shape (n_sessions, n_samples); None if nobody gave it."""
        return self.columns.get(f"{role}|{rating_kind(what, rater)}")

    @property
    def whats(self) -> list[str]:
        """What was rated, by name."""
        return sorted({name.partition("|")[2].rpartition("_by_")[0] for name in self.columns})


def read_ratings(folder: Path, sessions: Sequence[Planned], rate_hz: float) -> RatedStudy:
    """Read the ratings that preparing wrote, of all sessions that have some."""
    held: list[dict[str, Array]] = []
    firsts: list[int] = []
    for planned in sessions:
        path = ratings_path(folder, planned.id)
        if not path.exists():
            held.append({})
            firsts.append(0)
            continue
        with pq.ParquetFile(path) as file:  # read_table loads pandas, half a second for nothing
            table = file.read()
        firsts.append(int(table.schema.metadata[b"first"]))
        names = [n for n in table.column_names if n != "time_s"]
        held.append({n: values_of(table.column(n)) for n in names})
    rated = [k for k, columns in enumerate(held) if columns]
    if not rated:
        return RatedStudy(tuple(sessions), rate_hz, {})
    begin = min(firsts[k] for k in rated)
    size = max(firsts[k] - begin + next(iter(held[k].values())).size for k in rated)
    columns: dict[str, Array] = {}
    for k in rated:
        for name, values in held[k].items():
            rows = columns.setdefault(name, np.full((len(sessions), size), np.nan))
            at = firsts[k] - begin
            rows[k, at : at + values.size] = values
    return RatedStudy(tuple(sessions), rate_hz, columns)
