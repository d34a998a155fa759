import gzip
import json

import numpy as np
import pytest

import syntony as sy
from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.session import Clock, Person, Session, Span
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session

JUMPS = np.array([20.0, 61.0, 95.5, 140.0, 203.0, 260.5])


def moved(values, start_s, who, kind, rate_hz=50.0):
    return Signal(values=values, rate_hz=rate_hz, start_s=start_s, unit="1", kind=kind, person=who)


def jumping(at_s, seconds=300.0, rate_hz=50.0):
    values = 0.01 * np.random.default_rng(1).standard_normal(round(seconds * rate_hz))
    for at in at_s:
        k = round(at * rate_hz)
        values[k : k + 20] += np.hanning(20)
    return values


@pytest.fixture
def study(tmp_path):
    """The therapist's device is 2.5 s late on the session clock; beats and codes beside."""
    root = tmp_path / "study"
    create_study(root, title="late", roles=("patient", "therapist"), simulated=True, truth={})
    people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    beats = np.arange(1.0, 290.0)
    session = Session(
        id="d01s01",
        people=people,
        dyad="d01",
        signals=(
            moved(jumping(JUMPS), 0.0, "P01", "acc_z"),
            moved(jumping(JUMPS), 2.5, "T01", "acc_z"),
            moved(np.arange(100.0), 0.0, "T01", "valence_by_self", rate_hz=1.0),
        ),
        events=(
            Events(times_s=beats, values=np.full(289, 1000.0), unit="ms", kind="rr", person="T01"),
            Events(times_s=JUMPS, kind="marker", person="P01"),
            Events(times_s=JUMPS[:4] + 2.5, kind="marker", person="T01"),
        ),
        spans=(Span(label="positive", start_s=5.0, stop_s=9.0, person="T01", coder="A"),),
        clocks={
            "P01": Clock(offset_s=0.0, error_s=0.5, source="start stamps"),
            "T01": Clock(offset_s=-3.0, error_s=0.5, source="start stamps"),
        },
    )
    write_session(root, session)
    return root


def channel(root, kind, who="T01"):
    session = sy.open_study(root)
    from syntony.io.study import load_session

    loaded = load_session(session, "d01s01")
    return next(c for c in (*loaded.signals, *loaded.events) if (c.kind, c.person) == (kind, who))


def everything(root):
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_without_anything_in_common_it_only_tells(study):
    before = everything(study)
    found = sy.align(study)
    assert [(r.person, r.state, r.source) for r in found.rows] == [
        ("P01", "as it was", "start stamps"),
        ("T01", "as it was", "start stamps"),
    ]
    assert found.lag_errors_s == {"d01s01": 1.0}
    assert everything(study) == before


@pytest.mark.parametrize(
    "common", [{"shared_signal": "acc_z"}, {"claps": "acc_z"}, {"markers": "marker"}]
)
def test_what_was_late_is_moved_and_what_is_on_the_video_s_clock_stays(study, common):
    before = everything(study)
    tried = sy.align(study, **common, dry_run=True)
    assert everything(study) == before
    assert [r.state for r in tried.rows] == ["as it was", "would be moved"]
    found = sy.align(study, **common)
    row = found.rows[1]
    assert row.state == "moved"
    assert row.moved_s == pytest.approx(-2.5, abs=0.02)
    assert row.error_s < 0.05
    assert found.lag_errors_s["d01s01"] == row.error_s
    assert channel(study, "acc_z").start_s == pytest.approx(0.0, abs=0.02)
    assert channel(study, "rr").times_s[0] == pytest.approx(1.0 - 2.5, abs=0.02)
    np.testing.assert_array_equal(channel(study, "rr").values, 1000.0)
    assert channel(study, "valence_by_self").start_s == 0.0
    np.testing.assert_array_equal(channel(study, "acc_z").values, jumping(JUMPS))
    changed = {str(p) for p, data in everything(study).items() if before.get(p) != data}
    assert not any("P01" in p or p.startswith("codes") for p in changed)


def test_what_was_done_is_kept_and_a_contradiction_told(study):
    sy.align(study, shared_signal="acc_z")
    said = json.loads((study / "clocks" / "d01s01.json").read_text())
    clock = said["clocks"]["T01"]
    assert clock["offset_s"] == pytest.approx(-5.5, abs=0.02)
    assert "stretches of a shared signal" in clock["source"]
    assert said["clocks"]["P01"]["source"] == "start stamps; the others were aligned to it"
    acc = channel(study, "acc_z")
    people = said["overlap"]["people"]
    assert people["T01"]["stop_s"] == pytest.approx(acc.stop_s)
    assert people["T01"]["start_s"] == pytest.approx(channel(study, "rr").times_s[0])
    assert said["overlap"]["stop_s"] == pytest.approx(min(acc.stop_s, 300.0))
    (done,) = said["history"]
    assert done["by"] == "signal of kind acc_z"
    assert done["before"]["clocks"]["T01"]["offset_s"] == -3.0
    assert done["moved"]["T01"]["residuals_s"]
    assert [n["code"] for n in said["notes"]] == ["clock-contradiction"]
    assert "more than the 1.00 s" in said["notes"][0]["text"]
    again = sy.align(study, shared_signal="acc_z")
    assert again.rows[1].moved_s == pytest.approx(0.0, abs=0.01)
    said = json.loads((study / "clocks" / "d01s01.json").read_text())
    assert len(said["history"]) == 2
    assert said["clocks"]["P01"]["source"] == "start stamps; the others were aligned to it"
    assert sy.check(study).whole


def test_the_other_one_can_be_the_reference(study):
    sy.align(study, shared_signal="acc_z", reference="therapist")
    assert channel(study, "acc_z", "P01").start_s == pytest.approx(2.5, abs=0.02)
    assert channel(study, "acc_z", "T01").start_s == 2.5


def test_nothing_in_common_is_a_problem_of_that_session(study):
    before = everything(study)
    found = sy.align(study, shared_signal="sound")
    assert {r.state for r in found.rows} == {"problem"}
    assert "a signal of kind 'sound'" in found.rows[0].why
    assert np.isnan(found.lag_errors_s["d01s01"])
    assert everything(study) == before


def test_marked_stretches_are_not_left_behind(study):
    mark = sy.Mark(person="T01", kind="acc_z", start_s=3.0, stop_s=4.0)
    sy.add_mark(sy.open_study(study), "d01s01", mark, by="AB")
    before = everything(study)
    found = sy.align(study, shared_signal="acc_z")
    assert "stretches of T01 marked as artefacts" in found.rows[0].why
    assert everything(study) == before


def test_a_full_disk_changes_nothing(study, monkeypatch):
    before = everything(study)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("syntony.io.moving.write_gzip", full)
    found = sy.align(study, shared_signal="acc_z")
    assert "full disk" in found.rows[0].why
    assert everything(study) == before


def test_wrong_use(study):
    with pytest.raises(InputError, match="reference"):
        sy.align(study, reference="dog")
    with pytest.raises(InputError, match="session"):
        sy.align(study, session="d09")
    with pytest.raises(InputError, match="common"):
        sy.align(study, markers="marker", claps="acc_z")


def test_a_recording_without_a_sidecar_of_its_own_is_refused(study):
    own = next(study.glob("sub-T01/*/beh/*acc*physio.json"))
    own.rename(study / "sub-T01" / "ses-d01s01" / "beh" / "physio.json")
    with gzip.open(next(study.glob("sub-T01/*/beh/*acc*.tsv.gz"))) as table:
        assert table.read(3)
    found = sy.align(study, shared_signal="acc_z")
    assert found.rows[0].state == "problem"


def test_no_study():
    with pytest.raises(FileError):
        sy.align("nowhere")
