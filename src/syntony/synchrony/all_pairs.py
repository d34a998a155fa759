"""Lagged correlation of all pairs of many signals, for a corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, check_seconds, fixed
from syntony.synchrony._windowed import Windows, lay_windows

_SIDES = ("second_leads", "lag_zero", "first_leads")
_PANEL = 64
"""Rows of a matrix product: few enough that pairs of which one half is not wanted are left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllPairs:
    """Summaries of the lagged correlation of every pair of signals.

    Attributes
    ----------
    mean_z, mean_abs_z : ndarray of float64, shape (n_signals, n_signals)
        Mean of Fisher's z, and of its absolute value, over windows and lags. ``[i, j]`` with
        i < j is the pair in which signal i is the first person; all else is NaN, as is a pair
        without a single value.
    lag_zero, first_leads, second_leads : ndarray of float64, same shape
        Mean of z at lag 0, at positive lags (i leads) and at negative lags (j leads).
    cells : ndarray of float64, same shape
        How many cells, windows x lags, the pair has.
    """

    mean_z: Array
    mean_abs_z: Array
    lag_zero: Array
    first_leads: Array
    second_leads: Array
    cells: Array


def all_pairs_lagged(
    signals: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> AllPairs:
    """Mean z and mean absolute z of the windowed lagged correlation of all pairs.

    The figures are those of ``lagged_correlation`` and its statistics for every pair, at about
    the cost of the matrix products: for strangers across a corpus, for many people in a room,
    or for matrices of pseudo pairs.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_signals, n_samples)
        One signal a row, on one clock or from each session's start. NaN marks missing samples;
        fill a shorter recording up with NaN.
    rate_hz : float
        Samples per second of all signals.
    window_s, step_s, max_lag_s, min_coverage : float
        As of :func:`syntony.synchrony.correlation.lagged_correlation`.

    Returns
    -------
    AllPairs

    Raises
    ------
    InputError
        If there are not two signals, a length makes no sense, or no whole window fits.

    Notes
    -----
    For every window and lag one matrix product of standardised windows holds r of all pairs.
    Fisher's z is not taken cell by cell: the sum of ``atanh(r)`` is half the logarithm of the
    product of ``(1 + r) / (1 - r)``, and the sum of its absolute values half that of the larger
    over the smaller of ``1 + r`` and ``1 - r``; three running products for each pair, with
    their exponents apart, stand for all cells. The means agree with the direct way to about
    1e-14. z is held within +-10, as everywhere.

    Where a signal misses some, but not too many, samples of a window, its cells come from
    masked products (sums over complete pairs), which take about six times as long; a window
    with too many missing costs nothing. The products run on as many threads as the BLAS of
    NumPy is given.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(800) / 7.0) + np.sin(np.arange(800) / 31.0)
    >>> found = all_pairs_lagged(np.stack([x, np.roll(x, 4), -x]), rate_hz=4.0, max_lag_s=1.0)
    >>> bool(found.first_leads[0, 1] > found.second_leads[0, 1]), float(found.lag_zero[0, 2])
    (True, -10.0)
    """
    signals = np.ascontiguousarray(signals, dtype=np.float64)
    if signals.ndim != 2 or signals.shape[0] < 2:
        raise InputError("signals", signals.shape, "an array of at least two rows")
    check_pair(signals.ravel(), signals.ravel(), rate_hz)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(window_s=window_s, step_s=step_s, max_lag_s=max_lag_s)
    spans_s = (window_s, step_s, max_lag_s)
    plan = lay_windows(signals.shape[1], rate_hz, spans_s, min_coverage)
    products = _Products.of(signals.shape[0])
    for start in plan.starts:
        _one_window(signals, int(start), plan, products)
    return products.told()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Products:
    """Running products of every pair; the first axis is negative lags, lag 0, positive lags.

    ``plus`` multiplies 1 + r, ``minus`` 1 - r and ``larger`` the larger of both.
    """

    plus: Array
    minus: Array
    larger: Array
    exponents: Ints
    cells: Array
    pending: Ints

    @classmethod
    def of(cls, n: int) -> _Products:
        """Begin with one everywhere."""
        return cls(
            plus=np.ones((3, n, n)),
            minus=np.ones((3, n, n)),
            larger=np.ones((3, n, n)),
            exponents=np.zeros((3, 3, n, n), dtype=np.int64),
            cells=np.zeros((3, n, n)),
            pending=np.zeros(3, dtype=np.int64),
        )

    def _make_room(self, side: int, cells: int) -> None:
        """Keep products from underflow: put exponents apart before too many cells come."""
        from syntony.kernels.many_pairs import AT_MOST, put_exponents_apart

        if self.pending[side] + cells > AT_MOST:
            self.pending[side] = 0
            for kind, product in enumerate((self.plus, self.minus, self.larger)):
                put_exponents_apart(product[side], self.exponents[kind, side])
        self.pending[side] += cells

    def take(self, side: int, first: Array, firm: Array, seconds: Array, scale: Array) -> None:
        """Multiply in the cells of a window at some lags.

        ``first`` is standardised, shape (n_signals, window), and ``firm`` tells the rows that
        count; ``seconds`` has the shape (n_lags, n_signals, window), and ``scale``, shape
        (n_lags, n_signals), makes correlations of the products, 0 where none counts.
        """
        from syntony.kernels.many_pairs import multiply

        self._make_room(side, len(seconds))
        n = len(first)
        for corner in range(0, n, _PANEL):
            some = first[corner : corner + _PANEL]
            r = np.empty((len(seconds), len(some), n - corner))
            np.matmul(some, seconds[:, corner:].transpose(0, 2, 1), out=r)
            multiply(r, scale, corner, self.plus[side], self.minus[side], self.larger[side])
        self.cells[side] += firm[:, None] * np.count_nonzero(scale, axis=0)

    def take_holed(
        self, side: int, stretch: Array, present: Array, reach: tuple[int, int, int], least: int
    ) -> None:
        """Multiply in the cells in which a sample of either side is missing, but not too many.

        ``reach`` holds the columns at which the two windows begin, and their length.
        """
        from syntony.kernels.many_pairs import multiply_pairs

        self._make_room(side, 1)
        state = (self.plus[side], self.minus[side], self.larger[side], self.cells[side])
        for rows, columns in _holed(present, reach, least):
            x, mx = (v[rows, reach[0] : reach[0] + reach[2]] for v in (stretch, present))
            y, my = (v[columns, reach[1] : reach[1] + reach[2]] for v in (stretch, present))
            xx, yy = x * x, y * y
            sums = np.stack([mx @ my.T, x @ my.T, xx @ my.T, mx @ y.T, mx @ yy.T, x @ y.T])
            raw = (xx.sum(axis=1), yy.sum(axis=1))
            multiply_pairs(sums, raw, rows, columns, stretch, present, reach, least, state)

    def told(self) -> AllPairs:
        """Means from products."""
        from syntony.kernels.many_pairs import logarithms

        plus, minus, larger = (
            logarithms(product, exponents)
            for product, exponents in zip(
                (self.plus, self.minus, self.larger), self.exponents, strict=True
            )
        )
        z, absolute = 0.5 * (plus - minus), 0.5 * (2.0 * larger - plus - minus)
        cells = np.where(np.triu(np.ones(z.shape[1:], dtype=bool), 1), self.cells, np.nan)
        with np.errstate(invalid="ignore"):
            sides = dict(zip(_SIDES, z / cells, strict=True))
            mean_z = z.sum(axis=0) / cells.sum(axis=0)
            mean_abs_z = absolute.sum(axis=0) / cells.sum(axis=0)
        return AllPairs(
            mean_z=fixed(mean_z),
            mean_abs_z=fixed(mean_abs_z),
            cells=fixed(cells.sum(axis=0)),
            **{name: fixed(means.copy()) for name, means in sides.items()},
        )


def _one_window(signals: Array, start: int, plan: Windows, products: _Products) -> None:
    """Multiply the cells of one window into the products of every pair."""
    from syntony.kernels.many_pairs import AT_MOST, lay_out, scales, standardise

    n, middle, window = len(signals), plan.n_lags, plan.window
    stretch = np.empty((n, window + 2 * middle))
    present = np.empty_like(stretch)
    whole = lay_out(signals, start - middle, stretch, present)
    first, firm = np.empty((n, window)), np.empty(n)
    scale, sound = np.empty((2 * middle + 1, n)), np.empty(2 * middle + 1)
    standardise(stretch, present, middle, first, firm)
    scales(stretch, present, window, scale, sound)
    every = np.lib.stride_tricks.sliding_window_view(stretch, window, axis=1).transpose(1, 0, 2)
    before, after = middle - start, signals.shape[1] - window - start + middle
    for side, (low, high) in enumerate(
        ((0, middle), (middle, middle + 1), (middle + 1, len(every)))
    ):
        inside = range(
            max(low, before), min(high, after + 1)
        )  # lags that do not leave the recording
        for run in (inside[k : k + AT_MOST] for k in range(0, len(inside), AT_MOST)):
            some = slice(run.start, run.stop)
            seconds = every[some]
            if not sound[some].all():
                seconds = seconds.copy()
                for k in run:
                    if not sound[k]:
                        standardise(stretch, present, k, seconds[k - run.start], scale[k])
            products.take(side, first, firm, seconds, scale[some])
            for k in run if not whole else ():
                products.take_holed(side, stretch, present, (middle, k, window), plan.min_pairs)
        for k in sorted(set(range(low, high)) - set(inside)):
            cut, stop = max(0, before - k), min(window, window + after - k)
            if stop - cut < plan.min_pairs:
                continue
            short, firm_too = np.empty((n, stop - cut)), np.empty(n)
            second = np.empty((1, n, stop - cut))
            standardise(stretch, present, middle + cut, short, firm_too)
            standardise(stretch, present, k + cut, second[0], scale[k])
            products.take(side, short, firm_too, second, scale[k : k + 1])
            if not whole:
                reach = (middle + cut, k + cut, stop - cut)
                products.take_holed(side, stretch, present, reach, plan.min_pairs)


def _holed(present: Array, reach: tuple[int, int, int], least: int) -> list[tuple[Ints, Ints]]:
    """Rows and columns whose cells miss samples, but keep enough: two sets that do not overlap."""
    counts = [present[:, begin : begin + reach[2]].sum(axis=1) for begin in reach[:2]]
    enough_x, enough_y = (count >= least for count in counts)
    holed_x, holed_y = (count < reach[2] for count in counts)
    return [
        (rows, columns)
        for rows, columns in (
            (np.flatnonzero(enough_x & holed_x), np.flatnonzero(enough_y)),
            (np.flatnonzero(enough_x & ~holed_x), np.flatnonzero(enough_y & holed_y)),
        )
        if rows.size and columns.size
    ]
