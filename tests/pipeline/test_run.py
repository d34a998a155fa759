"""The one way through: same figures by every door and any number of workers, resumable."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import syntony as sy
from syntony.cli import main
from syntony.config import Step
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.core.run import TABLES

RECIPE = """
[[surrogates]]
name = "pseudo_dyads"

[[surrogates]]
name = "shift_thirds"
count = 39

[emotion]
rotations = 39

[empathy]
bootstrap = 199

[corpus]
derangements = 99
bootstrap = 199
"""


def bytes_of(run):
    return {name: (run.path / f"{name}.parquet").read_bytes() for name in TABLES}


def same_tables(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(one.table(name), other.table(name))


def test_python_and_shell_give_one_answer(study, made_run):
    (study / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(study), "--jobs", "1"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    same_tables(sy.Run(study / "derivatives" / "syntony" / "run-001"), made_run)
    assert "Synchrony" in done.output
    assert "Report:" in done.output


def test_the_number_of_workers_does_not_matter(study, made_run, small_recipe):
    run = sy.run(study, small_recipe, jobs=2)
    assert bytes_of(run) == bytes_of(made_run)


def test_every_pair_of_strangers_is_there_once(made_run):
    pseudo = made_run.table("pseudo")
    one = pseudo[(pseudo.step == 0) & (pseudo.statistic == "ssi")]
    assert not one.duplicated(["session_a", "session_b"]).any()
    sessions = made_run.table("sessions").set_index("session")
    therapist, patient = sessions.person_b, sessions.person_a
    met = set(zip(patient, therapist, strict=True))
    pairs = {(patient[a], therapist[b]) for a, b in zip(one.session_a, one.session_b, strict=True)}
    everyone = {(p, t) for p in patient for t in therapist}
    assert pairs == everyone - met


def test_rows_have_the_columns_of_the_conventions(made_run):
    text = """session dyad signal_a signal_b role_a role_b method statistic value fisher_z
        low high t_start_s t_stop_s lag_s leader clock_error_s coverage surrogate draws
        z_surrogate p_one p_two"""
    pairs = made_run.table("pairs")
    assert set(text.split()) <= set(pairs.columns)
    assert pairs.groupby(["session", "step", "statistic"]).surrogate.nunique().eq(2).all()
    assert pairs.p_two.between(0, 1).all()
    assert (made_run.path / "tables" / "pairs.csv").exists()


def test_the_saved_recipe_holds_every_default(made_run):
    step = made_run.recipe["synchrony"][0]
    assert step["options"]["slope_window_s"] == 5.0
    assert made_run.recipe["body"]["eda"]["quality"]["low_us"] == 0.05
    assert made_run.origin["finished"] is True
    assert all(len(fact["sha256"]) == 64 for fact in made_run.origin["inputs"])


def test_a_run_that_exists_is_not_written_over(study, small_recipe):
    sy.run(study, small_recipe, name="once", jobs=1)
    with pytest.raises(InputError, match="a run that does not exist"):
        sy.run(study, small_recipe, name="once", jobs=1)
    other = small_recipe.model_copy(update={"seed": 5})
    with pytest.raises(InputError, match="the recipe of that run"):
        sy.run(study, other, name="once", jobs=1, resume=True)
    with pytest.raises(InputError, match="plain folder name"):
        sy.run(study, small_recipe, name="../elsewhere", jobs=1)


def test_resume_computes_only_what_is_missing(study, small_recipe, made_run):
    run = sy.run(study, small_recipe, name="r", jobs=1)
    blocks = sorted((run.path / "blocks").glob("*[0-9].npz"))
    before = {p.name: p.stat().st_mtime_ns for p in blocks[1:]}
    blocks[0].unlink()
    origin = json.loads((run.path / "origin.json").read_text())
    (run.path / "origin.json").write_text(json.dumps(origin | {"finished": False}))
    again = sy.run(study, small_recipe, jobs=1, resume=True)
    assert again.path == run.path
    assert {p.name: p.stat().st_mtime_ns for p in blocks[1:]} == before
    same_tables(again, made_run)


def test_resume_refuses_changed_inputs(study, small_recipe):
    run = sy.run(study, small_recipe, name="r", jobs=1)
    changed = next((study / "codes").glob("*.tsv"))
    changed.write_text(changed.read_text() + "\n")
    with pytest.raises(InputError, match="unchanged inputs"):
        sy.run(study, small_recipe, name="r", jobs=1, resume=True)
    found = sy.check(run.path)
    assert not found.whole
    assert any("changed since the run" in line for line in found.lines)


def test_a_killed_run_goes_on_where_it_stopped(study, small_recipe, made_run):
    (study / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    command = [sys.executable, "-m", "syntony", "run", str(study), "--jobs", "1", "--name", "k"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    blocks = study / "derivatives" / "syntony" / "k" / "blocks"
    deadline = time.monotonic() + 60
    while not list(blocks.glob("d0*s01.npz")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = sy.run(study, jobs=1, name="k", resume=True)
    same_tables(again, made_run)
    assert not list(again.path.rglob(".*"))


def test_a_full_disk_leaves_whole_files_and_can_be_resumed(study, small_recipe, monkeypatch):
    import syntony.core.files as files

    real, count = files.os.fsync, iter(range(10_000))

    def full(handle):
        if next(count) > 12:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        sy.run(study, small_recipe, name="f", jobs=1)
    monkeypatch.undo()
    folder = study / "derivatives" / "syntony" / "f"
    assert not list(folder.rglob(".*"))
    for block in (folder / "blocks").glob("*.npz"):
        np.load(block).close()
    assert sy.run(study, small_recipe, name="f", jobs=1, resume=True).finished


def test_check_computes_one_session_again(made_run):
    found = sy.check(made_run.path)
    assert found.whole, found.lines
    assert any("the same figures again" in line for line in found.lines)
    assert sy.check(made_run.path.parents[2]).whole


def test_check_notices_a_changed_block(study, small_recipe):
    run = sy.run(study, small_recipe, name="r", jobs=1)
    for block in (run.path / "blocks").glob("*[0-9].npz"):
        with np.load(block) as saved:
            arrays = {k: saved[k] for k in saved.files}
        arrays["step0_stats"] = arrays["step0_stats"] + 1e-12
        np.savez(block, **arrays)
    assert not sy.check(run.path).whole


def test_the_report_can_be_made_again_without_the_study(made_run, tmp_path):
    import shutil

    copy = tmp_path / "moved"
    shutil.copytree(made_run.path, copy)
    shutil.rmtree(copy / "report")
    shutil.rmtree(copy / "blocks")
    page = sy.report(copy)
    assert page.read_bytes() == (made_run.path / "report" / "index.html").read_bytes()


def test_a_role_that_the_study_lacks_is_named(study, small_recipe):
    wrong = small_recipe.model_copy(update={"roles": ("patient", "nurse")})
    with pytest.raises(InputError, match=r"two of the study's roles, \['patient', 'therapist'\]"):
        sy.run(study, wrong, jobs=1)
    assert not (study / "derivatives").exists()


def test_a_signal_that_nobody_has_says_what_there_is(study, small_recipe):
    wrong = small_recipe.model_copy(update={"signal": "hr"})
    with pytest.raises(SyntonyError, match="No session can be used"):
        sy.run(study, wrong, jobs=1)
    assert not list((study / "derivatives" / "syntony").glob("*"))


def test_one_bad_session_is_left_out_and_named(study, small_recipe):
    data = next((study / "sub-P03").rglob("*eda_physio.tsv.gz"))
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    run = sy.run(study, small_recipe, jobs=1)
    left = [n for n in run.notes if n.code == "session-left-out"]
    assert [n.where for n in left] == ["d03s01"]
    assert data.name in left[0].text
    sessions = run.table("sessions").set_index("session")
    assert sessions.failed["d03s01"]
    assert "d03s01" not in set(run.table("pairs").session)


def test_a_session_too_short_for_a_method_is_left_out_and_named(study, small_recipe):
    data = next((study / "sub-P03").rglob("*eda_physio.tsv.gz"))
    lines = gzip.decompress(data.read_bytes()).splitlines(keepends=True)
    data.write_bytes(gzip.compress(b"".join(lines[: 4 * 100])))
    long = Step(method="marci", options={"window_s": 200.0})
    run = sy.run(study, small_recipe.model_copy(update={"synchrony": (long,)}), jobs=1)
    left = [n for n in run.notes if n.code == "session-left-out"]
    assert [n.where for n in left] == ["d03s01"]
    assert "marci: window_s=200.0: expected at most" in left[0].text
    assert "d03s01" not in set(run.table("pairs").session)


def test_a_recipe_that_fits_no_session_is_refused_by_its_field(study, small_recipe):
    long = Step(method="marci", options={"window_s": 9000.0})
    with pytest.raises(InputError, match=r"marci: window_s=9000\.0"):
        sy.run(study, small_recipe.model_copy(update={"synchrony": (long,)}), jobs=1)
    assert not list((study / "derivatives" / "syntony").glob("*"))


def test_codes_outside_the_session_name_file_and_line(study, small_recipe):
    table = next((study / "codes").glob("d02s01*.tsv"))
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines, "90000.0\t5.0\tP02\tpositive\tcoder1"]) + "\n")
    run = sy.run(study, small_recipe, jobs=1)
    told = [n for n in run.notes if n.code == "session-left-out"]
    assert [n.where for n in told] == ["d02s01"]
    assert f"{table.name}, line {len(lines) + 1}, column 'onset'" in told[0].text
    assert "inside the session" in told[0].text


def test_a_code_that_the_book_lacks_is_refused_but_synchrony_stays(study, small_recipe):
    table = next((study / "codes").glob("d02s01*.tsv"))
    table.write_text(table.read_text().replace("positive", "gleeful", 1))
    run = sy.run(study, small_recipe, jobs=1)
    told = [n for n in run.notes if n.code == "codes-refused"]
    assert [n.where for n in told] == ["d02s01"]
    assert "gleeful" in told[0].text
    assert "d02s01" not in set(run.table("codes").session)
    assert "d02s01" in set(run.table("pairs").session)


def test_an_answer_off_its_scale_is_refused_by_name(study, small_recipe):
    table = next((study / "phenotype").glob("*.tsv"))
    lines = table.read_text().splitlines()
    cells = lines[1].split("\t")
    cells[3] = "7"
    table.write_text("\n".join([lines[0], "\t".join(cells), *lines[2:]]) + "\n")
    run = sy.run(study, small_recipe, jobs=1)
    told = [n for n in run.notes if n.code == "questionnaire-refused"]
    assert len(told) == 1
    assert "7" in told[0].text


def test_a_study_that_is_none_says_so(tmp_path):
    with pytest.raises(FileError):
        sy.run(tmp_path / "none")
    done = CliRunner().invoke(main, ["run", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output


@pytest.mark.parametrize("dyads", [1, 2, 3, 5, pytest.param(6, marks=pytest.mark.slow)])
def test_a_study_of_any_size_gets_a_report_that_says_what_cannot_be_tested(
    tmp_path, small_recipe, dyads
):
    run = sy.demo(tmp_path / "s", dyads=dyads, minutes=21, recipe=small_recipe, jobs=1)
    links = run.table("links")
    strangers = links[(links.finding == "synchrony") & (links.surrogate == "pseudo_dyads")]
    assert strangers.status.str.startswith("not testable").all() == (dyads < 6)
    page = (run.path / "report" / "index.html").read_text("utf-8")
    assert dyads >= 6 or "not testable" in page
    plain = re.sub(r"<pre.*?</pre>|<[^>]*>", " ", page, flags=re.DOTALL)  # but for the recipe
    assert not re.search(r"\b(nan|None)\b", plain)


def test_a_run_made_anew_under_its_name_reads_the_new_data(tmp_path, small_recipe):
    import shutil

    values = []
    for seed in (1, 2):
        root = tmp_path / "s"
        shutil.rmtree(root, ignore_errors=True)
        run = sy.demo(root, dyads=2, minutes=5, seed=seed, recipe=small_recipe, jobs=1)
        values.append(run.table("pairs").value.iloc[0])
    assert values[0] != values[1]


def test_a_code_that_hangs_over_the_end_is_cut_not_refused(study, small_recipe):
    table = next((study / "codes").glob("d02s01*.tsv"))
    lines = table.read_text().splitlines()
    last = lines[-1].split("\t")
    last[1] = str(float(last[1]) + 30.0)
    table.write_text("\n".join([*lines[:-1], "\t".join(last)]) + "\n")
    run = sy.run(study, small_recipe, jobs=1)
    assert "codes-refused" not in {n.code for n in run.notes}
    assert "d02s01" in set(run.table("codes").session)
    assert [n.where for n in run.notes if n.code == "code-over-edge"] == ["d02s01/codes"]
