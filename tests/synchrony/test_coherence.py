import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import spectrum as reference

from syntony.core.errors import InputError
from syntony.synchrony.coherence import coherence, csd, lead_s
from syntony.synchrony.registry import get


def pair(seed, n=900, missing=0.0, offset=0.0, spread=1.0):
    rng = np.random.default_rng(seed)
    x, y, common = rng.standard_normal((3, n))
    x, y = (offset + spread * np.convolve(v + common, np.ones(5) / 5, "same") for v in (x, y))
    x[rng.random(n) < missing] = np.nan
    y[rng.random(n) < missing] = np.nan
    return x, y


@pytest.mark.parametrize("missing", [0.0, 0.03])
@pytest.mark.parametrize(("rate_hz", "segment_s", "overlap"), [(4.0, 30.0, 0.5), (2.5, 41.3, 0.7)])
def test_it_does_what_the_definition_says(rate_hz, segment_s, overlap, missing):
    x, y = pair(1, missing=missing)
    x[400:520] = np.nan
    length = int(np.floor(segment_s * rate_hz + 0.5))
    hop = length - int(length * overlap)
    options = {"segment_s": segment_s, "overlap": overlap, "low_hz": 0.0, "high_hz": rate_hz / 2}
    want, phase, shared = reference.welch(x, y, rate_hz, length, hop, 0.0, rate_hz / 2)
    c = coherence(x, y, rate_hz=rate_hz, **options)
    assert_allclose(c.values[0], want, rtol=0, atol=1e-11)
    apart = np.angle(np.exp(1j * (c.parts["phase_rad"][0] - phase)))
    assert_allclose(apart, 0.0, atol=1e-9)
    assert_allclose(csd(x, y, rate_hz=rate_hz, **options).values[0], shared, atol=1e-12)
    assert c.coverage[0, 0] == np.mean(
        (np.isfinite(x) & np.isfinite(y))[: hop * ((900 - length) // hop) + length]
    )


def test_a_large_offset_does_not_matter():
    x, y = pair(2)
    far_x, far_y = (1e5 + 1e-2 * v for v in (x, y))
    a = coherence(x, y, rate_hz=4.0).values
    assert_allclose(coherence(far_x, far_y, rate_hz=4.0).values, a, atol=1e-7)


def test_the_one_ahead_has_the_positive_phase():
    rng = np.random.default_rng(3)
    leader = np.convolve(rng.standard_normal(2408), np.ones(6) / 6, "valid")
    x, y = leader[8:], leader[:-8]
    found = get("coherence").summarise(coherence(x, y, rate_hz=4.0, high_hz=0.2))
    assert found["lead_s"] == pytest.approx(2.0, abs=0.05)
    back = get("coherence").summarise(coherence(y, x, rate_hz=4.0, high_hz=0.2))
    assert back["lead_s"] == pytest.approx(-2.0, abs=0.05)
    assert found["mean_coherence"] > 0.9
    whole = get("coherence").summarise(coherence(x, y, rate_hz=4.0))  # half a cycle at 0.25 Hz
    assert whole["lead_s"] == pytest.approx(2.0, abs=0.05)


def test_a_lead_is_known_up_to_whole_cycles():
    t = np.arange(2400) / 4
    noise = 0.01 * np.random.default_rng(4).standard_normal((2, 2400))
    x = np.sin(2 * np.pi * 0.2 * t) + noise[0]
    for behind_s, told_s in ((1.0, 1.0), (4.0, -1.0)):
        y = np.sin(2 * np.pi * 0.2 * (t - behind_s)) + noise[1]
        c = coherence(x, y, rate_hz=4.0)
        at = int(np.argmin(np.abs(c.coords["frequency"] - 0.2)))
        assert c.parts["lead_s"][0, at] == pytest.approx(told_s, abs=0.02)
    assert np.isnan(lead_s(np.array([1.0]), np.array([0.0])))


@pytest.mark.parametrize(
    ("overlap", "window_s"), [(0.5, 0.0), (0.75, 0.0), (0.0, 0.0), (0.5, 300.0)]
)
def test_the_chance_level_is_that_of_noise(overlap, window_s):
    rng = np.random.default_rng(5)
    seen, told = [], []
    for _ in range(60):
        x, y = rng.standard_normal((2, 2400))
        options = {"overlap": overlap, "window_s": window_s, "high_hz": 1.9}
        c = coherence(x, y, rate_hz=4.0, **options)
        seen.append(c.values.mean())
        told.append(c.parts["chance"].mean())
    error = np.std(seen, ddof=1) / np.sqrt(60)
    assert abs(np.mean(seen) - np.mean(told)) < 4 * error + 0.01 * np.mean(told)


def test_windows_are_the_whole_of_a_shorter_signal():
    x, y = pair(6, n=2400)
    c = coherence(x, y, rate_hz=4.0, window_s=200.0, step_s=100.0)
    assert_allclose(c.coords["time"], [100.0, 200.0, 300.0, 400.0, 500.0])
    part = coherence(x[400:1200], y[400:1200], rate_hz=4.0)
    assert_allclose(c.values[1], part.values[0], atol=1e-12)
    assert_array_equal(c.parts["segments"], 5.0)


def test_a_gap_takes_its_windows_and_no_others():
    x, y = pair(7, n=4800)
    whole = coherence(x, y, rate_hz=4.0, window_s=200.0, step_s=100.0)
    x[2000:2300] = np.nan
    c = coherence(x, y, rate_hz=4.0, window_s=200.0, step_s=100.0)
    times = c.coords["time"]
    touched = (times + 100 > 500) & (times - 100 < 575)
    assert_allclose(c.values[~touched], whole.values[~touched], atol=1e-12)
    assert np.isnan(c.values[touched]).all()
    assert (c.coverage[touched] < 1).all()
    assert (c.coverage[~touched] == 1).all()
    assert np.isnan(c.parts["chance"][touched]).all()


def test_a_few_missing_samples_move_little_and_are_not_zeros():
    x, y = pair(8, n=4800, offset=50.0)
    full = coherence(x, y, rate_hz=4.0).values
    x[np.random.default_rng(9).random(4800) < 0.02] = np.nan
    assert np.abs(coherence(x, y, rate_hz=4.0).values - full).max() < 0.05
    zeros = coherence(np.nan_to_num(x), y, rate_hz=4.0).values
    assert np.abs(zeros - full).max() > 0.2


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_scale_offset_and_order_do_not_matter(seed, gain, offset):
    x, y = pair(seed, n=400)
    options = {"rate_hz": 4.0, "segment_s": 20.0, "high_hz": 1.0}
    a = coherence(x, y, **options)
    b = coherence(gain * y + offset, x, **options)
    assert_allclose(a.values, b.values, atol=1e-9)
    assert a.values.max() <= 1.0
    assert_allclose(
        np.exp(1j * a.parts["phase_rad"]), np.exp(-1j * b.parts["phase_rad"]), atol=1e-6
    )


def test_constants_have_no_coherence_at_any_height():
    x, _ = pair(10)
    for level in (0.0, 3.3, 1e5 + 0.1):
        y = np.full(x.size, level)
        assert np.isnan(coherence(x, y, rate_hz=4.0).values).all()
        assert np.isnan(coherence(y, x, rate_hz=4.0, detrend="linear").values).all()
        y[5] = np.nan
        assert np.isnan(csd(x, y, rate_hz=4.0).values).all()


def test_a_line_is_no_rhythm_when_lines_are_taken_off():
    x, y = pair(11, n=1200)
    line = np.arange(1200) * 0.5
    options = {"rate_hz": 4.0, "detrend": "linear", "low_hz": 0.01}
    a = coherence(x, y, **options).values
    assert_allclose(coherence(x + line, y - 3 * line, **options).values, a, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, r"segment_s=60.0: expected room for 3 segments \(120 s in all\) in signals of 100 s"),
        ({"window_s": 70.0}, r"window_s=70.0: expected room for 3 segments"),
        ({"segment_s": 10.0, "low_hz": 0.3}, r"low_hz=0.3: expected 0 Hz or more, below high_hz"),
        ({"segment_s": 10.0, "low_hz": 0.11, "high_hz": 0.15}, r"high_hz=0.15: expected a band"),
        ({"segment_s": 10.0, "overlap": 1.0}, r"overlap=1.0: expected a share from 0 to 0.95"),
        ({"segment_s": 10.0, "detrend": "all"}, r"detrend='all': expected one of"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        coherence(np.zeros(400), np.zeros(400), rate_hz=4.0, **options)
