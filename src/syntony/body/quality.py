"""What is missing or broken in a channel: masks, runs, and the seconds lost by cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one cause took from a channel.

    Attributes
    ----------
    cause : str
        Short stable name such as ``"missing"``, ``"range"``, ``"flat"``, ``"spread"``.
    seconds : float
        Time concerned (s).
    count : int
        Samples concerned; for beats, intervals or beats.
    """

    cause: str
    seconds: float
    count: int


def samples_in(seconds: float, rate_hz: float) -> int:
    """Whole samples that fit into a length of time.

    Examples
    --------
    >>> samples_in(5.0, 4.0), samples_in(0.1, 10.0), samples_in(0.99, 4.0)
    (20, 1, 3)
    """
    return int(np.floor(seconds * rate_hz + _SLACK * max(1.0, seconds * rate_hz)))


def runs(mask: Bools) -> Ints:
    """First sample and the sample after the last of every stretch of True.

    Parameters
    ----------
    mask : ndarray of bool, shape (n_samples,)

    Returns
    -------
    ndarray of int64, shape (n_runs, 2)
        Half-open: ``mask[start:stop]`` is all True.

    Examples
    --------
    >>> runs(np.array([True, True, False, True])).tolist()
    [[0, 2], [3, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return edges.reshape(-1, 2).astype(np.int64)


def spread(mask: Bools, samples: int) -> Bools:
    """Widen every stretch of True by ``samples`` on both sides.

    Examples
    --------
    >>> spread(np.array([0, 0, 0, 1, 0, 0], bool), 2).astype(int).tolist()
    [0, 1, 1, 1, 1, 1]
    """
    if samples < 1 or not mask.any():
        return mask.copy()
    steps = np.zeros(mask.size + 1, dtype=np.int64)
    for start, stop in runs(mask):
        steps[max(0, start - samples)] += 1
        steps[min(mask.size, stop + samples)] -= 1
    return np.asarray(np.cumsum(steps[:-1]) > 0)


def at_least(mask: Bools, samples: int) -> Bools:
    """Keep only the stretches of True that are ``samples`` long or longer.

    Examples
    --------
    >>> at_least(np.array([1, 0, 1, 1, 0], bool), 2).astype(int).tolist()
    [0, 0, 1, 1, 0]
    """
    kept = np.zeros_like(mask)
    for start, stop in runs(mask):
        if stop - start >= samples:
            kept[start:stop] = True
    return kept


def on_stretches(values: Array, valid: Bools, work: Callable[[Array], Array]) -> Array:
    """Apply ``work`` to every valid stretch by itself; NaN elsewhere.

    What stands in a gap, and what lies behind it, cannot reach the result.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
    valid : ndarray of bool, shape (n_samples,)
    work : callable
        From an array to an array of the same length.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
    """
    out = np.full(values.size, np.nan)
    for start, stop in runs(valid):
        out[start:stop] = work(values[start:stop])
    return out


def moving_mean(values: Array, half: int) -> Array:
    """Centred mean over ``2 * half + 1`` samples, shorter at the ends; zero phase.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        Without NaN: use it on valid stretches.
    half : int
        Samples on each side.

    Examples
    --------
    >>> moving_mean(np.array([0.0, 3.0, 0.0]), 1).tolist()
    [1.5, 1.0, 1.5]
    """
    if half < 1:
        return values.copy()
    centre = float(values.mean())
    total = np.concatenate(([0.0], np.cumsum(values - centre)))
    at = np.arange(values.size)
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, values.size)
    return np.asarray((total[high] - total[low]) / (high - low) + centre)


def window_sd(values: Array, window: int) -> Array:
    """Compute the population SD of every whole window; no NaN inside.

    Examples
    --------
    >>> window_sd(np.array([1.0, 1.0, 3.0]), 2).tolist()
    [0.0, 1.0]
    """
    if values.size < window:
        return np.empty(0)
    centred = values - values.mean()
    total = np.concatenate(([0.0], np.cumsum(centred)))
    squares = np.concatenate(([0.0], np.cumsum(centred * centred)))
    mean = (total[window:] - total[:-window]) / window
    square = (squares[window:] - squares[:-window]) / window
    # Rounding of the running sums must not make a constant look alive, nor the reverse.
    noise = 8 * np.finfo(np.float64).eps * squares[-1]
    variance = square - mean * mean
    return np.asarray(np.sqrt(np.where(variance <= noise, 0.0, variance)))


def flat(values: Array, window: int, sd: float) -> Bools:
    """Mark samples inside any whole window whose SD is at most ``sd``; judged within stretches.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples, which are never flat.
    window : int
        Length of a flat line in samples, at least 2.
    sd : float
        Unit of ``values``.

    Returns
    -------
    ndarray of bool, shape (n_samples,)
    """
    out = np.zeros(values.size, dtype=np.bool_)
    window = max(2, window)
    for start, stop in runs(np.isfinite(values)):
        quiet = window_sd(values[start:stop], window) <= sd
        for first, last in runs(quiet):
            out[start + first : start + last - 1 + window] = True
    return out


def losses_by_first_cause(
    causes: Mapping[str, Bools], rate_hz: float
) -> tuple[Bools, tuple[Loss, ...]]:
    """Put every lost sample under the first cause that names it.

    Parameters
    ----------
    causes : mapping of str to ndarray of bool, shape (n_samples,)
        In order of precedence.
    rate_hz : float
        Samples per second.

    Returns
    -------
    valid : ndarray of bool, shape (n_samples,)
        Samples that no cause names.
    losses : tuple of Loss
        One per cause, those that took nothing included. Their counts and the valid
        samples add up to all samples.

    Examples
    --------
    >>> a, b = np.array([True, False, False]), np.array([True, True, False])
    >>> valid, losses = losses_by_first_cause({"missing": a, "range": b}, 4.0)
    >>> [(loss.cause, loss.seconds, loss.count) for loss in losses], int(valid.sum())
    ([('missing', 0.25, 1), ('range', 0.25, 1)], 1)
    """
    taken = np.zeros_like(next(iter(causes.values())))
    losses = []
    for cause, mask in causes.items():
        count = int(np.count_nonzero(mask & ~taken))
        taken |= mask
        losses.append(Loss(cause=cause, seconds=count / rate_hz, count=count))
    return ~taken, tuple(losses)
