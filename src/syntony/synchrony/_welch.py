"""Power and cross-spectra of two people, averaged over overlapping segments (Welch)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    window_starts,
)

Complex = NDArray[np.complex128]
Detrend = Literal["mean", "linear", "none"]

LEAST_SEGMENTS = 3
_NO_POWER = 1e-26  # of the largest squared sample: what rounding alone leaves of a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where windows and the segments in them lie, and which frequencies are wanted."""

    starts: Ints
    places: Ints
    length: int
    hop: int
    times_s: Array
    frequency_hz: Array
    bins: slice
    taper: Array
    reach_s: tuple[float, float]
    used: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectra:
    """Mean cross-spectrum and powers, shape (n_windows, n_frequencies).

    ``coverage``, ``segments`` and ``chance`` have one value per window: share of the samples
    that both people have, segments that were averaged, and the mean coherence that this many
    segments of unrelated noise give. Windows with too few segments are NaN.
    """

    cross: Complex
    first: Array
    second: Array
    coverage: Array
    segments: Array
    chance: Array
    cut: Cut


@lru_cache(maxsize=16)
def _cut(
    n_samples: int,
    rate_hz: float,
    spans_s: tuple[float, float, float],
    overlap: float,
    band_hz: tuple[float, float],
) -> Cut:
    """Lay windows and segments out, or say why that cannot be done."""
    segment_s, window_s, step_s = spans_s
    length = in_samples("segment_s", segment_s, rate_hz, 8)
    hop = max(1, length - math.floor(length * overlap + 1e-9))
    window = n_samples
    if window_s:
        window = in_samples("window_s", window_s, rate_hz, length)
        in_samples("step_s", step_s, rate_hz, 1)
    least = length + (LEAST_SEGMENTS - 1) * hop
    if min(window, n_samples) < least:
        field, room_s = ("window_s", window_s) if window_s else ("segment_s", segment_s)
        raise InputError(
            field,
            room_s,
            f"room for {LEAST_SEGMENTS} segments ({least / rate_hz:g} s in all) in signals of "
            f"{n_samples / rate_hz:g} s",
        )
    starts = window_starts(n_samples, window, step_s * rate_hz if window_s else n_samples)
    if not starts.size:
        raise InputError("window_s", window_s, f"at most {n_samples / rate_hz:g} s, the length")
    whole = np.fft.rfftfreq(length, 1.0 / rate_hz)
    inside = np.flatnonzero((whole >= band_hz[0] - 1e-9) & (whole <= band_hz[1] + 1e-9))
    if not inside.size:
        raise InputError(
            "high_hz",
            band_hz[1],
            f"a band that holds a multiple of {rate_hz / length:g} Hz up to {rate_hz / 2:g} Hz",
            "Longer segments resolve finer frequencies.",
        )
    places = np.arange(0, window - length + 1, hop)
    turns = 2.0 * np.pi * np.arange(length) / length
    return Cut(
        starts=starts,
        places=places,
        length=length,
        hop=hop,
        times_s=fixed(np.asarray((starts + window / 2) / rate_hz, dtype=np.float64)),
        frequency_hz=fixed(np.asarray(whole[inside], dtype=np.float64)),
        bins=slice(int(inside[0]), int(inside[-1]) + 1),
        taper=fixed(0.5 - 0.5 * np.cos(turns)),
        reach_s=(window / 2 / rate_hz, window / 2 / rate_hz),
        used={
            "segment_s": length / rate_hz,
            "window_s": window / rate_hz if window_s else 0.0,
            "step_s": step_s,
        },
    )


def spectra(
    x: Array,
    y: Array,
    rate_hz: float,
    *,
    spans_s: tuple[float, float, float],
    overlap: float,
    band_hz: tuple[float, float],
    detrend: Detrend,
    min_coverage: float,
) -> Spectra:
    """Average spectra over the segments of every window.

    ``spans_s`` are lengths of a segment, of a window (0: the whole signal) and from one window
    to the next. A sample that one person lacks is left out for both: the mean (or line) that is
    taken off a segment is that of the samples present, the rest add nothing to the transform,
    and its power is scaled up by the tapered share that was there. With nothing missing this is
    the plain transform.
    """
    check_pair(x, y, rate_hz)
    check_choice("detrend", detrend, ("mean", "linear", "none"))
    check_seconds(segment_s=spans_s[0], window_s=spans_s[1], step_s=spans_s[2])
    check_number("overlap", overlap, 0.0, 0.95, "a share from 0 to 0.95")
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_number("low_hz", band_hz[0], 0.0, band_hz[1], "0 Hz or more, below high_hz")
    cut = _cut(x.size, rate_hz, spans_s, overlap, band_hz)
    where = cut.starts[:, None] + cut.places
    segments, back = np.unique(where, return_inverse=True)
    back = back.reshape(where.shape)
    there = np.isfinite(x) & np.isfinite(y)
    rows = np.lib.stride_tricks.sliding_window_view(there, cut.length)[segments]
    full = bool(there.all())
    shares = rows.mean(axis=1)
    kept = shares >= max(min_coverage, 3.0 / cut.length) - 1e-12
    seen = None if full else rows
    a = _transforms(x, seen, segments, kept, cut, detrend)
    b = _transforms(y, seen, segments, kept, cut, detrend)
    used = kept[back]
    counts = used.sum(axis=1)
    enough = counts >= LEAST_SEGMENTS
    if cut.used["window_s"]:
        enough &= counts >= min_coverage * cut.places.size - 1e-9
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.where(enough, 1.0 / counts, np.nan)[:, None]
        cross = weights * (a * b.conj())[back].sum(axis=1)
        powers = [weights * (np.abs(v) ** 2)[back].sum(axis=1) for v in (a, b)]
    for v, power in zip((x, y), powers, strict=True):
        floor = _NO_POWER * np.nanmax(np.abs(v), initial=0.0, where=np.isfinite(v)) ** 2
        power[power <= floor * (cut.taper @ cut.taper)] = np.nan
    return Spectra(
        cross=cross,
        first=powers[0],
        second=powers[1],
        coverage=_coverage(there, cut),
        segments=counts.astype(np.float64),
        chance=np.where(enough, _chance(used, cut), np.nan),
        cut=cut,
    )


def _coverage(there: Bools, cut: Cut) -> Array:
    """Share of the samples of every window that both people have."""
    so_far = np.concatenate(([0], np.cumsum(there)))
    stops = cut.starts + cut.places[-1] + cut.length
    share: Array = (so_far[stops] - so_far[cut.starts]) / (cut.places[-1] + cut.length)
    return share


def _transforms(
    values: Array, seen: Bools | None, segments: Ints, kept: Bools, cut: Cut, detrend: Detrend
) -> Complex:
    """Tapered transform of every segment at the wanted frequencies; 0 where it is not used."""
    from scipy import fft

    rows = np.lib.stride_tricks.sliding_window_view(values, cut.length)[segments]
    if seen is None:
        rows = _centred(rows, detrend)
        rows *= cut.taper
    else:
        rows = _centred_where(rows, seen, detrend)
        rows *= cut.taper
        taper = cut.taper**2
        there = seen @ taper
        with np.errstate(divide="ignore"):
            rows *= np.where(kept, np.sqrt(taper.sum() / there), 0.0)[:, None]
    found: Complex = fft.rfft(rows, axis=1, workers=1)[:, cut.bins]
    return found


def _centred(rows: Array, detrend: Detrend) -> Array:
    """Take off every row its mean or its line; a row that never changes becomes exactly 0."""
    out: Array = np.array(rows) if detrend == "none" else rows - rows.mean(axis=1, keepdims=True)
    if detrend == "linear":
        t = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
        out -= ((out @ t) / (t @ t))[:, None] * t
    if detrend != "none":
        out[np.ptp(rows, axis=1) == 0.0] = 0.0
    return out


def _centred_where(rows: Array, seen: Bools, detrend: Detrend) -> Array:
    """As :func:`_centred`, from the samples that are there; 0 in place of the others."""
    counts = np.maximum(seen.sum(axis=1), 1)
    out: Array = np.where(seen, rows, 0.0)
    if detrend == "none":
        return out
    first = np.take_along_axis(rows, seen.argmax(axis=1)[:, None], axis=1)
    still = np.where(seen, rows == first, True).all(axis=1)
    out = np.where(seen, out - (out.sum(axis=1) / counts)[:, None], 0.0)
    if detrend == "linear":
        t = np.arange(rows.shape[1]) - ((seen @ np.arange(rows.shape[1])) / counts)[:, None]
        t = np.where(seen, t, 0.0)
        spread = np.maximum((t * t).sum(axis=1), 1e-300)
        out -= ((out * t).sum(axis=1) / spread)[:, None] * t
    out[still] = 0.0
    return out


def _chance(used: Bools, cut: Cut) -> Array:
    """Mean coherence of unrelated noise: 1 over the number of segments that tell apart.

    Segments that overlap share samples. With tapers that correlate rho(i - j), K of them tell
    as much as K**2 / sum(rho(i - j)**2) that do not.
    """
    n = cut.places.size
    taper, length = cut.taper, cut.length
    norm = taper @ taper
    total = used.sum(axis=1).astype(np.float64)
    for apart in range(1, min(n, math.ceil(length / cut.hop))):
        shift = apart * cut.hop
        rho = (taper[shift:] @ taper[: length - shift]) / norm
        total += 2.0 * rho**2 * (used[:, apart:] & used[:, :-apart]).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance: Array = total / used.sum(axis=1) ** 2
    return chance
