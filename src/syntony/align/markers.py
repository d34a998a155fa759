"""Two clocks compared by moments that both devices marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array, Ints, frozen_array
from syntony.core.errors import InputError

MAX_MARKERS = 200
SEARCH_S = 120.0  # how wrong start stamps may be
TOLERANCE_S = 0.5  # by how much two presses for one event may differ
MAX_DRIFT_PPM = 200.0
DRIFT_SPAN_S = 600.0  # shortest span of markers that shows a drift
T_975 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31)  # Student's t for 1 to 8 free markers


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Between the device's times ``after_s`` and ``before_s`` its offset grew by ``by_s``."""

    after_s: float
    before_s: float
    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClockFit:
    """How one clock maps onto another, and how well the shared markers agree.

    ``reference time = device time * (1 + drift_ppm * 1e-6) + offset_s``.

    Attributes
    ----------
    offset_s, drift_ppm : float
    error_s : float
        Largest disagreement left over the matched markers, widened by
        sqrt(n / (n - fitted)) since the fit is drawn towards them. NaN for one marker,
        which nothing checks. Holds between the first and last marker.
    pairs : ndarray of int, shape (n_matched, 2)
        Indices of the matched markers in the reference and in the device.
    residuals_s : ndarray of float64, shape (n_matched,)
        Mapped device marker minus reference marker.
    span_s : float
        From the first to the last matched marker.
    jumps : tuple of Jump
        Where the offset changed; ``offset_s`` is that of the first stretch.
    what, whats : str
        What the pairs are, one and several of them.
    """

    offset_s: float
    drift_ppm: float
    error_s: float
    pairs: Ints
    residuals_s: Array
    span_s: float
    jumps: tuple[Jump, ...] = ()
    what: str = "shared marker"
    whats: str = "shared markers"

    @property
    def words(self) -> str:
        """What the fit stands on, in words.

        Examples
        --------
        >>> fit_markers([10.0, 70.0, 200.0], [0.1, 60.0, 190.0]).words
        '3 shared markers over 190 s, offset only'
        """
        n = len(self.pairs)
        what = "offset and drift" if self.drift_ppm else "offset only"
        times = len(self.jumps)
        jumped = f"; its clock jumped {times} time{'s' * (times > 1)}" if times else ""
        return f"{n} {self.what if n == 1 else self.whats} over {self.span_s:.0f} s, {what}{jumped}"


def fit_markers(
    reference_s: ArrayLike,
    device_s: ArrayLike,
    *,
    guess_s: float | None = None,
    search_s: float = SEARCH_S,
    tolerance_s: float = TOLERANCE_S,
    max_drift_ppm: float = MAX_DRIFT_PPM,
    min_drift_span_s: float = DRIFT_SPAN_S,
) -> ClockFit:
    """Find offset, and where the markers can show it drift, of one clock against another.

    The offset is the one at which most markers have a partner, found by trying the
    difference of every two; so a press that only one device caught does no harm. Then
    the offset is the median of the differences. Three markers or more over
    ``min_drift_span_s`` give a drift too, the median of the slopes between all of them
    (Theil-Sen); it is used only if its 95 % interval leaves out zero and it is within
    ``max_drift_ppm``.

    Parameters
    ----------
    reference_s, device_s : array_like of float, shape (n_markers,)
        Times of the markers on either clock, ascending. No NaN.
    guess_s : float, optional
        Offset that start stamps suggest; only offsets within ``search_s`` of it are tried.
    search_s : float
        How wrong the guess may be (s).
    tolerance_s : float
        Two presses for one event may differ by this much (s), drift on top.
    max_drift_ppm : float
        Fastest drift that a device may have (microseconds per second).
    min_drift_span_s : float
        Shortest span of the markers from which a drift is read (s).

    Returns
    -------
    ClockFit

    Raises
    ------
    InputError
        If there are no markers on one side, none match, or two offsets fit equally well.

    Examples
    --------
    >>> fit = fit_markers([12.0, 340.0, 1500.0], [2.0, 330.0, 900.0, 1490.0])
    >>> fit.offset_s, len(fit.pairs)
    (10.0, 3)
    """
    a, b = checked("reference_s", reference_s), checked("device_s", device_s)
    drift = max_drift_ppm * 1e-6
    rough = _rough_offset(a, b, guess_s, search_s, (tolerance_s, drift))
    pairs = pair_up(a, b + rough, tolerance_s + drift * np.ptp(b))
    slope = 0.0
    offset = float(np.median(a[pairs[:, 0]] - b[pairs[:, 1]]))
    if len(pairs) > 2 and np.ptp(b[pairs[:, 1]]) >= min_drift_span_s:
        slope, offset = drift_of(a, b, pairs, (offset, drift))
    pairs = pair_up(a, b * (1 + slope) + offset, tolerance_s)
    if not len(pairs):
        raise _no_match(a, b, tolerance_s)
    offset = float(np.median(a[pairs[:, 0]] - b[pairs[:, 1]] * (1 + slope)))
    left = b[pairs[:, 1]] * (1 + slope) + offset - a[pairs[:, 0]]
    return ClockFit(
        offset_s=offset,
        drift_ppm=slope * 1e6,
        error_s=widened(left, fitted=2 if slope else 1),
        pairs=pairs,
        residuals_s=left,
        span_s=float(np.ptp(a[pairs[:, 0]])),
    )


def checked(field: str, times_s: ArrayLike) -> Array:
    """Give times of markers back if they are some, none too many, and ascending."""
    times = frozen_array(field, times_s)
    if not 0 < times.size <= MAX_MARKERS:
        raise InputError(field, f"{times.size} markers", f"1 to {MAX_MARKERS} markers")
    if np.isnan(times).any() or np.any(np.diff(times) < 0):
        raise InputError(field, "NaN or a step back", "ascending times of markers")
    return times


def widened(left_s: Array, *, fitted: int) -> float:
    """Largest disagreement left, widened as the fit is drawn towards it; NaN if all is fitted."""
    free = left_s.size - fitted
    return float(np.max(np.abs(left_s)) * np.sqrt(left_s.size / free)) if free > 0 else float("nan")


def offsets_to_try(a: Array, b: Array, guess_s: float | None, search_s: float) -> Array:
    """Differences of every two markers, those near the guess where there is one; ascending."""
    tries: Array = np.unique(np.subtract.outer(a, b))
    return tries if guess_s is None else tries[np.abs(tries - guess_s) <= search_s]


def _rough_offset(
    a: Array, b: Array, guess_s: float | None, search_s: float, play: tuple[float, float]
) -> float:
    """Offset at which most markers find a partner; refuses a tie between two that differ."""
    tolerance_s, drift = play
    tries = offsets_to_try(a, b, guess_s, search_s)
    if not tries.size:
        raise InputError(
            "markers",
            f"nearest offset {_nearest(a, b, guess_s):.1f} s from the start stamps",
            f"shared markers within {search_s:g} s of what the stamps say",
            "Check the stamps, or that both devices marked the same moments.",
        )
    reach = tolerance_s + drift * np.ptp(b)
    score = np.array([_matches(a, b + t, reach) for t in tries])
    best = tries[score == score.max()]
    if guess_s is not None:
        best = _nearest_to(best, guess_s, reach)
    if np.ptp(best) > 2 * reach:
        raise InputError(
            "markers",
            f"offsets {best[0]:.1f} s and {best[-1]:.1f} s, {score.max()} markers each",
            "one offset that fits best",
            "Give start stamps or an offset; evenly spaced markers cannot tell.",
        )
    misfit = [np.abs(_differences(a, b + t, reach)).sum() for t in best]
    return float(best[int(np.argmin(misfit))])


def _nearest_to(best: Array, guess_s: float, reach_s: float) -> Array:
    """Of offsets that fit equally well, those nearest to the guess."""
    away = np.abs(best - guess_s)
    near: Array = best[away <= away.min() + reach_s]
    return near


def _matches(a: Array, b: Array, reach_s: float) -> int:
    """How many of ``b`` have a partner in ``a``, each used once (both ascending)."""
    return len(pair_up(a, b, reach_s))


def _differences(a: Array, b: Array, reach_s: float) -> Array:
    pairs = pair_up(a, b, reach_s)
    found: Array = a[pairs[:, 0]] - b[pairs[:, 1]]
    return found


def pair_up(a: Array, b: Array, reach_s: float) -> Ints:
    """Match mutually nearest times at most ``reach_s`` apart; shape (n, 2), ascending."""
    to_b, to_a = _nearest_in(b, a), _nearest_in(a, b)
    i = np.arange(a.size)
    mutual = (to_a[to_b] == i) & (np.abs(a - b[to_b]) <= reach_s)
    return np.column_stack([i[mutual], to_b[mutual]]).astype(np.int64)


def _nearest_in(where: Array, times: Array) -> Ints:
    """Index of the value of ``where`` nearest to each of ``times``."""
    right = np.clip(np.searchsorted(where, times), 1, max(1, where.size - 1))
    left = right - 1
    right = np.minimum(right, where.size - 1)
    nearer = np.abs(where[right] - times) < np.abs(where[left] - times)
    return np.where(nearer, right, left).astype(np.int64)


def drift_of(a: Array, b: Array, pairs: Ints, given: tuple[float, float]) -> tuple[float, float]:
    """Slope minus one and offset, or (0, offset) where the markers cannot show a drift."""
    offset, most = given
    x, y = b[pairs[:, 1]], a[pairs[:, 0]] - b[pairs[:, 1]]
    i, j = np.triu_indices(x.size, 1)
    i, j = i[x[j] > x[i]], j[x[j] > x[i]]
    slope = float(np.median((y[j] - y[i]) / (x[j] - x[i])))
    left = y - slope * x
    free = x.size - 2
    unsure = float(np.std(left) * np.sqrt(x.size / free) / (np.sqrt(x.size) * np.std(x)))
    if abs(slope) > most or abs(slope) <= T_975[min(free, len(T_975)) - 1] * unsure:
        return 0.0, offset
    return slope, float(np.median(left))


def _nearest(a: Array, b: Array, guess_s: float | None) -> float:
    return float(np.min(np.abs(np.subtract.outer(a, b) - (guess_s or 0.0))))


def _no_match(a: Array, b: Array, tolerance_s: float) -> InputError:
    given = f"{a.size} and {b.size} markers"
    return InputError("markers", given, f"at least one pair within {tolerance_s:g} s")
