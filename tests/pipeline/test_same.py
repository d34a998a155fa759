import numpy as np

from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.pipeline.import_plan import PlannedSession, Source
from syntony.pipeline.naming import Entry
from syntony.pipeline.same import SameRecordings, contents


def recording(values, person="P"):
    signal = Signal(values=values, rate_hz=4, start_s=0, unit="uS", kind="eda", person=person)
    return Recording(signals=(signal,))


def planned(session, *files):
    sources = tuple(
        Source(entry=Entry(path=_path(name)), person=who, sha256=sha) for who, name, sha in files
    )
    return PlannedSession(id=session, dyad="", type="", number=1, people=(), sources=sources)


def _path(name):
    from pathlib import Path

    return Path(name)


A, B, C = (np.sin(np.arange(100) * f) for f in (0.1, 0.2, 0.3))


def test_one_file_in_two_sessions_marks_both_with_both_names():
    same = SameRecordings({})
    s1 = planned("s1", ("P", "x.csv", "1"), ("T", "y.csv", "2"))
    s2 = planned("s2", ("P", "z.csv", "1"), ("T", "w.csv", "3"))
    same.see(s1, {"P": [recording(A)], "T": [recording(B)]})
    same.see(s2, {"P": [recording(A)], "T": [recording(C)]})
    for session in same.mark([s1, s2]):
        (note,) = session.notes
        assert note.code == "same-recording"
        assert note.where == session.id
        assert "'x.csv'" in note.text
        assert "'z.csv'" in note.text
        assert "bytes" in note.text


def test_equal_samples_are_found_though_the_bytes_differ():
    same = SameRecordings({})
    s1 = planned("s1", ("P", "x.csv", "1"))
    s2 = planned("s2", ("T", "z.csv", "2"))
    same.see(s1, {"P": [recording(A)]})
    same.see(s2, {"T": [recording(A, "T")]})
    assert [n.text.split(" as")[0] for s in same.mark([s1, s2]) for n in s.notes] == [
        "Holds the same samples"
    ] * 2


def test_two_people_of_a_session_with_one_recording_are_told_once():
    same = SameRecordings({})
    s1 = planned("s1", ("P", "x.csv", "1"), ("T", "y.csv", "1"))
    same.see(s1, {"P": [recording(A)], "T": [recording(A, "T")]})
    ((note,),) = [s.notes for s in same.mark([s1])]
    assert "twice: 'x.csv' = 'y.csv'" in note.text


def test_a_recording_that_the_study_has_already_is_found():
    same = SameRecordings({"old": {"first.csv": "1"}})
    s1 = planned("s1", ("P", "x.csv", "1"))
    same.see(s1, {"P": [recording(A)]})
    ((note,),) = [s.notes for s in same.mark([s1])]
    assert "session old: 'x.csv' = 'first.csv'" in note.text


def test_different_recordings_are_not_marked():
    same = SameRecordings({})
    s1 = planned("s1", ("P", "x.csv", "1"), ("T", "y.csv", "2"))
    same.see(s1, {"P": [recording(A)], "T": [recording(B)]})
    assert same.mark([s1])[0].notes == ()


def test_flat_and_short_recordings_tell_nothing():
    assert contents(recording(np.ones(100))) == []
    assert contents(recording(A[:20])) == []
    assert contents(recording(np.full(100, np.nan))) == []


def test_missing_samples_count_by_place():
    holed, other = A.copy(), A.copy()
    holed[3] = np.nan
    other[4] = np.nan
    assert contents(recording(holed)) == contents(recording(holed.copy()))
    assert contents(recording(holed)) != contents(recording(other))
