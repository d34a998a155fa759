"""Statements over dyads from pooled tables: events, epochs, order, phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.link.finding import Finding
from syntony.link.intervals import Beside, beside
from syntony.link.joined.events import EventCount, Window
from syntony.link.joined.order import order_of
from syntony.link.joined.pool import Pooled

ALPHA = 0.05
_CAUSES = ("found", "used", "overlap", "unseen", "edge", "missing")


def _null(chance: Beside, draws: int) -> dict[str, Any]:
    return {
        "null_mean": chance.mean,
        "null_low": chance.low,
        "null_high": chance.high,
        "z": chance.z,
        "p_one": chance.p_one,
        "p_two": chance.p_two,
        "draws": draws,
    }


def too_few_events(label: str, found: int, used: int, needed: int) -> str:
    """Why a code has no event-locked average: how many were found, used and needed.

    Examples
    --------
    >>> too_few_events("shared_positive", 9, 4, 10)
    'not testable: 9 events found, 4 can be used, at least 10 are needed'
    """
    return f"not testable: {found} events found, {used} can be used, at least {needed} are needed"


def sum_counts(counts: Sequence[EventCount]) -> dict[str, int]:
    """Onsets of a code over sessions, by what became of them."""
    return {name: sum(getattr(c, name) for c in counts) for name in _CAUSES}


def simultaneous(mean: Array, null: Array) -> tuple[Array, float, float]:
    """Band that holds 95 % of chance's courses as a whole, and the p of the largest departure.

    Parameters
    ----------
    mean : ndarray of float64, shape (bins,)
    null : ndarray of float64, shape (draws, bins)

    Returns
    -------
    half : ndarray of float64, shape (bins,)
        Half width of the band around the mean of the draws.
    p_max : float
        Share of draws whose largest |z| over all bins reaches the observed one.
    largest : float
        The observed largest |z|.

    Examples
    --------
    >>> null = np.random.default_rng(1).standard_normal((999, 10))
    >>> half, p_max, largest = simultaneous(np.r_[np.zeros(9), 6.0], null)
    >>> p_max, bool((half > 2.3).all())
    (0.001, True)
    """
    centre, spread = np.nanmean(null, axis=0), np.nanstd(null, axis=0, ddof=1)
    safe = np.where(spread > 0, spread, np.inf)
    score = np.abs((mean - centre) / safe)
    largest = float(np.max(np.where(np.isfinite(score), score, 0.0)))
    scores = np.abs((null - centre) / safe)
    most = np.where(np.isfinite(scores).all(axis=1), scores.max(axis=1), np.inf)
    half = np.quantile(most, 1 - ALPHA, method="higher") * spread
    return half, beside(round(largest, 10), most.round(10)).p_one, largest


def event_finding(
    pooled: Pooled | None,
    k: int,
    counts: Mapping[str, int],
    window: Window,
    rng: np.random.Generator,
    *,
    label: str,
    outcome: str,
    min_events: int,
    mean_s: int = 30,
    step: int = 0,
    method: str = "",
    bootstrap: int = 2000,
) -> tuple[Finding, list[dict[str, Any]]]:
    """One code and one course around its onsets, over dyads.

    Parameters
    ----------
    pooled : Pooled or None
        Of tables of ``locked``.
    k : int
        Place of the code in them.
    counts : mapping
        From ``sum_counts``.
    window : Window
    rng : numpy.random.Generator
        For the bootstrap over dyads.
    label, outcome : str
        The code, and what is averaged around it.
    min_events : int
        Under so many usable events nothing is tested.
    mean_s : int, default 30
        The finding's value is the mean over so long after the onset.
    step, method, bootstrap

    Returns
    -------
    finding : Finding
        ``value``: mean over ``mean_s`` after the onset, fixed in advance, less the session's
        mean; ``detail["p_max"]``: p of the largest departure anywhere in the
        window, chance having searched too.
    rows : list of dict
        A row of ``event_locked`` for every bin.
    """
    facts: dict[str, Any] = {
        "finding": "event_locked",
        "label": label,
        "statistic": outcome,
        "step": step,
        "method": method,
        "surrogate": "rotation",
        "detail": dict(counts),
    }
    if pooled is None or counts["used"] < min_events or not pooled.count((k, 0)):
        why = too_few_events(label, counts["found"], counts["used"], min_events)
        return Finding(**facts, status=why), []
    late = (window.starts_s >= 0) & (window.starts_s < mean_s)
    mean, null = pooled.mean[k], pooled.null[:, k]
    half, p_max, largest = simultaneous(mean, null)
    centre = np.nanmean(null, axis=0)
    beyond = np.abs(mean - centre) > half
    after = Pooled(
        dyads=pooled.dyads,
        each=pooled.each[:, k][:, late].mean(axis=1),
        mean=np.asarray(mean[late].mean()),
        null=np.round(null[:, late].mean(axis=1), 10),
        sessions=pooled.sessions,
    )
    value = round(float(mean[late].mean()), 10)
    low, high = after.interval((), rng, bootstrap)
    rows = _event_rows(pooled, k, window, half, beyond, rng, bootstrap)
    finding = Finding(
        **facts
        | {
            "detail": dict(counts)
            | {"mean_s": mean_s, "p_max": p_max, "largest": largest}
            | _beyond(beyond, window)
        },
        n_dyads=after.count(()),
        n_sessions=pooled.sessions,
        value=value,
        low=low,
        high=high,
        **_null(beside(value, after.null), len(null)),
    )
    keys = {"code": label, "outcome": outcome, "step": step}
    return finding, [keys | row for row in rows]


def _beyond(beyond: Bools, window: Window) -> dict[str, Any]:
    """From when to when the course leaves the band as a whole; empty where it does not."""
    starts = window.starts_s[beyond]
    if not starts.size:
        return {"beyond_s": []}
    edges = np.flatnonzero(np.diff(starts) > window.bin_s) + 1
    pieces = np.split(starts, edges)
    return {"beyond_s": [[int(p[0]), int(p[-1] + window.bin_s)] for p in pieces]}


def _event_rows(
    pooled: Pooled,
    k: int,
    window: Window,
    half: Array,
    beyond: Bools,
    rng: np.random.Generator,
    bootstrap: int,
) -> list[dict[str, Any]]:
    null = pooled.null[:, k]
    rows = []
    for b, lag_s in enumerate(window.centres_s.tolist()):
        chance = beside(float(pooled.mean[k, b]), null[:, b])
        low, high = pooled.interval((k, b), rng, bootstrap)
        rows.append(
            {
                "lag_s": lag_s,
                "mean": float(pooled.mean[k, b]),
                "low": low,
                "high": high,
                "null_mean": chance.mean,
                "null_low": chance.low,
                "null_high": chance.high,
                "band_low": chance.mean - float(half[b]),
                "band_high": chance.mean + float(half[b]),
                "beyond": bool(beyond[b]),
                "n_dyads": pooled.count((k, b)),
            }
        )
    return rows


def mean_finding(
    pooled: Pooled | None,
    where: tuple[int, ...],
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Any],
    why_not: str,
    bootstrap: int = 2000,
) -> Finding:
    """One mean over dyads beside the same mean of every draw.

    Parameters
    ----------
    pooled : Pooled or None
    where : tuple of int
        Which mean of the table.
    rng : numpy.random.Generator
    facts : mapping
        Fields of the Finding that say what it is about.
    why_not : str
        What is said where no session has a value.
    bootstrap : int
    """
    if pooled is None or not pooled.count(where):
        return Finding(**facts, status=f"not testable: {why_not}")
    places: tuple[Any, ...] = (slice(None), *where)
    value, null = float(pooled.mean[where]), pooled.null[places]
    low, high = pooled.interval(where, rng, bootstrap)
    return Finding(
        **facts,
        n_dyads=pooled.count(where),
        n_sessions=pooled.sessions,
        value=value,
        low=low,
        high=high,
        **_null(beside(value, null), null.size),
    )


def order_finding(
    pooled: Pooled | None,
    rng: np.random.Generator,
    *,
    label: str,
    reach_s: int,
    window_s: float,
    step: int = 0,
    method: str = "",
    bootstrap: int = 2000,
) -> tuple[Finding, list[dict[str, Any]]]:
    """Which comes first, synchrony or a class of emotion, over dyads.

    Parameters
    ----------
    pooled : Pooled or None
        Of tables of ``order_table``.
    rng : numpy.random.Generator
    label : str
        The class.
    reach_s : int
        Largest lag.
    window_s : float
        What one value of synchrony has seen; lags shorter than this are not resolvable.
    step, method, bootstrap

    Returns
    -------
    finding : Finding
        ``value``: lag of the largest departure from chance (s), positive where synchrony comes
        first; ``p_two``: share of draws with a departure as large at any lag.
        ``detail["first"]``: ``"synchrony"``, ``"emotion"``, ``"not resolvable"`` or ``""``.
    rows : list of dict
        A row of ``emotion_lag`` for every lag.

    Notes
    -----
    Somebody comes first only where the link passes (p_two at .05), the whole interval of the
    lag lies on one side of 0, the lag is at least ``window_s``, and the profile leans to that
    side more than the draws do (``p_lead``, at .05).
    """
    facts: dict[str, Any] = {
        "finding": "emotion_lag",
        "label": label,
        "step": step,
        "method": method,
        "statistic": "lag_s",
        "surrogate": "rotation",
    }
    if pooled is None:
        why = "not testable: no session with enough coded seconds to compare and to rotate"
        return Finding(**facts, status=why), []
    found = order_of(pooled, rng, reach_s=reach_s, window_s=window_s, bootstrap=bootstrap)
    p = beside(round(found.largest, 10), np.round(found.null, 10)).p_one
    lead = beside(round(found.lead, 10), np.round(found.null_lead, 10))
    first = _first(found.lag_s, found.low, found.high, window_s, p, lead.p_two, reach_s)
    detail = {
        "height": found.height,
        "lead": found.lead,
        "p_lead": lead.p_two,
        "window_s": window_s,
        "first": first,
    }
    finding = Finding(
        **facts,
        n_dyads=len(pooled.dyads),
        n_sessions=pooled.sessions,
        value=found.lag_s,
        low=found.low,
        high=found.high,
        p_two=p,
        draws=found.null.size,
        detail=detail,
    )
    keys = {"class": label, "step": step}
    columns = (pooled.mean.tolist(), *(edge.tolist() for edge in found.band))
    rows = [
        keys | {"lag_s": float(k - reach_s), "contrast": m, "low": a, "high": b}
        for k, (m, a, b) in enumerate(zip(*columns, strict=True))
    ]
    return finding, rows


def _first(
    lag_s: float, low: float, high: float, window_s: float, p: float, p_lead: float, reach_s: int
) -> str:
    """What comes first; empty where synchrony and the class are not linked at any lag."""
    if not p <= ALPHA:
        return ""
    one_side = low > 0 or high < 0
    sure = one_side and p_lead <= ALPHA and window_s <= abs(lag_s) < reach_s
    if not sure:
        return "not resolvable"
    return "synchrony" if lag_s > 0 else "emotion"
