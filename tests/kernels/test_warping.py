import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import warping as reference

from syntony.kernels.warping import warped_windows, warping_cost, warping_path


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("band", [0, 1, 4, 7, 60])
@pytest.mark.parametrize("sizes", [(41, 41), (40, 44), (44, 40), (1, 1), (2, 1), (1, 3)])
def test_cost_and_path_are_those_of_the_definition(sizes, band, missing):
    rng = np.random.default_rng(1)
    x, y = (rng.standard_normal(n) + 3 for n in sizes)
    x[rng.random(x.size) < missing] = np.nan
    y[rng.random(y.size) < missing / 2] = np.nan
    want = reference.table(x, y, band)
    cost, path = warping_path(x, y, band)
    assert_allclose(warping_cost(x, y, band), want[-1, -1], rtol=1e-13)
    assert_allclose(cost, want[-1, -1], rtol=1e-13)
    if np.isfinite(cost):
        assert_array_equal(path, reference.path(x, y, want))
    else:
        assert path.shape == (0, 2)


def test_a_missing_sample_lets_nobody_skip():
    x = np.array([0, 0, np.nan, 0, 0.0])
    y = np.array([0, 0, 9, 9, 0.0])
    assert warping_cost(x, y, 4) == 81.0  # one of the two is passed free, the other costs
    assert warping_cost(x, np.array([0, 0, 9, 0, 0.0]), 4) == 0.0


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(0, 12))
def test_a_wider_band_never_costs_more_and_order_does_not_matter(seed, n, band):
    x, y = np.random.default_rng(seed).standard_normal((2, n))
    near, far = warping_cost(x, y, band), warping_cost(x, y, band + 3)
    assert far <= near + 1e-12
    assert near == pytest.approx(warping_cost(y, x, band))
    assert near <= np.sum((x - y) ** 2) + 1e-12


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_windows_do_what_the_definition_says(missing, offset):
    rng = np.random.default_rng(2)
    x, y = np.cumsum(rng.standard_normal((2, 200)), axis=1) * 1e-2 + offset
    x[rng.random(200) < missing] = np.nan
    y[150:] = y[150]
    starts = np.array([0, 13, 60, 160])
    apart, steps, lag = warped_windows(x, y, starts, 37, 6, 20)
    for w, s in enumerate(starts[:3]):
        similarity, lags = reference.window(x[s : s + 37], y[s : s + 37], 6)
        assert_allclose(1 / (1 + apart[w]), similarity, atol=1e-12 if offset == 0 else 1e-8)
        assert_allclose(lag[w], lags, atol=1e-12, equal_nan=True)
    assert np.isnan(apart[3])
    assert steps[3] == 0
    assert np.isnan(warped_windows(x, np.full(200, np.nan), starts, 37, 6, 20)[0]).all()
