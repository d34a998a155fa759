"""Mutual information: any relation between two signals, at any delay, straight line or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    whole_steps,
)
from syntony.synchrony._scale import in_spreads
from syntony.synchrony._thin import thinned
from syntony.synchrony.registry import Statistic, method

Estimator = Literal["ksg", "binned"]
Edges = Literal["equal_count", "equal_width"]


@dataclass(frozen=True, slots=True)
class Entropies:
    """Shannon entropies in nats: of each signal, and of both together."""

    first: float
    second: float
    both: float

    @property
    def mutual(self) -> float:
        """What the two signals tell of each other."""
        return self.first + self.second - self.both

    @property
    def normalised(self) -> float:
        """``2 I / (H1 + H2)``; 0 where nothing varies."""
        total = self.first + self.second
        return 2.0 * self.mutual / total if total > 0 else 0.0


def bins_of(values: Array, bins: int, edges: Edges) -> Ints:
    """Number of the bin in which each value lies.

    Examples
    --------
    >>> bins_of(np.array([0.0, 1.0, 2.0, 10.0]), 2, "equal_width").tolist()
    [0, 0, 0, 1]
    >>> bins_of(np.array([0.0, 1.0, 2.0, 10.0]), 2, "equal_count").tolist()
    [0, 0, 1, 1]
    """
    if edges == "equal_width":
        cuts = np.linspace(values.min(), values.max(), bins + 1)[1:-1]
    else:
        cuts = np.quantile(values, np.arange(1, bins) / bins)
    placed: Ints = np.searchsorted(cuts, values, side="right").astype(np.int64)
    return placed


def binned_entropies(
    x: Array, y: Array, bins: int, *, edges: Edges = "equal_count", corrected: bool = True
) -> Entropies:
    """Entropies from counts in bins.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        Finite.
    bins : int
        Of each signal.
    edges : {"equal_count", "equal_width"}
    corrected : bool
        Add Miller and Madow's (cells in use - 1) / (2 n).

    References
    ----------
    .. [1] Miller (1955), in Information Theory in Psychology, 95-100.

    Examples
    --------
    >>> v = np.arange(8.0)
    >>> round(binned_entropies(v, v, 4, corrected=False).normalised, 12)
    1.0
    """
    return entropies_of(bins_of(x, bins, edges), bins_of(y, bins, edges), corrected=corrected)


def entropies_of(first: Ints, second: Ints, *, corrected: bool = False) -> Entropies:
    """Entropies of two rows of labels, whole numbers from 0 on, shape (n_samples,) each."""
    shape = int(first.max()) + 1, int(second.max()) + 1
    counts = np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1]).reshape(shape)
    parts = [_entropy(c, corrected) for c in (counts.sum(axis=1), counts.sum(axis=0), counts)]
    return Entropies(*parts)


def _entropy(counts: Ints, corrected: bool) -> float:
    """Shannon entropy in nats of some counts."""
    used = counts[counts > 0].astype(np.float64)
    n = used.sum()
    plain = math.log(n) - float(used @ np.log(used)) / n
    return float(plain + ((used.size - 1) / (2.0 * n) if corrected else 0.0))


def ksg_information(x: Array, y: Array, *, neighbours: int = 4) -> float:
    """Mutual information by nearest neighbours, in nats.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        Finite, and without many equal values.
    neighbours : int

    Notes
    -----
    The first estimator of [1]_: ``psi(k) + psi(n) - mean(psi(n_x + 1) + psi(n_y + 1))``.

    References
    ----------
    .. [1] Kraskov, Stogbauer & Grassberger (2004), Physical Review E 69, 066138.
       https://doi.org/10.1103/PhysRevE.69.066138

    Examples
    --------
    >>> x, y = np.random.default_rng(1).standard_normal((2, 1000))
    >>> bool(abs(ksg_information(x, y)) < 0.05 < ksg_information(x, x + 0.5 * y))
    True
    """
    from scipy.special import digamma

    from syntony.kernels.information import neighbour_counts

    near_x, near_y = neighbour_counts(x, y, neighbours)
    own = digamma(np.arange(1, x.size + 1))
    return float(own[neighbours - 1] + own[-1] - np.mean(own[near_x] + own[near_y]))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    values, lags = coupling.values, coupling.coords["lag"]
    there = np.isfinite(values)
    zero = float(values[lags.size // 2])
    if not there.any():
        nothing = ("mean_nats", "lag_zero", "peak_nats", "best_lag_s")
        return dict.fromkeys(nothing, math.nan)
    best = int(np.nanargmax(values))
    return {
        "mean_nats": float(values[there].mean()),
        "lag_zero": zero,
        "peak_nats": float(values[best]),
        "best_lag_s": float(lags[best]),
    }


def _profile(coupling: Coupling) -> Array:
    """Information at every lag."""
    return coupling.values


def _nats(name: str, title: str, explain: str, chance: float) -> Statistic:
    """Describe a statistic in nats."""
    return Statistic(
        name=name, title=title, explain=explain, bounds=(-1.0, math.inf), chance=chance
    )


@method(
    name="mutual_information",
    title="Lagged mutual information",
    summarise=_summary,
    profile=_profile,
    statistics=(
        _nats(
            "mean_nats",
            "Mean information over all lags (nats)",
            "How much one person's signal tells of the other's over all delays, whatever the shape "
            "of the relation. About 0 for unrelated noise; slow signals tell of each other by "
            "chance, so read it beside surrogates.",
            0.0,
        ),
        _nats(
            "lag_zero",
            "Information at the same instant (nats)",
            "How much one person's signal tells of the other's at the same instant, without any "
            "delay between them.",
            0.0,
        ),
        _nats(
            "peak_nats",
            "Highest information over the lags (nats)",
            "How much one signal tells of the other at the delay at which it tells most. Because "
            "the best of many was picked it is above 0 for strangers too.",
            0.06,
        ),
        Statistic(
            name="best_lag_s",
            title="Delay of the highest information (s)",
            explain="The delay in seconds at which one signal tells most of the other. Positive: "
            "the second person follows the first. It always has a value, even for strangers.",
            bounds=(-math.inf, math.inf),
            chance=0.0,
        ),
    ),
    dims=("lag",),
    bounds=(-1.0, math.inf),
    chance=0.0,
    swap="mirror_lag",
    scale_free=True,
    cites=("Kraskov2004", "Miller1955"),
    sentence="Mutual information of the two signals, averaged to {thin_to_hz:g} Hz, at lags up to "
    "{max_lag_s:g} s, by {estimator} [{neighbours} neighbours, @Kraskov2004; or {bins} bins "
    "of {edges} with the correction of @Miller1955]; at least {min_coverage:g} of the pairs had to "
    "be complete.",
    question="Does one person's signal tell anything of the other's at some delay, also where the "
    "relation is no straight line (for instance when both extremes of one go with the middle of "
    "the other)?",
    not_when="A straight line will do: correlation is then more sensitive and keeps the sign, "
    "which information does not have (moving apart counts like moving together). Slow signals "
    "share information by chance; only surrogates tell. It needs some hundred samples.",
    words={
        "estimator": {"ksg": "nearest neighbours", "binned": "counts in bins"},
        "edges": {"equal_count": "equal count", "equal_width": "equal width"},
    },
    units={
        "max_lag_s": "s",
        "estimator": "choice",
        "neighbours": "1",
        "bins": "1",
        "edges": "choice",
        "thin_to_hz": "Hz",
        "min_coverage": "1",
    },
)
def mutual_information(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_lag_s: float = 10.0,
    estimator: Estimator = "ksg",
    neighbours: int = 4,
    bins: int = 8,
    edges: Edges = "equal_count",
    thin_to_hz: float = 1.0,
    min_coverage: float = 0.5,
) -> Coupling:
    """Information that two signals have of each other at a range of lags.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a pair with one is left out.
    rate_hz : float
        Samples per second of both signals.
    max_lag_s : float
        Largest lag in both directions; lags are one thinned sample apart.
    estimator : {"ksg", "binned"}
        By nearest neighbours, or by counts in bins.
    neighbours : int
        Of the nearest-neighbour estimate.
    bins : int
        Of each signal, for counts.
    edges : {"equal_count", "equal_width"}
        Where bins end: every bin holds as many samples, or is as wide.
    thin_to_hz : float
        Signals are averaged to about this rate first; 0: as they are.
    min_coverage : float
        Share of a lag's pairs that must be complete.

    Returns
    -------
    Coupling
        ``values`` : information in nats, shape (n_lags,); an estimate may lie a little under
        0. NaN where pairs are too few or a signal does not vary.

    Raises
    ------
    InputError
        If the signals differ in length, an option makes no sense, or they are too short.

    Notes
    -----
    Both signals are divided by their spread first, so that gains do not matter to neighbours.
    One normalised to 0..1, ``2 I / (H1 + H2)``, is given by
    :attr:`Entropies.normalised` of :func:`binned_entropies`.

    References
    ----------
    .. [1] Kraskov, Stogbauer & Grassberger (2004), Physical Review E 69, 066138.
       https://doi.org/10.1103/PhysRevE.69.066138
    .. [2] Miller (1955), in Information Theory in Psychology, 95-100.

    Examples
    --------
    A relation without a straight line, two seconds later:

    >>> import numpy as np
    >>> x = np.random.default_rng(1).standard_normal(1500)
    >>> c = mutual_information(x, np.roll(x, 2) ** 2, rate_hz=1.0)
    >>> float(c.coords["lag"][np.nanargmax(c.values)])
    2.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_seconds(max_lag_s=max_lag_s)
    check_choice("estimator", estimator, ("ksg", "binned"))
    check_choice("edges", edges, ("equal_count", "equal_width"))
    check_number("neighbours", neighbours, 1, 100, "a whole number from 1 to 100")
    check_number("bins", bins, 2, 200, "a whole number from 2 to 200")
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    if x.size < 2:
        raise InputError("x", x.shape, "more than one sample")
    both, thin_hz = thinned(np.stack([x, y]), rate_hz, thin_to_hz)
    n, n_lags = both.shape[1], whole_steps(max_lag_s, thin_hz)
    if n - n_lags < 4 * neighbours + 8:
        need_s = (n_lags + 4 * neighbours + 8) / thin_hz
        raise InputError("max_lag_s", max_lag_s, f"less, or signals of at least {need_s:g} s")
    a, b = in_spreads(both)
    values, coverage = np.full(2 * n_lags + 1, np.nan), np.zeros(2 * n_lags + 1)
    for place, lag in enumerate(range(-n_lags, n_lags + 1)):
        early, late = a[max(0, -lag) : n - max(0, lag)], b[max(0, lag) : n - max(0, -lag)]
        there = np.isfinite(early) & np.isfinite(late)
        coverage[place] = there.mean()
        early, late = early[there], late[there]
        if there.mean() < min_coverage or early.size < 4 * neighbours + 8:
            continue
        if early.min() == early.max() or late.min() == late.max():
            continue
        if estimator == "ksg":
            values[place] = ksg_information(early, late, neighbours=neighbours)
        else:
            values[place] = binned_entropies(early, late, bins, edges=edges).mutual
    return Coupling(
        values=values,
        dims=("lag",),
        coords={"lag": np.arange(-n_lags, n_lags + 1) / thin_hz},
        coverage=coverage,
        method="mutual_information",
        options={
            "max_lag_s": n_lags / thin_hz,
            "estimator": estimator,
            "neighbours": neighbours,
            "bins": bins,
            "edges": edges,
            "thin_to_hz": thin_to_hz,
            "min_coverage": min_coverage,
        },
    )
