"""Synchrony by class of shared emotion, tested by rotating both people's codes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.link.codes import CLASSES, UNCODED
from syntony.link.finding import Finding
from syntony.link.intervals import bca_interval, beside, by_dyad, mean_there
from syntony.surrogates.codes import rotation_count, rotation_offsets

CODED = CLASSES[:UNCODED]

_R_LIMIT = 1 - 1e-6  # r of 1 would be an infinite z; this is z = 7.25
_DIGITS = 10  # rounding of contrasts, so that rounding errors of the transform make no ranks
_MIN_SHIFTS = 20

Scale = Literal["fisher_z", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassSynchrony:
    """Synchrony of one session in the seconds of one emotion class.

    Attributes
    ----------
    name : str
        One of ``CLASSES``.
    seconds, share : float
        Seconds of the session in this class, and their share of the session.
    mean, in_phase, anti_phase : float
        Mean on ``scale``, mean of max(r, 0) and mean of max(-r, 0), over the valid values of
        r in these seconds. NaN where there are none.
    scale : str
        ``"fisher_z"``: correlations were averaged after Fisher's z; ``"plain"``: as they are.
    contrast : float
        ``mean`` less that of the other coded seconds.
    null : ndarray of float64, shape (draws,)
        ``contrast`` with the codes rotated; NaN where a rotation left too little. Empty where
        the session is too short to rotate, and for uncoded seconds.
    null_means : ndarray of float64, shape (draws,)
        ``mean`` with the codes rotated.
    """

    name: str
    seconds: float
    share: float
    mean: float
    in_phase: float
    anti_phase: float
    contrast: float
    null: Array
    null_means: Array
    scale: Scale = "fisher_z"

    def __post_init__(self) -> None:
        object.__setattr__(self, "null", frozen_array("null", self.null))
        object.__setattr__(self, "null_means", frozen_array("null_means", self.null_means))

    def to_row(self, *, session: str, dyad: str, coder: str, step: int) -> dict[str, Any]:
        """Make a row of ``codes.parquet``.

        ``null_mean``, ``low`` and ``high`` are those of ``mean`` (the band to draw beside
        it); ``z_surrogate`` and the p-values are those of ``contrast``, whose own band is
        ``contrast_low`` and ``contrast_high``.
        """
        level, apart = beside(self.mean, self.null_means), beside(self.contrast, self.null)
        return {
            "session": session,
            "dyad": dyad,
            "coder": coder,
            "step": step,
            "class": self.name,
            "seconds": self.seconds,
            "share": self.share,
            "mean": self.mean,
            "scale": self.scale,
            "in_phase": self.in_phase,
            "anti_phase": self.anti_phase,
            "null_mean": level.mean,
            "low": level.low,
            "high": level.high,
            "contrast": self.contrast,
            "contrast_low": apart.low,
            "contrast_high": apart.high,
            "z_surrogate": apart.z,
            "p_one": apart.p_one,
            "p_two": apart.p_two,
            "draws": self.null.size,
        }


def class_synchrony(
    time_s: Array,
    r: Array,
    classes: Ints,
    *,
    rng: np.random.Generator,
    rotations: int = 999,
    min_rotation_s: float = 60.0,
    min_class_s: float = 10.0,
    scale: Scale = "fisher_z",
) -> tuple[ClassSynchrony, ...]:
    """How much two people moved together in each class of shared emotion, beside chance.

    Chance: both people's codes are turned round the session together by at least
    ``min_rotation_s``, so that their order, their lengths and what the two people share stay
    as they were, and only their place beside r(t) is lost.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n,)
        Centres of the windows of r on the session clock, in seconds, evenly spaced.
    r : ndarray of float64, shape (n,)
        Synchrony over time, such as a windowed correlation at lag 0; NaN where not valid.
    classes : ndarray of int64, shape (seconds,)
        From ``four_classes``; a value of r belongs to the second in which its centre lies.
    rng : numpy.random.Generator
    rotations : int, default 999
    min_rotation_s : float, default 60
        Smallest turn of the codes in seconds, both ways round.
    min_class_s : float, default 10
        A contrast needs this many seconds of valid r in the class, and in the rest.
    scale : {"fisher_z", "plain"}
        Average correlations after Fisher's z, or values of another kind as they are.

    Returns
    -------
    tuple of ClassSynchrony
        In the order of ``CLASSES``, uncoded included.

    Raises
    ------
    InputError
        If ``time_s`` and ``r`` differ in shape, or |r| of a correlation is above 1.

    Notes
    -----
    The draws are given the mean and the SD of all turns of the codes, short ones included.
    Without that the null would lie too far from the observed value, since the turns that were
    left out are those most like it: strangers in sessions of 10 min with codes that last 20 s
    would pass at .05 in 10.2 % of sessions (with it 5.6 %) and in 7.1 % of studies of six
    sessions (4.6 %). In a single session p-values under .05 stay too small, because a session
    holds few independent turns: 1.5 % of strangers pass at .01 in 50 min, 2.9 % in 10 min.

    References
    ----------
    .. [1] Chen et al. (2020), in-phase and anti-phase linkage by shared emotion.
       https://doi.org/10.1037/pspi0000337
    .. [2] Phipson & Smyth (2010), https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    Two people move together while both are positive, and only then:

    >>> classes = np.repeat([0, 2, 2, 1, 3], 120)
    >>> r = np.where(classes == 0, 0.6, 0.0)
    >>> found = class_synchrony(np.arange(600) + 0.5, r, classes, rng=np.random.default_rng(1))
    >>> [f"{c.name} {c.mean:.2f}" for c in found[:2]]
    ['shared_positive 0.69', 'shared_negative 0.00']
    """
    seconds = classes.size
    if scale == "fisher_z" and np.any(np.abs(r) > 1 + 1e-9):
        raise InputError("r", float(np.nanmax(np.abs(r))), "correlations, -1 to 1, or NaN")
    second, valid = _seconds_of(time_s, r, seconds)
    z = np.arctanh(np.clip(valid, -_R_LIMIT, _R_LIMIT)) if scale == "fisher_z" else valid
    step_s = float(np.median(np.diff(time_s))) if time_s.size > 1 else 1.0
    least = max(1, ceil(min_class_s / step_s))
    shifts = np.empty(0, dtype=np.int64)
    if rotation_count(seconds, min_shift_s=min_rotation_s) >= _MIN_SHIFTS:
        shifts = rotation_offsets(seconds, rotations, rng, min_shift_s=min_rotation_s)
    centre = float(z.mean()) if z.size else 0.0
    sums, counts = _rotated_sums(second, z - centre, classes)
    contrasts, levels = _contrasts(sums, counts, least), _levels(sums, counts, least) + centre
    found = []
    for k, name in enumerate(CLASSES):
        inside = classes[second] == k
        coded = k != UNCODED
        found.append(
            ClassSynchrony(
                name=name,
                seconds=float(np.count_nonzero(classes == k)),
                share=float(np.mean(classes == k)) if seconds else float("nan"),
                mean=_mean(z[inside]),
                in_phase=_mean(np.maximum(valid[inside], 0.0)),
                anti_phase=_mean(np.maximum(-valid[inside], 0.0)),
                contrast=float(contrasts[k, 0]) if coded and seconds else float("nan"),
                null=_null(contrasts[k], shifts) if coded else np.empty(0),
                null_means=_null(levels[k], shifts) if coded else np.empty(0),
                scale=scale,
            )
        )
    return tuple(found)


def _seconds_of(time_s: Array, r: Array, seconds: int) -> tuple[Ints, Array]:
    """Find the second of every valid value of r inside the session, and the value."""
    if time_s.shape != r.shape:
        raise InputError("r", r.shape, f"the shape of time_s, {time_s.shape}")
    second = np.floor(time_s).astype(np.int64)
    keep = np.isfinite(r) & (second >= 0) & (second < seconds)
    return second[keep], r[keep]


def _rotated_sums(second: Ints, z: Array, classes: Ints) -> tuple[Array, Array]:
    """Sum and count of z by class for every turn of the codes, shape (n_classes, seconds).

    ``sums[c, s]`` adds z over the seconds t with ``classes[(t - s) mod seconds] == c``: a
    circular cross-correlation, so one transform gives all turns.
    """
    seconds = classes.size
    if not seconds:
        return np.zeros((len(CODED), 0)), np.zeros((len(CODED), 0))
    inside = (classes == np.arange(len(CODED))[:, None]).astype(np.float64)
    turned = np.conj(np.fft.rfft(inside, axis=1))
    total = np.bincount(second, z, seconds)
    count = np.bincount(second, minlength=seconds).astype(np.float64)
    sums = np.fft.irfft(np.fft.rfft(total) * turned, seconds, axis=1)
    counts = np.rint(np.fft.irfft(np.fft.rfft(count) * turned, seconds, axis=1))
    return np.where(counts > 0, sums, 0.0), counts


def _contrasts(sums: Array, counts: Array, least: int) -> Array:
    """Mean z of each class less that of the other coded seconds; NaN where too few."""
    rest_sums, rest = sums.sum(axis=0) - sums, counts.sum(axis=0) - counts
    enough = (counts >= least) & (rest >= least)
    here = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=enough)
    there = np.divide(rest_sums, rest, out=np.full(sums.shape, np.nan), where=enough)
    apart: Array = np.round(here - there, _DIGITS)
    return apart


def _null(turned: Array, shifts: Ints) -> Array:
    """Take the values at these turns, with the mean and the SD that all turns have."""
    draws = turned[shifts]
    there, every = draws[np.isfinite(draws)], turned[np.isfinite(turned)]
    if there.size < 2 or there.std() == 0:
        return draws
    scaled = (draws - there.mean()) * (every.std() / there.std()) + every.mean()
    out: Array = np.round(scaled, _DIGITS)
    return out


def _levels(sums: Array, counts: Array, least: int) -> Array:
    """Mean z of each class; NaN where too few."""
    out: Array = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts >= least)
    out = np.round(out, _DIGITS)
    return out


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionClasses:
    """What ``class_synchrony`` found in one session of a dyad."""

    session: str
    dyad: str
    classes: tuple[ClassSynchrony, ...]


def class_findings(
    sessions: Sequence[SessionClasses],
    rng: np.random.Generator,
    *,
    step: int = 0,
    method: str = "",
    bootstrap: int = 2000,
) -> tuple[Finding, ...]:
    """Synchrony of each class less that of the other coded seconds, over dyads.

    Sessions are averaged within dyads, dyads count alike. The null turns the codes of every
    session: draw b of the study is draw b of every session together.

    Parameters
    ----------
    sessions : sequence of SessionClasses
        Made with one number of rotations; a session without a contrast is left out.
    rng : numpy.random.Generator
        For the bootstrap over dyads.
    step, method : int, str
        Which synchrony index it rests on, copied into the findings.
    bootstrap : int, default 2000

    Returns
    -------
    tuple of Finding
        One per coded class. ``value``: mean over dyads of class less rest, on the sessions' scale;
        ``low``, ``high``: BCa bootstrap over dyads. ``detail["p_max"]``: two-sided p against
        the largest |z| of the four classes in each draw, for whoever looks at all four.

    Raises
    ------
    InputError
        If sessions were rotated different numbers of times.
    """
    counts = {c.null.size for s in sessions for c in s.classes if c.name in CODED} - {0}
    if len(counts) > 1:
        hint = "Use one number of rotations for a study."
        raise InputError("sessions", sorted(counts), "one number of draws", hint)
    parts = [_over_dyads(sessions, k) for k in range(len(CODED))]
    largest = _largest([null for _, null, _ in parts])
    found = []
    for k, (dyads, null, used) in enumerate(parts):
        if not dyads.size:
            why = "not testable: no session with enough coded seconds to compare and to rotate"
            found.append(_finding(CODED[k], step, method, status=why))
            continue
        value = float(dyads.mean())
        chance = beside(value, null)
        low, high = bca_interval(dyads, lambda s: s.mean(axis=1), rng, draws=bootstrap)
        found.append(
            _finding(
                CODED[k],
                step,
                method,
                n_dyads=dyads.size,
                n_sessions=len(used),
                value=value,
                low=low,
                high=high,
                null_mean=chance.mean,
                null_low=chance.low,
                null_high=chance.high,
                z=chance.z,
                p_one=chance.p_one,
                p_two=chance.p_two,
                draws=null.size,
                detail=_detail(used, k) | {"p_max": beside(abs(chance.z), largest).p_one},
            )
        )
    return tuple(found)


def _finding(name: str, step: int, method: str, **rest: Any) -> Finding:
    return Finding(
        finding="emotion",
        label=name,
        step=step,
        method=method,
        statistic="class_minus_rest",
        surrogate="rotation",
        **rest,
    )


def _over_dyads(
    sessions: Sequence[SessionClasses], k: int
) -> tuple[Array, Array, list[SessionClasses]]:
    """Contrasts per dyad, the null of their mean, and the sessions that were used."""
    used = [s for s in sessions if np.isfinite(s.classes[k].contrast) and s.classes[k].null.size]
    if not used:
        return np.empty(0), np.empty(0), []
    table = np.array([np.r_[s.classes[k].contrast, s.classes[k].null] for s in used])
    _, means = by_dyad(table, [s.dyad for s in used])
    return means[:, 0], mean_there(means[:, 1:]), used


def _largest(nulls: list[Array]) -> Array:
    """Find the largest |z| of any class in every draw."""
    scores = []
    for null in nulls:
        there = null[np.isfinite(null)]
        if there.size > 1 and there.std() > 0:
            scores.append(np.abs(null - there.mean()) / there.std(ddof=1))
    if not scores:
        return np.empty(0)
    stack = np.array(scores)
    return np.where(np.isfinite(stack), stack, np.inf).max(axis=0) if stack.size else stack


def _detail(used: list[SessionClasses], k: int) -> dict[str, Any]:
    """Levels over dyads and the seconds behind them."""
    dyads = [s.dyad for s in used]
    out: dict[str, Any] = {"seconds": sum(s.classes[k].seconds for s in used)}
    out["scale"] = used[0].classes[k].scale
    for field in ("mean", "in_phase", "anti_phase"):
        values = np.array([getattr(s.classes[k], field) for s in used])
        out[field] = float(by_dyad(values, dyads)[1].mean())
    return out
