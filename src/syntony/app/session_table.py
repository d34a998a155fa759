"""Sessions as the rows of a table: numbers as they are written, and strips beside chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syntony.pipeline.overview import Beside, SessionLine

WIDTH, HEIGHT = 96.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Where a value lies beside its chance band, in pixels of a strip ``WIDTH`` wide."""

    low: float
    width: float
    value: float
    zero: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A session as it is written; ``sort`` holds the numbers to sort by (NaN as None)."""

    id: str
    dyad: str
    number: int
    type: str
    people: str
    length: str
    signals: str
    quality: str
    coverage: str
    synchrony: str
    chance: str
    strip: Strip | None
    empathy: str
    problem: str
    missing: tuple[str, ...]
    sort: dict[str, float | str | None]


def session_table(lines: Sequence[SessionLine], *, blind: bool) -> list[Row]:
    """Rows of the table; for blind eyes without any figure from signals or answers."""
    if blind:
        return [_blind(line) for line in lines]
    ends = [
        v
        for s in lines
        if s.synchrony
        for v in (s.synchrony.value, s.synchrony.low, s.synchrony.high)
    ]
    finite = [v for v in ends if isfinite(v)]
    scale = (min([0.0, *finite]), max([0.0, *finite]))
    return [_row(line, scale) for line in lines]


def shown_figure(lines: Sequence[SessionLine]) -> dict[str, str]:
    """What the figures beside chance are called, and the chance; nothing where there are none."""
    from syntony.report import labels
    from syntony.report.phrases import lower

    beside = next((s.synchrony for s in lines if s.synchrony), None)
    if beside is None:
        return {}
    return {"index": lower(beside.index), "surrogate": lower(labels.surrogate(beside.surrogate))}


def sorted_by(rows: Sequence[Row]) -> dict[str, list[float | str | None]]:
    """What the table can be sorted by: column by column, in the order of the rows.

    Examples
    --------
    >>> sorted_by([])
    {}
    """
    return {key: [r.sort[key] for r in rows] for key in (rows[0].sort if rows else ())}


def _blind(line: SessionLine) -> Row:
    return Row(
        id=line.id, dyad=line.dyad, number=line.number, type=line.type, people="", length="",
        signals="", quality="", coverage="", synchrony="", chance="", strip=None, empathy="",
        problem="", missing=(),
        sort={"session": line.id, "dyad": line.dyad, "number": line.number, "type": line.type},
    )  # fmt: skip


def _row(line: SessionLine, scale: tuple[float, float]) -> Row:
    from syntony.report import labels
    from syntony.report.numbers import MISSING, fixed

    found = dict.fromkeys(k for p in line.people for k in line.signals.get(p.id, ()))
    kinds = [labels.signal(k).lower() for k in found]
    shares = [line.quality[p.id] for p in line.people if p.id in line.quality]
    beside = line.synchrony
    worst = min(shares, default=float("nan"))
    return Row(
        id=line.id,
        dyad=line.dyad,
        number=line.number,
        type=line.type,
        people=", ".join(f"{p.role} {p.id}" for p in line.people),
        length=MISSING if isnan(line.length_s) else f"{line.length_s / 60:.1f}",
        signals=", ".join(kinds),
        quality=" / ".join(_percent(s) for s in shares) or MISSING,
        coverage=_percent(line.coverage),
        synchrony=fixed(beside.value) if beside else MISSING,
        chance=_band(beside),
        strip=_strip(beside, scale),
        empathy=MISSING
        if isnan(line.empathy)
        else f"{line.empathy:g}".replace("-", "\N{MINUS SIGN}"),
        problem=line.problem,
        missing=line.missing,
        sort={
            "session": line.id,
            "dyad": line.dyad,
            "number": line.number,
            "length": _sortable(line.length_s),
            "signals": ", ".join(kinds),
            "quality": _sortable(worst),
            "coverage": _sortable(line.coverage),
            "synchrony": _sortable(beside.value if beside else float("nan")),
            "empathy": _sortable(line.empathy),
            "type": line.type,
            "lacks": "yes" if line.missing or line.problem else "",
            "beside": _beside_chance(beside),
        },
    )


def _beside_chance(beside: Beside | None) -> str:
    """Whether a value lies above its band; empty where that cannot be said."""
    if beside is None or not _has_band(beside) or not isfinite(beside.value):
        return ""
    return "above" if beside.value > beside.high else "not"


def _band(beside: Beside | None) -> str:
    """The band of chance in words; empty where there is none."""
    from syntony.report.numbers import fixed

    if beside is None or not _has_band(beside):
        return ""
    return f"{fixed(beside.low)} to {fixed(beside.high)}"


def _has_band(beside: Beside) -> bool:
    return isfinite(beside.low) and isfinite(beside.high)


def _strip(beside: Beside | None, scale: tuple[float, float]) -> Strip | None:
    if beside is None or not isfinite(beside.value) or scale[1] <= scale[0]:
        return None

    def place(value: float) -> float:
        return round(3 + (WIDTH - 6) * (value - scale[0]) / (scale[1] - scale[0]), 1)

    low, high = (beside.low, beside.high) if _has_band(beside) else (0.0, 0.0)
    return Strip(
        low=place(low),
        width=round(place(high) - place(low), 1),
        value=place(beside.value),
        zero=place(0.0),
    )


def _percent(share: float) -> str:
    return "–" if isnan(share) else f"{100 * share:.0f} %"


def _sortable(value: float) -> float | None:
    return value if isfinite(value) else None
