"""Figures that were put into a made study come back from the fit, and only what strangers share."""

import math

import numpy as np
import pytest
from reference import twins as naive
from simulate.likenesses import middle, study

from syntony.body.filters import zero_phase
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.courses import binned, common_course
from syntony.simulate.likeness import fit_likeness, gaps_of
from syntony.simulate.responses import driver, find_responses
from syntony.simulate.skin import Skin
from syntony.simulate.tonic import memory_of, steps, tonic
from syntony.simulate.worlds import activity_of_minutes, shared_shape


def clean(values):
    return zero_phase(values, 4.0, 1.0, order=4, pad_samples=12)


@pytest.mark.parametrize("rate_hz", [2.0, 4.0, 7.5])
def test_the_driver_is_the_solution_of_the_equations(rate_hz):
    rng = np.random.default_rng(3)
    values = 5 + np.cumsum(rng.standard_normal(40)) / 20
    wanted = naive.impulses(values, rate_hz)
    found = driver(values, rate_hz)
    assert found[1:-1] == pytest.approx(wanted[2:], abs=1e-6 * np.abs(wanted).max())
    assert np.isnan(found[[0, -1]]).all()


def test_steps_and_bins_are_those_of_the_definition():
    rng = np.random.default_rng(4)
    values = rng.standard_normal(203)
    values[rng.random(203) < 0.2] = np.nan
    assert steps(values, 2.0, (3.0, 11.0)) == pytest.approx(
        [naive.mean_squared_step(values.tolist(), 6), naive.mean_squared_step(values.tolist(), 22)]
    )
    for end_bins in (0, 2):
        start, end = binned(values, 0.5, end_bins)
        wanted = naive.bins(values.tolist(), 15, end_bins)
        assert start == pytest.approx(wanted[0], nan_ok=True)
        assert end == pytest.approx(wanted[1], nan_ok=True)


@pytest.mark.parametrize(
    ("rate_per_min", "log_height", "drift_us"),
    [(5.0, -1.2, 0.01), (2.5, -0.9, 0.02), (9.0, -1.2, 0.01)],
)
def test_rate_heights_drift_and_noise_come_back(rate_per_min, log_height, drift_us):
    own = Skin(
        rate_per_min=rate_per_min,
        log_amplitude=log_height,
        drift_us=0.0,
        level_us=0.0,
        noise_us=0.004,
    )
    like = fit_likeness(
        study(skins=(own, own), drift_us=drift_us, clean=clean, seed=5),
        model="responses",
        seed=1,
        clean=clean,
    )
    assert middle(like, "rate_per_min") == pytest.approx(rate_per_min, rel=0.12)
    assert middle(like, "log_height") == pytest.approx(log_height, abs=0.12)
    assert middle(like, "log_height_sd") == pytest.approx(0.8, abs=0.12)
    assert middle(like, "drift_us") == pytest.approx(drift_us, rel=0.25)
    assert 0.5 < middle(like, "noise_us") / 0.004 < 2.0  # hardly seen beside responses
    assert like.course.share < 0.15
    assert like.pace.share < 0.05


def test_a_noisy_sensor_comes_back():
    own = Skin(noise_us=0.05, drift_us=0.0, level_us=0.0)
    made = study(dyads=4, skins=(own, own), clean=clean)
    like = fit_likeness(made, model="responses", seed=1, clean=clean)
    assert middle(like, "noise_us") == pytest.approx(0.05, rel=0.15)


def test_a_shared_slow_shape_comes_back_with_its_size():
    def shape(times, length):
        return np.interp(times, np.arange(int(np.ceil(length))), shared_shape(length))

    like = fit_likeness(study(shape=shape, seed=6), model="responses", seed=1)
    assert like.course.share > 0.6
    at = like.course.at(np.arange(1800.0), 1800.0) * middle(like, "spread_us")
    wanted = shared_shape(1800.0) - shared_shape(1800.0).mean()
    inside = slice(30, -30)
    assert np.abs(at - wanted)[inside].max() < 0.45
    assert np.corrcoef(at[inside], wanted[inside])[0, 1] > 0.97


def test_ends_are_laid_together_where_sessions_differ_in_length():
    def shape(times, length):
        return 2.0 * np.exp(-(length - times) / 120.0)

    lengths = [1200.0 + 90 * k for k in range(8)]
    like = fit_likeness(study(shape=shape, lengths=lengths, seed=7), model="responses", seed=1)
    for length in (1200.0, 1830.0):
        at = like.course.at(np.array([length - 600, length - 15]), length)
        assert at[1] - at[0] > 1.5


def test_a_shared_pace_comes_back():
    pace = activity_of_minutes(np.random.default_rng(1), 1800.0)
    like = fit_likeness(study(dyads=14, activity=pace, seed=8), model="responses", seed=1)
    assert like.pace.share > 0.15
    at = 1 + like.pace.at(np.arange(1800.0), 1800.0)
    assert np.corrcoef(at, pace / pace.mean())[0, 1] > 0.85


def test_what_only_partners_share_is_not_taken_for_common():
    found = 0
    for trial in range(40):
        rng = np.random.default_rng(trial)
        theirs = np.cumsum(rng.standard_normal((12, 60)), axis=1)
        pieces = [(course, np.zeros(0)) for course in theirs for _ in range(2)]
        dyads = [f"d{k}" for k in range(12) for _ in range(2)]
        found += common_course(pieces, dyads, rng_for(trial, "t")).share > 0
    assert found <= 6


def test_nothing_common_is_found_about_one_time_in_twenty():
    found = 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        pieces = [(np.cumsum(rng.standard_normal(60)), np.zeros(0)) for _ in range(16)]
        course = common_course(pieces, [f"d{k // 2}" for k in range(16)], rng)
        found += course.share > 0
    assert found <= 8


def test_the_memory_of_the_level_comes_back():
    lags = (30.0, 120.0, 480.0)
    rng = np.random.default_rng(2)
    from simulate.likenesses import skin

    for memory_s in (120.0, math.inf):
        every = [steps(tonic(rng, skin(), 12_000, 4.0, memory_s), 4.0, lags) for _ in range(60)]
        found = memory_of(np.array(every), lags)
        assert math.isinf(found) if math.isinf(memory_s) else 85 < found < 170


def test_responses_beside_missing_samples_are_left_and_gaps_are_kept():
    made = study(dyads=2, gaps=((100.0, 160.0), (900.0, 905.0)))
    like = fit_likeness(made, model="responses", seed=1)
    held = [p.gaps_s for s in like.sessions for p in s.people]
    gaps = ((100.0, 160.0), (900.0, 905.0))
    assert held == [(), gaps, gaps, ()]
    gone = made[0].second
    found = find_responses(gone, 4.0)
    assert not np.any((found.onsets_s > 99.5) & (found.onsets_s < 160.5))
    assert gaps_of(np.array([1.0, 2.0]), 4.0) == ()


def test_who_has_almost_nothing_gets_the_figures_of_another_in_the_role():
    made = study(dyads=3)
    made[1].first.flags.writeable = True
    made[1].first[:] = np.nan
    like = fit_likeness(made, model="responses", seed=1)
    assert like.sessions[1].people[0].made_of == like.sessions[2].people[0].made_of
    assert like.sessions[1].people[0].gaps_s == ((0.0, 1800.0),)


def test_no_session_and_nothing_valid_are_refused():
    with pytest.raises(InputError, match="at least one"):
        fit_likeness([], model="noise", seed=1)
    made = study(dyads=1, seconds=100.0)
    with pytest.raises(InputError, match="120 s"):
        fit_likeness(made, model="noise", seed=1)
