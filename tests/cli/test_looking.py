"""The verbs that look at what is there: check, report, cite, methods."""

import json
import shutil
import subprocess
import sys

from click.testing import CliRunner

import syntony as sy
from syntony.cli import main


def syntony(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def test_check_ends_with_0_where_all_is_whole_and_with_1_where_it_is_not(study):
    assert syntony("check", study).exit_code == 0
    told = json.loads(syntony("check", study, "--json").stdout)
    assert told["whole"] is True
    assert len(told["lines"]) >= 8
    data = next((study / "sub-P02").rglob("*physio.tsv.gz"))
    data.write_bytes(data.read_bytes()[:1000])
    broken = syntony("check", study)
    assert broken.exit_code == 1
    assert f"d02s01: {data}: found a file that is cut off" in broken.stdout
    assert json.loads(syntony("check", study, "--json").stdout)["whole"] is False
    data.unlink()
    gone = syntony("check", study)
    assert gone.exit_code == 1
    assert f"{data}: found no such file, but its sidecar is there" in gone.stderr


def test_report_is_made_again_and_its_place_printed(made_run, tmp_path):
    run = tmp_path / "moved"
    shutil.copytree(made_run.path, run)
    shutil.rmtree(run / "report")
    done = syntony("report", run)
    assert done.exit_code == 0
    assert done.stdout.strip() == str(run / "report" / "index.html")
    assert (run / "report" / "index.html").read_bytes() == made_run.report.read_bytes()


def test_cite_prints_the_paragraph_or_the_references(made_run):
    assert syntony("cite", made_run.path).stdout.strip() == sy.cite(made_run).strip()
    assert "@article" in syntony("cite", made_run.path, "--bib").stdout
    assert "Syntony" in syntony("cite").stdout


def test_methods_lists_everything_and_one_in_full():
    told = json.loads(syntony("methods", "--json").stdout)
    assert told == sy.methods()
    listed = syntony("methods").stdout
    assert all(entry["name"] in listed for entries in told.values() for entry in entries)
    assert "slope_window_s" in syntony("methods", "marci").stdout
    unknown = syntony("methods", "marzi")
    assert unknown.exit_code == 2
    assert "'marzi'" in unknown.stderr


def test_output_may_be_cut_off_by_its_reader():
    """``syntony methods | head -1`` ends without a word on standard error."""
    command = [sys.executable, "-m", "syntony", "methods", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    _, told = process.communicate(timeout=60)
    assert b"Traceback" not in told
    assert b"Error" not in told
