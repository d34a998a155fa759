"""Adaptive matching interpolated correlation, version 1.1."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.synchrony._features import (
    described,
    distance_weight,
    find_features,
    laid_out,
    plan_features,
    summary,
    unbroken,
)
from syntony.synchrony._inputs import check_number, check_seconds
from syntony.synchrony.registry import method


def _segments(first: Ints, second: Ints, joined: Bools, least: float) -> Ints:
    """Neighbouring matches between which signals are compared, merged until long enough.

    ``joined[k]`` tells whether nothing is missing between matches k and k + 1. What is left
    at the end of a joined run goes with the segment before it.
    """
    out: list[tuple[int, int]] = []
    start, begun = 0, 0  # first match of the segment; segments before this joined run
    for k in range(1, first.size):
        if not joined[k - 1]:
            start, begun = k, len(out)
            continue
        if max(first[k] - first[start], second[k] - second[start]) > least:
            out.append((start, k))
            start = k
        elif (k + 1 == first.size or not joined[k]) and len(out) > begun:
            out[-1] = (out[-1][0], k)
    return np.array(out, dtype=np.int64).reshape(-1, 2)


@method(
    name="amico1",
    title="Adaptive matching of responses (AMICo 1.1)",
    summarise=summary,
    statistics=described(
        {"mean_sync": 0.3, "median_sync": 0.35, "index": 0.4, "matched_share": 0.8}
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.11,
    swap="same",
    scale_free=False,
    cites=("KleinbubDyadSync", "Kleinbub2024"),
    sentence="Adaptive matching interpolated correlation, version 1.1 [@KleinbubDyadSync; "
    "@Kleinbub2024]: peaks "
    "of at least {min_amplitude_us:g} uS (polynomial of order {smooth_order} over {smooth_s:g} s, "
    "moved by up to {correction_s:g} s to the highest sample) were matched in order where they "
    "lay within {max_lag_s:g} s and were alike by at least {min_similarity:g}, a delay costing up "
    "to {malus:g} of the likeness; the stretches between matches, merged to more than "
    "{min_size_s:g} s and stretched to one length, were correlated; less than {min_coverage:g} "
    "of the data present gave no value.",
    question="When the responses of one person are laid on those of the other that suit them "
    "best, with a delay that may change from response to response, how alike do the two signals "
    "run, moment by moment?",
    not_when="There is nothing to compare it with: it always looks for the best match, so that "
    "strangers reach high values, and a finding needs surrogates that went through the same "
    "matching. Windowed correlation (lagged_correlation) holds one delay for a whole window and "
    "has no such bias at a fixed delay; dtw warps every sample, not only responses; "
    "scr_coincidence counts responses and does not look at their form. Not for signals without "
    "single rises and falls, nor for units other than microsiemens.",
    units={
        "max_lag_s": "s",
        "malus": "1",
        "min_similarity": "1",
        "min_size_s": "s",
        "smooth_s": "s",
        "smooth_order": "1",
        "correction_s": "s",
        "min_amplitude_us": "uS",
        "min_coverage": "1",
    },
    unit="uS",
)
def amico1(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_lag_s: float = 4.0,
    malus: float = 0.35,
    min_similarity: float = 0.25,
    min_size_s: float = 5.0,
    smooth_s: float = 6.25,
    smooth_order: int = 2,
    correction_s: float = 0.5,
    min_amplitude_us: float = 0.05,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Match the responses of two people, and correlate what lies between the matches.

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
        Neighbouring stretches are merged until the longer of the two is longer than this.
    smooth_s, smooth_order : float, int
        Length and order of the moving polynomial (Savitzky-Golay) whose turning points are
        valleys and peaks; 6.25 s are 25 samples at 4 Hz.
    correction_s : float
        How far a turning point may move to the extreme of the signal itself.
    min_amplitude_us : float
        Least rise of a peak over the valley before it, in microsiemens.
    min_coverage : float
        Share of its samples that a window of the polynomial, a match and a stretch must have.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the stretch around each sample, shape (n_samples,), in
        [-1, 1]; NaN before the first match, after the last, and from the last match before a
        gap to the first after it.
        ``coords["time"]`` : seconds from the first sample, half-way between matched moments of
        the two people. ``coverage`` : 1 where both have a sample, else 0.
        ``parts["lag_s"]`` : delay at each sample, shape (n_samples,), a straight line from one
        match to the next. ``parts["matches"]`` : see
        :func:`~syntony.synchrony._features.matches`. ``parts["feature_counts"]`` : features of
        either person, shape (2,).

    Raises
    ------
    InputError
        If the signals differ in length or are shorter than ``smooth_s``, or a length or share
        makes no sense.

    Notes
    -----
    A feature is a peak with the valleys before and after it. Two features whose peaks lie
    within ``max_lag_s`` are laid peak on peak and cut to what both reach on either side; with
    their steps from sample to sample scaled to 0...1, ``a`` and ``b``, they are alike by::

        M = (1 - mean|a - b|)**2 * w(lag)

    w falls from 1 without delay to ``1 - malus`` at the longest, along a bell with SD 250 s
    (1,000 samples at 4 Hz). Matches are the pairs that keep the order of both people and have
    the largest sum of M: ``A[i, j] = max(A[i-1, j], A[i, j-1], A[i-1, j-1] + M[i, j])``. Both
    signals are cut at matched peaks; the shorter of two stretches is stretched to the longer by
    straight lines; r stands from the mean of their starts to the mean of their ends. A study
    with AMICo is [2]_.

    Where DyadSync 1.3.2 [1]_ differs: no figures of its version 1.1 are known to us, so that
    ours follows the description of the algorithm; lengths here are in seconds, not in
    samples; a feature, match or stretch that touches a gap is left out. A gap is where the
    polynomial's window holds less than ``min_coverage`` of its samples; scattered missing
    samples are left out of sums, pair by pair.

    References
    ----------
    .. [1] Kleinbub, DyadSync (R package, version 1.3.2).
    .. [2] Kleinbub and others (2024). https://doi.org/10.1080/10503307.2024.2352752

    Examples
    --------
    A signal leads its own copy by two seconds:

    >>> import numpy as np
    >>> x = 5 + np.sin(np.arange(800) / 9.0)
    >>> c = amico1(x, np.roll(x, 8), rate_hz=4.0)
    >>> round(float(np.nanmean(c.values)), 6), float(np.nanmedian(c.parts["lag_s"]))
    (1.0, 2.0)
    """
    from syntony.kernels.matching import alike_steps, best_chain, stretched_pearson

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_number("malus", malus, 0.0, 1.0, "a share from 0 to 1")
    check_number("min_similarity", min_similarity, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(min_size_s=min_size_s)
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
    features = one, two = find_features(x, plan), find_features(y, plan)
    i, j, alike = alike_steps(
        x, y, (one.triangles, two.triangles), (one.gaps, two.gaps), plan.max_lag, min_coverage
    )
    apart_s = (two.triangles[j, 1] - one.triangles[i, 1]) / rate_hz
    alike = alike * distance_weight(apart_s, plan.max_lag / rate_hz, malus)
    kept = np.flatnonzero((alike > 0.0) & (alike >= min_similarity))
    chosen = kept[best_chain(i[kept], j[kept], alike[kept])]
    a, b, lags = one.triangles[i[chosen]], two.triangles[j[chosen]], apart_s[chosen]
    spans = _segments(a[:, 1], b[:, 1], unbroken(features, a, b), min_size_s * rate_hz)
    r = stretched_pearson(x, y, a[spans, 1], b[spans, 1], min_coverage)
    values, lag_s = np.full(x.size, np.nan), np.full(x.size, np.nan)
    middle = (a[:, 1] + b[:, 1]) / 2
    for (start, stop), value in zip(spans.tolist(), r.tolist(), strict=True):
        t = np.arange(math.ceil(middle[start]), math.floor(middle[stop]) + 1)
        values[t] = value
        lag_s[t] = np.interp(t, middle[start : stop + 1], lags[start : stop + 1])
    table = np.column_stack((a / rate_hz, b / rate_hz, alike[chosen], lags, np.ones(lags.size)))
    options = {"malus": malus, "min_similarity": min_similarity, "min_size_s": min_size_s}
    return laid_out("amico1", (x, y), rate_hz, plan, (values, lag_s, table), features, options)
