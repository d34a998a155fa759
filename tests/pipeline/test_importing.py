import shutil
from pathlib import Path

import numpy as np
import pytest
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.core.seeds import rng_for
from syntony.pipeline import importing
from syntony.pipeline.importing import import_files

NAMES = "{dyad}_{number}_{role}[_{part}] {date}.txt"
COUPLES = {
    "pattern": "{number}{type}{role}{dyad}[_{part}] {date}.txt",
    "values": {
        "type": {"r": "relaxation", "w": "cooperation"},
        "role": {"k": "woman", "m": "man"},
    },
}


def rr_file(folder, name, *, seconds=120, seed=None):
    """Write a list of intervals (ms) whose sum is near ``seconds``."""
    rng = rng_for(7, seed or name)
    rr = np.round(800 + 60 * rng.standard_normal(round(seconds / 0.8))).astype(int)
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(str, rr)) + "\n")
    return rr.sum() / 1e3


def pair(folder, dyad, number=1, *, late_s=2, hour=10, **more):
    for role, second in (("patient", 0), ("therapist", late_s)):
        name = f"{dyad}_{number}_{role} 2024-05-0{number} {hour}-00-{second:02d}.txt"
        rr_file(folder, name, **more)


def files_below(folder):
    return {
        p.relative_to(folder).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in Path(folder).rglob("*")
        if p.is_file()
    }


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    for dyad in ("1", "2"):
        for number in (1, 2):
            pair(folder, dyad, number)
    return folder


def go(source, study, **more):
    return import_files([source], study, **{"pattern": NAMES, "format": "rr_list", **more})


def test_sessions_and_people_are_named_for_dyad_number_and_role(source, tmp_path):
    plan = go(source, tmp_path / "study")
    assert [s.id for s in plan.sessions] == ["d01s01", "d01s02", "d02s01", "d02s02"]
    assert [(p.id, p.role) for p in plan.sessions[0].people] == [
        ("d01patient", "patient"),
        ("d01therapist", "therapist"),
    ]
    assert plan.roles == ("patient", "therapist")
    assert plan.done
    assert plan.unused == ()
    assert {s.clock_error_s for s in plan.sessions} == {1.0}
    assert {s.start_difference_s for s in plan.sessions} == {2.0}


def test_a_dry_run_writes_nothing_and_says_the_same(source, tmp_path):
    before = files_below(tmp_path)
    dry = go(source, tmp_path / "study", dry_run=True)
    assert files_below(tmp_path) == before
    assert not (tmp_path / "study").exists()
    assert not dry.done
    wet = go(source, tmp_path / "study")
    assert [s.overlap_s for s in dry.sessions] == [s.overlap_s for s in wet.sessions]


def test_what_was_imported_is_what_was_recorded(source, tmp_path):
    from syntony.io.study import load_session, open_study

    go(source, tmp_path / "study")
    session = load_session(open_study(tmp_path / "study"), "d02s01")
    original = np.loadtxt(source / "2_1_therapist 2024-05-01 10-00-02.txt")
    (rr,) = [e for e in session.events if e.person == "d02therapist"]
    there = np.isfinite(rr.values)
    np.testing.assert_allclose(rr.values[there], original, atol=1e-6)
    np.testing.assert_allclose(rr.times_s[there], np.cumsum(original) / 1e3, atol=1e-4)
    assert session.clocks["d02patient"].offset_s == -2.0
    assert session.clocks["d02patient"].error_s == 0.5
    assert session.clocks["d02patient"].source == "start stamps"
    row = open_study(tmp_path / "study").session("d02s01")
    assert row.started_at.isoformat() == "2024-05-01T10:00:02"


def test_the_first_role_is_the_first_of_the_pair(source, tmp_path):
    from syntony.io.study import load_session, open_study

    plan = go(source, tmp_path / "study", roles=["therapist", "patient"])
    assert [p.role for p in plan.sessions[0].people] == ["therapist", "patient"]
    session = load_session(open_study(tmp_path / "study"), "d01s01")
    assert [p.role for p in session.people] == ["therapist", "patient"]


def test_originals_are_kept_as_they_are_with_their_hash(source, tmp_path):
    before = {p.name: p.read_bytes() for p in source.iterdir()}
    go(source, tmp_path / "study")
    kept = list((tmp_path / "study" / "sourcedata").rglob("*.txt"))
    assert {p.name: p.read_bytes() for p in kept} == before
    assert {p.name: p.read_bytes() for p in source.iterdir()} == before


def test_a_second_import_changes_nothing(source, tmp_path):
    go(source, tmp_path / "study")
    before = files_below(tmp_path / "study")
    plan = go(source, tmp_path / "study")
    assert {s.state for s in plan.sessions} == {"there"}
    assert files_below(tmp_path / "study") == before


def test_a_session_is_never_written_over_by_other_files(source, tmp_path):
    go(source, tmp_path / "study")
    before = files_below(tmp_path / "study")
    rr_file(source, "1_1_patient 2024-05-01 10-00-00.txt", seed="another")
    with pytest.raises(FileError, match=r"d01s01.*never written over"):
        go(source, tmp_path / "study")
    assert files_below(tmp_path / "study") == before


@pytest.mark.parametrize("at", [0, 1, 3])
def test_an_import_that_is_cut_off_leaves_whole_sessions_and_can_go_on(
    source, tmp_path, monkeypatch, at
):
    from syntony.io.study import load_session, open_study

    real, count = importing.write_session, iter(range(100))

    def cut_off(*args, **more):
        if next(count) == at:
            raise OSError(28, "No space left on device")
        return real(*args, **more)

    monkeypatch.setattr(importing, "write_session", cut_off)
    with pytest.raises((OSError, FileError)):
        go(source, tmp_path / "study")
    monkeypatch.undo()
    study = open_study(tmp_path / "study")
    assert len(study.sessions) == at
    for row in study.sessions:
        load_session(study, row.id)
    plan = go(source, tmp_path / "study")
    assert [s.state for s in plan.sessions].count("new") == 4 - at
    assert len(open_study(tmp_path / "study").sessions) == 4


def test_the_plan_prints_what_would_be_done(source, tmp_path):
    (source / "notes.docx").write_text("x")
    rr_file(source, "3_1_patient 2024-05-01 12-00-00.txt")
    text = str(go(source, tmp_path / "study", dry_run=True))
    for word in ("d01s02", "therapist (1)", "notes.docx", "does not fit the pattern"):
        assert word in text
    assert "left out d03s01: only patient was recorded" in text
    assert "4 to import, 1 left out, 1 file not used" in text


def test_a_session_with_one_person_is_left_out_and_listed(source, tmp_path):
    rr_file(source, "3_1_patient 2024-05-01 12-00-00.txt")
    plan = go(source, tmp_path / "study")
    (alone,) = plan.having("left out")
    assert alone.id == "d03s01"
    assert alone.why == "only patient was recorded"


def test_three_parts_against_two_are_joined_with_their_gaps(tmp_path):
    source = tmp_path / "r"
    for role, parts in (("a", ["00-00", "03-00", "06-00"]), ("b", ["00-01", "06-01"])):
        for n, at in enumerate(parts, start=1):
            rr_file(source, f"1_1_{role}_{n} 2024-05-01 10-{at}.txt", seconds=100)
    (session,) = go(source, tmp_path / "study").sessions
    assert dict(session.parts) == {"d01a": 3, "d01b": 2}
    assert session.overlap_s == pytest.approx(2 * 99, abs=3)
    assert session.left_over_s["d01a"] > 90


def test_parts_numbered_against_time_are_joined_by_time_and_said(tmp_path):
    source = tmp_path / "r"
    for role in "ab":
        rr_file(source, f"1_1_{role}_2 2024-05-01 10-00-00.txt")
        rr_file(source, f"1_1_{role}_1 2024-05-01 10-10-00.txt")
    (session,) = go(source, tmp_path / "study").sessions
    assert [n.code for n in session.notes] == ["part-order"] * 2
    assert "2, 1" in session.notes[0].text


def test_two_files_for_one_part_are_a_problem(tmp_path):
    source = tmp_path / "r"
    for role in "ab":
        rr_file(source, f"1_1_{role}_1 2024-05-01 10-00-00.txt")
    rr_file(source, "1_1_a_1 2024-05-01 10-10-00.txt")
    with pytest.raises(FileError, match="one file as part 1 of d01a"):
        go(source, tmp_path / "study")


def test_overlapping_parts_are_a_problem_before_anything_is_written(source, tmp_path):
    rr_file(source, "2_2_patient_2 2024-05-02 10-01-00.txt")
    with pytest.raises(FileError, match="overlap by"):
        go(source, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_people_who_miss_each_other_are_a_problem_with_the_figure(source, tmp_path):
    pair(source, "3", late_s=0)
    (source / "3_1_therapist 2024-05-01 10-00-00.txt").rename(
        source / "3_1_therapist 2024-05-01 11-00-00.txt"
    )
    with pytest.raises(FileError, match="miss each other by 34"):
        go(source, tmp_path / "study")
    plan = go(source, tmp_path / "study", leave_out_problems=True)
    assert [s.id for s in plan.having("problem")] == ["d03s01"]
    assert len(plan.having("new")) == 4


def test_several_problems_are_all_in_the_plan(source, tmp_path):
    for name in ("1_1_patient 2024-05-01 10-00-00.txt", "2_2_patient 2024-05-02 10-00-00.txt"):
        (source / name).write_text("800\nbroken\n810\n")
    plan = go(source, tmp_path / "study", dry_run=True)
    assert [s.id for s in plan.having("problem")] == ["d01s01", "d02s02"]
    with pytest.raises(FileError, match="2 sessions with problems"):
        go(source, tmp_path / "study")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("content", ["", "800\ntext\n", "800\ninf\n", "800\n-5\n"])
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_written(source, tmp_path, content):
    (source / "2_1_patient 2024-05-01 10-00-00.txt").write_text(content)
    with pytest.raises(FileError, match="2_1_patient"):
        go(source, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_role_that_is_unknown_is_refused_with_those_known(source, tmp_path):
    rr_file(source, "2_1_observer 2024-05-01 10-00-00.txt")
    with pytest.raises(InputError, match=r"observer for 2_1_observer.*\['patient', 'therapist'\]"):
        go(source, tmp_path / "study", roles=["patient", "therapist"])


def test_an_existing_study_keeps_its_roles(source, tmp_path):
    go(source, tmp_path / "study", roles=["therapist", "patient"])
    rr_file(source, "9_1_observer 2024-05-01 10-00-00.txt")
    with pytest.raises(InputError, match="observer"):
        go(source, tmp_path / "study")
    with pytest.raises(InputError, match="those of the study there"):
        go(source, tmp_path / "study", roles=["patient", "therapist"])


def test_a_pattern_that_fits_nothing_says_what_it_saw(source, tmp_path):
    with pytest.raises(InputError, match="8 files, such as '1_1_patient"):
        go(source, tmp_path / "study", pattern="{dyad}-{role}.csv")
    with pytest.raises(FileError, match="no such file or folder"):
        go(tmp_path / "nowhere", tmp_path / "study")


def test_pattern_and_map_file_exclude_each_other(source, tmp_path):
    with pytest.raises(InputError, match="one of them"):
        import_files([source], tmp_path / "study")


def test_a_recording_under_two_names_is_kept_twice_and_marked_twice(source, tmp_path):
    for role, second in (("patient", "00"), ("therapist", "02")):
        shutil.copy(
            source / f"1_1_{role} 2024-05-01 10-00-{second}.txt",
            source / f"1_3_{role} 2024-05-01 10-00-{second}.txt",
        )
    plan = go(source, tmp_path / "study")
    marked = {s.id for s in plan.sessions if any(n.code == "same-recording" for n in s.notes)}
    assert marked == {"d01s01", "d01s03"}
    assert len(plan.having("new")) == 5


def test_days_become_sessions_numbered_in_time(tmp_path):
    source = tmp_path / "r"
    for day in (9, 2):
        for role in "ab":
            rr_file(source, f"1_{role} 2024-05-{day:02d} 10-00-00.txt")
    plan = go(source, tmp_path / "study", pattern="{dyad}_{role} {date}.txt")
    assert [(s.id, s.number) for s in plan.sessions] == [("d01s20240502", 1), ("d01s20240509", 2)]


def test_a_zone_may_be_given_and_must_exist(source, tmp_path):
    plan = go(source, tmp_path / "study", zone="Europe/Warsaw", dry_run=True)
    assert plan.sessions[0].started_at.isoformat() == "2024-05-01T10:00:02+02:00"
    with pytest.raises(InputError, match="Mars"):
        go(source, tmp_path / "study", zone="Mars/Base")


def test_a_recording_that_comes_later_under_another_name_marks_both(source, tmp_path):
    from syntony.io.study import load_session, open_study

    go(source, tmp_path / "study")
    before = files_below(tmp_path / "study")
    for role, second in (("patient", "00"), ("therapist", "02")):
        old = source / f"1_1_{role} 2024-05-01 10-00-{second}.txt"
        shutil.copy(old, source / f"1_3_{role} 2024-05-01 10-00-{second}.txt")
    go(source, tmp_path / "study")
    study = open_study(tmp_path / "study")
    marked = {
        row.id
        for row in study.sessions
        if "same-recording" in {n.code for n in load_session(study, row.id).notes}
    }
    assert marked == {"d01s01", "d01s03"}
    after = files_below(tmp_path / "study")
    changed = {name for name, kept in before.items() if after[name] != kept}
    tables = {"sessions.tsv", "people.tsv", "participants.tsv"}
    assert changed == {"clocks/d01s01.json"} | tables
    go(source, tmp_path / "study")
    assert files_below(tmp_path / "study") == after


def test_what_a_killed_import_left_half_written_is_undone(source, tmp_path):
    from syntony.io.atomic import STAGE
    from syntony.io.study import open_study

    pair(tmp_path / "first", "8")
    go(tmp_path / "first", tmp_path / "study")
    stage = tmp_path / "study" / STAGE
    stage.mkdir()
    (stage / "plan.json").write_text('{"made": ["sub-x/half"], "replaced": []}')
    (tmp_path / "study" / "sub-x").mkdir()
    (tmp_path / "study" / "sub-x" / "half").write_text("half")
    go(source, tmp_path / "study")
    assert not (tmp_path / "study" / "sub-x").exists()
    assert len(open_study(tmp_path / "study").sessions) == 5


def e4_folder(folder, start, *, seconds=60, seed):
    folder.mkdir(parents=True)
    rng = rng_for(11, seed)
    for name, rate, columns in (("EDA.csv", 4, 1), ("ACC.csv", 32, 3)):
        rows = rng.integers(1, 60, (seconds * rate, columns)) / (10 if rate == 4 else 1)
        head = [", ".join([f"{start}.000000"] * columns), ", ".join([f"{rate}.000000"] * columns)]
        body = [", ".join(f"{v:g}" for v in row) for row in rows]
        (folder / name).write_text("\n".join([*head, *body]) + "\n")


def test_folders_may_be_the_recordings(tmp_path):
    from syntony.io.study import load_session, open_study

    source = tmp_path / "e4"
    e4_folder(source / "7_1_patient", 1714557600, seed="p")
    e4_folder(source / "7_1_therapist", 1714557604, seed="t")
    more = {"pattern": "{dyad}_{number}_{role}/", "format": ""}
    plan = go(source, tmp_path / "study", **more)
    (session,) = plan.sessions
    assert session.overlap_s == 56
    assert plan.unused == ()
    loaded = load_session(open_study(tmp_path / "study"), "d07s01")
    assert {s.kind for s in loaded.signals} == {"eda", "acc_x", "acc_y", "acc_z"}
    assert {s.start_s for s in loaded.signals} == {-4.0, 0.0}
    kept = tmp_path / "study" / "sourcedata" / "d07s01"
    assert len(list(kept.rglob("EDA.csv"))) == 2
    assert [s.state for s in go(source, tmp_path / "study", **more).sessions] == ["there"]


def test_a_device_with_a_zone_and_one_without_need_the_zone(tmp_path):
    source = tmp_path / "r"
    e4_folder(source / "7_1_patient.e4", 1714557600, seed="p")
    rr_file(source, "7_1_therapist 2024-05-01 12-00-01.txt")
    (source / "m.csv").write_text(
        "file,dyad,role\n7_1_patient.e4,7,patient\n"
        "7_1_therapist 2024-05-01 12-00-01.txt,7,therapist\n"
    )
    with pytest.raises(FileError, match="time zone"):
        import_files([source], tmp_path / "study", map_file=source / "m.csv")
    plan = import_files(
        [source], tmp_path / "study", map_file=source / "m.csv", zone="Europe/Warsaw"
    )
    assert plan.sessions[0].start_difference_s == pytest.approx(1.0)


def test_a_name_and_a_file_that_tell_different_starts_are_noted(tmp_path):
    source = tmp_path / "r"
    e4_folder(source / "7_1_patient 2024-05-01 10-05-00", 1714557600, seed="p")
    e4_folder(source / "7_1_therapist 2024-05-01 10-00-00", 1714557600, seed="t")
    more = {"pattern": "{dyad}_{number}_{role} {date}/", "format": ""}
    (session,) = go(source, tmp_path / "study", **more).sessions
    told = [n for n in session.notes if n.code == "stamps-differ"]
    assert [n.where for n in told] == ["d07s01/d07patient"]
    assert "-300 s" in told[0].text
    assert session.start_difference_s == 0


def test_starts_far_apart_are_noted(tmp_path):
    source = tmp_path / "r"
    pair(source, "1", late_s=38)
    (session,) = go(source, tmp_path / "study").sessions
    (note,) = [n for n in session.notes if n.code == "start-difference"]
    assert note.where == "d01s01"
    assert "38.0 s" in note.text


def table(folder, name, columns, rows=400, seed=0):
    folder.mkdir(exist_ok=True)
    values = rng_for(seed, name).integers(0, 900, (rows, len(columns)))
    lines = [" ".join(f'"{c}"' for c in columns), *(" ".join(map(str, r)) for r in values)]
    (folder / name).write_text("\n".join(lines) + "\n")


MOTION = {"kind": "motion", "unit": "1", "rate_hz": 25.0, "format": "delimited"}


def test_one_file_may_hold_both_people_on_one_clock(tmp_path):
    source = tmp_path / "r"
    table(source, "7_01.txt", ["pat", "th"])
    plan = go(
        source,
        tmp_path / "study",
        pattern="{dyad}_{session}.txt",
        columns={"patient": "pat", "therapist": "th"},
        **MOTION,
    )
    (session,) = plan.sessions
    assert session.clock_error_s == 0
    assert session.overlap_s == 16
    assert plan.roles == ("patient", "therapist")
    assert session.notes == ()


def test_without_stamps_nothing_is_assumed_unless_the_user_says_so(tmp_path):
    source = tmp_path / "r"
    for role in "ab":
        table(source, f"7_01_{role}.txt", ["x", "y"])
    more = {"pattern": "{dyad}_{session}_{role}.txt", "column": "x", **MOTION}
    with pytest.raises(FileError, match="together=True"):
        go(source, tmp_path / "study", **more)
    (session,) = go(source, tmp_path / "one", together=True, **more).sessions
    assert "taken-together" in {n.code for n in session.notes}
    assert np.isnan(session.clock_error_s)
    (session,) = go(source, tmp_path / "two", offsets_s={"a": 0.0, "b": 3.0}, **more).sessions
    assert session.overlap_s == 13


def test_a_map_file_does_what_no_pattern_can(tmp_path):
    source = tmp_path / "r"
    table(source, "session one.txt", ["p", "t"])
    table(source, "left.txt", ["v", "w"])
    table(source, "right.txt", ["v", "w"])
    (source / "map.tsv").write_text(
        "file\tdyad\tsession\trole\tperson\tcolumn\toffset_s\n"
        "session one.txt\tA\tone\tpatient\tP1\tp\tn/a\n"
        "session one.txt\tA\tone\ttherapist\tT1\tt\tn/a\n"
        "left.txt\tB\ttwo\tpatient\tP2\tv\t0\n"
        "right.txt\tB\ttwo\ttherapist\tT1\tw\t1.5\n"
    )
    table(source, "forgotten.txt", ["v", "w"])
    plan = import_files([source], tmp_path / "study", map_file=source / "map.tsv", **MOTION)
    assert [s.id for s in plan.sessions] == ["Aone", "Btwo"]
    assert [[p.id for p in s.people] for s in plan.sessions] == [["P1", "T1"], ["P2", "T1"]]
    assert plan.sessions[1].overlap_s == 14.5
    assert [p.name for p, _ in plan.unused] == ["forgotten.txt"]


def test_a_person_with_two_roles_in_a_session_is_a_problem(tmp_path):
    source = tmp_path / "r"
    table(source, "x.txt", ["p", "t"])
    (source / "m.csv").write_text(
        "file,dyad,role,person,column\nx.txt,1,patient,P1,p\nx.txt,1,therapist,P1,t\n"
    )
    with pytest.raises(FileError, match="one role in session"):
        import_files([source], tmp_path / "study", map_file=source / "m.csv", **MOTION)


def test_two_columns_that_are_one_recording_are_marked(tmp_path):
    source = tmp_path / "r"
    table(source, "7_01.txt", ["pat", "th"])
    more = {"columns": {"patient": "pat", "therapist": "pat"}, **MOTION}
    plan = go(source, tmp_path / "study", pattern="{dyad}_{session}.txt", **more)
    assert [n.code for n in plan.sessions[0].notes] == ["same-recording"]


@needs_shared("data/swps-couples-rr")
def test_the_nine_couples_are_imported_as_they_lie_there(tmp_path):
    plan = import_files([SHARED / "data" / "swps-couples-rr"], tmp_path / "study", **COUPLES)
    assert {k: (n, round(s)) for k, (n, s) in plan.overlap_by_type.items()} == {
        "relaxation": (17, 18955),
        "cooperation": (15, 15231),
    }
    assert plan.roles == ("woman", "man")
    assert sum(len(s.sources) for s in plan.sessions) == 98
    assert sorted(p.name for p, _ in plan.unused) == ["MANIFEST.sha256", "README.md"]
    marked = {s.id for s in plan.sessions if any(n.code == "same-recording" for n in s.notes)}
    assert marked == {"d07s02relaxation", "d07s02cooperation"}
    codes = {n.code for n in plan.notes if n.where.startswith("d07s02relaxation/")}
    assert "part-order" in codes
    assert max(s.start_difference_s for s in plan.sessions) == 3.0
    again = import_files([SHARED / "data" / "swps-couples-rr"], tmp_path / "study", **COUPLES)
    assert {s.state for s in again.sessions} == {"there"}


@needs_shared("data/rmea-therapy-mea")
def test_the_ten_therapy_dyads_are_imported(tmp_path):
    from syntony.io.study import load_session, open_study

    plan = import_files(
        [SHARED / "data" / "rmea-therapy-mea"],
        tmp_path / "study",
        pattern="{type}/{dyad}_{session}.txt",
        columns={"patient": "pat", "therapist": "th"},
        kind="motion",
        unit="1",
        rate_hz=25,
    )
    assert plan.overlap_by_type == {"dropout": (5, 3000.0), "normal": (5, 3000.0)}
    assert not any(n.code == "same-recording" for n in plan.notes)
    session = load_session(open_study(tmp_path / "study"), "d203s01normal")
    first = [s.values[0] for s in session.signals]
    line = (SHARED / "data/rmea-therapy-mea/normal/203_01.txt").read_text().splitlines()[1]
    assert first == [float(v) for v in line.split()]
    assert {s.rate_hz for s in session.signals} == {25.0}
