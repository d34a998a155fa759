"""Inter-subject correlation: how alike the people of a group move, from stretch to stretch."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import fisher_z, mean_present
from syntony.synchrony._inputs import check_choice, check_number, check_seconds
from syntony.synchrony._people import Windows, check_people, lay_windows
from syntony.synchrony._scale import in_spreads
from syntony.synchrony.registry import Statistic, method

Against = Literal["pairs", "others"]


def _moving(x: Array, y: Array, windows: Windows) -> tuple[Array, Array]:
    """Pearson r of two people in every window at the same instant, and the share of pairs."""
    from syntony.kernels.lagged import lagged_pearson

    r, share = lagged_pearson(x, y, windows.starts, windows.length, (0, 0), min_pairs=windows.least)
    return r[:, 0], share[:, 0]


def _mean_of(rows: Array) -> Array:
    """Mean over people, NaN where one has no value: a mean of other people is another mean."""
    mean: Array = rows.mean(axis=0)
    return mean


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    r = coupling.values
    there = r[np.isfinite(r)]
    return {
        "mean_z": mean_present(fisher_z(r)),
        "share_positive": float(np.mean(there > 0)) if there.size else float("nan"),
    }


@method(
    name="inter_subject",
    title="Inter-subject correlation",
    summarise=_summary,
    statistics=(
        Statistic(
            name="mean_z",
            title="Mean likeness (Fisher z)",
            explain="Average correlation of each person with the others at the same instant, "
            "over all stretches of the session. 0: people move independently of each other.",
            bounds=(-10.0, 10.0),
            chance=0.0,
            is_fisher_z=True,
        ),
        Statistic(
            name="share_positive",
            title="Share of stretches in which people were alike",
            explain="Share of the stretches in which the average correlation between the people "
            "lies above zero. Half of them for people who have nothing to do with each other.",
            bounds=(0.0, 1.0),
            chance=0.5,
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    people="many",
    lags="none: the same instant",
    cites=("Hasson2004",),
    sentence="Inter-subject correlation [@Hasson2004] in windows of {window_s:g} s every "
    "{step_s:g} s ({against}); windows with less than {min_coverage:g} of the data present were "
    "left out.",
    question="How alike do the people of a group move at the same instant, for instance while "
    "they see or hear the same thing?",
    not_when="One person answers the other after a while (use a method with delays), or people "
    "share a stimulus and you ask about their relation: the stimulus alone makes them alike. For "
    "two people it is the moving correlation without delays.",
    words={"against": {"pairs": "mean over all pairs", "others": "each against all the others"}},
    units={"window_s": "s", "step_s": "s", "against": "choice", "min_coverage": "1"},
)
def inter_subject(
    signals: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    against: Against = "pairs",
    min_coverage: float = 0.8,
) -> Coupling:
    """Correlate every person with the others in moving windows.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    against : {"pairs", "others"}
        The mean correlation over all pairs of people, or of each person with the mean of all
        others (each in units of its own spread; missing where one of the others is).
    min_coverage : float
        Share of a window's samples that both sides of a correlation must have.

    Returns
    -------
    Coupling
        ``values`` : mean r, shape (n_windows,), in [-1, 1]; NaN where no correlation has a
        value. ``coverage`` : mean share of complete samples. ``parts["person"]`` : shape
        (n_people, n_windows), each person's own mean r with the others.

    Raises
    ------
    InputError
        If there are fewer than two people, or no whole window fits.

    Notes
    -----
    A person without a value in a window is left out of that window's mean; ``coverage`` tells.

    References
    ----------
    .. [1] Hasson, Nir, Levy, Fuhrmann & Malach (2004), Science 303, 1634-1640.
       https://doi.org/10.1126/science.1089506

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(480) / 4
    >>> c = inter_subject(np.array([np.sin(t), np.sin(t), np.cos(t)]), rate_hz=4.0)
    >>> float(c.parts["person"][0, 0].round(1))
    0.5
    """
    check_people(signals, rate_hz)
    check_seconds(window_s=window_s, step_s=step_s)
    check_choice("against", against, ("pairs", "others"))
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    windows = lay_windows(signals.shape[1], rate_hz, window_s, step_s, min_coverage)
    n_people = signals.shape[0]
    shape = (n_people, windows.starts.size)
    sums, counts, shares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    others = n_people - 1 if against == "pairs" else 1
    if against == "pairs":
        for i, j in combinations(range(n_people), 2):
            r, share = _moving(signals[i], signals[j], windows)
            for k in (i, j):
                sums[k] += np.where(np.isfinite(r), r, 0.0)
                counts[k] += np.isfinite(r)
                shares[k] += share
    else:
        scaled = in_spreads(signals)
        for k in range(n_people):
            r, shares[k] = _moving(signals[k], _mean_of(np.delete(scaled, k, axis=0)), windows)
            sums[k], counts[k] = np.where(np.isfinite(r), r, 0.0), np.isfinite(r)
    with np.errstate(invalid="ignore"):
        person, values = sums / counts, sums.sum(axis=0) / counts.sum(axis=0)
    return Coupling(
        values=np.clip(values, -1.0, 1.0),
        dims=("time",),
        coords={"time": windows.times_s},
        coverage=np.minimum(shares.mean(axis=0) / others, 1.0),
        reach_s=windows.reach_s,
        method="inter_subject",
        options={
            "window_s": windows.length / rate_hz,
            "step_s": step_s,
            "against": against,
            "min_coverage": min_coverage,
        },
        parts={"person": person},
    )
