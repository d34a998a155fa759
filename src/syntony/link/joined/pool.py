"""From tables of sessions to the study: sessions into dyads, dyads into one mean, draw by draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.link.intervals import bca_interval, mean_there
from syntony.link.turns import spread_as_all

_DIGITS = 10  # rounding errors make no ranks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """A statistic over dyads beside its draws.

    Attributes
    ----------
    dyads : tuple of str
        Those with a value anywhere.
    each : ndarray of float64, shape (n_dyads, ...)
        The statistic of every dyad; NaN where it has none.
    mean : ndarray of float64, shape (...)
    null : ndarray of float64, shape (draws, ...)
        The same mean in every draw. NaN where a draw has none.
    sessions : int
    """

    dyads: tuple[str, ...]
    each: Array
    mean: Array
    null: Array
    sessions: int

    def interval(
        self, where: tuple[int, ...], rng: np.random.Generator, bootstrap: int
    ) -> tuple[float, float]:
        """BCa interval of one of the means over dyads."""
        places: tuple[Any, ...] = (slice(None), *where)
        values = self.each[places]
        values = values[np.isfinite(values)]
        return bca_interval(values, lambda s: s.mean(axis=1), rng, draws=bootstrap)

    def count(self, where: tuple[int, ...]) -> int:
        """How many dyads have a value there."""
        places: tuple[Any, ...] = (slice(None), *where)
        return int(np.isfinite(self.each[places]).sum())


def pool(tables: Iterable[tuple[str, Array]]) -> Pooled | None:
    """Average sessions within dyads and dyads alike, the observed value as every draw.

    Parameters
    ----------
    tables : iterable of (dyad, ndarray of float64, shape (1 + draws, ...))
        One per session, those of a dyad together; row 0 is the observed value. They are taken
        one at a time, so that a generator needs the memory of one dyad.

    Returns
    -------
    Pooled or None
        None where no session has a value. A draw is left out of a dyad's mean where the
        dyad has no observed value in that place.

    Examples
    --------
    >>> two = [("d1", np.array([1.0, 0.0])), ("d1", np.array([3.0, 2.0])), ("d2", np.zeros(2))]
    >>> found = pool(two)
    >>> found.each.tolist(), found.mean.item(), found.null.tolist()
    ([2.0, 0.0], 1.0, [0.5])
    """
    names: list[str] = []
    each: list[Array] = []
    total: Array | None = None
    count: Array | None = None
    sessions = 0
    for dyad, group in groupby(tables, key=lambda item: item[0]):
        rows = [np.where(np.isfinite(t[:1]), t, np.nan) for _, t in group]
        used = sum(bool(np.isfinite(row[0]).any()) for row in rows)
        if not used:
            continue
        sessions += used
        mean = rows[0] if len(rows) == 1 else mean_there(np.array(rows))
        there = np.isfinite(mean)
        filled = np.where(there, mean, 0.0)
        total = filled if total is None else total + filled
        count = there.astype(np.int64) if count is None else count + there
        names.append(dyad)
        each.append(mean[0])
    if total is None or count is None:
        return None
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    means = np.round(means, _DIGITS)
    return Pooled(
        dyads=tuple(names), each=np.array(each), mean=means[0], null=means[1:], sessions=sessions
    )


def all_turns(turned: Array, shifts: Ints) -> Array:
    """The observed values and those at some turns of the codes, shape (1 + draws, ...).

    Parameters
    ----------
    turned : ndarray of float64, shape (seconds, ...)
        A statistic at every turn of the codes; row 0 is the observed one.
    shifts : ndarray of int64, shape (draws,)
        Turns that are drawn, none of them short.

    Notes
    -----
    The draws get the mean and the SD of all turns. The short turns that are never drawn are
    those most like the observed place, so that without this the draws lie too far from it and
    strangers pass too often (see :func:`syntony.link.moments.class_synchrony`).
    """
    return beside_turns(turned[0], turned[shifts], turned)


def beside_turns(observed: Array, drawn: Array, turned: Array) -> Array:
    """The same from the observed values, shape (...), the draws, and every turn."""
    return np.round(np.concatenate([observed[None], spread_as_all(drawn, turned)]), _DIGITS)
