import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import spectrum as reference

from syntony.core.errors import InputError
from syntony.synchrony.registry import get
from syntony.synchrony.wavelet import wavelet_coherence

CYCLE = 4 * np.pi / (6 + np.sqrt(38))


def pair(seed, n, missing=0.0):
    rng = np.random.default_rng(seed)
    x, y, common = np.cumsum(rng.standard_normal((3, n)), axis=1)
    x, y = x + common, y + common
    x[rng.random(n) < missing] = np.nan
    y[rng.random(n) < missing] = np.nan
    return x, y


@pytest.mark.parametrize("missing", [0.0, 0.03])
@pytest.mark.parametrize(("rate_hz", "n", "voices"), [(4.0, 301, 6), (2.7, 256, 5)])
def test_it_does_what_the_definition_says(rate_hz, n, voices, missing):
    x, y = pair(1, n, missing)
    if missing:
        x[120:150] = np.nan
    options = {"low_hz": 0.04, "split_hz": 0.1, "high_hz": 0.25, "voices": voices}
    c = wavelet_coherence(x, y, rate_hz=rate_hz, step_s=0.0, cone="keep", **options)
    period_s = 4.0 * 2.0 ** (np.arange(int(voices * np.log2(0.25 / 0.04)) + 1) / voices)
    assert_allclose(c.coords["frequency"], 1 / period_s[::-1], rtol=1e-12)
    weights = reference.grinsted_weights(voices)
    r2, phase, covered = reference.wavelet_coherence(x, y, period_s * rate_hz / CYCLE, weights)
    # The spectrum of the wavelet is read at other bins; its tail below 0 Hz is cut between them.
    assert_allclose(c.values, r2[::-1].T, rtol=0, atol=1e-7, equal_nan=True)
    apart = np.exp(1j * c.parts["phase_rad"]) - np.exp(1j * phase[::-1].T)
    assert np.nanmax(np.abs(apart)) < 1e-6
    assert_allclose(c.coverage, covered[::-1].T, atol=1e-12)
    assert np.isnan(c.values).any() == bool(missing)


def test_the_cone_is_left_out_and_told():
    x, y = pair(2, 1200)
    kept = wavelet_coherence(x, y, rate_hz=4.0, cone="keep")
    c = wavelet_coherence(x, y, rate_hz=4.0)
    edge_s = np.minimum(c.coords["time"], 300.0 - c.coords["time"])
    outside = 1 / c.coords["frequency"] <= CYCLE / np.sqrt(2) * edge_s[:, None]
    assert_array_equal(np.isfinite(c.values), outside)
    assert_allclose(c.values[outside], kept.values[outside], atol=1e-12)
    assert_allclose(c.parts["cone_share"], 1 - outside.mean(axis=0))
    assert_allclose(c.parts["cone_hz"], np.sqrt(2) / CYCLE / edge_s, rtol=1e-9)


@pytest.mark.parametrize("rate_hz", [4.0, 7.5])
def test_thinner_times_are_a_part_of_all(rate_hz):
    x, y = pair(3, 1000)
    whole = wavelet_coherence(x, y, rate_hz=rate_hz, step_s=0.0)
    thin = wavelet_coherence(x, y, rate_hz=rate_hz, step_s=1.0)
    step = round(thin.options["step_s"] * rate_hz)
    assert step == (4 if rate_hz == 4.0 else 8)
    assert_allclose(thin.coords["time"], whole.coords["time"][::step])
    assert_allclose(thin.values, whole.values[::step], atol=1e-11, equal_nan=True)
    for name in ("biwavelet", "pycwt", "hypyp", "waveletcomp"):
        a = wavelet_coherence(x, y, rate_hz=rate_hz, step_s=0.0, convention=name)
        b = wavelet_coherence(x, y, rate_hz=rate_hz, step_s=1.0, convention=name)
        assert_allclose(b.values, a.values[::step], atol=1e-11, equal_nan=True)


def test_scales_that_the_cone_covers_are_not_needed():
    x, y = pair(4, 800)
    far = {"low_hz": 0.001, "split_hz": 0.045}
    a = wavelet_coherence(x, y, rate_hz=4.0, **far)
    b = wavelet_coherence(x, y, rate_hz=4.0, cone="keep", **far)
    there = np.isfinite(a.values)
    assert not there[:, :20].any()
    assert_allclose(a.values[there], b.values[there], atol=1e-11)


def planted(lag_s, seed=5, rate_hz=4.0, n=4800):
    rng = np.random.default_rng(seed)
    wide = round(3 * rate_hz)
    slow = np.convolve(rng.standard_normal(n + wide + 80), np.ones(wide) / wide, "valid")
    shift = round(lag_s * rate_hz)
    own = 0.05 * rng.standard_normal((2, n))
    return slow[40 : 40 + n] + own[0], slow[40 - shift : 40 - shift + n] + own[1]


def test_the_one_ahead_is_told():
    for lag_s in (2.0, -2.0):
        x, y = planted(lag_s)
        found = get("wavelet_coherence").summarise(
            wavelet_coherence(x, y, rate_hz=4.0, high_hz=0.2)
        )
        assert found["fast_lead_s"] == pytest.approx(lag_s, abs=0.1)
        assert found["slow_lead_s"] == pytest.approx(lag_s, abs=0.2)
        assert found["mean_r2"] > 0.95
        assert found["slow_in_phase"] > 0.9


def test_opposition_is_told_from_unison():
    x, y = planted(0.0)
    told = get("wavelet_coherence").summarise
    same = told(wavelet_coherence(x, y, rate_hz=4.0))
    opposed = told(wavelet_coherence(x, -y, rate_hz=4.0))
    assert same["fast_in_phase"] > 0.95
    assert same["fast_anti_phase"] == 0.0
    assert opposed["fast_anti_phase"] > 0.95
    assert opposed["slow_in_phase"] == 0.0
    assert same["mean_r2"] == pytest.approx(opposed["mean_r2"], abs=1e-12)


def test_it_finds_when():
    rng = np.random.default_rng(6)
    x, y, common = rng.standard_normal((3, 4800))
    together = (np.arange(4800) >= 1600) & (np.arange(4800) < 3200)
    x, y = (np.where(together, common, v) + 0.1 * v for v in (x, y))
    c = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.05, split_hz=0.1)
    track, times = c.over_time(), c.coords["time"]
    assert np.nanmin(track[(times > 450) & (times < 750)]) > 0.9
    assert np.nanmean(track[(times < 350) | (times > 850)]) < 0.5


def test_a_gap_is_told_and_what_is_far_does_not_see_it():
    x, y = pair(7, 4800)
    whole = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.05, split_hz=0.1)
    x[2000:2240] = np.nan
    c = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.05, split_hz=0.1)
    times = c.coords["time"]
    assert np.isnan(c.values[(times > 502) & (times < 558)]).all()
    reach_s = 8.6 * np.sqrt(2) * 20.0 / CYCLE
    far = np.abs(times - 530) > 30 + reach_s
    far &= np.abs(times - 600) < 430  # at the ends the mean of all is seen
    assert far.sum() > 200
    assert c.reach_s == (1200.0, 1200.0)
    assert_allclose(c.values[far], whole.values[far], atol=1e-6, equal_nan=True)
    assert_allclose(c.coverage[far], 1.0)
    middle = np.argmin(np.abs(times - 530))
    assert c.coverage[middle].max() < 0.1
    near = (np.abs(times - 480) < 10) | (np.abs(times - 580) < 10)
    assert np.isfinite(c.values[near][:, -1]).all()


def test_a_few_missing_samples_move_little_and_are_not_zeros():
    x, y = pair(8, 4800)
    x += 500.0
    full = wavelet_coherence(x, y, rate_hz=4.0).values
    holes = np.random.default_rng(9).random(4800) < 0.02
    gappy = np.where(holes, np.nan, x)
    c = wavelet_coherence(gappy, y, rate_hz=4.0)
    there = np.isfinite(full)
    assert np.isfinite(c.values[there]).mean() > 0.99
    assert np.nanmedian(np.abs(c.values - full)) < 0.02
    zeros = wavelet_coherence(np.nan_to_num(gappy), y, rate_hz=4.0).values
    assert np.nanmedian(np.abs(zeros - full)) > 0.1


def test_a_drifting_level_is_no_rhythm_where_samples_are_missing():
    t = np.arange(4800) / 4
    rng = np.random.default_rng(10)
    x, y = 1e-3 * rng.standard_normal((2, 4800))
    x[rng.random(4800) < 0.02] = np.nan
    options = {"rate_hz": 4.0, "low_hz": 0.1, "split_hz": 0.15}
    calm = wavelet_coherence(x, y, **options).values
    moved = wavelet_coherence(x + 0.05 * np.sin(2 * np.pi * t / 1200), y, **options).values
    assert np.nanmedian(np.abs(moved - calm)) < 0.02


def test_nothing_missing_takes_the_plain_way():
    x, y = pair(11, 900)
    a = wavelet_coherence(x, y, rate_hz=4.0)
    gappy = x.copy()
    gappy[450] = np.nan
    b = wavelet_coherence(gappy, y, rate_hz=4.0)
    assert (a.coverage == 1.0).all()
    assert b.coverage.min() < 1.0
    assert not np.array_equal(a.values, b.values, equal_nan=True)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_scale_offset_and_order_do_not_matter(seed, gain, offset):
    x, y = pair(seed, 400)
    x[seed % 300 : seed % 300 + 5] = np.nan
    a = wavelet_coherence(x, y, rate_hz=4.0)
    b = wavelet_coherence(gain * y + offset, x, rate_hz=4.0)
    assert_allclose(a.values, b.values, atol=1e-8, equal_nan=True)
    assert np.nanmax(a.values) <= 1.0
    turned = np.exp(1j * a.parts["phase_rad"]) - np.exp(-1j * b.parts["phase_rad"])
    assert np.nanmax(np.abs(turned) * a.values) < 1e-5


def test_a_large_offset_does_not_matter():
    x, y = pair(12, 900)
    a = wavelet_coherence(x, y, rate_hz=4.0).values
    b = wavelet_coherence(1e5 + 1e-2 * x, 2e5 + 1e-2 * y, rate_hz=4.0).values
    assert_allclose(a, b, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("gain", [1e-12, 1e12])
def test_what_is_small_beside_the_other_is_not_lost(gain):
    x, y = pair(14, 900)
    a = wavelet_coherence(x, y, rate_hz=4.0).values
    assert_allclose(wavelet_coherence(gain * x, y, rate_hz=4.0).values, a, atol=1e-9)
    y[300:305] = np.nan
    assert np.isnan(wavelet_coherence(np.full(900, 0.1), y, rate_hz=4.0).values).all()


def test_what_does_not_move_has_no_coherence():
    x, y = pair(13, 4800)
    y[800:4000] = y[800]
    c = wavelet_coherence(x, y, rate_hz=4.0, low_hz=0.1, split_hz=0.15)
    still = np.abs(c.coords["time"] - 600) < 60
    assert np.isnan(c.values[still]).all()
    assert np.isfinite(c.values[60]).any()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"high_hz": 3.0}, r"high_hz=3.0: expected at most 2 Hz, half of the rate"),
        ({"split_hz": 0.5}, r"high_hz=0.25: expected a number from split_hz on"),
        ({"low_hz": 0.0}, r"low_hz=0.0: expected a number above 0 Hz"),
        ({"voices": 3}, r"voices=3: expected a whole number from 4 to 64"),
        ({"convention": "matlab"}, r"convention='matlab': expected one of"),
        ({"cone": True}, r"cone=True: expected one of"),
        (
            {"high_hz": 0.06},
            r"high_hz=0.06: expected a frequency of which 40 s hold enough .* 46 s",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        wavelet_coherence(np.zeros(160), np.zeros(160), rate_hz=4.0, **options)
