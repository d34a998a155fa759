"""Shared component: how much of what all people do is one thing done by all of them."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_number, check_seconds
from syntony.synchrony._people import check_people, lay_windows
from syntony.synchrony.registry import Statistic, method


def principal_component(block: Array) -> tuple[float, Array]:
    """First principal component of the correlations of some signals.

    Parameters
    ----------
    block : ndarray of float64, shape (n_signals, n_samples)
        Samples at which one signal is missing are left out.

    Returns
    -------
    share : float
        Variance that the component explains / number of signals, 1 / n_signals to 1. NaN where
        fewer than three samples are complete or a signal does not vary.
    loadings : ndarray, shape (n_signals,)
        Correlation of each signal with the component, the largest one positive.

    Examples
    --------
    >>> share, loadings = principal_component(np.array([[1.0, 2, 3, 4], [2.0, 4, 6, 8]]))
    >>> round(share, 12), loadings.round(12).tolist()
    (1.0, [1.0, 1.0])
    """
    n = block.shape[0]
    whole = block[:, np.isfinite(block).all(axis=0)]
    if whole.shape[1] < 3 or (whole.max(axis=1) == whole.min(axis=1)).any():
        return float("nan"), np.full(n, np.nan)
    centred = whole - whole.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    if not (length > 0).all():
        return float("nan"), np.full(n, np.nan)
    unit = centred / length
    sizes, vectors = np.linalg.eigh(unit @ unit.T)
    loadings = vectors[:, -1] * np.sqrt(max(sizes[-1], 0.0))
    turn = 1.0 if loadings[np.argmax(np.abs(loadings))] > 0 else -1.0
    return float(min(1.0, sizes[-1] / n)), turn * loadings


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    loadings = coupling.parts["loadings"]
    alike = np.where(np.isfinite(coupling.values), (loadings > 0).all(axis=0), np.nan)
    return {"explained": mean_present(coupling.values), "share_in_phase": mean_present(alike)}


@method(
    name="shared_component",
    title="Shared principal component",
    summarise=_summary,
    statistics=(
        Statistic(
            name="explained",
            title="Share of variance in the shared component",
            explain="How much of all that the people's signals do is explained by one component "
            "that they share, averaged over the session. For two people one half means nothing "
            "shared and 1 means the same movement; strangers lie above one half, as chance "
            "agreement in a short stretch is counted too.",
            bounds=(0.0, 1.0),
            chance=0.54,
        ),
        Statistic(
            name="share_in_phase",
            title="Share of stretches in which all move the same way",
            explain="Share of the stretches in which everybody's signal goes with the shared "
            "component in the same direction, not against it. One half for two strangers.",
            bounds=(0.0, 1.0),
            chance=0.5,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.54,
    swap="same",
    scale_free=True,
    people="many",
    lags="none: the same instant",
    cites=("Jolliffe2002",),
    sentence="The share of variance in the first principal component [@Jolliffe2002] of all "
    "people's signals, each in units of its own spread, in windows of {window_s:g} s every "
    "{step_s:g} s; windows with less than {min_coverage:g} of the data present were left out.",
    question="How much of what two or more people's bodies do is one thing that all of them do?",
    not_when="People answer one another with a delay, or you need to tell moving together from "
    "moving in opposite ways: the explained share does not (for two people it is one half plus "
    "half the size of their correlation). Compare groups of one size only.",
    units={"window_s": "s", "step_s": "s", "min_coverage": "1"},
)
def shared_component(
    signals: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
) -> Coupling:
    """Share of variance that the people's first principal component explains, in windows.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_signals, n_samples)
        One signal a row, on one clock: one or several of each person. NaN marks missing
        samples; a sample at which one signal is missing is left out.
    rate_hz : float
        Samples per second.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's samples at which every signal must be present.

    Returns
    -------
    Coupling
        ``values`` : explained share, shape (n_windows,), 1 / n_signals to 1; NaN where
        coverage is too low or a signal does not vary. ``parts["loadings"]`` : shape
        (n_signals, n_windows), correlation of each signal with the component; signals of one
        sign move together, of two signs against each other.

    Raises
    ------
    InputError
        If there are fewer than two signals, or no whole window fits.

    Notes
    -----
    Eigenvalues of the correlation matrix; the explained share is the largest over their sum.

    References
    ----------
    .. [1] Jolliffe (2002), Principal Component Analysis, 2nd edition, Springer.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(480) / 4
    >>> c = shared_component(np.array([np.sin(t), np.sin(t)]), rate_hz=4.0)
    >>> c.values.round(6).tolist()[:2]
    [1.0, 1.0]
    """
    check_people(signals, rate_hz)
    check_seconds(window_s=window_s, step_s=step_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    windows = lay_windows(signals.shape[1], rate_hz, window_s, step_s, min_coverage)
    whole: Bools = np.asarray(np.isfinite(signals).all(axis=0))
    count = windows.starts.size
    values, coverage = np.full(count, np.nan), np.zeros(count)
    loadings = np.full((signals.shape[0], count), np.nan)
    for w, start in enumerate(windows.starts):
        seen = slice(start, start + windows.length)
        complete = int(whole[seen].sum())
        coverage[w] = complete / windows.length
        if complete >= windows.least:
            values[w], loadings[:, w] = principal_component(signals[:, seen])
    return Coupling(
        values=values,
        dims=("time",),
        coords={"time": windows.times_s},
        coverage=coverage,
        reach_s=windows.reach_s,
        method="shared_component",
        options={
            "window_s": windows.length / rate_hz,
            "step_s": step_s,
            "min_coverage": min_coverage,
        },
        parts={"loadings": loadings},
    )
