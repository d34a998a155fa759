import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import body as reference
from scipy.interpolate import PchipInterpolator

from syntony.body.cardiac import find_beats, heart_rate, rate_from_intervals
from syntony.config import Beats
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.signal import Signal


def events(times, rr):
    return Events(times_s=times, values=rr, unit="ms", kind="rr", person="P01")


def pulses(beats_s, seconds, rate_hz, noise=0.02, seed=0):
    """A toy electrocardiogram: a narrow up-down wave at each beat, a slow baseline, noise."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    x = 0.2 * np.sin(2 * np.pi * 0.3 * t)
    x += noise * np.random.default_rng(seed).standard_normal(t.size)
    for beat in beats_s:
        x += np.exp(-(((t - beat) / 0.012) ** 2))
        x -= 0.3 * np.exp(-(((t - beat - 0.035) / 0.012) ** 2))
    return x


def ecg(values, rate_hz, start_s=0.0, kind="ecg", unit="mV"):
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit=unit, kind=kind, person="P01"
    )


BEATS = np.cumsum(0.8 + 0.05 * np.sin(np.arange(140) * 1.3))


@pytest.mark.parametrize("rate_hz", [128.0, 250.0, 999.5])
def test_beats_are_found_where_they_were_put(rate_hz):
    found, losses = find_beats(ecg(pulses(BEATS, 112.3, rate_hz), rate_hz, start_s=50.0))
    truth = BEATS + 50
    assert found.times_s.size == truth.size
    assert_allclose(found.times_s, truth, atol=1.5 / rate_hz)
    assert_allclose(found.values[1:], np.diff(1000 * found.times_s))
    assert np.isnan(found.values[0])
    assert sum(loss.count for loss in losses) == 0


def test_gaps_and_dead_stretches_have_no_beats_and_no_interval_spans_them():
    rate_hz = 250.0
    x = pulses(BEATS, 110, rate_hz)
    x[int(30 * rate_hz) : int(40 * rate_hz)] = np.nan
    x[int(60 * rate_hz) : int(70 * rate_hz)] = 0.4
    x[int(80 * rate_hz) : int(81 * rate_hz)] = np.nan
    x[int(83 * rate_hz) : int(84 * rate_hz)] = np.nan
    found, losses = find_beats(ecg(x, rate_hz))
    seconds = {loss.cause: loss.seconds for loss in losses}
    assert seconds["missing"] == 12.0
    assert seconds["flat"] == pytest.approx(10.0, abs=0.1)
    assert seconds["too-short"] == 2.0
    for low, high in ((30, 40), (60, 70), (80, 84)):
        assert not np.any((found.times_s >= low) & (found.times_s < high))
    assert np.isnan(found.values).sum() == 4
    assert np.nanmax(found.values) < 1000
    truth = [b for b in BEATS if b < 30 or 40 < b < 60 or 70 < b < 80 or 84 < b < 110]
    assert abs(found.times_s.size - len(truth)) <= 4


def test_what_stands_beyond_a_gap_does_not_matter():
    rate_hz = 250.0
    x = pulses(BEATS, 100, rate_hz)
    x[int(50 * rate_hz) : int(55 * rate_hz)] = np.nan
    y = x.copy()
    y[int(55 * rate_hz) :] *= 1.7
    a, b = find_beats(ecg(x, rate_hz))[0], find_beats(ecg(y, rate_hz))[0]
    early = a.times_s < 50
    assert_array_equal(a.times_s[early], b.times_s[b.times_s < 50])


@pytest.mark.parametrize("values", [np.zeros(2500), np.full(2500, np.nan), np.ones(1)])
def test_a_dead_channel_has_no_beats(values):
    found, losses = find_beats(ecg(values, 250.0))
    assert found.times_s.size == 0
    assert sum(loss.count for loss in losses) == values.size


def test_a_lead_that_fell_off_still_has_the_noise_of_its_converter():
    rate_hz = 250.0
    x = np.round(pulses(BEATS, 100, rate_hz), 3)
    off = slice(int(40 * rate_hz), int(60 * rate_hz))
    x[off] = 0.001 * np.random.default_rng(3).integers(0, 2, off.stop - off.start)
    found, _ = find_beats(ecg(x, rate_hz))
    assert not np.any((found.times_s >= 40.1) & (found.times_s < 59.9))


def test_a_slow_ecg_is_refused():
    with pytest.raises(InputError, match="at least 100 Hz to find R peaks"):
        find_beats(ecg(np.zeros(100), 4.0))


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 60), st.integers(0, 10**6))
def test_pchip_matches_the_definition(n, seed):
    rng = np.random.default_rng(seed)
    rr = rng.uniform(400, 1500, n)
    times = np.cumsum(rr) / 1000
    hr, _ = heart_rate(events(times, rr), Beats(), rate_hz=7.0, start_s=-1.0, stop_s=95.0)
    inside = (hr.times_s >= times[0]) & (hr.times_s <= times[-1])
    assert_array_equal(np.isfinite(hr.values), inside)
    want = reference.pchip(times, 60000 / rr, hr.times_s[inside])
    assert_allclose(hr.values[inside], want, atol=1e-9)
    scipys = PchipInterpolator(times, 60000 / rr)(hr.times_s[inside])
    assert_allclose(hr.values[inside], scipys, atol=1e-9)
    # A monotone cubic never leaves the range of its knots.
    assert np.all(hr.values[inside] <= (60000 / rr).max() + 1e-9)
    assert np.all(hr.values[inside] >= (60000 / rr).min() - 1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_straight_lines_match_the_rule_of_the_golden_inputs(seed):
    rng = np.random.default_rng(seed)
    rr = rng.choice(
        [250.0, 700.0, 800.0, 1200.0, 2400.0, 6000.0], 40, p=[0.1, 0.3, 0.3, 0.2, 0.05, 0.05]
    )
    times = np.cumsum(rr) / 1000
    hr, _ = heart_rate(
        events(times, rr), Beats(interpolation="linear"), rate_hz=4.0, start_s=0.0, stop_s=60.0
    )
    want = reference.linear_heart_rate(times, rr, hr.times_s, 300, 2000, 3.0)
    assert_allclose(hr.values, want, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("how", ["pchip", "linear"])
def test_beats_beyond_a_gap_do_not_shape_the_curve(how):
    rr = 800 + 100 * np.sin(np.arange(40) * 1.7)
    times = np.cumsum(rr) / 1000
    later = times + times[-1] + 5.0
    o = Beats(interpolation=how)
    grid = {"rate_hz": 4.0, "start_s": 0.0, "stop_s": 80.0}
    values = np.append(rr, rr)
    values[40] = np.nan
    both, losses = heart_rate(events(np.append(times, later), values), o, **grid)
    alone, _ = heart_rate(events(times, rr), o, **grid)
    early = both.times_s <= times[-1]
    assert_array_equal(both.values[early], alone.values[early])
    between = (both.times_s > times[-1]) & (both.times_s < later[0])
    assert np.isnan(both.values[between]).all()
    assert {loss.cause: loss.count for loss in losses}["gap"] == np.isnan(both.values).sum()


def test_intervals_out_of_range_are_dropped_counted_and_drawn_over():
    rr = np.full(30, 800.0)
    rr[10], rr[20] = 200.0, 2500.0
    times = np.cumsum(rr) / 1000
    hr, losses = heart_rate(events(times, rr), Beats(), rate_hz=8.0, start_s=0.0, stop_s=26.0)
    by = {loss.cause: loss for loss in losses}
    assert (by["range"].count, by["range"].seconds) == (2, 2.7)
    # 200 ms dropped: its neighbours are 1 s apart, drawn. 2500 ms: 3.3 s apart, a gap.
    first = (hr.times_s >= times[9]) & (hr.times_s < times[11])
    assert by["drawn"].count == first.sum()
    second = (hr.times_s > times[19]) & (hr.times_s < times[21])
    assert np.isnan(hr.values[second]).all()
    assert_allclose(hr.values[np.isfinite(hr.values)], 75.0)


def test_three_seconds_are_drawn_and_more_are_not():
    times = np.array([1.0, 2.0, 5.0, 8.01, 9.0])
    rr = np.array([1000.0, 1000.0, 900.0, 900.0, 990.0])
    hr, losses = heart_rate(events(times, rr), Beats(), rate_hz=4.0, start_s=0.0, stop_s=10.0)
    assert np.isfinite(hr.values[(hr.times_s >= 2) & (hr.times_s <= 5)]).all()
    assert np.isnan(hr.values[(hr.times_s > 5) & (hr.times_s < 8.01)]).all()
    assert {loss.cause: loss.seconds for loss in losses}["drawn"] == 3.0


def test_two_beats_at_one_moment_and_no_beats():
    hr, _ = heart_rate(
        events([1.0, 2.0, 2.0, 3.0], [1000.0, 1000.0, 700.0, 1000.0]),
        Beats(),
        rate_hz=4.0,
        start_s=1.0,
        stop_s=3.1,
    )
    assert_allclose(hr.values, 60.0)
    none, losses = heart_rate(events([], []), Beats(), rate_hz=4.0, start_s=0.0, stop_s=2.0)
    assert np.isnan(none.values).all()
    assert [loss.count for loss in losses] == [0, 8, 0]


@pytest.mark.parametrize(("unit", "gain"), [("ms", 1.0), ("s", 1e-3)])
def test_intervals_on_a_grid_become_heart_rate(unit, gain):
    ibi = np.array([800.0, np.nan, 250.0, 1000.0, 2500.0]) * gain
    hr, losses = rate_from_intervals(ecg(ibi, 4.0, kind="ibi", unit=unit), Beats())
    assert_allclose(hr.values, [75.0, np.nan, np.nan, 60.0, np.nan], equal_nan=True)
    assert [(loss.cause, loss.count) for loss in losses] == [("missing", 1), ("range", 2)]
    with pytest.raises(InputError, match="ms or s"):
        rate_from_intervals(ecg(ibi, 4.0, kind="ibi", unit="/min"), Beats())
