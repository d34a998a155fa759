"""Lagged correlation of every first person of a corpus with every second, in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, check_seconds, fixed
from syntony.synchrony._pair_products import AllPairs, Products, Stretch, take_window
from syntony.synchrony._windowed import Windows, lay_windows

_RESULTS = ("mean_z", "mean_abs_z", "lag_zero", "first_leads", "second_leads", "cells")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRows:
    """Signals that are read a block of rows at a time, where no array of all is at hand.

    Attributes
    ----------
    n_signals, n_samples : int
        How many signals there are, and the length of each.
    read : callable
        ``read(start, stop)`` gives the signals [start, stop) as an array of shape
        (stop - start, n_samples), NaN where samples are missing. It must give the same rows
        each time.
    """

    n_signals: int
    n_samples: int
    read: Callable[[int, int], Array]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of all signals as one array."""
        return self.n_signals, self.n_samples


def corpus_pairs_lagged(
    first: Array | SignalRows,
    second: Array | SignalRows,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
    block: int = 250,
) -> AllPairs:
    """Mean z and mean absolute z of the windowed lagged correlation of two sets of people.

    Every first person is paired with every second: where row i of both sets is session i, the
    diagonal holds the real dyads and all else the pseudo-dyads that keep roles. The figures are
    those of ``lagged_correlation`` and its statistics for each pair.

    Parameters
    ----------
    first, second : ndarray or SignalRows, shapes (n_first, n_samples), (n_second, n_samples)
        First persons (say, patients) and second persons (therapists), one recording a row, all
        from their session's start. NaN marks missing samples; fill a shorter recording up with
        NaN. Memory maps are read a block at a time, as is what :class:`SignalRows` reads.
    rate_hz : float
        Samples per second of all signals.
    window_s, step_s, max_lag_s, min_coverage : float
        As of :func:`syntony.synchrony.correlation.lagged_correlation`.
    block : int
        Signals of either set that are held at a time. It bounds memory and changes no figure
        beyond rounding.

    Returns
    -------
    AllPairs
        Matrices of shape (n_first, n_second); ``[i, j]`` pairs first person i with second j.

    Raises
    ------
    InputError
        If a set is empty, the lengths differ, a block has another shape than announced, a
        duration makes no sense, or no whole window fits.

    Notes
    -----
    The work is that of :func:`syntony.synchrony.all_pairs.all_pairs_lagged`: matrix products of
    standardised windows, and products in place of sums of logarithms, all in float64. Beside
    the result (48 bytes a pair) memory holds two blocks of signals and 170 bytes for every pair
    of the block. Every block of ``second`` is read once for each block of ``first``.

    Windows lie on the whole length. In a recording that was filled up with NaN, the window in
    which it ends counts if enough of it, ``min_coverage``, is there; a pair cut to the shorter
    recording beforehand would not have this window.

    People who met in another session, such as a therapist's other patients, are no strangers:
    their pairs are to be left out of the matrix by whoever reads it.

    References
    ----------
    Boker, S. M., Xu, M., Rotondo, J. L., & King, K. (2002). Windowed cross-correlation and peak
    picking for the analysis of variability in the association between behavioral time series.
    Psychological Methods, 7(3), 338-355. https://doi.org/10.1037/1082-989X.7.3.338

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> patients = rng.standard_normal((3, 808))
    >>> therapists = np.roll(patients, 4, axis=1)  # each follows the own patient by 1 s
    >>> found = corpus_pairs_lagged(patients, therapists, rate_hz=4.0, max_lag_s=2.0)
    >>> found.mean_z.shape, bool((np.diag(found.first_leads) > 1.0).all())
    ((3, 3), True)
    >>> bool((abs(found.first_leads[~np.eye(3, dtype=bool)]) < 0.1).all())
    True
    """
    first, second = (s if isinstance(s, SignalRows) else np.asarray(s) for s in (first, second))
    for name, signals in (("first", first), ("second", second)):
        if len(signals.shape) != 2 or signals.shape[0] < 1:
            raise InputError(name, signals.shape, "an array of at least one row")
    if first.shape[1] != second.shape[1]:
        raise InputError(
            "second",
            second.shape,
            f"rows of {first.shape[1]} samples, as those of first",
            "Fill the shorter recordings up with NaN.",
        )
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    if not (isinstance(block, int) and block >= 1):
        raise InputError("block", block, "a whole number of signals, 1 or more")
    check_seconds(window_s=window_s, step_s=step_s, max_lag_s=max_lag_s)
    check_pair(np.zeros(1), np.zeros(1), rate_hz)
    spans_s = (window_s, step_s, max_lag_s)
    plan = lay_windows(first.shape[1], rate_hz, spans_s, min_coverage)
    found = {name: np.empty((first.shape[0], second.shape[0])) for name in _RESULTS}
    for rows, some in _blocks("first", first, rate_hz, block):
        for columns, others in _blocks("second", second, rate_hz, block):
            part = _pairs_of(some, others, plan)
            for name, matrix in found.items():
                matrix[rows, columns] = getattr(part, name)
    return AllPairs(**{name: fixed(matrix) for name, matrix in found.items()})


def _blocks(
    name: str, signals: Array | SignalRows, rate_hz: float, block: int
) -> Iterator[tuple[slice, Array]]:
    """Rows, and what is in them, a block at a time."""
    n_signals, n_samples = signals.shape
    for start in range(0, n_signals, block):
        rows = slice(start, min(start + block, n_signals))
        read = (
            signals.read(rows.start, rows.stop)
            if isinstance(signals, SignalRows)
            else signals[rows]
        )
        some = np.ascontiguousarray(read, dtype=np.float64)
        if some.shape != (rows.stop - rows.start, n_samples):
            raise InputError(
                name,
                some.shape,
                f"a block of shape {(rows.stop - rows.start, n_samples)} for rows "
                f"{rows.start} to {rows.stop}",
            )
        check_pair(some.ravel(), some.ravel(), rate_hz)
        yield rows, some


def _pairs_of(first: Array, second: Array, plan: Windows) -> AllPairs:
    """Every first with every second of one block."""
    products = Products.of(len(first), len(second), above=False)
    for start in plan.starts:
        one, other = (Stretch.of(signals, int(start), plan) for signals in (first, second))
        take_window(one, other, int(start), plan, products)
    return products.told()
