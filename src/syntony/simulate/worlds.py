"""The list of worlds: one in which two people are coupled, the others in which they are not."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup

Change = Callable[[np.random.Generator, PairSetup], PairSetup]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One world: what it does to a pair, and whether anything in it is coupled.

    ``change`` takes a generator and a setup and gives the setup of this world; in a world
    that is not coupled it sets the share of common responses to 0. ``of_study``: what is drawn
    is drawn once for all sessions of a study, as its protocol is. ``strangers_share``: whether
    two people who never met have in common all that two partners have. Where they do not, a
    comparison with strangers is right to tell partners apart, although no response is shared.
    """

    name: str
    title: str
    sentence: str
    is_coupled: bool
    change: Change
    of_study: bool = False
    strangers_share: bool = True


def shared_shape(duration_s: float) -> Array:
    """Slow curve of science notes, appendix A: both settle at first, both rise at last.

    ``3 exp(-t / 300) + 1.5 exp(-(T - t) / 200)`` uS, t and T in seconds.

    Parameters
    ----------
    duration_s : float

    Returns
    -------
    ndarray of float64, shape (n_seconds,)
        In uS, at whole seconds.

    Examples
    --------
    >>> float(shared_shape(3000.0)[0].round(3))
    3.0
    """
    t = np.arange(np.ceil(duration_s))
    curve: Array = 3.0 * np.exp(-t / 300.0) + 1.5 * np.exp(-(duration_s - t) / 200.0)
    return curve


def activity_of_minutes(
    rng: np.random.Generator, duration_s: float, *, spread: float = 0.6, ease_s: float = 60.0
) -> Array:
    """Factor on the response rate that rises and falls over minutes, 1 on average.

    Log-normal: white noise smoothed by a bell of SD ``ease_s`` and scaled to the SD
    ``spread``; at the defaults the middle two thirds of all seconds lie between 0.46 and
    1.5. The figures are choices.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
    spread : float, default 0.6
        SD of the logarithm of the factor.
    ease_s : float, default 60
        SD of the bell in seconds.

    Returns
    -------
    ndarray of float64, shape (n_seconds,)
        Above 0.

    Examples
    --------
    >>> activity_of_minutes(np.random.default_rng(1), 600.0).shape
    (600,)
    """
    n = int(np.ceil(duration_s))
    reach = int(np.ceil(4 * ease_s))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / ease_s) ** 2)
    bell /= np.sqrt(np.sum(bell**2))
    noise = rng.standard_normal(n + 2 * reach)
    size = noise.size + bell.size - 1
    smooth = np.fft.irfft(np.fft.rfft(noise, size) * np.fft.rfft(bell, size), size)
    log_factor = smooth[2 * reach : 2 * reach + n]
    factor: Array = np.exp(spread * log_factor - spread**2 / 2)
    return factor


def stretches_missing(
    rng: np.random.Generator,
    duration_s: float,
    *,
    share: float = 0.15,
    length_s: tuple[float, float] = (5.0, 60.0),
    early: float = 3.0,
    early_share: float = 0.2,
) -> tuple[tuple[float, float], ...]:
    """Stretches that a device did not record, denser at the start of the session.

    Begins are a Poisson process whose rate in the first fifth is three times that of the rest;
    lengths are even between 5 and 60 s. All of these figures are choices: people settle in,
    electrodes are touched, a link is lost.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
    share : float, default 0.15
        Share of the session that is missing on average; 0 to under 1.
    length_s : (float, float), default (5, 60)
        Shortest and longest, in seconds.
    early : float, default 3
        How many times as dense they lie in the first part.
    early_share : float, default 0.2
        Share of the session that is that first part.

    Returns
    -------
    tuple of (float, float)
        Start and stop in seconds, ascending by start; they may overlap.

    Notes
    -----
    Where stretches begin at a rate per second *b* and last *m* seconds on average, a second is
    covered with probability ``1 - exp(-b m)``. The two rates are scaled so that the mean over the
    session is ``share`` (the first seconds, into which no stretch reaches from before, left
    aside).

    Examples
    --------
    >>> found = stretches_missing(np.random.default_rng(1), 900.0)
    >>> 0.02 < sum(stop - start for start, stop in found) / 900.0 < 0.5
    True
    """
    from scipy.optimize import brentq

    if not 0 <= share < 1:
        raise InputError("share", share, "0 to under 1")
    if share == 0:
        return ()
    late = 1.0 - early_share

    def excess(load: float) -> float:
        there = early_share * np.exp(-early * load) + late * np.exp(-load)
        return float(1.0 - there - share)

    rate = brentq(excess, 0.0, -np.log(1.0 - share) / late + 1.0) / (sum(length_s) / 2)
    parts = (
        (0.0, early_share * duration_s, early * rate),
        (early_share * duration_s, duration_s, rate),
    )
    begins = np.concatenate(
        [rng.uniform(start, stop, rng.poisson(r * (stop - start))) for start, stop, r in parts]
    )
    begins = np.sort(begins)
    stops = np.minimum(begins + rng.uniform(*length_s, begins.size), duration_s)
    return tuple((a, b) for a, b in zip(begins.tolist(), stops.tolist(), strict=True) if a < b)


def _coupled(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    return setup


def _stationary(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    return replace(setup, share=0.0)


def _shared_shape(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    return replace(setup, share=0.0, shape_us=shared_shape(setup.duration_s))


def _shared_activity(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    return replace(setup, share=0.0, activity=activity_of_minutes(rng, setup.duration_s))


def _one_flat(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    first, second = setup.skins
    flat = replace(second, rate_per_min=0.3, gain=0.1 * second.gain, level_us=1.0)
    return replace(setup, share=0.0, skins=(first, flat))


def _unequal_noise(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    first, second = setup.skins
    return replace(setup, share=0.0, skins=(first, replace(second, noise_us=0.05)))


def _gaps(rng: np.random.Generator, setup: PairSetup) -> PairSetup:
    first, second = (stretches_missing(rng, setup.duration_s) for _ in range(2))
    return replace(setup, share=0.0, missing_s=(first, second))


WORLDS: Mapping[str, World] = MappingProxyType(
    {
        w.name: w
        for w in (
            World(
                name="coupled",
                title="Coupled",
                sentence="The two people share a part of their responses; the second's follow "
                "the first's.",
                is_coupled=True,
                change=_coupled,
                strangers_share=False,
            ),
            World(
                name="stationary",
                title="Independent, stationary",
                sentence="Nothing is shared: each person responds at its own steady rate.",
                is_coupled=False,
                change=_stationary,
            ),
            World(
                name="shared_shape",
                title="Shared slow shape",
                sentence="Nothing is shared but a slow curve: both settle in the first minutes "
                "and both rise in the last.",
                is_coupled=False,
                change=_shared_shape,
            ),
            World(
                name="shared_activity",
                title="Shared activity of the same minutes",
                sentence="Both people respond more often in the same minutes, those that the "
                "course of a session makes lively in every dyad, but no response of one has to "
                "do with a response of the other.",
                is_coupled=False,
                change=_shared_activity,
                of_study=True,
            ),
            World(
                name="own_minutes",
                title="Lively minutes of each dyad's own",
                sentence="Both people respond more often in the same minutes, other ones in "
                "every dyad, but no response of one has to do with a response of the other: "
                "strangers do not share the minutes, so they cannot show it.",
                is_coupled=False,
                change=_shared_activity,
                strangers_share=False,
            ),
            World(
                name="one_flat",
                title="One person almost without responses",
                sentence="Nothing is shared, and the second person hardly responds: 0.3 small "
                "responses a minute on a level of 1 uS, the rest is drift and noise.",
                is_coupled=False,
                change=_one_flat,
            ),
            World(
                name="unequal_noise",
                title="Unequal noise",
                sentence="Nothing is shared, and the second person's sensor is 25 times as noisy "
                "as usual (SD 0.05 uS).",
                is_coupled=False,
                change=_unequal_noise,
            ),
            World(
                name="gaps",
                title="Gaps",
                sentence="Nothing is shared, and of each recording 15 % is missing in stretches of "
                "5 to 60 s, three times as dense in the first fifth of the session, where people "
                "still settle in.",
                is_coupled=False,
                change=_gaps,
            ),
        )
    }
)


def in_world(
    name: str,
    seed: int,
    path: tuple[str | int, ...],
    setup: PairSetup,
    *,
    protocol: tuple[str, ...] = (),
) -> PairSetup:
    """Change a pair's setup to that of a world; one seed and protocol give a study one course.

    Parameters
    ----------
    name : str
        Of the world.
    seed : int
        Of the study.
    path : tuple of str or int
        Of the session within the study.
    setup : PairSetup
    protocol : tuple of str, optional
        What distinguishes sessions that follow another protocol, such as their stimulus.

    Raises
    ------
    InputError
        If the list has no such world.

    Examples
    --------
    >>> setup = PairSetup(duration_s=60.0, rate_hz=4.0, share=0.5)
    >>> in_world("stationary", 1, ("d01", 1), setup).share
    0.0
    """
    entry = world(name)
    return entry.change(rng_for(seed, *(protocol if entry.of_study else path), "world"), setup)


def world(name: str) -> World:
    """Look a world up by name.

    Raises
    ------
    InputError
        If the list has no such world; names the nearest.

    Examples
    --------
    >>> world("stationary").is_coupled
    False
    """
    try:
        return WORLDS[name]
    except KeyError:
        near = difflib.get_close_matches(name, WORLDS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError("world", name, f"one of {sorted(WORLDS)}", hint) from None
