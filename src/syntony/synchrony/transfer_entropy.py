"""Transfer entropy: what one person's past tells of the other's next state, beside its own."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    whole_steps,
)
from syntony.synchrony._thin import thinned
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.symbolic import thirds

Symbols = Literal["ordinal", "terciles"]
_COUNT = {"ordinal": 6, "terciles": 3}
_ORDINAL = np.array([0, -1, 1, 2, 3, 4, -1, 5])  # place of each pattern of three comparisons


def ordinal_symbols(values: Array) -> Ints:
    """Order in which three neighbouring samples rank: 0 to 5; -1 where one is missing.

    Returns
    -------
    ndarray of int64, shape (n_samples - 2,)
        Of the sample, the next and the one after; equal ones count as falling.

    Examples
    --------
    >>> ordinal_symbols(np.array([1.0, 2.0, 3.0, 0.0, np.nan])).tolist()
    [5, 3, -1]
    """
    a, b, c = values[:-2], values[1:-1], values[2:]
    code = 4 * (b > a).astype(np.int64) + 2 * (c > b) + (c > a)
    whole = np.isfinite(a) & np.isfinite(b) & np.isfinite(c)
    symbols: Ints = np.where(whole, _ORDINAL[code], -1)
    return symbols


def transfer_of(counts: Ints) -> tuple[float, float]:
    """Transfer entropy, and the entropy that was there to be told, from counts of triples.

    Parameters
    ----------
    counts : ndarray of int64, shape (n, n, n)
        Of (target now, target before, source before).

    Returns
    -------
    (float, float)
        ``H(now | before) - H(now | before, source)`` and ``H(now | before)``, nats; NaN for
        no counts.

    Examples
    --------
    >>> counts = np.zeros((2, 2, 2), dtype=np.int64)
    >>> counts[0, :, 0] = counts[1, :, 1] = 5  # the source says it all
    >>> [round(v, 6) for v in transfer_of(counts)]
    [0.693147, 0.693147]
    """
    total = int(counts.sum())
    if not total:
        return math.nan, math.nan
    alone = _sum_log(counts.sum(axis=(0, 2))) - _sum_log(counts.sum(axis=2))
    both = _sum_log(counts.sum(axis=0)) - _sum_log(counts)
    return (alone - both) / total, alone / total


def _sum_log(counts: Ints) -> float:
    """Sum of n ln n over cells in use."""
    used = counts[counts > 0].astype(np.float64)
    return float(used @ np.log(used))


def _one_way(
    source: Ints, target: Ints, n_symbols: int, lags: range, shifts: int, least: float
) -> tuple[Array, Array, Array]:
    """Transfer at every lag less its mean over shifted sources; relative; complete triples."""
    from syntony.kernels.information import transfer_counts

    made, relative, used = (np.full(len(lags), np.nan) for _ in range(3))
    n = source.size
    turns = [round(n * (k + 1) / (shifts + 1)) for k in range(shifts)]
    for place, lag in enumerate(lags):
        counts = transfer_counts(source, target, n_symbols, lag)
        used[place] = counts.sum()
        if used[place] < least:
            continue
        plain, open_ = transfer_of(counts)
        chance = [
            transfer_of(transfer_counts(source, target, n_symbols, lag, turn))[0] for turn in turns
        ]
        made[place] = plain - (np.nanmean(chance) if chance else 0.0)
        relative[place] = made[place] / open_ if open_ > 0 else math.nan
    return made, relative, used


def _mean(values: Array) -> float:
    """Mean of what is there."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else math.nan


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    made, lags = coupling.parts["transfer_nats"], coupling.parts["lag_s"]
    forth, back = _mean(made[lags > 0]), _mean(made[lags < 0])
    return {
        "mean_nats": float(coupling.values),
        "first_to_second": forth,
        "second_to_first": back,
        "first_leads": forth - back,
    }


def _nats(name: str, title: str, explain: str, chance: float = 0.0) -> Statistic:
    """Describe a statistic in nats."""
    return Statistic(name=name, title=title, explain=explain, bounds=(-3.0, 3.0), chance=chance)


@method(
    name="transfer_entropy",
    title="Transfer entropy (effective)",
    summarise=_summary,
    statistics=(
        _nats(
            "mean_nats",
            "Mean transfer over both directions (nats)",
            "How much one person's past state tells of the other's next one, beside the other's "
            "own, averaged over delays and directions, less what shifted signals give. About 0 "
            "for strangers.",
        ),
        _nats(
            "first_to_second",
            "Transfer from the first to the second person (nats)",
            "How much the first person's past tells of the second's next state, averaged over the "
            "delays at which the first leads.",
        ),
        _nats(
            "second_to_first",
            "Transfer from the second to the first person (nats)",
            "How much the second person's past tells of the first's next state, averaged over the "
            "delays at which the second leads.",
        ),
        _nats(
            "first_leads",
            "First leads more than it follows (nats)",
            "Transfer from the first person less transfer from the second. Above 0: the first "
            "leads. Read it beside chance only.",
        ),
    ),
    dims=(),
    bounds=(-3.0, 3.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    cites=("Schreiber2000", "Marschinski2002"),
    sentence="Transfer entropy [@Schreiber2000] between {symbols} of the signals, averaged to "
    "{thin_to_hz:g} Hz, at delays up to {max_lag_s:g} s in both directions, less its mean over "
    "{shifts} shifted sources [effective form, @Marschinski2002]; at least {min_coverage:g} of the "
    "triples had to be complete.",
    question="Does one person's state some seconds ago tell of the other's next state, beside what "
    "the other's own last state tells, whatever the shape of the relation, and in which direction "
    "more?",
    not_when="There are fewer than several hundred samples after thinning, or a common cause "
    "reaches one person first. Granger causality asks the same for straight-line relations and "
    "needs fewer data. What is told by more than the last own state is still counted here, so the "
    "delay of the highest transfer is not the delay between two people whose signals are smooth.",
    words={"symbols": {"ordinal": "ordinal patterns of three samples", "terciles": "thirds"}},
    units={
        "max_lag_s": "s",
        "symbols": "choice",
        "shifts": "1",
        "thin_to_hz": "Hz",
        "min_coverage": "1",
    },
)
def transfer_entropy(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_lag_s: float = 10.0,
    symbols: Symbols = "terciles",
    shifts: int = 20,
    thin_to_hz: float = 1.0,
    min_coverage: float = 0.5,
) -> Coupling:
    """Transfer entropy in both directions at a range of delays, less what chance gives.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; what needs one is not counted.
    rate_hz : float
        Samples per second of both signals.
    max_lag_s : float
        Longest delay in both directions; delays are one thinned sample apart.
    symbols : {"terciles", "ordinal"}
        The third of the signal a sample lies in, or the order of three neighbouring samples.
    shifts : int
        Turns of the source around the end of the session, evenly spaced, whose mean is taken
        off (effective transfer entropy). 0: the plain figure, which is too high.
    thin_to_hz : float
        Signals are averaged to about this rate first; 0: as they are.
    min_coverage : float
        Share of the triples that must be complete.

    Returns
    -------
    Coupling
        ``values`` : mean transfer over delays and directions, nats, shape (); NaN where triples
        are too few or a signal does not vary. ``parts["transfer_nats"]`` : by delay, shape
        (n_lags,), at the delays ``parts["lag_s"]``: from ``x`` to ``y`` at positive ones, from
        ``y`` to ``x`` at negative ones, NaN at 0, where nothing has been transferred yet.
        ``parts["relative"]`` : as shares of the entropy that a person's own last state leaves
        open.

    Raises
    ------
    InputError
        If the signals differ in length, an option makes no sense, or they are too short.

    Notes
    -----
    ``TE = I(y[t]; x[t - lag] | y[t - 1])`` of the symbols [1]_: the target's last state is held,
    the source's moves. Shifts keep all that is in each signal by itself [2]_.

    References
    ----------
    .. [1] Schreiber (2000), Physical Review Letters 85(2), 461-464.
       https://doi.org/10.1103/PhysRevLett.85.461
    .. [2] Marschinski & Kantz (2002), European Physical Journal B 30, 275-281.
       https://doi.org/10.1140/epjb/e2002-00379-2

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(2000)
    >>> y = np.roll(x, 3) + 0.3 * rng.standard_normal(2000)
    >>> c = transfer_entropy(x, y, rate_hz=1.0)
    >>> float(c.parts["lag_s"][np.nanargmax(c.parts["transfer_nats"])])
    3.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_seconds(max_lag_s=max_lag_s)
    check_choice("symbols", symbols, ("ordinal", "terciles"))
    check_number("shifts", shifts, 0, 10_000, "a whole number, 0 or more")
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    if x.size < 2:
        raise InputError("x", x.shape, "more than one sample")
    both, thin_hz = thinned(np.stack([x, y]), rate_hz, thin_to_hz)
    n_lags = whole_steps(max_lag_s, thin_hz)
    if n_lags < 1 or both.shape[1] < n_lags + 30:
        need = f"from {1 / thin_hz:g} s to {max(0.0, (both.shape[1] - 30) / thin_hz):g} s"
        raise InputError("max_lag_s", max_lag_s, need)
    a, b = (ordinal_symbols(v) for v in both) if symbols == "ordinal" else thirds(both)
    n_symbols, total = _COUNT[symbols], a.size - 1
    still = any(np.unique(s[s >= 0]).size < 2 for s in (a, b))
    least = math.inf if still else max(30, math.ceil(min_coverage * (total - n_lags)))
    lags = range(1, n_lags + 1)
    forth = _one_way(a, b, n_symbols, lags, shifts, least)
    back = _one_way(b, a, n_symbols, lags, shifts, least)
    gap = np.array([np.nan])
    made_nats, relative, used = (
        np.concatenate((q[::-1], gap, p)) for p, q in zip(forth, back, strict=True)
    )
    lags_s = np.arange(-n_lags, n_lags + 1) / thin_hz
    possible = total + 1 - np.abs(np.arange(-n_lags, n_lags + 1))
    return Coupling(
        values=np.asarray(_mean(made_nats)),
        dims=(),
        coords={},
        coverage=np.asarray(np.clip(np.nanmean(used / possible), 0.0, 1.0)),
        method="transfer_entropy",
        options={
            "max_lag_s": n_lags / thin_hz,
            "symbols": symbols,
            "shifts": shifts,
            "thin_to_hz": thin_to_hz,
            "min_coverage": min_coverage,
        },
        parts={"transfer_nats": made_nats, "relative": relative, "lag_s": lags_s},
    )
