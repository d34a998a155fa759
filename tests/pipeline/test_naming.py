import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.errors import FileError, InputError
from syntony.pipeline.naming import (
    DATE,
    NUMBERS,
    compile_pattern,
    entry_by_pattern,
    read_map,
    read_names,
)

SWPS = "{number}{type}{role}{dyad}[_{part}] {date}.txt"
VALUES = {
    "type": {"r": "relaxation", "w": "cooperation"},
    "role": {"k": "woman", "m": "man"},
}
words = st.text("abcXYZ0189-.", min_size=1, max_size=8)


def entry(name, pattern=SWPS, values=VALUES):
    return entry_by_pattern(Path("folder") / name, compile_pattern(pattern, values), values)


@pytest.mark.parametrize(
    ("name", "number", "kind", "role", "dyad", "part", "second"),
    [
        ("1rk10 2023-10-26 17-37-44.txt", 1, "relaxation", "woman", "10", None, 44),
        ("2rk5  2023-10-04 23-15-21.txt", 2, "relaxation", "woman", "5", None, 21),
        ("2wm10_2 2023-11-02 23-15-06.txt", 2, "cooperation", "man", "10", 2, 6),
        ("1wk2_4 2023-07-30 19-24-12.txt", 1, "cooperation", "woman", "2", 4, 12),
    ],
)
def test_names_of_the_couples_are_understood(name, number, kind, role, dyad, part, second):
    e = entry(name)
    assert (e.number, e.type, e.role, e.dyad, e.part) == (number, kind, role, dyad, part)
    assert e.started_at.second == second
    assert e.started_at_error_s == 0.5


@given(words, words, words)
def test_what_is_put_into_a_name_comes_out_of_it(dyad, session, role):
    e = entry(f"{dyad}_{session}_{role}.csv", "{dyad}_{session}_{role}.csv", {})
    assert (e.dyad, e.session, e.role) == (dyad, session, role)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a_1.csv", "{dyad}_{session}_{role}.csv"),
        ("a_b_1_x.csv", "{dyad}_{session}_{role}.csv"),
        ("a_1_x.txt", "{dyad}_{session}_{role}.csv"),
        ("Thumbs.db", "{dyad}_{role}.csv"),
    ],
)
def test_names_that_do_not_fit_are_not_bent_to_fit(name, pattern):
    assert entry(name, pattern, {}) is None


def test_a_folder_and_anything_between_may_be_part_of_the_pattern():
    e = entry("dropout/100_01.txt", "{type}/{dyad}_{session}.txt", {})
    assert (e.type, e.dyad, e.session) == ("dropout", "100", "01")
    e = entry("log 7_patient some words.txt", "log {dyad}_{role} {_}.txt", {})
    assert (e.dyad, e.role) == ("7", "patient")


def test_a_slash_at_the_end_means_that_folders_are_the_recordings():
    pattern = compile_pattern("{dyad}_{role}/")
    assert pattern.of_folders
    assert pattern.match(Path("e4/7_patient")) == {"dyad": "7", "role": "patient"}


@pytest.mark.parametrize(
    ("date", "stamp", "error_s"),
    [
        ("2024-05-01 10-30-15", datetime(2024, 5, 1, 10, 30, 15), 0.5),
        ("20240501T103015", datetime(2024, 5, 1, 10, 30, 15), 0.5),
        ("2024-05-01_10h30", datetime(2024, 5, 1, 10, 30), 30.0),
        ("2024-05-01", None, None),
    ],
)
def test_a_stamp_is_read_with_its_resolution_and_a_date_is_no_stamp(date, stamp, error_s):
    e = entry(f"7_{date}.txt", "{dyad}_{date}.txt", {})
    assert e.started_at == stamp
    assert stamp is None or e.started_at_error_s == error_s


def test_without_session_or_number_the_day_is_the_session():
    assert (
        entry("7_a 2024-05-01 10-00-00.txt", "{dyad}_{role} {date}.txt", {}).session == "20240501"
    )
    assert entry("7_2 2024-05-01.txt", "{dyad}_{number} {date}.txt", {}).session == ""


def test_a_date_that_does_not_exist_is_refused_by_file():
    with pytest.raises(FileError, match=r"7 2024-13-41 10-00-00\.txt"):
        entry("7 2024-13-41 10-00-00.txt", "{dyad} {date}.txt", {})


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("{couple}_{role}.csv", "couple"),
        ("{dyad}_{dyad}.csv", "at most once"),
        ("{dyad}{role}.csv", "between two fields"),
        ("{number}{part}.csv", "between two fields"),
        ("{dyad}[_{part}.csv", "brackets in pairs"),
        ("{dyad}_{role.csv", "fields of"),
        ("{dyad}]_{role}[.csv", "brackets in pairs"),
        ("{_}a" * 5 + "{dyad}", "at most 4 times"),
        ("{dyad}" + "[a]" * 9, "8 parts"),
        ("all.csv", "at least one field"),
    ],
)
def test_a_pattern_that_cannot_work_says_why(pattern, complaint):
    with pytest.raises(InputError, match=complaint):
        compile_pattern(pattern)


HOSTILE = [
    ("{_}a" * 4 + "{dyad}Q.csv", "a" * 110),
    ("{dyad}a{session}a{type}a{role}a{person}aQ", "a" * 120),
    ("{_}a{_}a{_}a{_}a{dyad}a{session}a{type}a{role}a{person}Q", "a" * 120),
    ("[a" * 8 + "]" * 8 + "{dyad}Q", "a" * 120),
    ("[ ]a" * 8 + " {dyad}Q", " " * 120),
    ("{_}1{number}1{part}1{_}1{_}1{dyad}1{session}1{role}1{person}" + "[1]" * 8 + "Q", "1" * 120),
    ("{_}/{_}/{_}/{_}a{dyad}a{session}a{type}a{role}a{person}Q", "/".join(["a" * 120] * 6)),
]


@pytest.mark.parametrize(("pattern", "name"), HOSTILE)
def test_a_hostile_pattern_tries_each_step_at_each_place_once(pattern, name):
    made = compile_pattern(pattern)
    found, tried = made.tried(Path(name))
    assert found is None
    assert tried <= (len(made.program.steps) + 1) * (len(name) + 1)
    assert tried < 20_000  # about 0.02 s


def test_many_names_are_not_tried_without_end():
    pattern, name = HOSTILE[2]
    with pytest.raises(InputError, match="less trying"):
        read_names([name] * 200, pattern)
    long = [
        f"study of couples {k:03d} some d{k:02d}_session-{k:03d}_patient.csv" for k in range(200)
    ]
    read = read_names(long, "{_} {dyad}_{session}_{role}.csv")
    assert all(found is not None for _, found in read)


PARTS = [
    "{dyad}",
    "{role}",
    "{number}",
    "{part}",
    "{date}",
    "{_}",
    "[",
    "]",
    "a",
    "1",
    "_",
    " ",
    "-",
]


def _as_expression(pattern, known):
    """The pattern as a regular expression, which is the rule for what fits and which way."""
    out, pieces = "", re.findall(r"\{\w+\}|.", pattern)
    for at, piece in enumerate(pieces):
        beside = [p for p in pieces[max(0, at - 1) : at + 2] if p.startswith("{")]
        crowded = len(beside) > 1
        name = piece.strip("{}")
        if not piece.startswith("{"):
            out += {"[": "(?:", "]": ")?", " ": r"\s+"}.get(piece, re.escape(piece))
        elif name == "_":
            out += ".*?"
        elif name == "date":
            out += f"(?P<date>{DATE})"
        elif name in NUMBERS:
            out += rf"(?P<{name}>\d{{1,9}}{'?' if crowded else ''})"
        elif name in known and crowded:
            out += f"(?P<{name}>{'|'.join(sorted(known[name], key=len, reverse=True))})"
        else:
            out += rf"(?P<{name}>[^/\s_]+?)"
    return re.compile(re.sub(r"(\\s\+)+", r"\\s+", out))


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join),
    st.lists(st.sampled_from(["a", "1", "_", " ", "-", "k", "2024-05-01", "10"]), max_size=9),
)
def test_what_fits_is_as_a_regular_expression_has_it(pattern, pieces):
    known, name = {"role": {"a": "x", "ka": "y"}}, "".join(pieces)
    try:
        made = compile_pattern(pattern, known)
    except InputError:
        return
    found = _as_expression(pattern, known).fullmatch(name)
    assert made.program.match(name)[0] == (
        None if found is None else {k: v for k, v in found.groupdict().items() if v}
    )


def test_a_short_form_that_the_map_does_not_know_is_refused_with_those_it_knows():
    with pytest.raises(InputError, match=r"role='x in 7_x.csv'.*\['k', 'm'\]"):
        entry("7_x.csv", "{dyad}_{role}.csv", {"role": VALUES["role"]})


def write_map(folder, text, files=("a.csv", "b.csv")):
    for name in files:
        (folder / name).write_text("1\n")
    path = folder / "map.tsv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("sep", ["\t", ",", ";"])
def test_a_map_file_names_everything(tmp_path, sep):
    rows = [
        ["file", "dyad", "role", "number", "part", "offset_s", "column", "rate_hz"],
        ["a.csv", "7", "patient", "2", "1", "n/a", "eda", "4"],
        ["b.csv", "7", "therapist", "2", "", "1.5", "", ""],
    ]
    text = "\ufeff" + "\n".join(sep.join(r) for r in rows) + "\n\n"
    a, b = read_map(write_map(tmp_path, text))
    assert (a.path, a.dyad, a.role, a.number, a.part) == (tmp_path / "a.csv", "7", "patient", 2, 1)
    assert dict(a.options) == {"column": "eda", "rate_hz": "4"}
    assert (a.offset_s, b.offset_s, b.part) == (None, 1.5, None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,dyad,rolle\n", "line 1: found column 'rolle'"),
        ("file,dyad\na.csv,7\n", "file, role, and dyad or session"),
        ("file,dyad,role\n", "no rows"),
        ("file,dyad,role\na.csv,7\n", "line 2: found 2 cells, expected 3"),
        ("file,dyad,role\na.csv,7,x\nc.csv,7,y\n", "line 3: found c.csv"),
        ("file,dyad,role\na.csv,,x\n", "line 2: found neither"),
        ("file,dyad,role\na.csv,7,\n", "line 2, column 'role'"),
        ("file,dyad,role,number\na.csv,7,x,two\n", "column 'number': found 'two'"),
        ("file,dyad,role,offset_s\na.csv,7,x,soon\n", "column 'offset_s': found 'soon'"),
    ],
)
def test_a_map_file_with_a_fault_names_the_line(tmp_path, text, complaint):
    with pytest.raises(FileError, match=complaint):
        read_map(write_map(tmp_path, text))


def test_a_map_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_map(tmp_path / "map.csv")
