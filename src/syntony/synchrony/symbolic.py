"""Symbolic entropy: how few joint states the people of a group go through."""

from __future__ import annotations

from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_choice, check_number, check_seconds
from syntony.synchrony._people import check_people, lay_windows, without_the_still
from syntony.synchrony.registry import Statistic, method

Terciles = Literal["window", "session"]


def thirds(signals: Array) -> Ints:
    """Give every sample the third of its own signal in which it lies: 0, 1 or 2; missing -1.

    Thirds end at the quantiles 1/3 and 2/3 of the samples that are there, by linear
    interpolation; a sample on a boundary belongs to the upper one.

    Examples
    --------
    >>> thirds(np.array([[1.0, 2.0, 3.0, np.nan]])).tolist()
    [[0, 1, 2, -1]]
    """
    out = np.full(signals.shape, -1, dtype=np.int64)
    for row, values in zip(out, signals, strict=True):
        there = np.isfinite(values)
        if there.any():
            low, high = np.quantile(values[there], [1 / 3, 2 / 3])
            row[there] = (values[there] >= low).astype(np.int64) + (values[there] >= high)
    return out


def joint_entropy(symbols: Ints) -> float:
    """Shannon entropy, in nats, of the states that all people are in together.

    Parameters
    ----------
    symbols : ndarray of int64, shape (n_people, n_samples)
        0, 1, 2; a sample at which somebody is missing (-1) is left out.

    Returns
    -------
    float
        0 to ``n_people * ln 3``; NaN without a complete sample.

    Examples
    --------
    >>> round(joint_entropy(np.array([[0, 1, 2], [0, 1, 2]])), 6)
    1.098612
    """
    whole = symbols[:, (symbols >= 0).all(axis=0)]
    if not whole.size:
        return float("nan")
    state = np.zeros(whole.shape[1], dtype=np.int64)
    for row in whole:
        state = 3 * state + row
        if state.max() > 999:  # number the states that occur anew, so that numbers stay small
            state = np.unique(state, return_inverse=True)[1]
    counts = np.bincount(state)
    shares = counts[counts > 0] / state.size
    return float(-np.sum(shares * np.log(shares)))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    return {
        "coordination": mean_present(coupling.values),
        "entropy_nats": mean_present(coupling.parts["entropy_nats"]),
    }


@method(
    name="symbolic_entropy",
    title="Symbolic entropy of joint states",
    summarise=_summary,
    statistics=(
        Statistic(
            name="coordination",
            title="Coordination (1 less relative entropy)",
            explain="How much fewer joint states (each person low, middle or high) occur than "
            "if everybody moved freely. 0: all combinations are equally frequent; a little above "
            "0 for strangers, as few samples never fill all states evenly.",
            bounds=(0.0, 1.0),
            chance=0.015,
        ),
        Statistic(
            name="entropy_nats",
            title="Entropy of the joint states (nats)",
            explain="How many different joint states the group goes through, as Shannon entropy. "
            "Low: coordinated; at most ln 3 times the number of people.",
            bounds=(0.0, float("inf")),
            chance=2.16,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.015,
    swap="same",
    scale_free=True,
    people="many",
    lags="none: the same instant",
    cites=("Hudson2022",),
    sentence="Symbolic entropy of the joint states of all people [@Hudson2022] (low, middle or "
    "high third of each {terciles}) in windows of {window_s:g} s every {step_s:g} s, given as "
    "1 less its share of the largest possible; windows with less than {min_coverage:g} of the "
    "data present were left out.",
    question="Does a group go through few joint states (all low, one high and the others low), "
    "whatever shape the relation between its people has?",
    not_when="Signals change slowly beside the window: then few states occur in strangers too "
    "and only a surrogate tells. With more than four or five people there are more states than "
    "samples, and it tells of the window's length alone. It does not say who leads, nor whether "
    "people move together or against each other.",
    words={"terciles": {"window": "window", "session": "session"}},
    units={"window_s": "s", "step_s": "s", "terciles": "choice", "min_coverage": "1"},
)
def symbolic_entropy(
    signals: Array,
    *,
    rate_hz: float,
    window_s: float = 60.0,
    step_s: float = 15.0,
    terciles: Terciles = "window",
    min_coverage: float = 0.8,
) -> Coupling:
    """Entropy of the joint states low, middle and high of all people, in moving windows.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock. NaN marks missing samples; a sample at which one person
        is missing is left out.
    rate_hz : float
        Samples per second.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    terciles : {"window", "session"}
        Whether the thirds of each person are those of the window or of the whole session.
    min_coverage : float
        Share of a window's samples at which everybody must be present.

    Returns
    -------
    Coupling
        ``values`` : 1 - H / (n_people ln 3), shape (n_windows,), in [0, 1]; NaN where coverage
        is too low or a person does not vary. ``parts["entropy_nats"]`` : H itself.

    Raises
    ------
    InputError
        If there are fewer than two people, or no whole window fits.

    Notes
    -----
    ``H = -sum p ln p`` over the joint states. The estimate from few samples is too low, so
    compare windows of one length only, and beside surrogates. multiSyncPy's windowed figure is
    ``parts["entropy_nats"]`` with ``terciles="window"``.

    References
    ----------
    .. [1] Hudson, Wiltshire & Atzmueller (2022), Behavior Research Methods (multiSyncPy).
       https://doi.org/10.3758/s13428-022-01855-y

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(480) / 4
    >>> c = symbolic_entropy(np.array([np.sin(t), np.sin(t)]), rate_hz=4.0)
    >>> c.values.round(2).tolist()[:2]
    [0.5, 0.5]
    """
    check_people(signals, rate_hz)
    check_seconds(window_s=window_s, step_s=step_s)
    check_choice("terciles", terciles, ("window", "session"))
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    windows = lay_windows(signals.shape[1], rate_hz, window_s, step_s, min_coverage)
    whole: Bools = np.asarray(np.isfinite(signals).all(axis=0))
    overall = thirds(without_the_still(signals)) if terciles == "session" else None
    count, most = windows.starts.size, signals.shape[0] * np.log(3.0)
    entropy, coverage = np.full(count, np.nan), np.zeros(count)
    for w, start in enumerate(windows.starts):
        seen = slice(start, start + windows.length)
        complete = int(whole[seen].sum())
        coverage[w] = complete / windows.length
        if complete < windows.least:
            continue
        block = without_the_still(np.where(whole[seen], signals[:, seen], np.nan))
        moving = np.isfinite(block).any(axis=1).all()
        if moving:
            entropy[w] = joint_entropy(thirds(block) if overall is None else overall[:, seen])
    return Coupling(
        values=np.clip(1.0 - entropy / most, 0.0, 1.0),
        dims=("time",),
        coords={"time": windows.times_s},
        coverage=coverage,
        reach_s=windows.reach_s,
        method="symbolic_entropy",
        options={
            "window_s": windows.length / rate_hz,
            "step_s": step_s,
            "terciles": terciles,
            "min_coverage": min_coverage,
        },
        parts={"entropy_nats": entropy},
    )
