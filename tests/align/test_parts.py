import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.align.parts import extent, join_parts
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.recording import Recording
from syntony.core.signal import Signal


def eda(n, rate_hz=4.0, start_s=0.0, unit="uS", kind="eda"):
    values = np.linspace(1, 2, n)
    signal = Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit=unit, kind=kind, person="P"
    )
    return Recording(signals=(signal,))


def beats(rr_ms, first_s=None):
    rr = np.array(rr_ms, float)
    times = np.cumsum(rr) / 1e3
    if first_s is not None:
        times += first_s - times[0]
    events = Events(times_s=times, values=rr, unit="ms", kind="rr", person="P")
    return Recording(events=(events,))


def test_a_gap_between_parts_stays_empty_on_the_true_axis():
    joined = join_parts([eda(8), eda(6)], [100.0, 105.0])
    (signal,) = joined.signals
    assert signal.start_s == 100
    assert np.isnan(signal.values[8:20]).all()
    np.testing.assert_array_equal(signal.values[20:], np.linspace(1, 2, 6))
    assert joined.moved_s == 0
    assert joined.notes == ()


@given(st.floats(0.5, 64), st.lists(st.tuples(st.integers(2, 40), st.floats(0, 30)), min_size=1))
def test_every_sample_survives_within_half_a_sample_of_its_time(rate_hz, pieces):
    starts, parts, at = [], [], 0.0
    for n, gap in pieces:
        parts.append(eda(n, rate_hz))
        starts.append(at)
        at += n / rate_hz + gap
    joined = join_parts(parts, starts)
    (signal,) = joined.signals
    there = np.isfinite(signal.values)
    assert there.sum() == sum(n for n, _ in pieces)
    truth = np.concatenate([s + p.signals[0].times_s for s, p in zip(starts, parts, strict=True)])
    off = np.abs(signal.times_s[there] - truth).max()
    assert off <= joined.moved_s + 1e-6
    assert joined.moved_s <= (0.5 + 1e-6) / rate_hz * len(pieces)


def test_parts_are_put_in_the_order_of_time_whatever_order_they_come_in():
    joined = join_parts([beats([700, 710]), beats([800, 810])], [60.0, 0.0])
    np.testing.assert_allclose(joined.events[0].times_s, [0.8, 1.61, 60.7, 61.41])
    assert joined.starts_s == (60.0, 0.0)


def test_no_beat_is_made_in_a_gap_and_no_interval_crosses_it():
    joined = join_parts([beats([800] * 5), beats([900] * 5)], [0.0, 300.0])
    (rr,) = joined.events
    assert not ((rr.times_s > 4) & (rr.times_s < 300.9)).any()
    begins = rr.times_s - rr.values / 1e3
    assert begins[5] == pytest.approx(300.0)


def test_an_interval_that_began_before_its_part_is_no_interval():
    late = beats([900, 850], first_s=0.2)
    joined = join_parts([beats([800] * 3), late], [0.0, 50.0])
    np.testing.assert_array_equal(joined.events[0].values, [800, 800, 800, np.nan, 850])
    assert extent(late)[0] == 0


def test_overlap_of_parts_is_refused_with_its_figure():
    with pytest.raises(InputError, match=r"overlap by 3\.000 s"):
        join_parts([eda(40), eda(40)], [0.0, 7.0], slack_s=[0.5, 0.5], person="P")


def test_overlap_within_the_stamps_error_moves_the_later_part_and_says_so():
    joined = join_parts([eda(40), eda(40)], [0.0, 9.25], slack_s=[0.5, 0.5], person="P")
    assert np.isfinite(joined.signals[0].values).all()
    assert joined.moved_s == pytest.approx(0.75)
    assert [n.code for n in joined.notes] == ["part-moved"]
    assert "0.750 s before" in joined.notes[0].text


def test_overlap_is_not_excused_where_no_stamp_error_is_known():
    with pytest.raises(InputError, match="overlap by 0\\.750 s"):
        join_parts([eda(40), eda(40)], [0.0, 9.25], slack_s=[float("nan")] * 2)


def test_the_same_part_given_twice_is_refused():
    with pytest.raises(InputError, match="taken twice"):
        join_parts([beats([800] * 9)] * 2, [0.0, 0.0], slack_s=[0.5, 0.5])


def test_two_rates_are_refused():
    with pytest.raises(InputError, match="one rate in all parts") as error:
        join_parts([eda(40, 4.0), eda(40, 4.01)], [0.0, 60.0])
    assert error.value.got == [4.0, 4.01]


def test_two_units_are_refused():
    with pytest.raises(InputError, match="one unit"):
        join_parts([eda(9), eda(9, unit="mV")], [0.0, 60.0])


def test_parts_a_year_apart_are_refused_before_memory_is():
    with pytest.raises(InputError, match="another day is another session"):
        join_parts([eda(9, 64), eda(9, 64)], [0.0, 3e7])


def test_different_kinds_are_different_devices_and_may_overlap():
    joined = join_parts([eda(40), eda(40, 32.0, kind="resp")], [0.0, 1.0])
    assert [s.kind for s in joined.signals] == ["eda", "resp"]
    assert joined.signals[1].start_s == 1


def test_two_channels_of_one_kind_in_every_part_are_refused():
    two = Recording(signals=(*eda(8).signals, *eda(8).signals))
    assert len(join_parts([two], [0.0]).signals) == 2
    with pytest.raises(InputError, match="once in each part"):
        join_parts([two, eda(8)], [0.0, 60.0])
