"""mvSUSY: how much a whole group moves as one, beside columns from different segments."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_seconds,
    fixed,
    in_samples,
    least_pairs,
)
from syntony.synchrony._people import check_people
from syntony.synchrony.registry import Statistic, method

Measure = Literal["lambda_max", "omega", "omega_absolute"]

LEAST_SEGMENTS = 4
_MEASURES = ("lambda_max", "omega", "omega_absolute")
_AT_ONCE = 250  # combinations whose samples are held in memory together


def segment_strength(
    segments: Array, picks: Ints, measure: Measure, min_coverage: float = 0.8
) -> tuple[Array, Array]:
    """How much people move as one, in combinations of one segment per person.

    Parameters
    ----------
    segments : ndarray of float64, shape (n_people, n_segments, length)
        NaN marks missing samples.
    picks : ndarray of int64, shape (n_picks, n_people)
        Which segment of each person meets which of the others.
    measure : {"lambda_max", "omega", "omega_absolute"}
        As in :func:`mvsusy`.
    min_coverage : float
        Least share of samples that everybody has.

    Returns
    -------
    strength, share : ndarray of float64, shape (n_picks,)
        NaN where coverage is too low or somebody does not vary at all; and the share of samples
        that everybody has.

    Examples
    --------
    >>> x = np.array([[[1.0, 2.0, 3.0]], [[1.0, 2.0, 4.0]]])
    >>> strength, share = segment_strength(x, np.array([[0, 0]]), "lambda_max")
    >>> strength.round(2).tolist(), share.tolist()
    ([99.1], [1.0])
    """
    people = np.arange(segments.shape[0])
    made = [
        _strength(segments[people, some], measure, min_coverage)
        for some in np.split(picks, range(_AT_ONCE, len(picks), _AT_ONCE))
    ]
    return np.concatenate([m[0] for m in made]), np.concatenate([m[1] for m in made])


def _strength(data: Array, measure: Measure, min_coverage: float) -> tuple[Array, Array]:
    """Of combinations laid out (n_picks, n_people, length): complete samples only."""
    n_people, length = data.shape[1:]
    there = (data == data).all(axis=1, keepdims=True)
    count = there.sum(axis=2, keepdims=True).astype(np.float64)
    low = np.where(there, data, np.inf).min(axis=2)
    high = np.where(there, data, -np.inf).max(axis=2)
    centred = np.where(there, data, 0.0)
    for _ in range(2):  # the second pass takes out what rounding left of a large mean
        sums = centred.sum(axis=2, keepdims=True)
        centred -= np.where(there, sums / np.maximum(count, 1.0), 0.0)
    squares = (centred * centred).sum(axis=2, keepdims=True)
    known = (low < high).all(axis=1) & (squares > 0.0).all(axis=(1, 2))
    known &= count[:, 0, 0] >= least_pairs(min_coverage, length)
    unit = centred / np.sqrt(np.where(squares > 0.0, squares, 1.0))
    r = np.clip(unit @ unit.transpose(0, 2, 1), -1.0, 1.0)
    r[:, np.arange(n_people), np.arange(n_people)] = 1.0
    if measure == "lambda_max":
        largest = np.linalg.eigvalsh(r)[:, -1]
        strength = np.minimum(100.0, 100.0 / n_people * largest)
    else:
        strength = 1.0 - np.linalg.det(np.abs(r) if measure == "omega_absolute" else r)
    if measure == "omega":  # rounding alone leaves [0, 1]
        strength = np.clip(strength, 0.0, 1.0)
    return np.where(known, strength, np.nan), count[:, 0, 0] / length


def strange_picks(n_segments: int, n_people: int, count: int, rng: np.random.Generator) -> Ints:
    """Draw combinations in which no two people are in the same segment, each at most once.

    Parameters
    ----------
    n_segments, n_people : int
        At least as many segments as people.
    count : int
        How many; all there are, where there are no more.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (n_picks, n_people)

    Examples
    --------
    >>> strange_picks(2, 2, 10, np.random.default_rng(0)).tolist()
    [[0, 1], [1, 0]]
    """
    total = math.perm(n_segments, n_people)
    if total <= 4 * count:
        every = np.array(list(permutations(range(n_segments), n_people)), dtype=np.int64)
        if total <= count:
            return every
        chosen: Ints = every[rng.choice(total, count, replace=False)]
        return chosen
    found = np.empty((0, n_people), dtype=np.int64)
    while len(found) < count:
        drawn = np.argsort(rng.random((count, n_segments)), axis=1)[:, :n_people]
        both = np.concatenate([found, drawn.astype(np.int64)])
        found = both[np.sort(np.unique(both, axis=0, return_index=True)[1])]
    return found[:count]


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``mvsusy``."""
    mean, pseudo = mean_present(coupling.values), coupling.parts["pseudo"]
    there = pseudo[pseudo == pseudo]
    sd = float(there.std(ddof=1)) if there.size > 1 else 0.0
    es = (mean - float(there.mean())) / sd if sd > 0.0 else math.nan
    return {"mean_strength": mean, "es_over_pseudo": es}


_STATISTICS = (
    Statistic(
        name="mean_strength",
        title="Mean strength of the group",
        explain="Average over the stretches of how much the whole group moves as one: the share "
        "of everybody's movement that one common course explains (lambda max, in percent), or "
        "how far they are from being unrelated (omega, 0 to 1). Unrelated people give more than "
        "the least possible value: read it only beside combinations from different stretches.",
        bounds=(0.0, 100.0),
        chance=53.6,
    ),
    Statistic(
        name="es_over_pseudo",
        title="Mean strength above pseudo groups (SD of pseudo groups)",
        explain="How far the mean strength lies above that of combinations in which everybody "
        "comes from a different stretch, in standard deviations of single combinations. It is "
        "no Cohen's d over groups and gives no p-value: the combinations share their stretches.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


@method(
    name="mvsusy",
    title="Multivariate surrogate synchrony (mvSUSY)",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time",),
    bounds=(0.0, 100.0),
    chance=53.6,
    swap="same",
    scale_free=True,
    people="many",
    lags="none: the same instant only",
    cites=("MeierTschacher2021", "RMvSUSY"),
    sentence="Multivariate surrogate synchrony [@MeierTschacher2021; @RMvSUSY] ({measure}) was "
    "computed in segments of {segment_s:g} s (with at least {min_coverage:g} of the samples "
    "present in everybody) and set beside at most {pseudo_count} combinations of different "
    "segments (seed {seed}).",
    question="How much do all people of a group move as one in the same stretch of the session, "
    "at the same instant?",
    not_when="There are only two people and direction matters: lambda max and omega do not tell "
    "together from opposite (susy does, and has lags). All levels follow a common course over "
    "the session, which combinations from different stretches do not share.",
    words={
        "measure": {
            "lambda_max": "lambda max, share of the largest eigenvalue in percent",
            "omega": "omega, 1 less the determinant of the correlations",
            "omega_absolute": "omega of absolute correlations, as the R package mvSUSY 0.1.0",
        }
    },
    units={
        "segment_s": "s",
        "measure": "choice",
        "pseudo_count": "1",
        "seed": "1",
        "min_coverage": "1",
    },
)
def mvsusy(
    signals: Array,
    *,
    rate_hz: float,
    segment_s: float = 30.0,
    measure: Measure = "lambda_max",
    pseudo_count: int = 1000,
    seed: int = 1,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""How much a group moves as one in each segment, beside segments that do not belong together.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One row per person, two or more, on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of all signals.
    segment_s : float
        Length of a segment in seconds, rounded to whole samples. Segments do not overlap; what
        is left at the end is dropped.
    measure : {"lambda_max", "omega", "omega_absolute"}
        Largest eigenvalue of the correlation matrix in percent of their sum; 1 less the
        determinant of the correlation matrix; or the same of absolute correlations, as the R
        package computes it.
    pseudo_count : int
        How many combinations of different segments at most; all, where there are no more.
    seed : int
        Of the choice of combinations.
    min_coverage : float
        Least share of a segment's samples that everybody must have.

    Returns
    -------
    Coupling
        ``values`` : strength of every segment, shape (n_segments,): in percent from
        100 / n_people to 100 (lambda max), or from 0 to 1 (omega; ``omega_absolute`` can leave
        it with more than two people). NaN where coverage is too low or somebody does not vary
        at all. ``coords["time"]`` : centre of the segment, seconds from the first sample.
        ``parts`` : ``pseudo``, strength of the combinations, shape (n_combinations,);
        ``pseudo_segments``, shape (n_combinations, n_people), which segments they are of.

    Raises
    ------
    InputError
        If ``signals`` is no table of two people or more, a number makes no sense, or there are
        fewer than 4 segments or fewer segments than people.

    Notes
    -----
    With the correlation matrix R of a segment and its eigenvalues :math:`\lambda_i`,

    .. math:: \lambda_{max}\% = 100 \frac{\max_i \lambda_i}{\sum_i \lambda_i}, \quad
              \Omega = 1 - \frac{\det C}{\prod_i C_{ii}} = 1 - \det R .

    The effect size is (mean of segments - mean of combinations) / SD of combinations (divisor
    n - 1). Samples that somebody lacks are left out for all, on the session's own time.

    *Where it differs from the R package mvSUSY 0.1.0*: ``omega`` keeps the signs of the
    correlations, which the package drops (``omega_absolute`` gives its figures; for two people
    both are the same). A segment in which somebody does not vary is NaN; the package sets that
    correlation to 0. Its t and U tests take the combinations for independent observations
    and are not offered. Combinations are drawn by our own generator.

    References
    ----------
    .. [1] Meier & Tschacher (2021), Entropy 23(11), 1385. https://doi.org/10.3390/e23111385
    .. [2] R package mvSUSY 0.1.0, https://cran.r-project.org/package=mvSUSY

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> common = rng.standard_normal(1200)
    >>> c = mvsusy(common + rng.standard_normal((3, 1200)), rate_hz=4.0)
    >>> bool(c.values.mean() > c.parts["pseudo"].mean() + 20)
    True
    """
    signals = np.asarray(signals, dtype=np.float64)
    check_people(signals, rate_hz)
    check_choice("measure", measure, _MEASURES)
    check_seconds(segment_s=segment_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    if not (isinstance(pseudo_count, int) and pseudo_count >= 2):
        raise InputError("pseudo_count", pseudo_count, "a whole number, 2 or more")
    n_people, n_samples = signals.shape
    length = in_samples("segment_s", segment_s, rate_hz, 3)
    count = n_samples // length
    least = max(LEAST_SEGMENTS, n_people)
    if count < least:
        raise InputError(
            "segment_s",
            segment_s,
            f"{least} segments or more in {n_samples / rate_hz:g} s of data",
            "Choose shorter segments.",
        )
    segments = signals[:, : count * length].reshape(n_people, count, length)
    own = np.repeat(np.arange(count)[:, None], n_people, axis=1)
    values, share = segment_strength(segments, own, measure, min_coverage)
    picks = strange_picks(count, n_people, pseudo_count, rng_for(seed, "mvsusy"))
    half_s = length / rate_hz / 2
    return Coupling(
        values=fixed(values),
        dims=("time",),
        coords={"time": (np.arange(count) + 0.5) * (length / rate_hz)},
        coverage=fixed(share),
        reach_s=(half_s, half_s),
        method="mvsusy",
        options={
            "segment_s": length / rate_hz,
            "measure": measure,
            "pseudo_count": pseudo_count,
            "seed": seed,
            "min_coverage": min_coverage,
        },
        parts={
            "pseudo": segment_strength(segments, picks, measure, min_coverage)[0],
            "pseudo_segments": picks.astype(np.float64),
        },
    )
