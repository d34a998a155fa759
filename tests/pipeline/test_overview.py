"""A study at a glance: what its tables say, and the figures of its newest finished run."""

import json
import math
import shutil

import pytest

from syntony.core.errors import FileError
from syntony.core.run import Run
from syntony.io import bids
from syntony.io.study import load_session, open_study
from syntony.pipeline.overview import overview
from syntony.pipeline.run_states import find_run


def test_figures_are_those_of_the_run(made_run):
    root = made_run.path.parents[2]
    found = overview(root)
    assert (found.exists, found.simulated, found.run) == (True, True, made_run.path.name)
    pairs = Run(made_run.path).table("pairs")
    lead = pairs[(pairs.step == pairs.step.min())]
    lead = lead[lead.statistic == lead.statistic.iloc[0]]
    scores = Run(made_run.path).table("scores").set_index("session").value
    quality = Run(made_run.path).table("quality")
    study = open_study(root)
    assert [s.id for s in found.sessions] == [s.id for s in study.sessions]
    for line in found.sessions:
        rows = lead[(lead.session == line.id) & (lead.surrogate == line.synchrony.surrogate)]
        (row,) = rows.to_dict("records")
        assert line.synchrony.value == row["value"]
        assert (line.synchrony.low, line.synchrony.high) == (row["low"], row["high"])
        assert line.coverage == row["coverage"]
        assert line.synchrony.surrogate == "pseudo_dyads"
        assert line.empathy == scores[line.id]
        for person, share in line.quality.items():
            mine = quality[(quality.session == line.id) & (quality.person == person)]
            assert share == mine[mine.cause == "valid"].share.min()
        kinds = {s.kind for s in load_session(study, line.id).signals}
        assert "eda" in kinds
        assert all("eda" in k for k in line.signals.values())


def test_a_study_without_a_run_has_no_figures(study):
    found = overview(study)
    assert (found.run, found.runs) == ("", ())
    for line in found.sessions:
        assert line.synchrony is None
        assert math.isnan(line.empathy)
        assert math.isnan(line.length_s)


def test_an_unfinished_run_is_listed_and_not_read(made_run, tmp_path):
    root = tmp_path / "study"
    shutil.copytree(made_run.path.parents[2], root)
    newer = root / "derivatives" / "syntony" / "newer"
    newer.mkdir()
    (newer / "origin.json").write_text(json.dumps({"made_at": "2999-01-01T00:00:00"}))
    broken = newer.with_name("broken")
    broken.mkdir()
    (broken / "origin.json").write_text("{")
    found = overview(root)
    assert [(r.name, r.state) for r in found.runs] == [
        ("newer", "stopped"),
        (made_run.path.name, "finished"),
        ("broken", "cannot be read"),
    ]
    assert found.run == made_run.path.name
    assert find_run(root, "newer") == newer
    for name in ("../syntony/newer", "", "..", "no such"):
        with pytest.raises(FileError, match="no run "):
            find_run(root, name)


def test_a_missing_recording_is_told(study):
    line = overview(study).sessions[0]
    person = line.people[1].id
    shutil.rmtree(study / f"sub-{person}" / f"ses-{line.id}")
    assert overview(study).sessions[0].missing == (f"recording:{person}",)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("")
    with pytest.raises(FileError, match="a study folder"):
        overview(tmp_path)


def test_a_thousand_sessions_are_listed_without_reading_a_recording(study, monkeypatch):
    monkeypatch.setattr(bids, "_table", None)  # would raise
    with pytest.raises(TypeError):
        load_session(open_study(study), overview(study).sessions[0].id)
    for name in ("sessions.tsv", "people.tsv"):
        head, *rows = (study / name).read_text("utf-8").splitlines()
        more = [
            "\t".join(f"{c}x{k}" if c.startswith("d0") and "s0" in c else c for c in r.split("\t"))
            for k in range(125)
            for r in rows
        ]
        (study / name).write_text("\n".join([head, *more]) + "\n", "utf-8")
    assert len(overview(study).sessions) == 1000


def test_what_others_have_and_a_session_lacks_is_told(study):
    first, second, third, *_ = (s.id for s in overview(study).sessions)
    assert "media" in overview(study).nowhere, "the made study has no film"
    for coded in (study / "codes").glob(f"{first}_*"):
        coded.unlink()
    (study / "media").mkdir()
    (study / "media" / f"{second}-room.webm").write_bytes(b"x")
    (study / "media" / f"{third}.offsets.json").write_text("{}", "utf-8")  # of a film that was
    found = overview(study)
    missing = {s.id: s.missing for s in found.sessions}
    assert missing[first] == ("media", "codes")
    assert missing[second] == ()
    assert missing[third] == ("media",)
    assert found.nowhere == ()
    for path in (study / "phenotype").glob("*.tsv"):
        path.unlink()
    assert overview(study).nowhere == ("answers",)
