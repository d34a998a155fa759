"""LabChart text: blocks, comments, units, decimal commas."""

import numpy as np
import pytest
from io_samples_labs import labchart_text
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError, InputError
from syntony.io.registry import read

VALUES = np.array([1.0, 2.0, np.nan, 4.0, 5.0])
LATER = f"{43749.464322749809 + 10.5 / 86400:.10f}"  # 10.5 s after the first block


def write(folder, text):
    path = folder / "p01.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_units_comments_and_start_are_those_of_the_file(tmp_path):
    text = labchart_text(VALUES, start=432.0, comment={1: "* start", 3: "2 cough"})
    found = read(write(tmp_path, text), person="P01")
    skin, pulse = found.signals
    assert (skin.kind, skin.unit, skin.rate_hz, skin.start_s) == ("eda", "uS", 4.0, 432.0)
    assert (pulse.kind, pulse.unit) == ("ppg", "V")  # '*': the volts of the amplifier
    assert_array_equal(skin.values, VALUES)
    assert_array_equal(found.events[0].times_s, [432.25, 432.75])
    assert [n.text for n in found.notes if n.code == "comment"] == [
        "432.250 s: start",
        "432.750 s, channel 2: cough",
    ]
    assert found.started_at.isoformat(timespec="seconds") == "2019-10-11T11:08:37"


def test_blocks_lie_on_one_axis_by_their_stamps(tmp_path):
    text = labchart_text(VALUES) + labchart_text(VALUES + 10, stamp=LATER)
    found = read(write(tmp_path, text), person="P01")
    values = found.signals[0].values
    assert values.size == 42 + 5
    assert_array_equal(values[:5], VALUES)
    assert np.isnan(values[5:42]).all()
    assert_array_equal(values[42:], VALUES + 10)
    assert "9.25 s between them" in " ".join(n.text for n in found.notes)
    (one,) = [
        s for s in read(tmp_path / "p01.txt", person="P01", block=2).signals if s.unit == "uS"
    ]
    assert_array_equal(one.values, VALUES + 10)
    with pytest.raises(InputError, match="1 to 2"):
        read(tmp_path / "p01.txt", person="P01", block=3)


def test_a_decimal_comma_is_read_where_the_interval_has_one(tmp_path):
    text = labchart_text(VALUES).replace(".", ",").replace("10,000", "10.000")
    assert_array_equal(read(write(tmp_path, text), person="P01").signals[0].values, VALUES)


def test_no_time_column_is_fine(tmp_path):
    head, rows = labchart_text(VALUES).split("UnitName=\tuS\t*\n")
    bare = "\n".join(r.partition("\t")[2] for r in rows.strip().split("\n"))
    found = read(write(tmp_path, f"{head}UnitName=\tuS\t*\n{bare}\n"), person="P01")
    assert_array_equal(found.signals[0].values, VALUES)
    assert found.signals[0].start_s == 0.0


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (labchart_text(VALUES) + labchart_text(VALUES), "begins before block 1 ends"),
        (labchart_text(VALUES) + labchart_text(VALUES, rate=8, stamp=LATER), "of rates"),
        (labchart_text(VALUES).replace("\t2.0\t", "\tx\t"), "line 9"),
        (labchart_text(VALUES).replace("0.25\t", "0.9\t"), "even steps"),
        (labchart_text(VALUES).replace("Interval=\t0.25 s", "Interval=\t0 s"), "Interval="),
        (labchart_text(VALUES).replace("ChannelTitle=\tGSR\tPulse", "ChannelTitle="), "no Channel"),
        (labchart_text(VALUES) + labchart_text(VALUES, stamp="9e4"), "blocks that span"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, text, what):
    with pytest.raises(FileError, match=what):
        read(write(tmp_path, text), person="P01")
