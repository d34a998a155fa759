import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import recurrence as reference

from syntony.core.errors import InputError
from syntony.synchrony.group_recurrence import mdrqa
from syntony.synchrony.registry import get


def group_of(seed, n_people, n):
    return np.cumsum(np.random.default_rng(seed).standard_normal((n_people, n)), axis=1)


@pytest.mark.parametrize("missing", [0.0, 0.06])
@pytest.mark.parametrize(
    ("rate_hz", "size", "options"),
    [
        (4.0, 4, {}),
        (
            5.5,
            5,
            {"threshold": "rate", "dimension": 2, "delay_s": 4.0, "min_line": 3, "theiler_s": 5.0},
        ),
        (1.0, 1, {"threshold": "radius", "radius": 0.9, "norm": "maximum"}),
        (1.0, 1, {"radius": 1.1, "rescale": "none", "dimension": 2, "delay_s": 3.0}),
    ],
)
def test_it_does_what_the_definition_says(rate_hz, size, options, missing):
    signals = group_of(1, 3, 160 * size + 1)
    signals[1, np.random.default_rng(2).random(signals.shape[1]) < missing] = np.nan
    signals[2, 50 * size : 50 * size + round(300 * missing)] = np.nan
    c = mdrqa(signals, rate_hz=rate_hz, **options)
    at_hz = rate_hz / size
    least = max(1, math.ceil(0.5 * size))
    signals = np.where(np.isnan(signals).any(axis=0), np.nan, signals)
    thin = np.array([reference.block_means(v, size, least) for v in signals])
    thin = np.array([reference.standardised(v, 0) for v in thin])
    norm = options.get("norm", "euclidean")
    delay = round(options.get("delay_s", 1.0) * at_hz)
    d = reference.distances(thin, thin, options.get("dimension", 1), delay, norm)
    theiler = max(1, round(options.get("theiler_s", 0.0) * at_hz))
    cells = reference.countable(d, (0, len(d) - 1), theiler)
    radius = options.get("radius", 0.6)
    if norm == "euclidean" and "rescale" not in options:
        radius *= math.sqrt(3 * options.get("dimension", 1))
    if "rate" in options.values():
        radius = reference.rank_distance(d, cells, 0.05)
    assert_allclose(c.parts["radius"], radius, rtol=1e-12)
    near = cells & (d <= radius)
    lines = reference.diagonal_runs(near)
    want = reference.measures(lines, near.sum(), options.get("min_line", 2))
    found = get("mdrqa").summarise(c)
    assert_allclose(found["det"], want["share"], rtol=1e-12)
    assert float(c.values) == found["rec"]
    assert_allclose(found["rec"], near.sum() / cells.sum(), rtol=1e-12)
    assert_allclose(found["mean_line_s"], want["mean"] / at_hz, rtol=1e-12)
    assert_allclose(found["mean_line_all_s"], want["mean_all"] / at_hz, rtol=1e-12)
    assert_allclose(found["max_line_s"], want["longest"] / at_hz, rtol=1e-12)
    assert_allclose(found["entropy"], want["entropy"], rtol=1e-12)
    assert_allclose(float(c.coverage), np.isfinite(d).any(axis=0).mean(), rtol=1e-12)


@pytest.mark.parametrize("n_people", [2, 4, 7])
def test_a_shared_rhythm_makes_a_group_return_more_often(n_people):
    alone = np.random.default_rng(3).standard_normal((n_people, 900))
    periods = 10.0 * np.linspace(0.6, 1.7, n_people)[:, None]
    shared = alone + 2.0 * np.sin(np.arange(900) / 10.0)
    own = alone + 2.0 * np.sin(np.arange(900) / periods)
    rec = [float(mdrqa(v, rate_hz=1.0).values) for v in (shared, own)]
    assert rec[0] > 1.2 * rec[1] > 0


def test_windows_over_time():
    signals = group_of(4, 2, 600)
    signals[0, 200:260] = np.nan
    parts = mdrqa(signals, rate_hz=1.0, window_s=120.0, step_s=60.0).parts
    assert_allclose(parts["window_time_s"], 60.0 + 60.0 * np.arange(9))
    assert np.isnan(parts["window_rr"][[2, 3]]).all()  # a quarter of the pairs is there
    assert np.isfinite(parts["window_det"][[0, 5, 8]]).all()
    radius = float(parts["radius"])
    fixed = {"rescale": "none", "radius": radius, "normalise": "none"}
    z = np.array([reference.standardised(v, 0) for v in signals])
    z[:, np.isnan(z).any(axis=0)] = np.nan
    z = np.array(
        [(v - np.nanmean(v)) / np.nanstd(v) for v in np.where(np.isnan(z[0]), np.nan, signals)]
    )
    alone = get("mdrqa").summarise(mdrqa(z[:, 300:420], rate_hz=1.0, **fixed))
    assert_allclose(parts["window_rr"][5], alone["rec"], rtol=1e-12)
    assert_allclose(parts["window_det"][5], alone["det"], rtol=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.permutations(range(3)), st.floats(0.1, 10.0))
def test_order_and_scale_of_the_people_do_not_matter(seed, order, gain):
    signals = group_of(seed, 3, 80)
    plain = mdrqa(signals, rate_hz=1.0)
    other = mdrqa(gain * signals[list(order)] - 3.0, rate_hz=1.0)
    assert_allclose(float(other.values), float(plain.values), atol=1e-12)


def test_one_person_is_no_group():
    with pytest.raises(InputError, match="one row for each of two people or more"):
        mdrqa(np.zeros((1, 100)), rate_hz=1.0)
    with pytest.raises(InputError, match=r"signals=.*: expected one row"):
        mdrqa(np.zeros((2, 2, 100)), rate_hz=1.0)
