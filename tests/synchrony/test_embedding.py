import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import recurrence as reference

from syntony.core.errors import InputError
from syntony.synchrony.embedding import (
    false_neighbours,
    information_by_delay,
    suggest_embedding,
)
from syntony.synchrony.recurrence import crqa


def series(seed, n, missing=0.0):
    rng = np.random.default_rng(seed)
    v = np.convolve(rng.standard_normal(n + 7), np.ones(8) / 8, "valid")
    v[rng.random(n) < missing] = np.nan
    return v


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_information_does_what_the_definition_says(missing):
    v = series(1, 250, missing)
    for bins in (4, 9):
        want = [reference.mutual_information(v, delay, bins) for delay in range(7)]
        assert_allclose(information_by_delay(v, 6, bins), want, rtol=1e-12)
    there = np.isfinite(v).sum()
    own = int(np.ceil(np.log2(there) + 1))
    assert_allclose(information_by_delay(v, 6), information_by_delay(v, 6, own))


@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize(("dimension", "delay"), [(1, 1), (2, 5), (3, 3)])
def test_false_neighbours_are_those_of_the_definition(dimension, delay, missing):
    v = series(2, 180, missing)
    want = reference.false_share(v, dimension, delay)
    assert_allclose(false_neighbours(v, dimension, delay), want, rtol=1e-12)
    assert 0 < want < 1


def test_nothing_has_no_neighbours():
    assert np.isnan(false_neighbours(np.full(50, np.nan), 1, 2))


def test_a_circle_has_two_dimensions():
    found = suggest_embedding(np.sin(np.arange(2000) / 3.2), rate_hz=1.0)
    assert found.dimension == 2
    assert found.false_share.shape == (1, 6)
    k = round(found.delay_s)
    assert found.information[0, k - 1] > found.information[0, k] <= found.information[0, k + 1]


def test_a_chaotic_attractor_needs_three_dimensions():
    state, path = np.array([1.0, 1.0, 20.0]), []
    for step in range(60_000):  # Lorenz, Euler steps of 1 ms
        x, y, z = state
        state = state + 1e-3 * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        if step >= 10_000 and step % 25 == 0:
            path.append(state[0])
    found = suggest_embedding(np.array(path), rate_hz=40.0, thin_to_hz=0.0, max_delay_s=1.0)
    assert found.dimension == 3
    assert 0.1 <= found.delay_s <= 0.25


def test_a_pair_takes_the_longer_delay_and_the_higher_dimension():
    x, y = np.sin(np.arange(1500) / 3.2), np.sin(np.arange(1500) / 6.1) + 0.05 * series(3, 1500)
    alone = [suggest_embedding(v, rate_hz=1.0) for v in (x, y)]
    both = suggest_embedding(x, y, rate_hz=1.0)
    assert both.delay_s == max(a.delay_s for a in alone) > min(a.delay_s for a in alone)
    assert both.dimension == max(int(np.argmax(row <= 0.01)) + 1 for row in both.false_share)
    assert both.information.shape == (2, 31)


def test_the_radius_gives_the_rate():
    x, y = series(4, 1600, 0.02), series(5, 1600)
    found = suggest_embedding(x, y, rate_hz=4.0, rate=0.04, max_delay_s=15.0)
    c = crqa(
        x,
        y,
        rate_hz=4.0,
        threshold="radius",
        radius=found.radius,
        dimension=found.dimension,
        delay_s=found.delay_s,
    )
    assert_allclose(c.parts["rr"], 0.04, atol=1e-4)


def test_what_makes_no_sense_is_refused_by_name():
    x = series(6, 300)
    with pytest.raises(InputError, match="max_delay_s=60"):
        suggest_embedding(x, rate_hz=1.0, max_delay_s=60.0)
    with pytest.raises(InputError, match="a signal that varies"):
        suggest_embedding(np.ones(300), rate_hz=1.0, max_delay_s=20.0)
    with pytest.raises(InputError, match="rate=0"):
        suggest_embedding(x, rate_hz=1.0, rate=0.0)
