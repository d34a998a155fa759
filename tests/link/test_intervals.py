"""BCa against scipy, means within dyads, and the place of a value in its null."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.seeds import rng_for
from syntony.link.intervals import bca_interval, beside, by_dyad, mean_there


def mean(samples):
    return samples.mean(axis=1)


@pytest.mark.parametrize("shape", [0.7, 5.0])
def test_bca_is_that_of_scipy(shape):
    from scipy.stats import bootstrap

    values = rng_for(1, "bca").gamma(shape, size=23)
    ours = bca_interval(values, mean, rng_for(2), draws=40_000)
    theirs = bootstrap(
        (values,), np.mean, method="BCa", n_resamples=40_000, random_state=rng_for(3)
    ).confidence_interval
    assert_allclose(ours, theirs, atol=0.02 * values.std())


def test_bca_moves_and_mirrors_with_its_values():
    values = rng_for(4, "bca").gamma(1.0, size=15)
    low, high = bca_interval(values, mean, rng_for(5), draws=4000)
    assert_allclose(
        bca_interval(3 * values + 7, mean, rng_for(5), draws=4000), [3 * low + 7, 3 * high + 7]
    )
    assert_allclose(bca_interval(-values, mean, rng_for(5), draws=4000), [-high, -low], atol=1e-3)


def test_bca_has_nothing_to_say_about_few_or_equal_values():
    for values in (np.arange(3.0), np.full(9, 2.5)):
        assert np.isnan(bca_interval(values, mean, rng_for(1))).all()


@pytest.mark.slow
def test_bca_covers_the_mean_of_twenty_dyads():
    runs = 2000
    inside = 0
    for i in range(runs):
        rng = rng_for(6, "cover", i)
        low, high = bca_interval(rng.gamma(2.0, size=20), mean, rng, draws=999)
        inside += low <= 2.0 <= high
    assert 0.90 < inside / runs < 0.96


def test_sessions_are_averaged_cell_by_cell():
    table = np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, 9.0], [4.0, np.nan]])
    names, means = by_dyad(table, ["b", "b", "b", "a"])
    assert names == ["b", "a"]
    assert_allclose(means, [[2.0, 5.0], [4.0, np.nan]], equal_nan=True)
    assert by_dyad(np.empty((0, 3)), [])[1].shape == (0, 3)
    assert_allclose(
        mean_there(np.array([[np.nan, 1.0], [np.nan, 2.0]])), [np.nan, 1.5], equal_nan=True
    )


def test_the_place_of_a_value_in_its_null():
    null = np.append(np.arange(99.0), np.nan)
    found = beside(98.0, null)
    assert (found.mean, found.p_one, found.p_two) == (49.0, 3 / 101, 6 / 101)
    assert_allclose([found.low, found.high], [2.45, 95.55])
    assert_allclose(found.z, 49 / np.arange(99.0).std(ddof=1))
    tie = beside(2.0, np.full(9, 2.0))
    assert (tie.p_one, tie.p_two) == (1.0, 1.0)
    assert np.isnan(tie.z)
    assert np.isnan(beside(1.0, np.empty(0))).all()
    lost = beside(np.nan, null)
    assert np.isnan([lost.p_one, lost.p_two, lost.z]).all()
    assert lost.mean == 49.0
