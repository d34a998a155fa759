"""SUSY: correlation of the same segment of two people beside all other pairs of segments."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony._inputs import (
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    whole_steps,
)
from syntony.synchrony.registry import Statistic, method

LEAST_SEGMENTS = 4
_LEGACY_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Both people's segments, shape (n_segments, length), and where they lie.

    ``spans_s``, shape (n_segments, 2): start of the first and end of the last sample.
    """

    x: Array
    y: Array
    spans_s: Array
    max_lag: int


def cut_segments(
    x: Array, y: Array, *, rate_hz: float, segment_s: float, max_lag_s: float, legacy: bool = False
) -> Segments:
    """Cut both signals in whole segments, or say why that cannot be done.

    Parameters as in :func:`susy`. What is left at the end, shorter than a segment, is dropped.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_seconds(segment_s=segment_s, max_lag_s=max_lag_s)
    kept = np.arange(x.size)
    if legacy:
        kept = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
        length = math.trunc(segment_s) * math.trunc(rate_hz)
        max_lag = math.trunc(max_lag_s) * math.trunc(rate_hz)
        if length < 3:
            raise InputError("segment_s", segment_s, "3 samples or more in whole seconds and hertz")
        count, least = max(0, round(kept.size / length - 0.499999)), _LEGACY_LEAST
    else:
        length = in_samples("segment_s", segment_s, rate_hz, 3)
        max_lag = whole_steps(max_lag_s, rate_hz)
        count, least = kept.size // length, LEAST_SEGMENTS
    if 2 * max_lag > length:
        raise InputError("max_lag_s", max_lag_s, f"at most half of a segment, {segment_s / 2:g} s")
    if count < least:
        raise InputError(
            "segment_s",
            segment_s,
            f"{least} segments or more in {kept.size / rate_hz:g} s of data",
            "Choose shorter segments.",
        )
    rows = kept[: count * length].reshape(count, length)
    spans = np.stack([rows[:, 0], rows[:, -1] + 1], axis=1) / rate_hz
    return Segments(x=x[rows], y=y[rows], spans_s=spans, max_lag=max_lag)


def susy_curves(coupling: Coupling) -> dict[str, Array]:
    """Means over segments at every lag, of real pairs and of pseudo pairs.

    Parameters
    ----------
    coupling : Coupling
        Of :func:`susy`.

    Returns
    -------
    dict of str to ndarray, shape (n_lags,)
        ``real_z`` and ``pseudo_z`` (Fisher z, signs kept), ``real_abs_z`` and
        ``pseudo_abs_z`` (absolute Fisher z), ``real_abs_r`` and ``pseudo_abs_r``. NaN where no
        segment has a value.

    Examples
    --------
    >>> x, y = np.random.default_rng(1).standard_normal((2, 800))
    >>> sorted(susy_curves(susy(x, y, rate_hz=4.0)))
    ['pseudo_abs_r', 'pseudo_abs_z', 'pseudo_z', 'real_abs_r', 'real_abs_z', 'real_z']
    """
    r = coupling.values
    there = r == r
    counts = there.sum(axis=0).astype(np.float64)
    if coupling.options["legacy"] and counts.any():
        counts[:] = r.shape[0]
    z = fisher_z(r)
    curves = {}
    for name, cells in (("z", z), ("abs_z", np.abs(z)), ("abs_r", np.abs(r))):
        with np.errstate(invalid="ignore"):
            curves[f"real_{name}"] = np.where(there, cells, 0.0).sum(axis=0) / counts
        curves[f"pseudo_{name}"] = coupling.parts[f"pseudo_{name}"]
    return curves


def susy_profile(coupling: Coupling) -> Array:
    """Mean Fisher z over segments at every lag, shape (n_lags,)."""
    return susy_curves(coupling)["real_z"]


def _es(real: Array, pseudo: Array) -> float:
    """Difference of the means over the lags, in SDs of the pseudo curve over the lags."""
    if pseudo.size < 2:
        return math.nan
    sd = float(pseudo.std(ddof=1))
    return float(real.mean() - pseudo.mean()) / sd if sd > 0.0 else math.nan


def _mean_where(curve: Array, chosen: Bools) -> float:
    """Mean of the chosen lags; NaN where there is none."""
    return float(curve[chosen].mean()) if chosen.any() else math.nan


def _share_above(real: Array, pseudo: Array) -> float:
    """Share of lags at which the real curve lies above; NaN without curves."""
    return float((real > pseudo).mean()) if np.isfinite(real - pseudo).all() else math.nan


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``susy``."""
    curves = susy_curves(coupling)
    real, pseudo = curves["real_z"], curves["pseudo_z"]
    strong, strange = curves["real_abs_z"], curves["pseudo_abs_z"]
    zero = real.size // 2
    ahead, behind = slice(zero + 1, None), slice(0, zero)
    known = bool(np.isfinite(real).all())
    return {
        "mean_z": float(real.mean()),
        "mean_abs_z": float(strong.mean()),
        "es_over_lags": _es(real, pseudo),
        "es_over_lags_abs": _es(strong, strange),
        "first_leads": float(strong[ahead].mean()) if zero else math.nan,
        "second_leads": float(strong[behind].mean()) if zero else math.nan,
        "es_first_leads": _es(strong[ahead], strange[ahead]),
        "es_second_leads": _es(strong[behind], strange[behind]),
        "in_phase_z": _mean_where(real, real >= 0.0),
        "anti_phase_z": _mean_where(real, real < 0.0),
        "in_phase_count": float((real >= 0.0).sum()) if known else math.nan,
        "anti_phase_count": float((real < 0.0).sum()) if known else math.nan,
        "share_above_pseudo": _share_above(real, pseudo),
        "share_above_pseudo_abs": _share_above(strong, strange),
    }


def _statistic(
    name: str,
    title: str,
    explain: str,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    chance: float = 0.0,
    *,
    is_fisher_z: bool = False,
) -> Statistic:
    """Describe a statistic in one line."""
    return Statistic(
        name=name,
        title=title,
        explain=explain,
        bounds=bounds,
        chance=chance,
        is_fisher_z=is_fisher_z,
    )


_NOT_D = (
    " It is counted in standard deviations of the pseudo curve over its delays, not over people "
    "or surrogates: it is no Cohen's d, and it grows without limit where that curve is flat."
)

_STATISTICS = (
    _statistic(
        "mean_z",
        "Mean over all lags (Fisher z), SUSY's Z without absolute values",
        "Average correlation of the same stretch of both people over all stretches and delays, "
        "after Fisher's z. 0: no tendency to move together; below 0: a tendency to move in "
        "opposite directions.",
        (-10.0, 10.0),
        is_fisher_z=True,
    ),
    _statistic(
        "mean_abs_z",
        "Mean strength over all lags (|z|), SUSY's Z",
        "Average strength of the correlation whether the two moved together or in opposite "
        "directions. Above 0 for strangers too: read it only beside the pseudo pairs or a "
        "chance distribution.",
        (0.0, 10.0),
        0.07,
    ),
    _statistic(
        "es_over_lags",
        "SUSY's effect size over lags (signs kept)",
        "How far the average of the real pairs lies above that of all strange pairs of "
        "stretches, signs kept." + _NOT_D,
    ),
    _statistic(
        "es_over_lags_abs",
        "SUSY's effect size over lags (|z|)",
        "How far the average strength of the real pairs lies above that of all strange pairs of "
        "stretches." + _NOT_D,
    ),
    _statistic(
        "first_leads",
        "First person leads (|z|)",
        "Average strength of the correlation over the delays at which the second person follows "
        "the first; the value at no delay is not among them. SUSY calls it Z(lead1).",
        (0.0, 10.0),
        0.07,
    ),
    _statistic(
        "second_leads",
        "Second person leads (|z|)",
        "Average strength of the correlation over the delays at which the first person follows "
        "the second; the value at no delay is not among them. SUSY calls it Z(lead2).",
        (0.0, 10.0),
        0.07,
    ),
    _statistic(
        "es_first_leads",
        "SUSY's effect size where the first leads (|z|)",
        "As SUSY's effect size, over the delays alone at which the second person follows." + _NOT_D,
    ),
    _statistic(
        "es_second_leads",
        "SUSY's effect size where the second leads (|z|)",
        "As SUSY's effect size, over the delays alone at which the first person follows." + _NOT_D,
    ),
    _statistic(
        "in_phase_z",
        "Mean of the delays in phase (Fisher z)",
        "Average correlation over those delays alone at which the average over all stretches is "
        "not below 0. Above 0 by its making: read it beside chance. No value if no delay is so.",
        (0.0, 10.0),
        0.015,
        is_fisher_z=True,
    ),
    _statistic(
        "anti_phase_z",
        "Mean of the delays in anti-phase (Fisher z)",
        "Average correlation over those delays alone at which the average over all stretches "
        "is below 0. Below 0 by its making: read it beside chance. No value if no delay is so.",
        (-10.0, 0.0),
        -0.015,
        is_fisher_z=True,
    ),
    _statistic(
        "in_phase_count",
        "Number of delays in phase",
        "At how many delays, one per sample, the average correlation is not below 0.",
        (0.0, math.inf),
        20.5,
    ),
    _statistic(
        "anti_phase_count",
        "Number of delays in anti-phase",
        "At how many delays, one per sample, the average correlation is below 0.",
        (0.0, math.inf),
        20.5,
    ),
    _statistic(
        "share_above_pseudo",
        "Share of delays above the pseudo pairs (signs kept)",
        "The share of delays at which the real pairs correlate more than all strange pairs of "
        "stretches do on average. One half is what unrelated signals give.",
        (0.0, 1.0),
        0.5,
    ),
    _statistic(
        "share_above_pseudo_abs",
        "Share of delays above the pseudo pairs (|z|)",
        "The share of delays at which the real pairs correlate more strongly, in either "
        "direction, than all strange pairs of stretches do on average.",
        (0.0, 1.0),
        0.5,
    ),
)


@method(
    name="susy",
    title="Surrogate synchrony (SUSY)",
    summarise=_summary,
    profile=susy_profile,
    statistics=_STATISTICS,
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="mirror_lag",
    scale_free=True,
    cites=("TschacherMeier2020", "RSUSY"),
    sentence="Surrogate synchrony [@TschacherMeier2020; @RSUSY] was computed in segments of "
    "{segment_s:g} s with lags up to {max_lag_s:g} s, against all pairs of different segments "
    "({legacy}; least share of a segment's products present: {min_coverage:g}).",
    question="Do the two correlate more in the same stretch of the session than one person's "
    "stretch with another stretch of the other, with delay allowed, and who leads?",
    not_when="Both people's levels follow a common course over the session, such as settling at "
    "the start: the pseudo pairs come from other stretches and pass any shared course off as "
    "synchrony. Fewer than about ten segments. Where the delay itself matters, windowed lagged "
    "correlation is better: it correlates the overlap only, while here values shrink towards 0 "
    "with the delay.",
    words={
        "legacy": {
            False: "segments on the session's own time",
            True: "as the R package SUSY 0.1.0, rows with a missing value removed",
        }
    },
    units={"segment_s": "s", "max_lag_s": "s", "min_coverage": "1", "legacy": "yes/no"},
)
def susy(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    segment_s: float = 30.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
    legacy: bool = False,
) -> Coupling:
    r"""Correlate the same segments of two signals, beside all pairs of different segments.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals.
    segment_s : float
        Length of a segment in seconds, rounded to whole samples. Segments do not overlap; what
        is left at the end is dropped.
    max_lag_s : float
        Largest lag in both directions, at most half of a segment.
    min_coverage : float
        A pair of segments counts if at every lag at least this share of its products has both
        samples. Not used by ``legacy``, which leaves no sample missing.
    legacy : bool
        True: the figures of the R package SUSY 0.1.0 (see Notes).

    Returns
    -------
    Coupling
        ``values`` : biased cross-correlation of every segment, shape (n_segments, n_lags), in
        [-1, 1]; NaN where coverage is too low or one side does not vary at all.
        ``coords["time"]`` : centre of the segment, seconds from the first sample;
        ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``parts`` : means over all pairs of different segments, ``pseudo_z``, ``pseudo_abs_z``
        and ``pseudo_abs_r``, shape (n_lags,); ``pseudo_abs_r_of_segment``, shape
        (n_segments,), mean of the pairs in which the first's segment is this one.

    Raises
    ------
    InputError
        If the signals differ in length, a number makes no sense, lags exceed half of a
        segment, or fewer than 4 segments fit (2 with ``legacy``).

    Notes
    -----
    With n samples in a segment, and mean and SD (divisor n) of either person's own segment,

    .. math:: r(k) = \frac{1}{n} \sum_t \frac{x_t - \bar x}{s_x} \frac{y_{t+k} - \bar y}{s_y},

    so that values shrink with the lag; :math:`z = \operatorname{artanh} r`, held within 10.
    The real curve is the mean of z over segments at every lag; the pseudo curve the mean over
    all n(n - 1) pairs of segments with different numbers. The effect size of SUSY is (mean
    over lags of real - mean over lags of pseudo) / SD over lags of pseudo. It can be large for
    strangers: two people who never met reach 10.3 where their rank among surrogate sessions is
    p = .12 (ten minutes of skin conductance). For that rank see
    :func:`syntony.surrogates.sessions.susy_evidence`.

    *Missing samples.* Segments lie on the session's own time. A missing sample leaves its
    products out: mean and SD are those of the samples that are there, and r(k) is
    (1 - abs(k) / n) times the mean of the products that exist. A segment without enough of them
    is NaN and leaves the divisor.

    *Where it differs from the R package*, and ``legacy=True`` does not: the package removes
    every row with a missing value and closes time up; cuts rate, segment and lag to whole
    numbers (7.5 Hz becomes 7); and counts a segment that does not vary as 0, in the divisor
    too. ``legacy`` still gives the centre of the rows used as ``time``. In both forms our
    lags have the opposite sign, ``first_leads`` is its Z(lead1), and an exact copy counts
    as z = 10 where the package's figure is infinite.
    Surrogates restricted to a random 500 are not offered: all pairs cost less.

    References
    ----------
    .. [1] Tschacher & Meier (2020), Psychotherapy Research 30(5), 558-573.
       https://doi.org/10.1080/10503307.2019.1612114
    .. [2] R package SUSY 0.1.0, https://cran.r-project.org/package=SUSY

    Examples
    --------
    The second person's signal follows by two seconds:

    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(24) / 24, "same")
    >>> c = susy(x, np.roll(x, 8), rate_hz=4.0)
    >>> float(c.coords["lag"][np.argmax(susy_profile(c))])
    2.0
    """
    from syntony.kernels.segments import cross_segments

    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    cut = cut_segments(
        x, y, rate_hz=rate_hz, segment_s=segment_s, max_lag_s=max_lag_s, legacy=legacy
    )
    found = cross_segments(cut.x, cut.y, cut.max_lag, min_share=min_coverage)
    n_segments, length = cut.x.shape
    counts = found.counts
    if legacy and counts.any():
        counts = np.full(n_segments, n_segments - 1.0)
    with np.errstate(invalid="ignore"):
        curves = found.sums.sum(axis=2) / counts.sum()
        of_segment = found.sums[2].mean(axis=0) / counts
    samples = (cut.spans_s[:, 1] - cut.spans_s[:, 0]) * rate_hz
    share = found.share * (length / samples)[:, None] if legacy else found.share
    half_s = float((cut.spans_s[:, 1] - cut.spans_s[:, 0]).max()) / 2
    return Coupling(
        values=fixed(found.r),
        dims=("time", "lag"),
        coords={
            "time": cut.spans_s.mean(axis=1),
            "lag": np.arange(-cut.max_lag, cut.max_lag + 1) / rate_hz,
        },
        coverage=share,
        reach_s=(half_s, half_s),
        method="susy",
        options={
            "segment_s": length / rate_hz,
            "max_lag_s": cut.max_lag / rate_hz,
            "min_coverage": min_coverage,
            "legacy": legacy,
        },
        parts={
            "pseudo_z": curves[0],
            "pseudo_abs_z": curves[1],
            "pseudo_abs_r": curves[2],
            "pseudo_abs_r_of_segment": of_segment,
        },
    )
