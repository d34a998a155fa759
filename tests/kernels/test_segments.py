import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import segments as reference

from syntony.kernels.segments import (
    cross_pearson,
    cross_segments,
    pair_means,
    pair_sums,
    standardised,
)


def spoiled(kind, n_segments, length):
    rng = np.random.default_rng(len(kind))
    x, y = np.cumsum(rng.standard_normal((2, n_segments, length)), axis=2)
    if kind == "gaps":
        x[1, :12] = np.nan
        y[3] = np.nan
        y[2, -3:] = np.nan
    if kind == "scattered":
        x[rng.random(x.shape) < 0.1] = np.nan
        y[rng.random(y.shape) < 0.1] = np.nan
    if kind == "constant":
        x[2] = 0.1
        y[0] = -7.3
    if kind == "offset":
        x, y = 1e5 + 1e-2 * x, 2e5 + 1e-2 * y
    if kind == "copies":
        y[:] = x
        y[1] = -x[1]
    return x, y


KINDS = ["whole", "gaps", "scattered", "constant", "offset", "copies"]


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_segments_correlate_as_the_definition_says(kind, share):
    x, y = spoiled(kind, 6, 25)
    atol = 1e-9 if kind == "offset" else 1e-12
    found = cross_segments(x, y, 7, min_share=share)
    every = reference.crossed(x, y, 7, share)
    own = every[np.arange(6), np.arange(6)]
    assert_allclose(found.r, own, rtol=0, atol=atol, equal_nan=True)
    z = reference.fisher(every)
    signed, absolute = pair_means(x, y, 7, min_share=share)
    assert_allclose(signed, z.mean(axis=2), rtol=0, atol=atol, equal_nan=True)
    assert_allclose(absolute, np.abs(z).mean(axis=2), rtol=0, atol=atol, equal_nan=True)
    every[np.arange(6), np.arange(6)] = np.nan
    z = reference.fisher(every)
    want = [np.nansum(v, axis=1).T for v in (z, np.abs(z), np.abs(every))]
    assert_allclose(found.sums, want, rtol=0, atol=10 * atol)
    assert_array_equal(found.counts, (~np.isnan(every[:, :, 0])).sum(axis=1))


def test_share_counts_products_that_exist():
    x, y = spoiled("gaps", 6, 25)
    share = cross_segments(x, y, 7).share
    assert_allclose(share[1, 7], 13 / 25)
    assert_allclose(share[2, 7 + 2], (23 - 3) / 23)
    assert_allclose(share[2, 7 - 3], 1.0)
    assert_array_equal(share[3], 0.0)
    assert_array_equal(share[0], 1.0)


def test_nobody_is_left():
    x = np.full((4, 10), np.nan)
    y = np.ones((4, 10))
    for a, b in ((x, x), (x, y), (y, y)):
        found = cross_segments(a, b, 2)
        assert np.isnan(found.r).all()
        assert not found.counts.any()
        assert np.isnan(pair_means(a, b, 2)[0]).all()


def test_many_rows_do_not_overflow():
    r = np.full((300, 2), 1.0)
    r[:, 1] = -1.0
    assert_allclose(pair_sums(r), [[3000.0, -3000.0], [3000.0, 3000.0], [300.0, 300.0]], rtol=1e-14)


def test_a_large_mean_leaves_its_digits():
    v = 1e9 + np.random.default_rng(1).standard_normal((3, 50))
    u, varies = standardised(v)
    exact = (v - 1e9) - (v - 1e9).mean(axis=1, keepdims=True)
    exact /= np.sqrt((exact * exact).sum(axis=1, keepdims=True))
    assert varies.all()
    assert_allclose(u, exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_rows_correlate_as_pearson_says(missing):
    rng = np.random.default_rng(4)
    a, b = 1e5 + rng.standard_normal((2, 5, 9))
    a[rng.random(a.shape) < missing] = np.nan
    b[rng.random(b.shape) < missing] = np.nan
    a[1] = 4.0
    found = cross_pearson(a, b, min_pairs=7)
    for i in range(5):
        for h in range(5):
            enough = (~np.isnan(a[i]) & ~np.isnan(b[h])).sum() >= 7
            want = reference.pearson(a[i], b[h]) if enough else np.nan
            assert_allclose(found[i, h], want, rtol=0, atol=1e-9, equal_nan=True)
    assert np.isnan(found[1]).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.floats(-1e3, 1e3), st.integers(0, 6))
def test_scale_offset_and_exchange(seed, gain, offset, lag):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 4, 13))
    x[rng.random(x.shape) < 0.05] = np.nan
    there = cross_segments(x, y, lag, min_share=0.5)
    scaled = cross_segments(gain * x + offset, y, lag, min_share=0.5)
    assert_allclose(there.r, scaled.r, atol=1e-8, equal_nan=True)
    back = cross_segments(y, x, lag, min_share=0.5)
    assert_allclose(there.r, back.r[:, ::-1], atol=1e-12, equal_nan=True)
    assert_allclose(there.sums.sum(axis=2), back.sums.sum(axis=2)[:, ::-1], atol=1e-11)
    assert not (np.abs(there.r) > 1.0).any()
