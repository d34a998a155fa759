"""Leaving with everything: what was written is read back the same, and is valid BIDS."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import edfio
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_files import tree
from numpy.testing import assert_allclose, assert_array_equal

from syntony.cli import main
from syntony.cli.export import command
from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.session import Answers, Clock, Mark, Person, Session, Span
from syntony.core.signal import Signal
from syntony.io.marking import add_mark
from syntony.io.registry import read
from syntony.io.study import create_study, load_session, open_study, write_session
from syntony.io.tsv import read_tsv
from syntony.pipeline.exporting import export, targets

VALIDATOR = Path(sys.executable).with_name("bids-validator-deno")
PEOPLE = (Person(id="P1", role="patient"), Person(id="T1", role="therapist", group="expert"))


def values(seed, n=900):
    out = 5 + np.cumsum(np.random.default_rng(seed).standard_normal(n)) / 30
    out[101:109] = np.nan
    return out


def signal(kind, unit, person, seed, *, rate_hz=4.0, start_s=0.0, n=900):
    facts = {"rate_hz": rate_hz, "start_s": start_s, "person": person}
    return Signal(values=values(seed, n), unit=unit, kind=kind, **facts)


def session(number, *, movement=True):
    """Two people: conductance, breathing, movement, beats, codes, a phase, answers."""
    signals = [
        signal("eda", "uS", "P1", number, start_s=-1.5),
        signal("resp", "1", "P1", number + 10, rate_hz=32.0, n=7200),
        signal("temperature", "Cel", "P1", number + 15, start_s=-1.5, n=880),
        signal("eda", "uS", "T1", number + 20),
    ]
    if movement:
        signals += [
            signal("motion", "1", "P1", number + 30, rate_hz=25.0, n=5000),
            signal("motion", "1", "T1", number + 40, rate_hz=25.0, start_s=2.0, n=5100),
        ]
    times = np.cumsum(np.full(150, 0.81))
    beats = Events(times_s=times, values=np.full(150, 810.0), unit="ms", kind="rr", person="T1")
    about = {"1": 3.0, "2": float("nan")}
    return Session(
        id=f"d1s{number}",
        people=PEOPLE,
        dyad="d1",
        number=number,
        type="therapy",
        signals=tuple(signals),
        events=(beats,),
        clocks={"P1": Clock(offset_s=0.25, error_s=0.02, source="markers")},
        spans=(
            Span(label="laugh", start_s=10.0, stop_s=12.5, person="P1", coder="kim"),
            Span(label="baseline", start_s=0.0, stop_s=60.0),
        ),
        answers=(Answers(instrument="CARE", person="P1", about="T1", items=about),),
    )


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="Made", roles=("patient", "therapist"), description="To leave with.")
    for number in (1, 2):
        start = datetime(2024, 5, 5 + number, 10, 0, 0)
        write_session(root, session(number), started_at=start)
    return root


def of(root, name="d1s1"):
    return load_session(open_study(root), name)


def validate(folder):
    if not VALIDATOR.is_file():
        pytest.skip("the program bids-validator-deno is not installed")
    done = subprocess.run(
        [str(VALIDATOR), str(folder), "--format", "json"], capture_output=True, text=True
    )
    said = json.loads(done.stdout)
    return [i for i in said["issues"]["issues"] if i["severity"] == "error"], done.returncode


def test_bids_is_valid_and_holds_the_same_samples(made, tmp_path):
    out = export(made, to="bids", out=tmp_path / "bids").out
    assert not (out / ".bidsignore").exists()
    assert not (out / "codes").exists()
    for one in of(made).signals:
        folder = out / f"sub-{one.person}" / "ses-d1s1" / "beh"
        (file,) = folder.glob(f"*_recording-{one.kind}_physio.tsv.gz")
        (back,) = read(file, person=one.person).signals
        assert_array_equal(back.values, one.values)
        assert (back.rate_hz, back.start_s, back.unit) == (one.rate_hz, one.start_s, one.unit)
    assert validate(out) == ([], 0)


def test_the_validator_bites(made, tmp_path):
    out = export(made, to="bids", out=tmp_path / "bids").out
    (out / "sub-P1" / "ses-d1s1" / "beh" / "notes.xyz").write_text("x")
    assert validate(out)[0]


def test_in_bids_codes_are_events_and_people_have_their_sessions(made, tmp_path):
    mark = Mark(person="P1", kind="eda", start_s=20.0, stop_s=25.0)
    add_mark(open_study(made), "d1s1", mark, by="kim")
    out = export(made, to="bids", out=tmp_path / "bids").out
    stem = out / "sub-P1" / "ses-d1s1" / "beh" / "sub-P1_ses-d1s1_task-therapy_events"
    events = pd.read_csv(stem.with_suffix(".tsv"), sep="\t", na_values="n/a")
    assert events.onset.tolist() == [0.0, 10.0, 20.0]
    assert events.duration.tolist() == [60.0, 2.5, 5.0]
    assert events.trial_type.tolist() == ["baseline", "laugh", "eda"]
    assert events["sort"].tolist() == ["phase", "code", "artefact"]
    assert set(json.loads(stem.with_suffix(".json").read_text())) >= set(events.columns)
    own = pd.read_csv(out / "sub-P1" / "sub-P1_sessions.tsv", sep="\t", na_values="n/a")
    assert own.session_id.tolist() == ["ses-d1s1", "ses-d1s2"]
    assert own.role.tolist() == ["patient"] * 2
    assert own.clock_error_s.tolist() == [0.02] * 2
    assert own.acq_time[0] == "2024-05-06T10:00:00"


def test_in_bids_a_form_that_is_filled_in_twice_has_two_tables(made, tmp_path):
    out = export(made, to="bids", out=tmp_path / "bids").out
    assert sorted(p.name for p in (out / "phenotype").iterdir()) == [
        "CARE.json",
        "CARE.tsv",
        "CARE_2.json",
        "CARE_2.tsv",
    ]
    for name, ses in (("CARE", "ses-d1s1"), ("CARE_2", "ses-d1s2")):
        columns, (row,) = read_tsv(out / "phenotype" / f"{name}.tsv", ["participant_id"])
        assert row.text("participant_id") == "sub-P1"
        assert row.text("session_id") == ses
        assert {"1", "2"} <= set(columns)


def test_csv_gives_every_digit_back(made, tmp_path):
    out = export(made, to="csv", out=tmp_path / "csv").out
    listed = pd.read_csv(out / "recordings.csv")
    assert len(listed) == 2 * 7
    for one in of(made).signals:
        row = listed[
            (listed.session == "d1s1") & (listed.person == one.person) & (listed.kind == one.kind)
        ].iloc[0]
        table = pd.read_csv(out / row.file, float_precision="round_trip")
        assert_array_equal(table.value, one.values)
        assert_array_equal(table.time_s, one.times_s)
        assert (row.rate_hz, row.start_s, row.unit) == (one.rate_hz, one.start_s, str(one.unit))
        assert row.missing == 8
    beats = pd.read_csv(out / "events" / "d1s1_T1_rr.csv", float_precision="round_trip")
    assert_array_equal(beats.time_s, of(made).events[0].times_s)
    codes = pd.read_csv(out / "codes.csv")
    assert codes[codes.session == "d1s1"].code.tolist() == ["laugh", "baseline"]
    answers = pd.read_csv(out / "answers.csv")
    assert answers.value.isna().sum() == 2
    people = pd.read_csv(out / "people.csv")
    assert people.role.tolist() == ["patient", "therapist"] * 2


@pytest.mark.parametrize(("to", "told"), [("csv", "'=1+1"), ("r", "=1+1")])
def test_a_code_is_no_formula_in_a_spreadsheet_and_as_it_is_in_r(made, tmp_path, to, told):
    add = replace(session(3), spans=(Span(label="=1+1", start_s=1.0, stop_s=2.0, coder="kim"),))
    write_session(made, add, started_at=datetime(2024, 5, 8, 10, 0, 0))
    out = export(made, to=to, out=tmp_path / "out").out
    codes = pd.read_csv(out / "codes.csv")
    assert codes[codes.session == "d1s3"].code.tolist() == [told]


def test_what_belongs_to_no_session_goes_with_the_tables(made, tmp_path):
    (made / "inferences.tsv").write_text(
        "session_id\tperceiver\ttarget\tstop\tjudge\tpoints\nd1s1\tT1\tP1\t1\tkim\t1.5\n"
    )
    (made / "questionnaires").mkdir()
    (made / "questionnaires" / "own.toml").write_text("# ours\n")
    (made / "sourcedata").mkdir()
    done = export(made, to="csv", out=tmp_path / "csv")
    assert pd.read_csv(done.out / "inferences.csv").points.tolist() == [1.5]
    assert (done.out / "questionnaires" / "own.toml").read_text() == "# ours\n"
    assert [n.where for n in done.notes] == ["sourcedata"]
    bids = export(made, to="bids", out=tmp_path / "bids")
    assert {n.where for n in bids.notes} == {"sourcedata", "inferences.tsv", "questionnaires"}
    assert validate(bids.out) == ([], 0)


def test_edf_comes_back_to_its_resolution_with_its_gap(made, tmp_path):
    done = export(made, to="edf", out=tmp_path / "edf")
    listed = pd.read_csv(done.out / "recordings.csv").set_index("file")
    for one in of(made).signals:
        name = f"d1s1_{one.person}_{one.kind}.edf"
        edf = edfio.read_edf(done.out / name)
        row = listed.loc[name]
        each = round(one.rate_hz)
        whole = one.values[: one.values.size // each * each].reshape(-1, each)
        kept = whole[~np.isnan(whole).any(axis=1)].reshape(-1)
        assert_allclose(edf.signals[0].data, kept, atol=row.resolution * 0.51)
        assert row.written == kept.size
        assert row.missing == 8
        assert row.written + row.missing + row.left_out == one.values.size
        assert row.kind_of_edf == "EDF+D"
        assert not edf.is_continuous
    assert len([n for n in done.notes if n.code == "left-out"]) == 2 * 6


def test_an_all_missing_channel_is_told_and_the_rest_leaves(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="Made", roles=("patient", "therapist"))
    given = session(1, movement=False)
    dead = Signal(values=[np.nan] * 80, rate_hz=4, start_s=0, unit="mV", kind="ecg", person="P1")
    write_session(root, Session(id="a", people=PEOPLE, signals=(*given.signals, dead)))
    done = export(root, to="edf", out=tmp_path / "edf")
    assert not (done.out / "a_P1_ecg.edf").exists()
    assert any("no missing samples" in n.text for n in done.notes)


def test_neurokit_columns_and_rate(made, tmp_path):
    out = export(made, to="neurokit", out=tmp_path / "nk").out
    table = pd.read_csv(out / "d1s1_P1_4Hz.csv", float_precision="round_trip")
    assert list(table) == ["EDA_Raw", "TEMPERATURE"]
    eda, temperature = (s for s in of(made).signals if s.person == "P1" and s.start_s == -1.5)
    assert_array_equal(table.EDA_Raw, eda.values)
    assert_array_equal(table.TEMPERATURE[:880], temperature.values)
    assert table.TEMPERATURE[880:].isna().all()
    said = json.loads((out / "d1s1_P1_4Hz.json").read_text())
    assert (said["sampling_rate"], said["start_s"], said["role"]) == (4.0, -1.5, "patient")
    assert said["units"] == {"EDA_Raw": "uS", "TEMPERATURE": "Cel"}
    breath = pd.read_csv(
        out / "d1s1_P1_32Hz.csv", float_precision="round_trip", skip_blank_lines=False
    )
    assert list(breath) == ["RSP_Raw"]
    resp = next(s for s in of(made).signals if s.kind == "resp")
    assert_array_equal(breath.RSP_Raw, resp.values)


def test_rmea_reads_two_columns_where_both_overlap(made, tmp_path):
    out = export(made, to="rmea", out=tmp_path / "rmea").out
    file = out / "therapy" / "d1_01.txt"
    assert file.read_text().startswith('"patient" "therapist"\n')
    one, other = (s for s in of(made).signals if s.kind == "motion")
    for role, values in (("patient", one.values[50:]), ("therapist", other.values[:4950])):
        facts = {"column": role, "kind": "motion", "unit": "1", "rate_hz": 25.0}
        (back,) = read(file, person="x", **facts).signals
        assert_array_equal(back.values, values)
    rows = pd.read_csv(out / "sessions.csv")
    assert (rows.start_s[0], rows.rows[0], rows.missing[0]) == (2.0, 4950, 16)
    assert "readMEA" in (out / "README.txt").read_text()


def test_without_movement_rmea_says_why(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="Made", roles=("patient", "therapist"))
    write_session(root, session(1, movement=False))
    with pytest.raises(InputError, match="one movement each"):
        export(root, to="rmea", out=tmp_path / "rmea")
    assert not (tmp_path / "rmea").exists()


@pytest.mark.parametrize("to", sorted(targets()))
def test_a_dry_run_names_every_file_and_writes_none(made, tmp_path, to):
    before = tree(tmp_path)
    plan = export(made, to=to, out=tmp_path / "out", dry_run=True)
    assert tree(tmp_path) == before
    assert not plan.done
    done = export(made, to=to, out=tmp_path / "out")
    assert (done.files, done.notes, done.done) == (plan.files, plan.notes, True)
    there = {p for p, data in tree(tmp_path / "out").items() if data is not None}
    assert there == {place for place, _ in plan.files}
    assert {k: v for k, v in tree(tmp_path).items() if not k.startswith("out")} == before


def test_nothing_is_written_over_nor_into_the_study(made, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    with pytest.raises(FileError, match="something in it"):
        export(made, to="csv", out=tmp_path / "full")
    for inside in (made, made / "out", tmp_path):
        with pytest.raises((InputError, FileError)):
            export(made, to="csv", out=inside)
    with pytest.raises(InputError, match="one of"):
        export(made, to="xlsx", out=tmp_path / "x")


def test_an_export_that_fails_leaves_nothing(made, tmp_path):
    (file,) = (made / "sub-T1" / "ses-d1s2").glob("beh/*_recording-eda_physio.tsv.gz")
    file.write_bytes(file.read_bytes()[:-20])
    before = tree(tmp_path)
    with pytest.raises(FileError, match="cut off"):
        export(made, to="csv", out=tmp_path / "out")
    assert tree(tmp_path) == before


def test_the_shell_offers_every_format():
    (option,) = [p for p in command.params if p.name == "to"]
    assert set(option.type.choices) == set(targets())


def test_the_shell_gives_the_same(made, tmp_path):
    runner = CliRunner()
    args = ["export", str(made), "--to", "csv", "--out", str(tmp_path / "a")]
    dry = runner.invoke(main, [*args, "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "signals/d1s1_P1_eda.csv  (eda of P1)" in dry.output
    assert "Would write" in dry.output
    done = runner.invoke(main, [*args, "--json"])
    assert done.exit_code == 0, done.output
    export(made, to="csv", out=tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert len(json.loads(done.output)["files"]) == len(
        [v for v in tree(tmp_path / "a").values() if v is not None]
    )
    again = runner.invoke(main, args)
    assert again.exit_code == 1
    shutil.rmtree(tmp_path / "a")
    assert runner.invoke(main, [*args[:3], "xlsx", *args[4:]]).exit_code == 2


def test_xdf_comes_back_whole_and_so_does_pyxdf_read_it(made, tmp_path):
    done = export(made, to="xdf", out=tmp_path / "xdf")
    assert not list(done.out.glob("*.journal"))
    listed = pd.read_csv(done.out / "recordings.csv")
    truth = of(made)
    assert set(listed.file) == {"d1s1.xdf", "d1s2.xdf"}
    for person in truth.people:
        streams = [f"{person.id} {s.kind}" for s in truth.signals if s.person == person.id]
        streams += [f"{person.id} {e.kind}" for e in truth.events if e.person == person.id]
        got = read(done.out / "d1s1.xdf", person=person.id, streams=streams)
        assert got.started_at == datetime(2024, 5, 6, 9, 59, 58, 500_000)  # 1.5 s before zero
        for one in [s for s in truth.signals if s.person == person.id]:
            (back,) = [s for s in got.signals if s.kind == one.kind]
            np.testing.assert_array_equal(back.values, one.values)
            assert back.unit == one.unit
            assert back.rate_hz == pytest.approx(one.rate_hz, rel=1e-9)
    pyxdf = pytest.importorskip("pyxdf", reason="pyxdf is not installed")
    streams, _ = pyxdf.load_xdf(
        done.out / "d1s1.xdf", synchronize_clocks=False, dejitter_timestamps=False
    )
    one = truth.signals[0]
    (same,) = [s for s in streams if s["info"]["source_id"] == [f"{one.person} {one.kind}"]]
    np.testing.assert_array_equal(same["time_series"][:, 0], one.values)
    np.testing.assert_allclose(same["time_stamps"], one.times_s, rtol=0, atol=1e-9)
    assert "codes.csv" in {p.name for p in done.out.iterdir()}


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_all_of_it(made, tmp_path):
    done = export(made, to="r", out=tmp_path / "for-r")
    code = """
        source("study.R")
        study <- read_study()
        eda <- read_recordings(study, kind = "eda", session = "d1s1")
        cat(nrow(eda), sum(is.na(eda$value)), class(study$people$person), ncol(study$codes), "\\n")
        cat(format(sum(eda$value, na.rm = TRUE), digits = 15))
    """
    told = subprocess.run(
        ["Rscript", "--vanilla", "-e", code],
        cwd=done.out,
        capture_output=True,
        text=True,
        check=True,
    )
    eda = [s for s in of(made).signals if s.kind == "eda"]
    rows, missing, ids, columns = told.stdout.splitlines()[0].split()
    assert int(rows) == sum(s.values.size for s in eda)
    assert int(missing) == 8 * len(eda)
    assert (ids, int(columns)) == ("character", 6)
    total = float(told.stdout.splitlines()[1])
    assert total == pytest.approx(sum(np.nansum(s.values) for s in eda), rel=1e-12)
