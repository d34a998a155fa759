import json

import pytest
from click.testing import CliRunner

from syntony.cli.import_ import command
from syntony.core.errors import InputError


def run(*args):
    return CliRunner().invoke(command, [str(a) for a in args])


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    rows = "\n".join(f"{(i * 37) % 101} {(i * 53) % 97}" for i in range(200))
    (folder / "7_01.txt").write_text(f'"pat" "th"\n{rows}\n')
    return folder


OPTIONS = (
    "--pattern={dyad}_{session}.txt",
    "--column=patient=pat",
    "--column=therapist=th",
    "--kind=motion",
    "--unit=1",
    "--rate-hz=25",
    "--format=delimited",
)


def test_a_dry_run_shows_the_plan_and_writes_nothing(source, tmp_path):
    result = run(source, "--study", tmp_path / "study", *OPTIONS, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "d07s01" in result.output
    assert "1 to import" in result.output
    assert not (tmp_path / "study").exists()


def test_an_import_ends_with_what_it_did(source, tmp_path):
    result = run(source, "--study", tmp_path / "study", *OPTIONS)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].endswith("1 imported")
    assert (tmp_path / "study" / "sessions.tsv").exists()


def test_json_is_json_and_nothing_else(source, tmp_path):
    result = run(source, "--study", tmp_path / "study", *OPTIONS, "--json")
    told = json.loads(result.output)
    assert told["done"] is True
    assert told["sessions"][0]["overlap_s"] == 8.0


def test_a_plan_with_problems_ends_with_1(source, tmp_path):
    (source / "8_01.txt").write_text('"pat" "th"\n1 2\n3 x\n')
    args = (source, "--study", tmp_path / "study", *OPTIONS)
    assert run(*args, "--dry-run").exit_code == 1
    assert run(*args, "--leave-out-problems").exit_code == 1
    assert (tmp_path / "study" / "sessions.tsv").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("--map", "role", "k"),
        ("--offset-s", "patient"),
        ("--offset-s", "patient=soon"),
        ("--column", "a", "--column", "b"),
    ],
)
def test_an_option_that_cannot_be_read_is_named(source, tmp_path, wrong):
    result = run(source, "--study", tmp_path / "study", *OPTIONS, *wrong)
    assert isinstance(result.exception, InputError)
    assert wrong[0].strip("-") in str(result.exception)
