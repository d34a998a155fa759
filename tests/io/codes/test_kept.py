"""A coder's codes in the study: whole, on the disk, never over what was not read."""

import json
import subprocess
import sys
import threading

import pytest
from coding_study import PEOPLE, make_coding_study
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.errors import Conflict, FileError, InputError
from syntony.io.codes.book import read_code_book
from syntony.io.codes.kept import (
    coders_in,
    finish_codes,
    note_comparison,
    read_kept,
    reopen_codes,
    save_kept,
)
from syntony.io.codes.value import CodeEvent
from syntony.io.study import load_session, open_study

BOOK = read_code_book("three_valence")
FACTS = {"book": BOOK, "people": PEOPLE, "span_s": (0.0, 120.0)}


def event(onset, duration, code="positive", person="P01", **more):
    """One code."""
    return CodeEvent(onset_s=onset, duration_s=duration, code=code, person=person, **more)


@pytest.fixture
def root(tmp_path):
    """A study of two people and 120 s."""
    return make_coding_study(tmp_path / "study")


def save(root, events, revision="", coder="kim"):
    """Save codes of the first session."""
    return save_kept(root, "d01s01", coder, events, revision=revision, **FACTS)


def test_what_was_saved_is_read_by_the_study_with_its_comment(root):
    given_events = [
        event(10.25, 5.5, comment="smiles, then\tlaughs"),
        event(2.0, 3.0, "negative", "T01"),
        event(30.0, 0.0, "neutral", "T01"),
    ]
    kept = save(root, given_events)
    again = read_kept(root, "d01s01", "kim")
    assert again.revision == kept.revision
    assert len(kept.revision) == 64
    assert [e.comment for e in again.events] == ["", "smiles, then laughs", ""]
    spans = load_session(open_study(root), "d01s01").codes
    assert [(s.label, s.person, s.coder, s.start_s, s.stop_s) for s in spans] == [
        ("negative", "T01", "kim", 2.0, 5.0),
        ("positive", "P01", "kim", 10.25, 15.75),
        ("neutral", "T01", "kim", 30.0, 30.0),
    ]


def test_the_second_window_is_told_and_nothing_is_overwritten(root):
    first = save(root, [event(1.0, 2.0)])
    save(root, [event(1.0, 2.0), event(5.0, 1.0)], first.revision)
    with pytest.raises(Conflict, match="another window"):
        save(root, [event(50.0, 1.0)], first.revision)
    with pytest.raises(Conflict):
        save(root, [event(50.0, 1.0)], "")
    assert [e.onset_s for e in read_kept(root, "d01s01", "kim").events] == [1.0, 5.0]


def test_of_two_writers_at_once_one_is_told(root):
    told, gate = [], threading.Barrier(8)

    def write(k):
        gate.wait()
        try:
            save(root, [event(float(k), 0.5)])
            told.append("saved")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=write, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["conflict"] * 7 + ["saved"]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_kept import event, save
revision = ""
k = 0
while True:
    k += 1
    events = [event(float(i), 0.5) for i in range(k % 60 + 1)]
    revision = save(Path(sys.argv[1]), events, revision).revision
    print(revision, flush=True)
"""


def test_a_killed_writer_leaves_what_it_last_confirmed_or_the_next(root):
    from pathlib import Path

    here = Path(__file__)
    paths = [str(here.parent), str(here.parents[2]), *sys.path]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), str(here.parent)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(paths), "PATH": "/usr/bin:/bin"},
    )
    confirmed = [process.stdout.readline().strip() for _ in range(12)]
    process.kill()
    confirmed += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    assert len(confirmed[0]) == 64
    kept = read_kept(root, "d01s01", "kim")  # a whole table, that of a saving
    starts = [e.onset_s for e in kept.events]
    assert starts == [float(i) for i in range(len(starts))]
    assert starts
    if kept.revision != confirmed[-1]:  # killed after writing and before saying so
        assert len(starts) == len(confirmed) % 60 + 2 or len(starts) == 1


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([event(1.0, 5.0), event(4.0, 5.0, "negative")], "overlaps"),
        ([event(1.0, 5.0, "smile")], "no such code"),
        ([event(1.0, 5.0, person="X9")], "X9"),
        ([event(1.0, 5.0, person="")], "names nobody"),
        ([event(120.0, 1.0)], "outside the session"),
        ([event(0.5, 130.0)], "at most 121 s"),
        ([event(1.0, 5.0), event(1.0, 5.0)], "twice|overlaps"),
        ([event(1.0, float("nan"))], "no stop"),
        ([event(1.0, 1.0, comment="x" * 2001)], "2001 characters"),
    ],
)
def test_what_the_book_or_session_do_not_allow_is_refused(root, events, told):
    kept = save(root, [event(60.0, 5.0)])
    with pytest.raises(InputError, match=told):
        save(root, events, kept.revision)
    assert read_kept(root, "d01s01", "kim").revision == kept.revision


def test_exclusive_codes_may_touch_and_those_of_two_people_overlap(root):
    save(root, [event(1.0, 5.0), event(6.0, 2.0, "negative"), event(2.0, 9.0, "neutral", "T01")])


def test_an_imported_table_with_overlaps_can_be_mended_bit_by_bit(root):
    table = root / "codes" / "d01s01_kim.tsv"
    table.parent.mkdir(exist_ok=True)
    rows = ["1.0\t5.0\tpatient\tpositive", "4.0\t5.0\tP01\tnegative", "20\t5\tT01\tpositive"]
    table.write_text("onset\tduration\tperson\tcode\n" + "\n".join(rows) + "\n", "utf-8")
    old = read_kept(root, "d01s01", "kim", people=PEOPLE)
    assert [e.person for e in old.events] == ["P01", "P01", "T01"]
    mended = save(root, [*old.events[:2], event(20.0, 4.0, person="T01")], old.revision)
    with pytest.raises(InputError, match="overlaps"):
        save(root, [*mended.events, event(21.0, 4.0, "neutral", "T01")], mended.revision)


def test_finished_codes_are_closed_and_what_was_seen_stays_on_record(root):
    kept = save(root, [event(1.0, 2.0)])
    with pytest.raises(Conflict):
        finish_codes(root, "d01s01", "kim", revision="")
    done = finish_codes(root, "d01s01", "kim", revision=kept.revision)
    assert done.standing.is_finished
    assert done.standing.is_independent
    assert done.standing.book == "three_valence"
    with pytest.raises(InputError, match="finished"):
        save(root, [], kept.revision)
    assert reopen_codes(root, "d01s01", "kim").standing.is_independent  # nothing was seen yet
    finish_codes(root, "d01s01", "kim", revision=kept.revision)
    note_comparison(root, "d01s01", "kim")
    again = reopen_codes(root, "d01s01", "kim")
    assert not again.standing.is_independent
    save(root, [], kept.revision)


def test_names_are_never_paths(root):
    for coder in ("../kim", "kim/lee", "", ".kim", "phases", "kim lee", "a" * 65):
        with pytest.raises(InputError, match="letters, digits"):
            save(root, [], coder=coder)
    with pytest.raises(InputError, match="with codes"):
        finish_codes(root, "d01s01", "nobody", revision="")


def test_everybody_with_codes_is_known_by_name(root):
    save(root, [event(1.0, 2.0)])
    save(root, [event(1.0, 2.0)], coder="lee")
    assert coders_in(root, "d01s01") == ["kim", "lee"]
    (root / "codes" / "d01s01_kim.json").write_text(json.dumps({"book": 3}), "utf-8")
    with pytest.raises(FileError, match="Mend the file"):
        read_kept(root, "d01s01", "kim")


@given(
    times=st.lists(st.integers(0, 119_000), min_size=1, max_size=40, unique=True),
    said=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
)
def test_round_trip(tmp_path_factory, times, said):
    root = tmp_path_factory.mktemp("kept")
    starts = sorted(t / 1000 for t in times)
    stops = [*starts[1:], 120.0]
    given_events = [
        event(a, round(b - a, 3), "neutral", comment=said)
        for a, b in zip(starts, stops, strict=True)
    ]
    kept = save(root, given_events)
    back = read_kept(root, "d01s01", "kim")
    assert [(e.onset_s, e.duration_s) for e in back.events] == [
        (e.onset_s, e.duration_s) for e in kept.events
    ]
    plain = " ".join(said.split())
    assert {e.comment for e in back.events} == {"" if plain == "n/a" else plain}
