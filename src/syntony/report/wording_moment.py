"""What one moment of a session means, in words: for the panel beside the video and the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, tanh
from typing import Any

from syntony.report.numbers import clock, correlation, fixed, p_said, percent, reached, seconds
from syntony.report.phrases import upper
from syntony.report.wording import PARTNERS
from syntony.report.wording_stretches import beside_what

RowLike = Mapping[str, Any]
_PHASES = {
    "in phase": "rose and fell together",
    "anti-phase": "moved against each other: one rose as the other fell",
    "high": "were more alike than elsewhere",
}


def strength_words(row: RowLike) -> str:
    """Strength of a stretch with the correlation that it is, where it is one.

    Examples
    --------
    >>> strength_words({"strength": 0.8, "scale": "fisher_z"})
    'mean z 0.80 (r .66)'
    >>> strength_words({"strength": 0.8, "scale": "plain"})
    'mean 0.80'
    """
    value = float(row["strength"])
    if row.get("scale", "fisher_z") != "fisher_z" or not isfinite(value):
        return f"mean {fixed(value)}"
    return f"mean z {fixed(value)} (r {correlation(tanh(value))})"


def leader_words(row: RowLike, roles: Sequence[str]) -> str:
    r"""Who leads and by how much, or why nobody may be named.

    Examples
    --------
    >>> leader_words({"lag_s": 2.0, "leader": "patient"}, ("patient", "therapist"))
    'patient leads by 2.0\xa0s'
    >>> leader_words({"lag_s": 2.0, "leader": "lead not above chance"}, ("patient", "therapist"))
    'nobody named: the lead is not above chance (strongest at a lag of 2.0\xa0s)'
    >>> leader_words({"lag_s": float("nan"), "leader": ""}, ("patient", "therapist"))
    'no lag'
    """
    lag_s, leader = float(row["lag_s"]), str(row["leader"])
    if not isfinite(lag_s):
        return "no lag"
    if leader in roles:
        return f"{leader} leads by {seconds(abs(lag_s))}"
    if lag_s == 0:
        return "both at once (strongest at a lag of 0 s)"
    why = {
        "not resolvable": "the lag is not larger than the clocks' error",
        "not above chance": "the peak is not above chance",
        "lead not above chance": "the lead is not above chance",
    }.get(leader, leader or "not tested")
    return f"nobody named: {why} (strongest at a lag of {seconds(lag_s)})"


def about_survivor(row: RowLike, roles: Sequence[str]) -> str:
    """Say what a stretch that survives chance means, and what it does not.

    Parameters
    ----------
    row : row of ``survivors``
    roles : sequence of str
        Of the first and the second person.

    Examples
    --------
    >>> row = {"start_s": 750.0, "stop_s": 850.0, "phase": "in phase", "p": 0.02, "draws": 99.0,
    ...     "surrogate": "shift_thirds", "strength": 0.8, "scale": "fisher_z", "lag_s": 2.0,
    ...     "leader": "patient", "coverage": 0.97}
    >>> print(about_survivor(row, ("patient", "therapist")))
    From 12:30 to 14:10 the two rose and fell together: mean z 0.80 (r .66). Of 99 draws beside \
“shift within session thirds” 1 has as strong a stretch anywhere in the session (p = .020). \
Patient leads by 2.0 s. Both people's signals are there for 97 % of it. The stretch as a whole is \
beyond chance, its exact borders are not; what the two felt it does not say.
    """
    many = reached(row["p"], row["draws"])
    of = "pairs" if row["surrogate"] in PARTNERS else "draws"
    have = "has" if many == 1 else "have"
    chance = (
        f"Of {row['draws']:,.0f} {of} {beside_what(row['surrogate'])} {many:,} {have} as strong a "
        f"stretch anywhere in the session ({p_said(row['p'])})."
        if many is not None
        else f"It was laid {beside_what(row['surrogate'])}."
    )
    return " ".join(
        (
            f"From {clock(row['start_s'])} to {clock(row['stop_s'])} the two "
            f"{_PHASES.get(str(row['phase']), 'were alike')}: {strength_words(row)}.",
            chance,
            f"{upper(leader_words(row, roles))}.",
            _coverage(row),
            "The stretch as a whole is beyond chance, its exact borders are not; what the two felt "
            "it does not say.",
        )
    )


def about_moment(row: RowLike, roles: Sequence[str]) -> str:
    """Say what a moment of high or low concordance is: chosen, not tested.

    Examples
    --------
    >>> row = {"kind": "high", "start_s": 750.0, "stop_s": 780.0, "strength": 0.8, "lag_s": 0.0,
    ...     "leader": "", "coverage": 1.0}
    >>> print(about_moment(row, ("patient", "therapist")))
    From 12:30 to 13:00 the smoothed synchrony is among the highest of this session: mean z 0.80 \
(r .66). Both at once (strongest at a lag of 0 s). Both people's signals are there for 100 % of \
it. It was chosen as an extreme of this session, not tested against chance: every session has some.
    """
    which = "highest" if row["kind"] == "high" else "lowest"
    lag = f"{upper(leader_words(row, roles))}." if isfinite(float(row["lag_s"])) else ""
    parts = (
        f"From {clock(row['start_s'])} to {clock(row['stop_s'])} the smoothed synchrony is among "
        f"the {which} of this session: {strength_words(row)}.",
        lag,
        _coverage(row),
        "It was chosen as an extreme of this session, not tested against chance: every session "
        "has some.",
    )
    return " ".join(p for p in parts if p)


def _coverage(row: RowLike) -> str:
    return f"Both people's signals are there for {percent(row['coverage'], 0)} of it."
