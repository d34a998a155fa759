"""What a coder is given, and what is said of two who are done."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from coding_study import make_coding_study

from syntony.core.errors import Conflict, FileError, InputError
from syntony.io.codes.book import Code, CodeBook, code_books
from syntony.io.codes.kept import finish_codes, read_standing, reopen_codes
from syntony.io.codes.value import CodeEvent
from syntony.io.study import load_session, open_study
from syntony.io.tsv import tsv_text
from syntony.link.agreement.study import compare_coders
from syntony.pipeline.agreements import coded_people
from syntony.pipeline.blind import clip_lists, clip_sheet, keep_clip_codes
from syntony.pipeline.clip_codes import read_clip_codes
from syntony.pipeline.coding import coding_sheet, films_of, keep_codes, keys_of
from syntony.pipeline.coding_agreement import compare_session, stretches_of


@pytest.fixture
def root(tmp_path):
    """A study of two people, two sessions of 400 s."""
    return make_coding_study(tmp_path / "study", seconds=400.0)


def track(seed, *, person="P01", step=5.0, seconds=400.0):
    """Codes of a whole session, each of 5 s, drawn at random."""
    drawn = np.random.default_rng(seed).choice(
        ["positive", "neutral", "negative"], int(seconds / step)
    )
    return [
        CodeEvent(onset_s=k * step, duration_s=step, code=str(c), person=person)
        for k, c in enumerate(drawn)
    ]


def code(root, coder, events, *, finish=True, session="d01s01"):
    """Save codes, and call them finished."""
    kept = keep_codes(root, session, coder, events, revision="")
    if finish:
        finish_codes(root, session, coder, revision=kept.revision)


def test_a_sheet_holds_the_own_codes_and_nobody_elses(root):
    code(root, "kim", track(1), finish=False)
    code(root, "lee", track(2)[:3], finish=False)
    sheet = coding_sheet(root, "d01s01", "lee")
    assert [e.onset_s for e in sheet.kept.events] == [0.0, 5.0, 10.0]
    assert (sheet.start_s, sheet.stop_s) == (0.0, 400.0)
    assert sheet.book.name == "three_valence"
    assert sheet.book_is_fixed
    assert not coding_sheet(root, "d01s01", "max").kept.events


def test_the_book_is_the_studys_else_that_of_the_codes_else_the_one_asked_for(root):
    assert coding_sheet(root, "d01s01", "kim", book="bales").book.name == "bales"
    one = CodeEvent(onset_s=1, duration_s=2, code="speech", person="P01")
    keep_codes(root, "d01s01", "kim", [one], revision="", book="talk_turns")
    assert coding_sheet(root, "d01s01", "kim", book="bales").book.name == "talk_turns"
    with pytest.raises(InputError, match="innovative_moments"):
        coding_sheet(root, "d01s02", "kim", book="../book")
    about = root / "study.toml"
    about.write_text('code_book = "spaff"\n' + about.read_text("utf-8"), "utf-8")
    sheet = coding_sheet(root, "d01s02", "kim", book="bales")
    assert sheet.book.name == "spaff"
    assert sheet.book_is_fixed


def test_every_code_of_every_book_has_a_key_of_its_own():
    for book in code_books().values():
        keys = keys_of(book)
        assert set(keys) == {c.name for c in book.codes}
        assert len(set(keys.values())) == len(keys)
        assert all(len(k) == 1 and k.isalnum() for k in keys.values())
    many = CodeBook(title="x", codes=tuple(Code(name=f"c{k}") for k in range(40)))
    assert len(keys_of(many)) == 26


def test_films_are_those_that_the_table_names(root):
    table = root / "sessions.tsv"
    rows = [dict(zip(*pair, strict=True)) for pair in _rows(table)]
    rows[0] |= {"media": "media/a.mp4; b.mp4", "media_offset_s": "1.5"}
    table.write_text(tsv_text(list(rows[0]), rows), "utf-8")
    study = open_study(root)
    (root / "media").mkdir()
    (root / "media" / "b.mp4").write_bytes(b"made up")  # a.mp4 is named and not there
    found = films_of(study, "d01s01")
    assert [(f.name, f.number, f.plays) for f in found] == [("a.mp4", 0, False), ("b.mp4", 1, True)]
    assert found[0].trouble
    (root / "media" / "a.mp4").write_bytes(b"made up")
    assert films_of(study, "d01s01")[0].offset_s == 1.5
    assert films_of(study, "d01s02") == ()


def _rows(table):
    names, *lines = table.read_text("utf-8").splitlines()
    return [(names.split("\t"), line.split("\t")) for line in lines]


def test_nobody_sees_anothers_codes_before_being_done(root):
    code(root, "kim", track(1))
    code(root, "lee", track(2), finish=False)
    with pytest.raises(InputError, match="finished"):
        compare_session(root, "d01s01", "lee")
    alone = compare_session(root, "d01s01", "kim")
    assert alone.rows == () == alone.disagreements
    assert alone.notes == ("lee is still coding and is left out.",)
    assert not read_standing(root, "d01s01", "kim").compared_at  # nothing was to be seen


def test_kappa_is_that_of_the_whole_session_with_an_interval(root):
    first = track(1)
    other = {(e.onset_s): e for e in track(2)}
    second = [e if k % 4 else other[e.onset_s] for k, e in enumerate(first)]
    code(root, "kim", first + track(3, person="T01"))
    code(root, "lee", second + track(3, person="T01"))
    found = compare_session(root, "d01s01", "kim")
    session = load_session(open_study(root), "d01s01")
    people = coded_people("d01s01", "d01", session.people, session.spans, 400.0)
    wanted = {
        r.code: r
        for r in compare_coders(people, by_role=False)
        if r.measure == "kappa" and r.session == ""
    }
    assert set(wanted) == {r.code for r in found.rows} == {"", "positive", "neutral", "negative"}
    for row in found.rows:
        assert row.value == pytest.approx(wanted[row.code].value, abs=1e-12)
        assert row.units == wanted[row.code].units == 800.0
        assert row.low < row.value < row.high < 1.0
    assert read_standing(root, "d01s01", "kim").compared_at
    assert not read_standing(root, "d01s01", "lee").compared_at
    assert {d.role for d in found.disagreements} == {"patient"}
    assert all(d.seconds >= 5.0 for d in found.disagreements)


def test_codes_changed_after_a_look_at_anothers_are_told(root):
    code(root, "kim", track(1))
    code(root, "lee", track(2))
    compare_session(root, "d01s01", "lee")
    again = reopen_codes(root, "d01s01", "lee")
    keep_codes(root, "d01s01", "lee", track(1), revision=again.revision)
    finish_codes(root, "d01s01", "lee", revision=coding_sheet(root, "d01s01", "lee").kept.revision)
    notes = compare_session(root, "d01s01", "kim").notes
    assert any("lee changed codes after having seen" in n for n in notes)


def test_tables_that_were_brought_in_are_done_and_one_sided_people_are_named(root):
    code(root, "kim", track(1))
    rows = [{"onset": 0, "duration": 400, "person": "T01", "code": "neutral"}]
    (root / "codes" / "d01s01_max.tsv").write_text(
        tsv_text(("onset", "duration", "person", "code"), rows), "utf-8"
    )
    found = compare_session(root, "d01s01", "kim")
    assert found.rows == ()
    assert "max gave no code of the patient (P01)." in found.notes


def test_stretches_add_up_to_the_session(root):
    code(root, "kim", track(1, step=7.0))
    session = load_session(open_study(root), "d01s01")
    (person,) = coded_people("d01s01", "d01", session.people, session.spans, 400.0)
    parts = list(stretches_of(person))
    assert [p.seconds for p in parts] == [60] * 6 + [40]
    assert sum(s.stop_s - s.start_s for p in parts for s in p.by["kim"]) == pytest.approx(399.0)


@pytest.fixture
def clips(root):
    """A set of clips of both sessions, one of each class; class is in the key alone."""
    folder = root / "derivatives" / "syntony" / "clips-001"
    folder.mkdir(parents=True)
    rows = [
        {"number": n, "session": f"d01s0{1 + n % 2}", "dyad": "d01", "kind": ("high", "low")[n % 2],
         "start_s": 50.0 * n, "stop_s": 50.0 * n + 24.0, "core_start_s": 50.0 * n + 2.0,
         "core_stop_s": 50.0 * n + 22.0}
        for n in (1, 2, 3, 4)
    ]  # fmt: skip
    (folder / "key.tsv").write_text(tsv_text(list(rows[0]), rows), "utf-8")
    facts = {"set": "clips-001", "seed": 1, "kinds": ["high", "low"]}
    (folder / "set.json").write_text(json.dumps(facts), "utf-8")
    return root


def seen(onset, duration, code="positive", person="patient"):
    """A code of a clip; people are known by their roles."""
    return CodeEvent(onset_s=onset, duration_s=duration, code=code, person=person, comment="x")


def test_a_blind_sheet_tells_neither_class_nor_person_nor_place(clips):
    (clips / "media").mkdir()
    (clips / "media" / "d01s02_a.avi").write_bytes(b"x")
    sheet = clip_sheet(clips, "clips-001", 3, "kim")
    assert [(f.name, f.remedy, f.offset_s) for f in sheet.films] == [("", "", 150.0)]
    assert [p.id for p in sheet.people] == ["patient", "therapist"]
    assert (sheet.length_s, sheet.core_s) == (24.0, (2.0, 22.0))
    assert "d01s02" not in repr(sheet)
    assert "kind" not in repr(sheet)
    assert "high" not in repr(sheet)
    assert "low" not in repr(sheet)


def test_codes_of_clips_come_back_as_the_verb_reads_them(clips):
    revision, count = keep_clip_codes(
        clips, "clips-001", 2, "kim", [seen(2.0, 10.0), seen(12.0, 10.0, "neutral")], revision=""
    )
    keep_clip_codes(
        clips, "clips-001", 1, "kim", [seen(0.0, 24.0, "negative", "therapist")], revision=""
    )
    assert count == 2
    assert clip_sheet(clips, "clips-001", 2, "kim").revision == revision
    with pytest.raises(Conflict):
        keep_clip_codes(clips, "clips-001", 2, "kim", [], revision="")
    (listed,) = clip_lists(clips, "kim")
    assert (listed.numbers, listed.coded) == ((1, 2, 3, 4), (1, 2))
    sheet = clips / "derivatives/syntony/clips-001/codes/kim.csv"
    read = read_clip_codes(clips, [sheet])
    assert [(c.clip, c.role, c.code, c.start_s, c.stop_s) for c in read.codes] == [
        (1, "therapist", "negative", 52.0, 72.0),
        (2, "patient", "positive", 102.0, 112.0),
        (2, "patient", "neutral", 112.0, 122.0),
    ]
    assert keep_clip_codes(clips, "clips-001", 2, "kim", [], revision=revision) == ("", 0)
    assert clip_lists(clips, "kim")[0].coded == (1,)


def test_a_comment_is_no_formula_in_a_sheet_and_comes_back_as_it_was_written(clips):
    said = '=HYPERLINK("http://evil.example")'
    event = replace(seen(2.0, 10.0), comment=said)
    revision, _ = keep_clip_codes(clips, "clips-001", 2, "kim", [event], revision="")
    sheet = clips / "derivatives/syntony/clips-001/codes/kim.csv"
    (row,) = csv.DictReader(sheet.read_text("utf-8").splitlines())
    assert row["comment"] == f"'{said}"
    again = clip_sheet(clips, "clips-001", 2, "kim")
    assert (again.revision, [e.comment for e in again.events]) == (revision, [said])
    assert len(read_clip_codes(clips, [sheet]).codes) == 1


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([seen(2.0, 0.0)], "a stretch of the clip"),
        ([seen(2.0, 23.0)], "within the clip"),
        ([seen(2.0, 5.0), seen(4.0, 5.0, "negative")], "overlaps"),
        ([seen(2.0, 5.0, person="P01")], "patient"),
        ([seen(2.0, 5.0, "smile")], "no such code"),
    ],
)
def test_codes_of_clips_are_held_to_the_book_and_the_clip(clips, events, told):
    with pytest.raises(InputError, match=told):
        keep_clip_codes(clips, "clips-001", 1, "kim", events, revision="")


def test_clips_of_sessions_that_are_not_assigned_do_not_exist(clips):
    def mine(session):
        return session == "d01s02"

    assert clip_lists(clips, "kim", may_open=mine)[0].numbers == (1, 3)
    with pytest.raises(InputError, match="yours to code"):
        clip_sheet(clips, "clips-001", 2, "kim", may_open=mine)
    with pytest.raises(InputError, match="clips-001"):
        clip_sheet(clips, "../codes", 2, "kim")


def test_a_damaged_sheet_is_named(clips):
    keep_clip_codes(clips, "clips-001", 2, "kim", [seen(2.0, 10.0)], revision="")
    path = clips / "derivatives/syntony/clips-001/codes/kim.csv"
    path.write_text("clip,code\n2,positive\n", "utf-8")
    with pytest.raises(FileError, match=r"kim\.csv, line 2"):
        clip_sheet(clips, "clips-001", 2, "kim")
