"""Coincidence of single responses: skin conductance responses of two people as events."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.signal import Signal
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import (
    check_number,
    check_pair,
    check_seconds,
    fixed,
    whole_steps,
)
from syntony.synchrony.event_synchronisation import event_synchronisation
from syntony.synchrony.registry import Statistic, method


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Train:
    """Responses of one person on the grid: where, and which samples are present."""

    at: Ints
    there: Bools

    def seen(self, low: int, high: int) -> tuple[Bools, Bools]:
        """Whether samples t + low to t + high are all present, and hold a response as well."""
        n = self.there.size
        start = np.arange(n) + low
        stop = np.arange(n) + high + 1
        inside = (start >= 0) & (stop <= n)
        start, stop = np.clip(start, 0, n), np.clip(stop, 0, n)
        hits = np.zeros(n, dtype=np.int64)
        hits[self.at] = 1
        missing, events = (np.concatenate(([0], np.cumsum(v))) for v in (~self.there, hits))
        whole = inside & (missing[stop] == missing[start])
        return whole, whole & (events[stop] > events[start])


def _rates(
    one: _Train, two: _Train, window: tuple[int, int], lags: Ints, least: int
) -> tuple[Array, Array, Array]:
    """Share of responses met at each lag, what chance meets, and the share of time exposed.

    ``window``: samples of the other person, from the first to the last, that are looked at.
    Chance is the share of one's own exposed time in which the window is met.
    """
    most = int(np.abs(lags).max())
    wide = [np.pad(v.astype(np.float64), most) for v in two.seen(*window)]
    places = one.at[:, None] + (lags + most)[None, :]
    exposed, met = (v[places].sum(axis=0) for v in wide)
    mine = one.there.astype(np.float64)
    time, met_time = (np.correlate(v, mine, "valid")[lags + most] for v in wide)
    rate, expected = np.full(lags.size, np.nan), np.full(lags.size, np.nan)
    enough = (exposed >= least) & (two.at.size >= least)
    np.divide(met, exposed, out=rate, where=enough)
    np.divide(met_time, time, out=expected, where=enough)
    return rate, expected, time / one.there.size


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``scr_coincidence``."""
    lags, values, parts = coupling.coords["lag"], coupling.values, coupling.parts
    known = np.isfinite(values).any()
    best = int(np.nanargmax(values)) if known else -1
    shares = {
        f"{who}_followed{tail}": float(parts["followed" + end][k])
        for k, who in enumerate(("first", "second"))
        for tail, end in (("", ""), ("_excess", "_excess"))
    }
    return {
        "mean_excess": mean_present(values),
        "first_leads": mean_present(values[lags > 0]),
        "second_leads": mean_present(values[lags < 0]),
        "peak_excess": float(values[best]) if known else math.nan,
        "best_lag_s": float(lags[best]) if known else math.nan,
        **shares,
        "event_strength": float(parts["event_synchronisation"][0]),
        "event_direction": float(parts["event_synchronisation"][1]),
    }


def _profile(coupling: Coupling) -> Array:
    """Excess at every lag."""
    return coupling.values


def _share(name: str, title: str, explain: str, chance: float, low: float = 0.0) -> Statistic:
    """Describe a share or a difference of shares."""
    return Statistic(name=name, title=title, explain=explain, bounds=(low, 1.0), chance=chance)


_STATISTICS = (
    _share(
        "mean_excess",
        "Coincidences above chance, over all delays",
        "By how much the share of responses that the other person met, at one delay after the "
        "other, exceeds the share that independent people would meet by chance. 0: chance.",
        0.0,
        -1.0,
    ),
    _share(
        "first_leads",
        "Coincidences above chance when the first leads",
        "The same over the delays at which the second person's responses follow the first's.",
        0.0,
        -1.0,
    ),
    _share(
        "second_leads",
        "Coincidences above chance when the second leads",
        "The same over the delays at which the first person's responses follow the second's.",
        0.0,
        -1.0,
    ),
    _share(
        "peak_excess",
        "Most coincidences above chance",
        "The share of responses met above chance at the delay at which it is highest. Because "
        "the best of many delays was picked it is above 0 for strangers too.",
        0.1,
        -1.0,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of most coincidences (s)",
        explain="The delay in seconds at which coincidences exceed chance the most. Positive: the "
        "second person follows the first. It always has a value, even for strangers.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    _share(
        "first_followed",
        "Share of the first person's responses that are followed",
        "The share of the first person's responses after which the second person responded "
        "within the longest delay. High for strangers who respond often: read the next line.",
        0.8,
    ),
    _share(
        "first_followed_excess",
        "Share of the first person's responses followed, above chance",
        "The same less the share of all moments that the second person's responses follow within "
        "the longest delay, which is what independent people reach.",
        0.0,
        -1.0,
    ),
    _share(
        "second_followed",
        "Share of the second person's responses that are followed",
        "The share of the second person's responses after which the first person responded "
        "within the longest delay. High for strangers who respond often: read the next line.",
        0.8,
    ),
    _share(
        "second_followed_excess",
        "Share of the second person's responses followed, above chance",
        "The same less the share of all moments that the first person's responses follow within "
        "the longest delay, which is what independent people reach.",
        0.0,
        -1.0,
    ),
    _share(
        "event_strength",
        "Event synchronisation (Q)",
        "The share of responses that pair up with one of the other person, each within half of "
        "the time to its nearest neighbour. Above 0 for strangers too.",
        0.55,
    ),
    _share(
        "event_direction",
        "Direction of event synchronisation (q)",
        "Pairs in which the second person followed less those in which the first did, as a share "
        "of all responses. Above 0: the first leads; below 0: the second leads.",
        0.0,
        -1.0,
    ),
)


@method(
    name="scr_coincidence",
    title="Coincidence of skin conductance responses",
    summarise=_summary,
    profile=_profile,
    statistics=_STATISTICS,
    dims=("lag",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="mirror_lag",
    scale_free=False,
    cites=("Robinson1982", "QuianQuiroga2002"),
    sentence="Skin conductance responses of the two people were matched [@Robinson1982]: a "
    "response of at least {threshold_us:g} uS was met where the other person's onset lay within "
    "{within_s:g} s of a delay of up to {max_lag_s:g} s; shares met are given less the share of "
    "time at which independent onsets would meet; stretches missing in either person, and rates "
    "with fewer than {min_responses} responses, were left out. Event synchronisation is that of "
    "[@QuianQuiroga2002].",
    question="When one person has a skin conductance response, does the other respond as well, "
    "after how many seconds, and more often than by chance?",
    not_when="There are fewer than some ten responses a person, or what matters is how the "
    "signals run between responses or how large responses are: amico1 compares their form, "
    "lagged_correlation the whole course. Two people who respond in the same busy minutes "
    "coincide more often than its chance level says, which takes each person's rate as the "
    "same all session long: compare with surrogates.",
    units={
        "threshold_us": "uS",
        "within_s": "s",
        "max_lag_s": "s",
        "min_responses": "1",
    },
    unit="uS",
)
def scr_coincidence(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    threshold_us: float = 0.05,
    within_s: float = 1.0,
    max_lag_s: float = 7.0,
    min_responses: int = 5,
) -> Coupling:
    r"""Count how often responses of two people coincide, delay by delay, beyond chance.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        Skin conductance of two people on one clock, in microsiemens, phasic or cleaned. NaN
        marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    threshold_us : float
        Smallest response, from onset to peak, in microsiemens.
    within_s : float
        Onsets up to this far from the delay looked at are coincident.
    max_lag_s : float
        Longest delay, in both directions.
    min_responses : int
        With fewer responses of either person a rate is NaN.

    Returns
    -------
    Coupling
        ``values`` : share of responses met less the share expected by chance, mean of both
        directions, shape (n_lags,), in [-1, 1].
        ``coords["lag"]`` : seconds, ascending, 0 in the middle. ``coverage`` : share of the
        session in which the first person and the second's window at that lag are present.
        ``parts["met"]``, ``parts["met_expected"]`` : the two shares, shape (2, n_lags): of the
        first person's responses, those that one of the second's meets at that lag (trigger
        rate); of the second's, those that one of the first's met that long before (precursor
        rate). ``parts["followed"]``, ``parts["followed_expected"]``,
        ``parts["followed_excess"]`` : share of the first person's responses that are followed
        by one of the second's within ``max_lag_s``, and of the second's by one of the first's,
        shape (2,). ``parts["first_onsets_s"]``, ``parts["second_onsets_s"]`` : seconds from
        the first sample. ``parts["event_synchronisation"]`` : Q and q of the onsets by
        :func:`~syntony.synchrony.event_synchronisation.event_synchronisation`, shape (2,).

    Raises
    ------
    InputError
        If the signals differ in length or are empty, or a number makes no sense.

    Notes
    -----
    With onsets ``t1`` and ``t2``, the trigger rate at lag d is the share of ``t1`` for which
    some ``abs(t2 - t1 - d) <= within_s``. An onset counts only where every sample of the other
    person's window is present. Chance is the share of the first person's present *time* for
    which this holds: the mean over all shifts of one train against the other, exact for any
    pattern of the other's responses, bursts included; for a Poisson train of rate r it is
    ``1 - exp(-2 * r * within_s)``. Responses are found by
    :func:`~syntony.body.eda.find_scrs`, in every stretch without gaps by itself; one whose rise
    is cut by a gap is not known.

    Responses of counsellor and client were matched before [1]_; delays and windows here are
    options, not theirs. Event synchronisation is from [2]_.

    References
    ----------
    .. [1] Robinson, Herman & Kaplan (1982), Journal of Counseling Psychology 29, 195-198.
    .. [2] Quian Quiroga, Kreuz & Grassberger (2002), Physical Review E 66, 041904.
       https://doi.org/10.1103/PhysRevE.66.041904

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros(2400)
    >>> onsets = np.random.default_rng(1).choice(110, 40, replace=False) * 20 + 40
    >>> for t in onsets:
    ...     x[t : t + 12] += np.hanning(12)
    >>> c = scr_coincidence(x, np.roll(x, 8), rate_hz=4.0, within_s=0.0)
    >>> float(c.coords["lag"][np.argmax(c.values)])
    2.0
    """
    from syntony.body.eda import find_scrs

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    if x.size < 3:
        raise InputError("x", x.size, "at least three samples")
    check_seconds(within_s=within_s, max_lag_s=max_lag_s)
    if not (isinstance(min_responses, int) and min_responses >= 1):
        raise InputError("min_responses", min_responses, "a whole number, 1 or more")
    check_number("threshold_us", threshold_us, 0.0, math.inf, "an amplitude above 0 uS")
    found = [
        find_scrs(
            Signal(values=v, rate_hz=rate_hz, start_s=0.0, unit="uS", kind="eda", person=who),
            threshold_us,
        )
        for who, v in (("first", x), ("second", y))
    ]
    one, two = (
        _Train(at=np.rint(f.onsets_s * rate_hz).astype(np.int64), there=np.isfinite(v))
        for f, v in zip(found, (x, y), strict=True)
    )
    reach, within = whole_steps(max_lag_s, rate_hz), whole_steps(within_s, rate_hz)
    lags = np.arange(-reach, reach + 1)
    around, after = (-within, within), (1, max(1, reach))
    trigger, by_chance, coverage = _rates(one, two, around, lags, min_responses)
    precursor, before_chance, _ = _rates(two, one, around, -lags, min_responses)
    at_once = np.zeros(1, dtype=np.int64)
    later = [_rates(*who, after, at_once, min_responses) for who in ((one, two), (two, one))]
    followed, followed_chance = (np.array([f[k][0] for f in later]) for k in (0, 1))
    events = event_synchronisation(found[0].onsets_s, found[1].onsets_s)
    met, expected = np.stack([trigger, precursor]), np.stack([by_chance, before_chance])
    return Coupling(
        values=fixed((met - expected).mean(axis=0)),
        dims=("lag",),
        coords={"lag": fixed(lags / rate_hz)},
        coverage=fixed(coverage),
        method="scr_coincidence",
        options={
            "threshold_us": threshold_us,
            "within_s": within / rate_hz,
            "max_lag_s": reach / rate_hz,
            "min_responses": min_responses,
        },
        parts={
            "met": fixed(met),
            "met_expected": fixed(expected),
            "followed": fixed(followed),
            "followed_expected": fixed(followed_chance),
            "followed_excess": fixed(followed - followed_chance),
            "first_onsets_s": found[0].onsets_s,
            "second_onsets_s": found[1].onsets_s,
            "event_synchronisation": np.array([events.q_strength, events.q_direction]),
        },
    )
