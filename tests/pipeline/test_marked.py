"""Marks as a page shows them, and which runs knew them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from syntony.core.session import Mark
from syntony.io.study import open_study
from syntony.pipeline.marked import add_mark, mark_lines, runs_before, withdraw_mark
from syntony.pipeline.origin import hashes

STRETCH = Mark(person="P01", kind="eda", start_s=60.0, stop_s=90.0)


@pytest.fixture
def opened(study):
    return open_study(study)


def pretend_run(study, name, session="d01s01"):
    """A finished run that read what there is now."""
    folder = study.root / "derivatives" / "syntony" / name
    folder.mkdir(parents=True)
    files = [p for p in [study.root / "edits" / f"{session}.jsonl"] if p.is_file()]
    origin = {"finished": True, "made_at": name, "inputs": hashes(files, study.root)}
    (folder / "origin.json").write_text(json.dumps(origin))


def test_a_mark_is_shown_with_its_withdrawal(opened):
    made = add_mark(opened, "d01s01", STRETCH, by="ada", reason="moved")
    early = add_mark(opened, "d01s01", Mark(person="T01", kind="*", start_s=5, stop_s=6), by="bo")
    withdraw_mark(opened, "d01s01", made.id, by="bo")
    first, second = mark_lines(opened, "d01s01")
    assert (first.id, first.role, first.withdrawn_at) == (early.id, "therapist", "")
    assert (second.by, second.withdrawn_by, second.reason) == ("ada", "bo", "moved")
    assert second.mark == STRETCH


def test_runs_that_read_another_list_are_named(opened):
    pretend_run(opened, "1-without")
    assert runs_before(opened, "d01s01") == ()
    made = add_mark(opened, "d01s01", STRETCH, by="ada")
    assert runs_before(opened, "d01s01") == ("1-without",)
    pretend_run(opened, "2-with")
    assert runs_before(opened, "d01s01") == ("1-without",)
    assert runs_before(opened, "d02s01") == ()
    withdraw_mark(opened, "d01s01", made.id, by="ada")
    assert runs_before(opened, "d01s01") == ("2-with", "1-without")


def test_two_people_who_mark_at_once_lose_nothing(opened):
    stretches = [Mark(person="P01", kind="eda", start_s=k, stop_s=k + 1) for k in range(24)]
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda m: add_mark(opened, "d01s01", m, by="ada"), stretches)
        ids = {edit.id for edit in made}
    assert {line.id for line in mark_lines(opened, "d01s01")} == ids
