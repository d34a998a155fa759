"""What the measures of phase and amplitude share: windows, gaps, options, summaries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._band import Complexes, band_signal, check_band, half_length
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
from syntony.synchrony.registry import Statistic

UNITS = {
    "low_hz": "Hz",
    "high_hz": "Hz",
    "window_s": "s",
    "step_s": "s",
    "min_coverage": "1",
}
"""Options that all these methods have."""

SAID = (
    " of both signals between {low_hz:g} and {high_hz:g} Hz, in windows of {window_s:g} s every "
    "{step_s:g} s; windows with less than {min_coverage:g} of the data present were left out"
)
"""How a sentence for a paper tells them."""

_TOGETHER = 1 << 18  # samples of overlapping windows held at once
_SAME = 1e-9  # radians: phases closer than this do not differ

Found = tuple[Array, Mapping[str, Array]]
Measure = Callable[[Complexes, Complexes], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Both signals in one band, and where their windows lie."""

    first: Complexes
    second: Complexes
    starts: Ints
    window: int
    least: int
    rate_hz: float
    reach_s: float
    options: Mapping[str, float]

    @property
    def there(self) -> Bools:
        """Samples at which both have a phase and an amplitude."""
        return (np.abs(self.first) > 0.0) & (np.abs(self.second) > 0.0)


def in_band(x: Array, y: Array, rate_hz: float, options: Mapping[str, float]) -> Bands:
    """Check what was given, and take the band out of both signals."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    low_hz, high_hz = options["low_hz"], options["high_hz"]
    check_band(low_hz, high_hz, rate_hz)
    check_number("min_coverage", options["min_coverage"], 0.0, 1.0, "a share from 0 to 1")
    check_seconds(window_s=options["window_s"], step_s=options["step_s"])
    window = in_samples("window_s", options["window_s"], rate_hz, 3)
    in_samples("step_s", options["step_s"], rate_hz, 1)
    starts = window_starts(x.size, window, options["step_s"] * rate_hz)
    if not starts.size:
        raise InputError(
            "window_s",
            options["window_s"],
            f"at most {x.size / rate_hz:g} s, the length of the signals",
        )
    first, second = (
        band_signal(v, rate_hz, low_hz, high_hz, options["min_coverage"]) for v in (x, y)
    )
    return Bands(
        first=first,
        second=second,
        starts=starts,
        window=window,
        least=least_pairs(options["min_coverage"], window),
        rate_hz=rate_hz,
        reach_s=(window / 2 + half_length(low_hz, high_hz, rate_hz)) / rate_hz,
        options={**options, "window_s": window / rate_hz},
    )


def over_windows(bands: Bands, measure: Measure) -> tuple[Array, Array, dict[str, Array]]:
    """Give values, coverage and parts; ``measure`` sees rows of windows, what is missing as 0."""
    there = bands.there
    a, b = (np.where(there, z, 0.0) for z in (bands.first, bands.second))
    rows = max(1, _TOGETHER // bands.window)
    values, share = np.empty((2, bands.starts.size))
    parts: dict[str, Array] = {}
    for begin in range(0, bands.starts.size, rows):
        chosen = slice(begin, begin + rows)
        at = bands.starts[chosen, None] + np.arange(bands.window)
        count = there[at].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found, more = measure(a[at], b[at])
        gone = (count < bands.least) | np.isnan(found)
        values[chosen] = np.where(gone, np.nan, found)
        share[chosen] = count / bands.window
        for name, part in more.items():
            held = parts.setdefault(name, np.empty(bands.starts.size))
            held[chosen] = np.where(gone, np.nan, part)
    return values, share, parts


def coupling_of(
    name: str,
    bands: Bands,
    found: tuple[Array, Array, Mapping[str, Array]],
    **more: bool,
) -> Coupling:
    """Lay values, coverage and parts out over time."""
    values, share, parts = found
    times_s = np.asarray((bands.starts + bands.window / 2) / bands.rate_hz, dtype=np.float64)
    return Coupling(
        values=fixed(values),
        dims=("time",),
        coords={"time": fixed(times_s)},
        coverage=fixed(share),
        reach_s=(bands.reach_s, bands.reach_s),
        method=name,
        options={**bands.options, **more},
        parts={k: fixed(v) for k, v in parts.items()},
    )


def directions(z: Complexes) -> Complexes:
    """Phases as numbers of size 1; what is missing stays 0."""
    size = np.abs(z)
    unit: Complexes = z / np.where(size > 0.0, size, 1.0)
    return unit


def angle(z: Complexes) -> Array:
    """Phase in radians, (-pi, pi]."""
    phase: Array = np.angle(z)
    phase[phase == -math.pi] = math.pi
    return phase


def off_axis(a: Complexes, b: Complexes) -> Array:
    """Imaginary part of every a conj(b); 0 where the two phases are the same or opposite."""
    im: Array = a.imag * b.real - a.real * b.imag
    im[np.abs(im) <= _SAME * np.abs(a) * np.abs(b)] = 0.0
    return im


def first_ahead(coupling: Coupling) -> float:
    """How far the first is ahead: mean over windows of value x sine of the phase difference."""
    return mean_present(coupling.values * np.sin(coupling.parts["phase_rad"]))


def mean_z(coupling: Coupling) -> float:
    """Mean Fisher z of the windows that have a value."""
    return mean_present(fisher_z(coupling.values))


def statistic(name: str, title: str, explain: str, chance: float, low: float = 0.0) -> Statistic:
    """Describe a mean of values between ``low`` and 1."""
    return Statistic(name=name, title=title, explain=explain, bounds=(low, 1.0), chance=chance)


def z_statistic(title: str, explain: str, chance: float = 0.0) -> Statistic:
    """Describe a mean of Fisher z."""
    return Statistic(
        name="mean_z",
        title=title,
        explain=explain,
        bounds=(-10.0, 10.0),
        chance=chance,
        is_fisher_z=True,
    )
