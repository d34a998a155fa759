"""Recording over LSL, on this machine only: found, given to people, recorded, filed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from live_lsl import end, needs_lsl, sender

from syntony.io.hashing import sha256_of
from syntony.io.study import load_session, open_study
from syntony.io.xdf import open_xdf, read_markers
from syntony.live.streams import recall

BOARD = "board:synthetic/eda"
PEOPLE = ("--person", "patient=patient eda", "--person", "therapist=id-therapist eda")


def syntony(*words):
    env = {k: v for k, v in os.environ.items() if k != "LSLAPICFG"}
    command = [sys.executable, "-m", "syntony", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=env)


@pytest.fixture(autouse=True)
def _lsl():
    needs_lsl()


@pytest.fixture
def session():
    return f"t{os.getpid()}x{np.random.default_rng().integers(1_000_000)}"


def test_what_is_recorded_is_filed_in_the_study(tmp_path, session):
    study = tmp_path / "study"
    process = sender(session, 30, "2=hello", "2.5=pause", "2.8=resume")
    try:
        listed = syntony("record", study, "--dry-run", "--lsl-session", session)
        done = syntony(
            "record", study, "--session", "a01", "--lsl-session", session, "--seconds", 6, *PEOPLE
        )
    finally:
        end(process)
    assert "patient eda [EDA], 1 x float32, 64 Hz" in listed.stdout
    assert not (study / "a02").exists()
    assert done.returncode == 0, done.stderr
    assert "neither encrypted nor authenticated" in done.stderr
    kept = study / "sourcedata" / "a01" / "a01.xdf"
    assert sha256_of(kept) in done.stdout
    assert not (study / "sourcedata" / "unfiled").exists()
    file = open_xdf(kept)
    patient = next(s for s in file.streams if s.info.name == "patient eda")
    values = file.samples(patient).values[:, 0]
    assert values.size > 6 * 64 * 0.8
    assert patient.clock.lines
    one = load_session(open_study(study), "a01")
    signal = next(s for s in one.signals if s.person == "a01patient")
    assert abs(signal.rate_hz - 64) < 0.1
    there = signal.values[np.isfinite(signal.values)]
    assert np.allclose(np.round(there * 1000) - there * 1000, 0, atol=0.01)
    assert 0 < max(c.error_s for c in one.clocks.values()) < 0.005
    assert recall(study)[0] == {
        "patient": ("patient eda",),
        "therapist": ("id-therapist eda",),
    }
    again = syntony("record", study, "--session", "a01", "--lsl-session", session)
    assert again.returncode == 2
    assert "not there yet" in again.stderr


@pytest.mark.slow
def test_streams_that_are_missing_are_all_told(tmp_path, session):
    process = sender(session, 30)
    people = ("--person", "patient=ECG-1", "--person", "therapist=ECG-2")
    try:
        done = syntony(
            "record", tmp_path / "s", "--session", "a", "--lsl-session", session, "--wait", 1.0,
            *people,
        )  # fmt: skip
    finally:
        end(process)
    assert done.returncode == 2
    assert "patient=ECG-1" in done.stderr
    assert "therapist=ECG-2" in done.stderr
    assert "id-patient eda" in done.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.slow
def test_another_program_starts_and_stops(tmp_path, session):
    study = tmp_path / "study"
    process = sender(session, 60, "12=start", "14=task", "16=stop")
    try:
        done = syntony(
            "record", study, "--session", "a01", "--lsl-session", session, "--seconds", 40,
            "--remote-start", *PEOPLE,
        )  # fmt: skip
    finally:
        end(process)
    assert done.returncode == 0, done.stderr
    words = [
        w for _, name, w in read_markers(study / "sourcedata/a01/a01.xdf") if "control" in name
    ]
    assert words[-2:] == ["task", "stop"]
    said = json.loads((study / "clocks" / "a01.json").read_text())
    assert 3 < said["overlap"]["seconds"] < 8


@pytest.mark.slow
def test_people_of_another_session_are_not_seen(tmp_path, session):
    process = sender(session, 20)
    try:
        done = syntony("record", tmp_path / "s", "--dry-run")
    finally:
        end(process)
    assert done.returncode == 0
    assert "No streams answer" in done.stdout


@pytest.mark.slow
def test_a_rehearsal_can_be_recorded(tmp_path, session):
    env = {k: v for k, v in os.environ.items() if k != "LSLAPICFG"}
    command = [sys.executable, "-m", "syntony", "simulate", "--stream", "--lsl-session", session]
    player = subprocess.Popen([*command, "--seconds", "40"], stdout=subprocess.PIPE, env=env)
    try:
        assert b"patient eda" in player.stdout.readline()
        done = syntony(
            "record", tmp_path / "s", "--session", "a01", "--lsl-session", session,
            "--seconds", 4, "--person", "patient=patient eda",
            "--person", "therapist=therapist eda",
        )  # fmt: skip
    finally:
        end(player)
    assert done.returncode == 0, done.stderr
    one = load_session(open_study(tmp_path / "s"), "a01")
    assert {s.kind for s in one.signals} == {"eda"}
    assert {s.unit for s in one.signals} == {"uS"}


def test_a_board_is_recorded_beside_a_stream(tmp_path, session):
    pytest.importorskip("brainflow", reason="the extra 'boards' is not installed")
    study = tmp_path / "study"
    process = sender(session, 30)
    try:
        done = syntony(
            "record", study, "--session", "b01", "--lsl-session", session, "--seconds", 4,
            "--person", "patient=patient eda", "--person", f"therapist={BOARD}",
        )  # fmt: skip
    finally:
        end(process)
    assert done.returncode == 0, done.stderr
    one = load_session(open_study(study), "b01")
    patient, therapist = one.signals
    assert (patient.unit, therapist.unit) == ("uS", "uS")
    assert abs(therapist.rate_hz - 250) < 3
    shared = min(s.start_s + s.values.size / s.rate_hz for s in one.signals)
    assert shared - max(s.start_s for s in one.signals) > 2.5
    assert "rehearsal" in {n.code for n in one.notes}
    assert recall(study)[0] == {"patient": ("patient eda",), "therapist": (BOARD,)}
