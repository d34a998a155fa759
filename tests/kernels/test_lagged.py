import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.kernels.lagged import lagged_pearson, unlike_pairs

STARTS = {
    "even": lambda n, window, step: np.arange(0, n - window + 1, step),
    "uneven": lambda n, window, step: np.floor(
        np.arange(0, (n - window) / (step + 0.4)) * (step + 0.4)
    ).astype(np.int64),
    "one": lambda n, window, step: np.array([3]),
}


def check(x, y, starts, window, lags, min_pairs=3, atol=1e-12):
    got, share = lagged_pearson(x, y, starts, window, lags, min_pairs=min_pairs)
    want, want_share = reference.lagged_pearson(x, y, starts, window, lags, min_pairs)
    assert_array_equal(share, want_share)
    assert_allclose(got, want, rtol=0, atol=atol, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.4, 0.9])
@pytest.mark.parametrize("starts", STARTS)
@pytest.mark.parametrize(
    ("window", "step", "lags"),
    [
        (8, 1, (0, 0)),
        (8, 3, (-5, 5)),
        (40, 20, (-9, 9)),  # two blocks a window
        (48, 16, (-3, 8)),  # three blocks a window
        (41, 20, (-40, 39)),  # more lags than one tile
        (40, 40, (2, 5)),
    ],
)
def test_it_does_what_the_definition_says(window, step, lags, starts, missing):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal(131) + 1e4, rng.standard_normal(117) - 40
    x[rng.random(x.size) < missing] = np.nan
    y[rng.random(y.size) < missing] = np.nan
    check(x, y, STARTS[starts](x.size, window, step), window, lags, atol=1e-11)


def test_long_gaps_and_constant_stretches():
    rng = np.random.default_rng(4)
    x, y = np.cumsum(rng.standard_normal((2, 400)), axis=1)
    x[50:120] = x[50]  # constant
    y[200:290] = 7.25
    x[300:350] = np.nan
    y[100:110] = np.nan
    check(x, y, np.arange(0, 341, 20), 60, (-25, 25))


def test_a_constant_gives_exactly_nan_even_beside_a_large_step():
    x = np.r_[np.full(60, 0.1), 1e6 * np.ones(60), np.arange(60.0)]
    y = np.r_[np.full(90, 0.7), np.sin(np.arange(90.0))]
    r, _ = lagged_pearson(x, y, np.arange(0, 121, 20), 40, (-10, 10))
    want, _ = reference.lagged_pearson(x, y, np.arange(0, 121, 20), 40, (-10, 10), 3)
    assert_array_equal(np.isnan(r), np.isnan(want))
    assert np.isnan(want).sum() > 50
    assert_allclose(r, want, rtol=0, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_a_large_offset_costs_no_digits(missing):
    rng = np.random.default_rng(5)
    small = np.cumsum(rng.standard_normal((2, 600)), axis=1)
    x, y = 1e5 + 1e-2 * small[0], 2e5 + 1e-2 * small[1]
    x[rng.random(600) < missing] = np.nan
    check(x, y, np.arange(0, 481, 60), 120, (-20, 20), atol=1e-9)


def test_bursts_among_stillness():
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal((2, 500)) * np.where(rng.random((2, 500)) < 0.02, 1e4, 1e-3)
    check(x, y, np.arange(0, 441, 30), 60, (-12, 12), atol=1e-9)


def test_tiny_numbers_are_numbers_too():
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((2, 200))
    plain, _ = lagged_pearson(x, y, np.array([10, 70]), 60, (-4, 4))
    tiny, _ = lagged_pearson(1e-90 * x, 1e-90 * y, np.array([10, 70]), 60, (-4, 4))
    assert_allclose(tiny, plain, atol=1e-12)


def test_pairs_outside_the_second_signal_lower_the_share():
    x = np.sin(np.arange(40.0))
    r, share = lagged_pearson(x, x[:25], np.array([0, 20]), 20, (-20, 6), min_pairs=16)
    assert share[0, 0] == 0.0  # wholly before the second signal
    assert share[0, 16] == 0.8  # lag -4
    assert np.isfinite(r[0, 16])
    assert np.isnan(r[0, 15])
    assert share[1, -1] == 0.0


def test_too_few_pairs_give_nan():
    x = np.random.default_rng(8).standard_normal(60)
    y = x.copy()
    y[:7] = np.nan
    r, share = lagged_pearson(x, y, np.array([0]), 30, (0, 0), min_pairs=24)
    assert np.isnan(r[0, 0])
    assert share[0, 0] == 23 / 30
    r, _ = lagged_pearson(x, y, np.array([0]), 30, (0, 0), min_pairs=23)
    assert_allclose(r[0, 0], 1.0)


def test_unlike_pairs_are_counted_to_two():
    x = np.arange(10.0)
    y = x.copy()
    y[2], y[5] = -1.0, np.nan
    got = unlike_pairs(x, y, np.array([0, 4]), 4, (0, 1))
    assert_array_equal(got, [[1, 2], [0, 2]])


values = st.floats(-1e3, 1e3).map(lambda v: round(v, 2)) | st.just(float("nan")) | st.just(4.0)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(30, 70).flatmap(
        lambda n: st.tuples(*[st.lists(values, min_size=n, max_size=n).map(np.array)] * 2)
    ),
    st.sampled_from([(20, 3), (24, 12), (8, 1)]),
)
def test_any_numbers(xy, plan):
    window, step = plan
    x, y = xy
    check(x, y, np.arange(0, x.size - window + 1, step), window, (-7, 7), atol=1e-9)
