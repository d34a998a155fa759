"""Bad input through the shell: what is wrong is named, the exit code is right, nothing is left.

One table of cases; each makes its files, types one command and says how it must end. The folder
is compared byte by byte before and after.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_files import SHELL, tree, two, two_files, write_csv

import syntony as sy
from syntony.cli import main

VALUES = two(240.0)
COUNT = VALUES[0].size


def words(*args):
    return [str(a) for a in args]


def syntony(*args):
    return CliRunner().invoke(main, words(*args))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A patient's file that is wrong: how it is made, what the message must hold."""

    name: str
    text: object = None
    says: tuple = ()
    options: tuple = SHELL
    code: int = 1


def lines(change=lambda rows: rows):
    rows = [f"{i / 4:.2f},{v:.6f}" for i, v in enumerate(VALUES[0])]
    return "\n".join(["time,eda", *change(rows)]) + "\n"


def cell(number, text):
    """The file with another line at ``number`` (the header is line 1)."""
    return lines(lambda rows: [*rows[: number - 2], text, *rows[number - 1 :]])


FAST = [f"{240 + i / 8:.3f},{v:.6f}" for i, v in enumerate(VALUES[0])]

FILES = [
    Case(name="missing file", says=("no such file", "Check the path")),
    Case(name="empty file", text="", says=("an empty file", "Export it again")),
    Case(
        name="wrong separator",
        text=lines().replace(",", "~"),
        says=("'time'", "separator"),
    ),
    Case(
        name="no unit",
        text=lines(),
        options=("--kind", "eda", "--time-column", "time"),
        says=("no unit", "the unit of eda", "Pass unit"),
    ),
    Case(
        name="text in a number column",
        text=cell(7, "1.25,high"),
        says=("line 7", "column 'eda'", "'high'", "number"),
    ),
    Case(
        name="time running backwards",
        text=cell(9, "0.25,5.0"),
        says=("line 9", "column 'time'", "later"),
    ),
    Case(
        name="a stamp twice",
        text=cell(9, "1.50,5.0"),
        says=("line 9", "column 'time'"),
    ),
    Case(
        name="two rates in one file",
        text=lines(lambda rows: [*rows, *FAST]),
        says=("column 'time'", "rate"),
    ),
    Case(
        name="constant channel",
        text=lines(lambda rows: [r.split(",")[0] + ",5.0" for r in rows]),
        says=("column 'eda'", "the value 5 in all", "varies", "Was the sensor connected?"),
    ),
    Case(
        name="all missing",
        text=lines(lambda rows: [r.split(",")[0] + ",NaN" for r in rows]),
        says=("column 'eda'", "nothing but missing values", "Was the sensor connected?"),
    ),
    Case(
        name="one sample",
        text=lines(lambda rows: rows[:1]),
        says=("one sample", "at least two", "Is this the whole file?"),
    ),
    Case(
        name="infinite value",
        text=cell(7, "1.25,inf"),
        says=("line 7", "column 'eda'", "inf"),
    ),
    Case(name="nothing but names", text="time,eda\n", says=("rows of data",)),
    Case(
        name="a picture", text=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), says=("found",)
    ),
]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def must_end(done, code, says, *, path=None):
    """One message on standard error, no traceback, the file named, every part there."""
    assert done.exit_code == code, done.output
    told = " ".join(done.stderr.split())
    assert told.startswith("Error: "), told
    assert "Traceback" not in done.output
    for part in (*says, *([path.name] if path else [])):
        assert part in told, (part, told)


@pytest.mark.parametrize("case", FILES, ids=lambda c: c.name)
def test_pair_names_what_is_wrong_with_a_file(case, tmp_path):
    bad = write(tmp_path / "patient.csv", case.text)
    good = write_csv(tmp_path / "therapist.csv", VALUES[1])
    before = tree(tmp_path)
    for files in ((bad, good), (good, bad)):
        done = syntony("pair", *files, *case.options, "--together", "--out", tmp_path / "run")
        must_end(done, case.code, case.says, path=bad)
        assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "case", [c for c in FILES if c.name != "missing file"], ids=lambda c: c.name
)
def test_import_names_what_is_wrong_with_a_file(case, tmp_path):
    for dyad in ("1", "2"):
        for role, values in zip(("patient", "therapist"), VALUES, strict=True):
            write_csv(tmp_path / "in" / f"{dyad}_1_{role}.csv", values + float(dyad))
    bad = write(tmp_path / "in" / "1_1_patient.csv", case.text)
    before = tree(tmp_path)
    how = ("--study", tmp_path / "study", "--pattern", "{dyad}_{session}_{role}.csv", "--together")
    done = syntony("import", tmp_path / "in", *how, *case.options)
    told = case.says if case.name != "no unit" else ("no unit",)
    must_end(done, case.code, told, path=bad if case.name != "no unit" else None)
    assert tree(tmp_path) == before


# ------------------------------------------------------------------ two files


def test_recordings_that_do_not_overlap_say_by_how_much(tmp_path):
    files = two_files(tmp_path, 240)
    before = tree(tmp_path)
    done = syntony("pair", *files, *SHELL, "--offset-s", "300", "--out", tmp_path / "run")
    must_end(done, 1, ("miss each other by 60.0 s", "patient.csv", "therapist.csv", "--offset-s"))
    assert tree(tmp_path) == before


def test_stamps_of_two_days_say_by_how_much_they_miss(tmp_path):
    from datetime import datetime, timedelta

    start = datetime(2024, 5, 1, 10)
    for name, values, day in zip(("1_1_p.csv", "1_1_t.csv"), VALUES, (0, 1), strict=True):
        stamps = (start + timedelta(days=day, seconds=i / 4) for i in range(COUNT))
        rows = (f"{s.isoformat()},{v}" for s, v in zip(stamps, values, strict=True))
        (tmp_path / name).write_text("\n".join(["time,eda", *rows]) + "\n")
    before = tree(tmp_path)
    files = tmp_path / "1_1_p.csv", tmp_path / "1_1_t.csv"
    done = syntony("pair", *files, *SHELL, "--out", tmp_path / "run")
    must_end(done, 1, ("miss each other by 86160.0 s", "1_1_p.csv", "1_1_t.csv", "24 h"))
    how = ("--study", tmp_path / "study", "--pattern", "{dyad}_{session}_{role}.csv")
    done = syntony("import", tmp_path, *how, *SHELL)
    must_end(done, 1, ("miss each other by 86160.0 s", "1_1_p.csv", "1_1_t.csv"))
    assert tree(tmp_path) == before


def test_the_same_recording_under_two_names(tmp_path):
    files = two_files(tmp_path / "in", 240, names=("1_1_a.csv", "1_1_b.csv"))
    copy = tmp_path / "in" / "2_1_a.csv"
    copy.write_bytes(files[0].read_bytes())
    write_csv(tmp_path / "in" / "2_1_b.csv", VALUES[0] + 1)
    before = tree(tmp_path)
    done = syntony("pair", files[0], copy, *SHELL, "--together", "--out", tmp_path / "run")
    must_end(done, 2, ("1_1_a.csv", "2_1_a.csv", "the same samples", "name two columns"))
    assert tree(tmp_path) == before
    how = ("--study", tmp_path / "study", "--pattern", "{dyad}_{session}_{role}.csv")
    done = syntony("import", tmp_path / "in", *how, *SHELL, "--together", "--json")
    assert done.exit_code == 0, done.output
    assert "One recording stands under two names" in done.stdout


def test_an_output_folder_that_exists_is_left_as_it_is(tmp_path):
    files = two_files(tmp_path, 240)
    write(tmp_path / "run" / "mine.txt", "precious")
    before = tree(tmp_path)
    done = syntony("pair", *files, *SHELL, "--together", "--out", tmp_path / "run")
    must_end(done, 2, ("out=", "run", "a folder that does not exist", "Name another"))
    done = syntony("demo", tmp_path / "run")
    must_end(done, 1, ("run", "a folder with something in it", "Name another"))
    how = ("--study", tmp_path / "run", "--pattern", "{_}.csv", "--together")
    done = syntony("import", tmp_path, *how, *SHELL)
    assert done.exit_code in (1, 2)
    assert tree(tmp_path) == before


# -------------------------------------------------------------------- a study


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A study that somebody broke: which file, how, and what ``run`` must say."""

    name: str
    file: str
    change: object
    says: tuple
    code: int = 1


def row_more(row):
    return lambda text: text.rstrip("\n") + "\n" + row + "\n"


STUDY = [
    Broken(
        name="unknown role",
        file="people.tsv",
        change=lambda t: t.replace("\tpatient", "\tnurse", 1),
        says=("people.tsv, line 2, column 'role'", "'nurse'", "patient", "therapist"),
    ),
    Broken(
        name="session with one person",
        file="people.tsv",
        change=lambda t: "\n".join(t.splitlines()[:1] + t.splitlines()[2:]) + "\n",
        says=("d01s01", "people"),
    ),
    Broken(
        name="table without a column",
        file="sessions.tsv",
        change=lambda t: t.replace("session_id", "session", 1),
        says=("sessions.tsv", "session_id"),
    ),
    Broken(
        name="recipe with an unknown key",
        file="recipe.toml",
        change=lambda t: "[body.eda]\nlow_pas_hz = 1.0\n",
        says=("recipe.toml", "body.eda.low_pas_hz", "low_pass_hz"),
        code=2,
    ),
    Broken(
        name="recipe with a value out of range",
        file="recipe.toml",
        change=lambda t: "[body.grid]\nrate_hz = -4\n",
        says=("recipe.toml", "body.grid.rate_hz", "-4", "greater than 0"),
        code=2,
    ),
    Broken(
        name="recipe that is no TOML",
        file="recipe.toml",
        change=lambda t: "signal = eda\n",
        says=("recipe.toml", "line 1", "TOML"),
        code=2,
    ),
    Broken(
        name="recipe with an unknown method",
        file="recipe.toml",
        change=lambda t: '[[synchrony]]\nmethod = "marzi"\n',
        says=("marzi", "marci"),
        code=2,
    ),
    Broken(
        name="recipe with an unknown option",
        file="recipe.toml",
        change=lambda t: '[[synchrony]]\nmethod = "marci"\noptions = { windw_s = 3 }\n',
        says=("windw_s", "window_s"),
        code=2,
    ),
    Broken(
        name="recipe with a role that nobody has",
        file="recipe.toml",
        change=lambda t: 'roles = ["patient", "nurse"]\n',
        says=("roles", "nurse", "therapist"),
        code=2,
    ),
    Broken(
        name="recipe for a signal that nobody has",
        file="recipe.toml",
        change=lambda t: 'signal = "hr"\n',
        says=("No session can be used", "hr"),
    ),
]


@pytest.mark.parametrize("broken", STUDY, ids=lambda b: b.name)
def test_run_names_what_is_wrong_with_a_study(broken, study):
    file = study / broken.file
    file.write_text(broken.change(file.read_text() if file.exists() else ""))
    before = tree(study)
    done = syntony("run", study, "--jobs", "1")
    must_end(done, broken.code, broken.says)
    after = tree(study)
    left = {k for k in after if k not in before}
    assert left <= {"derivatives", "derivatives/syntony"}
    assert {k: after[k] for k in before} == before


NOTED = [
    Broken(
        name="answer off its scale",
        file="phenotype",
        change=lambda t: t.replace(t.splitlines()[1].split("\t")[3], "7", 1)
        if "\t" not in t.splitlines()[1]
        else "\n".join(
            [
                t.splitlines()[0],
                "\t".join([*t.splitlines()[1].split("\t")[:3], "7", *t.splitlines()[1].split("\t")[4:]]),
                *t.splitlines()[2:],
            ]
        )
        + "\n",
        says=("questionnaire-refused",),
    ),
    Broken(
        name="codes outside the session",
        file="codes",
        change=row_more("90000.0\t5.0\tP01\tpositive\tcoder1"),
        says=("session-left-out",),
    ),
]
