"""Adaptive matching interpolated correlation, version 2 (release candidate 0.4): experimental."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.synchrony._features import (
    FeaturePlan,
    Features,
    described,
    distance_weight,
    find_features,
    laid_out,
    plan_features,
    summary,
    unbroken,
)
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_seconds,
    in_samples,
    whole_steps,
)
from syntony.synchrony.registry import method

End = Literal["half_recovery", "duration"]
_Weigh = Callable[[Any], Array]  # samples of delay to a weight


def _stretch_weight(ratio: Array, bend: float) -> Array:
    """Weight of two lengths in this ratio (longer / shorter): near 1 for equal ones."""
    weight: Array = (1.0 + (ratio / bend) ** 3.18) ** -25e5
    return weight


def _ratio(a: Ints, b: Ints) -> Array:
    """Longer length / shorter one."""
    ratio: Array = np.maximum(a, b) / np.minimum(a, b)
    return ratio


def _middle(a: Ints, b: Ints) -> Ints:
    """Half-way between two samples; a half goes to the sample whose number from 1 is even."""
    return np.asarray(np.round((a + b) / 2 + 1.0) - 1.0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Matches and the pieces between them, in order of time: start, peak, end; likeness."""

    first: Ints
    second: Ints
    similarity: Array

    @property
    def lag(self) -> Ints:
        """Samples by which the second person's peak, or middle, comes later."""
        return np.asarray(self.second[:, 1] - self.first[:, 1])


def _matched(
    pair: tuple[Array, Array],
    plan: FeaturePlan,
    features: tuple[Features, Features],
    weigh: _Weigh,
    min_similarity: float,
) -> tuple[Ints, Ints, Array]:
    """Matched responses of both people and how alike they are."""
    from syntony.kernels.matching import alike_limbs, best_chain

    one, two = features
    i, j, r = alike_limbs(
        *pair,
        (one.triangles, two.triangles),
        (one.gaps, two.gaps),
        plan.max_lag,
        plan.min_coverage,
    )
    a, b = one.triangles[i], two.triangles[j]
    durations = _ratio(a[:, 2] - a[:, 0], b[:, 2] - b[:, 0])
    alike = r * weigh(b[:, 1] - a[:, 1]) * _stretch_weight(durations, 350.0)
    kept = np.flatnonzero((alike > 0.0) & (alike >= min_similarity))
    chosen = kept[best_chain(i[kept], j[kept], alike[kept])]
    return a[chosen], b[chosen], alike[chosen]


def _between(
    a: Ints, b: Ints, joined: Bools, least: int, length: int
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Settle what lies between matches: short rests are shared out, long ones cut into pieces.

    Returns the matches of both people with their new ends, and the pieces: number of the match
    before, and start, middle and end of either person.
    """
    rest = np.minimum(a[1:, 0] - a[:-1, 2], b[1:, 0] - b[:-1, 2])
    pieces = np.where(joined & (rest >= least), np.maximum(1, rest // length), 0)
    at = np.repeat(np.arange(pieces.size), pieces)
    number = np.arange(at.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    cut = []
    for f in (a, b):
        size = (f[at + 1, 0] - f[at, 2] + 1) // pieces[at]
        low = f[at, 2] + number * size
        middle = low + np.round(size / 2).astype(np.int64) - 1
        cut.append(np.column_stack((low, middle, low + size - 1)))
    shared = np.flatnonzero(joined & (rest < least))
    a, b = a.copy(), b.copy()
    for f in (a, b):
        f[shared, 2] = f[shared + 1, 0] = _middle(f[shared, 2], f[shared + 1, 0])
    return a, b, at, cut[0], cut[1]


def _rests(
    pair: tuple[Array, Array], rest_a: Ints, rest_b: Ints, weigh: _Weigh, least: float
) -> Array:
    """Likeness of the pieces between matches."""
    from syntony.kernels.matching import stretched_cosine

    cosine = stretched_cosine(*pair, rest_a[:, ::2], rest_b[:, ::2], least)
    apart = np.round((rest_b[:, 0] + rest_b[:, 2] - rest_a[:, 0] - rest_a[:, 2]) / 2)
    sizes = _ratio(rest_a[:, 2] - rest_a[:, 0] + 1, rest_b[:, 2] - rest_b[:, 0] + 1)
    likeness: Array = cosine * weigh(apart) * _stretch_weight(sizes, 200.0)
    return likeness


def _every_sample(rows: _Rows, n: int) -> tuple[Array, Array]:
    """Likeness and delay (samples) of the row around each sample; a later row goes first."""
    values, lag = np.full(n, np.nan), np.full(n, np.nan)
    starts = _middle(rows.first[:, 0], rows.second[:, 0]).tolist()
    stops = _middle(rows.first[:, 2], rows.second[:, 2]).tolist()
    for row, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        values[start : stop + 1] = rows.similarity[row]
        lag[start : stop + 1] = rows.lag[row]
    return values, lag


@method(
    name="amico2",
    title="Adaptive matching of responses, version 2 (AMICo 2, experimental)",
    summarise=summary,
    statistics=described(
        {"mean_sync": 0.7, "median_sync": 0.74, "index": 0.74, "matched_share": 0.86}
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.58,
    swap="same",
    scale_free=False,
    cites=("KleinbubDyadSync",),
    sentence="Adaptive matching interpolated correlation, version 2 release candidate 0.4, which "
    "is experimental [@KleinbubDyadSync]: responses of at least {min_amplitude_us:g} uS "
    "(polynomial of order {smooth_order} over {smooth_s:g} s, moved by up to {correction_s:g} s "
    "to the highest sample; they ended {end}, {end_s:g} s) were matched in order where their "
    "peaks lay within {max_lag_s:g} s and their correlation, weighted by delay (up to {malus:g} "
    "less) and by how far they were stretched, was at least {min_similarity:g}; rests of "
    "{min_size_s:g} s or more between them were compared in pieces of about {piece_s:g} s; less "
    "than {min_coverage:g} of the data present gave no value.",
    question="As AMICo 1.1, with whole responses compared by their form, from the valley before "
    "to half recovery: how alike are they, moment by moment?",
    not_when="As the figure of a paper: this is a release candidate that its author has not "
    "published, kept here so that its figures can be had; use amico1 instead. Matches are "
    "correlations and the rests between them are cosines, two scales in one series. It always "
    "looks for the best match, so that strangers reach high values: only with surrogates that "
    "went through the same matching, and beside these it may come out below chance.",
    words={
        "end": {
            "half_recovery": "at half recovery or at the next valley; unused length",
            "duration": "at the next valley or after",
        }
    },
    units={
        "max_lag_s": "s",
        "malus": "1",
        "min_similarity": "1",
        "min_size_s": "s",
        "end": "choice",
        "end_s": "s",
        "piece_s": "s",
        "smooth_s": "s",
        "smooth_order": "1",
        "correction_s": "s",
        "min_amplitude_us": "uS",
        "min_coverage": "1",
    },
    unit="uS",
)
def amico2(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_lag_s: float = 6.0,
    malus: float = 0.5,
    min_similarity: float = 0.1,
    min_size_s: float = 4.0,
    end: End = "half_recovery",
    end_s: float = 8.0,
    piece_s: float = 10.0,
    smooth_s: float = 6.25,
    smooth_order: int = 2,
    correction_s: float = 0.5,
    min_amplitude_us: float = 0.05,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Match the responses of two people by their form (experimental version 2).

    A positive delay means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock, skin conductance in microsiemens at about 4 Hz. NaN marks
        missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    max_lag_s : float
        Peaks further apart are not matched.
    malus : float
        Share of its likeness that a match at the longest delay loses.
    min_similarity : float
        Matches less alike than this do not count.
    min_size_s : float
        A rest between two matches of at least this length in both people is compared by
        itself; a shorter one is shared out between the two.
    end : {"half_recovery", "duration"}
        A response ends at half recovery where that comes before the next valley; or ``end_s``
        after its peak where that comes first.
    end_s : float
        Longest fall with ``end="duration"``.
    piece_s : float
        Rests are cut into pieces of about this length.
    smooth_s, smooth_order : float, int
        Length and order of the moving polynomial (Savitzky-Golay) whose turning points are
        valleys and peaks; 6.25 s are 25 samples at 4 Hz.
    correction_s : float
        How far a turning point may move to the extreme of the signal itself.
    min_amplitude_us : float
        Least rise of a peak over the valley before it, in microsiemens.
    min_coverage : float
        Share of its samples that a window of the polynomial, a match and a piece must have.

    Returns
    -------
    Coupling
        ``values`` : likeness of the match or piece around each sample, shape (n_samples,), in
        [0, 1]; NaN before the first response matched, after the last, and over gaps.
        ``coords["time"]`` : seconds from the first sample, half-way between matched moments of
        the two people. ``coverage`` : 1 where both have a sample, else 0.
        ``parts["lag_s"]`` : delay of that match or piece, shape (n_samples,).
        ``parts["matches"]`` : see :func:`~syntony.synchrony._features.matches`; starts and ends
        are those after rests were shared out. ``parts["feature_counts"]`` : responses of either
        person, shape (2,).

    Raises
    ------
    InputError
        If the signals differ in length or are shorter than ``smooth_s``, or a length, share or
        choice makes no sense.

    Notes
    -----
    A response is a peak with the valley before it; it ends at the next valley or, where that
    lies below half of the rise, one sample past the one nearest to half. Rises, and falls, are
    stretched by straight lines to the longer of the two, the peak standing once, and::

        M = r * w(lag) / (1 + (ratio / 350)**3.18)**25e5

    r is Pearson's, w falls from 1 to ``1 - malus`` at ``max_lag_s`` along a bell with SD 250 s
    (1,000 samples at 4 Hz), ratio is the longer duration / the shorter (weights of 0.98, 0.83,
    0.51 and 0.19 at 1, 2, 3 and 4). Matches keep the order of both people and have the largest
    sum of M. A piece between matches has the cosine of both sides, each less its lowest value,
    times w of the distance of their middles, times the same weight with 200 in place of 350
    and samples in place of durations.

    These are the figures of AMICo v2 RC 0.4 in DyadSync 1.3.2 [1]_: peaks, matches, similarity,
    synchrony and delay sample by sample, with the lengths there in samples given here in
    seconds (``sgol_n=25`` at 4 Hz: ``smooth_s=6.25``; ``weightMalus=50``: ``malus=0.5``;
    ``maxPeakDuration=8``: ``end="duration", end_s=8``). Its number of pieces in a rest is
    taken from the shorter of the two. Gaps are ours: what touches one is left out, scattered
    missing samples are left out of sums, pair by pair.

    References
    ----------
    .. [1] Kleinbub, DyadSync (R package, version 1.3.2).

    Examples
    --------
    A signal leads its own copy by two seconds:

    >>> import numpy as np
    >>> x = 5 + np.sin(np.arange(800) / 9.0)
    >>> c = amico2(x, np.roll(x, 8), rate_hz=4.0)
    >>> round(float(np.nanmedian(c.values)), 3), float(np.nanmedian(c.parts["lag_s"]))
    (0.925, 2.0)
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_number("malus", malus, 0.0, 1.0, "a share from 0 to 1")
    check_number("min_similarity", min_similarity, 0.0, 1.0, "a share from 0 to 1")
    check_choice("end", end, ("half_recovery", "duration"))
    check_seconds(min_size_s=min_size_s, end_s=end_s, piece_s=piece_s)
    plan = plan_features(
        x,
        y,
        rate_hz,
        max_lag_s=max_lag_s,
        smooth_s=smooth_s,
        smooth_order=smooth_order,
        correction_s=correction_s,
        min_amplitude_us=min_amplitude_us,
        min_coverage=min_coverage,
    )
    least, fall = whole_steps(min_size_s, rate_hz), whole_steps(end_s, rate_hz)
    piece = in_samples("piece_s", piece_s, rate_hz, 3)

    def weigh(lag: Array) -> Array:
        return distance_weight(lag / rate_hz, plan.max_lag / rate_hz, malus)

    features = find_features(x, plan, end, fall), find_features(y, plan, end, fall)
    a, b, alike = _matched((x, y), plan, features, weigh, min_similarity)
    a, b, at, rest_a, rest_b = _between(a, b, unbroken(features, a, b), least, piece)
    rests = _rests((x, y), rest_a, rest_b, weigh, min_coverage)
    order = np.argsort(np.concatenate((np.arange(alike.size), at + 0.5)), kind="stable")
    rows = _Rows(
        first=np.concatenate((a, rest_a))[order],
        second=np.concatenate((b, rest_b))[order],
        similarity=np.concatenate((alike, rests))[order],
    )
    values, lag = _every_sample(rows, x.size)
    is_match = np.repeat([1.0, 0.0], [alike.size, at.size])[order]
    places = rows.first / rate_hz, rows.second / rate_hz
    table = np.column_stack((*places, rows.similarity, rows.lag / rate_hz, is_match))
    options = {
        "malus": malus,
        "min_similarity": min_similarity,
        "min_size_s": least / rate_hz,
        "end": end,
        "end_s": fall / rate_hz,
        "piece_s": piece / rate_hz,
    }
    found = values, lag / rate_hz, table
    return laid_out("amico2", (x, y), rate_hz, plan, found, features, options)
