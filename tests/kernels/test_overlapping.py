import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.kernels import lagged
from syntony.kernels._arrays import readonly
from syntony.kernels.lagged import lagged_pearson
from syntony.kernels.overlapping import overlapping_pearson


def check(x, y, starts, window, lags, min_pairs=3, atol=1e-12):
    """Cells that are not doubtful are right, doubtful ones say so; whole calls are right."""
    want, want_share = reference.lagged_pearson(x, y, starts, window, lags, min_pairs)
    signals = readonly(x), readonly(y), readonly(starts)
    r, share, doubtful = overlapping_pearson(*signals, window, lags, min_pairs)
    assert_array_equal(share, want_share)
    left = np.isnan(r) & ~np.isnan(want)
    assert doubtful or not left.any()
    assert not (~np.isnan(r) & np.isnan(want)).any()
    assert_allclose(r[~left], want[~left], rtol=0, atol=atol, equal_nan=True)
    got, share = lagged_pearson(x, y, starts, window, lags, min_pairs=min_pairs)
    assert_array_equal(share, want_share)
    assert_allclose(got, want, rtol=0, atol=atol, equal_nan=True)
    return left.mean()


PLANS = [
    (40, 1, (-3, 12)),
    (45, 2, (-5, 5)),  # two blocks a step
    (60, 5, (0, 0)),
    (64, 8, (-30, 29)),  # more lags than one tile
    (36, 4, (7, 60)),
    (30, 3, (-2, 45)),  # just one tile
]


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.4, 0.9])
@pytest.mark.parametrize(("window", "step", "lags"), PLANS)
def test_it_does_what_the_definition_says(window, step, lags, missing):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal(431) + 1e4, rng.standard_normal(417) - 40
    x[rng.random(x.size) < missing] = np.nan
    y[rng.random(y.size) < missing] = np.nan
    check(x, y, np.arange(2, x.size - window + 1, step), window, lags, atol=1e-11)


@pytest.mark.parametrize("n_windows", [2, 3, 10, 11, 20, 21, 40, 41, 42, 50])
def test_any_number_of_windows(n_windows):
    x, y = np.cumsum(np.random.default_rng(4).standard_normal((2, 300)), axis=1)
    check(x, y, 7 + 4 * np.arange(n_windows), 40, (-6, 9))


def test_long_gaps_and_constant_stretches():
    x, y = np.cumsum(np.random.default_rng(5).standard_normal((2, 900)), axis=1)
    x[50:120] = x[50]
    y[200:290] = 7.25
    x[300:350] = np.nan
    y[600:601] = np.nan
    left = check(x, y, np.arange(0, 841, 4), 60, (-25, 25))
    assert left < 0.05


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_a_large_offset_costs_no_digits(missing):
    rng = np.random.default_rng(6)
    small = np.cumsum(rng.standard_normal((2, 600)), axis=1)
    x, y = 1e5 + 1e-2 * small[0], 2e5 + 1e-2 * small[1]
    x[rng.random(600) < missing] = np.nan
    left = check(x, y, np.arange(0, 481, 4), 120, (-20, 20), atol=1e-9)
    assert left == 0.0


def test_bursts_among_stillness():
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((2, 500)) * np.where(rng.random((2, 500)) < 0.02, 1e4, 1e-3)
    left = check(x, y, np.arange(0, 441, 3), 60, (-12, 12), atol=1e-9)
    assert left > 0.02  # and yet all are right in the end
    y[rng.random(500) < 0.1] = np.nan
    check(x, y, np.arange(0, 441, 3), 60, (-12, 12), atol=1e-9)


def test_a_copy_correlates_exactly_one():
    x, y = np.cumsum(np.random.default_rng(8).standard_normal((2, 400)), axis=1)
    y[100:220], y[250:350] = x[95:215], 5.0 - 2.0 * x[250:350]
    x[300] = np.nan
    r, _ = lagged_pearson(x, y, np.arange(0, 341, 3), 60, (-6, 6))
    want, _ = reference.lagged_pearson(x, y, np.arange(0, 341, 3), 60, (-6, 6), 3)
    same = np.abs(want) > 1 - 1e-9
    assert same.sum() > 20
    assert_array_equal(np.abs(r[same]), 1.0)


@pytest.mark.parametrize(
    ("window", "step", "much"),
    [(120, 4, True), (120, 60, False), (15, 1, False), (120, 7, True), (9000, 1, False)],
)
def test_it_is_used_where_windows_overlap_much(window, step, much):
    assert lagged._overlap_much(window, step) is much


values = st.floats(-1e3, 1e3).map(lambda v: round(v, 2)) | st.just(float("nan")) | st.just(4.0)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(60, 120).flatmap(
        lambda n: st.tuples(*[st.lists(values, min_size=n, max_size=n).map(np.array)] * 2)
    ),
    st.sampled_from([(30, 3), (24, 2), (25, 1)]),
)
def test_any_numbers(xy, plan):
    window, step = plan
    x, y = xy
    check(x, y, np.arange(0, x.size - window + 1, step), window, (-7, 7), atol=1e-9)
