"""Windowed lagged cross-correlation, with the summaries of rMEA."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    least_pairs,
    whole_steps,
    window_starts,
)
from syntony.synchrony.drawn import Drawn
from syntony.synchrony.registry import Statistic, method

Anchor = Literal["ours", "rmea", "behrens"]
Identical = Literal["keep", "nan"]

RMEA = {"anchor": "rmea", "min_coverage": 0.5, "identical": "nan"}
"""Options with which ``lagged_correlation`` gives the figures of rMEA's MEAccf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where windows and lags lie for signals of one length: what all draws share."""

    starts: Ints
    window: int
    n_lags: int
    min_pairs: int
    times_s: Array
    lags_s: Array
    reach_s: tuple[float, float]
    used: Mapping[str, float]


@lru_cache(maxsize=256)
def lay_out(
    n_samples: int,
    rate_hz: float,
    anchor: str,
    spans_s: tuple[float, float, float],
    min_coverage: float,
) -> Plan:
    """Lay windows out, or say why that cannot be done."""
    window_s, step_s, max_lag_s = spans_s
    window = in_samples("window_s", window_s, rate_hz, 3)
    in_samples("step_s", step_s, rate_hz, 1)
    n_lags = whole_steps(max_lag_s, rate_hz)
    whole = window if anchor == "ours" else window + n_lags
    starts = window_starts(n_samples, whole, step_s * rate_hz)
    if anchor == "behrens":  # lags lie before the window; theirs leave out the last one that fits
        starts = starts[:-1] + n_lags
    if not starts.size:
        raise InputError(
            "window_s",
            window_s,
            f"at most {n_samples / rate_hz:g} s, the length of the signals"
            + ("" if anchor == "ours" else ", lag included"),
        )
    near_s, far_s = window / 2 / rate_hz, (window / 2 + n_lags) / rate_hz
    return Plan(
        starts=starts,
        window=window,
        n_lags=n_lags,
        min_pairs=_least(anchor, min_coverage, window),
        times_s=fixed(np.asarray((starts + window / 2) / rate_hz, dtype=np.float64)),
        lags_s=fixed(np.arange(-n_lags, n_lags + 1) / rate_hz),
        reach_s=(
            near_s if anchor == "rmea" else far_s,
            near_s if anchor == "behrens" else far_s,
        ),
        used={
            "window_s": window / rate_hz,
            "step_s": step_s,
            "max_lag_s": n_lags / rate_hz,
        },
    )


def _least(anchor: str, min_coverage: float, window: int) -> int:
    """Complete pairs that a cell needs; two where other tools' conventions are asked for."""
    if anchor == "rmea":
        return 2
    least = least_pairs(min_coverage, window)
    return 2 if anchor == "behrens" and min_coverage == 0.0 else least


def _anchored_back(x: Array, y: Array, plan: Plan, identical: Identical) -> tuple[Array, Array]:
    """Correlate as Behrens and Boker lay windows: the earlier person's is shifted back."""
    from syntony.kernels.lagged import lagged_pearson, unlike_pairs

    n = plan.n_lags
    shape = (plan.starts.size, 2 * n + 1)
    r, share = np.empty(shape), np.empty(shape)
    for a, b, lags, place in (
        (x, y, (-n, 0), slice(0, n + 1)),
        (y, x, (-n, -1), slice(2 * n, n, -1)),
    ):
        if lags[1] < lags[0]:
            continue
        some, some_share = lagged_pearson(
            a, b, plan.starts, plan.window, lags, min_pairs=plan.min_pairs
        )
        if identical == "nan":
            some[unlike_pairs(a, b, plan.starts, plan.window, lags) < 2] = np.nan
        r[:, place], share[:, place] = some, some_share
    return r, share


def _anchored_forward(
    x: Array, y: Array, plan: Plan, identical: Identical, min_coverage: float
) -> tuple[Array, Array]:
    """Correlate as rMEA lays windows: the later person is shifted, never the earlier."""
    from syntony.kernels.lagged import lagged_pearson, unlike_pairs

    n, window, starts = plan.n_lags, plan.window, plan.starts
    lead, lead_share = lagged_pearson(x, y, starts, window, (0, n), min_pairs=2)
    shape = (starts.size, 2 * n + 1)
    r, share = np.empty(shape), np.empty(shape)
    r[:, n:], share[:, n:] = lead, lead_share
    if n:
        back, back_share = lagged_pearson(y, x, starts, window, (1, n), min_pairs=2)
        r[:, :n], share[:, :n] = back[:, ::-1], back_share[:, ::-1]
    if identical == "nan":
        r[:, n:][unlike_pairs(x, y, starts, window, (0, n)) < 2] = np.nan
        if n:
            r[:, :n][unlike_pairs(y, x, starts, window, (1, n))[:, ::-1] < 2] = np.nan
    for v in (x, y):
        gone = np.concatenate(([0], np.cumsum(np.isnan(v))))
        missing = gone[starts + window + n] - gone[starts]
        r[missing > (1.0 - min_coverage) * (window + n) + 1e-9] = np.nan
    return r, share


def window_summaries(coupling: Coupling, *, scale: Literal["z", "r"] = "z") -> dict[str, Array]:
    """Summaries of every window over the lags, as rMEA gives them.

    Parameters
    ----------
    coupling : Coupling
        Of :func:`lagged_correlation`.
    scale : {"z", "r"}
        Whether correlations are averaged after Fisher's z or as they are.

    Returns
    -------
    dict of str to ndarray, shape (n_windows,)
        ``all_lags``, ``lag_zero``, ``first_leads`` and ``second_leads`` (positive and negative
        lags), ``first_leads_or_zero`` and ``second_leads_or_zero`` (lag 0 among them), and
        ``best_lag_s``, the lag of the highest value (the first of equals). NaN where a window
        has no value.

    References
    ----------
    .. [1] Kleinbub & Ramseyer (2020), Psychotherapy Research; rMEA 1.2.2, ``MEAccf``.
       https://doi.org/10.1080/10503307.2020.1844334
    """
    cells = fisher_z(coupling.values) if scale == "z" else coupling.values
    lags, zero = coupling.coords["lag"], coupling.coords["lag"].size // 2
    there = np.isfinite(cells)
    best = np.argmax(np.where(there, cells, -np.inf), axis=1)
    return {
        "all_lags": _row_means(cells),
        "lag_zero": cells[:, zero].copy(),
        "first_leads": _row_means(cells[:, zero + 1 :]),
        "second_leads": _row_means(cells[:, :zero]),
        "first_leads_or_zero": _row_means(cells[:, zero:]),
        "second_leads_or_zero": _row_means(cells[:, : zero + 1]),
        "best_lag_s": np.where(there.any(axis=1), lags[best], np.nan),
    }


def _row_means(cells: Array) -> Array:
    """Mean of what is present in every row; NaN where nothing is."""
    there = np.isfinite(cells)
    with np.errstate(invalid="ignore"):
        means: Array = np.where(there, cells, 0.0).sum(axis=1) / there.sum(axis=1)
    return means


def lag_profile(coupling: Coupling) -> Array:
    """Mean Fisher z over windows at every lag, shape (n_lags,); NaN where none has a value."""
    return profile_of_sums(_over_windows(coupling))


@lru_cache(maxsize=1)  # profile and summary of a coupling are asked for one after the other
def _over_windows(coupling: Coupling) -> Array:
    """Sum of z, sum of its absolute value and count at every lag, shape (3, n_lags)."""
    from syntony.kernels.lagged_sums import z_sums

    return z_sums(coupling.values)


def profile_of_sums(sums: Array) -> Array:
    """Mean z at every lag, from sums as :func:`told_of_sums` takes them; NaN without windows."""
    with np.errstate(invalid="ignore"):
        profile: Array = sums[..., 0, :] / sums[..., 2, :]
    return profile


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``lagged_correlation``."""
    told = told_of_sums(_over_windows(coupling), coupling.coords["lag"])
    return dict(zip([s.name for s in _STATISTICS], told.tolist(), strict=True))


def told_of_sums(sums: Array, lags: Array) -> Array:
    """Every statistic from sums over windows at every lag.

    Parameters
    ----------
    sums : ndarray of float64, shape (..., 3, n_lags)
        Sum of z, sum of its absolute value, and how many windows have one.
    lags : ndarray of float64, shape (n_lags,)
        In seconds, 0 in the middle.

    Returns
    -------
    ndarray of float64, shape (..., 9)
        In the order of the list; NaN where no window has a value.
    """
    zero = lags.size // 2
    negative, at_zero, positive = (
        sums[..., some].sum(axis=-1)
        for some in (slice(zero), slice(zero, zero + 1), slice(zero + 1, None))
    )
    every = negative + at_zero + positive
    parts = (every, at_zero, positive, negative, positive + at_zero, negative + at_zero)
    told: Array = np.empty((*every.shape[:-1], 9))
    profile = profile_of_sums(sums)
    with np.errstate(invalid="ignore"):
        for place, part in zip((0, 2, 3, 4, 5, 6), parts, strict=True):
            told[..., place] = part[..., 0] / part[..., 2]
        told[..., 1] = every[..., 1] / every[..., 2]
    held = np.where(profile == profile, profile, -np.inf)
    top = held.max(axis=-1)
    told[..., 7] = np.where(top > -np.inf, top, np.nan)
    told[..., 8] = np.where(top > -np.inf, lags[np.argmax(held, axis=-1)], np.nan)
    return told


def _z(name: str, title: str, explain: str, chance: float = 0.0) -> Statistic:
    """Describe a statistic that is a mean of Fisher z."""
    return Statistic(
        name=name,
        title=title,
        explain=explain,
        bounds=(-10.0, 10.0),
        chance=chance,
        is_fisher_z=True,
    )


_STATISTICS = (
    _z(
        "mean_z",
        "Mean over all lags (Fisher z)",
        "Average correlation of the two signals over all windows and all delays, after Fisher's "
        "z. 0: no tendency to move together; below 0: a tendency to move in opposite directions.",
    ),
    Statistic(
        name="mean_abs_z",
        title="Mean strength over all lags (|z|)",
        explain="Average strength of the correlation whether the two moved together or in "
        "opposite directions. Above 0 for strangers too: read it only beside its chance "
        "distribution.",
        bounds=(0.0, 10.0),
        chance=0.07,
    ),
    _z(
        "lag_zero",
        "At the same instant (Fisher z)",
        "Average correlation of the two signals without any delay between them.",
    ),
    _z(
        "first_leads",
        "First person leads (Fisher z)",
        "Average correlation over the delays at which the second person follows the first.",
    ),
    _z(
        "second_leads",
        "Second person leads (Fisher z)",
        "Average correlation over the delays at which the first person follows the second.",
    ),
    _z(
        "first_leads_or_zero",
        "First person leads or both at once (Fisher z)",
        "As 'first person leads', with the value at no delay counted in.",
    ),
    _z(
        "second_leads_or_zero",
        "Second person leads or both at once (Fisher z)",
        "As 'second person leads', with the value at no delay counted in.",
    ),
    _z(
        "peak_z",
        "Highest mean over the lags (Fisher z)",
        "Average correlation at the delay at which it is highest. Because the best of many "
        "delays was picked it is above 0 for strangers too: read it only beside a chance "
        "distribution that was picked in the same way.",
        chance=0.02,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of the highest mean (s)",
        explain="The delay in seconds at which the average correlation is highest. Positive: the "
        "second person follows the first; negative: the first follows the second. It always has "
        "a value, even for strangers, so it means something only where the peak stands out from "
        "chance.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


def _in_bulk(
    first: Sequence[Array], second: Sequence[Array], pairs: Ints, *, rate_hz: float, **options: Any
) -> Array | None:
    """Every statistic of many pairs, without their couplings."""
    from syntony.synchrony._lagged_bulk import statistics_of_pairs

    return statistics_of_pairs(first, second, pairs, rate_hz=rate_hz, **options)


def _beside_draws(x: Array, ys: Array, *, rate_hz: float, **options: Any) -> Drawn | None:
    """Couple ``x`` with every row of ``ys`` at once."""
    from syntony.synchrony._lagged_bulk import beside_draws

    return beside_draws(x, ys, rate_hz=rate_hz, **options)


@method(
    name="lagged_correlation",
    in_bulk=_in_bulk,
    in_draws=_beside_draws,
    title="Windowed lagged cross-correlation",
    summarise=_summary,
    profile=lag_profile,
    statistics=_STATISTICS,
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Boker2002", "Kleinbub2020rMEA"),
    sentence="Windowed lagged cross-correlation [@Boker2002; @Kleinbub2020rMEA] with windows of "
    "{window_s:g} s every {step_s:g} s and lags up to {max_lag_s:g} s ({anchor}; "
    "{identical}; {absolute}); windows with less than "
    "{min_coverage:g} of the data present were left out.",
    question="How strongly are the two signals correlated from one stretch of the session to the "
    "next, at which delay, and who leads?",
    not_when="Windows are so short that they hold less than one rise and fall of the signal, or "
    "both signals drift in one direction for longer than a window: drifts correlate by "
    "themselves. A picked peak overestimates; compare it with peaks picked in surrogates. Two "
    "people who are merely more active in the same minutes, other ones in every dyad, correlate a "
    "little, and strangers do not share those minutes: 39 of 500 such simulated studies passed at "
    "5 in 100.",
    words={
        "anchor": {
            "ours": "windows of the first person, the second shifted under them",
            "rmea": "windows and lags laid out as in rMEA",
            "behrens": "windows and lags laid out as by Behrens and Boker",
        },
        "identical": {"keep": "exact copies kept", "nan": "exact copies left out"},
        "absolute": {False: "signs kept", True: "signs dropped"},
    },
    units={
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "anchor": "choice",
        "min_coverage": "1",
        "identical": "choice",
        "absolute": "yes/no",
    },
)
def lagged_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    anchor: Anchor = "ours",
    min_coverage: float = 0.8,
    identical: Identical = "keep",
    absolute: bool = False,
) -> Coupling:
    """Correlate two signals in moving windows at a range of lags.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a pair with a NaN on either
        side is left out.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    max_lag_s : float
        Largest lag in both directions; lags are one sample apart.
    anchor : {"ours", "rmea", "behrens"}
        Windows of ``x`` inside the recording, ``y`` shifted under them both ways; or windows
        and their longest lag inside the recording, with the *later* person shifted onward
        ("rmea") or the *earlier* one shifted back ("behrens"), so that exchanging the two
        people mirrors the lags exactly.
    min_coverage : float
        Share of a window's pairs that must be present. With ``anchor="rmea"``: share of each
        person's samples in window and longest lag; rMEA's own value is 0.5. With
        ``anchor="behrens"`` 0 asks for two pairs, as the CRAN package wcc does.
    identical : {"keep", "nan"}
        An exact copy correlates 1; or, as in rMEA, a window in which fewer than two samples
        differ is NaN.
    absolute : bool
        Give the absolute value of r instead of r.

    Returns
    -------
    Coupling
        ``values`` : Pearson r, shape (n_windows, n_lags), in [-1, 1]; NaN where coverage is
        too low or a signal does not vary at all.
        ``coords["time"]`` : centre of the window of ``x`` at lag 0, seconds from the first
        sample. ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``options`` hold lengths as they were used, after rounding to whole samples.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    A window is rounded to the nearest whole number of samples; each start is rounded by
    itself, so that no drift adds up with a fractional step. The longest lag never exceeds
    ``max_lag_s``. r is Pearson's on the very pairs of the cell, as in [1]_ and [2]_, not the
    biased estimate with one mean and divisor for all lags (that is ``window_ccf``).
    ``anchor="behrens"`` leaves out the last window that fits, as theirs and the CRAN package wcc
    do; the lags of wcc have the opposite sign, which exchanging the two people gives.

    **SyncPy**'s windowed cross-correlation has the windows of ``anchor="behrens"`` and the last
    one that fits. **NeuroKit2**'s rolling correlation has these values with
    ``step_s = 1 / rate_hz``, ``max_lag_s = 0`` and ``min_coverage = 1``, but fills the ends and
    every gap with the mean of all other values; ours stay missing. **pyphysio**'s Pearson
    correlation is one window as long as the recording, with ``min_coverage`` low enough for the
    lag; its circular form joins the end of the recording to its start, which we leave to
    ``numpy.roll``.

    References
    ----------
    .. [1] Boker, Rotondo, Xu & King (2002), Psychological Methods 7(3), 338-355.
       https://doi.org/10.1037/1082-989X.7.3.338
    .. [2] Kleinbub & Ramseyer (2020), Psychotherapy Research.
       https://doi.org/10.1080/10503307.2020.1844334

    Examples
    --------
    A signal leads its own copy by one second:

    >>> import numpy as np
    >>> x = np.sin(np.arange(400) / 7.0)
    >>> c = lagged_correlation(x, np.roll(x, 4), rate_hz=4.0, max_lag_s=2.0)
    >>> float(c.coords["lag"][np.nanargmax(c.values[2])])
    1.0
    """
    from syntony.kernels.lagged import lagged_pearson, unlike_pairs

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_choice("anchor", anchor, ("ours", "rmea", "behrens"))
    check_choice("identical", identical, ("keep", "nan"))
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(window_s=window_s, step_s=step_s, max_lag_s=max_lag_s)
    plan = lay_out(x.size, rate_hz, anchor, (window_s, step_s, max_lag_s), min_coverage)
    if anchor == "rmea":
        r, share = _anchored_forward(x, y, plan, identical, min_coverage)
    elif anchor == "behrens":
        r, share = _anchored_back(x, y, plan, identical)
    else:
        lags = (-plan.n_lags, plan.n_lags)
        r, share = lagged_pearson(x, y, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
        if identical == "nan":
            r[unlike_pairs(x, y, plan.starts, plan.window, lags) < 2] = np.nan
    return Coupling(
        values=fixed(np.abs(r) if absolute else r),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=plan.reach_s,
        method="lagged_correlation",
        options={
            **plan.used,
            "anchor": anchor,
            "min_coverage": min_coverage,
            "identical": identical,
            "absolute": absolute,
        },
    )
