import numpy as np
import pytest

from syntony.core.errors import FileError
from syntony.io.channels import Channel, chosen, kind_of, to_signals

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
