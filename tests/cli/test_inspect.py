"""The verb ``inspect``."""

import json

from click.testing import CliRunner
from io_samples import SAMPLES

from syntony.cli import main


def syntony(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def test_it_tells_channels_start_marks_and_oddities(tmp_path):
    done = syntony("inspect", SAMPLES["edf"](tmp_path).path)
    assert done.exit_code == 0, done.output
    assert "EDF, EDF+, BDF (edf)" in done.output
    assert "Start: 2018-10-12 16:54:12 (no zone stated)" in done.output
    row = next(x for x in done.output.splitlines() if x.startswith("  EDA"))
    assert row.split()[:7] == ["EDA", "eda", "uS", "10", "0", "23", "230"]
    assert "13.0% in 1" in row
    assert "  1 x marker, 1.5 to 1.5 s" in done.output
    assert "[gap]" in done.output


def test_what_will_be_asked_is_told(tmp_path):
    done = syntony("inspect", SAMPLES["delimited"](tmp_path).path)
    assert done.exit_code == 0
    assert "Will be asked:" in done.output
    assert "kind, unit:" in done.output


def test_json_is_whole(tmp_path):
    told = json.loads(syntony("inspect", SAMPLES["qsensor"](tmp_path).path, "--json").stdout)
    assert told["format"] == "qsensor"
    assert told["parts"][0]["channels"][5]["label"] == "EDA(uS)"
    assert told["parts"][0]["started_at"] == "2016-10-17 15:05:10-05:00"


def test_a_broken_file_ends_with_1_and_a_wrong_format_with_2(tmp_path):
    path = tmp_path / "a.edf"
    path.write_bytes(b"0       ")
    assert syntony("inspect", path, "--format", "edf").exit_code == 1
    assert syntony("inspect", path, "--format", "edff").exit_code == 2
