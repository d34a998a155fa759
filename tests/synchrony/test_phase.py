import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import phase as reference

import syntony.synchrony  # noqa: F401  fills the list
from syntony.core.errors import InputError
from syntony.synchrony._band import band_signal
from syntony.synchrony.hilbert import phase_agreement
from syntony.synchrony.registry import get

NAMES = [
    "phase_locking",
    "circular_correlation",
    "adjusted_circular_correlation",
    "band_coherence",
    "imaginary_coherence",
    "phase_lag_index",
    "weighted_phase_lag_index",
    "envelope_correlation",
    "power_correlation",
]
SIGNED = ("phase_locking", "band_coherence", "imaginary_coherence")


def slow_pair(seed, n=260):
    """Two smooth signals that share something."""
    rng = np.random.default_rng(seed)
    common, a, b = np.apply_along_axis(
        lambda v: np.convolve(v, np.ones(5) / 5, "same"), 1, rng.standard_normal((3, n))
    )
    return common + 0.7 * a, common + 0.7 * b


def spoiled(x, y, how):
    rng = np.random.default_rng(7)
    if how == "scattered":
        x[rng.random(x.size) < 0.05] = np.nan
        y[rng.random(x.size) < 0.05] = np.nan
    elif how == "gap":
        x[80:140] = np.nan
    elif how == "flat":
        x[60:190] = 3.3
    elif how == "offset":
        return 1e5 + 1e-2 * x, 2e5 + 1e-2 * y
    return x, y


@pytest.mark.parametrize("how", ["whole", "scattered", "gap", "flat"])
@pytest.mark.parametrize(("rate_hz", "low_hz", "high_hz"), [(4.0, 0.2, 0.7), (6.7, 0.3, 0.5)])
def test_the_band_is_what_its_definition_says(rate_hz, low_hz, high_hz, how):
    x, _ = spoiled(*slow_pair(1), how)
    found = band_signal(x + 5.0, rate_hz, low_hz, high_hz, 0.7)
    want = reference.band_signal(x + 5.0, rate_hz, low_hz, high_hz, 0.7)
    assert_array_equal(np.isnan(found), np.isnan(want))
    assert_allclose(found, want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("how", ["whole", "scattered", "gap", "flat", "offset"])
@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_the_definition_says(name, how):
    x, y = spoiled(*slow_pair(2), how)
    options = {"rate_hz": 4.5, "low_hz": 0.2, "high_hz": 0.6, "min_coverage": 0.75}
    c = get(name).compute(x, y, window_s=14.0, step_s=4.0, **options)
    values, share = reference.windowed(name, x, y, window=63, step=18, **options)
    assert_array_equal(np.isnan(c.values), np.isnan(values))
    assert np.isfinite(values).any()
    assert_allclose(c.values, values, rtol=0, atol=1e-7 if how == "offset" else 1e-10)
    assert_allclose(c.coverage, share)


@pytest.mark.parametrize("name", NAMES)
def test_chunks_of_windows_make_no_difference(name, monkeypatch):
    x, y = spoiled(*slow_pair(3, 1200), "scattered")
    whole = get(name).compute(x, y, rate_hz=4.0, step_s=1.0)
    monkeypatch.setattr("syntony.synchrony._phase._TOGETHER", 1000)
    chunks = get(name).compute(x, y, rate_hz=4.0, step_s=1.0)
    assert_allclose(whole.values, chunks.values, rtol=0, atol=1e-14)
    for part in whole.parts:
        assert_allclose(whole.parts[part], chunks.parts[part], rtol=0, atol=1e-12)


def rhythms(lag_s, n=2400, period_s=9.0):
    """A rhythm of wandering strength and pace, and a noisy copy ``lag_s`` later."""
    rng = np.random.default_rng(4)
    t = np.arange(n + 200) / 4.0
    pace = 2 * np.pi * t / period_s + np.cumsum(0.05 * rng.standard_normal(t.size))
    v = (2.0 + np.sin(t / 23.0)) * np.sin(pace)
    shift = round(lag_s * 4)
    first, second = v[100 : 100 + n], v[100 - shift : 100 - shift + n]
    return 5.0 + first, 9.0 + second + 0.3 * rng.standard_normal(n)


def test_a_leader_by_two_seconds_is_found_on_the_right_side():
    for lag_s, sign in ((2.0, 1.0), (-2.0, -1.0)):
        x, y = rhythms(lag_s)
        for name in SIGNED:
            c = get(name).compute(x, y, rate_hz=4.0)
            phase = np.nanmedian(c.parts["phase_rad"])
            assert abs(phase / (2 * np.pi) * 9.0 - lag_s) < 0.4
        for name in NAMES:
            found = get(name).summarise(get(name).compute(x, y, rate_hz=4.0))
            if "first_ahead" in found:
                assert sign * found["first_ahead"] > 0.5
        mean = get("imaginary_coherence").summarise(
            get("imaginary_coherence").compute(x, y, rate_hz=4.0)
        )
        assert sign * mean["mean"] > 0.5


def test_each_measure_sees_what_it_says_and_is_blind_to_the_rest():
    def means(x, y):
        return {n: np.nanmean(get(n).compute(x, y, rate_hz=4.0).values) for n in NAMES}

    in_step, late = means(*rhythms(0.0)), means(*rhythms(2.25))  # a quarter of a period
    for name in ("phase_locking", "band_coherence"):
        assert in_step[name] > 0.9
        assert late[name] > 0.9
    assert in_step["phase_lag_index"] < 0.4 < 0.9 < late["phase_lag_index"]
    assert abs(in_step["imaginary_coherence"]) < 0.1 < 0.9 < late["imaginary_coherence"]
    for name in ("circular_correlation", "adjusted_circular_correlation"):
        assert in_step[name] > 0.8
    assert late["adjusted_circular_correlation"] > 0.8
    t = np.arange(2400) / 4.0
    swell = 1.0 + 0.6 * np.sin(2 * np.pi * t / 45.0)
    other = means(swell * np.sin(2 * np.pi * t / 7.0), swell * np.sin(2 * np.pi * t / 9.0))
    assert other["envelope_correlation"] > 0.9
    assert other["power_correlation"] > 0.9
    assert other["phase_locking"] < 0.3


def test_a_rhythm_at_a_level_of_seventy_is_no_synchrony():
    rng = np.random.default_rng(5)
    x, y = 70 + rng.standard_normal(4000), 80 + rng.standard_normal(4000)
    assert np.nanmean(get("phase_locking").compute(x, y, rate_hz=4.0).values) < 0.35
    assert phase_agreement(x, y, centre=False).mean() > 0.98
    assert phase_agreement(x, y).mean() < 0.4


@pytest.mark.parametrize("name", NAMES)
def test_a_gap_is_told_and_spoils_nothing_far_from_it(name):
    x, y = slow_pair(6, 4000)
    whole = get(name).compute(x, y, rate_hz=4.0)
    x[1800:1900] = np.nan
    c = get(name).compute(x, y, rate_hz=4.0)
    times, reach_s = c.coords["time"], c.reach_s[0]
    inside = (times > 455) & (times < 470)
    assert np.isnan(c.values[inside]).all()
    assert c.coverage[inside].max() < 0.8
    far = (times + reach_s < 450) | (times - reach_s > 475)
    assert far.sum() > 30
    assert_allclose(c.values[far], whole.values[far], rtol=0, atol=1e-10)


def test_rounding_does_not_decide_who_is_ahead_of_a_copy():
    x, _ = slow_pair(10, 1200)
    for name in ("imaginary_coherence", "phase_lag_index", "weighted_phase_lag_index"):
        for copy in (x, -3.0 * x, x + 700.0):
            values = get(name).compute(x, copy, rate_hz=4.0).values
            assert_array_equal(values[np.isfinite(values)], 0.0)


def test_coherence_squared_is_its_square():
    x, y = slow_pair(8, 1200)
    plain, squared = (
        get("band_coherence").compute(x, y, rate_hz=4.0, squared=s).values for s in (False, True)
    )
    assert_array_equal(plain**2, squared)


def test_a_missing_sample_spreads_over_the_whole_hilbert_transform():
    x, y = slow_pair(9)
    x[10] = np.nan
    assert np.isnan(phase_agreement(x, y)).all()


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10_000),
    st.sampled_from(NAMES),
    st.floats(1e-3, 1e3),
    st.floats(-1e3, 1e3),
)
def test_gain_level_and_exchange(seed, name, gain, level):
    x, y = slow_pair(seed, 300)
    entry = get(name)
    options = {"rate_hz": 4.0, "low_hz": 0.2, "high_hz": 0.6, "window_s": 15.0, "step_s": 7.5}
    plain = entry.compute(x, y, **options)
    assert_allclose(
        entry.compute(gain * x + level, y, **options).values, plain.values, rtol=0, atol=1e-6
    )
    back = entry.compute(y, x, **options)
    sign = -1.0 if name == "imaginary_coherence" else 1.0
    assert_allclose(sign * back.values, plain.values, rtol=0, atol=1e-9)
    for part in plain.parts:
        turned = np.exp(1j * back.parts[part]) if part == "phase_rad" else -back.parts[part]
        there = np.exp(-1j * plain.parts[part]) if part == "phase_rad" else plain.parts[part]
        assert_allclose(turned, there, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"low_hz": 0.0}, "low_hz=0.0: expected above 0 and below 2 Hz"),
        ({"high_hz": 2.0}, "high_hz=2.0: expected above 0 and below 2 Hz"),
        ({"low_hz": 0.3}, "high_hz=0.25: expected above low_hz, 0.3 Hz"),
        ({"window_s": 500.0}, "window_s=500.0: expected at most 100 s"),
        ({"step_s": 0.0}, "step_s=0.0: expected at least 0.25 s"),
        ({"min_coverage": 1.5}, "min_coverage=1.5: expected a share from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x = np.random.default_rng(1).standard_normal(400)
    for name in NAMES:
        with pytest.raises(InputError, match=says):
            get(name).compute(x, x, rate_hz=4.0, **options)
