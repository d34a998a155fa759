import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import spectrum as reference

from syntony.core.errors import InputError
from syntony.kernels.wavelet import red_noise
from syntony.synchrony._wavelet import periods
from syntony.synchrony.red_noise import (
    lag_one,
    red_noise_threshold,
    rounded,
    wavelet_significance,
)
from syntony.synchrony.registry import get
from syntony.synchrony.wavelet import wavelet_coherence

OCTAVES = tuple(periods(0.03, 0.25, 6, "grinsted").tolist())


def threshold(first, second, n=1200, **more):
    options = {"count": 40, "level": 0.95, "seed": 1} | more
    return red_noise_threshold(first, second, n, 4.0, OCTAVES, 6, "grinsted", **options)


def test_noise_is_what_its_definition_says():
    shocks = np.random.default_rng(1).standard_normal(200)
    for coefficient in (0.0, 0.9, -0.5):
        assert_allclose(red_noise(shocks, coefficient), reference.red_noise(shocks, coefficient))
    long = red_noise(np.random.default_rng(2).standard_normal(40_000), 0.8)
    assert lag_one(long) == pytest.approx(0.8, abs=0.02)
    assert lag_one(long[::4]) == pytest.approx(0.8**4, abs=0.04)


def test_neighbours_that_are_missing_are_left_out():
    x = red_noise(np.random.default_rng(3).standard_normal(20_000), 0.9) + 40.0
    x[np.random.default_rng(4).random(x.size) < 0.2] = np.nan
    assert lag_one(x) == pytest.approx(0.9, abs=0.02)
    assert lag_one(np.full(5, np.nan)) == lag_one(np.full(5, 2.0)) == 0.0


@settings(deadline=None, max_examples=40)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_coefficients_are_told_apart_to_a_tenth_of_their_inverse_tanh(a, b):
    assert abs(rounded(a)) < 1.0
    held = np.clip([a, b], -0.9999, 0.9999)
    apart = abs(np.subtract(*np.arctanh(held)))
    if apart > 0.1 + 1e-9:
        assert rounded(a) != rounded(b)
    assert abs(np.arctanh(rounded(a)) - np.arctanh(held[0])) <= 0.05 + 1e-9


@settings(deadline=None, max_examples=10)
@given(
    st.tuples(st.floats(0.3, 0.999), st.floats(0.3, 0.999)),
    st.tuples(st.floats(0.3, 0.999), st.floats(0.3, 0.999)),
)
def test_pairs_of_other_memory_do_not_share_a_threshold(one, two):
    one, two = (tuple(sorted(map(rounded, pair))) for pair in (one, two))
    few = {"count": 2, "n": 300}
    a, b = threshold(*one, **few), threshold(*two, **few)
    assert_array_equal(a, threshold(*one, **few))
    assert (a is b) == (one == two)
    assert one == two or not np.array_equal(a, b, equal_nan=True)


def test_everything_that_decides_a_threshold_is_in_its_key():
    base = threshold(0.5, 0.9)
    assert threshold(0.5, 0.9) is base
    others = (
        threshold(0.6, 0.9),
        threshold(0.5, 0.8),
        threshold(0.5, 0.9, n=1300),
        threshold(0.5, 0.9, count=41),
        threshold(0.5, 0.9, level=0.9),
        threshold(0.5, 0.9, seed=2),
        red_noise_threshold(
            0.5, 0.9, 1200, 5.0, OCTAVES, 6, "grinsted", count=40, level=0.95, seed=1
        ),
        red_noise_threshold(0.5, 0.9, 1200, 4.0, OCTAVES, 6, "pycwt", count=40, level=0.95, seed=1),
    )
    for other in others:
        assert not np.allclose(other, base, equal_nan=True, atol=1e-9)


def test_noise_made_at_a_lower_rate_has_the_same_threshold():
    thin = threshold(0.9, 0.95, n=2400, count=200)
    rng = np.random.default_rng(6)
    seen = []
    for _ in range(200):
        x, y = (red_noise(rng.standard_normal(2400), a) for a in (0.9, 0.95))
        c = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.03, voices=6)
        seen.append(c.values)
    whole = np.nanquantile(np.concatenate(seen), 0.95, axis=0)[::-1]
    assert_allclose(thin, whole, atol=0.04)


def test_every_second_sample_of_noise_has_the_coefficient_squared(monkeypatch):
    from syntony.synchrony import red_noise as module

    seen = []

    def kept(plan, coefficients, inner, rng, **options):
        apart = (plan.times_s[1] - plan.times_s[0]) * 4.0 / plan.stride
        seen.append((round(apart), coefficients))
        return np.full(inner.stop - inner.start, 0.5)

    monkeypatch.setattr(module, "_quantiles", kept)
    assert_array_equal(threshold(0.6, 0.9, n=2467), 0.5)
    red_noise_threshold.cache_clear()
    assert [thin for thin, _ in seen] == [4, 8]
    for thin, (first, second) in seen:
        assert_allclose((first, second), (0.6**thin, 0.9**thin))


@pytest.mark.slow
def test_strangers_are_high_in_5_of_100_cells():
    rng = np.random.default_rng(7)
    for first, second in ((0.0, 0.0), (0.95, 0.95), (0.5, 0.99)):
        shares = []
        for _ in range(30):
            x, y = (red_noise(rng.standard_normal(1600), a) for a in (first, second))
            c = wavelet_significance(x, y, rate_hz=4.0, low_hz=0.03, voices=6, count=100)
            shares.append(get("wavelet_significance").summarise(c)["significant_share"])
        error = np.std(shares, ddof=1) / np.sqrt(30)
        assert abs(np.mean(shares) - 0.05) < 3 * error + 0.005


def test_it_says_where_the_coherence_is_high():
    rng = np.random.default_rng(8)
    x, y, common = rng.standard_normal((3, 2400))
    x, y = x + 2 * common, y - 2 * common
    c = wavelet_significance(x, y, rate_hz=4.0, low_hz=0.03, count=50)
    plain = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.03)
    assert_allclose(c.parts["r2"], plain.values, equal_nan=True)
    assert_allclose(c.parts["phase_rad"], plain.parts["phase_rad"], equal_nan=True)
    there = np.isfinite(plain.values)
    assert_array_equal(c.values[there] == 1, (plain.values > c.parts["threshold_r2"])[there])
    found = get("wavelet_significance").summarise(c)
    assert found["significant_share"] > 0.5
    assert found["fast_anti_phase"] == pytest.approx(found["fast_significant"], abs=0.05)
    assert found["fast_in_phase"] == 0.0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"level": 1.0}, r"level=1.0: expected a share from 0.5"),
        ({"count": 10}, r"count=10: expected a whole number, 19 or more"),
        ({"seed": -1}, r"seed=-1: expected a whole number, 0 or more"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        wavelet_significance(np.zeros(800), np.zeros(800), rate_hz=4.0, **options)
