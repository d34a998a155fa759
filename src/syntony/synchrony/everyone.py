"""Every pair among the people of a session: one method, all pairs, each named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._people import check_people
from syntony.synchrony.registry import get

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class PairOf:
    """One pair among several people: who is first, who second, and what a method gave.

    A positive lag means that ``second`` follows ``first``.
    """

    first: str
    second: str
    coupling: Coupling
    statistics: Mapping[str, float]


def every_pair(
    signals: Array,
    people: Sequence[str],
    *,
    rate_hz: float,
    method: str = "lagged_correlation",
    options: Mapping[str, Any] | None = None,
) -> tuple[PairOf, ...]:
    """Put every pair of people through one method.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock; NaN marks missing samples.
    people : sequence of str
        Names in the order of the rows, no name twice.
    rate_hz : float
        Samples per second.
    method : str
        Of the list of methods.
    options : mapping, optional
        Of that method.

    Returns
    -------
    tuple of PairOf
        ``n (n - 1) / 2`` pairs in the order of the rows: six for two couples in one room.

    Raises
    ------
    InputError
        If names and rows do not fit, or the method is not known.

    Examples
    --------
    >>> import syntony.synchrony
    >>> t = np.arange(480) / 4
    >>> rows = np.array([np.sin(t), np.sin(t - 1), np.cos(0.7 * t)])
    >>> found = every_pair(rows, ["anna", "ben", "therapist"], rate_hz=4.0)
    >>> [(p.first, p.second) for p in found]
    [('anna', 'ben'), ('anna', 'therapist'), ('ben', 'therapist')]
    >>> found[0].statistics["best_lag_s"]
    1.0
    """
    signals = np.asarray(signals, dtype=np.float64)
    check_people(signals, rate_hz)
    if len(people) != signals.shape[0] or len(set(people)) < len(people):
        wanted = f"{signals.shape[0]} different names, one for each row"
        raise InputError("people", list(people), wanted)
    entry = get(method)
    settled = entry.settle(options or {})
    found = []
    for i, j in combinations(range(len(people)), 2):
        coupling = entry.of_pair(signals[i], signals[j], rate_hz=rate_hz, **settled)
        found.append(PairOf(people[i], people[j], coupling, entry.summarise(coupling)))
    return tuple(found)


def pair_table(pairs: Sequence[PairOf]) -> pd.DataFrame:
    """One row per pair: ``first``, ``second``, and a column per statistic."""
    import pandas as pd

    return pd.DataFrame([{"first": p.first, "second": p.second, **p.statistics} for p in pairs])
