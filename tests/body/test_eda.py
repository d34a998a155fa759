from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from syntony.body.eda import clean, decompose, find_scrs, judge, low_pass
from syntony.body.filters import zero_phase
from syntony.config import Eda, EdaQuality
from syntony.core.errors import InputError
from syntony.core.signal import Signal


def eda(values, rate_hz=4.0, start_s=0.0, kind="eda", unit="uS"):
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit=unit, kind=kind, person="P01"
    )


def living(n=1200, seed=0, level=5.0):
    rng = np.random.default_rng(seed)
    walk = np.cumsum(0.02 * rng.standard_normal(n))
    return level + walk - walk.mean() + 0.002 * rng.standard_normal(n)


def found(losses):
    return {loss.cause: loss.count for loss in losses if loss.count}


def test_a_living_signal_loses_nothing():
    valid, losses = judge(eda(living()), EdaQuality())
    assert valid.all()
    assert found(losses) == {}
    names = "missing range slope temperature flat saturation spread"
    assert [loss.cause for loss in losses] == names.split()


def test_out_of_range_is_dropped_and_spread_by_five_seconds():
    x = living()
    x[600:640] = 70.0  # two steep edges, and a stretch above 60 uS
    valid, losses = judge(eda(x), EdaQuality())
    lost = np.flatnonzero(~valid)
    counts = found(losses)
    assert counts["range"] + counts["slope"] + counts["spread"] == lost.size
    # The moving average of 9 samples reaches 4 beyond the edge, the steep step one more.
    assert (lost[0], lost[-1]) == (600 - 5 - 20, 639 + 5 + 20)
    assert np.all(np.diff(lost) == 1)


def test_the_despiked_signal_is_judged():
    x = living()
    x[500] += 12.0  # 48 uS/s as recorded, 5.3 uS/s after the moving average
    assert judge(eda(x), EdaQuality())[0].all()
    assert not judge(eda(x), EdaQuality(despike_s=0.0))[0].all()


def test_a_drop_to_zero_for_one_sample_is_not_let_through():
    x = living(level=3.0)
    x[500] = 0.0
    valid, losses = judge(eda(x), EdaQuality())
    assert found(losses) == {"range": 1}
    assert_array_equal(np.flatnonzero(~valid), [500])


def test_flat_saturated_and_missing_are_told_apart():
    x = living(2400)
    x[200:260] = np.nan
    x[600:660] = x[600]
    x[1500:1512] = 9.0
    assert x[np.isfinite(x)].max() == 9.0
    _, losses = judge(eda(x), EdaQuality())
    counts = found(losses)
    assert (counts["missing"], counts["flat"]) == (60, 60)
    assert counts["saturation"] == 12
    assert counts["spread"] == 4 * 20
    assert sum(counts.values()) == 60 + 60 + 12 + 80


def test_a_gap_itself_is_not_spread():
    x = living()
    x[300] = np.nan
    assert judge(eda(x), EdaQuality())[0].sum() == x.size - 1


@pytest.mark.parametrize("level", [0.0, 5.0])
@pytest.mark.parametrize("n", [5, 400])
def test_a_constant_channel_is_flat_whatever_its_level(level, n):
    valid, losses = judge(eda(np.full(n, level)), EdaQuality())
    assert not valid.any()
    assert found(losses) == {"flat": n}


def test_temperature_judges_only_where_it_is_asked_for_and_known():
    signal = eda(living(), start_s=10.0)
    warm = np.full(300, 34.0)
    warm[100:110] = 22.0  # seconds 110 to 120 at 1 Hz
    warm[200:220] = np.nan
    temperature = eda(warm, rate_hz=1.0, start_s=10.0, kind="temperature", unit="Cel")
    assert judge(signal, EdaQuality(), temperature)[0].all()
    valid, losses = judge(signal, EdaQuality(use_temperature=True), temperature)
    counts = found(losses)
    assert set(counts) == {"temperature", "spread"}
    # A straight line falls from 34 to 22 Cel within a second: 30 Cel is passed after a third.
    assert counts["temperature"] == 9 * 4 + 1 + 2 * 2
    assert counts["spread"] == 40
    assert valid.sum() == signal.values.size - sum(counts.values())


def test_other_units_are_refused():
    with pytest.raises(InputError, match="uS for skin conductance"):
        judge(eda(living(), unit="V"), EdaQuality())
    with pytest.raises(InputError, match="Cel for skin temperature"):
        judge(
            eda(living()),
            EdaQuality(use_temperature=True),
            eda(living(), kind="temperature", unit="[degF]"),
        )


@pytest.mark.parametrize(("cutoff_hz", "rate_hz"), [(2.0, 4.0), (5.0, 4.0), (1.0, 1.7)])
def test_a_cut_off_at_or_above_nyquist_is_refused_by_name(cutoff_hz, rate_hz):
    with pytest.raises(InputError, match=f"cutoff_hz={cutoff_hz}.*{rate_hz / 2:g} Hz") as caught:
        low_pass(eda(living(), rate_hz), cutoff_hz, 4)
    assert f"{rate_hz:g} Hz" in caught.value.expected


@pytest.mark.parametrize("rate_hz", [4.0, 7.3, 32.0, 1000.0])
@pytest.mark.parametrize("frequency_hz", [0.05, 0.4, 0.9, 1.0, 1.5])
def test_low_pass_has_the_gain_of_its_formula_and_no_delay(rate_hz, frequency_hz):
    t = np.arange(round(120 * rate_hz)) / rate_hz
    x = np.sin(2 * np.pi * frequency_hz * t)
    y = low_pass(eda(x, rate_hz), 1.0, 4).values
    # Bilinear transform of a Butterworth of order 4, forwards and backwards.
    warped = np.tan(np.pi * frequency_hz / rate_hz) / np.tan(np.pi / rate_hz)
    gain = 1 / (1 + warped**8)
    inside = slice(round(20 * rate_hz), round(100 * rate_hz))
    assert_allclose(y[inside], gain * x[inside], atol=2e-5)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 299), max_size=12),
    st.floats(-1e6, 1e6),
    st.sampled_from(["highpass", "median"]),
)
def test_nothing_inside_a_gap_reaches_what_is_outside(gaps, rubbish, tonic):
    x = living(300, seed=5)
    holes, filled = x.copy(), x.copy()
    holes[gaps] = np.nan
    filled[gaps] = rubbish
    options = Eda(tonic=tonic, min_stretch_s=5.0)
    y = low_pass(eda(holes), 1.0, 4)
    assert_array_equal(np.isnan(y.values), np.isnan(holes))
    for start, stop in _stretches(holes):
        alone = low_pass(eda(filled[start:stop]), 1.0, 4).values
        assert_array_equal(y.values[start:stop], alone)
    parts = decompose(y, options)[:2]
    for part in parts:
        assert np.isnan(part.values[np.isnan(holes)]).all()
    both = np.isfinite(parts[0].values)
    assert_allclose((parts[0].values + parts[1].values)[both], y.values[both], atol=1e-12)


def _stretches(x):
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.isfinite(x), [0]))))
    return edges.reshape(-1, 2)


def test_scale_and_offset_pass_through_the_filters():
    x = eda(living())
    y = replace(x, values=3 * x.values + 2)
    assert_allclose(low_pass(y, 1.0, 4).values, 3 * low_pass(x, 1.0, 4).values + 2, atol=1e-9)
    for tonic in ("highpass", "median"):
        options = Eda(tonic=tonic)
        (t1, p1, _), (t2, p2, _) = decompose(x, options), decompose(y, options)
        assert_allclose(p2.values, 3 * p1.values, atol=1e-9)
        assert_allclose(t2.values, 3 * t1.values + 2, atol=1e-9)


def test_short_stretches_are_left_and_counted():
    x = living(400)
    x[119] = np.nan  # 119 samples: 29.75 s before, 280 after
    tonic, phasic, loss = decompose(eda(x), Eda())
    assert (loss.cause, loss.count, loss.seconds) == ("too-short", 119, 29.75)
    assert np.isnan(phasic.values[:120]).all()
    assert np.isfinite(phasic.values[120:]).all()
    assert (tonic.kind, phasic.kind) == ("eda_tonic", "eda_phasic")
    x[119] = living(400)[119]
    x[120] = np.nan  # now exactly 30 s
    assert decompose(eda(x), Eda())[2].count == 0


@pytest.mark.parametrize("rate_hz", [4.0, 25.0])
@pytest.mark.parametrize(("frequency_hz", "gain"), [(0.025, 1 / 17), (0.05, 0.5), (0.1, 16 / 17)])
def test_the_high_pass_is_of_order_two_each_way(rate_hz, frequency_hz, gain):
    t = np.arange(round(600 * rate_hz)) / rate_hz
    wave = np.sin(2 * np.pi * frequency_hz * t)
    _, phasic, _ = decompose(eda(5 + wave, rate_hz), Eda())
    inside = slice(round(200 * rate_hz), round(400 * rate_hz))
    # 1 / (1 + (cut-off / frequency)^4), but for the warping of the bilinear transform.
    assert_allclose(phasic.values[inside], gain * wave[inside], atol=1e-3)


def test_a_response_on_a_slow_drift_goes_to_the_phasic_part():
    t = np.arange(1200) / 4
    drift = 5 + 0.5 * np.sin(2 * np.pi * t / 250)
    response = np.where(t > 150, np.exp(-(t - 150) / 4) - np.exp(-(t - 150) / 0.7), 0.0)
    tonic, phasic, _ = decompose(eda(drift + response), Eda())
    assert abs(t[np.argmax(phasic.values)] - t[np.argmax(response)]) <= 0.5
    assert phasic.values.max() > 0.5 * response.max()
    far = (t > 60) & (t < 120)
    assert np.abs(phasic.values[far]).max() < 0.02
    assert np.abs(tonic.values[far] - drift[far]).max() < 0.02


def bumps(onsets_s, heights, seconds=300, rate_hz=4.0):
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    x = np.zeros(t.size)
    for onset, height in zip(onsets_s, heights, strict=True):
        u = np.clip(t - onset, 0, None)
        x += height * (np.exp(-u / 4) - np.exp(-u / 0.7)) / 0.5764
    return x


@pytest.mark.parametrize("rate_hz", [4.0, 10.0, 32.0])
def test_responses_are_found_where_they_were_put(rate_hz):
    onsets = [20.0, 60.0, 120.0, 200.0]
    x = bumps(onsets, [0.3, 0.04, 0.08, 1.0], rate_hz=rate_hz)
    scrs = find_scrs(eda(x, rate_hz, start_s=7.0, kind="eda_phasic"), 0.05)
    assert_allclose(scrs.onsets_s, np.array([20.0, 120.0, 200.0]) + 7, atol=1 / rate_hz + 1e-9)
    assert_allclose(scrs.amplitudes_us, [0.3, 0.08, 1.0], rtol=0.04)
    assert np.all((scrs.peaks_s - scrs.onsets_s > 0.8) & (scrs.peaks_s - scrs.onsets_s < 2.2))
    assert scrs.events.kind == "scr"
    assert_array_equal(scrs.events.times_s, scrs.onsets_s)


def test_the_threshold_is_absolute():
    small = bumps([20.0], [0.06])
    with_large = bumps([20.0, 100.0], [0.06, 3.0])
    assert find_scrs(eda(small), 0.05).onsets_s.size == 1
    assert find_scrs(eda(with_large), 0.05).onsets_s.size == 2


def test_ripples_do_not_cut_a_rise_in_two():
    def two_steps(dip):
        x = np.zeros(60)
        x[20:40] = [0, 0.02, 0.04, 0.04 - dip, 0.06, 0.08, *np.linspace(0.07, 0, 14)]
        return find_scrs(eda(x), 0.05)

    joined = two_steps(0.004)  # less than a tenth of the threshold
    assert joined.onsets_s.tolist() == [5.0]
    assert_allclose(joined.amplitudes_us, 0.08)
    apart = two_steps(0.02)
    assert apart.onsets_s.tolist() == [5.75]
    assert_allclose(apart.amplitudes_us, 0.06)


def test_a_rise_cut_by_a_gap_or_an_end_is_left_out():
    x = bumps([20.0, 60.0], [0.5, 0.5])
    x[82] = np.nan  # within the first rise
    assert find_scrs(eda(x), 0.05).onsets_s.tolist() == [60.0]
    assert find_scrs(eda(x[242:]), 0.05).onsets_s.size == 0
    assert find_scrs(eda(np.full(50, np.nan)), 0.05).onsets_s.size == 0
    assert find_scrs(eda(np.full(50, 2.0)), 0.05).onsets_s.size == 0


def test_a_threshold_of_nothing_is_refused():
    with pytest.raises(InputError, match="threshold_us=0"):
        find_scrs(eda(living()), 0.0)


def test_clean_keeps_gaps_and_is_smooth():
    x = living()
    x[100:110] = np.nan
    x[600] = 70.0
    cleaned, losses = clean(eda(x), Eda())
    valid, again = judge(eda(x), EdaQuality())
    assert losses == again
    assert_array_equal(np.isfinite(cleaned.values), valid)


def test_the_high_pass_is_the_complement_of_the_low_pass_far_from_the_ends():
    x = living(4000)
    high = zero_phase(x, 4.0, 0.05, order=2, kind="highpass")
    low = zero_phase(x, 4.0, 0.05, order=2)
    assert_allclose((high + low)[400:-400], x[400:-400], atol=1e-9)
