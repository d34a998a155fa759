"""Workers and runs killed from outside, and a full disk: what is finished is the serial run's."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import made_corpus
import numpy as np
import poison
import pytest

import syntony as sy
from syntony.config import read_recipe
from syntony.core.errors import SyntonyError
from syntony.core.run import TABLES
from syntony.pipeline.executors import KILLED
from syntony.pipeline.strangers import Tile

TOML = """
[[synchrony]]
method = "lagged_correlation"
[[synchrony]]
method = "marci"
[[surrogates]]
name = "pseudo_dyads"
[[surrogates]]
name = "shift_thirds"
count = 199
[corpus]
derangements = 99
bootstrap = 199
"""
PATIENCE_S = 300.0


def bytes_of(run):
    return {name: (run.path / f"{name}.parquet").read_bytes() for name in TABLES}


def blocks(home, name, stage=""):
    """Results that lie there whole; half of one would end otherwise."""
    return [p for p in (home / name / "blocks" / stage).glob("*.npz") if "codes" not in p.name]


def when(true):
    """Wait until something holds."""
    last = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < last
        time.sleep(0.005)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A made corpus, its recipe, and what one process makes of it."""
    root = made_corpus.make_corpus(tmp_path_factory.mktemp("corpus") / "study")
    (root / "recipe.toml").write_text(TOML)
    return root, bytes_of(sy.run(root, name="serial", jobs=1))


@pytest.fixture
def cluster():
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
    ) as made:
        yield made


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles of three by three: how pairs are laid on tiles must not show in the result."""
    monkeypatch.setattr("syntony.pipeline.strangers.AT_MOST", 3)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["", "strangers"])
def test_a_worker_killed_from_outside_costs_nothing(corpus, cluster, small_tiles, stage):
    root, serial = corpus
    home, name, seen = root / "derivatives" / "syntony", f"outside{stage}", []

    def kill():
        when(lambda: len(blocks(home, name, stage)) >= 3)
        victim = next(w.pid for w in cluster.workers.values() if w.pid)
        os.kill(victim, signal.SIGKILL)
        seen.append((victim, len(blocks(home, name, stage))))

    killer = threading.Thread(target=kill)
    killer.start()
    run = sy.run(root, name=name, dask=cluster.scheduler_address)
    killer.join()
    victim, done = seen[0]
    assert done < len(blocks(home, name, stage))  # it was in the middle
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)
    assert bytes_of(run) == serial
    assert not [n for n in run.notes if n.code.endswith("-failed")]


def shell(root, name, *more):
    """A run of the shell, in a session of its own."""
    command = [sys.executable, "-m", "syntony", "run", str(root), "--name", name, "--jobs", "2"]
    return subprocess.Popen(
        [*command, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


def listening(process, psutil):
    """Addresses on which a process and its children listen."""
    found = set()
    for one in (process, *process.children(recursive=True)):
        try:
            found |= {
                c.laddr.ip for c in one.net_connections("inet") if c.status == psutil.CONN_LISTEN
            }
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--dask", "local")], ids=["pool", "dask"])
def test_a_killed_run_is_resumed_and_its_workers_end(corpus, more):
    psutil = pytest.importorskip("psutil", reason="extra cluster is not installed")
    if more:
        pytest.importorskip("distributed", reason="extra cluster is not installed")
    root, serial = corpus
    home, name = root / "derivatives" / "syntony", "killed" + "".join(more[:1]).strip("-")
    driver = shell(root, name, *more)
    when(lambda: len(blocks(home, name)) >= 2 or driver.poll() is not None)
    whole = psutil.Process(driver.pid)
    heard, workers = listening(whole, psutil), whole.children(recursive=True)
    driver.kill()
    driver.communicate()
    assert driver.returncode == -signal.SIGKILL
    assert heard == ({"127.0.0.1"} if more else set())
    assert workers
    when(lambda: not any(w.is_running() and w.status() != "zombie" for w in workers))
    done = len(blocks(home, name))
    assert 2 <= done < len(made_corpus.SITES)
    assert not json.loads((home / name / "origin.json").read_text())["finished"]
    again = shell(root, name, *more, "--resume")
    out, err = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0, out + err
    assert bytes_of(sy.Run(home / name)) == serial


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_resume_completes_it(corpus, small_disk):
    _, serial = corpus
    root = made_corpus.make_corpus(small_disk / "study")
    (root / "recipe.toml").write_text(TOML)
    disk = os.statvfs(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - 1_500_000))
    stopped = shell(root, "r")
    out, err = stopped.communicate(timeout=PATIENCE_S)
    home = root / "derivatives" / "syntony"
    assert stopped.returncode == 1, out + err
    assert "full disk" in err
    assert "--resume" in err
    assert not list((home / "r").rglob(".*"))  # nothing half written
    for path in blocks(home, "r"):
        np.load(path).close()
    assert len(list((home / "r" / "blocks").iterdir())) > 0
    filler.unlink()
    again = shell(root, "r", "--resume")
    out, err = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0, out + err
    assert bytes_of(sy.Run(home / "r")) == serial


@pytest.mark.parametrize("at", [4, pytest.param(17, marks=pytest.mark.slow)])
def test_a_disk_that_fills_in_a_block_leaves_no_half(corpus, monkeypatch, at):
    """Also where no small disk can be mounted; block 4 is a session's, block 17 a tile's."""
    root, serial = corpus
    name, savez, written = f"full{at}", np.savez, []

    def full(file, **arrays):
        written.append(file.name)
        if len(written) == at:
            file.write(b"PK half of it")
            raise OSError(28, "No space left on device", file.name)
        savez(file, **arrays)

    monkeypatch.setattr("syntony.pipeline.strangers.AT_MOST", 3)
    monkeypatch.setattr("numpy.savez", full)
    with pytest.raises(OSError, match="No space left"):
        sy.run(root, name=name, jobs=1)
    monkeypatch.undo()
    home = root / "derivatives" / "syntony"
    assert not list((home / name).rglob(".*"))
    assert len(blocks(home, name)) + len(blocks(home, name, "strangers")) == at - 1
    monkeypatch.setattr("syntony.pipeline.strangers.AT_MOST", 3)
    assert bytes_of(sy.run(root, name=name, jobs=1, resume=True)) == serial


@pytest.mark.slow  # dying workers, one pair after the other: a minute and a half
def test_a_poisonous_pair_costs_itself_only(corpus, monkeypatch, small_tiles):
    root, serial = corpus
    monkeypatch.setattr("syntony.pipeline.tile_stage.do_tile", poison.do_tile)
    monkeypatch.setattr("syntony.pipeline.tile_stage.compute_tile", poison.compute_tile)
    home = root / "derivatives" / "syntony"
    poison.lay(home, "tile", **{"s04-s07": "die", "s12-s01": "raise"})
    run = sy.run(root, name="poisoned", jobs=2)
    told = {n.where: n.text for n in run.notes if n.code == "pair-failed"}
    assert set(told) == {"s04 with s07", "s12 with s01"}
    assert told["s04 with s07"] == KILLED
    assert "Unportable" in told["s12 with s01"]
    pseudo = run.table("pseudo")
    gone = pseudo[pseudo.value.isna()]
    assert set(zip(gone.session_a, gone.session_b, strict=True)) == {
        ("s04", "s07"),
        ("s12", "s01"),
    }
    assert sy.check(run.path).whole
    poison.lay(home)
    again = sy.run(root, name="poisoned", jobs=2, resume=True)
    assert bytes_of(again) == serial
    assert not [n for n in again.notes if n.code == "pair-failed"]


def test_where_every_pair_fails_the_reason_is_raised(corpus, monkeypatch):
    def fail(tile):
        raise poison.Unportable("no", tile.name)

    root, _ = corpus
    monkeypatch.setattr("syntony.pipeline.tile_stage.do_tile", fail)
    monkeypatch.setattr("syntony.pipeline.tile_stage.compute_tile", fail)
    monkeypatch.setattr("syntony.pipeline.tile_stage.each", _here)
    with pytest.raises((SyntonyError, poison.Unportable), match="no 00000-00000"):
        sy.run(root, name="hopeless", jobs=1)


def _here(do, items, **_):
    """In this process, whatever is asked: a patched function does not travel."""
    from syntony.pipeline.executors import each

    return each(do, items, jobs=1)


def test_a_tile_is_done_only_with_the_pairs_it_would_have_now(tmp_path):
    pairs = np.array([[0, 1], [1, 0]])
    tile = Tile(tmp_path, sy.Recipe(), "00000-00000", {0: "a", 1: "b"}, pairs)
    tile.path.parent.mkdir(parents=True)
    np.savez(tile.path, pairs=pairs)
    assert tile.is_done()
    assert not tile.only(pairs[:1]).is_done()


def test_the_recipe_of_these_tests_is_whole(corpus):
    assert read_recipe(corpus[0] / "recipe.toml").surrogates[1].count == 199
