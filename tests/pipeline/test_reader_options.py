import inspect
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from io_samples import SAMPLES

import syntony as sy
from syntony.core.errors import InputError
from syntony.io.registry import find_reader, reader_for
from syntony.io.study import load_session
from syntony.pipeline.reader_options import settings_by_role, typed


def reader(
    path,
    *,
    person: str,
    channels: "Mapping[str, str] | Sequence[str] | None" = None,
    units: "Mapping[str, str] | None" = None,
    rate_hz: "float | None" = None,
    column: "str | int | None" = None,
    dejitter: "bool" = False,
):
    """Only its options are looked at."""


OPTIONS = {k: p for k, p in inspect.signature(reader).parameters.items() if k not in "path person"}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ({"channels": "GSR=eda, ECG 1=ecg"}, {"channels": {"GSR": "eda", "ECG 1": "ecg"}}),
        ({"channels": "GSR, ECG 1"}, {"channels": ["GSR", "ECG 1"]}),
        ({"units": "GSR=kOhm"}, {"units": {"GSR": "kOhm"}}),
        ({"rate_hz": "4,5"}, {"rate_hz": 4.5}),
        ({"column": "3"}, {"column": 3}),
        ({"column": "eda"}, {"column": "eda"}),
        ({"dejitter": "Yes"}, {"dejitter": True}),
        ({"dejitter": "no"}, {"dejitter": False}),
        ({"rate_hz": 4.0, "other": "left alone"}, {"rate_hz": 4.0, "other": "left alone"}),
    ],
)
def test_words_become_what_the_reader_takes(words, meant):
    assert typed(OPTIONS, words) == meant


def test_words_that_are_none_are_refused():
    with pytest.raises(InputError, match="rate_hz='fast'"):
        typed(OPTIONS, {"rate_hz": "fast"})
    with pytest.raises(InputError, match=r"dejitter='maybe'.*yes or no"):
        typed(OPTIONS, {"dejitter": "maybe"})
    with pytest.raises(InputError, match=r"settings='patient.colour'"):
        settings_by_role({"patient.colour": "red"})


def wide(folder, name="d1_1.csv"):
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(1)
    rows = [f"{k / 4},{a:.3f},{b:.3f}" for k, (a, b) in enumerate(5 + rng.random((400, 2)))]
    (folder / name).write_text("\n".join(["time,left,right", *rows]) + "\n")
    return folder


COMMON = {"kind": "eda", "unit": "uS", "time_column": "time", "together": True}


def test_one_file_that_holds_both_people(tmp_path):
    plan = sy.import_files(
        [wide(tmp_path / "in")],
        tmp_path / "study",
        pattern="{dyad}_{number}.csv",
        settings={"patient.column": "left", "therapist.column": "right"},
        **COMMON,
    )
    assert plan.roles == ("patient", "therapist")
    study = sy.open_study(tmp_path / "study")
    session = load_session(study, study.sessions[0].id)
    patient, therapist = session.signals
    assert not np.array_equal(patient.values, therapist.values)


def test_a_recorder_s_own_table_may_be_read_as_any_table(tmp_path):
    table = SAMPLES["qsensor"](tmp_path).path
    assert reader_for(table, "", ["channels"]).name == "qsensor"
    assert reader_for(table, "", ["column", "kind"]).name == "delimited"
    assert reader_for(table, "", ["no_such_option"]).name == "qsensor"
    assert reader_for(table, "qsensor", ["column"]).name == "qsensor"
    with pytest.raises(InputError, match="format='qsense'"):
        reader_for(table, "qsense", [])


def test_words_are_read_by_the_reader_that_will_read_them(tmp_path):
    source = wide(tmp_path / "in")
    assert find_reader(source / "d1_1.csv").name == "delimited"
    plan = sy.import_files(
        [source],
        tmp_path / "study",
        pattern="{dyad}_{number}.csv",
        settings={"patient.column": "1", "therapist.column": "2"},  # places, not names
        dry_run=True,
        **COMMON,
    )
    assert [s.state for s in plan.sessions] == ["new"]


def test_a_map_file_may_name_any_option_of_the_reader(tmp_path):
    source = wide(tmp_path / "in")
    rows = ["file\tdyad\trole\tcolumn\tdecimal", "d1_1.csv\td1\tpatient\tleft\t."]
    rows.append("d1_1.csv\td1\ttherapist\tright\t.")
    (source / "map.tsv").write_text("\n".join(rows) + "\n")
    plan = sy.import_files(
        [source], tmp_path / "study", map_file=source / "map.tsv", dry_run=True, **COMMON
    )
    assert [s.state for s in plan.sessions] == ["new"]
