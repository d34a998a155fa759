"""Who does the work: this process, a pool of processes, or a Dask cluster. The result is the same.

An item that raises, or whose worker dies, costs that item and nothing else. A worker's death
does not say which of the items in flight caused it, so those are done again one at a time:
an item whose worker dies then as well is given up.
"""

from __future__ import annotations

import errno
import logging
import os
import pickle
import queue
import secrets
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from syntony.core.errors import InputError, SyntonyError
from syntony.core.optional import need
from syntony.pipeline.origin import versions
from syntony.pipeline.processes import Lost, Processes

Item = TypeVar("Item")
Result = TypeVar("Result")

LOCAL = "local"
WAIT_S = 60.0
BEAT_S = 5.0
KILLED = "The process that worked on it died, twice: memory ran out, or a crash in native code."
_FAULTS = "ENOSPC EDQUOT EFBIG EROFS EIO EMFILE ENFILE ESTALE ENOTCONN"
MACHINE = {getattr(errno, name) for name in _FAULTS.split() if hasattr(errno, name)}
"""Faults of the disk or the machine, which no session is to blame for: they stop the run."""


@dataclass(frozen=True)
class Failed:
    """What an item gives that could not be done: why, and the exception where it can travel."""

    reason: str
    error: Exception | None = None


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(
    do: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    jobs: int,
    apart: bool = False,
    hands: Hands | None = None,
) -> Iterator[tuple[Item, Result | Failed]]:
    """Do every item and give (item, result) as they are ready.

    Parameters
    ----------
    do : callable
        A module-level function (or a partial of one) of one picklable value.
    items : iterable
    jobs : int
        Processes; 1 works here, without any.
    apart : bool, default False
        Use processes even for a single item, so that it cannot take this one with it.
    hands : Processes or Cluster, optional
        Who does the work where it is not done here; default: processes of its own. On a
        cluster ``jobs`` and ``apart`` are not looked at.

    Yields
    ------
    item, result
        ``Failed`` in place of the result where ``do`` raised, or where the worker died both
        among others and alone.

    Raises
    ------
    OSError, ImportError
        What ``do`` raised, where the disk or the installation is to blame, not the item.
    """
    todo = list(items)
    if jobs < 1:
        raise InputError("jobs", jobs, "at least 1")
    safe = partial(_guarded, do)
    if not isinstance(hands, Cluster) and (jobs == 1 or len(todo) < 1 + (not apart)):
        yield from ((item, safe(item)) for item in todo)
        return
    with ExitStack() as held:
        workers = hands or held.enter_context(Processes(min(jobs, max(len(todo), 1))))
        lost: list[Item] = []
        for place, found in workers.lap(safe, todo):
            if isinstance(found, Lost):
                lost.append(todo[place])
            else:
                yield todo[place], found
        for place, found in workers.one_by_one(safe, lost):
            yield lost[place], Failed(KILLED) if isinstance(found, Lost) else found


def beside(
    do: Callable[[Item], Result], item: Item, *, jobs: int, hands: Hands
) -> Callable[[], Result]:
    """Let a worker do one item while this process goes on.

    Parameters
    ----------
    do : callable
        A module-level function of one picklable value.
    item
    jobs : int
        Processes; 1 leaves the item to the caller, and so does a cluster.
    hands : Processes or Cluster
        Who does nothing else until the result is asked for.

    Returns
    -------
    callable
        Waits for the result. What ``do`` raised it raises; where the worker died it does the
        item here.
    """
    if jobs == 1 or isinstance(hands, Cluster):
        return partial(do, item)
    thread = ThreadPoolExecutor(max_workers=1)
    future = thread.submit(lambda: list(each(do, [item], jobs=jobs, apart=True, hands=hands)))
    thread.shutdown(wait=False)

    def wait_for() -> Result:
        [(_, found)] = future.result()
        if not isinstance(found, Failed):
            return found
        if found.error is not None:
            raise found.error
        return do(item)

    return wait_for


def _guarded(do: Callable[[Item], Result], item: Item) -> Result | Failed:
    """Do one item; what it raises becomes ``Failed``, unless the machine is to blame."""
    try:
        return do(item)
    except SyntonyError as error:
        if isinstance(error, ImportError):
            raise
        return Failed(str(error), _portable(error))
    except ImportError:
        raise
    except Exception as error:  # whatever a session can do: the others go on
        if isinstance(error, OSError) and error.errno in MACHINE:
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}, line {frame.lineno}"
        return Failed(f"{type(error).__name__}: {error} ({where})", _portable(error))


def _portable(error: Exception) -> Exception | None:
    """The exception if it survives pickling, else None: the pool would break over it."""
    try:
        return error if type(pickle.loads(pickle.dumps(error))) is type(error) else None
    except Exception:  # an exception class of somebody else's can do anything here
        return None


@dataclass
class Cluster:
    """A Dask cluster whose workers were seen to share our folder and our versions."""

    client: Any
    desk: Path
    laps: int = 0

    def lap(self, do: Callable[[Item], Any], items: list[Item]) -> Iterator[tuple[int, Any]]:
        """Do the items there; one that is begun a second time is lost, see ``_first_time``."""
        self.laps += 1
        ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        futures: dict[Any, int] = {}
        try:
            for place, item in enumerate(items):
                mark = self.desk / f"{self.laps}-{place}"
                future = self.client.submit(_first_time, mark, do, item, pure=False)
                futures[future] = place
                future.add_done_callback(ready.put)
            while futures:
                future = self._next(ready)
                found = _outcome(future)
                yield futures.pop(future), found
        finally:
            if futures:
                self.client.cancel(list(futures))

    def one_by_one(self, do: Callable[[Item], Any], items: list[Item]) -> Iterator[tuple[int, Any]]:
        """Do the items with nothing of ours beside them."""
        for place, item in enumerate(items):
            yield from ((place, found) for _, found in self.lap(do, [item]))

    def _next(self, ready: queue.SimpleQueue[Any]) -> Any:
        """The next future that is done; stop where the workers stay away."""
        seen = time.monotonic()
        while True:
            try:
                return ready.get(timeout=BEAT_S)
            except queue.Empty:
                try:
                    there = self.client.nthreads()
                except (OSError, RuntimeError) as error:
                    raise _gone("scheduler") from error
                seen = time.monotonic() if there else seen
                if time.monotonic() - seen > WAIT_S:
                    raise _gone("last worker") from None


def _gone(what: str) -> SyntonyError:
    """The cluster is no more."""
    return SyntonyError(
        f"The cluster's {what} is gone. What was finished is kept: go on with --resume."
    )


def _outcome(future: Any) -> Any:
    """What a task that is done gave."""
    if future.status == "finished":
        return future.result()
    if future.status != "error":
        raise _gone("scheduler")
    error = future.exception()
    if isinstance(error, _distributed().KilledWorker):
        return Lost()
    raise error


def _first_time(mark: Path, do: Callable[[Item], Any], item: Item) -> Any:
    """Do an item in a worker, unless it was begun before: then that worker died with it.

    A scheduler gives the tasks of a dead worker to the others as often as its own settings
    say; the mark keeps a deadly item from killing them one by one.
    """
    try:
        mark.open("x").close()
    except FileExistsError:
        return Lost()
    except FileNotFoundError as error:
        raise _unseen("A worker", mark.parent) from error
    return do(item)


Hands = Processes | Cluster


@contextmanager
def hands_at(address: str | None, *, jobs: int, home: Path) -> Iterator[Hands]:
    """Who works: processes of this machine, or a Dask cluster, joined or made for the while.

    Parameters
    ----------
    address : str or None
        ``tcp://host:port`` of a scheduler; ``local`` makes a cluster that listens on loopback
        only, without a dashboard; None stands for processes of this machine.
    jobs : int
        Processes, or workers of a local cluster, one thread each.
    home : Path
        A folder that every worker must see under the same path.

    Raises
    ------
    MissingPackage
        Without the extra ``cluster``.
    SyntonyError
        If no scheduler answers, it has no workers, or a worker has other versions or does not
        see the folder.
    """
    if address is None:
        with Processes(jobs) as here:
            yield here
        return
    distributed = _distributed()
    with ExitStack() as held:
        where: Any = address
        if address == LOCAL:
            where = held.enter_context(_local(distributed, jobs))
        client = held.enter_context(_client(distributed, where, address))
        home.mkdir(parents=True, exist_ok=True)
        desk = Path(held.enter_context(tempfile.TemporaryDirectory(prefix=".desk-", dir=home)))
        _meet(client, address, desk)
        yield Cluster(client, desk)


def _distributed() -> Any:
    """Dask's own package, imported only when it is asked for."""
    return need("distributed", to="Work on a Dask cluster", extra="cluster")


def _local(distributed: Any, jobs: int) -> Any:
    """Make a cluster of this machine that nobody else can reach over the network."""
    return distributed.LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=logging.ERROR,
    )


def _client(distributed: Any, where: Any, address: str) -> Any:
    """Connect to a scheduler."""
    try:
        return distributed.Client(where, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            "dask",
            address,
            "the address of a scheduler that answers, such as tcp://host:8786, or 'local'",
            f"Start one with: dask scheduler. ({error})",
        ) from error


def _meet(client: Any, address: str, desk: Path) -> None:
    """See that there are workers, that they see our folder and have our versions."""
    token = secrets.token_hex(16)
    (desk / "token").write_text(token, "utf-8")
    try:
        client.wait_for_workers(1, timeout=WAIT_S)
    except TimeoutError as error:
        hint = f"Start one with: dask worker {address} --nthreads 1"
        raise InputError("dask", address, "a cluster with workers", hint) from error
    for worker, told in client.run(_look, desk / "token", on_error="return").items():
        if isinstance(told, Exception):
            raise SyntonyError(
                f"The worker {worker} cannot run Syntony: {told}. Install the same version there."
            ) from told
        there, seen = told
        other = [f"{k} {v} (here {versions()[k]})" for k, v in there.items() if versions()[k] != v]
        if other:
            raise SyntonyError(
                f"The worker {worker} has other versions, so its figures could differ: "
                f"{', '.join(other)}. Install the same ones on every machine."
            )
        if seen != token:
            raise _unseen(f"The worker {worker}", desk.parent)


def _look(token: Path) -> tuple[dict[str, str], str]:
    """Tell a worker's versions and what it sees of our folder."""
    try:
        return versions(), token.read_text("utf-8")
    except OSError:
        return versions(), ""


def _unseen(who: str, folder: Path) -> SyntonyError:
    """A worker works in another file system."""
    return SyntonyError(
        f"{who} does not see the folder {folder}. Workers write their results there: put the "
        "study on a disk that every machine mounts under the same path."
    )
