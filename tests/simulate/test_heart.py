import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.seeds import rng_for
from syntony.simulate.heart import (
    Heart,
    band_noise,
    ecg_from_beats,
    rr_intervals,
    rr_pair,
    slow_rhythms,
)


def tachogram(beats, duration_s, rate_hz=4.0):
    grid = np.arange(20, duration_s - 20, 1 / rate_hz)
    return np.interp(grid, beats.times_s, beats.values)


def sd_in_band(x, rate_hz, band_hz):
    spectrum = np.fft.rfft(x - x.mean())
    f = np.fft.rfftfreq(x.size, 1 / rate_hz)
    inside = (f >= band_hz[0]) & (f < band_hz[1])
    return np.sqrt(2 * np.sum(np.abs(spectrum[inside]) ** 2)) / x.size


def test_an_interval_ends_at_its_beat():
    beats = rr_intervals(rng_for(1, "ends"), duration_s=600.0, person="P01")
    assert beats.kind == "rr"
    assert beats.unit == "ms"
    assert np.isfinite(beats.values).all()
    assert_allclose(np.diff(beats.times_s) * 1000, beats.values[1:], atol=1e-6)
    assert 0 <= beats.times_s[0] < 1.5
    assert 598.5 < beats.times_s[-1] < 600


def test_rhythms_have_the_size_asked_for_in_their_bands():
    heart = Heart(mean_rr_ms=800.0, hf_ms=20.0, lf_ms=30.0, vlf_ms=40.0)
    beats = rr_intervals(rng_for(1, "bands"), duration_s=12_000.0, person="P01", heart=heart)
    x = tachogram(beats, 12_000.0)
    assert_allclose(x.mean(), 800.0, rtol=0.01)
    assert_allclose(sd_in_band(x, 4.0, (0.003, 0.04)), 40.0, rtol=0.12)
    assert_allclose(sd_in_band(x, 4.0, (0.04, 0.15)), 30.0, rtol=0.12)
    # drawn straight between beats, and averaged over a beat: 6 % of a 0.25 Hz rhythm is lost
    # in the integral and some in the lines between
    assert_allclose(sd_in_band(x, 4.0, (0.15, 0.40)), 20.0, rtol=0.25)


def test_breathing_peaks_where_it_was_put():
    heart = Heart(breath_hz=0.3, breath_sd_hz=0.0, lf_ms=0.0, vlf_ms=0.0)
    beats = rr_intervals(rng_for(1, "breath"), duration_s=2_000.0, person="P01", heart=heart)
    x = tachogram(beats, 2_000.0)
    f = np.fft.rfftfreq(x.size, 0.25)
    assert_allclose(f[np.abs(np.fft.rfft(x - x.mean())).argmax()], 0.3, atol=0.002)


def test_a_heart_without_rhythms_beats_evenly():
    heart = Heart(mean_rr_ms=750.0, hf_ms=0.0, lf_ms=0.0, vlf_ms=0.0)
    beats = rr_intervals(rng_for(1, "even"), duration_s=60.0, person="P01", heart=heart)
    assert_allclose(beats.values, 750.0, atol=1e-6)


@pytest.mark.parametrize("delay_s", [0.0, 3.0, -5.0])
def test_two_hearts_share_slow_rhythms_at_the_delay(delay_s):
    a, b = rr_pair(
        rng_for(2, "pair", str(delay_s)),
        duration_s=6_000.0,
        people=("P01", "T01"),
        share=0.6,
        delay_s=delay_s,
        hearts=(Heart(hf_ms=0.0), Heart(hf_ms=0.0, mean_rr_ms=700.0)),
    )
    x, y = tachogram(a, 6_000.0, 2.0), tachogram(b, 6_000.0, 2.0)
    lags = np.arange(-20, 21)
    n = x.size
    r = [np.corrcoef(x[20 : n - 20], y[20 + k : n - 20 + k])[0, 1] for k in lags]
    assert abs(lags[int(np.argmax(r))] / 2 - delay_s) <= 0.5
    assert_allclose(max(r), 0.6, atol=0.1)


def test_hearts_without_a_share_are_strangers():
    r = []
    for i in range(40):
        a, b = rr_pair(rng_for(3, "strangers", i), duration_s=600.0, people=("P01", "T01"))
        r.append(np.corrcoef(tachogram(a, 600.0), tachogram(b, 600.0))[0, 1])
    assert abs(np.mean(r)) < 4 * np.std(r) / np.sqrt(len(r))


@pytest.mark.parametrize("rate_hz", [128.0, 250.0, 1000.0])
def test_r_peaks_stand_at_the_beats(rate_hz):
    beats = rr_intervals(rng_for(4, "ecg"), duration_s=30.0, person="P01")
    ecg = ecg_from_beats(rng_for(4, "draw"), beats, duration_s=30.0, rate_hz=rate_hz)
    x = ecg.values
    tall = np.flatnonzero((x[1:-1] > x[:-2]) & (x[1:-1] >= x[2:]) & (x[1:-1] > 0.65)) + 1
    inside = beats.times_s[(beats.times_s > 0.1) & (beats.times_s < 29.9)]
    found = tall / rate_hz
    found = found[(found > 0.08) & (found < 29.92)]
    nearest = found[np.abs(found[:, None] - inside).argmin(axis=0)]
    assert_allclose(nearest, inside, atol=1.5 / rate_hz + 0.002)
    groups = 1 + np.count_nonzero(np.diff(found) > 0.2)
    assert groups == inside.size
    assert np.isfinite(x).all()


@settings(deadline=None, max_examples=25)
@given(st.floats(1.0, 300.0), st.floats(300.0, 2000.0), st.integers(0, 2**32))
def test_any_heart_gives_rising_times_and_finite_intervals(duration_s, mean_rr_ms, seed):
    heart = Heart(mean_rr_ms=mean_rr_ms)
    beats = rr_intervals(rng_for(seed), duration_s=duration_s, person="P01", heart=heart)
    assert np.isfinite(beats.values).all()
    assert np.all(beats.values >= 299.9)
    assert np.all((beats.times_s >= 0) & (beats.times_s < duration_s))
    again = rr_intervals(rng_for(seed), duration_s=duration_s, person="P01", heart=heart)
    assert_array_equal(again.times_s, beats.times_s)


def test_noise_of_an_empty_band_is_zero():
    x = band_noise(rng_for(1), n_samples=20, rate_hz=4.0, band_hz=(0.003, 0.04))
    assert_array_equal(x, np.zeros(20))


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="mean_rr_ms"):
        Heart(mean_rr_ms=100.0)
    with pytest.raises(InputError, match="hf_ms"):
        Heart(hf_ms=-1.0)
    with pytest.raises(InputError, match="duration_s"):
        slow_rhythms(rng_for(1), duration_s=-1.0)
    with pytest.raises(InputError, match="slow"):
        rr_intervals(rng_for(1), duration_s=60.0, person="P01", slow=np.zeros((2, 3)))
    with pytest.raises(InputError, match="share"):
        rr_pair(rng_for(1), duration_s=60.0, people=("A", "B"), share=1.2)
    with pytest.raises(InputError, match="delay_s"):
        rr_pair(rng_for(1), duration_s=60.0, people=("A", "B"), delay_s=30.0)
    scr = Events(times_s=[1.0], kind="scr", person="P01")
    with pytest.raises(InputError, match="beats"):
        ecg_from_beats(rng_for(1), scr, duration_s=2.0, rate_hz=250.0)
    beats = Events(times_s=[1.0], kind="rr", person="P01")
    with pytest.raises(InputError, match="rate_hz"):
        ecg_from_beats(rng_for(1), beats, duration_s=2.0, rate_hz=50.0)
    one = ecg_from_beats(rng_for(1), beats, duration_s=2.0, rate_hz=250.0, wander_mv=0.0)
    assert one.values.argmax() == 250
