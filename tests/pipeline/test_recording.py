"""Filing of recordings: what ``syntony record`` leaves becomes a session; mended ones too."""

import os

import made_xdf as made
import numpy as np
import pytest
from click.testing import CliRunner

from syntony.cli import main
from syntony.core.errors import FileError, InputError
from syntony.io.hashing import sha256_of
from syntony.io.study import create_study, load_session, open_study
from syntony.live.streams import recall, remember
from syntony.pipeline.recording import file_recording
from syntony.pipeline.rehearsal import session_to_play

PEOPLE = {"patient": ("Skin 1",), "therapist": ("s2",)}


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="s", roles=["patient", "therapist"])
    made.two_people(tmp_path / "two.xdf", seconds=60)
    return root


def test_a_recording_becomes_a_session_with_its_clock_error(study, tmp_path):
    path = tmp_path / "two.xdf"
    done = file_recording(study, path, "d01s01", PEOPLE, dyad="d01", units={"eda": "1"})
    assert done.sha256 == sha256_of(path) == sha256_of(done.path)
    session = load_session(open_study(study), "d01s01")
    first, second = session.signals
    assert (first.person, second.person) == ("d01patient", "d01therapist")
    both = min(first.values.size, second.values.size)
    apart = first.times_s[:both] - second.times_s[:both]
    there = np.isfinite(first.values[:both]) & np.isfinite(second.values[:both])
    values = (first.values[:both] - second.values[:both])[there]
    assert np.abs(apart[there] - values).max() < 1e-3  # each value is the time it was made
    errors = [c.error_s for c in session.clocks.values()]
    assert 0 < max(errors) < 1e-3
    assert done.samples == {"Skin 1": 1920, "Skin 2": 1920}


def test_the_next_session_of_a_dyad_is_its_second(study, tmp_path):
    for session in ("d01s01", "d01s02"):
        file_recording(
            study, tmp_path / "two.xdf", session, PEOPLE, dyad="d01", units={"eda": "1"},
            ids={"therapist": "T07"},
        )  # fmt: skip
    rows = open_study(study).sessions
    assert [r.number for r in rows] == [1, 2]
    assert {p.id for r in rows for p in r.people} == {"d01patient", "T07"}


@pytest.mark.parametrize(
    ("session", "people", "match"),
    [
        ("d01 s01", PEOPLE, "letters and digits"),
        ("d01s01", {"patient": ["Skin 1"]}, "two people or more"),
        ("d01s01", {"patient": ["Skin 1"], "mother": ["s2"]}, "roles of the study"),
    ],
)
def test_what_cannot_be_filed_is_refused(study, tmp_path, session, people, match):
    with pytest.raises(InputError, match=match):
        file_recording(study, tmp_path / "two.xdf", session, people, units={"eda": "1"})
    assert not open_study(study).sessions


def test_a_recording_that_was_cut_off_is_mended_and_filed(study, tmp_path):
    path = tmp_path / "two.xdf"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    remember(study, PEOPLE, {"eda": "1"})
    run = CliRunner().invoke
    refused = run(main, ["record", str(study), "--session", "a1", "--mended", str(path)])
    assert refused.exit_code == 1
    assert "syntony repair" in refused.output
    mended = run(main, ["repair", str(path)])
    assert mended.exit_code == 0
    assert "Skin 1: " in mended.output
    new = mended.output.splitlines()[-1]
    done = run(main, ["record", str(study), "--session", "a1", "--mended", new])
    assert done.exit_code == 0, done.output
    assert os.path.exists(new)
    assert [s.kind for s in load_session(open_study(study), "a1").signals] == ["eda", "eda"]
    again = run(main, ["repair", str(path), "--json"])
    assert again.exit_code == 1
    assert "there already" in again.output


def test_a_file_of_another_recorder_is_imported_by_its_streams(tmp_path):
    made.two_people(tmp_path / "d01_s01.xdf", seconds=30)
    command = [
        "import", str(tmp_path / "d01_s01.xdf"), "--study", str(tmp_path / "new"),
        "--pattern", "{dyad}_{session}.xdf", "--set", "patient.streams=Skin 1",
        "--set", "therapist.streams=2", "--set", "units=eda=1",
    ]  # fmt: skip
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    (row,) = open_study(tmp_path / "new").sessions
    session = load_session(open_study(tmp_path / "new"), row.id)
    assert [s.kind for s in session.signals] == ["eda", "eda"]
    assert all(0 < c.error_s < 1e-3 for c in session.clocks.values())


def test_a_session_that_is_there_is_never_written_over(study, tmp_path):
    path = tmp_path / "two.xdf"
    file_recording(study, path, "a1", PEOPLE, units={"eda": "1"})
    with pytest.raises(InputError, match="not there yet"):
        file_recording(study, path, "a1", PEOPLE, units={"eda": "1"})


def test_streams_that_are_not_in_the_file_are_told(study, tmp_path):
    with pytest.raises(FileError, match="no streams that are 'X'"):
        file_recording(study, tmp_path / "two.xdf", "a1", {"patient": ["X"], "therapist": ["s2"]})


def test_a_rehearsal_plays_a_made_dyad_or_a_session_of_a_study(study, tmp_path):
    made_up = session_to_play(minutes=1.0, rate_hz=8.0)
    assert [s.rate_hz for s in made_up.signals] == [8.0, 8.0]
    with pytest.raises(InputError, match="a study with sessions"):
        session_to_play(study)
    file_recording(study, tmp_path / "two.xdf", "a1", PEOPLE, units={"eda": "1"})
    assert session_to_play(study).id == session_to_play(study, "a1").id == "a1"
    assert recall(study) == ({}, {})
