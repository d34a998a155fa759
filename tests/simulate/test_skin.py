import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import skin_simple

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.skin import (
    Skin,
    bateman,
    responses,
    scr_amplitudes,
    scr_onsets,
    skin_conductance,
)


@pytest.mark.parametrize("step_s", [0.25, 1 / 7, 1 / 32, 0.2500025])
@pytest.mark.parametrize("start_s", [0.0, 1.37, -4.2])
def test_responses_are_the_sum_of_single_ones(step_s, start_s):
    rng = rng_for(1, "twin", str(step_s), str(start_s))
    onsets = rng.uniform(-35, 50, 12)
    heights = rng.lognormal(-1.2, 0.8, 12)
    got = responses(onsets, heights, start_s=start_s, step_s=step_s, n_samples=150)
    want = skin_simple.responses(onsets, heights, start_s, step_s, 150)
    # the exact cut at 30 s (3e-7 of the height) may fall one sample apart
    assert_allclose(got, want, rtol=0, atol=2e-6)


def test_many_responses_at_a_high_rate_are_summed_in_pieces():
    rng = rng_for(1, "pieces")
    onsets, heights = rng.uniform(0, 60, 80), rng.lognormal(-1.2, 0.8, 80)
    fine = responses(onsets, heights, start_s=0.0, step_s=1 / 1000, n_samples=60_000)
    coarse = responses(onsets, heights, start_s=0.0, step_s=1 / 4, n_samples=240)
    assert_allclose(fine[::250], coarse, atol=2e-6)


def test_a_response_has_height_one_at_1_13_seconds():
    t = np.linspace(0, 30, 300_001)
    shape = bateman(t)
    assert_allclose(shape.max(), 1.0, atol=1e-9)
    assert_allclose(t[shape.argmax()], 1.1307, atol=1e-3)
    assert bateman(np.array([-0.1, 30.0])).tolist() == [0.0, 0.0]


def test_no_responses_and_no_samples():
    none = np.empty(0)
    assert responses(none, none, start_s=0.0, step_s=0.25, n_samples=3).tolist() == [0, 0, 0]
    rng = rng_for(1, "none")
    assert skin_conductance(rng, none, none, n_samples=0, rate_hz=4.0, skin=Skin()).size == 0


def test_onsets_come_at_the_rate_and_without_memory():
    times = scr_onsets(rng_for(2, "rate"), duration_s=360_000.0, rate_per_min=5.0, lead_in_s=0.0)
    assert abs(times.size - 30_000) < 4 * np.sqrt(30_000)
    gaps = np.diff(times)
    assert_allclose(gaps.mean(), 12.0, rtol=0.03)
    assert_allclose(gaps.std(), 12.0, rtol=0.03)
    assert np.all(gaps >= 0)
    assert times.min() >= 0
    assert times.max() < 360_000


def test_onsets_follow_a_rate_that_changes():
    rate = np.repeat([2.0, 8.0, 0.0], 20_000)
    times = scr_onsets(rng_for(2, "changing"), duration_s=60_000.0, rate_per_min=rate)
    counts = np.histogram(times, [0, 20_000, 40_000, 60_000])[0]
    assert abs(counts[0] - 20_000 / 30) < 4 * np.sqrt(20_000 / 30)
    assert abs(counts[1] - 160_000 / 60) < 4 * np.sqrt(160_000 / 60)
    assert counts[2] == 0


def test_heights_are_lognormal_and_habituate():
    late = np.full(40_000, 600.0)
    heights = scr_amplitudes(rng_for(3, "log"), late, skin=Skin())
    assert_allclose(np.log(heights).mean(), -1.2, atol=0.02)
    assert_allclose(np.log(heights).std(), 0.8, atol=0.02)
    tired = scr_amplitudes(rng_for(3, "log"), late, skin=Skin(habituation=0.5, gain=2.0))
    assert_allclose(tired / heights, 2 * (1 - 0.5 * (1 - np.exp(-1))), rtol=1e-12)
    fresh = scr_amplitudes(rng_for(3, "log"), 0 * late - 5, skin=Skin(habituation=0.5))
    assert_allclose(fresh, heights, rtol=1e-12)


@pytest.mark.parametrize("rate_hz", [1.0, 4.0, 32.0])
def test_drift_and_noise_do_not_depend_on_the_rate(rate_hz):
    none = np.empty(0)
    ends, noise = [], []
    for i in range(300):
        rng = rng_for(4, "drift", str(rate_hz), i)
        skin = Skin(noise_us=0.0)
        n = int(100 * rate_hz) + 1
        x = skin_conductance(rng, none, none, n_samples=n, rate_hz=rate_hz, skin=skin)
        assert x[0] == skin.level_us
        ends.append(x[-1] - x[0])
        y = skin_conductance(rng, none, none, n_samples=n, rate_hz=rate_hz, skin=Skin(drift_us=0.0))
        noise.append(y.std())
    assert_allclose(np.std(ends), 0.01 * np.sqrt(100), rtol=0.2)
    assert_allclose(np.mean(noise), 0.002, rtol=0.02)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(0.0, 30.0),
    st.floats(10.0, 400.0),
    st.sampled_from([1.0, 4.0, 10.5, 64.0]),
    st.integers(0, 2**32),
)
def test_any_setting_gives_finite_values_of_the_length_asked_for(rate, duration_s, rate_hz, seed):
    rng = rng_for(seed, "any")
    skin = Skin(rate_per_min=rate)
    times = scr_onsets(rng, duration_s=duration_s, rate_per_min=rate)
    heights = scr_amplitudes(rng, times, skin=skin)
    n = int(duration_s * rate_hz)
    x = skin_conductance(rng, times, heights, n_samples=n, rate_hz=rate_hz, skin=skin)
    assert x.shape == (n,)
    assert np.isfinite(x).all()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate_per_min", -1.0),
        ("noise_us", np.nan),
        ("habituation", 1.5),
        ("habituation_s", 0.0),
        ("level_us", np.inf),
    ],
)
def test_an_impossible_skin_is_refused(field, value):
    with pytest.raises(InputError, match=field):
        Skin(**{field: value})


@pytest.mark.parametrize("bad", [{"duration_s": 0.0}, {"rate_per_min": -1.0}])
def test_impossible_onsets_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        scr_onsets(rng_for(1), **{"duration_s": 10.0, "rate_per_min": 5.0, **bad})


def test_a_rate_of_zero_hertz_is_refused():
    none = np.empty(0)
    with pytest.raises(InputError, match="rate_hz"):
        skin_conductance(rng_for(1), none, none, n_samples=4, rate_hz=0.0, skin=Skin())
