import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import slopes as reference

from syntony.kernels.slopes import moving_slopes


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("length", [2, 3, 20, 21])
@pytest.mark.parametrize("how", ["mean_gradient", "ols", "endpoint"])
def test_it_does_what_the_definition_says(how, length, missing):
    rng = np.random.default_rng(12)
    v = 8.0 + np.cumsum(rng.standard_normal(160))
    v[rng.random(v.size) < missing] = np.nan
    for starts in (np.arange(0, 130, 4), np.array([0, 1, 7, 60, 61, 139])):
        got = moving_slopes(v, starts, length, how, min_share=0.5)
        want = reference.moving_slopes(v, starts, length, how, 0.5)
        assert_allclose(got, want, rtol=0, atol=1e-11, equal_nan=True)


@pytest.mark.parametrize("how", ["mean_gradient", "ols", "endpoint"])
def test_a_ramp_has_its_own_slope_and_a_constant_none(how):
    starts = np.arange(0, 41, 5)
    assert_allclose(moving_slopes(1e5 + 0.25 * np.arange(60.0), starts, 20, how), 0.25)
    flat = moving_slopes(np.full(60, 1234.1), starts, 20, how)
    assert (flat == 0.0).all()


def test_too_much_missing_gives_nan():
    v = np.arange(20.0)
    v[3:7] = np.nan  # 16 of 20 are there
    assert_allclose(moving_slopes(v, np.array([0]), 20, "ols", min_share=0.8), [1.0])
    v[10] = np.nan
    assert np.isnan(moving_slopes(v, np.array([0]), 20, "ols", min_share=0.8)).all()
    assert_allclose(moving_slopes(v, np.array([0]), 20, "mean_gradient", min_share=0.5), [1.0])
