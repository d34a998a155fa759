"""What a study to be planned is like: every choice behind a power analysis, checked."""

from __future__ import annotations

import difflib
import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.pipeline.plan import STRANGERS
from syntony.simulate.session import StudySetup, straightness
from syntony.surrogates.registry import takes_partners

SIZES = (6, 8, 10, 14, 20, 28, 40, 60, 85, 120, 170, 240, 340, 480)
SIGNALS = ("eda", "eda_tonic", "eda_phasic", "hr")
RATE_HZ = 4.0
NEVER_S = 1e9
STUDY_ONLY = ("dyads", "wanted", "alpha", "studies", "effect_r")
"""Fields that decide which studies are drawn and how they are judged, not the pools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSetup:
    """The study that is planned, and how closely its power is simulated.

    Attributes
    ----------
    dyads : tuple of int
        Numbers of dyads to try; empty: a search up to ``most_dyads``.
    most_dyads : int
        Largest number of dyads tried where ``dyads`` is empty.
    wanted : float
        Power that is wanted, between 0 and 1.
    alpha : float
        Level of every test.
    sessions_per_dyad, dyads_per_therapist : int
    minutes : float
        Length of a session.
    share : float
        Median share of responses that two people have in common; 0: nothing is coupled, and
        "power" is the rate of false alarms.
    share_spread : float
        SD over dyads of the logit of that share (1.2 as in the demonstration; 0: all alike).
    session_spread : float
        SD of a session's logit share, and of its true score, about its dyad's.
    therapist_share : float
        Share of the variance of dyads' logit shares that lies between therapists.
    delay_s, jitter_s : float
        The second person follows by this much, with this SD from response to response.
    rate_per_min : float
        Median number of skin conductance responses a minute.
    artefacts : float
        Share of each person's time lost, in stretches of 10 to 60 s.
    effect_r : float
        True correlation of a dyad's share of common responses with the empathy felt.
    emotion_effect : float
        Share of common responses in seconds of shared positive emotion, less that in others.
    studies : int
        Studies drawn for every number of dyads, over all pools.
    pools : int
        Independent pools of simulated dyads, at least 4: how much they differ is the error of
        every power.
    draws : int
        Draws of every chance distribution of synchrony, at least 99; five times as many of
        codes and ratings, which cost little and are tested on both sides.
    seed : int

    Raises
    ------
    InputError
        If a value is out of its range.

    Examples
    --------
    >>> PowerSetup(dyads=(20, 34), share=0.2).sizes
    (20, 34)
    """

    dyads: tuple[int, ...] = ()
    most_dyads: int = 100
    wanted: float = 0.8
    alpha: float = 0.05
    sessions_per_dyad: int = 1
    dyads_per_therapist: int = 1
    minutes: float = 50.0
    share: float = 0.3
    share_spread: float = 1.2
    session_spread: float = 0.0
    therapist_share: float = 0.0
    delay_s: float = 2.0
    jitter_s: float = 0.5
    rate_per_min: float = 5.0
    artefacts: float = 0.05
    effect_r: float = 0.47
    emotion_effect: float = 0.3
    studies: int = 400
    pools: int = 8
    draws: int = 199
    seed: int = 20070301

    def __post_init__(self) -> None:
        object.__setattr__(self, "dyads", tuple(sorted({int(n) for n in self.dyads})))
        _check_counts(self)
        _check_numbers(self)
        top = straightness(max(self.share, 1e-3), self.share_spread)
        if not abs(self.effect_r) <= top:
            expected = f"a correlation of at most {top:.3f} either way at this spread of shares"
            raise InputError("effect_r", self.effect_r, expected)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of dyads that are tried, ascending."""
        if self.dyads:
            return self.dyads
        return (*(n for n in SIZES if n < self.most_dyads), self.most_dyads)

    @property
    def pool_dyads(self) -> int:
        """Dyads in a pool: as many as the largest study, in whole therapists."""
        return math.ceil(self.sizes[-1] / self.dyads_per_therapist) * self.dyads_per_therapist

    @property
    def studies_per_pool(self) -> int:
        """Studies drawn from each pool for every number of dyads."""
        return math.ceil(self.studies / self.pools)

    @property
    def draws_two(self) -> int:
        """Draws of two-sided tests, which cost little: as many as a run has, from 199 on."""
        return 5 * self.draws + 4

    def of_pools(self) -> dict[str, Any]:
        """Everything that decides the pools: with the recipe, the same pools come of it."""
        kept = {k: v for k, v in asdict(self).items() if k not in (*STUDY_ONLY, "most_dyads")}
        return kept | {"pool_dyads": self.pool_dyads}


def _check_counts(setup: PowerSetup) -> None:
    """Refuse numbers that count too few."""
    least = {"sessions_per_dyad": 1, "dyads_per_therapist": 1, "pools": 4, "draws": 99}
    least |= {"most_dyads": 8, "studies": setup.pools}
    for name, low in least.items():
        if getattr(setup, name) < low:
            raise InputError(name, getattr(setup, name), f"at least {low}")
    if setup.dyads and setup.dyads[0] < 4:
        raise InputError("dyads", setup.dyads[0], "at least 4 dyads")
    if setup.seed < 0:
        raise InputError("seed", setup.seed, "0 or more")


def _check_numbers(setup: PowerSetup) -> None:
    """Refuse shares, levels and times out of their range."""
    for name, low, high in (("wanted", 0, 1), ("alpha", 0, 1), ("effect_r", -1, 1)):
        if not low < getattr(setup, name) < high:
            raise InputError(name, getattr(setup, name), f"between {low} and {high}")
    if setup.alpha < 1 / (setup.draws + 1):
        expected = f"at least 1/(draws + 1) = {1 / (setup.draws + 1):g}"
        raise InputError("alpha", setup.alpha, expected, "Ask for more draws.")
    for name in ("share", "artefacts"):
        if not 0 <= getattr(setup, name) < 1:
            raise InputError(name, getattr(setup, name), "a share, 0 to under 1")
    if not 0 <= setup.therapist_share <= 1:
        raise InputError("therapist_share", setup.therapist_share, "a share, 0 to 1")
    if not -1 <= setup.emotion_effect <= 1:
        raise InputError("emotion_effect", setup.emotion_effect, "a difference of shares, -1 to 1")
    for name in ("share_spread", "session_spread", "jitter_s", "rate_per_min"):
        if not (np.isfinite(getattr(setup, name)) and getattr(setup, name) >= 0):
            raise InputError(name, getattr(setup, name), "a finite number, 0 or more")
    if not np.isfinite(setup.delay_s):
        raise InputError("delay_s", setup.delay_s, "a finite number of seconds")
    if not (np.isfinite(setup.minutes) and setup.minutes >= 2):
        raise InputError("minutes", setup.minutes, "at least 2 min")


def power_setup(given: dict[str, Any]) -> PowerSetup:
    """Make a setup of named choices; a name that is none is refused with the nearest one.

    Examples
    --------
    >>> power_setup({"share": 0.2}).share
    0.2
    """
    known = [f.name for f in fields(PowerSetup)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else ""
            raise InputError("choice", name, f"one of {known}", hint)
    return PowerSetup(**given)


def study_setup(setup: PowerSetup, pool: int, recipe: Recipe) -> StudySetup:
    """Give the made study whose dyads are a pool; each pool has a seed of its own.

    Parameters
    ----------
    setup : PowerSetup
    pool : int
        From 0.
    recipe : Recipe
        Heart beats are made where it compares heart rates.

    Returns
    -------
    StudySetup
        World ``"coupled"``, or ``"stationary"`` (nothing in common) where the share is 0.
    """
    signals = recipe.signals
    for name in signals:
        if name not in SIGNALS:
            hint = "Signals of other kinds cannot be simulated yet."
            raise InputError("signal", name, f"one of {list(SIGNALS)}", hint)
    return StudySetup(
        dyads=setup.pool_dyads,
        therapists=setup.pool_dyads // setup.dyads_per_therapist,
        minutes=setup.minutes,
        rate_hz=RATE_HZ,
        seed=int(rng_for(setup.seed, "power", pool).integers(2**31)),
        sessions_per_dyad=setup.sessions_per_dyad,
        world="coupled" if setup.share > 0 else "stationary",
        r_planted=setup.effect_r,
        delay_s=setup.delay_s,
        emotion_effect=setup.emotion_effect,
        share_median=setup.share or 0.3,
        share_spread=setup.share_spread,
        session_spread=setup.session_spread,
        therapist_share=setup.therapist_share,
        faults=False,
        heart="hr" in signals,
        rate_per_min=setup.rate_per_min,
        jitter_s=setup.jitter_s,
        lost_share=setup.artefacts,
    )


def power_recipe(recipe: Recipe, setup: PowerSetup) -> Recipe:
    """Give the recipe of the simulated studies: its first step, with fewer draws.

    Roles and session types are those of made studies; moments, which no question here needs,
    are left out by asking for endless sessions. Of the surrogates with partners only
    pseudo-dyads stay: made studies have no stimulus, and their sessions are not told apart.

    Raises
    ------
    InputError
        If no surrogate is left.
    """
    kept = [s for s in recipe.surrogates if s.name == STRANGERS or not takes_partners(s.name)]
    if not kept:
        names = [s.name for s in recipe.surrogates]
        raise InputError("surrogates", names, "pseudo_dyads, or one that draws from the pair")
    chance = [s.model_copy(update={"count": setup.draws}) for s in kept]
    changes = {
        "seed": setup.seed,
        "roles": None,
        "session_types": (),
        "synchrony": recipe.synchrony[:1],
        "surrogates": tuple(chance),
        "emotion": recipe.emotion.model_copy(update={"rotations": setup.draws_two, "coder": ""}),
        "moments": recipe.moments.model_copy(update={"min_session_s": NEVER_S}),
        "corpus": recipe.corpus.model_copy(update={"contrast": None, "derangements": setup.draws}),
    }
    return recipe.model_copy(update=changes)
