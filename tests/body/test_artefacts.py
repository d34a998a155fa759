import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import body as reference

from syntony.body.artefacts import KINDS, classify, correct_beats
from syntony.core.errors import InputError
from syntony.core.events import Events


def rhythm(n, seed=0, mean=0.85):
    """Intervals (s) of a heart that breathes: slow waves and noise."""
    rng = np.random.default_rng(seed)
    k = np.arange(n)
    waves = 0.05 * np.sin(k * 2 * np.pi / 4.3 + seed) + 0.01 * np.sin(k * 2 * np.pi / 23)
    return mean + waves + rng.uniform(-0.005, 0.005, n)


def events(times, opening=True):
    values = np.diff(1000 * times, prepend=np.nan)
    if opening:
        values[0] = 1000 * times[0]
    return Events(times_s=times, values=values, unit="ms", kind="rr", person="P01")


@settings(deadline=None, max_examples=30)
@given(st.integers(12, 140), st.integers(0, 10**6), st.integers(0, 12))
def test_classes_match_the_definition(n, seed, faults):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rhythm(n, seed))
    for at in rng.integers(1, n - 1, faults):
        times[at] += rng.uniform(-0.4, 0.4)
    times = np.unique(np.append(times, times[rng.integers(0, n, faults // 3)] + 0.2))
    got = classify(times)
    assert_array_equal(got, reference.lipponen(times))


def test_a_clean_rhythm_is_left_alone():
    times = np.cumsum(rhythm(400))
    beats, counts = correct_beats(events(times))
    assert sum(counts.values()) == 0
    assert_array_equal(beats.times_s, times)


def test_a_missed_beat_is_put_in_the_middle():
    times = np.cumsum(rhythm(300, 1))
    beats, counts = correct_beats(events(np.delete(times, 150)))
    assert {k: v for k, v in counts.items() if v} == {"missed": 1}
    assert beats.times_s.size == times.size
    assert_allclose(beats.times_s[150], (times[149] + times[151]) / 2)
    assert_allclose(beats.values[1:], np.diff(1000 * beats.times_s))


def test_an_extra_beat_is_taken_out():
    times = np.cumsum(rhythm(300, 2))
    false = np.sort(np.append(times, times[100] + 0.3))
    beats, counts = correct_beats(events(false))
    assert counts["extra"] == 1
    assert counts["long-short"] <= 1  # the method also moves a neighbour now and then
    assert_allclose(beats.times_s, times, atol=0.08)


def test_an_ectopic_beat_is_moved_to_the_middle():
    times = np.cumsum(rhythm(300, 3))
    early = times.copy()
    early[200] -= 0.3  # premature, with a compensating pause
    beats, counts = correct_beats(events(early))
    assert counts["ectopic"] == 1
    assert sum(counts.values()) <= 3
    assert abs(beats.times_s[200] - times[200]) < 0.08


def test_each_beat_is_counted_once():
    rng = np.random.default_rng(4)
    times = np.cumsum(rhythm(500, 4))
    bad = rng.choice(np.arange(20, 480), 40, replace=False)
    times[bad] += rng.choice([-0.3, 0.3], 40)
    beats, counts = correct_beats(events(np.sort(times)))
    changed = np.count_nonzero(~np.isin(beats.times_s, times))
    assert sum(counts[k] for k in KINDS if k != "extra") == changed
    assert changed >= 35


@pytest.mark.parametrize("unit", ["ms", "s"])
def test_nothing_is_corrected_across_a_gap(unit):
    first = np.cumsum(rhythm(100, 5))
    second = np.cumsum(rhythm(100, 6)) + first[-1] + 60.0
    values = np.concatenate((np.diff(first, prepend=np.nan), np.diff(second, prepend=np.nan))) * (
        1000 if unit == "ms" else 1
    )
    both = Events(
        times_s=np.append(first, second), values=values, unit=unit, kind="rr", person="P01"
    )
    beats, counts = correct_beats(both)
    assert sum(counts.values()) == 0
    assert beats.unit == "ms"
    assert np.isnan(beats.values[[0, 100]]).all()
    assert_allclose(beats.times_s, both.times_s)


def test_the_beats_of_one_stretch_do_not_depend_on_another():
    rng = np.random.default_rng(7)
    times = np.cumsum(rhythm(200, 7))
    times[rng.integers(10, 190, 8)] += 0.3
    times = np.sort(times)
    alone, counts = correct_beats(events(times, opening=False))
    other = np.cumsum(rhythm(80, 8, mean=0.6)) + times[-1] + 10
    joint = Events(
        times_s=np.append(times, other),
        values=np.append(
            np.diff(1000 * times, prepend=np.nan), np.diff(1000 * other, prepend=np.nan)
        ),
        unit="ms",
        kind="rr",
        person="P01",
    )
    both, joint_counts = correct_beats(joint)
    assert counts == joint_counts
    assert_array_equal(both.times_s[: alone.times_s.size], alone.times_s)


def test_a_long_interval_is_a_gap_and_stays_as_it_was():
    rr = rhythm(100, 9)
    rr[50] = 6.854
    times = np.cumsum(rr)
    beats, counts = correct_beats(events(times))
    assert sum(counts.values()) == 0
    assert_allclose(beats.values[50], 6854.0)


def test_short_stretches_are_left_and_said():
    times = np.cumsum(rhythm(8, 10))
    times[4] += 0.3
    beats, counts = correct_beats(events(times))
    assert counts["unjudged"] == 8
    assert_array_equal(beats.times_s, times)


def test_a_metronome_is_not_judged():
    beats, counts = correct_beats(events(np.arange(1, 100) * 0.8))
    assert sum(counts.values()) == 0
    assert beats.times_s.size == 99


def test_beats_without_intervals_are_refused():
    with pytest.raises(InputError, match="intervals in ms or s"):
        correct_beats(Events(times_s=[1.0, 2.0], kind="rr", person="P01"))


def test_no_beats_at_all():
    beats, counts = correct_beats(Events(times_s=[], values=[], unit="ms", kind="rr", person="P01"))
    assert beats.times_s.size == 0
    assert sum(counts.values()) == 0
