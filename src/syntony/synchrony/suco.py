"""SUCO: concordance of slopes inside segments beside shuffled segments."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z, mean_present
from syntony.synchrony._inputs import (
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    least_pairs,
    window_starts,
)
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.slopes import single_session_index

LEAST_SEGMENTS = 4
_LEAST_SLOPES = 3
_NAMES = ("mean_z", "mean_abs_z", "concordance_index")


def _rotations(r: Array, cap: float) -> Array:
    """Mean z, mean absolute z and index of every rotation, shape (3, n_segments - 1)."""
    n = r.shape[0]
    first = np.arange(n)
    second = (first[:, None] + np.arange(1, n)) % n
    shuffled = r[first[:, None], second]
    z = fisher_z(shuffled)
    index = single_session_index(shuffled, cap)
    return np.stack([_column_means(z), _column_means(np.abs(z)), index])


def _column_means(table: Array) -> Array:
    """Mean of what is present in every column; NaN where nothing is."""
    there = table == table
    with np.errstate(invalid="ignore"):
        means: Array = np.where(there, table, 0.0).sum(axis=0) / there.sum(axis=0)
    return means


def _es(real: float, shuffled: Array) -> float:
    """Distance of the real figure from the shuffled ones, in their SDs."""
    there = shuffled[shuffled == shuffled]
    sd = float(there.std(ddof=1)) if there.size > 1 else 0.0
    return (real - float(there.mean())) / sd if sd > 0.0 else math.nan


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``suco``."""
    r = coupling.values
    z = fisher_z(r)
    real = {
        "mean_z": mean_present(z),
        "mean_abs_z": mean_present(np.abs(z)),
        "concordance_index": float(single_session_index(r, float(coupling.options["cap"]))),
    }
    over = {f"es_{k}": _es(v, coupling.parts[f"shuffled_{k}"]) for k, v in real.items()}
    return real | over


_SHUFFLED = (
    " The unit is the standard deviation over the shuffled sessions, in which every stretch of "
    "one person meets another stretch of the other. 0: like shuffled."
)

_STATISTICS = (
    Statistic(
        name="mean_z",
        title="Mean concordance (Fisher z)",
        explain="Average over the stretches of how closely both people's climbs and falls went "
        "together inside a stretch, after Fisher's z. 0: no tendency; below 0: one tended to "
        "climb while the other fell.",
        bounds=(-10.0, 10.0),
        chance=0.0,
        is_fisher_z=True,
    ),
    Statistic(
        name="mean_abs_z",
        title="Mean strength regardless of direction (|z|)",
        explain="Average strength of the relation of climbs and falls whether the two moved "
        "together or apart. Far above 0 for strangers too, since a stretch holds few slopes: "
        "read it only beside the shuffled sessions.",
        bounds=(0.0, 10.0),
        chance=0.33,
    ),
    Statistic(
        name="concordance_index",
        title="Concordance index (CI)",
        explain="Weighs the stretches in which both people's levels climbed and fell together "
        "against those in which one climbed while the other fell. 0: both weigh the same; above "
        "0: moving together prevails; below 0: moving apart prevails.",
        bounds=(-10.0, 10.0),
        chance=0.0,
    ),
    Statistic(
        name="es_mean_z",
        title="Mean concordance above shuffled (SD of shuffled)",
        explain="How far the mean concordance lies above that of shuffled stretches." + _SHUFFLED,
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="es_mean_abs_z",
        title="Mean strength above shuffled (SD of shuffled)",
        explain="How far the mean strength lies above that of shuffled stretches." + _SHUFFLED,
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="es_concordance_index",
        title="Concordance index above shuffled (SD of shuffled)",
        explain="How far the concordance index lies above that of shuffled stretches." + _SHUFFLED,
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


@method(
    name="suco",
    title="Surrogate concordance (SUCO)",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    lags="none: the same instant only",
    cites=("TschacherMeier2020",),
    sentence="Surrogate concordance [@TschacherMeier2020] was computed from least-squares slopes "
    "in windows of {slope_window_s:g} s every {slope_step_s:g} s, correlated inside segments of "
    "{segment_s:g} s (segments with less than {min_coverage:g} of the slopes present were left "
    "out; the concordance index was held within +-{cap:g}), and set beside all rotations of the "
    "order of the second person's segments.",
    question="Do the two people's levels climb and fall together inside the same short stretch "
    "of the session, more than in stretches that do not belong together?",
    not_when="A partner is expected to follow by more than about a second: there are no lags. "
    "Both people's levels follow a common course over the session, which stretches from "
    "elsewhere do not share. Unlike the single session index of marci, segments do not overlap "
    "and slopes are short, so that slow skin conductance is seen less well.",
    units={
        "segment_s": "s",
        "slope_window_s": "s",
        "slope_step_s": "s",
        "min_coverage": "1",
        "cap": "1",
    },
)
def suco(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    segment_s: float = 10.0,
    slope_window_s: float = 2.0,
    slope_step_s: float = 1.0,
    min_coverage: float = 0.8,
    cap: float = 10.0,
) -> Coupling:
    """Correlate the slopes of two signals inside segments, beside segments in another order.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals.
    segment_s : float
        Length of a segment in seconds, rounded to whole samples. Segments do not overlap; what
        is left at the end is dropped.
    slope_window_s, slope_step_s : float
        Length of the window of a slope, and seconds from one slope to the next. A segment holds
        the slopes whose windows lie whole inside it, 3 at least.
    min_coverage : float
        Share of a slope's samples, and of a segment's pairs of slopes, that must be present.
    cap : float
        The concordance index is held within +-cap.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the slopes, shape (n_segments,), in [-1, 1]; NaN where coverage
        is too low or one side's slopes do not vary at all. ``coords["time"]`` : centre of the
        segment, seconds from the first sample. ``parts`` : ``shuffled_mean_z``,
        ``shuffled_mean_abs_z`` and ``shuffled_concordance_index`` of every rotation, shape
        (n_segments - 1,).

    Raises
    ------
    InputError
        If the signals differ in length, a length makes no sense, a segment holds under 3 slopes,
        or fewer than 4 segments fit.

    Notes
    -----
    With r of segment i, the index is ``ln(sum(r[r > 0]) / abs(sum(r[r < 0])))``, and the means
    are of Fisher's z, held within 10. A shuffled session k pairs segment i of ``x`` with segment
    i + k (mod n) of ``y``; the n - 1 of them use every pair of different segments once, so that
    nothing is random. Each effect size is (real - mean over shuffled sessions) / SD over
    shuffled sessions (n - 2 in the divisor).

    Written after the description in [1]_; no code of the tool is public, and how it scales its
    effect sizes is not known to us.

    References
    ----------
    .. [1] Tschacher & Meier (2020), Psychotherapy Research 30(5), 558-573.
       https://doi.org/10.1080/10503307.2019.1612114

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(12) / 12, "same")
    >>> c = suco(x, x + 0.1 * rng.standard_normal(2400), rate_hz=4.0)
    >>> c.values.shape, bool(np.median(c.values) > 0.5)
    ((60,), True)
    """
    from syntony.kernels.segments import cross_pearson
    from syntony.kernels.slopes import moving_slopes

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_seconds(segment_s=segment_s, slope_window_s=slope_window_s, slope_step_s=slope_step_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_number("cap", cap, 1e-9, 1e9, "a finite number above 0")
    segment = in_samples("segment_s", segment_s, rate_hz, 3)
    length = in_samples("slope_window_s", slope_window_s, rate_hz, 2)
    in_samples("slope_step_s", slope_step_s, rate_hz, 1)
    inside, starts = _slope_starts(x.size, segment, length, slope_step_s * rate_hz)
    if inside.size < _LEAST_SLOPES:
        raise InputError("segment_s", segment_s, f"room for {_LEAST_SLOPES} slopes or more")
    count = x.size // segment
    if count < LEAST_SEGMENTS:
        raise InputError(
            "segment_s",
            segment_s,
            f"{LEAST_SEGMENTS} segments or more in {x.size / rate_hz:g} s of data",
            "Choose shorter segments.",
        )
    a, b = (
        moving_slopes(v, starts, length, "ols", min_share=min_coverage).reshape(count, -1)
        for v in (x, y)
    )
    r = cross_pearson(a, b, min_pairs=least_pairs(min_coverage, inside.size))
    shuffled = _rotations(r, cap)
    there = ((x == x) & (y == y)).astype(np.float64)
    half_s = segment / rate_hz / 2
    return Coupling(
        values=fixed(r.diagonal().copy()),
        dims=("time",),
        coords={"time": np.arange(0.5, count) * (segment / rate_hz)},
        coverage=there[: count * segment].reshape(count, segment).mean(axis=1),
        reach_s=(half_s, half_s),
        method="suco",
        options={
            "segment_s": segment / rate_hz,
            "slope_window_s": length / rate_hz,
            "slope_step_s": slope_step_s,
            "min_coverage": min_coverage,
            "cap": cap,
        },
        parts={f"shuffled_{k}": v for k, v in zip(_NAMES, shuffled, strict=True)},
    )


def _slope_starts(n_samples: int, segment: int, length: int, step: float) -> tuple[Ints, Ints]:
    """First samples of the slopes of one segment, and of all segments one after the other."""
    inside = window_starts(segment, length, step)
    firsts = np.arange(n_samples // segment) * segment
    return inside, (firsts[:, None] + inside).ravel()
