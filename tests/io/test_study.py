import gzip
import json
import os
import pickle
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.session import Answers, Clock, Person, Session, Span
from syntony.core.signal import Signal
from syntony.io import atomic
from syntony.io.hashing import sha256_of
from syntony.io.study import (
    create_study,
    input_files,
    load_session,
    open_study,
    write_session,
)

P, T = Person(id="P01", role="patient", group="ill"), Person(id="T01", role="therapist")


def eda(person, seed=1, n=240, **rest):
    values = 5 + np.cumsum(np.random.default_rng(seed).standard_normal(n)) * 0.01
    values[10:14] = np.nan
    known = {"rate_hz": 4.0, "start_s": 0.0, "unit": "uS", "kind": "eda"}
    return Signal(values=values, person=person, **(known | rest))


def session(name="d01s01", people=(P, T), **rest):
    beats = Events(
        times_s=[0.8, 1.6, 2.5], values=[np.nan, 800, 900], unit="ms", kind="rr", person="P01"
    )
    known = {
        "dyad": "d01",
        "type": "therapy",
        "number": 3,
        "signals": tuple(eda(p.id, i) for i, p in enumerate(people)),
        "events": (beats,) if any(p.id == "P01" for p in people) else (),
        "clocks": {
            "P01": Clock(offset_s=0.5, drift_ppm=12.5, error_s=0.5, source="start stamps"),
            "T01": Clock(offset_s=0.0, error_s=float("nan"), source="one clock"),
        },
        "spans": (
            Span(label="task", start_s=0.0, stop_s=60.0),
            Span(label="positive", start_s=5.0, stop_s=9.5, person="P01", coder="anna"),
            Span(label="negative", start_s=9.5, stop_s=20.0, person="T01", coder="ben"),
            Span(label="protest", start_s=12.0, stop_s=15.0, coder="ben"),
        ),
        "answers": (
            Answers(instrument="blri", person="P01", about="T01", items={"i1": 3.0, "i2": np.nan}),
        ),
        "notes": (Note("d01s01/P01", "gap", "a gap of 1 s"),),
    }
    return Session(id=name, people=people, **(known | rest))


@pytest.fixture
def root(tmp_path):
    create_study(tmp_path / "study", title="A study", roles=["patient", "therapist"])
    return tmp_path / "study"


@pytest.fixture
def whole(root):
    write_session(root, session())
    return root


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def same(one, two):
    for field in ("id", "people", "dyad", "type", "number", "notes"):
        assert getattr(one, field) == getattr(two, field)
    key = lambda s: (s.person, s.kind)  # noqa: E731
    for a, b in zip(sorted(one.signals, key=key), sorted(two.signals, key=key), strict=True):
        assert_array_equal(a.values, b.values)
        assert (a.rate_hz, a.start_s, a.unit, a.kind) == (b.rate_hz, b.start_s, b.unit, b.kind)
    for a, b in zip(one.events, two.events, strict=True):
        assert_array_equal(a.times_s, b.times_s)
        assert_array_equal(a.values, b.values)
        assert (a.kind, a.unit, a.person) == (b.kind, b.unit, b.person)
    assert sorted(one.spans, key=repr) == sorted(two.spans, key=repr)
    assert repr(dict(one.clocks)) == repr(dict(two.clocks))
    assert [(a.instrument, a.person, a.about, str(dict(a.items))) for a in one.answers] == [
        (a.instrument, a.person, a.about, str(dict(a.items))) for a in two.answers
    ]


def test_a_session_comes_back_as_it_was(root):
    made = session()
    write_session(root, made, started_at=datetime(2023, 7, 30, 19, 1, 36))
    study = open_study(root)
    same(load_session(study, "d01s01"), made)
    (row,) = study.sessions
    assert (row.id, row.dyad, row.number, row.type) == ("d01s01", "d01", 3, "therapy")
    assert row.people == (P, T)
    assert row.started_at == datetime(2023, 7, 30, 19, 1, 36)


@pytest.mark.parametrize(
    ("head", "cells", "marks"),
    [
        ("", "", {}),
        ("site\tdevice", "Ulm\tn/a", {"site": "Ulm"}),
        ("year\tacq_time", "2019\t2021-03-04T10:00:00", {"year": "2019"}),
        ("acq_time", "2021-03-04", {"year": "2021"}),
        ("started_at", "2020-12-31T23:00:00", {"year": "2020"}),
        ("acq_time", "soon", {}),
    ],
)
def test_sessions_carry_what_a_corpus_is_sorted_by(root, head, cells, marks):
    write_session(root, session())
    path = root / "sessions.tsv"
    kept = ["session_id", "d01s01"]
    lines = ["\t".join(filter(None, pair)) for pair in zip(kept, (head, cells), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert dict(open_study(root).sessions[0].marks) == marks


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["eda", "eda_tonic", "ecg", "resp", "blink rate"]),
            st.sampled_from(["P01", "T01"]),
            st.lists(st.floats(allow_infinity=False), min_size=1, max_size=20),
            st.floats(0.01, 5000),
            st.floats(-1e5, 1e5),
        ),
        max_size=5,
    ),
    st.lists(
        st.tuples(st.floats(0, 50), st.floats(0, 9.9), st.text("abc", min_size=1)), max_size=5
    ),
)
def test_any_session_comes_back_as_it_was(tmp_path_factory, channels, codes):
    root = tmp_path_factory.mktemp("t") / "study"
    create_study(root, title="x", roles=["patient", "therapist"])
    more = tuple(
        Signal(values=v, rate_hz=r, start_s=s, unit="1", kind=k, person=p)
        for k, p, v, r, s in channels
    )
    spans = tuple(
        Span(label=word, start_s=a, stop_s=a + length, person="P01", coder="c")
        for a, length, word in codes
    )
    made = session(signals=(eda("P01"), eda("T01"), *more), spans=spans)
    write_session(root, made)
    got = load_session(open_study(root), made.id)
    key = lambda s: (s.person, s.kind, s.rate_hz, s.start_s, s.values.tolist())  # noqa: E731
    for a, b in zip(sorted(made.signals, key=key), sorted(got.signals, key=key), strict=True):
        assert_array_equal(a.values, b.values)
    for a, b in zip(
        sorted(made.spans, key=lambda s: (s.start_s, s.label, s.stop_s)),
        sorted(got.spans, key=lambda s: (s.start_s, s.label, s.stop_s)),
        strict=True,
    ):
        assert (a.start_s, a.label) == (b.start_s, b.label)
        assert b.stop_s == pytest.approx(a.stop_s, abs=1e-9)


def test_the_layout_is_the_one_that_was_agreed(whole):
    files = set(tree(whole))
    stem = "ses-d01s01/beh/sub-P01_ses-d01s01_task-therapy_recording"
    assert {
        "dataset_description.json",
        "participants.tsv",
        "participants.json",
        "study.toml",
        "sessions.tsv",
        "people.tsv",
        ".bidsignore",
        f"sub-P01/{stem}-eda_physio.tsv.gz",
        f"sub-P01/{stem}-eda_physio.json",
        f"sub-P01/{stem}-rr_physioevents.tsv.gz",
        f"sub-P01/{stem}-rr_physioevents.json",
        f"sub-T01/{stem}-eda_physio.tsv.gz".replace("P01", "T01"),
        "codes/d01s01_anna.tsv",
        "codes/d01s01_ben.tsv",
        "codes/d01s01_phases.tsv",
        "clocks/d01s01.json",
        "phenotype/blri.tsv",
        "phenotype/blri.json",
    } <= files
    ignored = (whole / ".bidsignore").read_text().split("\n")
    assert {"study.toml", "sessions.tsv", "people.tsv", "codes", "media", "clocks"} <= set(ignored)
    assert (whole / "codes/d01s01_anna.tsv").read_text() == (
        "onset\tduration\tperson\tcode\tcoder\n5.0\t4.5\tP01\tpositive\tanna\n"
    )
    assert (whole / "phenotype/blri.tsv").read_text() == (
        "participant_id\tsession_id\tabout\ti1\ti2\nsub-P01\tses-d01s01\tsub-T01\t3.0\tn/a\n"
    )
    assert "sub-P01\till\n" in (whole / "participants.tsv").read_text()
    assert (whole / "people.tsv").read_text().endswith("ses-d01s01\tsub-T01\ttherapist\n") or (
        whole / "people.tsv"
    ).read_text().endswith("d01s01\tsub-T01\ttherapist\n")


def test_clocks_and_overlap_lie_beside(whole):
    said = json.loads((whole / "clocks/d01s01.json").read_text())
    assert said["clocks"]["P01"] == {
        "offset_s": 0.5,
        "drift_ppm": 12.5,
        "error_s": 0.5,
        "source": "start stamps",
    }
    assert said["clocks"]["T01"]["error_s"] is None
    assert said["overlap"]["seconds"] == 60.0
    assert said["overlap"]["people"]["P01"]["left_over_s"] == 0.0


def test_overlap_says_by_how_much_two_people_miss(root):
    late = eda("T01", start_s=100.0)
    write_session(root, session(signals=(eda("P01"), late), spans=()))
    said = json.loads((root / "clocks/d01s01.json").read_text())["overlap"]
    assert said["seconds"] == -40.0


def test_ids_with_and_without_their_prefix_are_read(whole):
    plain = load_session(open_study(whole), "d01s01")
    for name in ("sessions.tsv", "people.tsv", "participants.tsv", "phenotype/blri.tsv"):
        path = whole / name
        text = path.read_text()
        path.write_text(text.replace("sub-", "").replace("ses-", ""))
    same(load_session(open_study(whole), "d01s01"), plain)


def test_simulated_studies_keep_their_truth(tmp_path):
    truth = {"r": 0.47, "lags_s": [2.0, -1.5], "worlds": {"flat": True, "name": 'a "b" \\ ü'}}
    create_study(
        tmp_path / "s",
        title="Tïtle\n2",
        roles=("a", "b"),
        description="d",
        simulated=True,
        truth=truth,
    )
    study = open_study(tmp_path / "s")
    assert (study.title, study.description, study.roles) == ("Tïtle\n2", "d", ("a", "b"))
    assert study.simulated
    assert study.truth == truth
    with pytest.raises(InputError, match=r"truth\.x=None"):
        create_study(tmp_path / "n", title="", roles=["a"], truth={"x": None})
    assert not (tmp_path / "n").exists()


def test_a_study_can_be_sent_to_another_process(whole):
    study = open_study(whole)
    assert pickle.loads(pickle.dumps(study)) == study


def test_people_come_in_the_order_of_the_roles(root):
    write_session(root, session(people=(T, P)))
    study = open_study(root)
    assert [p.role for p in study.sessions[0].people] == ["patient", "therapist"]
    assert [p.role for p in load_session(study, "d01s01").people] == ["patient", "therapist"]


def test_two_signals_of_a_kind_are_kept_apart(root):
    both = (eda("P01", 1), eda("P01", 2), eda("T01"))
    write_session(root, session(signals=both))
    got = load_session(open_study(root), "d01s01").signals
    assert [s.kind for s in got] == ["eda"] * 3
    assert_array_equal(got[1].values, both[1].values)


def test_a_second_session_leaves_the_first_as_it_was(whole):
    before = tree(whole)
    more = Answers(instrument="blri", person="T01", about="P01", items={"i3": 1.0})
    write_session(whole, session("d01s02", answers=(more,)))
    after = tree(whole)
    shared = {"sessions.tsv", "people.tsv", "participants.tsv", "phenotype/blri.tsv"}
    assert {k: v for k, v in before.items() if k not in shared} == {
        k: after[k] for k in before if k not in shared
    }
    study = open_study(whole)
    assert [r.id for r in study.sessions] == ["d01s01", "d01s02"]
    first, second = (load_session(study, r.id) for r in study.sessions)
    assert [a.person for a in first.answers] == ["P01"]
    assert {k: v for k, v in second.answers[0].items.items() if v == v} == {"i3": 1.0}
    assert (whole / "participants.tsv").read_text().count("sub-P01") == 1


def test_columns_that_a_person_added_are_kept(whole):
    path = whole / "sessions.tsv"
    head, row = path.read_text().splitlines()
    path.write_text(f"{head}\troom\n{row}\tblue\n")
    write_session(whole, session("d01s02"))
    assert "blue" in path.read_text()
    assert path.read_text().splitlines()[2].endswith("\tn/a")


def test_originals_are_kept_with_their_fingerprint(root, tmp_path):
    for who in ("p", "t"):
        (tmp_path / who / "e4").mkdir(parents=True)
        (tmp_path / who / "EDA.csv").write_text(f"of {who}")
        (tmp_path / who / "e4" / "a.csv").write_text("in a folder")
    sources = [tmp_path / "p/EDA.csv", tmp_path / "t/EDA.csv", tmp_path / "p/e4"]
    write_session(root, session(), sources=sources)
    kept = root / "sourcedata/d01s01"
    rows = [x.split("\t") for x in (kept / "sources.tsv").read_text().splitlines()[1:]]
    assert [r[0] for r in rows] == ["EDA.csv", "t-EDA.csv", "e4/a.csv"]
    for name, sha, size in rows:
        assert sha256_of(kept / name) == sha
        assert (kept / name).stat().st_size == int(size)
    assert (kept / "t-EDA.csv").read_text() == "of t"


def test_input_files_are_all_that_decides(whole):
    study = open_study(whole)
    files = input_files(study, "d01s01")
    assert files == sorted(set(files))
    names = {p.relative_to(whole).as_posix() for p in files}
    assert names == set(tree(whole)) - {
        ".bidsignore",
        "README",
        "dataset_description.json",
        "participants.json",
        "phenotype/blri.json",
    }


def test_the_same_study_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        create_study(tmp_path / name / "study", title="A", roles=["patient", "therapist"])
        write_session(tmp_path / name / "study", session())
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_the_list_of_sessions_is_changed_last(root, monkeypatch):
    moved, real = [], os.replace
    monkeypatch.setattr(atomic.os, "replace", lambda a, b: (moved.append(Path(b)), real(a, b))[1])
    write_session(root, session())
    names = [p.name for p in moved if atomic.STAGE not in p.parts]
    assert names[-3:] == ["participants.tsv", "people.tsv", "sessions.tsv"]
    assert len(names) > 9


def test_a_study_that_a_killed_writer_left_says_so_and_the_next_writer_mends_it(whole, monkeypatch):
    before, real = tree(whole), os.replace

    class Killed(BaseException):
        pass

    def kill(source, target):
        if Path(target).name == "sessions.tsv":
            raise Killed
        return real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(atomic.os, "replace", kill)
        patch.setattr(atomic, "recover", lambda root: False)
        with pytest.raises(Killed):
            write_session(whole, session("d01s02"))
    with pytest.raises(FileError, match=r"left half written.*import again"):
        open_study(whole)
    assert atomic.recover(whole)
    assert tree(whole) == before
    write_session(whole, session("d01s02"))
    assert [r.id for r in open_study(whole).sessions] == ["d01s01", "d01s02"]


# --- what may not be written -------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "s").mkdir()
    create_study(tmp_path / "s", title="", roles=["a", "b"])
    before = tree(tmp_path)
    with pytest.raises(FileError, match="a folder that is not empty"):
        create_study(tmp_path / "s", title="", roles=["a", "b"])
    assert tree(tmp_path) == before
    (tmp_path / "f").write_text("x")
    with pytest.raises(FileError, match="not empty"):
        create_study(tmp_path / "f", title="", roles=["a", "b"])
    for roles in ([], ["a", "a"], [""]):
        with pytest.raises(InputError, match="roles"):
            create_study(tmp_path / "n", title="", roles=roles)


BAD_SESSIONS = {
    "role": (session(people=(P, Person(id="T01", role="coach"))), "role='coach'"),
    "alone": (session(people=(P,), clocks={}, spans=(), answers=()), "two people or more"),
    "silent": (session(signals=(eda("P01"),)), "'T01': expected a signal or events"),
    "label": (session("d01_s01"), "letters and digits"),
    "person": (
        session(people=(P, Person(id="T-1", role="therapist")), clocks={}, spans=(), answers=()),
        "letters and digits",
    ),
    "coder": (
        session(spans=(Span(label="x", start_s=1, stop_s=2, person="P01", coder="../a"),)),
        "coder='../a'",
    ),
    "code": (session(spans=(Span(label="x", start_s=1, stop_s=2, person="X"),)), "person='X'"),
    "instrument": (
        session(answers=(Answers(instrument="../x", person="P01", items={"a": 1}),)),
        "instrument=",
    ),
    "item": (
        session(answers=(Answers(instrument="x", person="P01", items={"about": 1}),)),
        "item='about'",
    ),
    "answer": (session(answers=(Answers(instrument="x", person="X", items={}),)), "person='X'"),
}


@pytest.mark.parametrize("name", BAD_SESSIONS)
def test_a_session_that_cannot_be_read_again_is_not_written(root, name):
    made, match = BAD_SESSIONS[name]
    before = tree(root)
    with pytest.raises(InputError, match=match):
        write_session(root, made)
    assert tree(root) == before
    assert not (root / ".syntony-writing").exists()


def test_a_session_is_never_written_over(whole):
    before = tree(whole)
    with pytest.raises(FileError, match=r"sessions\.tsv, line 2.*'d01s01' already"):
        write_session(whole, session())
    (whole / "sessions.tsv").write_text("session_id\n")
    with pytest.raises(FileError, match="a folder that exists"):
        write_session(whole, session())
    (whole / "sessions.tsv").write_bytes(before["sessions.tsv"])
    assert tree(whole) == before


def test_another_group_for_a_person_is_refused(whole):
    other = Person(id="P01", role="patient", group="well")
    with pytest.raises(InputError, match=r"group='well'.*'ill'"):
        write_session(whole, session("d01s02", people=(other, T)))


def test_no_study_and_no_source(tmp_path, root):
    with pytest.raises(FileError, match=r"study.toml: found no such file"):
        write_session(tmp_path / "none", session())
    with pytest.raises(FileError, match="an original to keep"):
        write_session(root, session(), sources=[tmp_path / "gone.csv"])
    assert len(open_study(root).sessions) == 0


# --- what may not be opened --------------------------------------------------------------


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_unknown_role_names_its_line(whole):
    edit(whole / "people.tsv", "therapist", "coach")
    with pytest.raises(FileError, match=r"'coach', expected one of \['patient', 'thera") as error:
        open_study(whole)
    assert (error.value.path.name, error.value.line, error.value.column) == (
        "people.tsv",
        3,
        "role",
    )


def test_a_session_with_one_person_names_its_line(whole):
    lines = (whole / "people.tsv").read_text().splitlines()
    (whole / "people.tsv").write_text("\n".join(lines[:2]) + "\n")
    with pytest.raises(FileError, match="one person, 'P01', in session 'd01s01'") as error:
        open_study(whole)
    assert (error.value.path.name, error.value.line) == ("sessions.tsv", 2)
    (whole / "people.tsv").write_text(lines[0] + "\n")
    with pytest.raises(FileError, match="nobody in session"):
        open_study(whole)


def test_a_session_that_no_table_lists(whole):
    with (whole / "people.tsv").open("a") as file:
        file.write("ses-d09\tsub-P01\tpatient\n")
    with pytest.raises(FileError, match=r"'d09', which is not in sessions.tsv") as error:
        open_study(whole)
    assert (error.value.path.name, error.value.line) == ("people.tsv", 4)


def test_a_session_that_is_listed_twice(whole):
    with (whole / "sessions.tsv").open("a") as file:
        file.write("\t".join(["d01s01"] + ["n/a"] * 6) + "\n")
    with pytest.raises(FileError, match="'d01s01' again") as error:
        open_study(whole)
    assert (error.value.line, error.value.column) == (3, "session_id")


def test_a_person_listed_twice_or_unknown(whole):
    with (whole / "people.tsv").open("a") as file:
        file.write("ses-d01s01\tsub-P01\tpatient\n")
    with pytest.raises(FileError, match="'P01' again in 'd01s01'"):
        open_study(whole)
    edit(whole / "people.tsv", "ses-d01s01\tsub-P01\tpatient\n", "")
    (whole / "people.tsv").write_text(
        (whole / "people.tsv").read_text() + "ses-d01s01\tsub-P77\tpatient\n"
    )
    with pytest.raises(FileError, match=r"'P77', who is not in participants.tsv"):
        open_study(whole)


@pytest.mark.parametrize("name", ["study.toml", "sessions.tsv", "people.tsv", "participants.tsv"])
def test_a_missing_table_is_named(whole, name):
    (whole / name).unlink()
    with pytest.raises(FileError, match=f"{name}: found no such file"):
        open_study(whole)


def test_missing_recordings_are_named(whole):
    shutil.rmtree(whole / "sub-T01")
    with pytest.raises(FileError, match=r"sub-T01.*no recording of 'T01' \(therapist\)"):
        open_study(whole)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("roles = [", "expected TOML"),
        ("title = 'x'", r"roles = \[\]"),
        ("roles = ['a', 'a']", "each role once"),
        ("roles = 'a'", "roles = 'a', expected a list"),
        ("roles = ['a']\ntitle = 1", "title = 1"),
        ("roles = ['a']\nsimulated = 'yes'", "simulated = 'yes'"),
    ],
)
def test_a_study_toml_that_does_not_say_it(whole, text, match):
    (whole / "study.toml").write_text(text)
    with pytest.raises(FileError, match=match) as error:
        open_study(whole)
    assert error.value.path.name == "study.toml"


@pytest.mark.parametrize(
    ("name", "text", "match", "line"),
    [
        ("sessions.tsv", "", "an empty file", None),
        ("sessions.tsv", "session,dyad\n", "a column 'session_id'", 1),
        ("sessions.tsv", "session_id\tsession_id\n", "each column once", 1),
        ("sessions.tsv", "session_id\tdyad\nd01s01\n", "1 cells, expected 2", 2),
        ("sessions.tsv", "session_id\tnumber\nd01s01\tfirst\n", "'first', expected a number", 2),
        ("sessions.tsv", "session_id\tnumber\nd01s01\t1.5\n", "a whole number", 2),
        ("sessions.tsv", "session_id\tstarted_at\nd01s01\tnoon\n", "an ISO 8601 stamp", 2),
        ("sessions.tsv", "session_id\tdyad\nn/a\tx\n", "an empty cell", 2),
        ("participants.tsv", "participant_id\nsub-P01\nP01\n", "'P01' again", 3),
    ],
)
def test_a_table_that_is_wrong_names_its_line(whole, name, text, match, line):
    (whole / name).write_text(text)
    with pytest.raises(FileError, match=match) as error:
        open_study(whole)
    assert (error.value.path.name, error.value.line) == (name, line)


CODES = "onset\tduration\tperson\tcode\tcoder\n"


@pytest.mark.parametrize(
    ("row", "match", "column"),
    [
        (
            "60.0\t1\tP01\tx\ta",
            "a code at 60 to 61 s, expected one inside the session, 0 to 60",
            "onset",
        ),
        ("-9\t3\tP01\tx\ta", "a code at -9 to -6 s", "onset"),
        ("5000\t400\tP01\tx\ta", "milliseconds", "onset"),
        ("0\t9000\tP01\tx\ta", "at most the session, 60 s", "duration"),
        ("5\t-1\tP01\tx\ta", "a stop before the start", "duration"),
        ("soon\t1\tP01\tx\ta", "'soon', expected a number", "onset"),
        ("5\tinf\tP01\tx\ta", "a finite number", "duration"),
        ("5\t1\tX9\tx\ta", r"'X9', expected a person of the session", "person"),
        ("5\t1\tP01\tn/a\ta", "an empty cell", "code"),
    ],
)
def test_a_code_that_cannot_be_is_refused(whole, row, match, column):
    path = whole / "codes/d01s01_zoe.tsv"
    path.write_text(CODES + "1\t1\tP01\tx\ta\n" + row + "\n")
    with pytest.raises(FileError, match=match) as error:
        load_session(open_study(whole), "d01s01")
    assert (error.value.path, error.value.line, error.value.column) == (path, 3, column)


def test_codes_over_the_edge_are_kept_and_noted_and_roles_name_people(whole):
    (whole / "codes/d01s01_zoe.tsv").write_text(
        CODES.replace("\tcoder", "") + "-2\t3\tpatient\ta\n55\t20\tsub-T01\tb\n7\tn/a\tT01\tc\n"
    )
    got = load_session(open_study(whole), "d01s01")
    mine = [s for s in got.codes if s.coder == "zoe"]
    assert [(s.person, s.label, s.start_s, s.stop_s) for s in mine] == [
        ("P01", "a", -2.0, 1.0),
        ("T01", "b", 55.0, 75.0),
        ("T01", "c", 7.0, 7.0),
    ]
    assert [n.text for n in got.notes if n.code == "code-over-edge"] == [
        "2 of 3 codes in d01s01_zoe.tsv reach more than 1 s out of the session."
    ]


@pytest.mark.parametrize(
    ("row", "match", "column"),
    [
        ("sub-P01\tses-d01s01\tsub-T01\tmuch\t1", "'much', expected a number", "i1"),
        ("sub-P01\tses-d01s01\tsub-T01\tinf\t1", "a finite number", "i1"),
        ("sub-X9\tses-d01s01\tsub-T01\t1\t1", "'X9', who was not in session", "participant_id"),
        ("sub-P01\tses-d01s01\tsub-X9\t1\t1", "'X9', expected a person", "about"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(whole, row, match, column):
    with (whole / "phenotype/blri.tsv").open("a") as file:
        file.write(row + "\n")
    with pytest.raises(FileError, match=match) as error:
        load_session(open_study(whole), "d01s01")
    assert (error.value.line, error.value.column) == (3, column)


def test_answers_of_no_session_belong_to_all_of_the_person(whole):
    write_session(whole, session("d01s02"))
    (whole / "phenotype/iri.tsv").write_text("participant_id\tp1\nsub-P01\t4\nsub-Z\t5\n")
    for name in ("d01s01", "d01s02"):
        got = load_session(open_study(whole), name).answers
        assert [(a.person, a.items["p1"]) for a in got if a.instrument == "iri"] == [("P01", 4.0)]


def test_a_broken_recording_names_its_file(whole):
    (path,) = whole.glob("sub-P01/*/*/*eda_physio.tsv.gz")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FileError, match="cut off") as error:
        load_session(open_study(whole), "d01s01")
    assert error.value.path == path
    path.write_bytes(gzip.compress(b"1\nx\n"))
    with pytest.raises(FileError, match="'x'") as error:
        load_session(open_study(whole), "d01s01")
    assert (error.value.line, error.value.column) == (2, "eda")


def test_a_clock_that_is_no_clock_is_refused(whole):
    path = whole / "clocks/d01s01.json"
    for text, match in (
        ('{"clocks": {"X": {}}}', "a clock of 'X'"),
        ('{"clocks": {"P01": {"offset_s": "late"}}}', "offset_s, drift_ppm and error_s"),
        ('{"clocks": {"P01": 3}}', "offset_s, drift_ppm and error_s"),
        ("{", "JSON"),
    ):
        path.write_text(text)
        with pytest.raises(FileError, match=match) as error:
            load_session(open_study(whole), "d01s01")
        assert error.value.path == path
    path.unlink()
    assert dict(load_session(open_study(whole), "d01s01").clocks) == {}


def test_an_unknown_session_lists_those_there_are(whole):
    study = open_study(whole)
    for ask in (load_session, input_files):
        with pytest.raises(InputError, match=r"session_id='d9': expected one of \['d01s01'\]"):
            ask(study, "d9")


def test_paths_may_be_text(tmp_path):
    create_study(str(tmp_path / "s"), title="", roles=["patient", "therapist"])
    write_session(str(tmp_path / "s"), session())
    assert open_study(str(tmp_path / "s")).root == Path(tmp_path / "s")
