"""Dose: how much of a session is spent in a class, beside the synchrony of the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.link.dyadic import fisher_interval, pearson, permuted_r
from syntony.link.finding import Finding
from syntony.link.intervals import beside, by_dyad

MIN_DYADS = 4
_DIGITS = 12


def dose_parts(values: Array, dyads: Sequence[str]) -> tuple[Array, Array]:
    """Mean of a session's dyad, and what the session departs from it, each (n_sessions,).

    Examples
    --------
    >>> between, within = dose_parts(np.array([1.0, 3.0, 5.0]), ["d1", "d1", "d2"])
    >>> between.tolist(), within.tolist()
    ([2.0, 2.0, 5.0], [-1.0, 1.0, 0.0])
    """
    names, means = by_dyad(values, list(dyads))
    of = dict(zip(names, means.tolist(), strict=True))
    between = np.array([of.get(d, np.nan) for d in dyads])
    return between, values - between


def dose_findings(
    share: Array,
    index: Array,
    dyads: Sequence[str],
    rng: np.random.Generator,
    *,
    label: str,
    step: int = 0,
    method: str = "",
    draws: int = 9999,
    bootstrap: int = 2000,
) -> tuple[Finding, Finding]:
    """Correlate the share of a session in a class with its index, between and within dyads.

    Parameters
    ----------
    share : ndarray of float64, shape (n_sessions,)
        Share of the coded seconds that are in the class; NaN leaves a session out.
    index : ndarray of float64, shape (n_sessions,)
        Synchrony of the session.
    dyads : sequence of str
    rng : numpy.random.Generator
    label, step, method : str, int, str
    draws : int, default 9999
        Indices dealt anew over dyads (between), or over the sessions of each dyad (within).
    bootstrap : int, default 2000
        Draws of dyads for the interval of the within part.

    Returns
    -------
    (Finding, Finding)
        ``statistic`` ``"between"``: r of the dyads' means, with Fisher's interval.
        ``"within"``: r of the departures from the dyads' means, pooled, with the central 95 %
        of resampled dyads; "not testable" where no dyad has two sessions.

    Notes
    -----
    Between dyads a third thing can make both high. Within, that of the session can.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> share = np.arange(8.0) / 10
    >>> between, within = dose_findings(
    ...     share, 2 * share, [f"d{k}" for k in range(8)], rng, label="shared_positive", draws=99
    ... )
    >>> between.value, between.p_two, within.status
    (1.0, 0.02, 'not testable: no dyad has two sessions that differ')
    """
    facts: dict[str, Any] = {"finding": "dose", "label": label, "step": step, "method": method}
    both = np.isfinite(share) & np.isfinite(index)
    x, y = share[both], index[both]
    names = [d for d, b in zip(dyads, both, strict=True) if b]
    facts["n_sessions"] = int(both.sum())
    return (
        _between(x, y, names, rng, facts | {"statistic": "between"}, draws),
        _within(x, y, names, rng, facts | {"statistic": "within"}, draws, bootstrap),
    )


def _between(
    x: Array,
    y: Array,
    names: list[str],
    rng: np.random.Generator,
    facts: dict[str, Any],
    draws: int,
) -> Finding:
    """R of the means of dyads."""
    dyads, means = by_dyad(np.stack([x, y], axis=1), names) if x.size else ([], np.empty((0, 2)))
    n = len(dyads)
    facts |= {"n_dyads": n, "surrogate": "dealt"}
    if n < MIN_DYADS:
        return Finding(**facts, status=f"not testable: {n} dyads, at least {MIN_DYADS} are needed")
    r = pearson(means[:, 0], means[:, 1])
    if not np.isfinite(r):
        return Finding(**facts, status="not testable: every dyad has the same share or index")
    low, high = fisher_interval(r, n)
    chance = beside(round(r, _DIGITS), permuted_r(means[:, 0], means[:, 1], rng, draws))
    return Finding(**facts, value=r, low=low, high=high, **_beside(chance, draws))


def _within(
    x: Array,
    y: Array,
    names: list[str],
    rng: np.random.Generator,
    facts: dict[str, Any],
    draws: int,
    bootstrap: int,
) -> Finding:
    """R of the departures from the dyads' means."""
    of = {d: np.flatnonzero([d == n for n in names]) for d in dict.fromkeys(names)}
    groups = [rows for rows in of.values() if rows.size > 1]
    facts |= {"n_dyads": len(groups), "surrogate": "dealt"}
    facts["n_sessions"] = sum(g.size for g in groups)
    parts = [(x[g] - x[g].mean(), y[g] - y[g].mean()) for g in groups]
    sums = np.array([[a @ b, a @ a, b @ b] for a, b in parts]).reshape(len(parts), 3)
    r = float(_pooled(sums.sum(axis=0)))
    if not np.isfinite(r):
        return Finding(**facts, status="not testable: no dyad has two sessions that differ")
    if len(groups) < MIN_DYADS:
        why = f"{len(groups)} dyads with two sessions, at least {MIN_DYADS} are needed"
        return Finding(**facts, value=r, status=f"not testable: {why}")
    across = np.zeros(draws)
    for a, b in parts:
        across += rng.permuted(np.broadcast_to(b, (draws, b.size)), axis=1) @ a
    null = np.round(across / np.sqrt(sums[:, 1].sum() * sums[:, 2].sum()), _DIGITS)
    weights = rng.multinomial(len(parts), np.full(len(parts), 1 / len(parts)), size=bootstrap)
    again = _pooled(weights @ sums)
    low, high = np.nanquantile(again, [0.025, 0.975])
    chance = beside(round(r, _DIGITS), null)
    return Finding(**facts, value=r, low=float(low), high=float(high), **_beside(chance, draws))


def _pooled(sums: Array) -> Array:
    """R from sums of products, of squares of x, of squares of y; NaN where one is 0."""
    size = sums[..., 1] * sums[..., 2]
    out: Array = np.divide(
        sums[..., 0], np.sqrt(size), out=np.full(size.shape, np.nan), where=size > 1e-24
    )
    return out


def _beside(chance: Any, draws: int) -> dict[str, Any]:
    return {
        "null_mean": chance.mean,
        "null_low": chance.low,
        "null_high": chance.high,
        "z": chance.z,
        "p_one": chance.p_one,
        "p_two": chance.p_two,
        "draws": draws,
    }
