import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import ranks as reference

from syntony.kernels.ranks import lagged_spearman


def check(x, y, starts, window, lags, min_pairs=3):
    got, share = lagged_spearman(x, y, starts, window, lags, min_pairs=min_pairs)
    want, want_share = reference.lagged_spearman(x, y, starts, window, lags, min_pairs)
    assert_array_equal(share, want_share)
    assert_allclose(got, want, rtol=0, atol=1e-13, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.4, 0.9])
@pytest.mark.parametrize(
    ("window", "step", "lags"),
    [(8, 1, (0, 0)), (9, 3, (-5, 5)), (40, 20, (-9, 9)), (41, 30, (2, 5)), (12, 7, (-30, -20))],
)
def test_it_does_what_the_definition_says(window, step, lags, missing):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal(131) + 1e5, np.round(2 * rng.standard_normal(117))  # y has ties
    x[rng.random(x.size) < missing] = np.nan
    y[rng.random(y.size) < missing] = np.nan
    check(x, y, np.arange(0, x.size - window + 1, step), window, lags)


def test_windows_in_any_order():
    x, y = np.random.default_rng(4).standard_normal((2, 90))
    check(x, y, np.array([50, 3, 4, 20]), 21, (-4, 4))


def test_gaps_and_constant_stretches():
    x, y = np.cumsum(np.random.default_rng(5).standard_normal((2, 300)), axis=1)
    x[50:110] = x[50]
    y[150:215] = 7.25
    x[230:260] = np.nan
    check(x, y, np.arange(0, 251, 10), 50, (-12, 12), min_pairs=30)


def test_no_window_gives_nothing():
    rho, share = lagged_spearman(np.zeros(5), np.zeros(5), np.zeros(0, dtype=np.int64), 6, (0, 1))
    assert rho.shape == share.shape == (0, 2)


values = st.integers(-5, 5).map(float) | st.just(float("nan"))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(20, 40).flatmap(
        lambda n: st.tuples(*[st.lists(values, min_size=n, max_size=n).map(np.array)] * 2)
    ),
    st.sampled_from([(10, 3), (11, 1), (8, 6)]),
)
def test_any_numbers(xy, plan):
    x, y = xy
    check(x, y, np.arange(0, x.size - plan[0] + 1, plan[1]), plan[0], (-4, 4))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_only_the_order_of_values_matters(seed):
    x, y = np.random.default_rng(seed).standard_normal((2, 60))
    plain, _ = lagged_spearman(x, y, np.array([0, 30]), 30, (-3, 3))
    bent, _ = lagged_spearman(np.exp(x), y**3, np.array([0, 30]), 30, (-3, 3))
    assert_array_equal(plain, bent)
