import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import windowed as reference

from syntony.kernels.ccf import window_ccf


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.5])
@pytest.mark.parametrize(("window", "step", "n_lags"), [(30, 7, 12), (31, 31, 0), (9, 1, 5)])
def test_it_does_what_the_definition_says(window, step, n_lags, missing):
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, 131)), axis=1) + np.array([[1e3], [-40.0]])
    x[rng.random(131) < missing] = np.nan
    y[rng.random(131) < missing] = np.nan
    x[40:75] = 0.1
    starts = np.arange(0, 131 - window + 1, step)
    got, share = window_ccf(x, y, starts, window, n_lags, min_pairs=3)
    want = reference.ccf(x, y, starts, window, n_lags, 3)
    assert_allclose(got, want, rtol=0, atol=1e-12, equal_nan=True)
    if not missing:
        assert (share == 1.0).all()
    elif n_lags:
        assert share.min() < 1.0 - missing


def test_a_large_offset_costs_no_digits():
    small = np.random.default_rng(2).standard_normal((2, 200))
    x, y = 1e5 + 1e-2 * small[0], 2e5 + 1e-2 * small[1]
    got, _ = window_ccf(x, y, np.array([0, 60]), 120, 20)
    want = reference.ccf(x, y, [0, 60], 120, 20, 3)
    assert_allclose(got, want, rtol=0, atol=1e-9)
