import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from reference import body as reference

from syntony.body import quality

masks = arrays(np.bool_, st.integers(0, 60))


@given(masks)
def test_runs_tell_the_mask(mask):
    again = np.zeros_like(mask)
    for start, stop in quality.runs(mask):
        assert stop > start
        assert not again[max(0, start - 1) : stop].any()
        again[start:stop] = True
    assert_array_equal(again, mask)


@given(masks, st.integers(0, 12))
def test_spread_matches_the_definition(mask, samples):
    assert_array_equal(quality.spread(mask, samples), reference.spread(mask, samples))


def test_spread_covers_exactly_both_sides():
    mask = np.zeros(100, bool)
    mask[50] = True
    wide = quality.spread(mask, quality.samples_in(5.0, 4.0))
    assert wide.sum() == 41  # 20 samples of 4 Hz on either side, and the sample itself
    assert (wide[30], wide[70], wide[29], wide[71]) == (True, True, False, False)


@pytest.mark.parametrize("half", [0, 1, 4, 70])
def test_moving_mean_matches_the_definition(half):
    x = np.random.default_rng(1).standard_normal(61) + 1e4
    assert_allclose(quality.moving_mean(x, half), reference.moving_mean(x, half), atol=1e-9)


@settings(deadline=None)
@given(
    arrays(np.float64, st.integers(0, 50), elements=st.sampled_from([1.0, 1.00004, 2.0, np.nan])),
    st.integers(2, 9),
)
def test_flat_matches_the_definition(values, window):
    assert_array_equal(quality.flat(values, window, 1e-4), reference.flat(values, window, 1e-4))


def test_a_living_signal_on_a_high_level_is_not_flat():
    x = 50 + 0.002 * np.random.default_rng(2).standard_normal(200_000)
    assert not quality.flat(x, 40, 1e-4).any()
    x[1000:1040] = 50.0
    assert_array_equal(quality.runs(quality.flat(x, 40, 1e-4)), [[1000, 1040]])


@given(st.lists(arrays(np.bool_, 30), min_size=1, max_size=4))
def test_every_sample_stands_under_one_cause(several):
    causes = {str(k): mask for k, mask in enumerate(several)}
    valid, losses = quality.losses_by_first_cause(causes, 4.0)
    assert sum(loss.count for loss in losses) + valid.sum() == 30
    assert_array_equal(valid, ~np.any(several, axis=0))
    assert all(loss.seconds == loss.count / 4.0 for loss in losses)
