"""A session searched over time, lags and frequencies: what is found, and what chance finds.

Over time, a pair is read at the lag at which its profile is highest, and every draw at its own:
who follows by two seconds would be missed at lag 0, and the choice of the lag is paid for.
Works on the draws of one surrogate while they are in memory; what is kept is a few numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from syntony.config import Step, Stretches
from syntony.core.arrays import Array, Bools
from syntony.core.coupling import Coupling
from syntony.pipeline.steps import is_correlation, over_frequency, profile_of
from syntony.surrogates.clusters import Sides
from syntony.surrogates.peaks import highest, lead_test
from syntony.surrogates.survivors import LagMap, Survivor, surviving_moments
from syntony.synchrony import registry as method_list
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.drawn import Drawn, best_lags

FINEST_S = 1.0
MAP_DRAWS = 199
LEAST_DRAWS = 19
MAP_CELLS = 12_000_000  # of all maps that are kept of one step, 4 bytes each
BEYOND = 8  # values of a moment that lie beyond its threshold, at least, both sides together

SEARCH = ("draws", "missing", "places", "start_s", "stop_s", "lag_s")
STRETCH = (
    "start_s", "stop_s", "strength", "sign", "lag_s", "lead", "p_lead", "coverage", "mass", "p",
)  # fmt: skip
PEAK = (
    "draws", "missing", "places", "at", "value", "p", "lead", "lead_low", "lead_high", "p_lead",
    "side",
)  # fmt: skip

Draws = Mapping[str, list[Array]]


def kept_of(step: Step, coupling: Coupling, number: int) -> dict[str, Array]:
    """What the searches need of draw ``number``: its curves, and its map while maps are kept.

    A course finer than one value a second is read once a second; maps are raw values of four
    bytes, of the first ``MAP_DRAWS`` draws and no more than ``MAP_CELLS`` cells.
    """
    curves = {"profile": profile_of(step, coupling), "spectrum": over_frequency(coupling)}
    kept = {name: values for name, values in curves.items() if values is not None}
    course = searched(coupling, coupling.values, best_lag(coupling, kept.get("profile")))
    if course is not None:
        every = _every(coupling.coords["time"])
        kept["moving"] = on_scale(step, np.array(course[::every]))
        if coupling.dims == ("time", "lag") and number < _maps(coupling.values[::every]):
            kept["map"] = coupling.values[::every].astype(np.float32)
    return kept


def kept_of_draws(step: Step, drawn: Drawn, first: int) -> dict[str, Array]:
    """The same of many draws, a row each; draw ``first`` and those after it."""
    read = drawn.values[:, :: _every(drawn.time_s)]
    best = best_lags(drawn.profiles, drawn.lags_s)[:, None, None]
    moving = np.take_along_axis(read, best, axis=2)[:, :, 0]
    maps = max(0, _maps(read[0]) - first)
    kept = {"profile": drawn.profiles, "moving": on_scale(step, moving)}
    return kept | {"map": read[:maps].astype(np.float32)}


def search(
    step: Step, real: Coupling, drawn: Draws, settings: Stretches, *, offset_s: float = 0.0
) -> dict[str, Array]:
    """Find stretches of the course and peaks over lags and frequencies, beside the draws.

    Parameters
    ----------
    step : Step
    real : Coupling
        Of the two people, laid out as the draws.
    drawn : mapping of str to list
        From :func:`kept_of`, one entry a draw.
    settings : Stretches
    offset_s : float
        Where the first sample of ``real`` lies on the clock of the session's features.

    Returns
    -------
    dict
        ``stretches``: shape (n, len(STRETCH)); ``search``: as ``SEARCH``; ``peak_lag`` and
        ``peak_frequency``: as ``PEAK``. What a method does not have is left out.
    """
    found: dict[str, Array] = {}
    if "moving" in drawn:
        found |= _over_time(step, real, drawn, settings, offset_s)
    own = kept_of(step, real, MAP_DRAWS)
    if "profile" in drawn and "lag" in real.dims:
        found["peak_lag"] = _peak(own["profile"], drawn["profile"], real.coords["lag"], led=True)
    if "spectrum" in drawn:
        axis = real.coords["frequency"]
        found["peak_frequency"] = _peak(own["spectrum"], drawn["spectrum"], axis, led=False)
    return found


def best_lag(coupling: Coupling, profile: Array | None) -> int:
    """Place of the highest point of the lag profile, nearest to 0 of equals; 0 s without one."""
    if coupling.dims != ("time", "lag"):
        return 0
    lags_s = coupling.coords["lag"]
    if profile is None:
        return int(np.argmin(np.abs(lags_s)))
    return int(best_lags(profile[None], lags_s)[0])


def searched(coupling: Coupling, values: Array, lag: int) -> Array | None:
    """Values over time at one lag; as :meth:`Coupling.over_time` where a method has no lags."""
    if coupling.dims == ("time", "lag"):
        at: Array = values[:, lag]
        return at
    return coupling.over_time() if values is coupling.values else coupling.coverage_over_time()


def on_scale(step: Step, values: Array) -> Array:
    """Correlations as Fisher z, because they are averaged; what other methods give, as it is."""
    return fisher_z(values) if is_correlation(step) else values


def sides_of(step: Step) -> Sides:
    """Both sides where the course can be below 0, such as correlations; else high ones only."""
    return "two" if method_list.get(step.method).bounds[0] < 0 else "high"


def _every(time_s: Array) -> int:
    """Every how manieth window is read: all, or those a second apart."""
    step_s = float(time_s[1] - time_s[0]) if time_s.size > 1 else FINEST_S
    return max(1, round(FINEST_S / step_s)) if step_s > 0 else 1


def _maps(one: Array) -> int:
    """Of how many draws the map is kept, given one."""
    return int(min(MAP_DRAWS, MAP_CELLS // max(one.size, 1)))


def _over_time(
    step: Step, real: Coupling, drawn: Draws, settings: Stretches, offset_s: float
) -> dict[str, Array]:
    """Stretches of the course; nothing where its windows do not lie evenly."""
    every = _every(real.coords["time"])
    time_s = real.coords["time"][::every] + offset_s
    if time_s.size < 2 or not is_even(time_s):
        return {}
    own = kept_of(step, real, MAP_DRAWS)
    course, lag = own["moving"], best_lag(real, own.get("profile"))
    draws = thin_as_missing(np.array(drawn["moving"]), course)
    coverage = None if real.coverage is None else searched(real, real.coverage, lag)
    step_s = float(time_s[1] - time_s[0])
    both = len(draws) + 1
    moments = surviving_moments(
        course,
        draws,
        time_s,
        step_s=step_s,
        coverage=None if coverage is None else coverage[::every],
        lag_map=_lag_map(step, real, drawn, every),
        sides=sides_of(step),
        point=max(settings.point, min(0.5, BEYOND / both)),
        alpha=settings.alpha,
    )
    missing = np.count_nonzero(np.isnan(draws).all(axis=1))
    start_s, stop_s = time_s[0] - step_s / 2, time_s[-1] + step_s / 2
    places = np.count_nonzero(np.isfinite(course))
    lag_s = real.coords["lag"][lag] if real.dims == ("time", "lag") else float("nan")
    return {
        "stretches": np.array([_row(m) for m in moments]).reshape(len(moments), len(STRETCH)),
        "search": np.array([len(draws), missing, places, start_s, stop_s, lag_s]),
    }


def is_even(time_s: Array) -> bool:
    """Whether windows lie one step apart throughout.

    Examples
    --------
    >>> is_even(np.array([1.0, 2.0, 3.0])), is_even(np.array([1.0, 2.0, 4.0]))
    (True, False)
    """
    apart = np.diff(time_s)
    return bool(apart[0] > 0 and (np.abs(apart - apart[0]) < 0.25 * apart[0]).all())


def thin_as_missing(draws: Array, course: Array) -> Array:
    """Make a draw with less than half as many values as the course a missing one.

    What is not there cannot form a stretch, so that a draw full of gaps would speak for the
    finding; a missing one speaks against it.

    Examples
    --------
    >>> draws = np.array([[1.0, np.nan, np.nan, np.nan], [1.0, 2.0, np.nan, 3.0]])
    >>> thin_as_missing(draws, np.ones(4)).tolist()[0]
    [nan, nan, nan, nan]
    """
    own = np.count_nonzero(np.isfinite(course))
    thin = np.isfinite(draws).sum(axis=1) < own / 2
    draws[thin] = np.nan
    return draws


def _lag_map(step: Step, real: Coupling, drawn: Draws, every: int) -> LagMap | None:
    """The map over lags with its draws; None where the method has none.

    Clock errors are not known here: whoever reads the row names the leader.
    """
    maps = drawn.get("map", [])
    if real.dims != ("time", "lag") or real.coords["lag"].size < 2:
        return None

    def inside_draws(inside: Bools) -> Array:
        return on_scale(step, np.array([m[inside] for m in maps], dtype=np.float64))

    return LagMap(
        values=on_scale(step, np.array(real.values[::every])),
        lags_s=real.coords["lag"],
        roles=("first", "second"),
        clock_error_s=float("nan"),
        drawn=inside_draws if len(maps) >= LEAST_DRAWS else None,
    )


def _row(moment: Survivor) -> list[float]:
    """A stretch as numbers, in the order of ``STRETCH``."""
    return [float(getattr(moment, name)) for name in STRETCH]


def _peak(curve: Array, drawn: list[Array], axis: Array, *, led: bool) -> Array:
    """Highest point of a curve beside its draws, and over lags its lean; as ``PEAK``."""
    draws = np.array(drawn)
    found = highest(curve, draws, axis, one_scale=not led)
    lead = lead_test(curve, draws, axis) if led else None
    missing = np.count_nonzero(np.isnan(draws).all(axis=1))
    none = float("nan")
    leaning = (
        (none, none, none, none, 0)
        if lead is None
        else (lead.value, lead.low, lead.high, lead.p, lead.side)
    )
    return np.array(
        [len(draws), missing, found.places, found.at, found.value, found.p, *leaning], dtype=float
    )
