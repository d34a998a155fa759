"""Cross-recurrence: when one person is in a state in which the other has been."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_choice, check_seconds, fixed, whole_steps
from syntony.synchrony._recurrence import (
    CHOICES,
    Norm,
    Normalise,
    Rescale,
    Settings,
    Threshold,
    channels,
    check_whole,
    line_measures,
    nearness,
    normalised,
    states_of,
    thinned,
    whole_share,
    window_parts,
)
from syntony.synchrony._recurrence_words import CRQA_STATISTICS, UNITS, WHOLE, WORDS
from syntony.synchrony.registry import method

if TYPE_CHECKING:
    from syntony.kernels.distances import States
    from syntony.kernels.recurrence import Lines

Side = Literal["both", "second_follows", "first_follows"]
Denominator = Literal["valid", "full"]

CRQA = {"threshold": "radius", "thin_to_hz": 0.0, "denominator": "full"}
"""Options with which ``crqa`` gives the figures of the R package crqa (its rr_denom="full")."""

_ENDS = {"both": (-1, 1), "second_follows": (0, 1), "first_follows": (-1, 0)}


def recurrence_profile(coupling: Coupling) -> Array:
    """Recurrence rate at every lag, shape (n_lags,)."""
    return coupling.values


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``crqa``."""
    profile, lags = coupling.values, coupling.coords["lag"]
    there = np.isfinite(profile)
    best = int(np.argmax(np.where(there, profile, -np.inf))) if there.any() else -1
    first, second, near = (_mean(profile[w]) for w in (lags > 0, lags < 0, lags == lags))
    return {
        "rr_near": near,
        "peak_rr": float(profile[best]) if best >= 0 else math.nan,
        "best_lag_s": float(lags[best]) if best >= 0 else math.nan,
        "leading": first - second,
    } | {name: float(coupling.parts[name]) for name in WHOLE}


def _mean(values: Array) -> float:
    """Mean of what is present; NaN where nothing is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else math.nan


@method(
    name="crqa",
    title="Cross-recurrence (CRQA) with lag profile",
    summarise=_summary,
    profile=recurrence_profile,
    statistics=CRQA_STATISTICS,
    dims=("lag",),
    bounds=(0.0, 1.0),
    chance=0.05,
    swap="mirror_lag",
    scale_free=True,
    cites=("CocoDale2014", "Marwan2007", "WallotLeonardi2018"),
    sentence="Cross-recurrence quantification [@CocoDale2014; @Marwan2007; @WallotLeonardi2018] "
    "was computed on means at about {thin_to_hz:g} Hz, signals {normalise}; states of "
    "{dimension} samples {delay_s:g} s apart matched {threshold}: rate {rate:g}, radius "
    "{radius:g} ({norm} distances {rescale}; Theiler window {theiler_s:g} s; {side}); lines had "
    "at least {min_line} diagonal or {min_vertical} vertical points, the recurrence rate "
    "counted {denominator}, lags reached {max_lag_s:g} s, moving windows (0: none) "
    "{window_s:g} s every {step_s:g} s, and at least {min_coverage:g} of the data had to be "
    "present.",
    question="How often is one person in the state in which the other is, was shortly before or "
    "will be shortly after, and do both go through the same sequences of states?",
    not_when="The question is whether changes go along with each other: two people far apart in "
    "level can change together and never match, which a correlation sees and this does not. "
    "Signals drift through the session, or it is much longer than an hour at more than 1 Hz. "
    "Determinism and line lengths compare all moments with all, so they speak of how alike the "
    "two signals are rather than of synchrony; the lag profile speaks of that.",
    words={
        **WORDS,
        "side": {
            "both": "both sides of the main diagonal",
            "second_follows": "only moments of the second at or after those of the first",
            "first_follows": "only moments of the first at or after those of the second",
        },
        "denominator": {
            "valid": "pairs of moments that could match",
            "full": "all pairs of moments",
        },
    },
    units={
        **UNITS,
        "max_lag_s": "s",
        "min_vertical": "points",
        "side": "choice",
        "denominator": "choice",
    },
)
def crqa(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_lag_s: float = 5.0,
    thin_to_hz: float = 1.0,
    dimension: int = 3,
    delay_s: float = 2.0,
    threshold: Threshold = "rate",
    rate: float = 0.05,
    radius: float = 0.2,
    norm: Norm = "euclidean",
    normalise: Normalise = "z",
    rescale: Rescale = "none",
    theiler_s: float = 0.0,
    min_line: int = 2,
    min_vertical: int = 2,
    side: Side = "both",
    denominator: Denominator = "valid",
    window_s: float = 0.0,
    step_s: float = 30.0,
    min_coverage: float = 0.5,
) -> Coupling:
    r"""Count when the state of one person recurs in the other, lag by lag and along lines.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,) or (n_channels, n_samples)
        The two signals on one clock; with several channels of each person (as many of both)
        a state is made of all of them. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    max_lag_s : float
        Largest lag of the profile in both directions; lags are one (thinned) sample apart.
    thin_to_hz : float
        The signals are replaced by means of as many samples as keep the rate at this or above,
        because the work grows with the square of their length; 0 leaves them as they are.
    dimension : int
        Samples of a state. 1: the value at one moment; more: the values at that moment and at
        ``dimension - 1`` later ones, so that course counts beside level.
    delay_s : float
        Seconds from one sample of a state to the next. :func:`.suggest_embedding` suggests it
        and ``dimension``.
    threshold : {"rate", "radius"}
        Two states match within the distance that makes the share ``rate`` of all pairs that
        count match (then all dyads have the same recurrence rate); or within ``radius`` (then
        all have the same radius). The other of the two is unused.
    rate : float
        Share of matching pairs, above 0.
    radius : float
        Largest distance at which states match, in units of the scaled signals.
    norm : {"euclidean", "maximum"}
        Distance of two states.
    normalise : {"z", "z_population", "unit_interval", "none"}
        Each channel over the session: mean 0 and SD 1 (with n - 1, or n), 0 to 1, or as it is.
    rescale : {"none", "rms", "mean", "max", "min", "mean_apart"}
        ``radius`` is a distance; or (``"rms"``) the root of the mean, not the sum, of squared
        differences, which makes no difference to the maximum norm; or a multiple of this
        statistic of all distances; ``"mean_apart"`` divides their sum by the number of pairs
        off the main diagonal.
    theiler_s : float
        Lags nearer to 0 than this are left out; 0 leaves none out.
    min_line, min_vertical : int
        Points that a diagonal and a vertical line need.
    side : {"both", "second_follows", "first_follows"}
        All lags, those of 0 and above, or those of 0 and below.
    denominator : {"valid", "full"}
        The recurrence rate is over the pairs that can match (not missing, not left out by
        ``theiler_s`` or ``side``), or over all pairs.
    window_s, step_s : float
        Length of moving windows, and seconds from one to the next; 0: no windows.
    min_coverage : float
        Share of the samples that a mean needs; of the pairs that a lag or a window needs; and
        of each person's states that the measures of the whole session need.

    Returns
    -------
    Coupling
        ``values`` : recurrence rate at every lag, shape (n_lags,), 0 to 1; NaN where coverage
        is too low, a lag is left out, or a signal does not vary.
        ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``coverage`` : pairs of whole states / pairs, at every lag.
        ``parts`` : the measures of the whole session by the name of their statistic, and
        ``radius`` (the one used), ``max_vertical_s``, ``vertical_entropy``,
        ``mean_white_s`` (stretches of two points or more along verticals without a match),
        ``diagonal_lines``, ``vertical_lines``, ``white_lines`` (how many lines have 0, 1, 2, ...
        points), ``mean_line_all_s`` (single points counted as lines). With ``window_s``:
        ``window_time_s`` (centres), ``window_rr``, ``window_det`` at the radius of the session.
        ``options`` hold the thinned rate and lags as they were used.

    Raises
    ------
    InputError
        If the signals differ in shape, an option makes no sense, or fewer than three states or
        no lag fit.

    Notes
    -----
    With states ``u_i`` of ``x`` and ``v_j`` of ``y``, ``R[i, j] = 1`` where
    ``|u_i - v_j| <= radius``, else 0. The value at lag k is the mean of ``R[i, i + k]`` over i:
    the diagonal-wise recurrence profile. Over the whole plot, with ``P(l)`` diagonal and
    ``V(l)`` vertical lines of length l::

        RR = sum(R) / pairs             DET = sum(l P(l), l >= min_line) / sum(R)
        LAM = sum(l V(l), l >= min_vertical) / sum(R)
        ENTR = -sum(p(l) ln p(l)),      p(l) = P(l) / sum(P)    over l >= min_line

    as in [1]_ and [2]_. A vertical line keeps one moment of ``x`` and runs over ``y``. A state
    that lacks a sample is no state: it matches nothing, ends lines, and counts in no ``valid``
    denominator.

    The R package crqa 2.1.0 [3]_ gives shares in percent and lines in points. Its
    ``rr_denom="full"`` is ``denominator="full"``, its ``normalize=2`` is ``"z"``, its
    ``rescale`` 1 to 4 are mean, max, min, mean_apart, its ``side="upper"`` is
    ``"first_follows"``, and its profile (``drpfromts``) is ``values``; ``CRQA`` in this module
    holds what else differs. PyRQA 8.1.0 applies its Theiler corrector to diagonal lines only:
    its recurrence rate, laminarity and vertical lines are ours with ``theiler_s=0``. It computes
    in single precision, so that a pair on the very radius may match in one and not the other.

    Codes (who looks at what, numbered) match where they are equal: ``threshold="radius"``,
    ``radius=0``, ``dimension=1``, ``normalise="none"``, ``thin_to_hz=0``.

    Time grows with the square of the (thinned) length, memory with the length: 50 min take
    some 50 ms at 1 Hz, the default, 0.2 s at 2 Hz and 0.7 s at 4 Hz; about half of it
    goes into the radius where ``threshold`` is ``"rate"``.

    References
    ----------
    .. [1] Marwan, Romano, Thiel & Kurths (2007), Physics Reports 438, 237-329.
       https://doi.org/10.1016/j.physrep.2006.11.001
    .. [2] Coco & Dale (2014), Frontiers in Psychology 5, 510.
       https://doi.org/10.3389/fpsyg.2014.00510
    .. [3] crqa 2.1.0, CRAN.
    .. [4] Wallot & Leonardi (2018), Frontiers in Psychology 9, 2232 (several channels, lag
       profile). https://doi.org/10.3389/fpsyg.2018.02232

    Examples
    --------
    The second person's signal follows by two seconds:

    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(24) / 24, "same")
    >>> c = crqa(x, np.roll(x, 8), rate_hz=4.0)
    >>> float(c.coords["lag"][np.argmax(c.values)])
    2.0
    """
    from syntony.kernels.recurrence import recurrence_lines

    settings = Settings(
        thin_to_hz=thin_to_hz,
        dimension=dimension,
        delay_s=delay_s,
        threshold=threshold,
        rate=rate,
        radius=radius,
        norm=norm,
        normalise=normalise,
        rescale=rescale,
        theiler_s=theiler_s,
        min_line=min_line,
        window_s=window_s,
        step_s=step_s,
        min_coverage=min_coverage,
    )
    check_choice("side", side, CHOICES["side"])
    check_choice("denominator", denominator, CHOICES["denominator"])
    check_whole("min_vertical", min_vertical)
    check_seconds(max_lag_s=max_lag_s)
    a, b = channels("x", x), channels("y", y)
    if a.shape != b.shape:
        raise InputError("y", b.shape, f"the shape of x, {a.shape}", "Align the signals.")
    (a, at_hz), (b, _) = (thinned(v, rate_hz, thin_to_hz, min_coverage) for v in (a, b))
    a, b = normalised(a, normalise), normalised(b, normalise)
    states = states_of(a, b, settings, at_hz, _ENDS[side], 0)
    reach = whole_steps(max_lag_s, at_hz)
    if reach >= states.n:
        raise InputError("max_lag_s", max_lag_s, f"less than {states.n / at_hz:g} s")
    limit, used_radius = nearness(states, settings)
    lines = recurrence_lines(states, limit)
    rr, coverage = _profile(states, lines, reach, min_coverage)
    measures = _measures(states, lines, settings, min_vertical, denominator, at_hz)
    return Coupling(
        values=fixed(rr),
        dims=("lag",),
        coords={"lag": np.arange(-reach, reach + 1) / at_hz},
        coverage=fixed(coverage),
        method="crqa",
        options={
            **asdict(settings),
            "thin_to_hz": at_hz,
            "max_lag_s": reach / at_hz,
            "delay_s": states.delay / at_hz if dimension > 1 else delay_s,
            "min_vertical": min_vertical,
            "side": side,
            "denominator": denominator,
        },
        parts=measures
        | {"radius": np.asarray(used_radius)}
        | window_parts(states, settings, at_hz, limit),
    )


def _profile(states: States, lines: Lines, reach: int, min_coverage: float) -> tuple[Array, Array]:
    """Recurrence rate and coverage at the lags up to ``reach``."""
    lags = np.arange(-reach, reach + 1)
    there = (lags >= states.lags[0]) & (lags <= states.lags[1]) & (np.abs(lags) >= states.theiler)
    place = np.where(there, lags - states.lags[0], 0)
    near, pairs = (np.where(there, v[place], 0) for v in (lines.near, lines.pairs))
    coverage: Array = pairs / (states.n - np.abs(lags))
    rr: Array = np.full(lags.size, np.nan)
    np.divide(near, pairs, out=rr, where=(pairs > 0) & (coverage >= min_coverage))
    return rr, coverage


def _measures(
    states: States,
    lines: Lines,
    settings: Settings,
    min_vertical: int,
    denominator: str,
    at_hz: float,
) -> dict[str, Array]:
    """Measures of the whole session and the lines they come from."""
    pairs, near = int(lines.pairs.sum()), int(lines.near.sum())
    along = line_measures(lines.diagonal, near, settings.min_line)
    down = line_measures(lines.row, near, min_vertical)
    cells = pairs if denominator == "valid" else states.n**2
    found = {
        "rr": near / cells if cells else math.nan,
        "det": along["share"],
        "n_lines": along["count"],
        "max_line_s": along["longest"] / at_hz,
        "mean_line_s": along["mean"] / at_hz,
        "entropy": along["entropy"],
        "relative_entropy": along["relative"],
        "lam": down["share"],
        "trapping_time_s": down["mean"] / at_hz,
        "max_vertical_s": down["longest"] / at_hz,
        "vertical_entropy": down["entropy"],
        "mean_white_s": line_measures(lines.white, 1, 2)["mean"] / at_hz,
        "mean_line_all_s": along["mean_all"] / at_hz,
    }
    if not pairs or whole_share(states) < settings.min_coverage:
        found = dict.fromkeys(found, math.nan)
    told: dict[str, Array] = {name: np.asarray(value) for name, value in found.items()}
    return told | {
        "diagonal_lines": lines.diagonal.astype(np.float64),
        "vertical_lines": lines.row.astype(np.float64),
        "white_lines": lines.white.astype(np.float64),
    }
