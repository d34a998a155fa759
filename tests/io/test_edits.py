"""Marks of artefacts: kept beside the data, replayed, withdrawn, and never lost."""

import json

import numpy as np
import pytest

from syntony.core.errors import FileError, InputError
from syntony.core.session import Mark, Person, Session
from syntony.core.signal import Signal
from syntony.io.edits import edits_path, in_force, read_edits
from syntony.io.marking import add_mark, withdraw_mark
from syntony.io.study import create_study, input_files, load_session, open_study, write_session

P, T = Person(id="P01", role="patient"), Person(id="T01", role="therapist")
MARK = Mark(person="P01", kind="eda", start_s=10.0, stop_s=12.5)


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="Two", roles=("patient", "therapist"))
    signals = tuple(
        Signal(
            values=2.0 + np.sin(np.arange(240) / (9 + k)),
            rate_hz=4.0,
            start_s=0.0,
            unit="uS",
            kind="eda",
            person=p.id,
        )
        for k, p in enumerate((P, T))
    )
    write_session(root, Session(id="d01s01", dyad="d01", people=(P, T), signals=signals))
    return open_study(root)


def test_a_mark_is_beside_the_data_and_reaches_the_session(study):
    before = {p: p.read_bytes() for p in input_files(study, "d01s01")}
    edit = add_mark(study, "d01s01", MARK, by="coder 1", reason="cable pulled")
    assert load_session(study, "d01s01").marks == (MARK,)
    assert {p: p.read_bytes() for p in before} == before
    assert set(input_files(study, "d01s01")) - set(before) == {edits_path(study.root, "d01s01")}
    line = json.loads(edits_path(study.root, "d01s01").read_text("utf-8"))
    assert (line["by"], line["reason"], line["at"]) == ("coder 1", "cable pulled", edit.at)
    assert "edits" in (study.root / ".bidsignore").read_text("utf-8").splitlines()


def test_what_is_withdrawn_stays_in_the_list(study):
    first = add_mark(study, "d01s01", MARK, by="a")
    other = Mark(person="T01", kind="*", start_s=20.0, stop_s=21.0)
    add_mark(study, "d01s01", other, by="b")
    withdraw_mark(study, "d01s01", first.id, by="c")
    edits = read_edits(edits_path(study.root, "d01s01"))
    assert [e.action for e in edits] == ["mark", "mark", "withdraw"]
    assert [e.by for e in edits] == ["a", "b", "c"]
    assert [e.mark for e in in_force(edits)] == [other]
    with pytest.raises(InputError, match="a mark in force"):
        withdraw_mark(study, "d01s01", first.id, by="c")


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (Mark(person="X", kind="eda", start_s=1, stop_s=2), "one of"),
        (Mark(person="P01", kind="ecg", start_s=1, stop_s=2), "one of"),
        (Mark(person="P01", kind="eda", start_s=60, stop_s=61), "within 0 to 60 s"),
        (Mark(person="P01", kind="eda", start_s=-3, stop_s=0), "within 0 to 60 s"),
    ],
)
def test_a_mark_of_nothing_is_refused_and_nothing_is_written(study, mark, expected):
    with pytest.raises(InputError, match=expected):
        add_mark(study, "d01s01", mark, by="a")
    assert not edits_path(study.root, "d01s01").exists()


def said(**other):
    mark = {"id": "a", "at": "", "by": "", "action": "mark", "person": "P01", "kind": "eda"}
    return json.dumps(mark | {"start_s": 1, "stop_s": 5} | other)


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "{}",
        "[1]",
        said(start_s=5),
        said(start_s="1"),
        said(start_s=float("nan")),
        said(action="withdraw", of="b"),
        said(action="burn"),
        "[" * 3000,
    ],
)
def test_a_line_that_is_no_edit_is_named(study, line):
    add_mark(study, "d01s01", MARK, by="a")
    path = edits_path(study.root, "d01s01")
    path.write_text(path.read_text("utf-8") + line, "utf-8")
    with pytest.raises(FileError, match="line 2"):
        load_session(study, "d01s01")


def test_a_mark_of_a_stranger_is_refused(study):
    path = edits_path(study.root, "d01s01")
    path.parent.mkdir()
    path.write_text(said(person="X9") + "\n", "utf-8")
    with pytest.raises(FileError, match="a mark of 'X9'"):
        load_session(study, "d01s01")
