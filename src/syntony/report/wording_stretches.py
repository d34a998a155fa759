"""Sentences on what was searched: stretches that survive, peaks over lags and frequencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from syntony.report import labels
from syntony.report.numbers import compact, count, fixed, p_value, percent, reached, seconds
from syntony.report.phrases import lower, upper
from syntony.report.wording import (
    OTHER_SESSIONS,
    PARTNERS,
    SAME_STIMULUS,
    STRANGERS,
    detail,
)

RowLike = Mapping[str, Any]
_PARTNERS = {
    STRANGERS: "people who never met",
    SAME_STIMULUS: "people who went through the same stimulus apart",
    OTHER_SESSIONS: "these two across different sessions",
}
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def beside_what(surrogate: str) -> str:
    """Name what a session was laid beside, as it stands in a sentence.

    Examples
    --------
    >>> beside_what("pseudo_dyads"), beside_what("shift_thirds")
    ('beside people who never met', 'beside “shift within session thirds”')
    """
    if surrogate in _PARTNERS:
        return f"beside {_PARTNERS[surrogate]}"
    return f"beside “{lower(labels.surrogate(surrogate))}”"


def about_stretches(searches: Sequence[RowLike], alpha: float) -> str:
    """Say how many stretches of a session survive each kind of chance.

    Parameters
    ----------
    searches : sequence of rows of ``searches``
        Those over time of one step, one a surrogate.
    alpha : float
        Largest p of a stretch that is listed.

    Examples
    --------
    >>> row = {"surrogate": "pseudo_dyads", "status": "ok", "found": 2.0, "draws": 38.0,
    ...     "lag_s": 2.0}
    >>> print(about_stretches([row], 0.05))
    Two stretches are more than chance gives anywhere in the session beside people who never met \
(38 pairs; read at a lag of 2.0 s, where the profile peaks, every draw at its own). Of 100 \
sessions of people with nothing in common about 5 have a stretch by chance. Each stretch as a \
whole is beyond chance: its borders are where the course crosses a threshold, not where coupling \
began or ended.
    """
    done = [r for r in searches if r["status"] == "ok"]
    said = [_one_search(r) for r in done]
    said += [
        f"{upper(beside_what(r['surrogate']))}: {r['status']}."
        for r in searches
        if r["status"] != "ok"
    ]
    if not done:
        return " ".join(said)
    said.append(
        f"Of 100 sessions of people with nothing in common about {100 * alpha:.0f} have a stretch "
        "by chance."
    )
    if any(r["found"] >= 1 for r in done):
        said.append(
            "Each stretch as a whole is beyond chance: its borders are where the course crosses a "
            "threshold, not where coupling began or ended."
        )
    else:
        said.append("That none survives does not show that the two were never in step.")
    return " ".join(said)


def _one_search(row: RowLike) -> str:
    """How many stretches one kind of chance leaves."""
    many = int(row["found"])
    number = _NUMBERS[many] if many < len(_NUMBERS) else str(many)
    of = "pairs" if row["surrogate"] in PARTNERS else "draws"
    lag = row.get("lag_s", float("nan"))
    at = (
        f"; read at a lag of {seconds(lag)}, where the profile peaks, every draw at its own"
        if isfinite(lag)
        else ""
    )
    verb, noun = ("is", "stretch") if many == 1 else ("are", "stretches")
    if not many:
        verb, noun = "is", "stretch"
    return (
        f"{number} {noun} {verb} more than chance gives anywhere in the session "
        f"{beside_what(row['surrogate'])} ({row['draws']:,.0f} {of}{at})."
    )


def ribbon_words(surrogates: Sequence[str]) -> str:
    """Say beside the course what the ribbon under it marks.

    Examples
    --------
    >>> ribbon_words(["pseudo_dyads"])
    ' The ribbon under the line marks stretches that survive beside people who never met.'
    """
    if not surrogates:
        return ""
    names = " and, below it, ".join(beside_what(s) for s in surrogates)
    return f" The ribbon under the line marks stretches that survive {names}."


def about_lag_search(row: RowLike, roles: Sequence[str]) -> str:
    """Say what the search over lags costs the peak, and to whose side the profile leans.

    Examples
    --------
    >>> row = {"surrogate": "shift_thirds", "status": "ok", "p": 0.005, "draws": 199.0,
    ...     "places": 15.0, "lead": 0.55, "lead_low": -0.41, "lead_high": 0.52, "p_lead": 0.035}
    >>> print(about_lag_search(row, ("patient", "therapist")))
    Over 15 lags at once, 0 of 199 draws beside “shift within session thirds” have a peak as high \
anywhere (p = .005). The profile leans by 0.55 to the side where patient leads; draws lean by \
−0.41 to 0.52 (p = .035).
    """
    many = reached(row["p"], row["draws"])
    if row["status"] != "ok" or many is None:
        return ""
    of = "pairs" if row["surrogate"] in PARTNERS else "draws"
    said = (
        f"Over {row['places']:.0f} lags at once, {many:,} of {row['draws']:,.0f} {of} "
        f"{beside_what(row['surrogate'])} have a peak as high anywhere (p = {p_value(row['p'])})."
    )
    if not isfinite(row["lead"]):
        return said
    who = roles[0] if row["lead"] > 0 else roles[1]
    return (
        f"{said} The profile leans by {fixed(abs(row['lead']))} to the side where {who} leads; "
        f"{of} lean by {fixed(row['lead_low'])} to {fixed(row['lead_high'])} "
        f"(p = {p_value(row['p_lead'])})."
    )


def about_frequency_search(row: RowLike) -> str:
    """Say where a spectrum stands farthest above chance, and what the search costs.

    Examples
    --------
    >>> row = {"surrogate": "shift_thirds", "status": "ok", "p": 0.02, "draws": 199.0,
    ...     "places": 60.0, "frequency_hz": 0.05}
    >>> print(about_frequency_search(row))
    Farthest above chance at 0.050 Hz; of 199 draws beside “shift within session thirds” 3 \
stand as far above chance at any of the 60 frequencies (p = .020).
    """
    many = reached(row["p"], row["draws"])
    if row["status"] != "ok" or many is None:
        return ""
    of = "pairs" if row["surrogate"] in PARTNERS else "draws"
    verb = "stands" if many == 1 else "stand"
    return (
        f"Farthest above chance at {compact(row['frequency_hz'])} Hz; of {row['draws']:,.0f} {of} "
        f"{beside_what(row['surrogate'])} {many:,} {verb} as far above chance at any of the "
        f"{row['places']:.0f} frequencies (p = {p_value(row['p'])})."
    )


def about_sessions_found(rows: Sequence[RowLike]) -> str:
    """Above the study's table: what so many sessions with a stretch mean.

    Examples
    --------
    >>> row = {"status": "ok", "n_sessions": 20.0, "surrogate": "pseudo_dyads", "p_one": 0.07,
    ...     "detail": {"sessions_found": 3, "sessions_expected": 1.0, "alpha": 0.05}}
    >>> print(about_sessions_found([row]))
    3 of 20 sessions have a stretch that survives beside people who never met; chance alone \
would give about 1.0, and so many or more in 7.0 % of studies. One session with a stretch says \
little where a study has many: at 5 in 100 each, some are due to chance. Sessions of one person \
are counted as if independent, so that the last figure is a guide.
    """
    ok = [r for r in rows if r["status"] == "ok"]
    if not ok:
        return ""
    said = "; ".join(_sessions_found(r) for r in ok)
    alpha = float(detail(ok[0])["alpha"])
    return (
        f"{said}. One session with a stretch says little where a study has many: at "
        f"{100 * alpha:.0f} in 100 each, some are due to chance. Sessions of one person are "
        "counted as if independent, so that the last figure is a guide."
    )


def _rarely(p: float) -> str:
    """A small share as a percentage, never 0."""
    return percent(p) if p >= 0.0005 else f"under {percent(0.001)}"


def _sessions_found(row: RowLike) -> str:
    """How many sessions one kind of chance leaves with a stretch."""
    facts = detail(row)
    have = "has" if facts["sessions_found"] == 1 else "have"
    return (
        f"{facts['sessions_found']} of {count(row['n_sessions'], 'session')} {have} a stretch that "
        f"survives {beside_what(row['surrogate'])}; chance alone would give about "
        f"{fixed(float(facts['sessions_expected']), 1)}, and so many or more in "
        f"{_rarely(row['p_one'])} of studies"
    )
