import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.markers import covered

from syntony.align.span import intersection, length_s, merge, overlap, session_overlap, stretches
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.session import Person, Session
from syntony.core.signal import Signal


def spans(draw_ints):
    return merge(np.array([(a, a + n) for a, n in draw_ints], dtype=float))


lists = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), min_size=1, max_size=6)


@given(lists, lists)
def test_the_overlap_is_what_counting_milliseconds_gives(a, b):
    a, b = spans(a), spans(b)
    assert length_s(intersection(a, b)) == pytest.approx(covered(a, b), abs=0.01)


@given(lists, lists)
def test_overlap_and_what_is_left_over_make_up_the_recording(a, b):
    both = overlap({"A": spans(a), "B": spans(b)})
    assert both.total_s + both.left_over_s["A"] == pytest.approx(length_s(spans(a)))
    assert both.total_s + both.left_over_s["B"] == pytest.approx(length_s(spans(b)))


def test_a_missing_run_breaks_a_signal_only_if_it_is_long():
    values = np.ones(400)
    values[100:103] = np.nan
    values[200:240] = np.nan
    signal = Signal(values=values, rate_hz=4, start_s=10, unit="uS", kind="eda", person="P")
    assert stretches(signal).tolist() == [[10, 60], [70, 110]]


def test_a_signal_of_nothing_but_missing_samples_covers_nothing():
    signal = Signal(values=[np.nan] * 9, rate_hz=4, start_s=0, unit="uS", kind="eda", person="P")
    assert stretches(signal).shape == (0, 2)


def test_beats_cover_their_intervals_and_a_long_interval_is_no_gap():
    beats = Events(
        times_s=[0.0, 0.8, 7.8, 20.0, 20.9],
        values=[np.nan, 800, 7000, np.nan, 900],
        unit="ms",
        kind="rr",
        person="P",
    )
    np.testing.assert_allclose(stretches(beats), [[0, 7.8], [20, 20.9]])


def test_markers_cover_nothing():
    assert not len(stretches(Events(times_s=[1, 2], kind="marker", person="P")))


def test_three_people_share_what_all_three_have():
    people = {k: np.array([v], float) for k, v in {"A": (0, 9), "B": (2, 12), "C": (5, 7)}.items()}
    both = overlap(people)
    assert both.total_s == 2
    assert dict(both.left_over_s) == {"A": 7, "B": 8, "C": 0}


def test_nobody_has_no_overlap():
    with pytest.raises(InputError, match="at least one person"):
        overlap({})


def test_a_session_tells_its_overlap_by_kind():
    def signal(kind, who, start, n):
        return Signal(
            values=np.arange(n), rate_hz=8, start_s=start, unit="1", kind=kind, person=who
        )

    session = Session(
        id="s",
        people=(Person(id="A", role="a"), Person(id="B", role="b")),
        signals=(signal("eda", "A", 0, 80), signal("eda", "B", 4, 80), signal("resp", "A", 0, 160)),
    )
    assert session_overlap(session, "eda").total_s == 6
    assert session_overlap(session).total_s == 10
    assert session_overlap(session, "resp").total_s == 0
