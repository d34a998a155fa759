import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import peaks as reference

from syntony.core.errors import InputError
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.peaks import BEHRENS, WCC, peak_picking
from syntony.synchrony.registry import get
from syntony.synchrony.wcc import wcc_aggregate


def slow(seed, n, width=12):
    """Noise that rises and falls over some samples."""
    noise = np.random.default_rng(seed).standard_normal(n + width - 1)
    return np.convolve(noise, np.hanning(width), "valid")


def delayed(seed, lag, n=1600, width=12):
    """Two signals that share most; the second follows by ``lag`` samples."""
    common = slow(seed, n + lag, width)
    own = [0.3 * slow(seed + i, n, width) for i in (1, 2)]
    return common[lag:] + own[0], common[:n] + own[1]


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("rate_hz", [4.0, 2.5])
def test_windows_of_behrens_do_what_their_definition_says(rate_hz, missing):
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, 301)), axis=1)
    x, y = 1e5 + 1e-2 * x, y - 40
    x[rng.random(301) < missing] = np.nan
    y[60:95] = y[60]
    options = {"window_s": 10.0, "step_s": 2.0, "max_lag_s": 2.0, "anchor": "behrens"}
    window, step, lag = (round(s * rate_hz) for s in (10, 2, 2))
    for share, least in ((0.8, int(np.ceil(0.8 * window))), (0.0, 2)):
        c = lagged_correlation(x, y, rate_hz=rate_hz, min_coverage=share, **options)
        want = reference.behrens(x, y, window, step, lag, least)
        assert_allclose(c.values, want, rtol=0, atol=1e-9, equal_nan=True)
        assert_allclose(c.coords["time"][:2] * rate_hz, [lag + window / 2, lag + step + window / 2])
    back = lagged_correlation(y, x, rate_hz=rate_hz, min_coverage=0.0, **options).values
    assert_allclose(c.values, back[:, ::-1], rtol=0, atol=1e-9, equal_nan=True)


def test_windows_of_behrens_leave_copies_out_where_asked():
    x = slow(2, 200)
    c = lagged_correlation(x, x, rate_hz=4.0, window_s=10.0, anchor="behrens", identical="nan")
    zero = c.coords["lag"].size // 2
    assert np.isnan(c.values[:, zero]).all()
    assert np.isfinite(np.delete(c.values, zero, axis=1)).all()
    only = lagged_correlation(x, x, rate_hz=4.0, window_s=10.0, max_lag_s=0.0, anchor="behrens")
    assert_allclose(only.values, 1.0)


@pytest.mark.parametrize("smoother", ["loess", "r", "wcc"])
@pytest.mark.parametrize("peak", ["highest", "lowest"])
def test_it_does_what_the_definition_says(smoother, peak):
    x, y = delayed(3, 4, 700)
    x[200:260] = np.nan
    x[np.random.default_rng(4).random(700) < 0.03] = np.nan
    c = peak_picking(x, y, rate_hz=4.0, smoother=smoother, peak=peak, min_coverage=0.5, span=0.4)
    r = reference.behrens(x, y, 32, 8, 16, 16)
    assert_allclose(c.parts["r"], r, atol=1e-12, equal_nan=True)
    smooth = {
        "loess": reference.loess,
        "r": reference.interpolated_loess,
        "wcc": lambda v, span: reference.interpolated_loess(v[::-1], span)[::-1],
    }[smoother]
    sign = 1 if peak == "highest" else -1
    for i, row in enumerate(r):
        place = None
        if np.isfinite(row).all():
            curve = reference.half_steps(smooth(row, 0.4))
            assert_allclose(c.parts["smooth_r"][i], curve, atol=1e-9)
            place = reference.outward_peak(sign * curve, 8)
        if place is None:
            assert np.isnan(c.values[i])
            assert np.isnan(c.parts["lag_s"][i])
        else:
            assert_allclose(c.values[i], curve[place], atol=1e-9)
            assert_allclose(c.parts["lag_s"][i], (place - 32) / 8)
    assert 0 < np.isnan(c.values).sum() < c.values.size


@pytest.mark.parametrize("rate_hz", [4.0, 6.7])
@pytest.mark.parametrize("options", [{}, BEHRENS, WCC, {"anchor": "rmea"}, {"anchor": "ours"}])
def test_a_lead_of_two_seconds_is_found(options, rate_hz):
    lag = round(2 * rate_hz)
    leader, follower = delayed(5, lag, width=round(3 * rate_hz))
    for x, y, sign in ((leader, follower, 1), (follower, leader, -1)):
        c = peak_picking(x, y, rate_hz=rate_hz, window_s=20.0, **options)
        found = get("peak_picking").summarise(c)
        assert abs(np.nanmedian(c.parts["lag_s"]) - sign * lag / rate_hz) < 0.2
        assert sign * found["mean_lag_s"] > 1.0
        assert found["mean_peak_r"] > 0.7


def test_exchanging_the_people_keeps_peaks_and_mirrors_lags():
    x, y = delayed(6, 3)
    there, back = peak_picking(x, y, rate_hz=4.0), peak_picking(y, x, rate_hz=4.0)
    assert_allclose(there.values, back.values, atol=1e-12, equal_nan=True)
    assert_array_equal(there.parts["lag_s"], -back.parts["lag_s"])


def test_exchanging_the_people_gives_the_sign_of_wcc():
    x, y = delayed(7, 3)
    ours, theirs = (
        peak_picking(x, y, rate_hz=4.0, **WCC),
        peak_picking(y, x, rate_hz=4.0, **BEHRENS),
    )
    assert_allclose(ours.values, theirs.values, atol=1e-12, equal_nan=True)
    assert_array_equal(ours.parts["lag_s"], -theirs.parts["lag_s"])


def test_statistics_are_those_of_the_peaks():
    x, y = delayed(8, 2, 900)
    x[300:420] = np.nan
    c = peak_picking(x, y, rate_hz=4.0)
    found, lag_s = get("peak_picking").summarise(c), c.parts["lag_s"]
    searched = np.isfinite(c.parts["r"]).all(axis=1)
    assert not searched.all()
    assert_allclose(found["mean_peak_r"], np.nanmean(c.values))
    assert_allclose(found["sd_peak_r"], np.nanstd(c.values, ddof=1))
    assert_allclose(found["mean_lag_s"], np.nanmean(lag_s))
    assert_allclose(found["sd_lag_s"], np.nanstd(lag_s, ddof=1))
    assert_allclose(found["median_abs_lag_s"], np.nanmedian(np.abs(lag_s)))
    assert_allclose(found["share_without_peak"], np.isnan(c.values[searched]).mean())
    assert_array_equal(c.coverage >= 0.8, searched)


def test_where_the_correlation_rises_to_the_longest_lag_there_is_no_peak():
    x = slow(9, 800, width=120)
    c = peak_picking(x[40:], x[:-40], rate_hz=4.0)  # ten seconds, lags reach four
    assert get("peak_picking").summarise(c)["share_without_peak"] > 0.5


def test_values_are_held_within_bounds_and_the_curve_is_not():
    x, y = delayed(10, 2, 400)
    y[100:127] = x[100:127] = np.nan  # in some windows two pairs are left at some lags
    c = peak_picking(x, y, rate_hz=4.0, **WCC)
    assert np.nanmax(np.abs(c.parts["smooth_r"])) > 1.0
    assert np.nanmax(np.abs(c.values)) <= 1.0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0), st.floats(-1e4, 1e4))
def test_scale_and_offset_do_not_matter(seed, gain, offset):
    x, y = delayed(seed, 2, 240)
    a = peak_picking(x, y, rate_hz=4.0)
    b = peak_picking(gain * x + offset, y, rate_hz=4.0)
    assert_allclose(a.parts["smooth_r"], b.parts["smooth_r"], atol=1e-6)
    assert np.mean(a.parts["lag_s"] == b.parts["lag_s"]) + np.isnan(a.values).mean() > 0.95


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"span": 0.1}, r"span=0.1: expected at least 0.121 where there are 33 lags"),
        ({"span": 0.0}, r"span=0.0: expected a share above 0"),
        ({"clear_s": 4.2}, r"clear_s=4.2: expected less than the largest lag, 4 s"),
        ({"smoother": "spline"}, r"smoother='spline': expected one of"),
        ({"peak": "max"}, r"peak='max': expected one of"),
        ({"lag_step_s": 0.1}, r"lag_step_s=0.1: expected at least 0.25 s"),
        ({"window_s": 60.0}, r"window_s=60.0: expected at most 50 s"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x = slow(11, 200)
    with pytest.raises(InputError, match=says):
        peak_picking(x, x, rate_hz=4.0, **options)


def test_summaries_of_wcc_need_nine_windows():
    x = slow(12, 112)
    c = peak_picking(x, x, rate_hz=4.0, **WCC)
    with pytest.raises(InputError, match=r"windows=8: expected at least 9"):
        wcc_aggregate(c, x, x)
