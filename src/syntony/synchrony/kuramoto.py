"""Phases of a group over time: order parameter and cluster phase, window by window."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._band import band_signal, check_band, half_length
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_number, check_seconds
from syntony.synchrony._people import Windows, check_people, lay_windows, without_the_still
from syntony.synchrony.group_phase import cluster_phase, order_parameter
from syntony.synchrony.registry import Statistic, method

_UNITS = {
    "low_hz": "Hz",
    "high_hz": "Hz",
    "window_s": "s",
    "step_s": "s",
    "min_coverage": "1",
}
_SAID = (
    " of the phases between {low_hz:g} and {high_hz:g} Hz, in windows of {window_s:g} s every "
    "{step_s:g} s; windows with less than {min_coverage:g} of the data present were left out."
)
_LAGS = "none: a phase, which is a delay up to whole cycles of the band"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Phases:
    """Everybody's phase in the band, NaN where one is missing, and the windows."""

    phases: Array
    windows: Windows
    reach_s: float
    options: dict[str, float]


def _phases(signals: Array, rate_hz: float, options: dict[str, float]) -> _Phases:
    """Check what was given and take the band's phase of everybody."""
    check_people(signals, rate_hz)
    check_band(options["low_hz"], options["high_hz"], rate_hz)
    check_seconds(window_s=options["window_s"], step_s=options["step_s"])
    check_number("min_coverage", options["min_coverage"], 0.0, 1.0, "a share from 0 to 1")
    windows = lay_windows(
        signals.shape[1], rate_hz, options["window_s"], options["step_s"], options["min_coverage"]
    )
    band = options["low_hz"], options["high_hz"], options["min_coverage"]
    made = np.stack([band_signal(v, rate_hz, *band) for v in without_the_still(signals)])
    with np.errstate(invalid="ignore"):
        phases = np.where(np.abs(made) > 0, np.angle(made), np.nan)
    return _Phases(
        phases=phases,
        windows=windows,
        reach_s=windows.length / rate_hz / 2 + half_length(*band[:2], rate_hz) / rate_hz,
        options={**options, "window_s": windows.length / rate_hz},
    )


def _by_window(name: str, made: _Phases, measure: Callable[[Array], float]) -> Coupling:
    """One value per window in which enough of everybody's phases is there."""
    windows = made.windows
    whole = np.asarray(np.isfinite(made.phases).all(axis=0))
    values, coverage = np.full((2, windows.starts.size), np.nan)
    for w, start in enumerate(windows.starts):
        seen = slice(start, start + windows.length)
        complete = int(np.count_nonzero(whole[seen]))
        coverage[w] = complete / windows.length
        if complete >= windows.least:
            values[w] = measure(made.phases[:, seen])
    return Coupling(
        values=values,
        dims=("time",),
        coords={"time": windows.times_s},
        coverage=coverage,
        reach_s=(made.reach_s, made.reach_s),
        method=name,
        options=made.options,
        parts={"people": np.asarray(float(made.phases.shape[0]))},
    )


def _order_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    return {"order": mean_present(coupling.values)}


def _cluster_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    return {"rho": mean_present(coupling.values)}


@method(
    name="kuramoto",
    title="Kuramoto order parameter",
    summarise=_order_summary,
    statistics=(
        Statistic(
            name="order",
            title="Mean order parameter",
            explain="How close together the phases of all people are, averaged over the session: "
            "1 when all are at the same point of their swing. Strangers lie well above 0: about "
            "0.64 for two people, less for more.",
            bounds=(0.0, 1.0),
            chance=0.637,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.637,
    swap="same",
    scale_free=True,
    people="many",
    lags=_LAGS,
    cites=("FrankRichardson2010",),
    sentence="The Kuramoto order parameter [@FrankRichardson2010]" + _SAID,
    question="Are the people of a group at the same point of their rhythm at the same time?",
    not_when="The signal has no rhythm in the band, or people keep a constant distance to each "
    "other (cluster phase sees that, the order parameter does not). Groups of different size "
    "cannot be compared by it.",
    units=_UNITS,
)
def kuramoto(
    signals: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    window_s: float = 60.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
) -> Coupling:
    """Order parameter of several people's phases in one band, in moving windows.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock. NaN marks missing samples; an instant at which one
        person's phase is missing is left out for all.
    rate_hz : float
        Samples per second.
    low_hz, high_hz : float
        Edges of the band.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's instants at which everybody must have a phase.

    Returns
    -------
    Coupling
        ``values`` : mean of r(t), shape (n_windows,), in [0, 1]; NaN where coverage is too low
        or a person does not vary.

    Raises
    ------
    InputError
        If there are fewer than two people, the band does not fit the rate, or no window fits.

    Notes
    -----
    ``r(t) = |mean_k exp(i theta_k(t))|``. Whether many groups lie above chance is tested by
    :func:`syntony.synchrony.group_phase.kuramoto_weak_null`.

    References
    ----------
    .. [1] Frank & Richardson (2010), Physica D 239, 2084-2092.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(1200) / 4
    >>> c = kuramoto(np.array([np.sin(0.8 * t), np.sin(0.8 * t), np.sin(0.8 * t)]), rate_hz=4.0)
    >>> float(np.nanmin(c.values).round(6))
    1.0
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    made = _phases(np.asarray(signals, dtype=np.float64), rate_hz, options)
    return _by_window("kuramoto", made, lambda phases: mean_present(order_parameter(phases)))


@method(
    name="cluster_phase",
    title="Cluster phase",
    summarise=_cluster_summary,
    statistics=(
        Statistic(
            name="rho",
            title="Cluster phase (rho)",
            explain="How constantly all people keep their distances in phase within a stretch, "
            "averaged over the session: 1 when nobody ever drifts. Strangers lie well above 0, "
            "the more so the fewer people and the shorter the stretches.",
            bounds=(0.0, 1.0),
            chance=0.67,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.67,
    swap="same",
    scale_free=True,
    people="many",
    lags=_LAGS,
    cites=("Richardson2012",),
    sentence="The cluster phase [@Richardson2012]" + _SAID,
    question="Do the people of a group keep constant distances in their rhythms, whether or not "
    "they are at the same point of it?",
    not_when="The signal has no rhythm in the band. It does not tell in phase from a constant "
    "distance (the order parameter does), and two people in a short stretch keep their distance "
    "by chance.",
    units=_UNITS,
)
def cluster_phase_windows(
    signals: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    window_s: float = 60.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
) -> Coupling:
    """Cluster phase of several people in one band, in moving windows.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock. NaN marks missing samples; an instant at which one
        person's phase is missing is left out for all.
    rate_hz : float
        Samples per second.
    low_hz, high_hz : float
        Edges of the band.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's instants at which everybody must have a phase.

    Returns
    -------
    Coupling
        ``values`` : rho of the window, shape (n_windows,), in [0, 1]; NaN where coverage is too
        low or a person does not vary.

    Raises
    ------
    InputError
        If there are fewer than two people, the band does not fit the rate, or no window fits.

    Notes
    -----
    See :func:`syntony.synchrony.group_phase.cluster_phase`; mean distances are those of the
    window, not of the session.

    References
    ----------
    .. [1] Richardson, Garcia, Frank, Gergor & Marsh (2012), Frontiers in Physiology 3, 405.
       https://doi.org/10.3389/fphys.2012.00405

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(1200) / 4
    >>> c = cluster_phase_windows(np.array([np.sin(0.8 * t), np.cos(0.8 * t)]), rate_hz=4.0)
    >>> bool(np.nanmin(c.values) > 0.99)
    True
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    made = _phases(np.asarray(signals, dtype=np.float64), rate_hz, options)

    def rho(phases: Array) -> float:
        found = cluster_phase(phases).rho
        return min(1.0, found) if found == found else math.nan

    return _by_window("cluster_phase", made, rho)
