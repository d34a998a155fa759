"""What a run says of one session, as plain values: courses, maps, moments, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.report import labels
from syntony.report.figures.time import colour_limit, running_mean
from syntony.report.numbers import digits, fixed, p_value, percent, reached
from syntony.report.run_folder import Map, RunFolder, Table, read_table
from syntony.report.wording import headline, lead, order_of
from syntony.report.wording_moment import (
    about_moment,
    about_survivor,
    leader_words,
    strength_words,
)
from syntony.report.wording_stretches import about_stretches, beside_what

TABLES = ("sessions", "pairs", "survivors", "searches", "moments", "spans", "quality")
Floats = NDArray[np.float32]
RowLike = Mapping[str, Any]


def tables_of(folder: RunFolder, session: str) -> dict[str, Table]:
    """Rows of one session, without reading those of a thousand others into memory."""
    found = {}
    for name in TABLES:
        path = folder.path / f"{name}.parquet"
        found[name] = (
            read_table(path, None, {"session": session}) if path.is_file() else Table(there=False)
        )
    return found


def steps_of(
    folder: RunFolder, session: str, mine: Mapping[str, Table], roles: tuple[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Floats]]:
    """Every step of the recipe: its numbers and sentences, and the arrays that are drawn.

    Returns
    -------
    list of dict
        One a step; ``course`` and ``map`` say how the arrays lie, or are None.
    dict of str to ndarray of float32
        ``course_<step>``: time (s), course, running mean, lowest and highest of its chance
        band, shape (5, n_windows); ``map_<step>``: shape (n_windows, n_lags or n_frequencies).
    """
    smooth_s = float(folder.recipe.get("moments", {}).get("smooth_s", 0.0))
    alpha = float(folder.recipe.get("stretches", {}).get("alpha", 0.05))
    said, arrays = [], {}
    for number, step in enumerate(folder.recipe.get("synchrony", [])):
        coupling = folder.coupling(session, number)
        rows = _first_statistic(mine["pairs"].where(step=float(number)))
        facts = _step(number, str(step["method"]), rows, mine["searches"], roles, alpha)
        facts |= {"course": None, "map": None}
        if coupling is not None and coupling.time_s.size:
            arrays[f"course_{number}"] = course_array(coupling, smooth_s)
            facts["course"] = _course(coupling, smooth_s)
            if coupling.values.ndim == 2 and coupling.values.shape[1] > 1:
                arrays[f"map_{number}"] = np.ascontiguousarray(coupling.values, dtype="<f4")
                facts["map"] = _map(coupling)
        said.append(facts)
    return said, arrays


def course_array(coupling: Map, smooth_s: float) -> Floats:
    """Time, course, its running mean and its chance band, shape (5, n_windows); NaN where none."""
    none = np.full(coupling.time_s.size, np.nan)
    course = coupling.course if coupling.course.size == none.size else none
    mean = running_mean(coupling.time_s, course, smooth_s) if smooth_s > 0 else none
    has_band = coupling.course_low.size == none.size
    low, high = (coupling.course_low, coupling.course_high) if has_band else (none, none)
    return np.stack([coupling.time_s, course, mean, low, high]).astype("<f4")


def _course(coupling: Map, smooth_s: float) -> dict[str, Any]:
    seen = np.concatenate([coupling.course, coupling.course_low, coupling.course_high])
    seen = seen[np.isfinite(seen)]
    is_share = bool(not seen.size or np.abs(seen).max() <= 1)
    low, high = (
        (0.0 if seen.size and seen.min() >= 0 else -1.0, 1.0)
        if is_share
        else (float(seen.min()), float(seen.max()))
    )
    has_band = bool(coupling.course_low.size and np.isfinite(coupling.course_low).any())
    return {
        "n_windows": int(coupling.time_s.size),
        "low": low,
        "high": high,
        "smooth_s": smooth_s,
        "band": beside_what(coupling.band_surrogate) if has_band else "",
    }


def _map(coupling: Map) -> dict[str, Any]:
    axis = coupling.lag_s if coupling.has_lags else coupling.frequency_hz
    return {
        "n_windows": int(coupling.values.shape[0]),
        "axis": "lag_s" if coupling.has_lags else "frequency_hz",
        "at": [float(v) for v in axis],
        "limit": colour_limit(coupling.values),
        "signed": bool((coupling.values < 0).any()),
    }


def _first_statistic(pairs: Table) -> list[dict[str, Any]]:
    """Rows of the first statistic of a step over the whole session, strangers first."""
    rows = list(pairs.rows())
    same = [r for r in rows if all(r[k] == rows[0][k] for k in ("statistic", "span"))]
    return sorted(same, key=lambda r: (not r["draws"] >= 1, order_of(r)))


def _step(
    number: int,
    method: str,
    rows: list[dict[str, Any]],
    searches: Table,
    roles: tuple[str, str],
    alpha: float,
) -> dict[str, Any]:
    """What one step found in the session as a whole."""
    statistic = str(rows[0]["statistic"]) if rows else ""
    index = labels.statistic(method, statistic).split(" (")[0] if rows else ""
    over = sorted(searches.where(step=float(number), over="time").rows(), key=order_of)
    said = ""
    if rows:
        signals = (str(rows[0]["signal_a"]), str(rows[0]["signal_b"]))
        said = headline(rows, roles, signals=signals, index=index[:1].lower() + index[1:])
    return {
        "step": number,
        "method": method,
        "title": labels.method(method),
        "index": index,
        "headline": said,
        "leader": lead(rows[0]) if rows and isfinite(rows[0]["lag_s"]) else "",
        "stretches": about_stretches(over, alpha) if over else "",
        "beside": [_beside(r) for r in rows],
    }


def _beside(row: RowLike) -> dict[str, Any]:
    """The index of the session beside one kind of chance, as it is written."""
    n = digits(row["value"], row["low"], row["high"])
    many = reached(row["p_one"], row["draws"])
    return {
        "chance": labels.surrogate(str(row["surrogate"])) if row["surrogate"] else "none",
        "value": fixed(row["value"], n),
        "range": f"{fixed(row['low'], n)} to {fixed(row['high'], n)}",
        "reach": "" if many is None else f"{many:,} of {row['draws']:,.0f}",
        "p": p_value(row["p_one"]),
    }


def moments_of(mine: Mapping[str, Table], roles: Sequence[str]) -> list[dict[str, Any]]:
    """Stretches that survive chance, and the moments of high and low concordance, by time."""
    found = [
        _moment(row, roles)
        | {
            "kind": "survivor",
            "chance": labels.short_surrogate(str(row["surrogate"])),
            "phase": str(row["phase"]),
            "sign": int(row["sign"]),
            "p": p_value(row["p"]),
            "draws": int(row["draws"]) if isfinite(row["draws"]) else 0,
            "words": about_survivor(row, roles),
        }
        for row in sorted(mine["survivors"].rows(), key=order_of)
    ]
    found += [
        _moment(row, roles)
        | {
            "kind": str(row["kind"]),
            "chance": "",
            "phase": "",
            "sign": 1 if row["kind"] == "high" else -1,
            "p": "",
            "draws": 0,
            "words": about_moment(row, roles),
        }
        for row in mine["moments"].rows()
    ]
    found.sort(key=lambda m: (m["start_s"], m["stop_s"]))
    return [{"number": k, **m} for k, m in enumerate(found, start=1)]


def _moment(row: RowLike, roles: Sequence[str]) -> dict[str, Any]:
    lag_s = float(row["lag_s"])
    return {
        "step": int(row["step"]),
        "start_s": float(row["start_s"]),
        "stop_s": float(row["stop_s"]),
        "strength": strength_words(row),
        "lag_s": lag_s if isfinite(lag_s) else None,
        "leader": leader_words(row, roles),
        "coverage": percent(row["coverage"], 0),
    }


def quality_of(mine: Mapping[str, Table]) -> list[dict[str, Any]]:
    """What is missing of every person's feature, by cause, where something is."""
    return [
        {
            "role": str(r["role"]),
            "title": labels.signal(str(r["signal"])),
            "cause": labels.cause(str(r["cause"])),
            "seconds": float(r["seconds"]),
            "share": percent(r["share"]),
        }
        for r in mine["quality"].rows()
        if r["cause"] != "total" and isfinite(r["seconds"]) and r["seconds"] > 0
    ]
