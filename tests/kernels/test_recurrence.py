import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from reference import recurrence as reference

from syntony.kernels import distances
from syntony.kernels.distances import (
    States,
    distance_facts,
    distance_of_rank,
    nearest_states,
)
from syntony.kernels.recurrence import recurrence_lines


def made(seed, n, n_channels=1, missing=0.0):
    rng = np.random.default_rng(seed)
    a, b = 0.3 * np.cumsum(rng.standard_normal((2, n_channels, n)), axis=2)
    a[:, rng.random(n) < missing] = np.nan
    b[:, rng.random(n) < missing / 2] = np.nan
    return a, b


def states(a, b, dimension=1, delay=1, norm="euclidean", ends=(-1, 1), theiler=0):
    n = a.shape[1] - (dimension - 1) * delay
    return States(
        a=a,
        b=b,
        dimension=dimension,
        delay=delay,
        maximum=norm == "maximum",
        lags=(ends[0] * (n - 1), ends[1] * (n - 1)),
        theiler=theiler,
    )


def check(a, b, dimension, delay, norm, ends, theiler, share=0.1):
    them = states(a, b, dimension, delay, norm, ends, theiler)
    d = reference.distances(a, b, dimension, delay, norm)
    cells = reference.countable(d, them.lags, theiler)
    if not cells.any():
        assert np.isnan(distance_of_rank(them, share))
        return
    limit = distance_of_rank(them, share)
    found_radius = limit if norm == "maximum" else np.sqrt(limit)
    assert_allclose(found_radius, reference.rank_distance(d, cells, share), rtol=1e-14)
    near = cells & (d <= found_radius)
    lines = recurrence_lines(them, limit)
    lags = range(them.lags[0], them.lags[1] + 1)
    assert_array_equal(lines.near, [np.diagonal(near, k).sum() for k in lags])
    assert_array_equal(lines.pairs, [np.diagonal(cells, k).sum() for k in lags])
    size = them.n + 1
    for found, lengths in (
        (lines.diagonal, reference.diagonal_runs(near)),
        (lines.row, reference.row_runs(near)),
        (lines.white, reference.row_runs(cells & ~near)),
    ):
        assert_array_equal(found, np.bincount(np.array(lengths, dtype=int), minlength=size))
    less = recurrence_lines(them, limit, rows=False)
    assert_array_equal(less.diagonal, lines.diagonal)
    assert not less.row.any()


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.6])
@pytest.mark.parametrize(
    ("n", "n_channels", "dimension", "delay", "norm", "ends", "theiler"),
    [
        (61, 1, 1, 1, "euclidean", (-1, 1), 0),
        (64, 3, 2, 5, "maximum", (-1, 1), 4),
        (333, 2, 3, 7, "euclidean", (-1, 1), 1),  # a sample of the diagonals is taken
        (330, 1, 2, 3, "maximum", (0, 1), 2),
        (72, 2, 1, 1, "maximum", (-1, 0), 0),
    ],
)
def test_it_does_what_the_definition_says(
    n, n_channels, dimension, delay, norm, ends, theiler, missing
):
    a, b = made(n, n, n_channels, missing)
    check(a, b, dimension, delay, norm, ends, theiler)


@pytest.mark.parametrize("n", [1023, 1024, 1025, 1033, 2050])
def test_chunks_join_without_a_seam(n):
    rng = np.random.default_rng(n)
    a, b = rng.integers(0, 3, (2, 1, n)).astype(float)
    b[0, 900:1100] = a[0, 900:1100]  # long lines across the seam
    lines = recurrence_lines(states(a, b), 0.0)
    near = a[0][:, None] == b[0][None, :]
    lags = np.arange(1 - n, n)
    assert_array_equal(lines.near, [np.diagonal(near, k).sum() for k in lags])
    assert int(np.flatnonzero(lines.diagonal)[-1]) >= 123
    points = np.arange(n + 1)
    assert (lines.diagonal * points).sum() == (lines.row * points).sum() == near.sum()
    assert (lines.white * points).sum() == (~near).sum()
    assert lines.row.sum() == (near[:, 1:] & ~near[:, :-1]).sum() + near[:, 0].sum()
    down = near[1:, 1:] & ~near[:-1, :-1]
    assert lines.diagonal.sum() == down.sum() + near[0].sum() + near[1:, 0].sum()


def test_constants_and_ties():
    a = np.zeros((1, 350))
    a[0, 100:200] = 1.0
    b = np.where(np.arange(350) % 7 < 3, 1.0, 0.0)[None]
    for share in (0.05, 0.5, 0.6, 1.0):
        check(a, b, 1, 1, "euclidean", (-1, 1), 0, share)
    check(a, a, 2, 3, "maximum", (0, 1), 1, 0.3)


@pytest.mark.parametrize("share", [1e-6, 0.01, 0.4, 0.97, 1.0])
def test_a_rank_is_found_whatever_the_sample_says(share, monkeypatch):
    a, b = made(7, 400)
    a[0, ::16] += 50.0  # what the sampled diagonals see is not what the others see
    d = reference.distances(a, b, 1, 1, "euclidean")
    want = reference.rank_distance(d, ~np.isnan(d), share)
    assert_allclose(np.sqrt(distance_of_rank(states(a, b), share)), want, rtol=1e-14)
    monkeypatch.setattr(distances, "_KEPT", 1)
    assert_allclose(np.sqrt(distance_of_rank(states(a, b), share)), want, rtol=1e-14)


@pytest.mark.parametrize("norm", ["euclidean", "maximum"])
def test_facts_of_the_distances(norm):
    a, b = made(3, 90, 2, 0.1)
    d = reference.distances(a, b, 2, 3, norm)
    total, largest, smallest, count, on_main = distance_facts(states(a, b, 2, 3, norm))
    assert_allclose(total, np.nansum(d), rtol=1e-13)
    assert_allclose([largest, smallest], [np.nanmax(d), np.nanmin(d)], rtol=1e-15)
    assert count == np.isfinite(d).sum()
    assert on_main == np.isfinite(np.diagonal(d)).sum()


def test_nearest_states():
    a, b = made(4, 120, 1, 0.1)
    d = reference.distances(a, b, 2, 4, "euclidean")
    them = states(a, b, 2, 4, theiler=6)
    d[~reference.countable(d, them.lags, 6)] = np.inf
    nearest, square = nearest_states(them)
    there = np.isfinite(d.min(axis=1))
    assert_array_equal(nearest[there], d.argmin(axis=1)[there])
    assert_array_equal(nearest[~there], -1)
    assert_allclose(np.sqrt(square), d.min(axis=1), rtol=1e-14)


def test_memory_grows_with_the_length_not_with_its_square():
    a, b = made(5, 4000, 2)
    them = states(a, b)
    limit = distance_of_rank(them, 0.05)
    recurrence_lines(them, limit)
    tracemalloc.start()
    distance_of_rank(them, 0.05)
    recurrence_lines(them, limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000  # one byte for each of the 16 million cells would be 16 MB


values = st.integers(-3, 3).map(float) | st.just(float("nan"))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(12, 40).flatmap(
        lambda n: st.tuples(*[arrays(np.float64, (1, n), elements=values)] * 2)
    ),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([(-1, 1), (0, 1), (-1, 0)]),
    st.integers(0, 3),
)
def test_any_numbers(ab, dimension, delay, ends, theiler):
    check(*ab, dimension, delay, "maximum", ends, theiler, 0.2)
