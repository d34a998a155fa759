from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.align.clocks import lag_error_s, place
from syntony.align.common import Common
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.recording import Recording
from syntony.core.signal import Signal

TEN = datetime(2024, 5, 1, 10, 0, 0)


def rec(who, at=None, seconds=60.0, *, rate_hz=4.0, marks=(), error_s=0.5, clock="", kind="eda"):
    n = round(seconds * rate_hz)
    signal = Signal(
        values=np.arange(n), rate_hz=rate_hz, start_s=0, unit="uS", kind=kind, person=who
    )
    events = (Events(times_s=marks, kind="marker", person=who),) if len(marks) else ()
    error_s = error_s if at else float("nan")
    return Recording(
        signals=(signal,), events=events, started_at=at, started_at_error_s=error_s, clock=clock
    )


def later(seconds):
    return TEN + timedelta(seconds=seconds)


def signal_of(placed, who):
    return next(s for s in placed.signals if s.person == who)


def test_zero_is_where_everybody_is_recorded_and_what_is_left_over_is_said():
    placed = place({"A": [rec("A", TEN, 100)], "B": [rec("B", later(7), 60)]})
    assert signal_of(placed, "A").start_s == -7
    assert signal_of(placed, "B").start_s == 0
    assert placed.started_at == later(7)
    assert placed.overlap_s == 60
    assert dict(placed.left_over_s) == {"A": 40, "B": 0}
    assert placed.start_difference_s == 7
    assert {n.code for n in placed.notes} == {"start-difference", "left-over"}
    assert placed.clocks["A"].offset_s == -7
    assert placed.clocks["A"].source == "start stamps"
    assert lag_error_s(*placed.clocks.values()) == 1.0


@given(st.floats(-50, 50), st.integers(240, 500), st.integers(240, 500))
def test_a_moment_that_both_saw_lies_at_one_time(shift_s, n_a, n_b):
    a, b = rec("A", TEN, n_a / 4), rec("B", later(shift_s), n_b / 4)
    placed = place({"A": [a], "B": [b]})
    zero = placed.started_at
    for who, r in (("A", a), ("B", b)):
        true = (r.started_at - zero).total_seconds()
        assert signal_of(placed, who).start_s == pytest.approx(true, abs=1e-5)
    assert (
        min(s.start_s for s in placed.signals)
        <= 0
        == pytest.approx(max(s.start_s for s in placed.signals), abs=1e-5)
    )


def test_overlap_is_counted_part_by_part():
    a = [rec("A", TEN, 60), rec("A", later(100), 50)]
    b = [rec("B", later(2), 53), rec("B", later(101), 60)]
    placed = place({"A": a, "B": b})
    assert placed.overlap_s == 53 + 49
    assert placed.stretches.tolist() == [[0, 53], [99, 148]]
    assert dict(placed.parts) == {"A": 2, "B": 2}


def test_three_parts_against_two():
    a = [rec("A", TEN, 30), rec("A", later(40), 30), rec("A", later(90), 30)]
    b = [rec("B", TEN, 75), rec("B", later(90), 30)]
    assert place({"A": a, "B": b}).overlap_s == 30 + 30 + 30


def test_people_who_never_met_are_refused_with_the_miss():
    with pytest.raises(InputError, match=r"they miss each other by 40\.0 s"):
        place({"A": [rec("A", TEN, 60)], "B": [rec("B", later(100), 60)]})
    with pytest.raises(InputError, match="About 2 h: one clock may be set to another zone"):
        place({"A": [rec("A", TEN, 60)], "B": [rec("B", later(7200), 60)]})


def test_parts_that_lie_in_each_others_gaps_are_refused():
    a = [rec("A", TEN, 10), rec("A", later(40), 10)]
    with pytest.raises(InputError, match="their parts miss each other"):
        place({"A": a, "B": [rec("B", later(20), 10)]})


def test_a_stamp_without_zone_is_not_compared_with_one_that_has_it():
    with pytest.raises(InputError, match="all name their time zone, or none"):
        place({"A": [rec("A", TEN)], "B": [rec("B", TEN.replace(tzinfo=UTC))]})


def test_a_missing_stamp_is_refused_unless_the_user_says_they_began_together():
    bare = {"A": [rec("A")], "B": [rec("B", seconds=50)]}
    with pytest.raises(InputError, match="together=True"):
        place(bare)
    placed = place(bare, together=True)
    assert [n.code for n in placed.notes] == ["taken-together", "left-over"][::-1]
    assert np.isnan(placed.clocks["A"].error_s)
    assert placed.started_at is None
    with pytest.raises(InputError, match="none for B"):
        place({"A": [rec("A", TEN)], "B": [rec("B")]}, together=True)


def test_two_columns_of_one_file_have_one_clock_and_no_error():
    both = {who: [rec(who, clock="video 7")] for who in "AB"}
    placed = place(both)
    assert placed.clocks["B"].error_s == 0
    assert placed.clocks["B"].source == "one clock for everybody"


def test_parts_that_hold_both_people_have_one_clock_each_and_no_error():
    both = {w: [rec(w, TEN, 30, clock="1"), rec(w, later(60), 30, clock="2")] for w in "AB"}
    placed = place(both)
    assert {c.error_s for c in placed.clocks.values()} == {0.0}
    apart = {w: [rec(w, TEN, 30, clock=w)] for w in "AB"}
    assert {c.error_s for c in place(apart).clocks.values()} == {0.5}


def test_given_offsets_decide_where_zero_is():
    placed = place({"A": [rec("A")], "B": [rec("B")]}, offsets_s={"A": 2.0, "B": 5.5})
    assert signal_of(placed, "A").start_s == 2
    assert placed.clocks["B"].offset_s == 5.5
    assert placed.overlap_s == 56.5
    assert np.isnan(placed.clocks["A"].error_s)


def test_offsets_name_everybody_and_every_part():
    with pytest.raises(InputError, match="one for each of"):
        place({"A": [rec("A")], "B": [rec("B")]}, offsets_s={"A": 2.0})
    parts = {"A": [rec("A"), rec("A")], "B": [rec("B", seconds=300)]}
    with pytest.raises(InputError, match="one for each of the 2 recordings"):
        place(parts, offsets_s={"A": 0.0, "B": 0.0})
    assert place(parts, offsets_s={"A": [0.0, 200.0], "B": 0.0}).overlap_s == 120


@pytest.mark.parametrize("stamped", [True, False])
def test_shared_markers_find_planted_offset_and_drift(stamped):
    true = np.array([30.0, 400.0, 1100.0, 2000.0, 2900.0])
    offset_s, drift = 3.7, 60e-6
    device = (true - offset_s) / (1 + drift)
    a = rec("A", TEN if stamped else None, 3000, marks=true)
    b = rec("B", later(2) if stamped else None, 3000, marks=device)
    placed = place({"A": [a], "B": [b]}, common=Common(what="markers", kind="marker"))
    clock = placed.clocks["B"]
    assert clock.drift_ppm == pytest.approx(60, abs=1)
    assert clock.error_s < 0.01
    assert clock.source == "5 shared markers over 2870 s, offset and drift"
    marks = {e.person: e.times_s for e in placed.events}
    np.testing.assert_allclose(marks["A"], marks["B"], atol=1e-3)
    np.testing.assert_allclose(
        device * (1 + clock.drift_ppm * 1e-6) + clock.offset_s, marks["B"], atol=1e-9
    )
    assert signal_of(placed, "B").rate_hz == pytest.approx(4 / (1 + drift), rel=1e-6)
    assert signal_of(placed, "B").values.size == 12000


def test_without_markers_on_one_side_markers_are_refused():
    with pytest.raises(InputError, match="none for B"):
        place(
            {"A": [rec("A", TEN, marks=[3.0])], "B": [rec("B", TEN)]},
            common=Common(what="markers", kind="marker"),
        )


def test_one_person_is_no_session():
    with pytest.raises(InputError, match="two people or more"):
        place({"A": [rec("A", TEN)]})


def test_a_recording_of_nothing_is_refused_by_name():
    nothing = Recording(
        signals=(
            Signal(values=[np.nan] * 9, rate_hz=4, start_s=0, unit="uS", kind="eda", person="B"),
        ),
        started_at=TEN,
        started_at_error_s=0.5,
    )
    with pytest.raises(InputError, match="no data of B"):
        place({"A": [rec("A", TEN)], "B": [nothing]})


def test_a_part_moved_onto_the_grid_widens_the_error():
    a = [rec("A", TEN, 10), rec("A", later(20.1), 10)]
    placed = place({"A": a, "B": [rec("B", TEN, 40)]})
    assert placed.clocks["A"].error_s == pytest.approx(0.6)
    assert placed.clocks["B"].error_s == 0.5
