"""``syntony pair`` in the shell: what it prints, as words and as JSON, and how it ends."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from made_files import FACTS, SHELL, rows_of, same_numbers, two, two_files

import syntony as sy
from syntony.cli import main
from syntony.config import Recipe, Surrogate

QUICK = '[[surrogates]]\nname = "shift_thirds"\ncount = 39\n'


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    (folder / "quick.toml").write_text(QUICK)
    return two_files(folder)


@pytest.fixture
def quick(files):
    return ("--recipe", files[0].parent / "quick.toml")


def syntony(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def test_the_first_line_says_what_can_pass_and_how_often(files, tmp_path):
    done = syntony("pair", *files, *SHELL, "--together", "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    words = " ".join(done.stdout.split())
    assert words.startswith("No strangers were compared. Two people who merely settle at the same")
    assert "% did" in words
    assert "first leads by 2.0 s" in words
    assert f"Report: {tmp_path / 'r' / 'report' / 'pair.html'}" in done.stdout
    everything = done.output + "".join(
        p.read_text("utf-8") for p in (tmp_path / "r").rglob("*") if p.suffix in {".html", ".md"}
    )
    assert "ignifican" not in everything


def test_json_is_json_and_holds_the_rows_of_python(files, tmp_path):
    done = syntony("pair", *files, *SHELL, "--together", "--out", tmp_path / "r", "--json")
    assert done.exit_code == 0, done.output
    x, y = two()
    arrays = sy.analyse(x, y, rate_hz=4.0, kind="eda", unit="uS")
    told = rows_of(done.stdout)
    assert json.loads(done.stdout)["run"] == str(tmp_path / "r")
    assert len(told) == len(arrays.rows)
    for row in arrays.rows:
        same_numbers(told[row["method"], row["statistic"], row["surrogate"]], row)


def test_every_option_arrives(files, quick, tmp_path):
    """Python with the same words gives the same rows: names, column, offset, recipe, format."""
    words = ("--role", "a", "--role", "b", "--column", "eda", "--offset-s", "1.5")
    more = (*SHELL, *words, *quick, "--format", "delimited", "--json")
    done = syntony("pair", *files, *more, "--out", tmp_path / "shell")
    assert done.exit_code == 0, done.output
    run = sy.pair(
        *files,
        **FACTS,
        column="eda",
        format="delimited",
        roles=("a", "b"),
        offset_s=1.5,
        recipe=Recipe(surrogates=(Surrogate(name="shift_thirds", count=39),)),
        out=tmp_path / "python",
    )
    rows = rows_of(done.stdout)
    for row in run.table("pairs").to_dict("records"):
        other = rows[row["method"], row["statistic"], row["surrogate"]]
        same_numbers(other, row)
        assert (other["role_a"], other["role_b"], other["leader"]) == ("a", "b", row["leader"])


def test_two_columns_go_to_the_two_people_in_their_order(quick, tmp_path):
    values = two()
    rows = [f"{a!r}\t{b!r}" for a, b in zip(*(v.tolist() for v in values), strict=True)]
    both = tmp_path / "both.txt"
    both.write_text("\n".join(["pat\tth", *rows]) + "\n")
    facts = ("--kind", "eda", "--unit", "uS", "--rate-hz", "4", "--together", *quick, "--json")
    for columns, leads in ((("pat", "th"), "first"), (("th", "pat"), "second")):
        named = ("--column", columns[0], "--column", columns[1])
        done = syntony("pair", both, both, *named, *facts, "--out", tmp_path / leads)
        assert done.exit_code == 0, done.output
        assert rows_of(done.stdout)["marci", "ssi", "shift_thirds"]["leader"] == leads


def test_strangers_are_borrowed_from_a_study(files, made_run, tmp_path):
    study = made_run.path.parents[2]
    (tmp_path / "r.toml").write_text('[[surrogates]]\nname = "pseudo_dyads"\n')
    with_them = ("--strangers", study, "--recipe", tmp_path / "r.toml", "--together")
    done = syntony("pair", *files, *SHELL, *with_them, "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    words = " ".join(done.stdout.split())
    assert words.startswith("The skin conductance of patient and therapist moved more in step than")
    assert "of 16 pairings of people who never met" in words
    wrong = syntony("pair", *files, *SHELL, *with_them, "--type", "nap", "--out", tmp_path / "s")
    assert wrong.exit_code == 2
    assert "session_type='nap'" in wrong.stderr


@pytest.mark.parametrize(("seconds", "says"), [(90, "at least 180 s"), (180, "999 draws")])
def test_a_short_recording_is_no_traceback(tmp_path, seconds, says):
    short = two_files(tmp_path, seconds)
    done = syntony("pair", *short, *SHELL, "--together", "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    assert says in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "wrong",
    [
        ("--role", "a"),
        ("--role", "a", "--role", "a"),
        ("--column", "a", "--column", "b", "--column", "c"),
        ("--rate-hz", "fast"),
        ("--no-such-option",),
        ("--format", "parchment"),
    ],
)
def test_wrong_words_end_with_2_and_name_the_option(files, tmp_path, wrong):
    done = syntony("pair", *files, *SHELL, "--together", "--out", tmp_path / "r", *wrong)
    assert done.exit_code == 2, done.output
    assert wrong[0].strip("-").split("-")[0] in done.stderr
    assert not (tmp_path / "r").exists()


def test_a_fresh_process_gives_the_same(files, quick, tmp_path):
    words = ["pair", *files, *SHELL, "--together", *quick, "--json"]
    command = [sys.executable, "-m", "syntony", *map(str, words), "--out", str(tmp_path / "p")]
    fresh = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert fresh.returncode == 0, fresh.stderr
    assert fresh.stderr == ""
    here = syntony(*words, "--out", tmp_path / "h")
    one, other = rows_of(fresh.stdout), rows_of(here.stdout)
    for key, row in one.items():
        same_numbers(row, other[key])
