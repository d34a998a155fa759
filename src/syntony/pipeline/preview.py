"""What is shown while a session is recorded: the last minutes, by the ordinary methods.

It is preliminary: clocks are not yet fitted, artefacts not yet seen by anybody, and the band of
chance stands on few draws. Nothing of it is kept, and no leader is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from syntony.body.cardiac import MIN_ECG_HZ, find_beats
from syntony.body.eda import find_scrs
from syntony.body.features import prepare
from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.errors import InputError, SyntonyError
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.pipeline.steps import couple, couple_draws
from syntony.surrogates.shift import circular_shift

SPAN_S = 300.0
"""Seconds that a preview looks back."""

DRAWS = 40
ECG_S = 15.0
"""Seconds of the electrocardiogram in which beats are looked for."""
_LEVELS = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One person, as far as recorded.

    Attributes
    ----------
    person, role : str
    feature : Signal or None
        The feature that synchrony is taken from, on the grid; None where there is none yet.
    heart_rate : float
        Median of the last 10 s, from the electrocardiogram of the last 15 s (/min); NaN without.
    responses_s : ndarray of float64
        Onsets of skin conductance responses; empty without skin conductance.
    valid_share : float
        Share of the feature that is there.
    """

    person: str
    role: str
    feature: Signal | None = None
    heart_rate: float = float("nan")
    responses_s: Array = field(default_factory=lambda: np.empty(0))
    valid_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preview:
    """The last minutes of two people; preliminary.

    Attributes
    ----------
    people : (Seen, Seen)
    time_s : ndarray of float64, shape (n_windows,)
        Middle of each window, on the clock of the window session.
    synchrony : ndarray of float64, shape (n_windows,)
        Value of the first step of the recipe at the same instant; NaN where it has none.
    band : (float, float)
        Where 95 of 100 windows lie when the second person's course is turned against itself;
        NaN while there is too little to turn.
    draws : int
        Of how many turns the band is made.
    method : str
    why : str
        Why there is no synchrony yet.
    """

    people: tuple[Seen, Seen]
    time_s: Array
    synchrony: Array
    band: tuple[float, float]
    draws: int
    method: str
    why: str = ""


def preview(
    window: Session, people: tuple[Person, Person], recipe: Recipe, *, draws: int = DRAWS
) -> Preview:
    """Look at the last minutes of a session that is being recorded.

    Parameters
    ----------
    window : Session
        What was recorded last, some minutes of it.
    people : (Person, Person)
    recipe : Recipe
        Its signal, its cleaning and its first step of synchrony are used.
    draws : int
        Turns of the second person's course for the band of chance.

    Returns
    -------
    Preview
        Where something is not there yet, ``why`` says what.

    Examples
    --------
    >>> people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    >>> soon = preview(Session(id="now", people=people), people, Recipe())
    >>> soon.synchrony.size, bool(soon.why)
    (0, True)
    """
    step = recipe.synchrony[0]
    try:
        ready = prepare(window, people, recipe.signal, recipe.body)
    except SyntonyError as error:
        return _nothing(window, people, recipe, step.method, str(error))
    x, y = ready.first.values, ready.second.values
    seen = (
        _seen(window, people[0], recipe, ready.first),
        _seen(window, people[1], recipe, ready.second),
    )
    try:
        coupling = couple(step, x, y, ready.first.rate_hz)
        course = coupling.over_time()
    except InputError as error:
        length_s = x.size / ready.first.rate_hz
        short = f"{length_s:.0f} s are too few for a window of this method"
        why = short if error.field == "window_s" else str(error)
        return _nothing(window, people, recipe, step.method, why, seen)
    if course is None:
        why = f"{step.method} gives one number for a session, nothing over time"
        return _nothing(window, people, recipe, step.method, why, seen)
    turned = _turned(recipe, ready.first, ready.second, draws)
    there = turned[np.isfinite(turned)]
    band = np.quantile(there, _LEVELS) if there.size else (np.nan, np.nan)
    return Preview(
        people=seen,
        time_s=coupling.coords["time"] + ready.first.start_s,
        synchrony=course,
        band=(float(band[0]), float(band[1])),
        draws=len(turned),
        method=step.method,
    )


def _turned(recipe: Recipe, first: Signal, second: Signal, draws: int) -> Array:
    """Courses beside the second person's turned against itself, one a row."""
    step, rng = recipe.synchrony[0], rng_for(recipe.seed, "preview", f"{second.start_s:g}")
    try:
        ys = np.array(
            [circular_shift(second.values, rng, rate_hz=second.rate_hz) for _ in range(draws)]
        )
        drawn = couple_draws(step, first.values, ys, first.rate_hz)
        if drawn is not None:
            return drawn.over_time()
        rows = [couple(step, first.values, y, first.rate_hz).over_time() for y in ys]
    except InputError:  # too short to be turned
        return np.empty((0, 0))
    return np.array([course for course in rows if course is not None])


def _seen(window: Session, person: Person, recipe: Recipe, feature: Signal | None) -> Seen:
    """What can be told of one person alone."""
    responses = np.empty(0)
    if feature is not None and feature.kind.startswith("eda") and feature.unit == "uS":
        responses = find_scrs(feature, recipe.body.eda.scr_threshold_us).onsets_s
    return Seen(
        person=person.id,
        role=person.role,
        feature=feature,
        heart_rate=_heart_rate(window, person),
        responses_s=responses,
        valid_share=0.0 if feature is None else feature.valid_share,
    )


def _heart_rate(window: Session, person: Person) -> float:
    """Median rate of the last beats, sent or found in the electrocardiogram; NaN without."""
    for beats in window.events:
        if beats.person == person.id and beats.kind == "rr" and beats.values is not None:
            last = beats.values[beats.times_s >= beats.times_s[-1:].max(initial=0.0) - 10.0]
            last = last[np.isfinite(last) & (last > 0)]
            if last.size:
                return float(60_000.0 / np.median(last))
    for ecg in window.signals:
        if ecg.person == person.id and ecg.kind == "ecg" and ecg.rate_hz >= MIN_ECG_HZ:
            last = find_beats(ecg.between(ecg.stop_s - ECG_S, ecg.stop_s))[0].values
            last = last[np.isfinite(last)] if last is not None else np.empty(0)
            if last.size:
                return float(60_000.0 / np.median(last))
    rates = [s for s in window.signals if s.person == person.id and s.kind == "hr"]
    for rate in rates:
        last = rate.values[-max(1, round(10 * rate.rate_hz)) :]
        if np.isfinite(last).any():
            return float(np.nanmedian(last))
    return float("nan")


def _nothing(
    window: Session,
    people: tuple[Person, Person],
    recipe: Recipe,
    method: str,
    why: str,
    seen: tuple[Seen, Seen] | None = None,
) -> Preview:
    """A preview without synchrony, and why."""
    alone = seen or (
        _seen(window, people[0], recipe, None),
        _seen(window, people[1], recipe, None),
    )
    return Preview(
        people=alone,
        time_s=np.empty(0),
        synchrony=np.empty(0),
        band=(float("nan"), float("nan")),
        draws=0,
        method=method,
        why=why,
    )
