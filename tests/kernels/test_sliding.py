import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.kernels.lagged import lagged_pearson
from syntony.kernels.sliding import sliding_pearson


def check(x, y, window, lags, min_pairs=3, atol=1e-12):
    got, share = sliding_pearson(x, y, window, lags, min_pairs=min_pairs)
    starts = np.arange(x.size - window + 1)
    want, want_share = reference.lagged_pearson(x, y, starts, window, lags, min_pairs)
    assert_array_equal(share, want_share)
    assert_allclose(got, want, rtol=0, atol=atol, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("window", [3, 8, 15, 16, 31])
@pytest.mark.parametrize("lags", [(0, 0), (-7, 7), (2, 4)])
def test_it_does_what_the_definition_says(window, lags, missing):
    rng = np.random.default_rng(9)
    x, y = rng.standard_normal(230) + 100, rng.standard_normal(233)  # more than one chunk
    x[rng.random(x.size) < missing] = np.nan
    y[rng.random(y.size) < missing] = np.nan
    check(x, y, window, lags)


def test_steps_and_constant_stretches():
    rng = np.random.default_rng(10)
    x, y = rng.standard_normal((2, 500))
    x[60:130] = 0.0
    y[100:180] = 0.3
    x[250:300] = 40.0 + 1e-3 * x[250:300]
    y[400:405] = np.nan
    check(x, y, 15, (-7, 7), min_pairs=12, atol=1e-11)


def test_stillness_beside_a_step_where_no_sample_is_missing():
    rng = np.random.default_rng(13)
    x, y = rng.standard_normal((2, 600))
    x[220:260] = 40.1  # exactly constant, far from the mean of its chunk
    x[300:340] = 1e4 + 1e-3 * x[300:340]
    y[230:330] = -1e3 + 1e-2 * y[230:330]
    check(x, y, 15, (-7, 7), atol=1e-10)
    r, _ = sliding_pearson(x, y, 15, (-7, 7))
    assert np.isnan(r[220:246]).all()


def test_both_kernels_agree():
    rng = np.random.default_rng(11)
    x, y = rng.standard_normal((2, 700))
    x[300:320] = np.nan
    a = sliding_pearson(x, y, 15, (-7, 7), min_pairs=12)
    b = lagged_pearson(x, y, np.arange(686), 15, (-7, 7), min_pairs=12)
    assert_allclose(a[0], b[0], atol=1e-12, equal_nan=True)
    assert_array_equal(a[1], b[1])


values = st.floats(-1e3, 1e3).map(lambda v: round(v, 2)) | st.just(float("nan")) | st.just(4.0)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(20, 60).flatmap(
        lambda n: st.tuples(*[st.lists(values, min_size=n, max_size=n).map(np.array)] * 2)
    ),
    st.integers(3, 15),
)
def test_any_numbers(xy, window):
    check(*xy, window, (-4, 4), atol=1e-9)
