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
        says=("~", "rows of numbers", "semicolon"),
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
    Case(name="nothing but names", text="time,eda\n", says=("'time,eda'", "rows of numbers")),
    Case(name="a picture", text=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), says=("found",)),
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
        at_fault = bad if case.name != "no unit" else files[0]
        must_end(done, case.code, case.says, path=at_fault)
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


def seven(text):
    """The first answer of the first person is 7, on a scale of -3 to +3."""
    head, first, *rest = text.splitlines()
    cells = first.split("\t")
    return "\n".join([head, "\t".join([*cells[:3], "7", *cells[4:]]), *rest]) + "\n"


LEFT_OUT = [
    Broken(
        name="answer off its scale",
        file="phenotype/demo_empathy.tsv",
        change=seven,
        says=("d01s01", "P01", "item e01=7.0", "Mend the answer"),
    ),
    Broken(
        name="codes outside the session",
        file="codes/d01s01_coder1.tsv",
        change=row_more("90000.0\t5.0\tP01\tpositive\tcoder1"),
        says=("d01s01", "d01s01_coder1.tsv, line", "column 'onset'", "inside the session"),
    ),
    Broken(
        name="code that the book lacks",
        file="codes/d01s01_coder1.tsv",
        change=lambda t: t.replace("positive", "gleeful", 1),
        says=("d01s01", "gleeful", "positive"),
    ),
    Broken(
        name="code of a person who was not there",
        file="codes/d01s01_coder1.tsv",
        change=row_more("9.0\t5.0\tP77\tpositive\tcoder1"),
        says=("d01s01", "d01s01_coder1.tsv, line", "P77"),
    ),
]


@pytest.mark.parametrize("broken", LEFT_OUT, ids=lambda b: b.name)
def test_check_finds_it_and_run_leaves_it_out_and_says_so(broken, study):
    file = study / broken.file
    file.write_text(broken.change(file.read_text()))
    before = tree(study)
    looked = syntony("check", study)
    assert looked.exit_code == 1, looked.output
    told = " ".join(looked.stdout.split())
    assert [p for p in broken.says if p not in told] == []
    assert broken.file.split("/")[0] in told
    assert tree(study) == before
    (study / "recipe.toml").write_text(QUICK)
    done = syntony("run", study, "--jobs", "1", "--name", "r")
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert [p for p in broken.says if p not in told] == []


QUICK = """
surrogates = [{ name = "shift_thirds", count = 19 }]
emotion = { rotations = 19 }
empathy = { bootstrap = 99 }
corpus = { derangements = 19, bootstrap = 99 }
"""


def test_a_session_with_one_person_is_not_imported_and_listed(tmp_path):
    two_files(tmp_path / "in", 240, names=("1_1_patient.csv", "1_1_therapist.csv"))
    write_csv(tmp_path / "in" / "2_1_patient.csv", VALUES[0] + 1)
    how = ("--study", tmp_path / "study", "--pattern", "{dyad}_{session}_{role}.csv", "--together")
    done = syntony("import", tmp_path / "in", *how, *SHELL)
    assert done.exit_code == 0, done.output
    assert "only patient was recorded" in done.output
    assert sorted(p.name for p in (tmp_path / "study").glob("sub-*")) == [
        "sub-d01patient",
        "sub-d01therapist",
    ]
    alone = ("--study", tmp_path / "s2", "--pattern", "{dyad}_{session}_{role}.csv", "--together")
    done = syntony(
        "import", tmp_path / "in" / "2_1_patient.csv", *alone, *SHELL, "--role", "patient"
    )
    assert done.exit_code == 1
    assert "none of which can be imported" in done.stderr
    assert not (tmp_path / "s2").exists()


def test_a_role_that_the_study_lacks_is_named_by_import(tmp_path):
    two_files(tmp_path / "in", 240, names=("1_1_patient.csv", "1_1_nurse.csv"))
    before = tree(tmp_path)
    how = ("--study", tmp_path / "study", "--pattern", "{dyad}_{session}_{role}.csv", "--together")
    roles = ("--role", "patient", "--role", "therapist")
    done = syntony("import", tmp_path / "in", *how, *SHELL, *roles)
    must_end(done, 2, ("nurse", "1_1_nurse.csv", "['patient', 'therapist']", "Mend the name"))
    assert tree(tmp_path) == before


def test_a_run_that_exists_is_refused(study):
    folder = study / "derivatives" / "syntony" / "mine"
    write(folder / "mine.txt", "precious")
    before = tree(study)
    must_end(syntony("run", study, "--name", "mine"), 2, ("name='mine'", "Resume it"))
    must_end(syntony("run", study, "--name", "../mine"), 2, ("plain folder name",))
    must_end(syntony("run", study, "--resume"), 2, ("resume", "a run that was stopped"))
    assert tree(study) == before


@pytest.mark.parametrize("verb", ["run", "check", "report", "cite"])
def test_a_folder_that_is_no_study_and_no_run_is_named(verb, tmp_path):
    (tmp_path / "holiday").mkdir()
    for folder in (tmp_path / "holiday", tmp_path / "gone"):
        must_end(syntony(verb, folder), 1, (folder.name, "expected"))
    assert tree(tmp_path) == {"holiday": None}


# ------------------------------------------------------- a real process, its end


def started(*args, **more):
    command = [sys.executable, "-m", "syntony", *words(*args)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, **more)


def listening():
    """Let interrupts through, which a process started in the background is told to ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def small_files_only():
    """Let no file grow past 20 kB: what a full disk looks like from inside."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
@pytest.mark.parametrize("verb", ["pair", "import", pytest.param("run", marks=pytest.mark.slow)])
def test_a_full_disk_in_a_real_process(verb, tmp_path, study):
    files = two_files(tmp_path / "in", 900, names=("1_1_patient.csv", "1_1_therapist.csv"))
    how = (*SHELL, "--together")
    pattern = ("--pattern", "{dyad}_{session}_{role}.csv")
    typed = {
        "pair": ("pair", *files, *how, "--out", tmp_path / "run"),
        "import": ("import", tmp_path / "in", "--study", tmp_path / "new", *pattern, *how),
        "run": ("run", study, "--jobs", "1", "--name", "r"),
    }[verb]
    before = tree(tmp_path)
    process = started(*typed, preexec_fn=small_files_only)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1, told
    assert "Traceback" not in told
    assert "full disk" in told
    assert "room for the files" in told
    left = {k: v for k, v in tree(tmp_path).items() if k not in before}
    if verb == "pair":
        assert not left
    hidden = {Path(k).name for k in left if Path(k).name.startswith(".")}
    assert hidden <= {".bidsignore"}
    again = ("--resume",) if verb == "run" else ()
    resumed = syntony(*typed, *again)
    assert resumed.exit_code == 0, resumed.output
    half = [v for k, v in left.items() if k.endswith((".parquet", ".npz", ".gz")) and not v]
    assert not half


@pytest.mark.skipif(sys.platform == "win32", reason="a kill is POSIX")
def test_a_killed_pair_leaves_the_name_free(tmp_path):
    files = two_files(tmp_path, 900)
    typed = ("pair", *files, *SHELL, "--together", "--out", tmp_path / "run")
    process = started(*typed)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".run-*/run")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "run").exists()
    assert syntony(*typed).exit_code == 0
    assert sy.Run(tmp_path / "run").finished


@pytest.mark.skipif(sys.platform == "win32", reason="a kill is POSIX")
def test_an_interrupted_run_says_so_and_goes_on(study):
    (study / "recipe.toml").write_text(QUICK.replace("19", "499", 1))
    process = started("run", study, "--jobs", "1", "--name", "k", preexec_fn=listening)
    blocks = study / "derivatives" / "syntony" / "k" / "blocks"
    deadline = time.monotonic() + 60
    while not list(blocks.glob("d0*s01.npz")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in told
    done = syntony("run", study, "--jobs", "1", "--resume")
    assert done.exit_code == 0, done.output
    assert sy.Run(study / "derivatives" / "syntony" / "k").finished


def test_a_real_process_tells_a_bad_file_in_one_line(tmp_path):
    bad = write(tmp_path / "patient.csv", cell(7, "1.25,high"))
    good = write_csv(tmp_path / "therapist.csv", VALUES[1])
    process = started("pair", bad, good, *SHELL, "--together", "--out", tmp_path / "run")
    out, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert told.startswith(f"Error: {bad}, line 7, column 'eda': found 'high'")
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "run").exists()
