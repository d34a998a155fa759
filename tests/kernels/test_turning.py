import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import matching as reference

from syntony.kernels.turning import polynomial_smooth, turning_points


def rough(seed, n=260, missing=0.0):
    rng = np.random.default_rng(seed)
    v = np.convolve(rng.standard_normal(n + 4), np.ones(5) / 5, "valid") + 7
    v[rng.random(n) < missing] = np.nan
    return v


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize(("order", "window"), [(1, 5), (2, 25), (3, 13), (5, 9)])
def test_smoothing_does_what_the_definition_says(order, window, missing):
    v = rough(1, missing=missing)
    v[80:120] = np.nan
    least = int(0.8 * window) if missing < 0.5 else order + 1
    got = polynomial_smooth(v, order, window, least)
    want = reference.polynomial_smooth(v, order, window, least)
    assert np.isnan(want).any()
    if missing < 0.5:
        assert_allclose(got, want, rtol=0, atol=1e-9, equal_nan=True)
    else:  # few samples on one side: the polynomial itself is ill determined there
        assert_array_equal(np.isnan(got), np.isnan(want))
        assert_allclose(np.nanmedian(np.abs(got - want)), 0, atol=1e-9)


def test_a_large_offset_costs_no_digits():
    v = rough(2)
    small = polynomial_smooth(1e-2 * v, 2, 25, 25)
    large = polynomial_smooth(1e5 + 1e-2 * v, 2, 25, 25) - 1e5
    assert_allclose(large, small, rtol=0, atol=1e-10)


def test_too_short_or_empty_has_no_value():
    assert np.isnan(polynomial_smooth(np.arange(4.0), 2, 5, 3)).all()
    assert np.isnan(polynomial_smooth(np.full(40, np.nan), 2, 5, 3)).all()


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("reach", [0, 2, 5])
def test_turning_points_are_those_of_the_definition(reach, missing):
    for seed in range(8):
        v = rough(10 + seed, 400, missing)
        v[200:230] = np.nan
        smooth = polynomial_smooth(v, 2, 9, 6)
        got = np.column_stack(turning_points(v, smooth, reach, 0.3))
        want = np.array(reference.turning_points(v, smooth, reach, 0.3))
        assert len(want) > 10
        assert_array_equal(got, want)


def test_a_plateau_turns_once_and_a_flat_line_never():
    v = np.array([0, 1, 2, 2, 2, 1, 0, 0, 1.0])
    at, kind, _ = turning_points(v, v, 0, 0.1)
    assert at.tolist() == [2, 6]
    assert kind.tolist() == [1, -1]
    flat = np.full(50, 3.3)
    assert turning_points(flat, polynomial_smooth(flat, 2, 9, 9), 2, 0.1)[0].size == 0


def test_a_small_peak_goes_with_its_higher_valley():
    v = np.array([0, 4, 1, 3, 2.9, 5, 0.5, 2, 0])
    at, _, _ = turning_points(v, v, 0, 0.5)
    assert at.tolist() == [1, 2, 3, 4, 5, 6, 7]
    v[5] = 3.2
    at, _, _ = turning_points(v, v, 0, 0.5)
    assert at.tolist() == [1, 2, 3, 6, 7]
