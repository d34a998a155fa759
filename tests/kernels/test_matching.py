import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import matching as reference

from syntony.kernels.matching import (
    alike_limbs,
    alike_steps,
    best_chain,
    stretched_cosine,
    stretched_pearson,
)

KINDS = {
    "limbs": (alike_limbs, reference.alike_limbs),
    "steps": (alike_steps, reference.alike_steps),
}


def made(seed, n=400, missing=0.0, offset=0.0):
    rng = np.random.default_rng(seed)
    x, y = np.cumsum(rng.standard_normal((2, n)), axis=1) * 1e-2 + offset
    x[rng.random(n) < missing] = np.nan
    y[120:150] = y[120]
    return x, y


def triangles(seed, n):
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(n, 61, replace=False))
    return np.column_stack((cuts[:-2:2], cuts[1:-1:2], cuts[2::2]))


@pytest.mark.parametrize("offset", [0.0, 1e5])
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("kind", KINDS)
def test_features_are_alike_by_the_definition(kind, missing, offset):
    fast, slow = KINDS[kind]
    x, y = made(1, missing=missing, offset=offset)
    one, two = triangles(2, x.size), triangles(3, x.size)
    none = np.zeros(x.size + 1, dtype=np.int64)
    i, j, got = fast(x, y, (one, two), (none, none), 40, 0.8)
    want = {}
    for a, f in enumerate(one):
        for b, g in enumerate(two):
            if abs(f[1] - g[1]) <= 40:
                value = slow(x, y, f, g, 0.8)
                if not np.isnan(value):
                    want[a, b] = value
    assert len(want) > 30
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == list(want)
    atol = 1e-12 if offset == 0 else 1e-6  # steps of 1e-2 on 1e5 have nine digits
    assert_allclose(got, list(want.values()), rtol=0, atol=atol)


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_compared_over_a_gap(kind, who):
    x, y = made(4)
    one, two = triangles(5, x.size), triangles(6, x.size)
    gap = np.zeros(x.size, dtype=np.int64)
    gap[200] = 1
    clear = [np.zeros(x.size + 1, dtype=np.int64) for _ in range(2)]
    clear[who][1:] = np.cumsum(gap)
    i, j, _ = KINDS[kind][0](x, y, (one, two), tuple(clear), 60, 0.8)
    low = np.minimum(one[i, 0], two[j, 0])
    high = np.maximum(one[i, 2], two[j, 2])
    assert i.size
    assert ((high < 200) | (low > 200)).all()


def test_no_features_no_pairs():
    x, y = made(7)
    none, empty = np.zeros(x.size + 1, dtype=np.int64), np.empty((0, 3), dtype=np.int64)
    assert alike_limbs(x, y, (empty, triangles(8, 400)), (none, none), 9, 0.8)[0].size == 0
    assert best_chain(none[:0], none[:0], np.empty(0)).size == 0


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("cosine", [False, True])
def test_stretched_spans_do_what_the_definition_says(cosine, missing):
    x, y = made(9, missing=missing)
    rng = np.random.default_rng(10)
    starts = rng.integers(0, 300, (2, 80))
    spans = [np.column_stack((s, s + rng.integers(0, 99, 80))) for s in starts]
    got = (stretched_cosine if cosine else stretched_pearson)(x, y, *spans, 0.7)
    want = [reference.stretched(x, y, a, b, 0.7, cosine) for a, b in zip(*spans, strict=True)]
    assert np.isfinite(want).any() or missing > 0.5
    assert_allclose(got, want, rtol=0, atol=1e-11, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 12))
def test_the_chain_gains_as_much_as_the_recursion(seed, n, m):
    rng = np.random.default_rng(seed)
    gains = np.where(rng.random((n, m)) < 0.4, rng.random((n, m)), 0.0)
    i, j = np.nonzero(gains)
    chosen = best_chain(i, j, gains[i, j])
    assert (np.diff(i[chosen]) > 0).all()
    assert (np.diff(j[chosen]) > 0).all()
    want = reference.best_chain(gains)
    assert_array_equal(np.column_stack((i[chosen], j[chosen])), np.array(want).reshape(-1, 2))
