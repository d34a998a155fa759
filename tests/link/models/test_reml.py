"""Restricted likelihood: a naive twin, a published answer, exact cases, statsmodels."""

import numpy as np
import pytest
from reference import models as naive

from syntony.link.models.layout import Random, lay_out, lay_out_turned
from syntony.link.models.reml import fit
from syntony.link.models.small_sample import (
    degrees_of_freedom,
    flipped,
    score_parts,
    spread_of_variances,
    white_residuals,
    without_each,
)

# Dyestuff: yield of five samples of each of six batches (Davies; the first example of lme4)
DYESTUFF = np.array([
    [1545, 1440, 1440, 1520, 1580], [1540, 1555, 1490, 1560, 1495],
    [1595, 1550, 1605, 1510, 1560], [1445, 1440, 1595, 1465, 1545],
    [1595, 1630, 1515, 1635, 1625], [1520, 1455, 1450, 1480, 1445],
], dtype=float)  # fmt: skip


def ones(n):
    return np.ones((n, 1))


def residual(n):
    return Random(name="residual", effects=("",), group=range(n), z=ones(n))


def nested(seed=1, therapists=5, per=3, sessions=4, slope=0.6, sd_therapist=0.5):
    """Sessions in dyads in therapists, some missing, with slopes that differ."""
    rng = np.random.default_rng(seed)
    rows = [
        (t, t * per + d, s)
        for t in range(therapists)
        for d in range(per)
        for s in range(sessions)
        if rng.random() > 0.15
    ]
    t, d, _ = np.array(rows).T
    x = rng.standard_normal(len(rows))
    y = 0.4 * x + sd_therapist * rng.standard_normal(therapists)[t] + rng.standard_normal(len(rows))
    levels = rng.standard_normal((therapists * per, 2))
    y = y + 0.7 * levels[d, 0] + slope * levels[d, 1] * x
    z = np.column_stack([np.ones(len(rows)), x])
    random = [
        Random(name="dyad", effects=("intercept", "x"), group=d.tolist(), z=z),
        Random(name="therapist", effects=("intercept",), group=t.tolist(), z=ones(len(rows))),
        residual(len(rows)),
    ]
    return y, z, t.tolist(), d.tolist(), random


def of_random(random):
    return naive.kernels_of([(list(r.group), r.z) for r in random])


def test_dyestuff_has_the_published_answer():
    y = DYESTUFF.ravel()
    batch = np.repeat(range(6), 5).tolist()
    random = [Random(name="batch", effects=("1",), group=batch, z=ones(30)), residual(30)]
    found = fit(lay_out(y, ones(30), batch, random))
    between = 5 * DYESTUFF.mean(axis=1).var(ddof=1)
    within = DYESTUFF.var(axis=1, ddof=1).mean()
    np.testing.assert_allclose(found.variances, [(between - within) / 5, within], rtol=1e-4)
    assert found.variances == pytest.approx([1764.05, 2451.25], abs=0.5)
    spread = spread_of_variances(found)
    assert found.beta[0] == pytest.approx(1527.5)
    assert np.sqrt(found.phi[0, 0]) == pytest.approx(19.3834, abs=2e-3)
    assert degrees_of_freedom(found, spread, np.ones(1)) == pytest.approx(5.0, abs=1e-3)
    assert found.deviance == pytest.approx(319.6543, abs=1e-3)
    assert found.converged
    assert not found.singular


@pytest.mark.parametrize("seed", range(4))
def test_deviance_is_that_of_the_whole_matrix_and_the_lowest(seed):
    y, x, t, _, random = nested(seed)
    found = fit(lay_out(y, x, t, random))
    kernels = of_random(random)
    whole = naive.whole_covariance(found.variances, kernels)
    assert found.deviance == pytest.approx(naive.reml_deviance(y, x, whole), abs=1e-8)
    rng = np.random.default_rng(seed)
    for _ in range(60):
        root = np.zeros((2, 2))
        a, b, c = found.variances[0], found.variances[1], found.variances[2]
        root[0, 0] = np.sqrt(a) * np.exp(0.05 * rng.standard_normal())
        root[1, 0] = b / np.sqrt(a) + 0.02 * rng.standard_normal()
        root[1, 1] = np.sqrt(max(c - b * b / a, 0)) + 0.02 * abs(rng.standard_normal())
        block = root @ root.T
        rest = np.abs(found.variances[3:] * np.exp(0.05 * rng.standard_normal(2)))
        rest[0] += 0.003 * abs(rng.standard_normal())
        moved = np.array([block[0, 0], block[0, 1], block[1, 1], *rest])
        away = naive.reml_deviance(y, x, naive.whole_covariance(moved, kernels))
        assert away >= found.deviance - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_spread_of_variances_is_the_textbooks(seed):
    y, x, t, _, random = nested(seed)
    found = fit(lay_out(y, x, t, random))
    wanted = naive.spread_of(x, found.variances, of_random(random))
    np.testing.assert_allclose(spread_of_variances(found), wanted, rtol=1e-5, atol=1e-8)


def test_without_random_effects_it_is_least_squares():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(20), rng.standard_normal((20, 2))])
    y = rng.standard_normal(20)
    found = fit(lay_out(y, x, range(20), [residual(20)]))
    beta, rest = np.linalg.lstsq(x, y, rcond=None)[:2]
    np.testing.assert_allclose(found.beta, beta, rtol=1e-9)
    spread = spread_of_variances(found)
    np.testing.assert_allclose(found.phi, rest[0] / 17 * np.linalg.inv(x.T @ x), rtol=1e-5)
    for k in range(3):
        assert degrees_of_freedom(found, spread, np.eye(3)[k]) == pytest.approx(17, rel=1e-4)


def test_variances_leave_their_bound_where_the_likelihood_rises():
    """A search that stops with a variance at 0 because its slope is 0 there is a wrong answer."""
    for seed in range(12):
        y, x, t, _, random = nested(seed, therapists=4, per=3, slope=0.05, sd_therapist=0.0)
        found = fit(lay_out(y, x, t, random))
        kernels = of_random(random)
        for k in (0, 2, 3):
            for step in (1e-3, 1e-2):
                moved = found.variances.copy()
                moved[k] += step
                away = naive.reml_deviance(y, x, naive.whole_covariance(moved, kernels))
                assert away >= found.deviance - 1e-5, (seed, k, step)


def test_a_search_that_sticks_at_a_bound_is_begun_again():
    """With this seed the first search ends with a slope variance of 0, beside the maximum."""
    y, x, t, _, random = nested(21, therapists=6, per=2, slope=0.1, sd_therapist=0.3)
    found = fit(lay_out(y, x, t, random))
    assert found.deviance == pytest.approx(139.4330067, abs=1e-5)


def test_same_as_statsmodels_with_slopes():
    from statsmodels.regression.mixed_linear_model import MixedLM

    y, x, _, d, random = nested(2, therapists=12, sd_therapist=0.0)
    found = fit(lay_out(y, x, d, [random[0], random[2]]))
    other = MixedLM(y, x, groups=d, exog_re=x).fit(reml=True)
    np.testing.assert_allclose(found.beta, other.fe_params, rtol=1e-4)
    np.testing.assert_allclose(
        found.variances[[0, 1, 2]], np.asarray(other.cov_re)[[0, 0, 1], [0, 1, 1]], atol=2e-3
    )
    assert found.deviance == pytest.approx(-2 * other.llf, abs=1e-4)


def test_order_of_rows_and_names_do_not_matter():
    y, x, t, _, random = nested(5)
    order = np.random.default_rng(1).permutation(len(y))
    moved = [
        Random(
            name=r.name,
            effects=r.effects,
            group=[f"g{list(r.group)[i]}" for i in order],
            z=r.z[order],
        )
        for r in random
    ]
    one = fit(lay_out(y, x, t, random))
    other = fit(lay_out(y[order], x[order], [t[i] for i in order], moved))
    np.testing.assert_allclose(one.beta, other.beta, rtol=1e-5)
    assert one.deviance == pytest.approx(other.deviance, abs=1e-7)


def test_leaving_out_a_dyad_is_fitting_without_its_rows():
    y, x, t, d, random = nested(6)
    found = fit(lay_out(y, x, t, random))
    names, beta = without_each(found, d)
    whole = naive.whole_covariance(found.variances, of_random(random))
    for name, row in zip(names, beta, strict=True):
        keep = [i for i, e in enumerate(d) if e != name]
        np.testing.assert_allclose(row, naive.without(y, x, whole, keep), rtol=1e-7)


def test_residuals_are_white():
    y, x, t, _, random = nested(7, therapists=40)
    left, fitted = white_residuals(fit(lay_out(y, x, t, random)))
    assert left.size == fitted.size == y.size
    assert left.std() == pytest.approx(1.0, abs=0.1)
    assert abs(np.corrcoef(left[:-1], left[1:])[0, 1]) < 0.12


def test_flips_count_every_turning():
    y, x, t, _, random = nested(8, therapists=7)
    found = fit(lay_out(y, x, t, random))
    parts = score_parts(found, 1)
    assert flipped(found, 1, np.random.default_rng(1)) == pytest.approx(naive.flips(parts.tolist()))
    few = fit(lay_out(*nested(8, therapists=5)[:3], nested(8, therapists=5)[4]))
    assert np.isnan(flipped(few, 1, np.random.default_rng(1)))


def test_an_outcome_that_the_columns_tell_wholly_is_no_fit():
    x = np.column_stack([np.ones(8), np.arange(8.0)])
    found = fit(lay_out(3 * x[:, 1], x, range(8), [residual(8)]))
    assert not found.converged


def moments(seed, *, groups=7, units=1, nested_sd=0.8, slope=0.5, n=20):
    """Groups of many rows, with slopes that differ, in ``units`` units each."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(n - 4, n + 5, groups)
    group = np.repeat(np.arange(groups) * 3 + 5, sizes)
    unit = group * 100 + rng.integers(0, units, group.size)
    z = np.column_stack([np.ones(group.size), rng.standard_normal(group.size)])
    own = rng.standard_normal((300, 2)) * [0.7, slope]
    y = z @ [1.0, 0.5] + (own[group] * z).sum(axis=1) + rng.standard_normal(group.size)
    y += nested_sd * rng.standard_normal(30000)[unit] * (units > 1)
    random = [Random(name="dyad", effects=("intercept", "x"), group=group.tolist(), z=z)]
    if units > 1:
        random.append(Random(name="unit", effects=("1",), group=unit.tolist(), z=ones(y.size)))
    return y, z, group.tolist(), [*random, residual(y.size)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("units", [1, 3])
def test_turned_clusters_have_the_deviance_of_all_rows_and_its_minimum(seed, units):
    y, x, group, random = moments(seed, units=units)
    design = lay_out_turned(y, x, group, random)
    assert design.y.shape[1] <= 2 + 3 * (units > 1) + 2 + 1 < y.size // 7
    assert design.spare + design.there.sum() == y.size
    found = fit(design)
    assert found.converged
    kernels = of_random(random)
    whole = naive.whole_covariance(found.variances, kernels)
    deviance = naive.reml_deviance(y, x, whole)
    assert found.deviance == pytest.approx(deviance, rel=1e-9)
    np.testing.assert_allclose(found.phi, np.linalg.inv(x.T @ np.linalg.solve(whole, x)), rtol=1e-8)
    rng = np.random.default_rng(seed)
    block = np.array([found.variances[:2], found.variances[1:3]])
    for _ in range(20):  # no covariance nearby does better
        step = 0.05 * rng.standard_normal((2, 2))
        root = np.linalg.cholesky(block + 1e-9 * np.eye(2)) + step
        own = (root @ root.T)[[0, 0, 1], [0, 1, 1]]
        rest = found.variances[3:] * rng.uniform(0.9, 1.1, found.variances.size - 3)
        away = naive.whole_covariance(np.array([*own, *rest]), kernels)
        assert naive.reml_deviance(y, x, away) >= deviance - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_turning_changes_no_estimate_and_no_degree_of_freedom(seed):
    y, x, group, random = moments(seed, units=1 + seed % 2)
    turned, plain = fit(lay_out_turned(y, x, group, random)), fit(lay_out(y, x, group, random))
    np.testing.assert_allclose(turned.beta, plain.beta, rtol=1e-6)
    np.testing.assert_allclose(turned.variances, plain.variances, rtol=1e-4, atol=1e-6)
    spreads = spread_of_variances(turned), spread_of_variances(plain)
    np.testing.assert_allclose(*spreads, rtol=1e-3, atol=1e-7)
    for k in range(2):
        df = [
            degrees_of_freedom(f, s, np.eye(2)[k])
            for f, s in zip((turned, plain), spreads, strict=True)
        ]
        assert df[0] == pytest.approx(df[1], rel=1e-3)
    np.testing.assert_allclose(score_parts(turned, 1), score_parts(plain, 1), rtol=1e-4, atol=1e-6)


def test_turning_minds_no_group_that_lacks_an_effect_and_none_of_one_row():
    y, x, group, random = moments(3)
    keep = [*range(40), len(y) - 1]  # the last group has one row left
    x = x[keep].copy()
    x[:10, 1] = 0.0  # no slope can be seen there
    group = [group[k] for k in keep]
    random = [
        Random(name="dyad", effects=("intercept", "x"), group=group, z=x),
        residual(len(keep)),
    ]
    turned, plain = (fit(lay(y[keep], x, group, random)) for lay in (lay_out_turned, lay_out))
    assert turned.deviance == pytest.approx(plain.deviance, abs=1e-8)
    np.testing.assert_allclose(turned.beta, plain.beta, rtol=1e-5)


def test_a_variance_of_nothing_is_an_answer():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(8), 20)
    x = np.column_stack([np.ones(160), rng.standard_normal(160)])
    y = x @ [0.0, 1.0] + rng.standard_normal(160)
    y -= np.array([y[group == g].mean() for g in range(8)])[group]  # groups are too much alike
    random = [Random(name="g", effects=("1",), group=group.tolist(), z=ones(160)), residual(160)]
    found = fit(lay_out_turned(y, x, group.tolist(), random))
    assert found.converged
    assert found.singular
    assert found.variances[0] < 1e-8
    np.testing.assert_allclose(found.beta, np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-6)


def test_turned_clusters_agree_with_statsmodels():
    from statsmodels.regression.mixed_linear_model import MixedLM

    y, x, group, random = moments(7, groups=30)
    theirs = MixedLM(y, x, groups=group, exog_re=x).fit(reml=True, method=["lbfgs"])
    assert theirs.converged
    ours = fit(lay_out_turned(y, x, group, random))
    np.testing.assert_allclose(ours.beta, theirs.fe_params, atol=1e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.phi)), theirs.bse_fe, rtol=5e-3)
    cov = np.asarray(theirs.cov_re)[[0, 0, 1], [0, 1, 1]]
    np.testing.assert_allclose(ours.variances[:3], cov, atol=2e-3)
    assert -ours.deviance / 2 == pytest.approx(theirs.llf, abs=1e-4)
