"""What is shown of a session: made once, from the files, named by their state."""

import json
import os

import numpy as np
import pytest
from beats_study import write_beats
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.app.schema_review import Review
from syntony.core.errors import FileError
from syntony.io.study import load_session, open_study
from syntony.pipeline.pyramid import open_pyramid
from syntony.pipeline.review import FACTS, make_review, review_key, review_path, run_names
from syntony.pipeline.review_channels import pyramid_path
from syntony.report.run_folder import RunFolder

SESSION = "d01s01"


@pytest.fixture(scope="module")
def root(made_run):
    return made_run.path.parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folder(root, cache):
    key = make_review(root=str(root), session=SESSION, run="demo", cache=str(cache))
    return review_path(cache, key)


@pytest.fixture(scope="module")
def facts(folder):
    return json.loads((folder / FACTS).read_text("utf-8"))


def floats(path, rows):
    return np.frombuffer(path.read_bytes(), dtype="<f4").reshape(rows, -1)


def test_the_facts_have_the_shape_that_is_promised(folder):
    Review.model_validate_json((folder / FACTS).read_text("utf-8"), strict=True)


def test_every_signal_of_the_session_is_there_sample_by_sample(root, cache, facts):
    session = load_session(open_study(root), SESSION)
    told = [c for c in facts["channels"] if c["source"] == "recording"]
    assert len(told) == len(session.signals) > 2
    for about, signal in zip(told, session.signals, strict=True):
        assert (about["person"], about["kind"]) == (signal.person, signal.kind)
        assert (about["start_s"], about["rate_hz"]) == (signal.start_s, signal.rate_hz)
        assert about["n_samples"] == signal.values.size
        held = open_pyramid(pyramid_path(cache, about["id"]))
        first = np.frombuffer(held.tile(0, 0), dtype="<f4")
        assert_array_equal(first, signal.values[:4096].astype(np.float32))


def test_gaps_are_told_in_seconds_of_the_session(root, facts):
    session = load_session(open_study(root), SESSION)
    signal = next(s for s in session.signals if np.isnan(s.values).any())
    about = next(
        c
        for c in facts["channels"]
        if (c["source"], c["person"], c["kind"]) == ("recording", signal.person, signal.kind)
    )
    missing = np.zeros(signal.values.size, dtype=bool)
    for start, stop in about["gaps"]:
        missing |= (signal.times_s >= start - 1e-6) & (signal.times_s < stop - 1e-6)
    assert_array_equal(missing, np.isnan(signal.values))


def test_what_was_compared_is_the_feature_of_the_run(made_run, cache, facts):
    table = RunFolder(made_run.path).signals(SESSION)
    for about in (c for c in facts["channels"] if c["source"] == "feature"):
        held = open_pyramid(pyramid_path(cache, about["id"]))
        first = np.frombuffer(held.tile(0, 0), dtype="<f4")
        assert_array_equal(first, table.numbers(about["role"])[:4096].astype(np.float32))
        assert about["start_s"] == table.numbers("time_s")[0]


def test_course_and_map_are_those_of_the_run(made_run, folder, facts):
    for step in facts["steps"]:
        held = RunFolder(made_run.path).coupling(SESSION, step["step"])
        time, course, _, low, high = floats(folder / f"course_{step['step']}.f32", 5)
        assert_allclose(time, held.time_s, atol=1e-3)
        assert_allclose(course, held.course, rtol=1e-6)
        assert_allclose(low, held.course_low, rtol=1e-6)
        assert_allclose(high, held.course_high, rtol=1e-6)
        shown = floats(folder / f"map_{step['step']}.f32", step["map"]["n_windows"])
        assert_allclose(shown, held.values, rtol=1e-6)
        assert step["map"]["at"] == held.lag_s.tolist()


def test_moments_are_those_of_the_tables_and_say_what_they_are(made_run, facts):
    run = RunFolder(made_run.path)
    survivors = list(run.tables["survivors"].where(session=SESSION).rows())
    chosen = list(run.tables["moments"].where(session=SESSION).rows())
    assert len(facts["moments"]) == len(survivors) + len(chosen) > 0
    starts = [m["start_s"] for m in facts["moments"]]
    assert starts == sorted(starts)
    assert [m["number"] for m in facts["moments"]] == list(range(1, len(starts) + 1))
    for moment in facts["moments"]:
        tested = moment["kind"] == "survivor"
        assert ("not tested against chance" in moment["words"]) is not tested
        assert bool(moment["p"]) is tested


def test_without_a_run_signals_and_codes_are_there_alone(root, tmp_path):
    key = make_review(root=str(root), session=SESSION, run="", cache=str(tmp_path))
    told = json.loads((review_path(tmp_path, key) / FACTS).read_text("utf-8"))
    Review.model_validate(told)
    assert told["codes"]
    assert told["steps"] == told["moments"] == told["roles"] == []
    assert {c["source"] for c in told["channels"]} == {"recording"}


def test_codes_of_both_are_told_with_their_coder_and_phases_without(study, tmp_path):
    head = "onset\tduration\tperson\tcode\n"
    (study / "codes" / f"{SESSION}_ann.tsv").write_text(head + "5\t10\tn/a\tprotest\n", "utf-8")
    (study / "codes" / f"{SESSION}_phases.tsv").write_text(head + "0\t60\tn/a\ttask\n", "utf-8")
    key = make_review(root=str(study), session=SESSION, run="", cache=str(tmp_path))
    told = json.loads((review_path(tmp_path, key) / FACTS).read_text("utf-8"))
    found = {c["label"]: c for c in told["codes"] if not c["person"]}
    assert {k: (c["coder"], c["role"]) for k, c in found.items()} == {
        "protest": ("ann", ""),
        "task": ("", ""),
    }
    assert (found["protest"]["start_s"], found["protest"]["stop_s"]) == (5.0, 15.0)


def test_it_is_made_once_and_anew_when_a_file_changes(study, tmp_path):
    given = {"root": str(study), "session": SESSION, "run": "", "cache": str(tmp_path)}
    key = make_review(**given)
    stamp = (review_path(tmp_path, key) / FACTS).stat().st_mtime_ns
    assert make_review(**given) == key
    assert (review_path(tmp_path, key) / FACTS).stat().st_mtime_ns == stamp
    codes = next((study / "codes").glob(f"{SESSION}_*.tsv"))
    lines = codes.read_text("utf-8").splitlines()
    codes.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    assert make_review(**given) != key


def test_a_change_that_keeps_the_size_is_seen(study):
    before = review_key(open_study(study), SESSION, "")
    codes = next((study / "codes").glob(f"{SESSION}_*.tsv"))
    seen = codes.stat()
    codes.write_bytes(codes.read_bytes().replace(b"neutral", b"NEUTRAL"))
    os.utime(codes, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1_000_000))
    assert codes.stat().st_size == seen.st_size
    assert review_key(open_study(study), SESSION, "") != before


def test_other_sessions_do_not_change_the_name(study):
    opened = open_study(study)
    key = review_key(opened, SESSION, "")
    other = next((study / "codes").glob("d02s01_*.tsv"))
    os.utime(other, ns=(1, 1))
    assert review_key(opened, SESSION, "") == key


def test_a_damaged_pyramid_is_built_again(study, tmp_path):
    given = {"root": str(study), "session": SESSION, "run": "", "cache": str(tmp_path)}
    make_review(**given)
    victim = next((tmp_path / "pyramids").rglob("*.pyr"))
    victim.write_bytes(b"half")
    next((tmp_path / "reviews").rglob(FACTS)).unlink()
    make_review(**given)
    assert open_pyramid(victim).n_samples > 4


def test_a_run_that_is_not_there_is_named(root, tmp_path):
    assert run_names(root) == ["demo"]
    with pytest.raises(FileError, match="one of \\['demo'\\]"):
        make_review(root=str(root), session=SESSION, run="../demo", cache=str(tmp_path))


def test_a_session_of_beats_alone_lasts_as_long_as_they_do(tmp_path):
    root = write_beats(tmp_path / "beats", seconds=300.0)
    key = make_review(root=str(root), session="s1", run="", cache=str(tmp_path))
    told = json.loads((review_path(tmp_path, key) / FACTS).read_text("utf-8"))
    assert told["channels"] == []
    assert told["start_s"] == 0
    assert 299 < told["stop_s"] <= 300


@needs_shared("data/swps-couples-rr")
def test_a_real_session_of_beats_lasts_as_long_as_they_do(tmp_path):
    from syntony.pipeline.importing import import_files

    files = [SHARED / "data" / "swps-couples-rr" / "relaxation"]
    values = {"type": {"r": "relaxation"}, "role": {"k": "woman", "m": "man"}}
    pattern = "{number}{type}{role}{dyad}[_{part}] {date}.txt"
    plan = import_files(files, tmp_path / "study", pattern=pattern, values=values)
    session = next(s for s in plan.sessions if s.state == "new")
    given = {"root": str(tmp_path / "study"), "session": session.id, "run": ""}
    key = make_review(**given, cache=str(tmp_path))
    told = json.loads((review_path(tmp_path, key) / FACTS).read_text("utf-8"))
    assert told["stop_s"] > session.overlap_s > 300
