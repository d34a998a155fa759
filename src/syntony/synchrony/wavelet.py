"""Wavelet coherence: in which rhythm, and when, two people keep step."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_choice, check_number, check_pair, check_seconds
from syntony.synchrony._wavelet import CONVENTIONS, Conventions, Plan, make_plan
from syntony.synchrony._wavelet_map import coherence_map
from syntony.synchrony.coherence import weighted_median
from syntony.synchrony.registry import Statistic, method

Cone = Literal["mask", "keep"]

IN_PHASE_RAD, ANTI_PHASE_RAD = math.pi / 4, 3 * math.pi / 4

WORDS = {
    "convention": {
        "grinsted": "smoothed as by Grinsted and others [@Grinsted2004]",
        "biwavelet": "smoothed and padded as in biwavelet",
        "pycwt": "smoothed and padded as in pycwt",
        "hypyp": "smoothed and padded as in HyPyP",
        "waveletcomp": "smoothed and padded as in WaveletComp",
    },
    "cone": {"mask": "left out", "keep": "kept"},
}
UNITS = {
    "low_hz": "Hz",
    "split_hz": "Hz",
    "high_hz": "Hz",
    "voices": "1",
    "step_s": "s",
    "convention": "choice",
    "min_coverage": "1",
}


def planned(
    x: Array,
    y: Array,
    rate_hz: float,
    *,
    edges_hz: tuple[float, float, float],
    voices: int,
    step_s: float,
    convention: str,
    min_coverage: float,
    whole: bool = False,
) -> Plan:
    """Check what every wavelet method is given, and lay its map out."""
    check_pair(x, y, rate_hz)
    check_choice("convention", convention, tuple(CONVENTIONS))
    check_seconds(step_s=step_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    low_hz, split_hz, high_hz = edges_hz
    check_number("low_hz", low_hz, 1e-9, math.inf, "a number above 0 Hz")
    check_number("split_hz", split_hz, low_hz, math.inf, "a number from low_hz on")
    check_number("high_hz", high_hz, split_hz, math.inf, "a number from split_hz on")
    if not (isinstance(voices, int) and 4 <= voices <= 64):
        raise InputError("voices", voices, "a whole number from 4 to 64")
    stride = max(1, math.floor(step_s * rate_hz + 0.5 + 1e-9))
    return make_plan(x.size, rate_hz, (low_hz, high_hz), voices, stride, convention, whole=whole)


def bands(coupling: Coupling) -> dict[str, Bools]:
    """Which frequencies belong to the slow and to the fast band."""
    frequency_hz = coupling.coords["frequency"]
    fast = frequency_hz >= coupling.options["split_hz"] * (1 - 1e-9)
    return {"slow": ~fast, "fast": fast}


def share_of(cells: Bools, there: Bools) -> float:
    """Share of the cells that are there; NaN where none is."""
    count = int(there.sum())
    return float((cells & there).sum() / count) if count else math.nan


def band_lead_s(coupling: Coupling, band: Bools) -> float:
    """Lead of the first person in a band: median over its frequencies, by coherence.

    At every frequency the phases of all times are averaged as directions, each as long as its
    coherence, and divided by 2 pi f.
    """
    there = np.isfinite(coupling.values[:, band])
    if not there.any():
        return math.nan
    phase_rad = coupling.parts["phase_rad"][:, band]
    arrows = np.where(there, coupling.values[:, band] * np.exp(1j * phase_rad), 0.0).sum(axis=0)
    leads_s = np.angle(arrows) / (2.0 * np.pi * coupling.coords["frequency"][band])
    return weighted_median(leads_s, np.abs(arrows))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``wavelet_coherence``."""
    values, phase_rad = coupling.values, np.abs(coupling.parts["phase_rad"])
    there = np.isfinite(values)
    found = {"mean_r2": mean_present(values)}
    for name, band in bands(coupling).items():
        here = there & band
        found |= {
            f"{name}_r2": mean_present(values[:, band]),
            f"{name}_in_phase": share_of(phase_rad < IN_PHASE_RAD, here),
            f"{name}_anti_phase": share_of(phase_rad > ANTI_PHASE_RAD, here),
            f"{name}_lead_s": band_lead_s(coupling, band),
        }
    return found


def _band_statistics(name: str, which: str) -> tuple[Statistic, ...]:
    """Describe the four statistics of a band."""
    return (
        Statistic(
            name=f"{name}_r2",
            title=f"Mean coherence of the {name} band (R²)",
            explain=f"Average wavelet coherence over {which}. 0: the two never kept step; 1: "
            "always. Above 0 for strangers too: read it beside its chance distribution.",
            bounds=(0.0, 1.0),
            chance=0.33,
        ),
        Statistic(
            name=f"{name}_in_phase",
            title=f"Share in phase, {name} band",
            explain="Share of times and frequencies of the band at which the two rose and fell "
            "together, within an eighth of a cycle. A quarter for strangers.",
            bounds=(0.0, 1.0),
            chance=0.25,
        ),
        Statistic(
            name=f"{name}_anti_phase",
            title=f"Share in anti-phase, {name} band",
            explain="Share of times and frequencies of the band at which one rose while the "
            "other fell, within an eighth of a cycle. A quarter for strangers.",
            bounds=(0.0, 1.0),
            chance=0.25,
        ),
        Statistic(
            name=f"{name}_lead_s",
            title=f"Lead of the first person, {name} band (s)",
            explain="Seconds by which the first person's rhythm runs ahead: the middle value of "
            "the band, each frequency counted by its coherence. Negative: the second leads. Told "
            "only up to whole cycles: between minus and plus half a cycle of each frequency.",
            bounds=(-math.inf, math.inf),
            chance=0.0,
        ),
    )


_STATISTICS = (
    Statistic(
        name="mean_r2",
        title="Mean wavelet coherence (R²)",
        explain="Average wavelet coherence over all times and frequencies outside the cone of "
        "influence. 0: the two never kept step; 1: always. Above 0 for strangers too, because "
        "few cycles are averaged at each moment: read it beside its chance distribution.",
        bounds=(0.0, 1.0),
        chance=0.33,
    ),
    *_band_statistics("slow", "frequencies from the lowest to the split"),
    *_band_statistics("fast", "frequencies from the split to the highest"),
)


@method(
    name="wavelet_coherence",
    title="Wavelet coherence and phase",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time", "frequency"),
    bounds=(0.0, 1.0),
    chance=0.33,
    swap="same",
    scale_free=True,
    cites=("Grinsted2004", "TorrenceCompo1998"),
    sentence="Squared wavelet coherence [@Grinsted2004; @TorrenceCompo1998], Morlet wavelet, "
    "{voices} scales per octave from {low_hz:g} to {high_hz:g} Hz (bands split at {split_hz:g} "
    "Hz), every {step_s:g} s, {convention}; cells inside the cone of influence were {cone}, cells "
    "with less than {min_coverage:g} of the wavelet's energy on present samples left out.",
    question="In which rhythms, and at which minutes, did the two signals keep step, together or "
    "in opposition, and who was ahead?",
    not_when="One number for the whole session is wanted: coherence by Welch's method has less of "
    "it by chance. Respiration or movement moves both signals. At any moment only a few cycles "
    "are averaged, so that strangers reach a third; islands of high coherence appear by chance "
    "(see wavelet_significance). A lead is known up to whole cycles only.",
    words=WORDS,
    lags="up to half a cycle of each frequency, by its phase",
    units={**UNITS, "cone": "choice"},
)
def wavelet_coherence(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.01,
    split_hz: float = 0.045,
    high_hz: float = 0.25,
    voices: int = 12,
    step_s: float = 1.0,
    convention: Conventions = "grinsted",
    cone: Cone = "mask",
    min_coverage: float = 0.8,
) -> Coupling:
    """Wavelet coherence of two signals over time and frequency, with its phase.

    A positive phase means that ``x`` leads.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; what one person lacks is left
        out for both.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    low_hz, high_hz : float
        Range of frequencies. Scales start at ``high_hz``; the last is the nearest at or above
        ``low_hz``. Defaults: skin conductance. For heart rate 0.04, 0.15 and 0.4 Hz are usual.
    split_hz : float
        Where the slow band ends and the fast one begins, for the statistics.
    voices : int
        Scales per octave.
    step_s : float
        Seconds from one time that is given to the next, rounded to whole samples; 0: every
        sample. Everything is computed from all samples either way.
    convention : {"grinsted", "biwavelet", "pycwt", "hypyp", "waveletcomp"}
        How scales are averaged, series padded, and which phase is given. ``"grinsted"``: a boxcar
        of 0.6 octaves over scales, zeros enough that nothing wraps round, smoothed phase. The
        others follow those tools, see Notes.
    cone : {"mask", "keep"}
        Whether cells nearer to an end of the record than the wavelet's e-folding time are NaN.
    min_coverage : float
        Share of the wavelet's energy that must lie on samples both people have.

    Returns
    -------
    Coupling
        ``values`` : squared coherence, shape (n_times, n_frequencies), in [0, 1]; NaN inside the
        cone of influence, where coverage is too low, or where one signal has no power.
        ``coords["time"]`` : seconds; ``coords["frequency"]`` : Hz, ascending.
        ``coverage`` : energy of the wavelet on samples that both have / all of it.
        ``parts["phase_rad"]`` : phase in (-pi, pi], shape of ``values``; divided by 2 pi f, the
        lead of ``x`` in seconds. ``parts["cone_hz"]`` : lowest frequency outside the cone, per
        time; ``parts["cone_share"]`` : share of times inside it, per frequency.

    Raises
    ------
    InputError
        If the signals differ in length, an option makes no sense, or the signals are too short
        for the highest frequency.

    Notes
    -----
    With W the transform by the Morlet wavelet (omega0 = 6; period = 1.033 scale), S the
    smoothing in time by a Gaussian whose SD is the scale, and over neighbouring scales::

        R2 = |S(W_x conj(W_y) / s)|**2 / ( S(|W_x|**2 / s) S(|W_y|**2 / s) )
        phase = arg S(W_x conj(W_y) / s)      lead in s = phase / (2 pi f)

    Cells whose period exceeds 0.73 times the seconds to the nearer end lie in the cone of
    influence.

    Missing samples are not filled. They are left out of the sum that makes W, after the mean
    under the wavelet's envelope of those present is taken off, and W is divided by the share of
    the envelope that was there. A cell with less than ``min_coverage`` is NaN and does not
    enter the smoothing of others. A gap of a third of a period is just bridged by this, longer
    ones are not. Where nothing is missing the result is the plain formula.

    Conventions of other tools, all reproduced by ``cone="keep"``, ``step_s=0`` and their name:
    biwavelet [3]_ pads to powers of 2, which lets the ends of the record touch in smoothing;
    so does pycwt [4]_, whose boxcar is twice as wide and whose wavelet keeps its tail at
    negative frequencies; WaveletComp smooths by triangles of 5 s and a quarter of an octave,
    whatever the scale. All three give the phase before smoothing. HyPyP [5]_ has a boxcar twice
    as wide, repeats the outermost scales, and takes its transform (omega0 = 2 pi) from
    PyWavelets, which interpolates a table of the wavelet: from the exact wavelet used here it
    differs by 0.0016 in the median and up to 0.034; with PyWavelets' own transform our
    smoothing gives HyPyP's figures exactly.

    References
    ----------
    .. [1] Grinsted, Moore & Jevrejeva (2004), Nonlinear Processes in Geophysics 11, 561-566.
       https://doi.org/10.5194/npg-11-561-2004
    .. [2] Torrence & Compo (1998), Bulletin of the American Meteorological Society 79, 61-78.
    .. [3] biwavelet 0.20.22, ``wtc``.
    .. [4] pycwt 0.5.0b0, ``wct``.
    .. [5] HyPyP 0.6.2, ``ComplexMorletWavelet.wtc``.

    Examples
    --------
    A rhythm of 10 s that the second person follows by two seconds, in the second half only:

    >>> t = np.arange(2400) / 4.0
    >>> x, y = np.random.default_rng(1).standard_normal((2, 2400))
    >>> x = x + np.sin(2 * np.pi * t / 10)
    >>> y = y + np.where(t > 300, np.sin(2 * np.pi * (t - 2) / 10), 0.0)
    >>> c = wavelet_coherence(x, y, rate_hz=4.0)
    >>> at = int(np.argmin(np.abs(c.coords["frequency"] - 0.1)))
    >>> bool(c.values[450, at] > 0.9), bool(c.values[150, at] > 0.9)
    (True, False)
    >>> round(float(c.parts["phase_rad"][450, at]) / (2 * np.pi * 0.1), 1)
    2.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_choice("cone", cone, ("mask", "keep"))
    plan = planned(
        x,
        y,
        rate_hz,
        edges_hz=(low_hz, split_hz, high_hz),
        voices=voices,
        step_s=step_s,
        convention=convention,
        min_coverage=min_coverage,
        whole=cone == "keep",
    )
    found = coherence_map(x, y, plan, min_coverage=min_coverage)
    values, phase_rad = found.squared, found.phase_rad
    if cone == "mask":
        values[~plan.outside] = np.nan
        phase_rad[~plan.outside] = np.nan
    return Coupling(
        values=values,
        dims=("time", "frequency"),
        coords={"time": plan.times_s, "frequency": plan.frequency_hz},
        coverage=np.ones(values.shape) if found.coverage is None else found.coverage,
        reach_s=(plan.reach_s, plan.reach_s),
        method="wavelet_coherence",
        options={
            "low_hz": low_hz,
            "split_hz": split_hz,
            "high_hz": high_hz,
            "voices": voices,
            "step_s": plan.stride / rate_hz,
            "convention": convention,
            "cone": cone,
            "min_coverage": min_coverage,
        },
        parts={
            "phase_rad": phase_rad,
            "cone_hz": plan.cone_hz,
            "cone_share": 1.0 - plan.outside.mean(axis=0),
        },
    )
