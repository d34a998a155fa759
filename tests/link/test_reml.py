"""REML: the twin with whole covariance matrices, statsmodels, the boundary, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import joined as reference

from syntony.core.errors import InputError
from syntony.link.reml import fit_reml


def made(seed, *, groups=12, n=14, slope=0.6, units=1, nested=0.0):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(n - 4, n + 5, groups)
    group = np.repeat(np.arange(groups) * 3 + 5, sizes)
    unit = np.concatenate(
        [np.sort(rng.integers(0, units, s)) + 10 * k for k, s in enumerate(sizes)]
    )
    x = np.stack([np.ones(group.size), rng.standard_normal(group.size)], axis=1)
    place = np.repeat(np.arange(groups), sizes)
    own = rng.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, slope**2]], groups)[place]
    if slope == 0:
        own[:, 1] = 0
    y = x @ [1.0, 0.5] + (own * x).sum(axis=1) + rng.standard_normal(group.size)
    y += nested * rng.standard_normal(10 * groups + units)[unit]
    return y, x, group, unit


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("units", [1, 3])
def test_criterion_and_estimates_are_those_of_the_whole_matrix(seed, units):
    y, x, group, unit = made(seed, units=units, nested=0.8)
    inside = unit if units > 1 else None
    found = fit_reml(y, x, x, group, inside)
    nested = 0.0 if inside is None else found.nested
    deviance, beta, se = reference.reml_deviance(
        y, x, x, group, inside, found.cov, nested, found.residual
    )
    assert_allclose(found.criterion, deviance, rtol=1e-9)
    assert_allclose(found.estimate, beta, rtol=1e-8)
    assert_allclose(found.se, se, rtol=1e-8)
    rng = np.random.default_rng(seed)
    for _ in range(20):  # no covariance nearby does better
        step = 0.05 * rng.standard_normal((2, 2))
        root = np.linalg.cholesky(found.cov + 1e-9 * np.eye(2)) + step
        other, _, _ = reference.reml_deviance(
            y, x, x, group, inside, root @ root.T, nested * rng.uniform(0.9, 1.1), found.residual
        )
        assert other >= deviance - 1e-6


def test_statsmodels_agrees_where_it_converges():
    from statsmodels.regression.mixed_linear_model import MixedLM

    y, x, group, _ = made(7, groups=30)
    theirs = MixedLM(y, x, groups=group, exog_re=x).fit(reml=True, method=["lbfgs"])
    assert theirs.converged
    ours = fit_reml(y, x, x, group)
    assert_allclose(ours.estimate, theirs.fe_params, atol=1e-4)
    assert_allclose(ours.se, theirs.bse_fe, rtol=5e-3)
    assert_allclose(ours.cov, theirs.cov_re, atol=2e-3)
    assert_allclose(-ours.criterion / 2, theirs.llf, atol=1e-4)


def test_a_variance_of_nothing_is_an_answer():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(8), 20)
    x = np.stack([np.ones(160), rng.standard_normal(160)], axis=1)
    y = x @ [0.0, 1.0] + rng.standard_normal(160)
    y -= np.array([y[group == g].mean() for g in range(8)])[group]  # groups are too much alike
    found = fit_reml(y, x, x[:, :1], group)
    assert found.converged
    assert found.cov[0, 0] < 1e-8
    plain = np.linalg.lstsq(x, y, rcond=None)[0]
    assert_allclose(found.estimate, plain, atol=1e-6)


def test_columns_that_say_the_same_are_refused():
    y, x, group, _ = made(1)
    with pytest.raises(InputError, match="different things"):
        fit_reml(y, np.column_stack([x, x[:, 1] * 2]), x, group)
    with pytest.raises(InputError, match="rows"):
        fit_reml(y[:2], x[:2], x[:2], group[:2])
