"""What files hold before anybody says anything of them, and the first guess at their names."""

import pytest
from shared import SHARED, needs_shared

from syntony.core.errors import InputError
from syntony.pipeline.looking_in import look_into
from syntony.pipeline.name_guess import guess_pattern
from syntony.pipeline.naming import compile_pattern, read_names

GUESSED = {
    "{dyad}_{role}.txt": ["d1_pat.txt", "d1_th.txt"],
    "{dyad}_{session}_{role}.csv": ["x/d1_s1_pat.csv", "x/d1_s1_th.csv"],
    "{dyad}/{session}_{role}.csv": [f"d0{d}/1_{r}.csv" for d in (1, 2) for r in "km"],
    "{role}/{dyad}_{session}.csv": [f"{r}/7{d}_0{d}.csv" for d in (1, 2) for r in ("A", "B")],
    "{type}/{dyad}_{session}.txt": ["all/normal/200_01.txt", "all/dropout/100_01.txt"],
    "{person}/{_}_eda.csv": ["sub-P01/sub-P01_eda.csv", "sub-T01/sub-T01_eda.csv"],
    "{dyad} {date}.txt": ["P01 2024-05-01 10-00-00.txt", "P02 2024-05-02 10-00-00.txt"],
}


@pytest.mark.parametrize(("pattern", "names"), GUESSED.items())
def test_a_pattern_is_guessed_and_fits_every_name(pattern, names):
    assert guess_pattern(names) == pattern
    assert all(fields is not None for _, fields in read_names(names, pattern))


@pytest.mark.parametrize("names", [[], ["README.md"], ["a.csv", "b.csv"], ["d1_pat.txt"]])
def test_nothing_is_guessed_where_names_say_too_little(names):
    assert guess_pattern(names) == ""


@pytest.mark.parametrize(
    "names",
    [["{a}_1.csv", "{b}_2.csv"], ["a[_1.csv", "b[_1.csv"], ["\0_1", "\0_2"], ["__", "_ _"]],
)
def test_odd_names_give_a_pattern_that_compiles_or_none(names):
    found = guess_pattern(names)
    assert found == "" or compile_pattern(found)


def test_names_are_read_by_a_pattern_of_folders_too():
    read = read_names(["a/d1_pat/EDA.csv", "a/d1_pat/ACC.csv", "a/d1_th/EDA.csv"], "{dyad}_{role}/")
    assert [name for name, fields in read if fields] == ["a/d1_pat", "a/d1_th"]
    assert read[1][1] == {"dyad": "d1", "role": "pat"}


def test_a_short_form_that_nobody_explained_is_named():
    with pytest.raises(InputError, match=r"x in d1_x\.csv"):
        read_names(["d1_x.csv"], "{dyad}_{role}.csv", {"role": {"k": "woman"}})


def _tables(folder, header, row):
    folder.mkdir()
    for name in ("d1_s1.csv", "d2_s1.csv"):
        (folder / name).write_text("\n".join([header, *[row] * 5, ""]), "utf-8")


def test_no_unit_is_ever_guessed_and_a_rate_only_where_it_is_stated(tmp_path):
    _tables(tmp_path / "a", "time_s,eda", "0.5,5.1")
    assert look_into(tmp_path / "a").guesses == {
        "pattern": "{dyad}_{session}.csv",
        "time_column": "time_s",
        "column": "eda",
        "kind": "eda",
    }
    _tables(tmp_path / "b", "# sampling rate: 32 Hz\nPat,Th", "3,4")
    assert look_into(tmp_path / "b").guesses == {
        "pattern": "{dyad}_{session}.csv",
        "rate_hz": 32.0,
        "columns": {"patient": "Pat", "therapist": "Th"},
    }
    _tables(tmp_path / "c", "x_force,grip", "3,4")
    assert "column" not in look_into(tmp_path / "c").guesses


def test_damaged_and_strange_files_are_told_and_stop_nothing(tmp_path):
    (tmp_path / "notes.md").write_text("# A page\n\nof text", "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    (tmp_path / "d1_x.xdf").write_bytes(b"XDF:" + b"x" * 100)
    (tmp_path / ".hidden").write_text("1,2", "utf-8")
    found = look_into(tmp_path).to_json()
    told = {g["example"]: g for g in found["groups"]}
    assert set(told) == {"notes.md", "empty.csv", "d1_x.xdf"}
    assert told["notes.md"]["format"] == told["empty.csv"]["format"] == ""
    assert "d1_x.xdf" in told["d1_x.xdf"]["problem"]
    assert found["guesses"] == {}


@needs_shared("data/rmea-therapy-mea")
def test_the_therapy_dyads_are_told_by_their_names_and_columns():
    found = look_into(SHARED / "data" / "rmea-therapy-mea")
    assert found.guesses == {
        "pattern": "{type}/{dyad}_{session}.txt",
        "columns": {"patient": "pat", "therapist": "th"},
    }
    assert [(g.files, g.format) for g in found.groups] == [(10, "delimited"), (1, "")]


@needs_shared("data/swps-couples-rr")
def test_the_couples_hold_beats_and_say_when(tmp_path):
    group, *others = look_into(SHARED / "data" / "swps-couples-rr").groups
    assert (group.files, group.format) == (98, "rr_list")
    assert group.inside.parts[0].events[0].count == 293
    assert group.inside.parts[0].started_at.year == 2023
    assert [g.files for g in others] == [1, 1]
