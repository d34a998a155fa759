"""Model: does the slope of a score on synchrony change somewhere? Searched, and paid for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.curves import counts, middle
from syntony.link.models.mixed import MIN_DYADS
from syntony.link.models.registry import Column, model
from syntony.link.models.rscript import HEAD, data_of, tail
from syntony.link.models.stability_influence import over_dyads
from syntony.link.models.values import Fitted, Sessions, Term, not_testable

LEAST = 12
ALPHA = 0.05
ENDS = (0.15, 0.85)


@model(
    name="threshold",
    title="Threshold: does more synchrony help up to a point only?",
    question="Over dyads, is there a point of synchrony at which the slope of the score changes?",
    not_when="There are fewer than twelve dyads, or the point is known beforehand.",
    formula="outcome ~ sync + pmax(sync - change_point, 0), change_point searched",
    columns=(
        Column(name="outcome", explain="the score"),
        Column(name="sync", explain="the index of synchrony"),
    ),
    cites=("FreedmanLane1983",),
    sentence="A change of the slope of the score on synchrony was searched over the central 70 % "
    "of the dyads' mean synchrony; the largest F of all places was compared with that of {draws} "
    "permutations of the residuals of the straight line over dyads, each searched in the same way "
    "[@FreedmanLane1983]; intervals are from {bootstrap} draws of dyads, each searched as well.",
)
def threshold(
    sessions: Sessions, rng: np.random.Generator, *, draws: int = 1999, bootstrap: int = 2000
) -> Fitted:
    """Search a change of slope over the dyads' means, and let permutations pay for the search.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome`` and ``sync``; means of each dyad are used.
    rng : numpy.random.Generator
    draws : int, default 1999
        Permutations.
    bootstrap : int, default 2000
        Studies of dyads drawn anew, each searched.

    Returns
    -------
    Fitted
        ``change`` (slope above less slope below, key), ``slope_below``, ``slope_above``,
        ``change_point``. The place and the slopes are given only where the change is beyond
        chance.
    """
    means = over_dyads(sessions.complete("outcome", "sync"))
    if len(means) < LEAST:
        few = "one dyad only" if len(means) == 1 else f"{len(means)} dyads"
        return not_testable(means, f"{few}, under {LEAST} for a search")
    x, y = means.column("sync"), means.column("outcome")
    if np.unique(x).size < MIN_DYADS or np.ptp(y) == 0:
        return not_testable(means, "synchrony or outcome hardly varies between dyads")
    places = np.unique(np.quantile(x, np.linspace(*ENDS, 29)))
    found = search(x, y[None], places)
    p = _by_permutation(x, y, places, float(found.f[0]), rng, draws)
    weights = counts(len(x), rng, bootstrap)
    again = search(x, np.broadcast_to(y, weights.shape), places, weights)
    return Fitted(
        n_sessions=len(sessions.complete("outcome", "sync")),
        n_dyads=len(means),
        n_therapists=len(set(means.therapist)),
        terms=_terms(found, again, p, len(means) - 4),
        method=f"least squares over dyads, {places.size} places searched, {draws} permutations",
        notes=("The straight line is the null: a curve of another shape counts as a change too.",),
        script=_script(float(found.place[0])),
        data=data_of(means, {"outcome": y, "sync": x}),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Best place of every row: its F, place and slopes, each (n_rows,)."""

    f: Array
    place: Array
    below: Array
    above: Array


def search(x: Array, y: Array, places: Array, weights: Array | None = None) -> Found:
    """Best change point of many outcomes over one predictor.

    Parameters
    ----------
    x : ndarray, shape (n,)
    y : ndarray, shape (rows, n)
    places : ndarray, shape (k,)
    weights : ndarray, shape (rows, n), optional
        How often every dyad counts.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> found = search(x, (x + np.maximum(x - 10, 0))[None], np.array([5.0, 10.0, 15.0]))
    >>> found.place.tolist(), found.below.round(6).tolist(), found.above.round(6).tolist()
    ([10.0], [1.0], [2.0])
    """
    w = np.ones((1, x.size)) if weights is None else weights
    best = np.full((4, len(y)), np.nan)
    best[0] = -np.inf
    line = np.column_stack([np.ones(x.size), x])
    rest0 = _rest(line, y, w)[0]
    for place in places:
        bent = np.column_stack([line, np.maximum(x - place, 0.0)])
        rest, beta = _rest(bent, y, w)
        free = w.sum(axis=1) - 3
        f = (rest0 - rest) / np.maximum(rest, 1e-12 * rest0 + 1e-300) * free
        better = np.isfinite(f) & (f > best[0])
        now = np.array([f, np.full(len(y), place), beta[:, 1], beta[:, 1] + beta[:, 2]])
        best[:, better] = now[:, better]
    best[0, ~np.isfinite(best[0])] = np.nan
    return Found(*best)


def _rest(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
    """Sum of squares that least squares leave, and coefficients, for many outcomes."""
    gram = np.einsum("rn,np,nq->rpq", w, x, x)
    right = (y * w) @ x
    good = np.linalg.cond(gram) < 1e12
    beta = np.full((len(y), x.shape[1]), np.nan)
    if len(gram) == 1:
        if good[0]:
            beta = np.linalg.solve(gram[0], right.T).T
    elif good.any():
        beta[good] = np.linalg.solve(gram[good], right[good][..., None])[..., 0]
    return np.asarray((w * (y - beta @ x.T) ** 2).sum(axis=1)), beta


def _by_permutation(
    x: Array, y: Array, places: Array, seen: float, rng: np.random.Generator, draws: int
) -> float:
    """P of the largest F when residuals of the straight line are dealt anew over dyads."""
    line = np.column_stack([np.ones(x.size), x])
    fitted = line @ np.linalg.lstsq(line, y, rcond=None)[0]
    dealt = rng.permuted(np.broadcast_to(y - fitted, (draws, x.size)), axis=1)
    f = search(x, fitted + dealt, places).f
    return float((1 + np.count_nonzero(~(f < seen - 1e-9 * abs(seen)))) / (draws + 1))


def _terms(found: Found, again: Found, p: float, free: int) -> tuple[Term, ...]:
    """The change with the p of its search; place and slopes where it is beyond chance."""
    change = float(found.above[0] - found.below[0])
    low, high = middle(again.above - again.below, free)
    first = Term(
        name="change",
        estimate=change,
        low=low,
        high=high,
        boot_low=low,
        boot_high=high,
        p=p,
        key=True,
    )
    if p >= ALPHA:
        why = "not testable: no change of slope beyond chance, so there is no place to name"
        none = [Term(name="change", estimate=float("nan"), p=p, key=True)]
        none += [
            Term(name=name, estimate=float("nan"), status=why)
            for name in ("change_point", "slope_below", "slope_above")
        ]
        return tuple(none)
    out = [first]
    for name, one, many in (
        ("change_point", found.place, again.place),
        ("slope_below", found.below, again.below),
        ("slope_above", found.above, again.above),
    ):
        low, high = middle(many, free)
        out.append(
            Term(
                name=name, estimate=float(one[0]), low=low, high=high, boot_low=low, boot_high=high
            )
        )
    return tuple(out)


def _script(place: float) -> str:
    """Script with plain least squares at the place that was found."""
    return (
        HEAD
        + f"change_point <- {place!r}  # found by the search; its p is in the table, not here\n"
        + "rows$beyond <- pmax(rows$sync - change_point, 0)\n"
        + "fit <- lm(outcome ~ sync + beyond, data = rows)\n"
        + tail("coef(fit)")
    )
