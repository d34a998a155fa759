"""The same figures whoever works; a session that kills or raises costs itself only."""

import os
import sys

import poison
import pytest
from click.testing import CliRunner

import syntony as sy
from syntony.cli import main
from syntony.core.errors import InputError, MissingPackage, SyntonyError
from syntony.core.run import TABLES
from syntony.pipeline.executors import KILLED, Failed, beside, each, hands_at
from syntony.pipeline.origin import versions
from syntony.pipeline.processes import Processes


def bytes_of(run):
    return {name: (run.path / f"{name}.parquet").read_bytes() for name in TABLES}


def failed(run):
    return {n.where: n.text for n in run.notes if n.code == "session-failed"}


@pytest.fixture
def home(study, monkeypatch):
    """Where the runs of a study lie; the work of its sessions can be poisoned."""
    monkeypatch.setattr("syntony.pipeline.run.do_session", poison.do_session)
    monkeypatch.setattr("syntony.pipeline.run.prepare_session", poison.prepare_session)
    return study / "derivatives" / "syntony"


@pytest.fixture(scope="module")
def scheduler():
    """A real scheduler and two workers, each a process, on free ports of loopback."""
    distributed = pytest.importorskip("distributed", reason="extra cluster is not installed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=50,
    ) as cluster:
        yield cluster.scheduler_address


def test_a_deadly_item_costs_itself_only():
    found = dict(each(poison.double, [1, 2, -3, 4, 5, 6], jobs=2))
    assert found.pop(-3) == Failed(KILLED)
    assert found == {k: 2 * k for k in (1, 2, 4, 5, 6)}


def test_one_item_beside_is_done_by_another_process_and_here_without_one():
    with Processes(2) as hands:
        wait_for = beside(poison.whose, 3, jobs=2, hands=hands)
        number, pid = wait_for()
        assert (number, pid == os.getpid()) == (3, False)
        assert beside(poison.whose, 4, jobs=1, hands=hands)() == (4, os.getpid())


def test_what_is_raised_beside_is_raised_where_it_is_asked_for():
    with Processes(2) as hands:
        wait_for = beside(poison.refuse, 7, jobs=2, hands=hands)
        with pytest.raises(InputError, match="another one than 7") as raised:
            wait_for()
    assert raised.value.got != os.getpid()  # it is not tried again here


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_where_the_worker_beside_dies_it_is_done_here():
    with Processes(2) as hands:
        assert beside(poison.die_elsewhere, os.getpid(), jobs=2, hands=hands)() == os.getpid()


def test_workers_that_were_let_go_are_others_afterwards():
    with Processes(1) as hands:
        ((_, (_, before)),) = hands.lap(poison.whose, [1])
        hands.end(wait=False)
        ((_, (_, after)),) = hands.lap(poison.whose, [2])
    assert before != after


def test_a_deadly_item_on_a_cluster_kills_twice_and_no_more(scheduler, tmp_path):
    with hands_at(scheduler, jobs=1, home=tmp_path) as cluster:
        found = dict(each(poison.double, [1, -2, 3, 4], jobs=1, hands=cluster))
    assert found.pop(-2) == Failed(KILLED)
    assert found == {1: 2, 3: 6, 4: 8}
    assert not list(tmp_path.iterdir())


def test_here_too_what_raises_is_told_and_the_rest_goes_on():
    found = dict(each(poison.double, [1, "x", None], jobs=1))
    assert found[1] == 2
    assert "TypeError" in found[None].reason
    assert "poison.py, line" in found[None].reason


def test_a_fault_of_the_disk_is_nobody_s_session():
    def full(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        list(each(full, [1, 2], jobs=1))


@pytest.mark.slow
def test_poison_in_the_pool_leaves_a_note_and_resume_gives_the_whole(home, small_recipe, made_run):
    poison.lay(home, d02s01="die", d03s01="die once", d05s01="raise")
    run = sy.run(home.parents[1], small_recipe, name="r", jobs=2)
    assert set(failed(run)) == {"d02s01", "d05s01"}
    assert failed(run)["d02s01"] == KILLED
    assert "Unportable: bad session (poison.py" in failed(run)["d05s01"]
    assert poison.deaths(home, "d02s01") == 2
    assert run.finished
    assert not {"d02s01", "d05s01"} & set(run.table("pairs").session)
    assert sy.check(run.path).whole
    poison.lay(home)
    again = sy.run(home.parents[1], small_recipe, jobs=2, resume=True)
    assert again.path == run.path
    assert bytes_of(again) == bytes_of(made_run)
    assert not failed(again)


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(study, small_recipe, made_run, scheduler, monkeypatch):
    monkeypatch.chdir(study.parent)  # a relative path means nothing to a worker
    run = sy.run(study.name, small_recipe, dask=scheduler)
    assert bytes_of(run) == bytes_of(made_run)
    assert not list((study / "derivatives").rglob(".*"))


@pytest.mark.slow
def test_poison_on_a_cluster_leaves_a_note_and_resume_gives_the_whole(
    home, small_recipe, made_run, scheduler
):
    poison.lay(home, d02s01="die", d03s01="die once", d05s01="raise")
    run = sy.run(home.parents[1], small_recipe, name="r", dask=scheduler)
    assert set(failed(run)) == {"d02s01", "d05s01"}
    assert poison.deaths(home, "d02s01") == 2
    assert run.finished
    poison.lay(home)
    again = sy.run(home.parents[1], small_recipe, dask=scheduler, resume=True)
    assert bytes_of(again) == bytes_of(made_run)


@pytest.mark.slow
def test_the_shell_makes_a_cluster_and_says_what_failed(home, small_recipe):
    pytest.importorskip("distributed", reason="extra cluster is not installed")
    recipe = home.parents[1] / "recipe.toml"
    recipe.write_text("[emotion]\nrotations = 39\n[[surrogates]]\nname = 'pseudo_dyads'\n")
    poison.lay(home, d04s01="raise")
    done = CliRunner().invoke(
        main,
        ["run", str(home.parents[1]), "--recipe", str(recipe), "--dask", "local", "--jobs", "2"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    assert "Note (session-failed): d04s01: Unportable" in done.output
    assert "--resume tries them again" in done.output


def test_a_cluster_of_this_machine_listens_on_loopback_only(tmp_path):
    psutil = pytest.importorskip("psutil", reason="extra cluster is not installed")
    with hands_at("local", jobs=1, home=tmp_path):
        own = psutil.Process()
        ports = [
            c.laddr
            for p in (own, *own.children(recursive=True))
            for c in p.net_connections("inet")
            if c.status == psutil.CONN_LISTEN
        ]
    assert ports
    assert {p.ip for p in ports} == {"127.0.0.1"}


def test_workers_that_do_not_see_the_folder_are_refused(scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr("syntony.pipeline.executors._look", poison.elsewhere)
    with (
        pytest.raises(SyntonyError, match=r"does not see the folder .*same path"),
        hands_at(scheduler, jobs=1, home=tmp_path),
    ):
        pass


def test_workers_with_other_versions_are_refused(scheduler, tmp_path, monkeypatch):
    here = versions() | {"numpy": "1.0"}
    monkeypatch.setattr("syntony.pipeline.executors.versions", lambda: here)
    with (
        pytest.raises(SyntonyError, match=r"other versions.*numpy .* \(here 1\.0\)"),
        hands_at(scheduler, jobs=1, home=tmp_path),
    ):
        pass


def test_nobody_at_the_address_is_told(study, small_recipe):
    pytest.importorskip("distributed", reason="extra cluster is not installed")
    with pytest.raises(InputError, match="a scheduler that answers"):
        sy.run(study, small_recipe, dask="nonsense://127.0.0.1:1")
    assert not list((study / "derivatives").rglob("*"))


def test_without_the_extra_it_is_named(study, small_recipe, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPackage, match=r"syntony\[cluster\]"):
        sy.run(study, small_recipe, dask="local")
    assert not (study / "derivatives").exists()


@pytest.mark.slow
def test_a_session_that_cannot_be_prepared_is_tried_again_with_its_strangers(
    home, small_recipe, made_run
):
    poison.lay(home, "prepare", d02s01="raise")
    run = sy.run(home.parents[1], small_recipe, name="r", jobs=1)
    assert set(failed(run)) == {"d02s01"}
    assert "d02s01" not in set(run.table("pseudo").session_b)
    poison.lay(home)
    again = sy.run(home.parents[1], small_recipe, jobs=1, resume=True)
    assert bytes_of(again) == bytes_of(made_run)


def test_where_every_session_fails_the_reason_is_raised(home, small_recipe):
    poison.lay(home, **{f"d{k:02d}s01": "raise" for k in range(1, 9)})
    with pytest.raises((SyntonyError, poison.Unportable), match="bad session"):
        sy.run(home.parents[1], small_recipe, jobs=1)
