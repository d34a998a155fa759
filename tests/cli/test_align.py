import json

import numpy as np
import pytest
from click.testing import CliRunner

from syntony.cli import main
from syntony.core.session import Clock, Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session


def call(*arguments):
    return CliRunner().invoke(main, ["align", *map(str, arguments)])


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="t", roles=("patient", "therapist"), simulated=True, truth={})
    rng = np.random.default_rng(2)
    jumps = np.convolve(rng.random(20_000) < 0.001, np.hanning(30), "same")
    channels = [
        Signal(values=v, rate_hz=50, start_s=0, unit="1", kind="acc_z", person=p)
        for p, v in (("P01", jumps), ("T01", jumps[60:]))
    ]
    people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    clocks = {"P01": Clock(offset_s=0.0, error_s=0.5, source="start stamps")}
    write_session(
        root,
        Session(id="s1", people=people, dyad="d1", signals=tuple(channels), clocks=clocks),
    )
    return root


def test_it_tells_moves_and_tells_again(study):
    first = call(study)
    assert first.exit_code == 0
    assert "nothing is known of how far a lag can be trusted" in first.output
    assert "T01 (therapist): not stated, error unknown" in first.output
    tried = call(study, "--shared-signal", "acc_z", "--dry-run")
    assert "would be moved by +1.200 s" in tried.output
    done = call(study, "--shared-signal", "acc_z")
    assert "moved by +1.200 s" in done.output
    assert "are not resolvable" in call(study).output or "to the sample" in call(study).output


def test_json_and_exit_codes(study):
    found = json.loads(call(study, "--json").output)
    assert found["lag_errors_s"] == {"s1": None}
    assert found["clocks"][0]["person"] == "P01"
    problem = call(study, "--claps", "sound")
    assert problem.exit_code == 1
    assert "problem, left as it was" in problem.output
    assert call(study, "--markers", "a", "--claps", "b").exit_code == 2
    assert call(study / "none").exit_code == 1
