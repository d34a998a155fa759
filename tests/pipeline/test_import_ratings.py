"""import-ratings into a study that is there: placed, kept, never written over."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from syntony.cli import main
from syntony.core.errors import FileError, InputError
from syntony.core.rated import ratings_of
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study import load_session, open_study
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.import_ratings import import_ratings

CARMA = "Time of Rating,2024\nMultimedia File,a.mp4\nMinimum Value,-100\nMaximum Value,100\n"


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="x", roles=("patient", "therapist"))
    people = (Person(id="P1", role="patient"), Person(id="T1", role="therapist"))
    signals = tuple(
        Signal(
            values=np.arange(400.0) % (7 + k),
            rate_hz=4.0,
            start_s=0.0,
            unit="1",
            kind="motion",
            person=p.id,
        )
        for k, p in enumerate(people)
    )
    write_session(root, Session(id="d1s1", dyad="d1", people=people, signals=signals))
    return root


def carma(tmp_path, values, name="r.csv"):
    path = tmp_path / name
    rows = [f"{k + 1},{v}" for k, v in enumerate(values)]
    path.write_text(CARMA + "%%%%%%,%%%%%%\nSecond,Rating\n" + "\n".join(rows) + "\n")
    return path


def placed(study):
    session = load_session(open_study(study), "d1s1")
    return {(r.about.id, r.rater): r.signal for r in ratings_of(session.signals, session.people)}


def test_a_carma_file_goes_to_its_session(study, tmp_path):
    path = carma(tmp_path, [10.0, 20.0, 30.0])
    plan = import_ratings(
        [path], study, what="valence", rater="therapist", session="d1s1", about="patient",
        offset_s=5.0,
    )  # fmt: skip
    assert plan.done
    signal = placed(study)["P1", "therapist"]
    assert signal.values.tolist() == [10.0, 20.0, 30.0]
    assert (signal.rate_hz, signal.start_s, signal.kind) == (1.0, 5.0, "valence_by_therapist")
    kept = study / "sourcedata" / "ratings" / "r.csv"
    assert kept.read_bytes() == path.read_bytes()


def test_nothing_is_written_over(study, tmp_path):
    facts = {"what": "valence", "session": "d1s1", "about": "T1"}
    import_ratings([carma(tmp_path, [1.0, 2.0])], study, **facts)
    again = import_ratings([carma(tmp_path, [1.0, 2.0])], study, **facts)
    assert [r.is_there for r in again.ratings] == [True]
    with pytest.raises(FileError, match="another rating of the kind"):
        import_ratings([carma(tmp_path, [1.0, 3.0])], study, **facts)
    assert placed(study)["T1", "self"].values.tolist() == [1.0, 2.0]


def test_a_dry_run_writes_nothing(study, tmp_path):
    before = sorted(p for p in study.rglob("*"))
    done = CliRunner().invoke(
        main,
        [
            "import-ratings", str(carma(tmp_path, [1.0, 2.0])), "--study", str(study), "--what",
            "valence", "--session", "d1s1", "--about", "patient", "--dry-run", "--json",
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["ratings"][0]["kind"] == "valence_by_self"
    assert not told["done"]
    assert sorted(p for p in study.rglob("*")) == before


def test_long_rows_find_their_session_by_dyad(study, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("dyad,who,v,t\n" + "".join(f"1,patient,{k},{k}\n" for k in range(5)))
    columns = {"dyad": "dyad", "role": "who", "value": "v", "time": "t"}
    import_ratings([path], study, what="arousal", columns=columns)
    session = load_session(open_study(study), "d1s1")
    assert [r.kind for r in ratings_of(session.signals, session.people)] == ["arousal_by_self"]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"session": "d9s9", "about": "patient"}, "d9s9"),
        ({"session": "d1s1", "about": "nurse"}, "nurse"),
        ({"session": "d1s1"}, "about whom"),
    ],
)
def test_who_is_not_there_is_named(study, tmp_path, facts, says):
    with pytest.raises(InputError, match=says):
        import_ratings([carma(tmp_path, [1.0, 2.0])], study, what="valence", **facts)


def test_wrong_use_leaves_with_two(study, tmp_path):
    path = str(carma(tmp_path, [1.0, 2.0]))
    done = CliRunner().invoke(
        main, ["import-ratings", path, "--study", str(study), "--what", "valence", "--column", "x"]
    )
    assert done.exit_code == 2
    assert "two words with =" in done.stderr
