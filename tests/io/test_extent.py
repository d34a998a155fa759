"""The span of a session by counting: the same as by reading all of it."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from coding_study import PEOPLE, make_coding_study

from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.io.extent import session_span
from syntony.io.study import load_session, open_study
from syntony.io.study_write import extent_of, write_session


def by_reading(study, name):
    """Begin and end from all samples."""
    session = load_session(study, name)
    first, last = extent_of(session.signals, session.events)
    return min(0.0, first), last


@pytest.mark.parametrize("start", [-3.5, 0.0, 12.25])
def test_counting_is_as_good_as_reading(tmp_path, start):
    root = make_coding_study(tmp_path / "study", seconds=30.0, sessions=1)
    signal = Signal(values=np.r_[np.nan, np.arange(99.0), np.nan], rate_hz=3.7, start_s=start,
                    unit="uS", kind="eda", person="P01")  # fmt: skip
    beats = Events(times_s=[0.5, 33.25], values=[800, 810], unit="ms", kind="rr", person="T01")
    people = tuple(replace(p) for p in PEOPLE)
    write_session(root, Session(id="d01s09", people=people, signals=(signal,), events=(beats,)))
    study = open_study(root)
    for name in ("d01s01", "d01s09"):
        assert session_span(study, name) == by_reading(study, name)


def test_a_changed_recording_is_counted_again(tmp_path):
    root = make_coding_study(tmp_path / "study", seconds=30.0, sessions=1)
    study = open_study(root)
    assert session_span(study, "d01s01") == (0.0, 30.0)
    path = next(root.glob("sub-P01/ses-d01s01/beh/*_physio.tsv.gz"))
    held = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(held + b"5.0\n" * 40 + b"5.0"))  # no end of the last line
    assert session_span(study, "d01s01") == (0.0, 30.0 + 41 / 4) == by_reading(study, "d01s01")


def test_a_sidecar_without_a_rate_is_named(tmp_path):
    root = make_coding_study(tmp_path / "study", seconds=30.0, sessions=1)
    path = next(root.glob("sub-P01/ses-d01s01/beh/*_physio.json"))
    path.write_text('{"Columns": ["eda"], "StartTime": 0}', "utf-8")
    with pytest.raises(FileError, match="SamplingFrequency"):
        session_span(open_study(root), "d01s01")
