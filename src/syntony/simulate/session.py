"""One session of a made study: which dyad, how coupled, what was recorded and answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.seeds import rng_for
from syntony.core.session import Clock, Person, Session, Span
from syntony.core.signal import Signal
from syntony.simulate.answers import empathy_answers
from syntony.simulate.dyad import MadePair, PairSetup, make_pair
from syntony.simulate.emotion import (
    Feelings,
    codes_from_tracks,
    emotion_tracks,
    mask_uncoded,
    share_by_emotion,
    shared_seconds,
)
from syntony.simulate.heart import rr_pair
from syntony.simulate.skin import Skin
from syntony.simulate.spoil import lose_share, spoil
from syntony.simulate.worlds import in_world, world

ROLES = ("patient", "therapist")
STATED_ERROR_S = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySetup:
    """Everything that decides a made study. The defaults are those of the demo.

    Attributes
    ----------
    dyads : int
    minutes : float
        Length of every session.
    rate_hz : float
        Samples per second of the skin conductance.
    seed : int
        Each dyad has streams of its own: it is the same whatever else is made.
    sessions_per_dyad : int
    therapists : int or None
        Number of therapists, who take the dyads in turn; None: one for each dyad. A
        therapist's skin is the same with all patients.
    world : str
        Name on the list of worlds.
    r_planted : float
        Correlation, over all dyads that could be made, of a dyad's share of common
        responses with its true empathy score. 0.47 is what the 2007 study reports for its
        *measured* index and *measured* score [1]_.
    delay_s : float
        The therapist follows by this much; negative: the patient follows. 2 s is a choice:
        late enough to have a leader, early enough for an index at lag zero to see it.
    emotion_effect : float
        Share of common responses in seconds of shared positive emotion, less that in the
        other seconds (choice).
    share_median, share_spread : float
        Median share of common responses over dyads (0.3 as in the science notes,
        appendix A), and SD of its logit (choice): two dyads in three between 0.11 and 0.59.
    session_spread : float
        SD of a session's logit share about its dyad's, and of its true score about its
        dyad's; the two are independent.
    therapist_share : float
        Share of the variance of dyads' logit shares that lies between therapists.
    clock_start_s : float
        Devices start at an even chance within this many seconds of the session's start;
        their stamps are off by SD 0.05 s, their clocks run off by SD 10 ppm (choices).
    faults : bool
        Motion, detached sensors and gaps at the rates of ``spoil``.
    heart : bool
        Also RR intervals of both, whose slow components are coupled by the same share.
    rate_per_min : float
        Median number of skin conductance responses a minute, over people.
    jitter_s : float
        SD of the delay from response to response.
    lost_share : float
        Share of each person's skin conductance that is lost in stretches of 10 to 60 s, on
        average and besides ``faults``; 0 to under 1.
    feelings : Feelings
        How emotion runs.
    stimuli : tuple of str
        Stimuli that dyads and sessions take in turns. In the world ``shared_activity`` the lively
        minutes are those of the stimulus; in other worlds it is a name only.

    Raises
    ------
    InputError
        If a number is out of its range or the world is not on the list.

    Notes
    -----
    Share and true score are joined by a normal copula: the logit of the share and the
    score are bivariate normal. As the share is a curved function of its logit, their
    correlation is set a little higher than ``r_planted`` (by ``1 / straightness``), so that
    share and score correlate with ``r_planted``. The answers follow the score with the noise
    and rounding of sixteen items: see ``answers.SCORE_VALIDITY``.

    References
    ----------
    .. [1] Marci, Ham, Moran & Orr (2007), J Nerv Ment Dis 195, 103-111: r = .47, n = 20.
       https://doi.org/10.1097/01.nmd.0000253731.71025.fc

    Examples
    --------
    >>> StudySetup(dyads=2, minutes=5.0, rate_hz=4.0, seed=1).is_coupled
    True
    """

    dyads: int
    minutes: float
    rate_hz: float
    seed: int
    sessions_per_dyad: int = 1
    therapists: int | None = None
    world: str = "coupled"
    r_planted: float = 0.47
    delay_s: float = 2.0
    emotion_effect: float = 0.3
    share_median: float = 0.3
    share_spread: float = 1.2
    session_spread: float = 0.0
    therapist_share: float = 0.0
    clock_start_s: float = 3.0
    faults: bool = True
    heart: bool = False
    rate_per_min: float = 5.0
    jitter_s: float = 0.5
    lost_share: float = 0.0
    feelings: Feelings = field(default_factory=Feelings)
    stimuli: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        world(self.world)
        for name in ("dyads", "sessions_per_dyad"):
            if getattr(self, name) < 1:
                raise InputError(name, getattr(self, name), "at least 1")
        if self.therapists is not None and self.therapists < 1:
            raise InputError("therapists", self.therapists, "at least 1, or None")
        if not (np.isfinite(self.minutes) and self.minutes * 60.0 > self.clock_start_s + 1.0):
            raise InputError("minutes", self.minutes, "longer than the devices take to start")
        if not 0 < self.share_median < 1:
            raise InputError("share_median", self.share_median, "between 0 and 1")
        if not 0 <= self.therapist_share <= 1:
            raise InputError("therapist_share", self.therapist_share, "a share, 0 to 1")
        if not 0 <= self.lost_share < 1:
            raise InputError("lost_share", self.lost_share, "a share, 0 to under 1")
        for name in ("share_spread", "session_spread", "clock_start_s", "rate_per_min", "jitter_s"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise InputError(name, getattr(self, name), "a finite number, 0 or more")
        top = straightness(self.share_median, self.share_spread)
        if not abs(self.r_planted) <= top:
            expected = f"a correlation of at most {top:.3f} either way at this spread of shares"
            raise InputError("r_planted", self.r_planted, expected)

    def stimulus_of(self, dyad: int, number: int) -> str:
        """Stimulus of a session, both counted from 1; empty where there are none.

        Examples
        --------
        >>> setup = StudySetup(dyads=2, minutes=5.0, rate_hz=4.0, seed=1, stimuli=("a", "b"))
        >>> setup.stimulus_of(1, 1), setup.stimulus_of(1, 2), setup.stimulus_of(2, 1)
        ('a', 'b', 'b')
        """
        return self.stimuli[(dyad + number) % len(self.stimuli)] if self.stimuli else ""

    @property
    def is_coupled(self) -> bool:
        """Whether anything is coupled in this world."""
        return world(self.world).is_coupled


def leader(delay_s: float) -> str:
    """Role that leads: the first where the second follows; ``"neither"`` at zero.

    Examples
    --------
    >>> leader(2.0), leader(-1.0), leader(0.0)
    ('patient', 'therapist', 'neither')
    """
    return "neither" if delay_s == 0 else ROLES[0] if delay_s > 0 else ROLES[1]


@cache
def straightness(share_median: float, share_spread: float) -> float:
    """Correlation of a share with its normally distributed logit, by quadrature.

    Parameters
    ----------
    share_median : float
        Between 0 and 1.
    share_spread : float
        SD of the logit; 0 gives 1.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> round(straightness(0.3, 0.9), 3)
    0.982
    """
    if share_spread == 0:
        return 1.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()
    share = _share(share_median, share_spread * nodes)
    centred = share - weights @ share
    return float(weights @ (centred * nodes) / np.sqrt(weights @ centred**2))


def _share(share_median: float, logit_shift: Any) -> Any:
    """Share whose logit lies ``logit_shift`` above that of the median."""
    return 1.0 / (1.0 + (1.0 - share_median) / share_median * np.exp(-logit_shift))


def make_session(setup: StudySetup, dyad: int, number: int) -> tuple[Session, dict[str, Any]]:
    """Make one session of a study, the same one that the whole study holds.

    Parameters
    ----------
    setup : StudySetup
    dyad, number : int
        From 1.

    Returns
    -------
    Session
    dict
        Its row of the truth: see ``MadeStudy``.

    Examples
    --------
    >>> from syntony.simulate.study import make_study
    >>> study = make_study(StudySetup(dyads=3, minutes=1.0, rate_hz=4.0, seed=1))
    >>> alone, _ = make_session(study.setup, 3, 1)
    >>> bool((alone.signals[0].values == study.sessions[2].signals[0].values)[:20].all())
    True
    """
    people = _people(setup, dyad)
    ids = (people[0].id, people[1].id)
    path = ("dyad", dyad, "session", number)
    duration_s = setup.minutes * 60.0
    shares, score = _planted(setup, dyad, number)
    rng = rng_for(setup.seed, *path, "emotion")
    tracks = emotion_tracks(rng, duration_s=duration_s, feelings=setup.feelings)
    seen = mask_uncoded(rng, tracks, feelings=setup.feelings)
    positive = shared_seconds(tracks)
    by_second = share_by_emotion(shares[1], positive, effect=setup.emotion_effect)
    by_second = by_second if setup.is_coupled else np.zeros_like(by_second)
    clocks = _true_clocks(rng_for(setup.seed, *path, "clocks"), setup)
    stated = (_stated(clocks[0]), _stated(clocks[1]))
    pair = _bodies(setup, path, people=ids, share=by_second, clocks=clocks)
    signals, faults = _recorded(setup, path, pair, stated)
    filled_in = rng_for(setup.seed, *path, "answers")
    session = Session(
        id=f"d{dyad:02d}s{number:02d}",
        dyad=f"d{dyad:02d}",
        type="therapy",
        number=number,
        stimulus=setup.stimulus_of(dyad, number),
        people=people,
        signals=signals,
        events=_beats(setup, path, ids, float(by_second.mean()), clocks, stated),
        clocks=dict(zip(ids, stated, strict=True)),
        spans=codes_from_tracks(seen, people=ids, duration_s=duration_s),
        answers=(empathy_answers(filled_in, score, person=ids[0], about=ids[1]),),
    )
    row = {
        "dyad_share": shares[0] if setup.is_coupled else 0.0,
        **_by_class(by_second, positive),
        "true_empathy": score,
        "common_count": len(pair.common_s),
        "faults": faults,
    }
    return session, {**_who_and_clocks(session, clocks), **row}


def _by_class(by_second: Array, positive: Bools) -> dict[str, float | None]:
    """Mean share of the session, of its shared positive seconds and of the others."""
    return {
        "share": float(by_second.mean()),
        "share_positive": float(by_second[positive].mean()) if positive.any() else None,
        "share_other": float(by_second[~positive].mean()) if not positive.all() else None,
    }


def _who_and_clocks(session: Session, clocks: tuple[Clock, Clock]) -> dict[str, Any]:
    """Who met in a session, and how the true clocks differ from the stated ones."""
    stated = [session.clocks[p.id] for p in session.people]
    return {
        "session": session.id,
        "dyad": session.dyad,
        "patient": session.people[0].id,
        "therapist": session.people[1].id,
        "clock_offset_s": [c.offset_s for c in clocks],
        "clock_drift_ppm": [c.drift_ppm for c in clocks],
        "clock_error_s": [c.offset_s - s.offset_s for c, s in zip(clocks, stated, strict=True)],
    }


def _stated(clock: Clock) -> Clock:
    """Give the clock as the device's start stamp states it: hundredths, no drift."""
    stamp_s = round(clock.offset_s - clock.error_s, 2)
    return Clock(offset_s=stamp_s, error_s=STATED_ERROR_S, source=clock.source)


def dyad_share_and_score(setup: StudySetup, dyad: int) -> tuple[float, float]:
    """Planted share of common responses of a dyad, and its true empathy score.

    Where nothing is coupled the share has no effect and the score is independent of it.

    Examples
    --------
    >>> from syntony.simulate.study import make_study
    >>> study = make_study(StudySetup(dyads=1, minutes=1.0, rate_hz=4.0, seed=1))
    >>> share, score = dyad_share_and_score(study.setup, 1)
    >>> share == study.truth["sessions"][0]["dyad_share"]
    True
    """
    logit, score = _dyad_normals(setup, dyad)
    return float(_share(setup.share_median, setup.share_spread * logit)), score


def _dyad_normals(setup: StudySetup, dyad: int) -> tuple[float, float]:
    """Draw standard normal coupling and true score of a dyad, correlated as planted."""
    own, other = rng_for(setup.seed, "dyad", dyad, "coupling").standard_normal(2)
    common = rng_for(setup.seed, "person", _therapist(setup, dyad), "coupling").standard_normal()
    part = setup.therapist_share
    logit = np.sqrt(part) * common + np.sqrt(1.0 - part) * own
    return float(logit), float(true_score(setup, logit, other))


def dyad_coupling(setup: StudySetup, dyad: int) -> float:
    """Planted coupling of a dyad as a standard normal number: the logit of its share, scaled.

    Examples
    --------
    >>> setup = StudySetup(dyads=1, minutes=1.0, rate_hz=4.0, seed=1, share_spread=0.0)
    >>> coupling = dyad_coupling(setup, 1)
    >>> round(dyad_share_and_score(setup, 1)[0], 3), coupling != 0
    (0.3, True)
    """
    return _dyad_normals(setup, dyad)[0]


def true_score(setup: StudySetup, coupling: Any, other: Any) -> Any:
    """True empathy score of a dyad, given its coupling and what else makes the score.

    Parameters
    ----------
    setup : StudySetup
    coupling, other : float or ndarray of float64
        Independent standard normal numbers.

    Returns
    -------
    float or ndarray of float64
        Standard normal; its correlation with the dyad's share is ``r_planted``.

    Examples
    --------
    >>> setup = StudySetup(dyads=1, minutes=1.0, rate_hz=4.0, seed=1, r_planted=0.0)
    >>> float(true_score(setup, 2.0, 0.5))
    0.5
    """
    r = setup.r_planted / straightness(setup.share_median, setup.share_spread)
    r = r if setup.is_coupled else 0.0
    return r * coupling + np.sqrt(1.0 - r**2) * other


def _planted(setup: StudySetup, dyad: int, number: int) -> tuple[tuple[float, float], float]:
    """Share of the dyad and of the session, and the session's true score."""
    logit, score = _dyad_normals(setup, dyad)
    rng = rng_for(setup.seed, "dyad", dyad, "session", number, "coupling")
    off, score_off = setup.session_spread * rng.standard_normal(2)
    logit *= setup.share_spread
    shares = [float(_share(setup.share_median, x)) for x in (logit, logit + off)]
    return (shares[0], shares[1]), float(score + score_off)


def _therapist(setup: StudySetup, dyad: int) -> str:
    """Id of the dyad's therapist: in turn, or one for each dyad."""
    turn = dyad if setup.therapists is None else (dyad - 1) % setup.therapists + 1
    return f"T{turn:02d}"


def _people(setup: StudySetup, dyad: int) -> tuple[Person, Person]:
    """Patient and therapist of a dyad."""
    return (
        Person(id=f"P{dyad:02d}", role=ROLES[0]),
        Person(id=_therapist(setup, dyad), role=ROLES[1]),
    )


def _skin(setup: StudySetup, person: str) -> Skin:
    """Draw a person's skin, the same in every session; the spreads are choices.

    Response rate about that of the setup (SD of the logarithm 0.15), gain about 1 (0.3), tonic
    level about 6 uS (0.3), a tenth to four tenths of the height lost by habituation.
    """
    rng = rng_for(setup.seed, "person", person, "skin")
    rate, gain, level = np.exp(rng.standard_normal(3) * [0.15, 0.3, 0.3])
    return Skin(
        rate_per_min=setup.rate_per_min * rate,
        gain=gain,
        level_us=6.0 * level,
        habituation=rng.uniform(0.1, 0.4),
    )


def _true_clocks(rng: np.random.Generator, setup: StudySetup) -> tuple[Clock, Clock]:
    """Draw the true clock of each device; ``error_s`` is how far its stamp is off."""
    made = [
        Clock(
            offset_s=float(rng.uniform(0.0, setup.clock_start_s)),
            drift_ppm=float(10.0 * rng.standard_normal()),
            error_s=float(0.05 * rng.standard_normal()) if setup.clock_start_s else 0.0,
            source="simulated start stamp",
        )
        for _ in range(2)
    ]
    return made[0], made[1]


def _bodies(
    setup: StudySetup,
    path: tuple[str | int, ...],
    *,
    people: tuple[str, str],
    share: Array,
    clocks: tuple[Clock, Clock],
) -> MadePair:
    """Make the pair's skin conductance in the study's world, on device clocks."""
    plain = PairSetup(
        duration_s=setup.minutes * 60.0,
        rate_hz=setup.rate_hz,
        people=people,
        skins=(_skin(setup, people[0]), _skin(setup, people[1])),
        share=share,
        delay_s=setup.delay_s,
        jitter_s=setup.jitter_s,
        clocks=clocks,
    )
    stimulus = setup.stimulus_of(int(path[1]), int(path[3]))
    protocol = ("stimulus", stimulus) if stimulus else ()
    changed = in_world(setup.world, setup.seed, path, plain, protocol=protocol)
    return make_pair(rng_for(setup.seed, *path, "bodies"), changed)


def _recorded(
    setup: StudySetup, path: tuple[str | int, ...], pair: MadePair, stated: tuple[Clock, ...]
) -> tuple[tuple[Signal, ...], list[dict[str, Any]]]:
    """Signals on the session clock as stated, with faults, and the list of faults."""
    signals, faults = [], []
    for signal, clock in zip(pair.signals, stated, strict=True):
        laid = replace(signal, start_s=clock.offset_s)
        if setup.faults:
            laid, spans = spoil(laid, rng_for(setup.seed, *path, "faults", signal.person))
            faults += [_fault(s) for s in spans]
        if setup.lost_share:
            rng = rng_for(setup.seed, *path, "lost", signal.person)
            laid, spans = lose_share(laid, rng, share=setup.lost_share)
            faults += [_fault(s) for s in spans]
        signals.append(laid)
    return tuple(signals), faults


def _fault(span: Span) -> dict[str, Any]:
    """Write a fault as the truth lists it."""
    place = {"start_s": span.start_s, "stop_s": span.stop_s}
    return {"person": span.person, "label": span.label} | place


def _beats(
    setup: StudySetup,
    path: tuple[str | int, ...],
    people: tuple[str, str],
    share: float,
    clocks: tuple[Clock, Clock],
    stated: tuple[Clock, ...],
) -> tuple[Events, ...]:
    """RR intervals of both on the session clock as stated, or nothing."""
    if not setup.heart:
        return ()
    made = rr_pair(
        rng_for(setup.seed, *path, "heart"),
        duration_s=setup.minutes * 60.0,
        people=people,
        share=share,
        delay_s=setup.delay_s if setup.is_coupled else 0.0,
    )
    laid = []
    for beats, clock, given in zip(made, clocks, stated, strict=True):
        device_s = (beats.times_s - clock.offset_s) / (1.0 + clock.drift_ppm * 1e-6)
        seen = device_s >= 0
        values = None if beats.values is None else beats.values[seen]
        laid.append(replace(beats, times_s=device_s[seen] + given.offset_s, values=values))
    return tuple(laid)
