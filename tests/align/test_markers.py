import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.markers import best_offset

from syntony.align.markers import fit_markers
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for


def presses(seed, n, span_s):
    """Presses at least 3 s apart, as people give them."""
    return np.sort(rng_for(seed, "presses").uniform(0, span_s - 3 * n, n)) + 3 * np.arange(n)


@given(st.integers(0, 500), st.integers(4, 12), st.floats(-900, 900))
def test_a_planted_offset_is_found_whatever_it_is(seed, n, offset_s):
    b = presses(seed, n, 3000)
    fit = fit_markers(b + offset_s, b)
    assert fit.offset_s == pytest.approx(offset_s, abs=1e-6)
    assert len(fit.pairs) == n


@pytest.mark.parametrize("seed", range(6))
def test_the_rough_offset_is_that_of_trying_them_all(seed):
    b = presses(seed, 6, 300)
    a = np.sort(np.append(b[1:] + 41.3 + rng_for(seed, "j").normal(0, 0.05, 5), [7.0, 260.0]))
    fit = fit_markers(a, b)
    tried, count = best_offset(a, b, 0.5)
    assert len(fit.pairs) == count
    assert fit.offset_s == pytest.approx(tried, abs=0.5)
    assert fit.offset_s == pytest.approx(41.3, abs=0.15)


@pytest.mark.parametrize("drift_ppm", [-80.0, 35.0, 120.0])
def test_a_planted_drift_is_found(drift_ppm):
    b = presses(3, 9, 3000)
    jitter = rng_for(3, "jitter").normal(0, 0.004, 9)
    fit = fit_markers(b * (1 + drift_ppm * 1e-6) - 12.5 + jitter, b)
    assert fit.drift_ppm == pytest.approx(drift_ppm, abs=8)
    assert fit.offset_s == pytest.approx(-12.5, abs=0.02)
    mapped = b * (1 + fit.drift_ppm * 1e-6) + fit.offset_s
    truth = b * (1 + drift_ppm * 1e-6) - 12.5
    assert np.abs(mapped - truth).max() < fit.error_s < 0.03


def test_no_drift_is_read_from_noise_or_from_a_short_stretch():
    b = presses(5, 8, 3000)
    noisy = fit_markers(b + 4 + rng_for(5, "noise").normal(0, 0.1, 8), b)
    assert noisy.drift_ppm == 0
    short = presses(5, 8, 300)
    assert fit_markers(short * 1.0002, short).drift_ppm == 0


def test_presses_that_one_device_missed_do_no_harm():
    b = np.array([10.0, 200.0, 900.0, 1700.0])
    fit = fit_markers(np.array([33.0, 60.0, 250.1, 949.9, 1100.0]), b)
    assert fit.offset_s == pytest.approx(50.0)
    assert fit.pairs.tolist() == [[1, 0], [2, 1], [3, 2]]


def test_the_error_is_not_smaller_than_any_disagreement_left():
    b = presses(8, 7, 1200)
    fit = fit_markers(b + 3 + rng_for(8, "e").uniform(-0.2, 0.2, 7), b)
    assert fit.error_s > np.abs(fit.residuals_s).max()


def test_one_marker_gives_an_offset_and_no_idea_of_its_error():
    fit = fit_markers([100.0], [40.0])
    assert fit.offset_s == 60
    assert np.isnan(fit.error_s)


def test_evenly_spaced_markers_without_a_guess_are_refused_when_they_tie():
    a = np.arange(0, 600, 60.0)
    with pytest.raises(InputError, match="cannot tell"):
        fit_markers(a, a[:4])
    assert fit_markers(a, a[:4], guess_s=59.0).offset_s == 60


def test_markers_far_from_what_the_stamps_say_are_refused():
    with pytest.raises(InputError, match="within 120 s of what the stamps say"):
        fit_markers([1000.0, 1100.0], [0.0, 100.0], guess_s=0.0)


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [2.0, 1.0], list(range(201))])
def test_markers_that_are_none_are_refused(bad):
    with pytest.raises(InputError):
        fit_markers(bad, [1.0])


def test_a_press_that_one_device_took_twice_has_one_partner():
    fit = fit_markers([50.0, 240.0, 300.0], [10.0, 10.3, 200.0, 260.0])
    assert fit.pairs.tolist() == [[0, 0], [1, 2], [2, 3]]
    assert fit.offset_s == 40
    fit = fit_markers([10.0, 10.3, 200.0, 260.0], [50.0, 240.0, 300.0])
    assert fit.pairs.tolist() == [[0, 0], [2, 1], [3, 2]]
