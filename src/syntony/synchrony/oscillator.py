"""Coupled oscillators: does one person's swing damp, drive or follow the other's?"""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, in_samples
from syntony.synchrony._scale import in_spreads
from syntony.synchrony._thin import thinned
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.stability_influence import without_trend

EMBED = 5
"""Samples that a derivative is taken from."""


def local_derivatives(
    values: Array, *, embed: int = EMBED, tau: int = 1, dt_s: float = 1.0
) -> Array:
    """Level, first and second derivative by generalised local linear approximation.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; a neighbourhood with one gives NaN.
    embed : int
        Samples of a neighbourhood, 3 or more.
    tau : int
        Samples from one to the next within a neighbourhood.
    dt_s : float
        Seconds between samples.

    Returns
    -------
    ndarray of float64, shape (3, n_samples - (embed - 1) * tau)
        At the middle of each neighbourhood; per second, per second squared.

    Notes
    -----
    ``W = L (L' L)^-1`` with the columns ``1, v, v**2 / 2`` of L, ``v`` the times of the samples
    from the middle [1]_.

    References
    ----------
    .. [1] Boker, Deboeck, Edler & Keel (2010), in Statistical Methods for Modeling Human
       Dynamics, 161-178, Routledge.

    Examples
    --------
    >>> local_derivatives(np.arange(6.0) ** 2)[:, 0].round(12).tolist()
    [4.0, 4.0, 2.0]
    """
    v = (np.arange(embed) - (embed - 1) / 2.0) * tau * dt_s
    design = np.column_stack([np.ones(embed), v, v**2 / 2.0])
    weights = design @ np.linalg.inv(design.T @ design)
    n = values.size - (embed - 1) * tau
    if n < 1:
        return np.empty((3, 0))
    around = np.stack([values[k * tau : k * tau + n] for k in range(embed)])
    made: Array = weights.T @ around
    return made


def _fit(target: Array, known: Array, least: int) -> tuple[Array, float, int]:
    """Slopes without intercept, adjusted share of variance, rows."""
    there = np.isfinite(known).all(axis=0) & np.isfinite(target)
    a, b, count = known[:, there], target[there], int(there.sum())
    nothing = np.full(known.shape[0], np.nan), math.nan, count
    if count < max(least, 16):
        return nothing
    size = np.sqrt((a**2).sum(axis=1))
    total = float(b @ b)
    if not ((size > 0).all() and total > 0):
        return nothing
    unit = a / size[:, None]
    gram = unit @ unit.T
    if np.linalg.cond(gram) > 1e10:
        return nothing
    slopes = np.linalg.solve(gram, unit @ b) / size
    rest = b - slopes @ a
    k = known.shape[0]
    return slopes, 1.0 - float(rest @ rest) / (count - k) / (total / count), count


def period_s(eta: float) -> float:
    """Seconds of one swing, 2 pi / sqrt(-eta); NaN where nothing swings (eta 0 or more).

    Examples
    --------
    >>> round(period_s(-1.0), 3)
    6.283
    """
    return 2.0 * math.pi / math.sqrt(-eta) if eta < 0 else math.nan


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    first, second = coupling.parts["first"], coupling.parts["second"]
    return {
        "coupling_gain": float(coupling.values),
        "gain_first": float(coupling.parts["gain"][0]),
        "gain_second": float(coupling.parts["gain"][1]),
        "period_first_s": period_s(float(first[0])),
        "period_second_s": period_s(float(second[0])),
        "joint_damping": float(first[1] + second[1]) / 2.0,
    }


_PERIOD = (
    "Seconds that one swing of this person takes in the model. No value where the model does not "
    "swing. White noise alone gives about eight times tau_s, so a period near that says nothing."
)


@method(
    name="oscillator",
    title="Coupled oscillators",
    summarise=_summary,
    statistics=(
        Statistic(
            name="coupling_gain",
            title="Gain by coupling (share of variance)",
            explain="How much more of the bending of both people's curves is explained when the "
            "other person's position and speed are known too. Near 0 for strangers.",
            bounds=(-1.0, 1.0),
            chance=0.0,
        ),
        Statistic(
            name="gain_first",
            title="Gain for the first person",
            explain="The same for the first person alone: the second's state tells of the first's "
            "bending, which means that the second leads.",
            bounds=(-1.0, 1.0),
            chance=0.0,
        ),
        Statistic(
            name="gain_second",
            title="Gain for the second person",
            explain="The same for the second person alone: the first's state tells of the "
            "second's bending, which means that the first leads.",
            bounds=(-1.0, 1.0),
            chance=0.0,
        ),
        Statistic(
            name="period_first_s",
            title="Period of the first person (s)",
            explain=_PERIOD,
            bounds=(0.0, math.inf),
            chance=16.5,
        ),
        Statistic(
            name="period_second_s",
            title="Period of the second person (s)",
            explain=_PERIOD,
            bounds=(0.0, math.inf),
            chance=16.5,
        ),
        Statistic(
            name="joint_damping",
            title="Joint damping (per second)",
            explain="Mean of both people's damping in the coupled model. Below 0: swings die out "
            "together (regulation); above 0: they grow. Never read one parameter of it alone.",
            bounds=(-math.inf, math.inf),
            chance=0.0,
        ),
    ),
    dims=(),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    lags="none of its own: position and speed of the other at the same instant",
    cites=("Boker2010",),
    sentence="Coupled damped oscillators by local linear approximation [@Boker2010] (five samples "
    "{tau_s:g} s apart for each derivative) of detrended signals averaged to {thin_to_hz:g} Hz; "
    "the gain is what the other person's state adds; at least {min_coverage:g} of the rows had "
    "to be complete.",
    question="Do two people regulate each other like two coupled swings: does the state of one "
    "bend the curve of the other?",
    not_when="There are fewer than two swings in the session, or the signal does not swing at all. "
    "Derivatives of noisy signals pull every estimate towards faster swings; look at the period "
    "before anything else. Single parameters must not be read alone.",
    units={"tau_s": "s", "thin_to_hz": "Hz", "min_coverage": "1"},
)
def oscillator(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    tau_s: float = 2.0,
    thin_to_hz: float = 1.0,
    min_coverage: float = 0.5,
) -> Coupling:
    """Fit two coupled damped oscillators and say what the coupling adds.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a derivative whose
        neighbourhood holds one is missing too.
    rate_hz : float
        Samples per second of both signals.
    tau_s : float
        Seconds between the five samples from which derivatives are taken: a swing should be
        several times as long as the neighbourhood.
    thin_to_hz : float
        Signals are averaged to about this rate first; 0: as they are.
    min_coverage : float
        Share of the rows that must be complete.

    Returns
    -------
    Coupling
        ``values`` : mean gain of the two people in adjusted share of variance, shape (); NaN
        where too little is there or a signal does not vary. ``parts["first"]``,
        ``parts["second"]`` : frequency parameter (1/s**2), damping (1/s), coupling to the
        other's position, coupling to the other's speed. ``parts["gain"]`` : of each person.

    Raises
    ------
    InputError
        If the signals differ in length or are too short for the neighbourhoods.

    Notes
    -----
    ``x1'' = eta1 x1 + zeta1 x1' + gamma1 x2 + delta1 x2'``, the same for ``x2``, without an
    intercept, on signals in units of their spread; the gain is the adjusted share of variance
    of these four terms less that of the first two. A swing lasts ``2 pi / sqrt(-eta)``.

    References
    ----------
    .. [1] Boker, Deboeck, Edler & Keel (2010), in Statistical Methods for Modeling Human
       Dynamics, 161-178, Routledge.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(600.0)
    >>> c = oscillator(np.sin(t / 5), np.cos(t / 9), rate_hz=1.0, tau_s=1.0)
    >>> round(period_s(c.parts["first"][0]) / (2 * np.pi * 5), 1)
    1.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    in_samples("length of the signals", x.size / rate_hz, rate_hz, 4)
    both, thin_hz = thinned(np.stack([x, y]), rate_hz, thin_to_hz)
    tau = in_samples("tau_s", tau_s, thin_hz, 1)
    need = (EMBED - 1) * tau + 24
    if both.shape[1] < need:
        raise InputError("tau_s", tau_s, f"less, or signals of at least {need / thin_hz:g} s")
    scaled = in_spreads(np.stack([without_trend(v) for v in both]))
    d1, d2 = (local_derivatives(v, tau=tau, dt_s=1.0 / thin_hz) for v in scaled)
    rows = d1.shape[1]
    least = math.ceil(min_coverage * rows)
    fits, gains, counts = [], [], []
    for own, other in ((d1, d2), (d2, d1)):
        whole = np.where(np.isfinite(other[:2]).all(axis=0), 1.0, np.nan)
        slopes, full, count = _fit(own[2], np.stack([*own[:2], *other[:2]]), least)
        _, alone, _ = _fit(own[2] * whole, own[:2] * whole, least)
        fits.append(slopes)
        gains.append(full - alone)
        counts.append(count)
    return Coupling(
        values=np.asarray(np.clip(np.mean(gains), -1.0, 1.0)),
        dims=(),
        coords={},
        coverage=np.asarray(min(counts) / rows),
        method="oscillator",
        options={"tau_s": tau / thin_hz, "thin_to_hz": thin_to_hz, "min_coverage": min_coverage},
        parts={"first": fits[0], "second": fits[1], "gain": np.array(gains)},
    )
