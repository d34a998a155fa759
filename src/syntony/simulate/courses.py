"""The slow course that strangers share: from the start of a session, and towards its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import InputError

BIN_S = 30.0
END_S = 600.0
FLIPS = 199
LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What the courses of people who never met have in common.

    Attributes
    ----------
    start : ndarray of float64, shape (n_bins,)
        Bins of 30 s from the start of a session.
    end : ndarray of float64, shape (n_end_bins,)
        The last bins of a session, the very last one last.
    share : float
        Share of the variance of the people's courses that is common, 0 to 1; 0 where it is
        not beyond chance, and the course is then 0 throughout.
    p : float
        Of the common variance, beside courses turned upside down dyad by dyad.
    """

    start: Array
    end: Array
    share: float
    p: float

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))

    def at(self, times_s: Array, duration_s: float) -> Array:
        """Value at times of a session of this length: straight lines between the bins.

        Examples
        --------
        >>> flat = Course(start=[1.0, 0.0], end=[0.0, 2.0], share=1.0, p=0.005)
        >>> flat.at(np.array([0.0, 30.0, 105.0]), 120.0).tolist()
        [1.0, 0.5, 2.0]
        """
        end_at = duration_s - BIN_S * (self.end.size - np.arange(self.end.size) - 0.5)
        start_at = BIN_S * (np.arange(self.start.size) + 0.5)
        inside = start_at < duration_s - BIN_S * self.end.size
        at = np.concatenate([start_at[inside], end_at])
        values = np.concatenate([self.start[inside], self.end])
        return np.interp(times_s, at, values) if at.size else np.zeros(times_s.shape)

    def to_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {
            "bin_s": BIN_S,
            "start": [round(float(v), 4) for v in self.start],
            "end": [round(float(v), 4) for v in self.end],
            "share": round(self.share, 4),
            "p": self.p,
        }


def binned(values: Array, rate_hz: float, end_bins: int) -> tuple[Array, Array]:
    """Means of 30 s: from the start up to the last minutes, and the last minutes from the end.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN is left out; a bin of which less than a half is there is NaN.
    rate_hz : float
    end_bins : int
        Bins of the last minutes.

    Returns
    -------
    start, end : ndarray of float64

    Examples
    --------
    >>> start, end = binned(np.arange(100.0), 1.0, 1)
    >>> start.tolist(), end.tolist()
    ([14.5, 44.5], [84.5])
    """
    size = max(1, round(BIN_S * rate_hz))
    whole = values.size // size
    tail = min(end_bins, whole)
    head = whole - tail
    first = values[: head * size].reshape(head, size)
    last = values[values.size - tail * size :].reshape(tail, size)
    return _means(first), _means(last)


def _means(blocks: Array) -> Array:
    there = np.isfinite(blocks)
    count = there.sum(axis=1)
    total = np.where(there, blocks, 0.0).sum(axis=1)
    return np.where(2 * count >= blocks.shape[1], total / np.maximum(count, 1), np.nan)


def end_bins_of(durations_s: Sequence[float]) -> int:
    """Bins of the last minutes: ten minutes, at most a third of the shortest session."""
    return int(min(END_S, min(durations_s) / 3.0) // BIN_S)


def common_course(
    pieces: Sequence[tuple[Array, Array]], dyads: Sequence[str], rng: np.random.Generator
) -> Course:
    """Find what the courses of all people have in common, as far as it is beyond chance.

    Parameters
    ----------
    pieces : sequence of (start, end)
        One a person and session, as :func:`binned` gives them, each on a scale of its own.
    dyads : sequence of str
        Dyad of each: what only two partners share is not common to strangers.
    rng : numpy.random.Generator
        For the courses turned upside down.

    Returns
    -------
    Course
        The mean course, freed of its mean, smoothed over three bins, and scaled so that its
        variance is what exceeds the mean variance of the flipped courses. Zero where that is
        not beyond chance (p above .05), and with fewer than six dyads.

    Raises
    ------
    InputError
        If there is no course.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> fall = np.exp(-np.arange(40) / 10)
    >>> mine = [(fall + 0.1 * rng.standard_normal(40), np.zeros(0)) for _ in range(12)]
    >>> found = common_course(mine, [str(k) for k in range(12)], rng)
    >>> bool(found.share > 0.7), bool(found.start[0] > found.start[-1])
    (True, True)
    """
    if not pieces:
        raise InputError("pieces", 0, "at least one course")
    heads, tails = (max(p[k].size for p in pieces) for k in (0, 1))
    rows = np.array(
        [np.concatenate([_fill(a, heads), _fill(b, tails, last=True)]) for a, b in pieces]
    )
    rows = rows - _mean(rows, axis=1)[:, None]
    names = sorted(set(dyads))
    flat = Course(start=np.zeros(heads), end=np.zeros(tails), share=0.0, p=1.0)
    if len(names) < 6 or not np.isfinite(rows).any():
        return flat
    place = np.array([names.index(d) for d in dyads])
    signs = rng.choice([-1.0, 1.0], size=(FLIPS, len(names)))
    real = _smooth(_mean(rows, axis=0), heads)
    power = float(np.mean(real**2))
    chance = np.array(
        [np.mean(_smooth(_mean(rows * s[place][:, None], axis=0), heads) ** 2) for s in signs]
    )
    p = (1 + int(np.count_nonzero(chance >= power))) / (FLIPS + 1)
    kept = max(0.0, 1.0 - float(chance.mean()) / power) if power > 0 and p <= LEVEL else 0.0
    if not kept:
        return Course(start=flat.start, end=flat.end, share=0.0, p=p)
    course = np.sqrt(kept) * (real - real.mean())
    everything = float(np.mean(np.where(np.isfinite(rows), rows, 0.0) ** 2))
    share = min(1.0, float(np.mean(course**2)) / everything)
    return Course(start=course[:heads], end=course[heads:], share=share, p=p)


def _fill(values: Array, size: int, *, last: bool = False) -> Array:
    """Lengthen with NaN: at the end, or before the beginning."""
    gap = np.full(size - values.size, np.nan)
    return np.concatenate([gap, values] if last else [values, gap])


def _mean(rows: Array, axis: int) -> Array:
    there = np.isfinite(rows)
    count = there.sum(axis=axis)
    total = np.where(there, rows, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), 0.0)


def _smooth(course: Array, heads: int) -> Array:
    """Mean of three neighbouring bins (two at the edges), within the start and within the end."""
    parts = []
    for part in (course[:heads], course[heads:]):
        if part.size < 3:
            parts.append(part)
            continue
        padded = np.concatenate([part[:1], part, part[-1:]])
        weights = np.array([0.25, 0.5, 0.25])
        parts.append(np.convolve(padded, weights, mode="valid"))
    return np.concatenate(parts)
