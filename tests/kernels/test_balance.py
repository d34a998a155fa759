import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.kernels.balance import signed_sums


@pytest.mark.parametrize("n", [0, 1, 2, 7, 300])
@pytest.mark.parametrize("order", ["C", "F"])
def test_both_signs_are_summed_apart(n, order):
    rng = np.random.default_rng(14)
    v = np.array(rng.standard_normal((n, 3)), order=order)
    v[rng.random((n, 3)) < 0.2] = np.nan
    positive, negative = signed_sums(v)
    for k in range(3):
        assert_allclose(positive[k], sum(p for p in v[:, k] if p > 0), atol=1e-12)
        assert_allclose(negative[k], -sum(p for p in v[:, k] if p < 0), atol=1e-12)
