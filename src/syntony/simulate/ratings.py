"""Continuous ratings with a known accuracy, reaction lag and bias. Simulated, nobody rated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.rated import SELF, rating_kind
from syntony.core.seeds import rng_for
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.simulate.study import MadeStudy


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSetup:
    """What is planted in simulated ratings. Every default is a choice of ours.

    Attributes
    ----------
    accuracy : float
        Mean over dyads of Fisher z between the perceiver's rating and the target's own, at the
        perceiver's lag.
    accuracy_spread : float
        SD of that z over dyads.
    own : float
        Share of the perceiver's own state in their rating of the target (assumed similarity),
        as a correlation.
    bias, slope : float
        Mean difference perceiver less target, and SD of the perceiver's rating for one SD of
        the target's.
    perceiver_lag_s : float
        By how much the perceiver's rating is later than the target's own.
    reaction_lag_s : float
        By how much the self-ratings are later than what was felt; the perceiver's rating is
        later by both lags together.
    shared : float
        Correlation of the two people's felt states.
    memory_s : float
        Time in which a felt state forgets itself (first-order memory, smoothed over 4 s).
    rate_hz : float
        Of the dials.
    middle, sd : float
        Level and SD of a rating on its scale.
    what : str
    missing : float
        Share of each rating that is lost in stretches of about 10 s.
    """

    accuracy: float = 0.6
    accuracy_spread: float = 0.2
    own: float = 0.2
    bias: float = -0.3
    slope: float = 0.8
    perceiver_lag_s: float = 1.0
    reaction_lag_s: float = 2.0
    shared: float = 0.0
    memory_s: float = 12.0
    rate_hz: float = 2.0
    middle: float = 5.0
    sd: float = 1.5
    what: str = "valence"
    missing: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rate_hz", "memory_s", "sd", "slope"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InputError(name, getattr(self, name), "a finite number above 0")
        if not 0 <= self.missing < 1:
            raise InputError("missing", self.missing, "a share, 0 to under 1")
        if not -1 < self.shared < 1:
            raise InputError("shared", self.shared, "a correlation inside -1 to 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadeRatings:
    """Four ratings of one session at ``rate_hz``, each shape (n_samples,).

    ``target`` and ``own`` are self-ratings of target and perceiver; ``perceived`` is the
    perceiver's rating of the target; ``felt`` is what the target felt, nobody's rating.
    """

    felt: Array
    target: Array
    own: Array
    perceived: Array


def slow_noise(rng: np.random.Generator, count: int, *, rate_hz: float, memory_s: float) -> Array:
    """A smooth random course with mean 0 and SD 1 in the long run.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Samples.
    rate_hz, memory_s : float
        First-order autoregression with this time constant, then a moving average over 4 s.

    Returns
    -------
    ndarray of float64, shape (count,)

    Examples
    --------
    >>> x = slow_noise(np.random.default_rng(1), 40000, rate_hz=1.0, memory_s=10.0)
    >>> abs(float(x.std()) - 1) < 0.1
    True
    """
    from scipy.signal import lfilter

    width = max(1, round(4.0 * rate_hz))
    decay = float(np.exp(-1.0 / (rate_hz * memory_s)))
    n = count + width - 1
    start = rng.standard_normal()
    steps = np.sqrt(1.0 - decay**2) * rng.standard_normal(n)
    steps[0] = start
    walk = lfilter([1.0], [1.0, -decay], steps)
    smooth = np.convolve(walk, np.full(width, 1.0 / width), mode="valid")
    apart = np.arange(1, width)
    variance = (width + 2 * float(((width - apart) * decay**apart).sum())) / width**2
    out: Array = smooth / np.sqrt(variance)
    return out


def make_ratings(
    rng: np.random.Generator, setup: RatingSetup, *, accuracy: float, duration_s: float
) -> MadeRatings:
    """Make the ratings of one session.

    Parameters
    ----------
    rng : numpy.random.Generator
    setup : RatingSetup
    accuracy : float
        Fisher z of this session: the correlation of perceived and target in the long run is
        its hyperbolic tangent, the share of the own state included.
    duration_s : float

    Raises
    ------
    InputError
        If accuracy and own state together leave no room.
    """
    rho = float(np.tanh(accuracy))
    # partial weights of truth and own state that give correlations rho and own
    # (own state and truth correlate by ``shared``)
    left = np.array([[1.0, setup.shared], [setup.shared, 1.0]])
    wanted_own = setup.own + setup.shared * rho
    weights = np.linalg.solve(left, np.array([rho, wanted_own]))
    explained = float(weights @ np.array([rho, wanted_own]))
    if not explained < 1.0:
        raise InputError(
            "accuracy, own", (rho, setup.own), "correlations that leave room for noise"
        )
    reaction, lag = (
        round(s * setup.rate_hz) for s in (setup.reaction_lag_s, setup.perceiver_lag_s)
    )
    count = round(duration_s * setup.rate_hz)
    spare = abs(reaction) + abs(lag)
    felt, other, noise = (
        slow_noise(rng, count + 2 * spare, rate_hz=setup.rate_hz, memory_s=setup.memory_s)
        for _ in range(3)
    )
    own = setup.shared * felt + np.sqrt(1 - setup.shared**2) * other
    guess = weights[0] * felt + weights[1] * own + np.sqrt(1 - explained) * noise

    def later(course: Array, by: int) -> Array:
        return course[spare - by : spare - by + count]

    return MadeRatings(
        felt=setup.middle + setup.sd * later(felt, 0),
        target=setup.middle + setup.sd * later(felt, reaction),
        own=setup.middle + setup.sd * later(own, reaction),
        perceived=setup.middle + setup.bias + setup.slope * setup.sd * later(guess, reaction + lag),
    )


def rate_session(
    session: Session, setup: RatingSetup, *, seed: int, duration_s: float
) -> tuple[Session, dict[str, Any]]:
    """Give a session its ratings: the second person perceives the first; both rate themselves.

    Parameters
    ----------
    session : Session
    setup : RatingSetup
    seed : int
    duration_s : float
        Ratings run from 0 to here, as they do when a video is rated.

    Returns
    -------
    Session
        With three signals more.
    dict
        ``accuracy_z``: Fisher z planted in it.
    """
    target, perceiver = session.people[:2]
    own = rng_for(seed, "ratings", session.dyad).standard_normal()
    accuracy = setup.accuracy + setup.accuracy_spread * float(own)
    rng = rng_for(seed, "ratings", session.id, "courses")
    made = make_ratings(rng, setup, accuracy=accuracy, duration_s=duration_s)
    told = (
        (target.id, SELF, made.target),
        (perceiver.id, SELF, made.own),
        (target.id, perceiver.role, made.perceived),
    )
    signals = [
        Signal(
            values=_with_gaps(values, setup, rng),
            rate_hz=setup.rate_hz,
            start_s=0.0,
            unit="1",
            kind=rating_kind(setup.what, rater),
            person=about,
        )
        for about, rater, values in told
    ]
    return replace(session, signals=(*session.signals, *signals)), {"accuracy_z": accuracy}


def _with_gaps(values: Array, setup: RatingSetup, rng: np.random.Generator) -> Array:
    """Lose stretches of about 10 s, ``missing`` of the whole."""
    if not setup.missing:
        return values
    length = max(1, round(10.0 * setup.rate_hz))
    count = round(setup.missing * values.size / length)
    out = values.copy()
    for at in rng.integers(0, max(1, values.size - length), size=count).tolist():
        out[at : at + length] = np.nan
    return out


def rate_study(made: MadeStudy, setup: RatingSetup | None = None) -> MadeStudy:
    """Give every session of a made study its ratings.

    Parameters
    ----------
    made : MadeStudy
    setup : RatingSetup, optional

    Returns
    -------
    MadeStudy
        ``truth["ratings"]`` holds what was planted, each row of ``truth["sessions"]`` its
        ``accuracy_z``.

    Examples
    --------
    >>> from syntony.simulate.session import StudySetup
    >>> from syntony.simulate.study import make_study
    >>> study = rate_study(make_study(StudySetup(dyads=2, minutes=1.0, rate_hz=4.0, seed=1)))
    >>> [s.kind for s in study.sessions[0].signals][2:]
    ['valence_by_self', 'valence_by_self', 'valence_by_therapist']
    """
    setup = setup or RatingSetup()
    duration_s = made.setup.minutes * 60.0
    done = [
        rate_session(s, setup, seed=made.setup.seed, duration_s=duration_s) for s in made.sessions
    ]
    rows = [row | more for row, (_, more) in zip(made.truth["sessions"], done, strict=True)]
    truth: Mapping[str, Any] = {**made.truth, "ratings": asdict(setup), "sessions": rows}
    return MadeStudy(sessions=tuple(s for s, _ in done), truth=truth, setup=made.setup)
