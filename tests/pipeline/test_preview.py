from dataclasses import replace

import numpy as np
import pytest

from syntony.config import Recipe
from syntony.core.events import Events
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.pipeline.preview import preview
from syntony.pipeline.steps import couple
from syntony.simulate.dyad import PairSetup, make_pair

PEOPLE = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))


def made(share, *, seconds=300.0, rate_hz=32.0, number=1):
    pair = make_pair(
        rng_for(number, "preview"), PairSetup(duration_s=seconds, rate_hz=rate_hz, share=share)
    )
    signals = tuple(replace(s, person=p.id) for s, p in zip(pair.signals, PEOPLE, strict=True))
    return Session(id="now", people=PEOPLE, signals=signals)


def test_it_is_what_the_ordinary_methods_give():
    window, recipe = made(0.6), Recipe()
    shown = preview(window, PEOPLE, recipe)
    first, second = (s.feature for s in shown.people)
    coupling = couple(recipe.synchrony[0], first.values, second.values, first.rate_hz)
    np.testing.assert_array_equal(shown.synchrony, coupling.over_time())
    np.testing.assert_array_equal(shown.time_s, coupling.coords["time"] + first.start_s)
    assert shown.method == "marci"
    assert shown.why == ""
    assert shown.people[0].responses_s.size > 3
    assert shown.people[0].valid_share > 0.9


def test_the_band_holds_most_of_strangers_and_little_of_a_pair_that_moves_as_one():
    outside = []
    for number in range(12):
        shown = preview(made(0.0, number=number), PEOPLE, Recipe())
        low, high = shown.band
        assert shown.draws == 40
        outside.append(np.mean((shown.synchrony < low) | (shown.synchrony > high)))
    assert 0.0 < np.mean(outside) < 0.12
    same = made(0.0)
    twins = (same.signals[0], replace(same.signals[0], person="T01"))
    noise = 0.001 * np.random.default_rng(1).standard_normal(twins[1].values.size)
    twins = (twins[0], replace(twins[1], values=twins[1].values + noise))
    shown = preview(replace(same, signals=twins), PEOPLE, Recipe())
    assert np.nanmean(shown.synchrony > shown.band[1]) > 0.5


def test_the_same_window_is_seen_the_same_twice():
    window = made(0.3)
    one, other = (preview(window, PEOPLE, Recipe()) for _ in range(2))
    assert one.band == other.band


def test_what_is_missing_is_missing():
    window = made(0.3)
    values = window.signals[0].values.copy()
    values[3000:5000] = np.nan
    holed = replace(window, signals=(replace(window.signals[0], values=values), window.signals[1]))
    shown = preview(holed, PEOPLE, Recipe())
    assert np.isnan(shown.synchrony).any()
    assert shown.people[0].valid_share < 0.85


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.0, "."), (12.0, "."), (100.0, "")], ids=["begun", "short", "no band"]
)
def test_at_the_beginning_it_says_what_it_waits_for(seconds, words):
    window = made(0.3)
    early = tuple(s.between(0.0, seconds) for s in window.signals)
    shown = preview(replace(window, signals=early), PEOPLE, Recipe())
    assert (shown.synchrony.size == 0) == bool(words)
    assert bool(shown.why) == bool(words)
    if not words:
        assert np.isnan(shown.band).all()
        assert shown.draws == 0


def test_one_person_without_a_sensor_does_not_hide_the_other():
    window = made(0.3)
    beats = Events(
        times_s=np.arange(1, 60.0), values=np.full(59, 750.0), unit="ms", kind="rr", person="T01"
    )
    alone = replace(window, signals=window.signals[:1], events=(beats,))
    shown = preview(alone, PEOPLE, Recipe())
    assert "T01" in shown.why or "therapist" in shown.why
    assert shown.people[1].heart_rate == pytest.approx(80.0)
    assert np.isnan(shown.people[0].heart_rate)


def test_heart_rate_of_a_strap_that_sends_it():
    strap = Signal(
        values=np.r_[np.full(50, 90.0), np.full(10, 70.0)],
        rate_hz=1.0,
        start_s=0.0,
        unit="/min",
        kind="hr",
        person="P01",
    )
    shown = preview(Session(id="now", people=PEOPLE, signals=(strap,)), PEOPLE, Recipe())
    assert shown.people[0].heart_rate == 70.0


def test_a_method_without_a_course_says_so():
    recipe = Recipe.model_validate({"synchrony": [{"method": "granger"}]})
    shown = preview(made(0.3), PEOPLE, recipe)
    assert "over time" in shown.why
    assert shown.people[0].feature is not None


def test_heart_rate_is_found_in_an_electrocardiogram():
    rate_hz, n = 250.0, 60 * 250
    ecg = 0.02 * np.random.default_rng(2).standard_normal(n)
    for at in np.arange(0.4, 59.5, 60 / 72):  # 72 a minute
        first = int(at * rate_hz)
        ecg[first : first + 20] += np.hanning(20)
    heart = Signal(values=ecg, rate_hz=rate_hz, start_s=0.0, unit="mV", kind="ecg", person="P01")
    window = made(0.3, seconds=60.0)
    shown = preview(replace(window, signals=(*window.signals, heart)), PEOPLE, Recipe())
    assert shown.people[0].heart_rate == pytest.approx(72.0, abs=1.0)
    assert np.isnan(shown.people[1].heart_rate)
