"""Responses at random times and intervals in random order: what is kept, what moves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest, chisquare
from surrogates.worlds import conductance, mean_lagged, shared_course, shared_pace

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates import events as room
from syntony.surrogates.decision import p_values
from syntony.surrogates.events import event_shuffle, interval_shuffle
from syntony.surrogates.registry import get

RATE = 4.0
NAMES = ("event_shuffle", "interval_shuffle")
BUMP = np.concatenate([np.linspace(0, 1, 6), np.linspace(1, 0, 16)[1:]])  # 20 steps, zero at both


def staircase(onsets, heights, n=4800, level=2.0):
    """Responses of one shape and known heights on a flat level, none overlapping."""
    y = np.full(n, level)
    for onset, height in zip(onsets, heights, strict=True):
        y[onset : onset + BUMP.size] += height * BUMP
    return y


def example(seed=1, count=30, n=4800):
    rng = np.random.default_rng(seed)
    onsets = np.sort(rng.choice(n // 40 - 1, count, replace=False)) * 40 + rng.integers(
        3, 12, count
    )
    return onsets, rng.uniform(0.1, 1.0, count)


def found(y):
    """Onset and peak of every response, also of one that begins with the signal."""
    return room._responses(np.r_[y[0], y], RATE, 0.05)[:, :2] - 1


def sizes(y):
    at = found(y)
    return y[at[:, 1]] - y[np.maximum(at[:, 0], 0)]


@pytest.mark.parametrize("name", NAMES)
def test_count_and_shapes_stay_and_times_do_not(name):
    onsets, heights = example()
    y = staircase(onsets, heights)
    drawn = get(name).draw(y, np.random.default_rng(2), rate_hz=RATE)
    assert_allclose(np.sort(sizes(drawn)), np.sort(heights))
    moved = found(drawn)[:, 0]
    assert np.isin(moved, onsets).mean() < 0.5
    assert_allclose(drawn.sum(), y.sum())
    assert_allclose(drawn.min(), 2.0)
    assert np.abs(np.diff(drawn)).max() <= np.abs(np.diff(y)).max() + 1e-12  # no jump


def test_event_shuffle_draws_new_waits_and_interval_shuffle_keeps_them():
    onsets, heights = example(count=40)
    y = staircase(onsets, heights)
    waits = np.sort(np.diff(onsets))
    kept = interval_shuffle(y, np.random.default_rng(3), rate_hz=RATE)
    new = event_shuffle(y, np.random.default_rng(3), rate_hz=RATE)
    after_kept, after_new = (
        np.sort(np.diff(room._responses(v, RATE, 0.05)[:, 0])) for v in (kept, new)
    )
    # the piece before the first onset and the one after the last move too: they join a wait
    assert np.isin(after_kept, waits).sum() >= waits.size - 2
    assert not np.array_equal(after_new, waits)


def test_the_slow_level_stays_at_its_true_time():
    onsets, heights = example()
    slow = 3 * np.exp(-np.arange(4800) / 1200)
    y = staircase(onsets, heights) + slow
    for name in NAMES:
        drawn = get(name).draw(y, np.random.default_rng(4), rate_hz=RATE)
        rest = drawn - slow
        low = [rest[k : k + 240].min() for k in range(0, 4800, 240)]
        assert np.abs(np.array(low) - 2.0).max() < 0.2, name


@pytest.mark.parametrize("name", NAMES)
def test_gaps_stay_where_they_are_and_nothing_is_lost(name):
    onsets, heights = example()
    y = staircase(onsets, heights)
    y[1000:1100] = y[2000:2050] = y[:7] = y[-3:] = np.nan
    drawn = get(name).draw(y, np.random.default_rng(5), rate_hz=RATE)
    assert_array_equal(np.isnan(drawn), np.isnan(y))
    assert_allclose(np.nansum(drawn), np.nansum(y))
    assert np.nanmax(np.abs(np.diff(drawn))) <= np.nanmax(np.abs(np.diff(y))) + 1e-9


def test_a_response_is_as_likely_to_begin_at_any_time():
    y = staircase(np.arange(40, 4800, 440), np.full(11, 0.5))
    starts = [
        room._responses(event_shuffle(y, np.random.default_rng(k), rate_hz=RATE), RATE, 0.05)[:, 0]
        for k in range(400)
    ]
    counts = np.histogram(np.concatenate(starts), bins=10, range=(0, 4780))[0]
    assert chisquare(counts).pvalue > 0.001, counts


@pytest.mark.parametrize("name", NAMES)
def test_every_order_of_the_responses_is_equally_likely(name):
    """The tallest of eleven responses: which place in the row does it take?"""
    heights = np.r_[1.0, np.full(10, 0.5)]
    y = staircase(np.arange(40, 4800, 440)[:11], heights)
    places = np.zeros(11)
    for k in range(660):
        drawn = get(name).draw(y, np.random.default_rng(k), rate_hz=RATE)
        places[int(np.argmax(sizes(drawn)))] += 1
    assert chisquare(places).pvalue > 0.001, places


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_draw_and_says_how_many_responses(name):
    y = staircase(*example())
    one, same = (get(name).draw(y, rng_for(1, name), rate_hz=RATE) for _ in range(2))
    assert_array_equal(one, same)
    told = get(name).told(y, rng_for(1, name), rate_hz=RATE)
    assert_array_equal(told.values, one)
    assert told.facts == {"response_count": 30.0}
    facts = {k: np.array([v, v]) for k, v in told.facts.items()}
    assert get(name).say(facts) == "30 responses of the second person were shuffled."


@pytest.mark.parametrize("name", NAMES)
def test_too_few_responses_are_refused_with_their_number(name):
    y = staircase(*example(count=9))
    with pytest.raises(InputError, match=r"9 responses of at least 0\.05 uS"):
        get(name).draw(y, np.random.default_rng(0), rate_hz=RATE)
    with pytest.raises(InputError, match="0 responses"):
        get(name).draw(np.arange(4800.0), np.random.default_rng(0), rate_hz=RATE)
    with pytest.raises(InputError, match="threshold_us"):
        get(name).draw(y, np.random.default_rng(0), rate_hz=RATE, threshold_us=0.0)
    with pytest.raises(InputError, match="one value"):
        get(name).draw(np.ones(4800), np.random.default_rng(0), rate_hz=RATE)


def called_synchronous(name, pairs, draws, world, seed=43):
    """Of so many pairs of strangers, how many have a p of at most .05."""
    hits = 0
    for i in range(pairs):
        rng = rng_for(seed, "pace" if world == "pace" else "conductance", i)
        more = {"per_minute": shared_pace()} if world == "pace" else {}
        x, y = (
            conductance(rng, **more) + (shared_course() if world == "course" else 0.0)
            for _ in range(2)
        )
        stream = rng_for(seed, "draws", i, name, {"course": 1, "": 0}.get(world, world))
        null = [mean_lagged(x, get(name).draw(y, stream, rate_hz=RATE)) for _ in range(draws)]
        hits += bool(p_values(mean_lagged(x, y), null)[0] <= 0.05)
    return hits


@pytest.mark.parametrize("name", NAMES)
def test_strangers_are_rarely_called_synchronous(name):
    hits = called_synchronous(name, 40, 19, "")
    assert binomtest(hits, 40, 0.05).pvalue > 0.001, f"{hits} of 40"


@pytest.mark.parametrize("name", NAMES)
def test_responses_at_the_same_times_are_found(name):
    onsets, heights = example(count=40)
    rng = np.random.default_rng(6)
    x = staircase(onsets, rng.uniform(0.1, 1.0, 40)) + 0.002 * rng.standard_normal(4800)
    y = staircase(onsets + 2, heights) + 0.002 * rng.standard_normal(4800)
    null = [mean_lagged(x, get(name).draw(y, rng, rate_hz=RATE)) for _ in range(39)]
    assert p_values(mean_lagged(x, y), null)[0] == 1 / 40


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_strangers_pass_as_often_as_the_pitfall_says(name):
    pairs = 306
    hits = {w: called_synchronous(name, pairs, 99, w) for w in ("", "course", "pace")}
    pitfall = get(name).pitfall
    for count in hits.values():
        assert f"{100 * count / pairs:.0f} %" in pitfall, hits
    assert f"{pairs} simulated pairs" in pitfall
