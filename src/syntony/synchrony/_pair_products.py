"""Running products behind the lagged correlation of many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.synchrony._inputs import fixed
from syntony.synchrony._windowed import Windows

_SIDES = ("second_leads", "lag_zero", "first_leads")
_PANEL = 64
"""Rows of a matrix product: few enough that pairs of which one half is not wanted are left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllPairs:
    """Summaries of the lagged correlation of every pair of signals.

    ``[i, j]`` is the pair in which signal i is the first person.

    Attributes
    ----------
    mean_z, mean_abs_z : ndarray of float64, shape (n_first, n_second)
        Mean of Fisher's z, and of its absolute value, over windows and lags. NaN for a pair
        without a single value; where both sets are one, for every pair but those with i < j.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Products:
    """Running products of every pair; the first axis is negative lags, lag 0, positive lags.

    ``plus`` multiplies 1 + r, ``minus`` 1 - r and ``larger`` the larger of both. With ``above``
    both sets are one, and only pairs above the diagonal count.
    """

    plus: Array
    minus: Array
    larger: Array
    exponents: Ints
    cells: Array
    pending: Ints
    above: bool

    @classmethod
    def of(cls, n_first: int, n_second: int, *, above: bool) -> Products:
        """Begin with one everywhere."""
        shape = (3, n_first, n_second)
        return cls(
            plus=np.ones(shape),
            minus=np.ones(shape),
            larger=np.ones(shape),
            exponents=np.zeros((3, *shape), dtype=np.int64),
            cells=np.zeros(shape),
            pending=np.zeros(3, dtype=np.int64),
            above=above,
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

        ``first`` is standardised, shape (n_first, window), and ``firm`` tells the rows that
        count; ``seconds`` has the shape (n_lags, n_second, window), and ``scale``, shape
        (n_lags, n_second), makes correlations of the products, 0 where none counts.
        """
        from syntony.kernels.many_pairs import multiply

        self._make_room(side, len(seconds))
        state = (self.plus[side], self.minus[side], self.larger[side])
        for top in range(0, len(first), _PANEL):
            some, left = first[top : top + _PANEL], top if self.above else 0
            r = np.empty((len(seconds), len(some), seconds.shape[1] - left))
            np.matmul(some, seconds[:, left:].transpose(0, 2, 1), out=r)
            multiply(r, scale, (top, left), self.above, *state)
        self.cells[side] += firm[:, None] * np.count_nonzero(scale, axis=0)

    def take_holed(
        self, side: int, first: Stretch, second: Stretch, reach: tuple[int, int, int], least: int
    ) -> None:
        """Multiply in the cells in which a sample of either side is missing, but not too many.

        ``reach`` holds the columns at which the two windows begin, and their length.
        """
        from syntony.kernels.many_pairs import multiply_pairs

        self._make_room(side, 1)
        state = (self.plus[side], self.minus[side], self.larger[side], self.cells[side])
        sides = ((first.values, first.present), (second.values, second.present))
        for rows, columns in _holed(first.present, second.present, reach, least):
            x, mx = (v[rows, reach[0] : reach[0] + reach[2]] for v in sides[0])
            y, my = (v[columns, reach[1] : reach[1] + reach[2]] for v in sides[1])
            xx, yy = x * x, y * y
            sums = np.stack([mx @ my.T, x @ my.T, xx @ my.T, mx @ y.T, mx @ yy.T, x @ y.T])
            raw = (xx.sum(axis=1), yy.sum(axis=1))
            multiply_pairs(sums, raw, (rows, columns), *sides, reach, least, self.above, state)

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
        cells = self.cells
        if self.above:
            cells = np.where(np.triu(np.ones(z.shape[1:], dtype=bool), 1), cells, np.nan)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """What one window and its lags need of many signals.

    ``values`` are centred and 0 where missing, ``present`` is 1.0 where there is a sample, both
    of shape (n_signals, window + lags); ``whole`` is whether nothing is missing inside the
    recording, and ``n_samples`` its length.
    """

    values: Array
    present: Array
    whole: bool
    n_samples: int

    @classmethod
    def of(cls, signals: Array, start: int, plan: Windows) -> Stretch:
        """Lay out the samples around the window that begins at ``start``."""
        from syntony.kernels.many_pairs import lay_out

        values = np.empty((len(signals), plan.window + 2 * plan.n_lags))
        present = np.empty_like(values)
        whole = bool(lay_out(signals, start - plan.n_lags, values, present))
        return cls(values=values, present=present, whole=whole, n_samples=signals.shape[1])


def take_window(
    first: Stretch, second: Stretch, start: int, plan: Windows, products: Products
) -> None:
    """Multiply the cells of one window into the products of every pair."""
    from syntony.kernels.many_pairs import AT_MOST, scales, standardise

    middle, window, n = plan.n_lags, plan.window, len(second.values)
    base, firm = np.empty((len(first.values), window)), np.empty(len(first.values))
    scale, sound = np.empty((2 * middle + 1, n)), np.empty(2 * middle + 1)
    standardise(first.values, first.present, middle, base, firm)
    scales(second.values, second.present, window, scale, sound)
    every = np.lib.stride_tricks.sliding_window_view(second.values, window, axis=1)
    every = every.transpose(1, 0, 2)
    whole = first.whole and second.whole
    before, after = middle - start, second.n_samples - window - start + middle
    for side, (low, high) in enumerate(
        ((0, middle), (middle, middle + 1), (middle + 1, len(every)))
    ):
        inside = range(
            max(low, before), min(high, after + 1)
        )  # lags that do not leave the recording
        for run in (inside[k : k + AT_MOST] for k in range(0, len(inside), AT_MOST)):
            some = slice(run.start, run.stop)
            windows = every[some]
            if not sound[some].all():
                windows = windows.copy()
                for k in run:
                    if not sound[k]:
                        standardise(
                            second.values, second.present, k, windows[k - run.start], scale[k]
                        )
            products.take(side, base, firm, windows, scale[some])
            for k in run if not whole else ():
                products.take_holed(side, first, second, (middle, k, window), plan.min_pairs)
        for k in sorted(set(range(low, high)) - set(inside)):
            cut, stop = max(0, before - k), min(window, window + after - k)
            if stop - cut < plan.min_pairs:
                continue
            short, firm_too = np.empty((len(base), stop - cut)), np.empty(len(base))
            other = np.empty((1, n, stop - cut))
            standardise(first.values, first.present, middle + cut, short, firm_too)
            standardise(second.values, second.present, k + cut, other[0], scale[k])
            products.take(side, short, firm_too, other, scale[k : k + 1])
            if not whole:
                reach = (middle + cut, k + cut, stop - cut)
                products.take_holed(side, first, second, reach, plan.min_pairs)


def _holed(
    first: Array, second: Array, reach: tuple[int, int, int], least: int
) -> list[tuple[Ints, Ints]]:
    """Rows and columns whose cells miss samples, but keep enough: two sets that do not overlap."""
    counts = [
        present[:, begin : begin + reach[2]].sum(axis=1)
        for present, begin in zip((first, second), reach[:2], strict=True)
    ]
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
