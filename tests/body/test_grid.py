import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import body as reference

from syntony.body.grid import grid_count, to_grid
from syntony.core.errors import InputError
from syntony.core.signal import Signal


def signal(values, rate_hz, start_s=0.0):
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit="uS", kind="eda", person="P01"
    )


def test_a_signal_on_the_grid_passes_untouched():
    x = np.random.default_rng(0).standard_normal(400)
    x[50:60] = np.nan
    there = to_grid(signal(x, 4.0, 10.25), rate_hz=4.0, start_s=20.0, stop_s=60.0)
    assert_array_equal(there.values, x[39:199])
    assert (there.start_s, there.rate_hz, there.values.size) == (20.0, 4.0, 160)


def test_beyond_the_ends_is_missing():
    there = to_grid(signal(np.ones(8), 4.0, 1.0), rate_hz=4.0, start_s=0.0, stop_s=4.0)
    assert_array_equal(np.isfinite(there.values), [0] * 4 + [1] * 8 + [0] * 4)
    there = to_grid(signal(np.ones(8), 4.0, 1.1), rate_hz=4.0, start_s=0.0, stop_s=4.0)
    # Samples at 1.10 ... 2.85 s: grid points 1.25 ... 2.75 s lie between two of them.
    assert_allclose(there.times_s[np.isfinite(there.values)], np.arange(1.25, 2.8, 0.25))


rates = st.one_of(st.sampled_from([1.0, 3.0, 4.0, 5.0, 32.0]), st.floats(0.5, 50.0))


@settings(deadline=None, max_examples=60)
@given(rates, rates, st.floats(-3, 3), st.floats(-5, 5), st.lists(st.integers(0, 99), max_size=6))
def test_a_grid_point_is_there_only_between_valid_neighbours(rate, grid, start, first, gaps):
    x = np.full(100, 2.0)
    x[gaps] = np.nan
    there = to_grid(signal(x, rate, start), rate_hz=grid, start_s=first, stop_s=first + 20)
    assert there.values.size == grid_count(grid, first, first + 20)
    at = (there.times_s - start) * rate
    near = np.rint(at)
    for k, v in zip(at, there.values, strict=True):
        low, high = (int(np.floor(k)), int(np.ceil(k)))
        if abs(k - np.rint(k)) < 1e-5:
            if abs(k - np.rint(k)) > 1e-7:
                continue  # neither on a sample nor off it
            low = high = int(np.rint(k))
        valid = all(0 <= i < 100 and np.isfinite(x[i]) for i in (low, high))
        assert np.isfinite(v) == valid
    assert near.size == there.values.size
    assert_allclose(there.values[np.isfinite(there.values)], 2.0, atol=1e-6)


@pytest.mark.parametrize("ratio", [1.0, 1.7, 4.0, np.pi])
def test_upward_it_is_cubic_convolution(ratio):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(60)
    x[[10, 11, 30]] = np.nan
    there = to_grid(signal(x, 4.0, 0.13), rate_hz=4.0 * ratio, start_s=0.0, stop_s=16.0)
    want = reference.keys(x, (there.times_s - 0.13) * 4.0)
    assert_allclose(there.values, want, atol=1e-9, equal_nan=True)


def test_it_reproduces_parabolas_at_any_offset():
    t = np.arange(100) / 4 + 0.137
    there = to_grid(signal(t**2, 4.0, 0.137), rate_hz=4.0, start_s=1.0, stop_s=20.0)
    assert_allclose(there.values, there.times_s**2, atol=1e-9)


@pytest.mark.parametrize("rate_hz", [16.0, 25.6, 128.0, 1000.0, 4.0 * np.sqrt(2), 100 / 3])
@pytest.mark.parametrize("start_s", [0.0, 0.0371])
def test_downward_slow_waves_stay_and_fast_ones_do_not_fold(rate_hz, start_s):
    t = np.arange(round(120 * rate_hz)) / rate_hz + start_s
    slow = np.sin(2 * np.pi * 0.3 * t)
    there = to_grid(signal(slow, rate_hz, start_s), rate_hz=4.0, start_s=1.0, stop_s=119.0)
    inside = slice(40, -40)
    # At a rate only 1.4 times that of the grid the cubic itself is off by up to 0.2 %.
    want = np.sin(2 * np.pi * 0.3 * there.times_s)
    assert_allclose(there.values[inside], want[inside], atol=3e-3)
    fast_hz = min(3.7, 0.47 * rate_hz)  # would fold to 0.3 Hz or near it
    fast = np.sin(2 * np.pi * fast_hz * t)
    there = to_grid(signal(fast, rate_hz, start_s), rate_hz=4.0, start_s=1.0, stop_s=119.0)
    # Two passes of order 8 at 1.6 Hz: -31 dB at 2 Hz, better than -60 dB from 2.5 Hz on.
    assert np.abs(there.values[inside]).max() < 1e-3


@pytest.mark.parametrize("rate_hz", [3.3, 10.0, 32.0])
def test_what_stands_behind_a_gap_does_not_matter(rate_hz):
    x = np.random.default_rng(4).standard_normal(400)
    x[150:200] = np.nan
    left = to_grid(signal(x[:150], rate_hz), rate_hz=4.0, start_s=0.0, stop_s=200 / rate_hz)
    there = to_grid(signal(x, rate_hz), rate_hz=4.0, start_s=0.0, stop_s=200 / rate_hz)
    assert_allclose(there.values, left.values, atol=1e-12, equal_nan=True)


def test_scale_and_offset_pass_through():
    x = np.random.default_rng(5).standard_normal(640)
    for grid_hz in (4.0, 50.0):
        a = to_grid(signal(x, 32.0), rate_hz=grid_hz, start_s=0.0, stop_s=20.0).values
        b = to_grid(signal(3 * x + 7, 32.0), rate_hz=grid_hz, start_s=0.0, stop_s=20.0).values
        assert_allclose(b, 3 * a + 7, atol=1e-9, equal_nan=True)


def test_a_clock_that_drifts_a_little_is_not_filtered():
    x = np.random.default_rng(6).standard_normal(4000)
    there = to_grid(signal(x, 4.0 * (1 + 50e-6)), rate_hz=4.0, start_s=0.0, stop_s=999.9)
    assert_allclose(there.values[:20], x[:20], atol=2e-3)
    assert np.nanstd(there.values) > 0.8


@pytest.mark.parametrize(
    ("rate_hz", "start_s", "stop_s"), [(0.0, 0, 1), (np.nan, 0, 1), (4.0, 2, 1), (4.0, 0, np.inf)]
)
def test_an_impossible_grid_is_refused(rate_hz, start_s, stop_s):
    with pytest.raises(InputError):
        to_grid(signal(np.ones(9), 4.0), rate_hz=rate_hz, start_s=start_s, stop_s=stop_s)


def test_an_empty_or_single_sample_is_no_trouble():
    empty = to_grid(signal(np.empty(0), 8.0), rate_hz=4.0, start_s=0.0, stop_s=1.0)
    assert np.isnan(empty.values).all()
    one = to_grid(signal(np.ones(1), 8.0, 0.5), rate_hz=4.0, start_s=0.0, stop_s=1.0)
    assert_array_equal(np.isfinite(one.values), [False, False, True, False])
