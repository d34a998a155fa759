import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import windowed as reference

from syntony.kernels.joint import pearson_where


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_it_does_what_the_definition_says(missing, offset):
    x, y, z = offset + 1e-2 * np.random.default_rng(1).standard_normal((3, 150))
    for seed, v in enumerate((x, y, z)):
        v[np.random.default_rng(seed).random(150) < missing] = np.nan
    starts = np.arange(0, 121, 11)
    got = pearson_where(x, y, z, starts, 30, (-7, 9))
    want = reference.where(x, y, z, starts, 30, (-7, 9))
    assert_allclose(got, want, rtol=0, atol=1e-9, equal_nan=True)


def test_a_spike_that_is_taken_out_leaves_no_trace():
    x, y, z = np.random.default_rng(2).standard_normal((3, 60))
    x[20], z[23] = 1e9, np.nan
    y[40:], z[:10] = 2.5, np.nan  # at some lags only the constant part is left
    got = pearson_where(x, y, z, np.array([0, 15, 30]), 30, (0, 5))
    want = reference.where(x, y, z, np.array([0, 15, 30]), 30, (0, 5))
    assert_allclose(got, want, rtol=0, atol=1e-9, equal_nan=True)
