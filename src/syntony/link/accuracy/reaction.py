"""Reaction lag of ratings: where the mean cross-correlation with a reference is highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.kernels.pairwise import paired_correlations
from syntony.link.accuracy.continuous import fisher_z, follow
from syntony.link.accuracy.pooling import MIN_BLOCKS
from syntony.link.intervals import mean_there
from syntony.surrogates.effects import expanded_shares

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReactionLag:
    """By how much a rating is later than its reference, over dyads.

    Attributes
    ----------
    value_s, low_s, high_s : float
        Lag of the highest point of the mean profile (between samples by a parabola), with the
        central 95 % over resampled dyads (those that share people drawn together); positive: the
        rating is later. NaN where the highest point lies at the edge of what was looked at.
    profile : ndarray of float64, shape (n_lags,)
        Mean Fisher z over dyads.
    lag_s : ndarray of float64, shape (n_lags,)
    n_dyads, n_blocks : int
        Blocks are groups of dyads that share nobody with each other.
    status : str
        ``"ok"``, or why there is no lag.
    """

    value_s: float
    low_s: float
    high_s: float
    profile: Array
    lag_s: Array
    n_dyads: int
    n_blocks: int
    status: str


def lag_profiles(rating: Array, reference: Array, *, lags: Sequence[int], least: int) -> Array:
    """Fisher z at every lag of every session, shape (n_sessions, n_lags).

    Parameters
    ----------
    rating, reference : ndarray of float64, shape (n_sessions, n_samples)
    lags : sequence of int
        In samples; positive: the rating is later.
    least : int
        Fewer joint samples give NaN.
    """
    whole = np.ones((1, rating.shape[1]))
    return np.column_stack(
        [fisher_z(paired_correlations(follow(rating, k), reference, whole, least)) for k in lags]
    )


def reaction_lag(
    profiles: Array,
    lag_s: Array,
    rng: np.random.Generator,
    *,
    bootstrap: int = 2000,
    blocks: Sequence[int] | None = None,
) -> ReactionLag:
    """Estimate the reaction lag from one profile per dyad.

    Parameters
    ----------
    profiles : ndarray of float64, shape (n_dyads, n_lags)
        Fisher z; a dyad with NaN is left out.
    lag_s : ndarray of float64, shape (n_lags,)
        Ascending, evenly spaced (s).
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Resamples of the dyads; those whose highest point lies at an edge count as that edge.
    blocks : sequence of int, length n_dyads, optional
        Dyads of one number share people and are drawn together; under 3 blocks there is no
        interval. None: nobody is shared.

    Raises
    ------
    InputError
        If the shapes do not fit, or there are fewer than three lags.

    Examples
    --------
    >>> lags = np.arange(-5.0, 6.0)
    >>> humps = np.array([np.exp(-((lags - at) ** 2) / 20) for at in (1.5, 2.0, 2.5, 2.0)])
    >>> found = reaction_lag(humps, lags, np.random.default_rng(1))
    >>> round(found.value_s, 1), bool(found.low_s < 2 < found.high_s)
    (2.0, True)
    """
    if profiles.ndim != 2 or profiles.shape[1] != lag_s.size or lag_s.size < 3:
        raise InputError(
            "profiles", profiles.shape, f"shape (n_dyads, {lag_s.size}), 3 lags or more"
        )
    whole = np.isfinite(profiles).all(axis=1)
    there = profiles[whole]
    mean = mean_there(there) if len(there) else np.full(lag_s.size, np.nan)
    at_edge = bool(len(there)) and int(np.argmax(mean)) in (0, lag_s.size - 1)
    status = "ok"
    if not len(there):
        status = "no dyad has both ratings"
    elif at_edge:
        edge = float(np.abs(lag_s).max())
        status = f"the highest correlation lies at the edge, {edge:g} s: look further"
    low = high = NAN
    own = np.arange(len(there)) if blocks is None else np.asarray(blocks)[whole]
    member = np.unique(own, return_inverse=True)[1]
    many = int(member.max()) + 1 if member.size else 0
    if status == "ok" and many >= MIN_BLOCKS:
        peaks = np.array([_peak(row, lag_s) for row in _drawn(there, member, rng, bootstrap)])
        low, high = (float(q) for q in np.quantile(peaks, expanded_shares(many)))
    return ReactionLag(
        value_s=_peak(mean, lag_s) if status == "ok" else NAN,
        low_s=low,
        high_s=high,
        profile=mean,
        lag_s=lag_s,
        n_dyads=len(there),
        n_blocks=many,
        status=status,
    )


def without_own(profiles: Array, dyads: Sequence[str], lag_s: Array) -> Array:
    """Lag at the highest point of the other dyads' mean profile, for every session (s).

    A session's own ratings have no part in the lag at which they are compared, so that chance
    need not be told of the choice.

    Parameters
    ----------
    profiles : ndarray of float64, shape (n_sessions, n_lags)
    dyads : sequence of str, length n_sessions
    lag_s : ndarray of float64, shape (n_lags,)

    Returns
    -------
    ndarray of float64, shape (n_sessions,)
        One of ``lag_s``; 0 where no other dyad has a profile.

    Examples
    --------
    >>> lags = np.array([-1.0, 0.0, 1.0])
    >>> without_own(np.array([[0, 0, 1.0], [0, 1.0, 0]]), ["a", "b"], lags).tolist()
    [0.0, 1.0]
    """
    names = np.asarray(dyads)
    whole = np.isfinite(profiles).all(axis=1)
    chosen = np.zeros(len(names))
    for k, name in enumerate(names):
        rest = profiles[whole & (names != name)]
        if len(rest):
            chosen[k] = lag_s[int(np.argmax(rest.mean(axis=0)))]
    return chosen


def _drawn(there: Array, member: Ints, rng: np.random.Generator, bootstrap: int) -> Array:
    """Mean profiles over the dyads of drawn blocks, shape (bootstrap, n_lags)."""
    sizes = np.bincount(member)
    sums = np.stack([there[member == g].sum(axis=0) for g in range(sizes.size)])
    rows = rng.integers(sizes.size, size=(bootstrap, sizes.size))
    out: Array = sums[rows].sum(axis=1) / sizes[rows].sum(axis=1)[:, None]
    return out


def _peak(profile: Array, lag_s: Array) -> float:
    """Highest point, between samples by the parabola through it and its neighbours."""
    k = int(np.argmax(profile))
    if not 0 < k < lag_s.size - 1:
        return float(lag_s[k])
    left, top, right = profile[k - 1 : k + 2]
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(lag_s[k] + shift * (lag_s[1] - lag_s[0]))
