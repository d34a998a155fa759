import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.correlation import (
    RMEA,
    lag_profile,
    lagged_correlation,
    window_summaries,
)
from syntony.synchrony.preparation import mea_smoothed, scaled_by_sd
from syntony.synchrony.registry import get


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("rate_hz", [4.0, 2.5])
def test_it_does_what_the_definition_says(rate_hz, missing):
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, 500)), axis=1)
    x[rng.random(500) < missing] = np.nan
    c = lagged_correlation(x, y, rate_hz=rate_hz, window_s=20.0, step_s=10.0, max_lag_s=4.0)
    window, step, lag = (round(s * rate_hz) for s in (20, 10, 4))
    starts = np.arange(0, 500 - window + 1, step)
    least = int(np.ceil(0.8 * window))
    r, share = reference.lagged_pearson(x, y, starts, window, (-lag, lag), least)
    assert_allclose(c.values, r, rtol=0, atol=1e-12, equal_nan=True)
    assert_array_equal(c.coverage, share)


@pytest.mark.parametrize("missing", [0.0, 0.2, 0.6])
def test_windows_of_rmea_do_what_their_definition_says(missing):
    rng = np.random.default_rng(2)
    x, y = np.cumsum(rng.standard_normal((2, 300)), axis=1)
    y[100:180] = x[100:180]
    y[150] += 1.0
    x[rng.random(300) < missing] = np.nan
    c = lagged_correlation(x, y, rate_hz=4.0, window_s=8.0, step_s=3.0, max_lag_s=2.5, **RMEA)
    want = reference.rmea_ccf(x, y, 32, 12, 10)
    assert_allclose(c.values, want, rtol=0, atol=1e-12, equal_nan=True)


def test_lag_points_from_leader_to_follower():
    rng = np.random.default_rng(0)
    leader = rng.standard_normal(400)
    follower = np.roll(leader, 8) + 0.1 * rng.standard_normal(400)
    for options in ({}, RMEA):
        c = lagged_correlation(
            leader, follower, rate_hz=4.0, window_s=20.0, step_s=5.0, max_lag_s=3.0, **options
        )
        inside = c.values[1:-1]
        assert_allclose(c.coords["lag"][np.argmax(inside, axis=1)], 2.0)
        found = get("lagged_correlation").summarise(c)
        assert found["best_lag_s"] == 2.0
        assert found["first_leads"] > found["second_leads"]


def test_time_is_the_centre_of_the_first_persons_window():
    x = np.random.default_rng(3).standard_normal(400)
    c = lagged_correlation(x, x, rate_hz=4.0, max_lag_s=3.0)
    assert_allclose(c.coords["time"], [15.0, 30.0, 45.0, 60.0, 75.0])
    assert c.reach_s == (18.0, 18.0)
    c = lagged_correlation(x, x, rate_hz=4.0, max_lag_s=3.0, anchor="rmea")
    assert c.reach_s == (15.0, 18.0)


def test_fractional_steps_do_not_drift():
    rate_hz = 6.7
    x = np.random.default_rng(4).standard_normal(8000)
    c = lagged_correlation(x, x, rate_hz=rate_hz, window_s=10.0, step_s=0.5)
    off = c.coords["time"] - (c.coords["time"][0] + 0.5 * np.arange(c.coords["time"].size))
    assert np.abs(off).max() <= 0.5 / rate_hz + 1e-9
    assert c.options["window_s"] == pytest.approx(67 / 6.7)
    assert c.coords["lag"][-1] <= 5.0


def test_a_copy_is_kept_or_not_as_asked():
    x = np.random.default_rng(5).standard_normal(200)
    for anchor in ("ours", "rmea"):
        kept = lagged_correlation(x, x, rate_hz=4.0, anchor=anchor)
        gone = lagged_correlation(x, x, rate_hz=4.0, anchor=anchor, identical="nan")
        zero = kept.coords["lag"].size // 2
        assert_allclose(kept.values[:, zero], 1.0)
        assert np.isnan(gone.values[:, zero]).all()
        assert_array_equal(kept.values[:, :zero], gone.values[:, :zero])


def test_absolute_values_are_absolute():
    x, y = np.random.default_rng(6).standard_normal((2, 300))
    plain = lagged_correlation(x, y, rate_hz=4.0).values
    assert_array_equal(lagged_correlation(x, y, rate_hz=4.0, absolute=True).values, np.abs(plain))


def test_summaries_are_means_of_the_cells_that_are_there():
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((2, 800))
    x[200:420] = np.nan
    c = lagged_correlation(x, y, rate_hz=4.0)
    z = fisher_z(c.values)
    found = get("lagged_correlation").summarise(c)
    assert np.isnan(z).any()
    assert_allclose(found["mean_z"], np.nanmean(z), atol=1e-14)
    assert_allclose(found["mean_abs_z"], np.nanmean(np.abs(z)), atol=1e-14)
    assert_allclose(found["lag_zero"], np.nanmean(z[:, 20]), atol=1e-14)
    assert_allclose(found["first_leads"], np.nanmean(z[:, 21:]), atol=1e-14)
    assert_allclose(found["second_leads"], np.nanmean(z[:, :20]), atol=1e-14)
    assert_allclose(found["first_leads_or_zero"], np.nanmean(z[:, 20:]), atol=1e-14)
    assert_allclose(found["second_leads_or_zero"], np.nanmean(z[:, :21]), atol=1e-14)
    profile = np.nanmean(z, axis=0)
    assert_allclose(lag_profile(c), profile, atol=1e-14)
    assert_allclose(found["peak_z"], profile.max(), atol=1e-14)
    assert found["best_lag_s"] == c.coords["lag"][profile.argmax()]
    rows = window_summaries(c)
    assert np.isnan(rows["all_lags"]).any()
    assert np.isnan(rows["best_lag_s"]).any()


def test_a_perfect_correlation_counts_as_ten():
    assert_array_equal(fisher_z(np.array([1.0, -1.0])), [10.0, -10.0])


pairs = st.integers(30, 80).flatmap(
    lambda n: st.tuples(
        *[arrays(np.float64, n, elements=st.floats(-1e3, 1e3).map(lambda v: round(v, 3)))] * 2
    )
)
OPTIONS = {"rate_hz": 4.0, "window_s": 5.0, "step_s": 1.0, "max_lag_s": 1.0}


@settings(deadline=None, max_examples=60)
@given(pairs, st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_scale_and_offset_do_not_matter(xy, gain, offset):
    x, y = xy
    a = lagged_correlation(x, y, **OPTIONS).values
    b = lagged_correlation(gain * x + offset, y, **OPTIONS).values
    both = np.isfinite(a) & np.isfinite(b)
    assert_allclose(a[both], b[both], atol=1e-6)
    assert np.nanmax(np.abs(a), initial=0.0) <= 1.0


@settings(deadline=None, max_examples=60)
@given(pairs)
def test_exchanging_the_people_mirrors_the_lags_in_windows_of_rmea(xy):
    x, y = xy
    there = lagged_correlation(x, y, anchor="rmea", **OPTIONS).values
    back = lagged_correlation(y, x, anchor="rmea", **OPTIONS).values
    assert_allclose(there, back[:, ::-1], atol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, r"window_s=30.0: expected at most 2.5 s, the length of the signals"),
        ({"anchor": "back"}, r"anchor='back': expected one of \['ours', 'rmea', 'behrens'\]"),
        ({"step_s": 0.0}, r"step_s=0.0: expected at least 0.25 s \(1 samples\)"),
        ({"identical": True}, r"identical=True: expected one of"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        lagged_correlation(np.zeros(10), np.zeros(10), rate_hz=4.0, **options)


def test_smoothing_of_movement_leaves_gaps():
    v = np.random.default_rng(8).standard_normal(100) ** 2
    v[40:50] = np.nan
    assert_array_equal(np.isnan(mea_smoothed(v, rate_hz=25.0)), np.isnan(v))
    assert_allclose(np.nanstd(scaled_by_sd(v), ddof=1), 1.0)
    assert np.isnan(scaled_by_sd(np.ones(5))).all()
