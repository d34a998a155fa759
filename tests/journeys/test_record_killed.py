"""Two made people are recorded and the recorder is killed: the session comes to a report."""

import os
import signal
import subprocess
import sys
import time

import pytest
from live_lsl import needs_lsl

import syntony as sy
from syntony.io.study import load_session, open_study

pytestmark = pytest.mark.slow


def started(*words):
    clean = {k: v for k, v in os.environ.items() if k != "LSLAPICFG"}
    return subprocess.Popen(
        [sys.executable, "-m", "syntony", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean,
    )


def test_killed_in_the_middle_mended_and_run_to_a_report(tmp_path):
    needs_lsl()
    root, session = tmp_path / "study", f"killed{os.getpid()}"
    sender = started("simulate", "--stream", "--lsl-session", session, "--seconds", 240)
    try:
        time.sleep(6)
        people = ("--person", "patient=patient eda", "--person", "therapist=therapist eda")
        recorder = started("record", root, "--session", "s01", "--lsl-session", session, *people)
        time.sleep(75)
        recorder.send_signal(signal.SIGKILL)
        recorder.wait()
    finally:
        sender.kill()
        sender.wait()
    broken = root / "sourcedata" / "unfiled" / "s01.xdf"
    before = broken.read_bytes()
    mended = sy.repair(broken)
    assert broken.read_bytes() == before
    done = started("record", root, "--session", "s01", "--mended", mended.path)
    assert done.wait() == 0
    loaded = load_session(open_study(root), "s01")
    assert loaded.type == "rehearsal"
    assert all(s.stop_s - s.start_s > 55 for s in loaded.signals)
    assert all(s.valid_share > 0.99 for s in loaded.signals)
    run = sy.run(root, jobs=1)
    pairs = run.table("pairs")
    assert set(pairs.session) == {"s01"}
    assert (run.path / "report" / "s01.html").stat().st_size > 10_000
