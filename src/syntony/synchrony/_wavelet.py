"""How a wavelet coherence is laid out: scales, padding, smoothing, as each tool does it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.synchrony._inputs import fixed

Conventions = Literal["grinsted", "biwavelet", "pycwt", "hypyp", "waveletcomp"]
Pad = Literal["enough", "next", "twice", "rounded"]

_CELLS = 32_768  # of scales that are transformed together: they stay in the cache
_FAR = 8.6  # standard deviations of a Gaussian that is nil beside 1 (1e-16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """What tools do differently.

    ``omega0`` and ``cycle``: radians per scale of the Morlet wavelet, and the period of a scale
    of 1. ``half_line``: negative frequencies of the wavelet are left out. ``pads``: how long
    series are made by zeros, for the transform and for smoothing. ``boxcar``: which weights
    average scales; ``nearest``: the outermost scales are repeated past the end. ``bartlett``:
    smoothing in time by a triangle of fixed length instead of a Gaussian that grows with the
    scale. ``raw_phase``: the phase is that before smoothing. ``edge``: samples from the first
    sample to the edge of the record. ``both_ends``: scales are spread so that the last is that
    of the lowest frequency, instead of a voice apart.
    """

    omega0: float = 6.0
    cycle: float = 4.0 * math.pi / (6.0 + math.sqrt(38.0))
    half_line: bool = True
    pads: tuple[Pad, Pad] = ("enough", "enough")
    boxcar: Literal["single", "pycwt", "hypyp", "bartlett"] = "single"
    nearest: bool = False
    bartlett: bool = False
    raw_phase: bool = False
    edge: float = 0.5
    both_ends: bool = False


CONVENTIONS: dict[str, Convention] = {
    "grinsted": Convention(),
    "biwavelet": Convention(pads=("twice", "next"), raw_phase=True, edge=0.0),
    "pycwt": Convention(half_line=False, pads=("next", "next"), boxcar="pycwt", raw_phase=True),
    "hypyp": Convention(
        omega0=2.0 * math.pi,
        cycle=1.0,
        pads=("enough", "next"),
        boxcar="hypyp",
        nearest=True,
        both_ends=True,
    ),
    "waveletcomp": Convention(
        cycle=math.pi / 3.0,
        pads=("rounded", "enough"),
        boxcar="bartlett",
        bartlett=True,
        raw_phase=True,
    ),
}


def scale_weights(boxcar: str, voices: int) -> Array:
    """Weights of neighbouring scales, as many on each side of the middle; they sum to 1.

    ``"single"``: 0.6 octaves, as Grinsted: whole scales, and the fraction of 0.3 octaves that
    is left over at either end. The others are about twice as wide.

    Examples
    --------
    >>> scale_weights("single", 6).round(3).tolist()
    [0.174, 0.217, 0.217, 0.217, 0.174]
    """
    if boxcar == "single":
        end = 3 * voices % 10 / 10
        weights = np.concatenate(([end], np.ones(2 * ((3 * voices + 5) // 10) - 1), [end]))
    elif boxcar == "pycwt":
        whole = (12 * voices + 5) // 10
        weights = np.concatenate(([0.5], np.ones(whole - 2), [0.5], np.zeros(1 - whole % 2)))
    elif boxcar == "hypyp":
        end, whole = 12 * voices % 10 / 20, 12 * voices // 10 - 1
        weights = np.concatenate((np.zeros(1 - whole % 2), [end], np.ones(whole), [end]))
    else:
        weights = np.bartlett(2 * (voices // 8) + 1)
    out: Array = weights / weights.sum()
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some neighbouring scales that are transformed at one length.

    One row per scale: ``rise`` is the wavelet's spectrum from bin ``first`` up, ``fall`` that at
    bins -1, -2 ... (without columns where negative frequencies are left out), ``fade`` that of
    the smoothing in time from 0 up; all end where they are nil. ``size`` and ``size_smooth`` are
    the lengths with zeros.
    """

    scales: slice
    size: int
    size_smooth: int
    first: int
    rise: Array
    fall: Array
    fade: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything about a wavelet coherence that does not depend on the two signals.

    ``scales`` in samples, ascending; only the first ``n_used`` are computed: no cell of the
    others, or of those that smoothing brings in, lies outside the cone of influence.
    ``frequency_hz`` ascends. ``outside`` tells which cells of (time, frequency) lie outside.
    ``reach_s``: the whole signal, whose mean is taken off before anything else.
    """

    n_samples: int
    stride: int
    scales: Array
    n_used: int
    weights: Array
    how: Convention
    blocks: tuple[Block, ...]
    times_s: Array
    frequency_hz: Array
    cone_hz: Array
    outside: Bools
    reach_s: float


def make_plan(
    n_samples: int,
    rate_hz: float,
    band_hz: tuple[float, float],
    voices: int,
    stride: int,
    convention: str,
    *,
    whole: bool = False,
) -> Plan:
    """Lay scales, padding and smoothing out, or say why that cannot be done.

    ``stride``: samples from one time that is given to the next. ``whole``: compute scales also
    where the cone of influence covers all of their cells.
    """
    low_hz, high_hz = band_hz
    how = CONVENTIONS[convention]
    if high_hz > rate_hz / 2 * (1 + 1e-9):
        raise InputError("high_hz", high_hz, f"at most {rate_hz / 2:g} Hz, half of the rate")
    shortest_s = math.sqrt(2.0) / how.cycle * 2.0 / high_hz
    if n_samples / rate_hz < shortest_s and not whole:
        raise InputError(
            "high_hz",
            high_hz,
            f"a frequency of which {n_samples / rate_hz:g} s hold enough cycles",
            f"For {high_hz:g} Hz a signal must last {math.ceil(shortest_s)} s.",
        )
    period_s = periods(low_hz, high_hz, voices, convention)
    return lay_out(n_samples, rate_hz, tuple(period_s.tolist()), voices, stride, convention, whole)


@lru_cache(maxsize=16)
def lay_out(
    n_samples: int,
    rate_hz: float,
    period_s: tuple[float, ...],
    voices: int,
    stride: int,
    convention: str,
    whole: bool,
) -> Plan:
    """Make the plan of some periods, in ascending order."""
    how = CONVENTIONS[convention]
    ascending = np.array(period_s, dtype=np.float64)
    scales = np.asarray(ascending * rate_hz / how.cycle, dtype=np.float64)
    at = np.arange(0, n_samples, stride)
    edge = np.maximum(np.minimum(at, n_samples - 1 - at) + how.edge, 1e-5)
    cone_s = how.cycle / math.sqrt(2.0) * edge / rate_hz
    weights = scale_weights(how.boxcar, voices)
    used = int((ascending <= cone_s.max()).sum()) + weights.size // 2
    n_used = scales.size if whole else min(scales.size, used)
    return Plan(
        n_samples=n_samples,
        stride=stride,
        scales=fixed(scales),
        n_used=n_used,
        weights=fixed(weights),
        how=how,
        blocks=_blocks(scales[:n_used], n_samples, rate_hz, stride, how),
        times_s=fixed(np.asarray((at + 0.5) / rate_hz, dtype=np.float64)),
        frequency_hz=fixed(1.0 / ascending[::-1]),
        cone_hz=fixed(1.0 / cone_s),
        outside=ascending[::-1] <= cone_s[:, None],
        reach_s=n_samples / rate_hz,
    )


def periods(low_hz: float, high_hz: float, voices: int, convention: str) -> Array:
    """Periods in seconds, ascending from that of ``high_hz``, ``voices`` to the octave."""
    octaves = math.log2(high_hz / low_hz)
    count, apart = math.floor(voices * octaves + 1e-6) + 1, 1.0 / voices
    if CONVENTIONS[convention].both_ends:
        count = max(2, round(octaves * voices))
        apart = octaves / (count - 1)
    return np.asarray(2.0 ** (np.arange(count) * apart) / high_hz, dtype=np.float64)


def _blocks(
    scales: Array, n: int, rate_hz: float, stride: int, how: Convention
) -> tuple[Block, ...]:
    """Cut the scales up, so that series are made no longer by zeros than each part needs."""
    made = []
    triangle = np.bartlett(2 * math.floor(2.5 * rate_hz + 1e-9) + 1)
    few = min(max(_CELLS // n, 4), 16)
    for begin in range(0, scales.size, few):
        some = scales[begin : begin + few]
        reach = math.ceil(_FAR * some[-1])
        size = _length(how.pads[0], n, reach, 1)
        size_smooth = _length(how.pads[1], n, triangle.size if how.bartlett else reach, stride)
        first, rise, fall = _spectra(some, size, how)
        made.append(
            Block(
                scales=slice(begin, begin + some.size),
                size=size,
                size_smooth=size_smooth,
                first=first,
                rise=rise,
                fall=fall,
                fade=_triangle(triangle, size_smooth, some.size)
                if how.bartlett
                else gaussian(some, size_smooth),
            )
        )
    return tuple(made)


def _length(pad: Pad, n: int, reach: int, stride: int) -> int:
    """How many samples a series has with its zeros."""
    if pad == "enough":
        from scipy.fft import next_fast_len

        return stride * int(next_fast_len(math.ceil((n + reach) / stride)))
    octaves = math.log2(n)
    if pad == "next":
        return int(2 ** math.ceil(octaves))
    return (
        int(2 ** math.ceil(octaves + 1)) if pad == "twice" else int(2 ** math.floor(octaves + 1.5))
    )


def _spectra(scales: Array, size: int, how: Convention) -> tuple[int, Array, Array]:
    """Morlet wavelets: first bin and values from there on; values at bins -1, -2 ..."""
    step = 2.0 * math.pi / size * scales[:, None]
    first = max(1 if how.half_line else 0, math.ceil((how.omega0 - _FAR) / step[-1, 0]))
    last = min(size // 2 - (not how.half_line), math.floor((how.omega0 + _FAR) / step[0, 0]))
    rise = np.exp(-0.5 * (step * np.arange(first, last + 1) - how.omega0) ** 2)
    if how.half_line:
        return first, fixed(rise), np.empty((scales.size, 0))
    below = np.arange(1, min(size // 2, math.floor((_FAR - how.omega0) / step[0, 0])) + 1)
    return first, fixed(rise), fixed(np.exp(-0.5 * (step * below + how.omega0) ** 2))


def gaussian(scales: Array, size: int) -> Array:
    """Spectra of Gaussians in time with an SD of each scale (samples), one row per scale."""
    step = 2.0 * math.pi / size * scales[:, None]
    bins = np.arange(min(size // 2, math.floor(_FAR / step[0, 0])) + 1)
    return fixed(np.exp(-0.5 * (step * bins) ** 2))


def _triangle(taps: Array, size: int, rows: int) -> Array:
    """Spectrum of a centred triangle in time, the same in every row."""
    centred = np.zeros(size)
    centred[: taps.size] = taps
    spectrum = np.fft.rfft(np.roll(centred, -(taps.size // 2))).real
    return fixed(np.repeat(spectrum[None], rows, axis=0))
