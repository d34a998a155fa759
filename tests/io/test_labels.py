from pathlib import Path

import numpy as np
from numpy.testing import assert_array_equal

from syntony.io.labels import rising, to_markers

PATH = Path("a.edf")


def test_marks_come_in_order_all_together_and_by_text():
    events, notes = to_markers(PATH, [3.0, 1.0, 2.0], ["Go", "Rest  now", "Go"], person="P")
    assert [(e.kind, e.times_s.tolist(), e.person) for e in events] == [
        ("marker", [1.0, 2.0, 3.0], "P"),
        ("marker_rest_now", [1.0], "P"),
        ("marker_go", [2.0, 3.0], "P"),
    ]
    assert notes[0].text == "Marks: 'Rest now' 1, 'Go' 2."


def test_texts_that_look_alike_in_plain_letters_share_a_kind():
    events, _ = to_markers(PATH, [1.0, 2.0, 3.0], ["A-1", "a 1", "?"], person="P")
    assert {e.kind: e.times_s.tolist() for e in events} == {
        "marker": [1.0, 2.0, 3.0],
        "marker_a_1": [1.0, 2.0],
        "marker_blank": [3.0],
    }


def test_texts_that_are_all_different_stay_together():
    events, notes = to_markers(PATH, range(100), [f"trial {i}" for i in range(100)], person="P")
    assert [e.kind for e in events] == ["marker"]
    assert notes[0].text.endswith("and 88 more.")


def test_no_marks_no_events():
    assert to_markers(PATH, [], [], person="P") == ((), ())


def test_a_channel_of_marks_begins_a_mark_where_it_leaves_zero_or_changes():
    values = np.array([5.0, 5.0, 0.0, np.nan, 3.0, 7.0, 7.0, 0.0])
    assert_array_equal(rising(values, 1.0, 0.0), [0, 4, 5])
