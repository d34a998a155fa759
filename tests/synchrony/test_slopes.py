import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as lagged_reference
from reference import slopes as reference

from syntony.core.errors import InputError
from syntony.synchrony.registry import get
from syntony.synchrony.slopes import (
    PS_MWA,
    cap_was_hit,
    concordance_profile,
    marci,
    single_session_index,
    smoothed,
)


def slow(seed, n, width=12):
    noise = np.random.default_rng(seed).standard_normal(n + width)
    return 5.0 + np.convolve(noise, np.ones(width) / width, "valid")[:n]


def by_definition(x, y, hz, how, lags, slope_s=5, window=15, min_coverage=0.8):
    starts = np.arange(0, len(x) - slope_s * hz + 1, hz)
    a, b = (reference.moving_slopes(v, starts, slope_s * hz, how, min_coverage) for v in (x, y))
    least = int(np.ceil(min_coverage * window - 1e-9))
    places = range(len(a) - window + 1)
    return lagged_reference.lagged_pearson(a, b, places, window, lags, least)


@pytest.mark.parametrize("how", ["mean_gradient", "ols", "endpoint"])
@pytest.mark.parametrize("missing", [False, True])
def test_it_does_what_the_definition_says(how, missing):
    x, y = slow(1, 700), slow(2, 700)
    if missing:
        x[100:130] = np.nan
        y[np.random.default_rng(3).random(700) < 0.05] = np.nan
    c = marci(x, y, rate_hz=4.0, slope=how)
    r, share = by_definition(x, y, 4, how, (-7, 7))
    assert_allclose(c.values, r, rtol=0, atol=1e-11, equal_nan=True)
    assert_array_equal(c.coverage, share)


def test_time_is_the_centre_of_all_the_data_a_window_saw():
    c = marci(slow(1, 400), slow(2, 400), rate_hz=4.0)
    assert_allclose(c.coords["time"][:3], [9.5, 10.5, 11.5])  # slopes k..k+14 see [k, k+19) s
    assert c.coords["time"].size == 100 - 19 + 1
    assert c.reach_s == (9.5 + 7.0, 9.5 + 7.0)
    assert_allclose(c.coords["lag"], np.arange(-7.0, 8.0))


@pytest.mark.parametrize("rate_hz", [4.0, 10.0, 3.7])
def test_lag_points_from_leader_to_follower(rate_hz):
    n = round(400 * rate_hz)
    common, shift = slow(4, n + 40, round(4 * rate_hz)), round(2 * rate_hz)
    c = marci(common[shift : n + shift], common[:n] + 0.5 * slow(5, n, 20), rate_hz=rate_hz)
    found = get("marci").summarise(c)
    assert found["best_lag_s"] == 2.0
    assert found["ssi_peak"] > found["ssi"]


def test_fractional_windows_do_not_drift():
    rate_hz = 3.3
    c = marci(slow(6, 2000), slow(7, 2000), rate_hz=rate_hz)
    first, last = c.coords["time"][[0, -1]]
    steps = c.coords["time"].size - 1
    assert abs((last - first) - steps * 1.0) <= 1 / rate_hz  # a second each, over ten minutes
    assert c.options["slope_window_s"] == pytest.approx(17 / 3.3)  # 16.5 samples were asked for


def test_wider_steps_take_every_other_window():
    x, y = slow(8, 800), slow(9, 800)
    every = marci(x, y, rate_hz=4.0)
    fifth = marci(x, y, rate_hz=4.0, step_s=5.0, lag_step_s=2.0, max_lag_s=6.0)
    assert_allclose(fifth.values, every.values[::5, 1:-1:2], atol=1e-12, equal_nan=True)
    assert_allclose(fifth.coords["lag"], [-6, -4, -2, 0, 2, 4, 6])


@pytest.mark.parametrize("slopes", [True, False])
def test_the_options_of_ps_mwa_do_what_its_definition_says(slopes):
    x, y = slow(10, 501), slow(11, 501)
    c = marci(x, y, rate_hz=4.0, slope="mean_gradient" if slopes else "none", **PS_MWA)
    want = reference.ps_mwa(x, y, 4, 15, 1, slopes)
    assert_allclose(c.values[:, 0], want, rtol=0, atol=1e-12)
    assert (want[:7] == 0).all()


def test_edges_are_absent_where_they_are_not_asked_to_be_zero():
    x, y = slow(10, 501), slow(11, 501)
    zero = marci(x, y, rate_hz=4.0, **PS_MWA)
    ours = marci(x, y, rate_hz=4.0, **{**PS_MWA, "edges": "nan"})
    inside = np.isin(zero.coords["time"], ours.coords["time"])
    whole = slice(2, -2)  # slopes at the edge are 0 there and absent here
    assert_allclose(ours.values[whole], zero.values[inside][whole], atol=1e-12)
    assert not (ours.values == 0).any()


def test_the_index_of_nothing_but_one_sign_is_held_at_its_cap():
    assert single_session_index(np.array([0.5, 0.1, np.nan])) == 10.0
    assert single_session_index(np.array([-0.5])) == -10.0
    assert np.isinf(single_session_index(np.array([0.5]), np.inf))
    assert np.isnan(single_session_index(np.array([np.nan, 0.0])))
    assert_allclose(single_session_index(np.array([[0.6, 0.1], [-0.2, -0.4]])), np.log([3, 0.25]))


@given(st.lists(st.floats(-1, 1).map(lambda v: round(v, 6)), min_size=1, max_size=30))
def test_the_index_matches_its_definition(r):
    want = reference.single_session_index(r)
    got = single_session_index(np.array(r), np.inf)
    assert_allclose(got, want, atol=1e-9, equal_nan=True)


def test_the_cap_says_when_it_was_hit():
    x = slow(12, 600)
    assert cap_was_hit(marci(x, x, rate_hz=4.0))
    c = marci(x, slow(13, 600), rate_hz=4.0)
    assert not cap_was_hit(c)
    assert cap_was_hit(marci(x, slow(13, 600), rate_hz=4.0, cap=1e-3))


def test_among_lags_at_the_cap_the_strongest_is_the_best():
    x = slow(14, 1200, 40)
    c = marci(x, np.r_[np.full(4, x[0]), x[:-4]], rate_hz=4.0, cap=2.0)
    assert np.count_nonzero(concordance_profile(c) == 2.0) > 3
    assert get("marci").summarise(c)["best_lag_s"] == 1.0


def test_a_missing_sample_stays_missing_when_smoothed():
    v = slow(15, 200)
    v[50:60] = np.nan
    assert_array_equal(np.isnan(smoothed(v, "bartlett", 6.0)), np.isnan(v))
    assert_allclose(smoothed(np.full(40, 3.0), "bartlett", 6.0), 3.0)
    late = smoothed(v, "bartlett_causal", 6.0)
    assert np.isnan(late[50:65]).all()
    assert np.isfinite(late[65:]).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_scale_and_offset_do_not_matter(seed, gain, offset):
    x, y = slow(seed, 160), slow(seed + 1, 160)
    a = marci(x, y, rate_hz=4.0, max_lag_s=2.0).values
    b = marci(gain * x + offset, y, rate_hz=4.0, max_lag_s=2.0).values
    assert_allclose(a, b, atol=1e-7, equal_nan=True)
    assert np.nanmax(np.abs(a)) <= 1.0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_exchanging_the_people_mirrors_lags_along_the_shifted_windows(seed):
    x, y = slow(seed, 240), slow(seed + 1, 240)
    there = marci(x, y, rate_hz=4.0, min_coverage=1.0).values
    back = marci(y, x, rate_hz=4.0, min_coverage=1.0).values
    for lag in range(-7, 8):
        a = there[max(0, -lag) : len(there) - max(0, lag), 7 + lag]
        b = back[max(0, lag) : len(back) - max(0, -lag), 7 - lag]
        assert_allclose(a, b, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"slope": "steep"}, r"slope='steep': expected one of"),
        ({"edges": "zero"}, r"edges='zero': expected 'nan' with plain windows"),
        ({"window_s": 60.0}, r"window_s=60.0: expected at most 50 s of data .* need 64 s"),
        ({"slope_window_s": 0.3}, r"slope_window_s=0.3: expected at least 0.5 s \(2 samples\)"),
        ({"step_s": 0.2}, r"step_s=0.2: expected at least 1 s"),
        ({"min_coverage": 1.2}, r"min_coverage=1.2: expected a share"),
        ({"window_s": "long"}, r"window_s='long': expected a finite number of seconds"),
        ({"cap": float("nan")}, r"cap=nan: expected a number above 0"),
        ({"max_lag_s": -1.0}, r"max_lag_s=-1.0: expected a finite number of seconds, 0 or more"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x = slow(16, 200)
    with pytest.raises(InputError, match=says):
        marci(x, x, rate_hz=4.0, **options)
