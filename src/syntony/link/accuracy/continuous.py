"""Accuracy of a perceiver: Fisher z between their rating of a target and the target's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.kernels.pairwise import (
    paired_correlations,
    pairwise_correlations,
    rotated_correlations,
)

MOST_R = 1.0 - 1e-9  # two equal ratings: Fisher z stays a number (10.7)
MOST_Z = 10.7  # Fisher z from which on two ratings are the same
HALVES = ("positive", "negative")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lagged:
    """Fisher z at one chosen lag.

    ``z`` and ``lag`` have the same shape; ``lag`` in samples, positive where the perceiver is
    later; NaN where there is no z.
    """

    z: Array
    lag: Array


def fisher_z(r: Array) -> Array:
    """Fisher z of correlations; one of 1 (two equal ratings) gives 10.7, not infinity.

    Examples
    --------
    >>> fisher_z(np.array([0.5, 1.0])).round(2).tolist()
    [0.55, 10.71]
    """
    out: Array = np.arctanh(np.clip(r, -MOST_R, MOST_R))
    return out


def follow(perceived: Array, lag: int) -> Array:
    """Perceivers' ratings moved earlier by ``lag`` samples; NaN comes in at the end.

    Examples
    --------
    >>> follow(np.array([[0.0, 1.0, 2.0]]), 1).tolist()
    [[1.0, 2.0, nan]]
    """
    out = np.full(perceived.shape, np.nan)
    n = perceived.shape[-1]
    if abs(lag) < n:
        out[..., max(0, -lag) : n - max(0, lag)] = perceived[..., max(0, lag) : n + min(0, lag)]
    return out


def accuracy_with_everybody(
    perceived: Array, truth: Array, *, lags: Sequence[int] = (0,), least: int = 60
) -> Lagged:
    """Fisher z of every perceiver's rating with every target's own.

    Parameters
    ----------
    perceived : ndarray of float64, shape (n, n_samples)
        Ratings of another person, on one axis of time; NaN where missing.
    truth : ndarray of float64, shape (m, n_samples)
        The targets' own ratings on the same axis.
    lags : sequence of int
        Lags that are looked at, in samples, positive where the perceiver is later; of several,
        the one with the largest z is taken, for each pair by itself.
    least : int
        Fewer joint samples give NaN.

    Returns
    -------
    Lagged
        Shape (n, m): ``[i, j]`` is perceiver i beside target j. The diagonal is accuracy, all
        else what strangers give.

    Examples
    --------
    >>> t = np.sin(np.arange(300) / 9)[None]
    >>> found = accuracy_with_everybody(np.roll(t, 2), t, lags=range(-3, 4))
    >>> bool(found.z[0, 0] > 5), found.lag.tolist()
    (True, [[2.0]])
    """
    n = truth.shape[1]
    found = []
    for k in lags:  # cut rather than moved, so that whole ratings stay whole
        late, early = perceived[:, max(0, k) : n + min(0, k)], truth[:, max(0, -k) : n - max(0, k)]
        found.append(pairwise_correlations(late, early, least))
    return _best(found, lags)


def accuracy_on_cuts(
    perceived: Array, truth: Array, inside: Array, *, lags: Sequence[int] = (0,), least: int = 60
) -> Array:
    """Fisher z of every real pair on the stretch that it shares with each other target.

    Parameters
    ----------
    perceived, truth : ndarray of float64, shape (n, n_samples)
        Row i of both belongs together.
    inside : ndarray of float64, shape (m, n_samples)
        1 where target j was rated at all, else 0.
    lags, least
        As in :func:`accuracy_with_everybody`.

    Returns
    -------
    ndarray of float64, shape (n, m)
    """
    cuts = [paired_correlations(follow(perceived, k), truth, inside, least) for k in lags]
    return _best(cuts, lags).z


def accuracy_of_rotations(
    perceived: Array, truth: Array, offsets: Ints, *, lags: Sequence[int] = (0,), least: int = 60
) -> Array:
    """Fisher z of one perceiver's rating turned round within the session.

    Parameters
    ----------
    perceived, truth : ndarray of float64, shape (n_samples,)
    offsets : ndarray of int, shape (n_draws,)
        Samples by which the perceiver's rating is rotated on the stretch it covers.

    Returns
    -------
    ndarray of float64, shape (n_draws,)
        By the same path as the real pair, the choice of lag included.
    """
    start, stop = extent(perceived)
    if tuple(lags) == (0,) and stop > start:
        return fisher_z(
            rotated_correlations(perceived[start:stop], truth[start:stop], offsets, least)
        )
    turned = np.full((offsets.size, perceived.size), np.nan)
    own = perceived[start:stop]
    places = (np.arange(own.size)[None, :] - offsets[:, None]) % max(own.size, 1)
    turned[:, start:stop] = own[places]
    return accuracy_with_everybody(turned, truth[None], lags=lags, least=least).z[:, 0]


def extent(values: Array) -> tuple[int, int]:
    """First sample that is there and the one after the last; (0, 0) where none is.

    Examples
    --------
    >>> extent(np.array([np.nan, 1.0, np.nan, 2.0, np.nan]))
    (1, 4)
    """
    there = np.flatnonzero(np.isfinite(values))
    return (int(there[0]), int(there[-1]) + 1) if there.size else (0, 0)


def half_of(truth: Array, half: str, neutral: float | None = None) -> Array:
    """A target's own rating in one half of its valence; NaN elsewhere.

    Parameters
    ----------
    truth : ndarray of float64, shape (n_samples,)
    half : {"positive", "negative"}
        Above, or below, the line; samples on it are in neither.
    neutral : float, optional
        The line; without it the median of the rating.

    Examples
    --------
    >>> half_of(np.array([1.0, 2.0, 3.0, np.nan]), "positive").tolist()
    [nan, nan, 3.0, nan]
    """
    if half not in HALVES:
        raise InputError("half", half, f"one of {list(HALVES)}")
    there = np.isfinite(truth)
    if not there.any():
        return np.full(truth.shape, np.nan)
    line = float(np.median(truth[there])) if neutral is None else neutral
    with np.errstate(invalid="ignore"):
        return np.where(truth > line if half == "positive" else truth < line, truth, np.nan)


def bias_of(perceived: Array, truth: Array, *, lag: int = 0) -> float:
    """Mean difference, perceiver's rating less the target's own, over what both have.

    Examples
    --------
    >>> bias_of(np.array([2.0, 3.0, np.nan]), np.array([1.0, 1.0, 1.0]))
    1.5
    """
    apart = follow(perceived, lag) - truth
    there = np.isfinite(apart)
    return float(apart[there].mean()) if there.any() else float("nan")


def _best(correlations: list[Array], lags: Sequence[int]) -> Lagged:
    """The largest correlation over lags, as z, and where it lies; the nearest lag of equals."""
    order = np.argsort(np.abs(np.asarray(lags)), kind="stable")
    stacked = np.stack([correlations[k] for k in order])
    there = np.isfinite(stacked).any(axis=0)
    at = np.argmax(np.where(np.isfinite(stacked), stacked, -np.inf), axis=0)
    r = np.take_along_axis(stacked, at[None], axis=0)[0]
    lag = np.asarray(lags, dtype=np.float64)[order][at]
    return Lagged(z=fisher_z(r), lag=np.where(there, lag, np.nan))
