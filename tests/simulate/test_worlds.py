from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference.marci_simple import ssi

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, coincidences, make_pair
from syntony.simulate.worlds import (
    WORLDS,
    activity_of_minutes,
    in_world,
    shared_shape,
    stretches_missing,
    world,
)

UNCOUPLED = [w for w in WORLDS.values() if not w.is_coupled]
PLANTED = PairSetup(duration_s=3000.0, rate_hz=4.0, share=0.4, delay_s=2.0)


def pairs(entry, count, setup=PLANTED):
    for i in range(count):
        rng = rng_for(11, entry.name, i)
        yield make_pair(rng, entry.change(rng, setup))


def excess(pair, delay_s):
    """Coincidences at a delay less those expected from 8 to 15 s to either side."""
    a, b = (e.times_s for e in pair.events)
    beside = [
        coincidences(a, b, within_s=1.0, delay_s=delay_s + side * far)
        for side in (-1, 1)
        for far in (8, 10, 12, 14)
    ]
    return coincidences(a, b, within_s=1.0, delay_s=delay_s) - np.mean(beside)


def test_the_list_is_whole():
    assert list(WORLDS) == [
        "coupled",
        "stationary",
        "shared_shape",
        "shared_activity",
        "own_minutes",
        "one_flat",
        "unequal_noise",
        "gaps",
    ]
    assert [w.name for w in UNCOUPLED] == list(WORLDS)[1:]
    assert all(w.name == key and w.sentence.endswith(".") for key, w in WORLDS.items())


@pytest.mark.parametrize("entry", UNCOUPLED, ids=lambda w: w.name)
def test_uncoupled_worlds_hold_no_common_responses(entry):
    found = list(pairs(entry, 60))
    assert all(p.common_s.size == 0 for p in found)
    for delay_s in (0.0, 2.0):
        over = np.array([excess(p, delay_s) for p in found])
        assert abs(over.mean()) < 3.5 * over.std() / np.sqrt(over.size)


def test_the_coupled_world_does():
    over = np.array([excess(p, 2.0) for p in pairs(WORLDS["coupled"], 10)])
    assert over.mean() > 50


def test_shared_shape_is_that_of_the_science_notes():
    curve = shared_shape(1800.0)
    t = np.arange(1800)
    assert_allclose(curve, 3 * np.exp(-t / 300) + 1.5 * np.exp(-(1800 - t) / 200))
    mean = np.mean([p.signals[0].values for p in pairs(WORLDS["shared_shape"], 60)], axis=0)
    assert_allclose(mean[0] - mean[4000:8000].mean(), 3.0, atol=0.35)
    assert_allclose(mean[-1] - mean[4000:8000].mean(), 1.5, atol=0.35)


def test_shared_activity_raises_both_rates_in_the_same_minutes():
    r = {}
    for name in ("stationary", "shared_activity"):
        r[name] = []
        for pair in pairs(WORLDS[name], 30):
            counts = [np.histogram(e.times_s, np.arange(0, 3001, 60))[0] for e in pair.events]
            r[name].append(np.corrcoef(*counts)[0, 1])
    assert abs(np.mean(r["stationary"])) < 0.1
    assert np.mean(r["shared_activity"]) > 0.4


@pytest.mark.parametrize(("name", "is_one"), [("shared_activity", True), ("own_minutes", False)])
def test_lively_minutes_are_those_of_the_study_or_of_the_dyad(name, is_one):
    a, b = (in_world(name, 5, ("dyad", i), PLANTED).activity for i in (1, 2))
    assert np.array_equal(a, b) == is_one
    assert not np.array_equal(a, in_world(name, 6, ("dyad", 1), PLANTED).activity)
    assert WORLDS[name].strangers_share == is_one


def test_activity_is_one_on_average_and_slow():
    made = np.array([activity_of_minutes(rng_for(12, i), 3000.0) for i in range(200)])
    assert_allclose(made.mean(), 1.0, atol=0.05)
    assert_allclose(np.log(made).std(), 0.6, rtol=0.05)
    assert np.abs(np.diff(np.log(made), axis=1)).max() < 0.06


def test_one_person_is_almost_flat_and_the_other_not():
    counts = np.array(
        [[e.times_s.size for e in p.events] for p in pairs(WORLDS["one_flat"], 20)]
    ).mean(axis=0)
    assert counts[0] > 200
    assert counts[1] < 25


def test_noise_is_unequal():
    a, b = next(pairs(WORLDS["unequal_noise"], 1)).signals
    rough = [np.diff(s.values, 2).std() for s in (a, b)]
    assert rough[1] > 3 * rough[0]


def test_gaps_are_as_many_as_said_and_lie_at_the_start():
    gone = np.array([[np.isnan(s.values) for s in p.signals] for p in pairs(WORLDS["gaps"], 100)])
    assert_allclose(gone.mean(), 0.15, atol=0.01)
    early, late = gone[..., :2400].mean(), gone[..., 2400:].mean()  # of 12,000 samples
    assert 2.0 < early / late < 3.2  # three times the stretches, some of which overlap
    one, other = gone[:, 0].mean(axis=1), gone[:, 1].mean(axis=1)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.3  # each device loses its own
    for first, second in gone[:3]:
        assert not np.array_equal(first, second)


def test_what_is_there_is_not_changed_by_gaps():
    setup = replace(PLANTED, share=0.0)
    holed = replace(setup, missing_s=(((10.0, 20.0),), ()))
    whole, lost = (make_pair(rng_for(3, "x"), s).signals for s in (setup, holed))
    assert np.isnan(lost[0].values).sum() == 40
    assert np.isnan(lost[0].values[40:80]).all()
    there = ~np.isnan(lost[0].values)
    assert np.array_equal(lost[0].values[there], whole[0].values[there])
    assert np.array_equal(lost[1].values, whole[1].values)
    with pytest.raises(InputError, match="a start before its stop"):
        replace(setup, missing_s=((), ((5.0, 5.0),)))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_the_share_missing_is_the_one_asked_for(share):
    t = np.arange(0.0, 3600.0)
    gone = np.zeros((200, t.size), dtype=bool)
    for k in range(200):
        for start, stop in stretches_missing(rng_for(4, k), 3600.0, share=share):
            gone[k] |= (t >= start) & (t < stop)
    assert_allclose(gone.mean(), share, atol=0.02)
    assert stretches_missing(rng_for(4), 3600.0, share=0.0) == ()
    with pytest.raises(InputError, match="share"):
        stretches_missing(rng_for(4), 3600.0, share=1.0)


def test_an_unknown_world_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'one_flat'"):
        world("one_flt")


@pytest.mark.slow
@pytest.mark.parametrize("entry", UNCOUPLED, ids=lambda w: w.name)
def test_the_index_is_near_its_null_in_every_uncoupled_world(entry):
    setup = replace(PLANTED)
    got = [ssi(*(s.values for s in pair.signals), 4.0) for pair in pairs(entry, 300, setup)]
    assert -0.04 < np.mean(got) < 0.12
    assert 0.13 < np.std(got) < 0.20
