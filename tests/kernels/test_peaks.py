import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from reference import peaks as reference

from syntony.kernels.peaks import best_path, outward_peaks

WEIGHTS = ["off", "zero", "last"]


def rows(seed, shape, missing=0.0):
    rng = np.random.default_rng(seed)
    smooth = rng.standard_normal((shape[0], shape[1] + 8))
    v = np.apply_along_axis(lambda r: np.convolve(r, np.hanning(9), "valid"), 1, smooth)
    v[rng.random(v.shape) < missing] = np.nan
    return v


@pytest.mark.parametrize("missing", [0.0, 0.01])
@pytest.mark.parametrize("clear", [1, 5, 8, 15])
def test_the_search_does_what_the_definition_says(clear, missing):
    curves = rows(clear, (400, 65), missing)
    want = [reference.outward_peak(c, clear) for c in curves]
    assert_array_equal(outward_peaks(curves, clear), [-1 if w is None else w for w in want])
    lowest = outward_peaks(curves, clear, -1)
    assert_array_equal(lowest, outward_peaks(-curves, clear, 1))
    assert (lowest >= 0).any()
    assert clear < 8 or -1 in lowest


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_a_peak_is_higher_than_all_nearer_points_and_what_follows(clear, seed):
    curve = rows(seed, (1, 41))
    place = outward_peaks(curve, clear)[0]
    if place < 0:
        return
    reach = min(20, max(abs(place - 20), 1) + clear)
    assert curve[0, place] == curve[0, 20 - reach : 20 + reach + 1].max()
    assert clear <= place <= 40 - clear


def test_a_curve_and_its_mirror_image_have_mirrored_peaks():
    curves = rows(3, (300, 41))
    there, back = outward_peaks(curves, 6), outward_peaks(curves[:, ::-1], 6)
    assert_array_equal(there < 0, back < 0)
    assert_array_equal((there + back)[there >= 0], 40)


@pytest.mark.parametrize("missing", [0.0, 0.6, 0.95])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_path_does_what_the_definition_says(weight, missing):
    grid = rows(7, (300, 21), missing)
    grid[80:110] = np.nan
    for reach in (0.0, 1.0, 2.5, 40.0):
        moves = np.full(300, reach)
        want = reference.elastic_path(grid, moves, weight, 0.1, 1000.0)
        got = best_path(grid, moves, WEIGHTS.index(weight), 0.1, 1000.0)
        assert_array_equal(got, [-1 if w is None else w for w in want])


def test_the_path_keeps_to_its_speed_and_a_gap_widens_its_reach():
    grid = np.zeros((6, 11))
    grid[1:, 10] = 1.0
    assert_array_equal(best_path(grid, np.full(6, 5.0), 0, 0.0, 1.0), [5, 10, 10, 10, 10, 10])
    assert_array_equal(best_path(grid[:2, ::-1], np.full(2, 5.0), 0, 0.0, 1.0), [5, 0])
    grid[1:3] = np.nan
    assert_array_equal(best_path(grid, np.full(6, 2.0), 0, 0.0, 1.0), [5, -1, -1, 10, 10, 10])
