"""Stretches over time, and patches over time and lag or frequency, that chance does not give."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array, Bools, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING
from syntony.surrogates.multiplicity import cells_and_draws

Sides = Literal["high", "two"]
AT_ONCE = 2**16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Cells that lie together beyond what is usual under chance.

    Attributes
    ----------
    labels : ndarray of int64, shape of the course or map
        0 outside every cluster; k in cluster k, counted from 1 by first cell in time.
    mass : ndarray of float64, shape (n_clusters,)
        Sum over the cluster's cells of the distance beyond the threshold, in SDs of the cell.
    sign : ndarray of int64, shape (n_clusters,)
        1 above the upper threshold, -1 below the lower one.
    p : ndarray of float64, shape (n_clusters,)
        Share of draws, the observed one counted in, whose largest cluster anywhere is as
        large. Holds for all clusters of the course or map together.
    high, low : ndarray of float64, shape of the course or map
        Thresholds; NaN where a cell has too few values or no spread, and ``low`` with one side.
    largest : ndarray of float64, shape (n_draws,)
        Mass of the largest cluster of each draw: 0 without any; NaN without any value, which
        counts against the finding.
    """

    labels: Ints
    mass: Array
    sign: Ints
    p: Array
    high: Array
    low: Array
    largest: Array

    def __post_init__(self) -> None:
        for name in ("mass", "p", "high", "low", "largest"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name), None))
        for name in ("labels", "sign"):
            getattr(self, name).flags.writeable = False


def cluster_mass(
    observed: ArrayLike, draws: ArrayLike, *, sides: Sides = "high", point: float = 0.05
) -> Clusters:
    """Find the stretches or patches that are more than chance gives anywhere.

    Parameters
    ----------
    observed : array_like, shape (n_times,) or (n_times, n_lags or n_frequencies)
        A course or a map on its true axes. NaN is never in a cluster and parts what lies
        before it from what lies after.
    draws : array_like, shape (n_draws, ...)
        The same under chance, one draw a row.
    sides : {"high", "two"}
        Whether only high values count, or low ones as well (clusters of their own).
    point : float, default 0.05
        Share of the values of a cell beyond its threshold; with two sides half of it on each.
        It decides whether short and strong or long and weak stretches are found more easily,
        not how often strangers pass.

    Returns
    -------
    Clusters

    Raises
    ------
    InputError
        If the draws do not fit, a value is infinite, there are more than two axes, or
        ``point`` is not between 0 and 1.

    Notes
    -----
    In each cell, threshold and SD are those of the draws and the observed value together: as
    in the p-values, the observed one counts as a draw. So every map is judged by the same
    rule and is part of it, and p holds for any number of draws. The threshold is a value that
    at most ``point`` of them exceed; with fewer than ``1 / point`` values in a cell nobody
    exceeds it. Neighbours share an edge (in a map four, in a course two).

    p is for a cluster as a whole: *somewhere around here*. It says neither that every moment
    in it is above chance nor that its borders are exact.

    References
    ----------
    .. [1] Maris & Oostenveld (2007), Journal of Neuroscience Methods 164(1), 177-190.
       https://doi.org/10.1016/j.jneumeth.2007.03.024
    .. [2] Bullmore et al. (1999), IEEE Transactions on Medical Imaging 18(1), 32-42 (mass of a
       cluster). https://doi.org/10.1109/42.750253

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> course, draws = rng.standard_normal(60), rng.standard_normal((199, 60))
    >>> course[20:26] = 4.0
    >>> found = cluster_mass(course, draws)
    >>> best = int(found.mass.argmax())
    >>> np.flatnonzero(found.labels == best + 1), float(found.p[best])
    (array([20, 21, 22, 23, 24, 25]), 0.005)
    """
    value, null = cells_and_draws(observed, draws)
    if value.ndim not in (1, 2):
        raise InputError("observed", value.shape, "one axis (time) or two")
    if not 0 < point < 1:
        raise InputError("point", point, "a share between 0 and 1")
    if sides not in ("high", "two"):
        raise InputError("sides", sides, "one of ['high', 'two']")
    low, high, spread = _thresholds(value, null, point / 2 if sides == "two" else point)
    if sides == "high":
        low = np.full(value.shape, np.nan)
    labels, mass, sign = _in_order(*_clusters(value, low, high, spread))
    largest = _largest(null, low, high, spread)
    largest[np.isnan(null.reshape(len(null), value.size)).all(axis=1)] = np.nan
    slack = 1.0 - ROUNDING
    reached = [np.count_nonzero(~(largest < slack * m)) for m in mass]
    return Clusters(
        labels=labels,
        mass=mass,
        sign=sign,
        p=(1.0 + np.array(reached, dtype=np.float64)) / (len(null) + 1),
        high=high,
        low=low,
        largest=largest,
    )


def _thresholds(value: Array, null: Array, share: float) -> tuple[Array, Array, Array]:
    """Lower and upper threshold and SD of every cell, a piece at a time to keep memory small."""
    cells, draws = value.ravel(), null.reshape(len(null), value.size)
    width = max(1, AT_ONCE // (len(null) + 1))
    pieces = [
        _some_thresholds(cells[k : k + width], draws[:, k : k + width], share)
        for k in range(0, max(value.size, 1), width)
    ]
    low, high, spread = (
        np.concatenate(part).reshape(value.shape) for part in zip(*pieces, strict=True)
    )
    return low, high, spread


def _some_thresholds(value: Array, null: Array, share: float) -> tuple[Array, Array, Array]:
    """Lower and upper threshold and SD of some cells; NaN where nothing can exceed them."""
    ordered = np.sort(np.concatenate((value[None], null)), axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    ranks = np.array([max(ceil((1.0 - share) * n - 1e-9), 1) for n in range(len(ordered) + 1)])
    upper = ranks[count] - 1
    high = np.take_along_axis(ordered, upper[None], axis=0)[0]
    low = np.take_along_axis(ordered, np.maximum(count - 1 - upper, 0)[None], axis=0)[0]
    total = np.where(np.isfinite(ordered), ordered, 0.0)
    several = np.maximum(count, 2)
    middle = total.sum(axis=0) / np.maximum(count, 1)
    apart = np.where(np.isfinite(ordered), ordered - middle, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / (several - 1))
    none = (count < 2) | (spread <= ROUNDING * np.abs(total).max(axis=0))
    return (
        np.where(none, np.nan, low),
        np.where(none, np.nan, high),
        np.where(none, np.nan, spread),
    )


def _clusters(value: Array, low: Array, high: Array, spread: Array) -> tuple[Ints, Array, Ints]:
    """Label what lies beyond the thresholds: labels from 1, mass and sign of each."""
    labels = np.zeros(value.shape, dtype=np.int64)
    masses: list[Array] = []
    signs: list[int] = []
    for sign, beyond in ((1, (value - high) / spread), (-1, (low - value) / spread)):
        with np.errstate(invalid="ignore"):
            out = beyond > 0
        if not out.any():
            continue
        found, count = _runs(out) if out.ndim == 1 else _patches(out)
        mass = np.bincount(found[out], weights=beyond[out], minlength=count + 1)[1:]
        labels[out] = found[out] + len(signs)
        masses.append(np.asarray(mass, dtype=np.float64))
        signs += [sign] * count
    return (
        labels,
        np.concatenate(masses) if masses else np.empty(0),
        np.array(signs, dtype=np.int64),
    )


def _runs(out: Bools) -> tuple[Ints, int]:
    """Number the stretches of a course from 1, and how many they are."""
    begins = out & ~np.concatenate([[False], out[:-1]])
    return np.where(out, np.cumsum(begins), 0), int(np.count_nonzero(begins))


def _patches(out: Bools) -> tuple[Ints, int]:
    """The same for the patches of a map, neighbours up, down, left and right."""
    from scipy.ndimage import label  # a quarter of a second to load

    found, count = label(out)
    return found, int(count)


def _largest(null: Array, low: Array, high: Array, spread: Array) -> Array:
    """Mass of the largest cluster of every draw, 0 without any; many courses at a time."""
    if null.ndim > 2 or not null.size:
        both = (_clusters(draw, low, high, spread)[1].max(initial=0.0) for draw in null)
        return np.fromiter(both, dtype=np.float64, count=len(null))
    rows = max(1, AT_ONCE // null.shape[1])
    return np.concatenate(
        [
            np.maximum(_largest_run((some - high) / spread), _largest_run((low - some) / spread))
            for some in (null[k : k + rows] for k in range(0, len(null), rows))
        ]
    )


def _largest_run(beyond: Array) -> Array:
    """Largest sum over neighbours above 0 in every row, shape (n_rows,); 0 without any."""
    out = np.zeros((len(beyond), beyond.shape[1] + 1))  # the last column parts the rows
    np.copyto(out[:, :-1], beyond, where=beyond > 0)
    flat = out.ravel()
    inside = flat > 0
    starts = np.flatnonzero(inside & ~np.concatenate([[False], inside[:-1]]))
    largest = np.zeros(len(beyond))
    if starts.size:
        np.maximum.at(largest, starts // out.shape[1], np.add.reduceat(flat, starts))
    return largest


def _in_order(labels: Ints, mass: Array, sign: Ints) -> tuple[Ints, Array, Ints]:
    """Number clusters by their first cell."""
    if not mass.size:
        return labels, mass, sign
    numbers, first = np.unique(labels[labels > 0], return_index=True)
    order = numbers[np.argsort(first)] - 1
    new = np.zeros(mass.size + 1, dtype=np.int64)
    new[order + 1] = np.arange(1, mass.size + 1)
    return new[labels], mass[order], sign[order]
