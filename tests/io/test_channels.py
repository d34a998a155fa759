import pickle
from pathlib import Path

import numpy as np
import pytest

from syntony.core.errors import FileError
from syntony.io.channels import Asked, Channel, chosen, distinct, kind_of, to_signals

X = Channel(label="GSR", values=np.array([1.0, np.nan, 3.0]), rate_hz=4.0)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("EDA100C", "eda"),
        ("GSR_Skin_Conductance_CAL", "eda"),
        ("Low noise accelerometer X", "acc_x"),
        ("ACCz", "acc_z"),
        ("ECG1", "ecg"),
        ("Respiration", "resp"),
        ("heart rate", "hr"),
        ("three", "three"),
        ("threshold", "threshold"),
        ("??", "unnamed"),
    ],
)
def test_a_name_is_read_as_a_whole_word(label, kind):
    assert kind_of(label) == kind


def test_all_or_some_and_a_kind_of_ones_own(tmp_path):
    assert chosen(tmp_path, ["GSR", "Ch 2"], None) == {"GSR": "eda", "Ch 2": "ch_2"}
    assert chosen(tmp_path, ["GSR", "Ch 2"], {"Ch 2": "ecg"}) == {"Ch 2": "ecg"}
    assert chosen(tmp_path, ["GSR", "Ch 2"], ["GSR"]) == {"GSR": "eda"}
    rule = {"GSR": "eda", "Ch 2": "motion"}.get
    for asked in (None, ["GSR", "Ch 2"], {"GSR": "", "Ch 2": ""}):
        assert chosen(tmp_path, ["GSR", "Ch 2"], asked, rule) == {"GSR": "eda", "Ch 2": "motion"}
    assert chosen(tmp_path, ["GSR", "Ch 2"], {"Ch 2": "ecg"}, rule) == {"Ch 2": "ecg"}
    with pytest.raises(FileError, match=r"no channel 'EDA', expected one of \['GSR'\]"):
        chosen(tmp_path, ["GSR"], ["EDA"])


def test_a_unit_that_nobody_names_is_asked_for(tmp_path):
    with pytest.raises(FileError, match="no unit for channel 'GSR'"):
        to_signals(tmp_path, [X], person="P", kinds={"GSR": "eda"})


def test_units_are_converted_and_a_wrong_one_is_told(tmp_path):
    (signal,), notes = to_signals(
        tmp_path, [X], person="P", kinds={"GSR": "eda"}, units={"GSR": "kOhm"}
    )
    np.testing.assert_array_equal(signal.values, [1000.0, np.nan, 1e6 / 3e3])
    assert signal.unit == "uS"
    assert [n.code for n in notes] == ["unit-doubtful"]
    assert "Check the unit 'kOhm'" in notes[0].text


def test_what_is_not_asked_for_is_left_out(tmp_path):
    assert to_signals(tmp_path, [X], person="P", kinds={}) == ((), ())


def course(values, label="EDA", unit="uS"):
    return Channel(label=label, values=np.asarray(values, dtype=float), rate_hz=4.0, unit=unit)


def codes(*channels, kinds=None):
    kinds = kinds or {c.label: kind_of(c.label) for c in channels}
    return {n.code: n.text for n in to_signals(Path("a"), channels, person="P", kinds=kinds)[1]}


def test_an_end_that_belongs_to_something_else_is_told():
    steady = 5 + 0.01 * np.sin(np.arange(500))
    assert not codes(course(steady))
    for at, word in ((-1, "at the end, from sample 498 on"), (0, "at the start, from sample 0 on")):
        wild = steady.copy()
        wild[at] = 0.01
        assert word in codes(course(wild))["end-jumps"]


def test_skin_that_is_not_touched_is_told():
    assert "Did the electrodes touch" in codes(course(np.linspace(0.01, 0.03, 200)))["no-contact"]


@pytest.mark.parametrize("size", [1, 2, 19, 20, 21, 200])
def test_the_touch_is_judged_by_the_95th_percentile(size):
    for low in range(max(0, size - 14), size + 1):
        values = np.r_[np.full(low, 0.01), np.full(size - low, 5.0), np.nan]
        told = np.quantile(values[:-1], 0.95) < 0.05
        assert ("no-contact" in codes(course(values))) == told


def test_values_that_are_none_are_missing_and_counted():
    (signal,), notes = to_signals(
        Path("a"), [course([1, np.inf, 1e300, 2])], person="P", kinds={"EDA": "eda"}
    )
    np.testing.assert_array_equal(signal.values, [1, np.nan, np.nan, 2])
    assert "2 infinite or absurd values" in notes[0].text


def test_two_channels_of_one_kind_are_told():
    told = codes(course([1, 2], "EDA left"), course([2, 3], "EDA right"))
    assert told["kind-twice"].startswith("'EDA left' and 'EDA right' are all read as eda")


def test_a_unit_of_something_else_and_a_rate_that_is_none_are_refused():
    with pytest.raises(FileError, match=r"column 'EDA'.*'mmHg' as unit"):
        codes(course([1, 2], unit="mmHg"))
    slow = Channel(label="EDA", values=np.ones(3), rate_hz=0.0, unit="uS")
    with pytest.raises(FileError, match="0 samples per second"):
        codes(slow)


def test_what_is_asked_can_be_sent_to_another_process():
    error = Asked(Path("a"), "b", "c", "d", option="device", choices=("x",), column="e")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.option, again.choices, again.column) == ("device", ("x",), "e")


def test_names_that_come_again_are_counted():
    assert distinct(["A", "A", "A (2)", " "]) == ["A", "A (2)", "A (2) (2)", "channel 4"]
