"""Indices beside one another: the same as the definition, intervals that keep their word."""

import numpy as np
import pytest
from reference import convergence as reference

from syntony.core.errors import InputError
from syntony.link.convergence import agreements


def test_the_same_as_the_definition():
    rng = np.random.default_rng(1)
    values = rng.standard_normal((23, 5)) + 1e5
    values[rng.random(values.shape) < 0.15] = np.nan
    values[:, 1] = np.round(values[:, 1])  # ties
    values[:, 3] = 7.0  # does not vary
    values[2:, 4] = np.nan  # two sessions only
    dyads = [f"d{k // 2}" for k in range(23)]
    found = agreements(values, dyads)
    assert [(a.first, a.second) for a in found] == [
        (i, j) for i in range(5) for j in range(i + 1, 5)
    ]
    for a in found:
        x, y = values[:, a.first], values[:, a.second]
        both = np.isfinite(x) & np.isfinite(y)
        assert a.n_sessions == both.sum()
        assert a.n_dyads == len({d for d, b in zip(dyads, both, strict=True) if b})
        np.testing.assert_allclose(a.pearson, reference.pearson(x, y), atol=1e-9)
        np.testing.assert_allclose(a.spearman, reference.spearman(x, y), atol=1e-12)
    lost = [a for a in found if 3 in (a.first, a.second) or 4 in (a.first, a.second)]
    assert all(np.isnan(a.pearson) and np.isnan(a.spearman_low) for a in lost)


@pytest.mark.parametrize("r", [0.0, 0.6])
def test_95_in_100_intervals_hold_the_true_r(r):
    rng = np.random.default_rng(2)
    n, inside = 20, 0
    for _ in range(1000):
        x = rng.standard_normal((n, 2))
        x[:, 1] = r * x[:, 0] + np.sqrt(1 - r**2) * x[:, 1]
        (a,) = agreements(x, [str(k) for k in range(n)])
        inside += a.pearson_low <= r <= a.pearson_high
    assert 930 <= inside <= 967  # 950, within 2.5 standard errors


def test_sessions_of_one_dyad_do_not_make_intervals_narrow():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((24, 2))
    (apart,) = agreements(values, [str(k) for k in range(24)])
    (within,) = agreements(values, [str(k % 6) for k in range(24)])
    assert within.pearson == apart.pearson
    assert within.pearson_high - within.pearson_low > 1.5 * (apart.pearson_high - apart.pearson_low)
    assert within.n_sessions == 24
    assert within.n_dyads == 6


def test_a_wrong_number_of_dyads_is_refused():
    with pytest.raises(InputError, match="one row for each"):
        agreements(np.zeros((3, 2)), ["a", "b"])
