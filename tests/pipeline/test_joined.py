"""Codes joined with synchrony through a whole run: tables, talk, uncoded seconds, little data."""

from dataclasses import replace

import numpy as np
import pytest

from syntony.config import Joined, Recipe
from syntony.core.session import Span
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.check import check
from syntony.pipeline.run import run
from syntony.simulate.study import demo_setup, make_study

RECIPE = Recipe.model_validate(
    {
        "synchrony": [{"method": "marci"}],
        "surrogates": [{"name": "pseudo_dyads"}],
        "emotion": {"rotations": 49},
        "joined": {"model_rotations": 29, "min_events": 5},
        "corpus": {"derangements": 99, "bootstrap": 99},
    }
)


def talk(session):
    """Turns of 8 s of the one, then of the other, coded by a program."""
    people = [p.id for p in session.people]
    return tuple(
        Span(label="speech", start_s=t, stop_s=t + 8.0, person=people[k % 2], coder="auto")
        for k, t in enumerate(np.arange(4.0, 1300.0, 10.0))
    )


def written(root, sessions):
    create_study(root, title="made", roles=("patient", "therapist"), simulated=True, truth={})
    for session in sessions:
        write_session(root, session)
    return root


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Seven dyads of 22 minutes with talk turns beside their emotion codes."""
    made = make_study(demo_setup(dyads=7, minutes=22)).sessions
    root = written(
        tmp_path_factory.mktemp("joined") / "study",
        [replace(s, spans=(*s.spans, *talk(s))) for s in made],
    )
    return root, run(root, RECIPE, name="joined", jobs=1)


def test_talk_is_no_emotion_and_a_covariate(spoken):
    root, made = spoken
    assert check(root).whole
    assert not [n for n in made.notes if n.code == "codes-refused"]
    assert set(made.table("codes").coder) == {"coder1"}  # not "auto", which comes first by name
    model = made.table("moment_model")
    fixed = model[(model.outcome == "synchrony") & (model.part == "fixed")]
    assert {"speaker_first", "speaker_second"} & set(fixed.term)
    with np.load(made.path / "blocks" / "d01s01.codes.npz") as held:
        speaker = held["speaker"]
    assert speaker[[0, 5, 13, 15]].tolist() == [0, 1, 0, 2]
    csv = (made.path / "models" / "moment_model.csv").read_text("utf-8").splitlines()
    assert len(csv) - 1 == fixed.n_rows.iloc[0]


def test_every_onset_and_every_second_is_accounted_for(spoken):
    _, made = spoken
    events = made.table("events")
    left = events[["overlap", "unseen", "edge", "missing"]].sum(axis=1)
    assert (events.found == events.used + left).all()
    dose, codes = made.table("dose"), made.table("codes")
    for session, rows in dose.groupby("session"):
        mine = codes[codes.session == session]
        uncoded = mine[mine["class"] == "uncoded"].seconds.iloc[0]
        assert rows.seconds.sum() == rows.coded_s.iloc[0]
        assert rows.coded_s.iloc[0] + uncoded == mine.seconds.sum()
        assert rows.share.sum() == pytest.approx(1.0)
    epochs = made.table("epochs")
    assert (epochs.seconds <= dose.seconds.max()).all()


def test_findings_have_one_first_row_each_and_an_interval(spoken):
    _, made = spoken
    links = made.table("links")
    for finding in ("phase", "event_locked", "epochs", "emotion_lag", "dose", "moment_model"):
        rows = links[links.finding == finding]
        assert (rows.family == "primary").sum() == 1, finding
        assert rows.iloc[0].label == "shared_positive"
        ok = rows[rows.status == "ok"]
        assert len(ok)
        assert (ok.low <= ok.value).all()
        assert (ok.value <= ok.high).all()
    codes = made.table("codes")
    coded = codes[codes["class"].isin(["shared_positive", "shared_neutral"])]
    assert coded.in_phase_p_two.notna().all()
    page = (made.path / "report" / "index.html").read_text("utf-8")
    assert "Moment by moment" in page
    assert "is not resolvable" in page or "are linked at no lag" in page or "comes before" in page


def test_one_dyad_says_what_is_missing(tmp_path):
    session = make_study(demo_setup(dyads=1, minutes=22)).sessions[0]
    made = run(written(tmp_path / "study", [session]), RECIPE, name="one", jobs=1)
    links = made.table("links")
    model = links[links.finding == "moment_model"]
    assert set(model.status) == {"not testable: 1 dyads, at least 6 are needed"}
    dose = links[links.finding == "dose"]
    assert dose.status.str.startswith("not testable").all()
    events = links[(links.finding == "event_locked") & (links.status == "ok")]
    assert events.low.isna().all()  # no interval over one dyad
    assert (made.path / "report" / "index.html").is_file()


def test_no_codes_leave_the_tables_empty(tmp_path):
    made = make_study(demo_setup(dyads=2, minutes=6)).sessions
    root = written(tmp_path / "study", [replace(s, spans=()) for s in made])
    done = run(root, RECIPE, name="none", jobs=1)
    for table in ("events", "event_locked", "epochs", "emotion_lag", "dose", "moment_model"):
        assert len(done.table(table)) == 0
    assert 'id="joined"' not in (done.path / "report" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("wrong", [{"before_s": 31}, {"mean_s": 90}, {"mean_s": 7}, {"bin_s": 7}])
def test_a_window_that_does_not_fit_is_refused_in_the_recipe(wrong):
    with pytest.raises(ValueError, match="joined"):
        Joined(**wrong)
