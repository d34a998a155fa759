import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import events as reference

from syntony.core.errors import InputError
from syntony.synchrony.coincidence import scr_coincidence
from syntony.synchrony.event_synchronisation import event_synchronisation
from syntony.synchrony.registry import get


def responses(at, n):
    """Skin conductance with a response of 1 uS at each of these samples."""
    v = np.full(n, 5.0)
    for t in at:
        v[t : t + 9] += np.hanning(11)[1:-1][: n - t]
    return v


def train(seed, n, rate):
    rng = np.random.default_rng(seed)
    at, t = [], 3
    while t < n - 20:
        t += 10 + int(rng.exponential(1 / rate))
        at.append(t)
    return np.array([t for t in at if t < n - 12])


@pytest.mark.parametrize("gap", [None, 0, 1])
@pytest.mark.parametrize("rate_hz", [4.0, 3.7])
def test_rates_and_chance_are_counted_as_the_definition_says(rate_hz, gap):
    n = 600
    pair = [responses(train(seed, n, 0.05), n) for seed in (1, 2)]
    if gap is not None:
        pair[gap][200:280] = np.nan
        pair[gap][401] = np.nan
    options = {"within_s": 0.9, "max_lag_s": 4.2, "min_responses": 2}
    c = scr_coincidence(*pair, rate_hz=rate_hz, **options)
    parts = c.parts
    at = [
        np.rint(parts[f"{w}_onsets_s"] * rate_hz).astype(int).tolist() for w in ("first", "second")
    ]
    there = [np.isfinite(v) for v in pair]
    within, most = int(0.9 * rate_hz), int(4.2 * rate_hz)
    for k, lag in enumerate(range(-most, most + 1)):
        trigger = reference.met(at[0], at[1], *there, lag, -within, within)
        precursor = reference.met(at[1], at[0], *there[::-1], -lag, -within, within)
        assert_allclose(parts["met"][:, k], [trigger[0], precursor[0]], atol=1e-12)
        assert_allclose(parts["met_expected"][:, k], [trigger[1], precursor[1]], atol=1e-12)
        assert_allclose(c.coverage[k], trigger[2], atol=1e-12)
    first = reference.met(at[0], at[1], *there, 0, 1, most)
    second = reference.met(at[1], at[0], *there[::-1], 0, 1, most)
    assert_allclose(parts["followed"], [first[0], second[0]], atol=1e-12)
    assert_allclose(parts["followed_expected"], [first[1], second[1]], atol=1e-12)
    assert_allclose(c.values, (parts["met"] - parts["met_expected"]).mean(axis=0), atol=1e-15)


def test_who_follows_and_after_how_long():
    n = 4800
    at = train(3, n - 40, 0.02)
    x, y = responses(at, n), responses(at + 8, n)
    for pair, lag in (((x, y), 2.0), ((y, x), -2.0)):
        c = scr_coincidence(*pair, rate_hz=4.0, within_s=0.25)
        found = get("scr_coincidence").summarise(c)
        assert abs(found["best_lag_s"] - lag) <= 0.25
        assert found["peak_excess"] > 0.8
        leads, other = ("first", "second") if lag > 0 else ("second", "first")
        assert found[f"{leads}_leads"] > found[f"{other}_leads"] + 0.03
        assert found[f"{leads}_followed"] == 1.0
        assert found[f"{leads}_followed_excess"] > found[f"{other}_followed_excess"] + 0.3
        assert np.sign(found["event_direction"]) == np.sign(lag)
        assert found["event_strength"] > 0.9


def test_strangers_are_at_chance_however_busy():
    for rate in (0.01, 0.05, 0.3):
        excess, followed = [], []
        for seed in range(20):
            pair = [responses(train(100 * k + seed, 4800, rate), 4800) for k in (1, 2)]
            found = get("scr_coincidence").summarise(scr_coincidence(*pair, rate_hz=4.0))
            excess.append(found["mean_excess"])
            followed.append(found["first_followed_excess"])
        assert abs(np.mean(excess)) < 0.015
        assert abs(np.mean(followed)) < 0.04


def test_chance_is_that_of_a_poisson_train():
    n, rate = 40_000, 0.02
    rng = np.random.default_rng(4)
    x, y = (responses(np.flatnonzero(rng.random(n - 20) < rate), n) for _ in range(2))
    c = scr_coincidence(x, y, rate_hz=4.0, within_s=1.0)
    per_sample = c.parts["second_onsets_s"].size / n
    assert_allclose(np.mean(c.parts["met_expected"][0]), 1 - np.exp(-9 * per_sample), rtol=0.15)


def test_too_few_responses_have_no_rate():
    x, y = responses([50, 150, 250, 350], 600), responses(train(5, 600, 0.1), 600)
    few = scr_coincidence(x, y, rate_hz=4.0)
    assert np.isnan(few.values).all()
    assert few.parts["first_onsets_s"].size == 4
    assert np.isfinite(scr_coincidence(x, y, rate_hz=4.0, min_responses=4).values).any()
    for options in ({"min_responses": 0}, {"within_s": -1.0}, {"threshold_us": 0.0}):
        with pytest.raises(InputError, match=next(iter(options))):
            scr_coincidence(x, y, rate_hz=4.0, **options)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 12))
def test_event_synchronisation_is_counted_as_the_definition_says(seed, n, m):
    rng = np.random.default_rng(seed)
    a, b = (np.sort(rng.choice(60, k, replace=False)).astype(float) for k in (n, m))
    if n == 1 and m == 1:
        return  # no neighbour on either side: any two pair up
    found = event_synchronisation(a, b)
    assert_allclose([found.q_strength, found.q_direction], reference.synchronisation(a, b))
    mirrored = event_synchronisation(b, a)
    assert_allclose(mirrored.q_strength, found.q_strength)
    assert_allclose(mirrored.q_direction, -found.q_direction)
    twos = np.add.outer(b, b)[np.triu_indices(m, 1)], np.add.outer(a, a)[np.triu_indices(n, 1)]
    if not (np.isin(twos[0], 2 * a).any() or np.isin(twos[1], 2 * b).any()):
        assert found.q_strength <= 1 + 1e-12
    assert abs(found.q_direction) <= found.q_strength + 1e-12


def test_an_event_amid_two_pairs_with_both():
    found = event_synchronisation(np.array([47.0]), np.array([36.0, 58.0]))
    assert_allclose(found.q_strength, np.sqrt(2.0))
    assert found.q_direction == 0.0


def test_event_synchronisation_of_nothing_and_of_what_is_out_of_order():
    nothing = event_synchronisation(np.empty(0), np.array([1.0]))
    assert np.isnan([nothing.q_strength, nothing.q_direction]).all()
    with pytest.raises(InputError, match="first_s"):
        event_synchronisation(np.array([2.0, 1.0]), np.array([1.0]))
    with pytest.raises(InputError, match="window_s"):
        event_synchronisation(np.array([1.0]), np.array([1.0]), window_s=-1.0)
    fixed = event_synchronisation(np.array([1.0, 9.0]), np.array([2.0, 12.0]), window_s=1.5)
    assert fixed.q_strength == 0.5
    assert fixed.q_direction == 0.5
