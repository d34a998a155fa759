"""Long work in processes of its own: progress, stop, limits; the state is kept in memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from syntony.app import schema
from syntony.app.process import Bounds, work_apart
from syntony.app.refusal import Refusal

PATIENCE_S = 10.0
KEPT = 100


class Busy(Refusal):
    """As many jobs of a group are running as may run at once."""

    def __init__(self) -> None:
        super().__init__(409, "busy")


@dataclass(slots=True)
class _Job:
    id: str
    kind: str
    title: str
    process: Any
    began_s: float
    state: str = "running"
    done: int = 0
    total: int = 0
    message: str = ""
    where: str = ""
    result: Any = None
    ended_s: float | None = None
    asked_to_stop: bool = False
    group: str = ""
    key: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """All long work of one app.

    A job is a function at the top level of a module: it is called in a fresh process with its
    keyword arguments and ``on_progress``, and what it gives must be plain JSON values.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._waiting = 0
        self._lock = threading.Lock()
        self._spawn = multiprocessing.get_context("spawn")

    def start(
        self,
        kind: str,
        title: str,
        work: Callable[..., Any],
        arguments: Mapping[str, Any],
        *,
        bounds: Bounds | None = None,
        alone: bool = False,
        most: int | None = None,
        group: str = "",
        key: str = "",
        on_end: Callable[[schema.Job], None] | None = None,
    ) -> schema.Job:
        """Start a job and say how it stands.

        Parameters
        ----------
        kind : str
            Such as ``"run"`` or ``"import"``.
        title : str
            What people see; no names of people.
        work : callable
            ``work(on_progress=..., **arguments)``.
        arguments : mapping
        bounds : Bounds, optional
            Limits of the process.
        alone : bool
            Refuse (`Busy`) while another job of this group is running.
        most : int, optional
            Refuse (`Busy`) while so many of this group are running.
        group : str, optional
            Kinds of work that want the same thing, such as every core; default: its own kind.
        key : str, optional
            What the work makes: a job that is making the same is taken instead of a second.
        on_end : callable, optional
            Told how it ended, in a thread of its own.
        """
        with self._lock:
            group = group or kind
            others = [j for j in self._jobs.values() if j.state == "running"]
            same = next((j for j in others if key and (j.kind, j.key) == (kind, key)), None)
            if same is not None:
                return _shape(same)
            most = 1 if alone else most
            if most is not None and sum(j.group == group for j in others) >= most:
                raise Busy
            ours, theirs = self._spawn.Pipe(duplex=False)
            process = self._spawn.Process(
                target=work_apart,
                args=(theirs, work, dict(arguments), bounds or Bounds()),
                daemon=False,
            )
            job = _Job(
                secrets.token_hex(6), kind, title, process, time.monotonic(), group=group, key=key
            )
            process.start()
            theirs.close()
            self._jobs[job.id] = job
            self._forget_old(kind)
        wall_s = bounds.wall_s if bounds else None
        threading.Thread(
            target=self._watch, args=(job, ours, wall_s, on_end), name=f"job-{job.id}", daemon=True
        ).start()
        return _shape(job)

    def get(self, job_id: str) -> schema.Job:
        """How a job stands; 404 where there is none."""
        return _shape(self._find(job_id))

    def all(self) -> list[schema.Job]:
        """Every job that is remembered, the newest first."""
        return [_shape(j) for j in reversed(list(self._jobs.values()))]

    def stop(self, job_id: str) -> schema.Job:
        """Ask a job to stop; what it has finished stays. It is ended if it does not listen."""
        job = self._find(job_id)
        if job.state == "running" and not job.asked_to_stop:
            job.asked_to_stop = True
            threading.Thread(target=_end, args=(job, PATIENCE_S), daemon=True).start()
        return _shape(job)

    def wait(self, job_id: str, timeout_s: float) -> schema.Job:
        """Wait for the end of a job, at most so long."""
        job = self._find(job_id)
        job.ended.wait(timeout_s)
        return _shape(job)

    @contextlib.contextmanager
    def waiting(self, most: int) -> Iterator[None]:
        """Be one of those who wait for a job; 429 where so many wait already."""
        with self._lock:
            if self._waiting >= most:
                raise Refusal(429, "many_wait")
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """End every job; called when the app ends."""
        running = [j for j in self._jobs.values() if j.state == "running"]
        for job in running:
            job.asked_to_stop = True
            _signal(job, signal.SIGINT)
        for job in running:
            _end(job, 3.0)

    def _find(self, job_id: str) -> _Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise Refusal(404, "no_job")
        return job

    def _forget_old(self, kind: str) -> None:
        """Keep the newest of a kind: many small ones push no run out."""
        alike = [j for j in self._jobs.values() if j.kind == kind]
        over = [j.id for j in alike if j.state != "running"]
        for job_id in over[: max(0, len(alike) - KEPT)]:
            del self._jobs[job_id]

    def _watch(
        self,
        job: _Job,
        ours: Connection,
        wall_s: float | None,
        on_end: Callable[[schema.Job], None] | None,
    ) -> None:
        """Take in what the process says until it ends."""
        stop_s = None if wall_s is None else job.began_s + wall_s
        heard = False
        while True:
            left = None if stop_s is None else max(0.0, stop_s - time.monotonic())
            if not ours.poll(left):
                job.message = f"It took more than {wall_s:g} s and was ended."
                _end(job, 0.0)
                break
            try:
                said = ours.recv()
            except (EOFError, OSError):
                break
            if said[0] == "progress":
                job.done, job.total = said[1:]
            else:
                heard = True
                job.state, job.message, job.where, job.result = said[1:]
        job.process.join()
        if not heard:
            job.state = "stopped" if job.asked_to_stop else "failed"
            if not job.message and job.state == "failed":
                job.message = _died(job.process.exitcode)
        job.ended_s = time.monotonic()
        job.ended.set()
        ours.close()
        if on_end is not None:
            on_end(_shape(job))


def _shape(job: _Job) -> schema.Job:
    state: Any = job.state
    return schema.Job(
        id=job.id,
        kind=job.kind,
        title=job.title,
        state=state,
        done=job.done,
        total=job.total,
        elapsed_s=round((job.ended_s or time.monotonic()) - job.began_s, 2),
        message=job.message,
        field=job.where,
        result=job.result,
    )


def _died(code: int | None) -> str:
    """Why a process is gone that said nothing."""
    reasons = {-9: "more memory than it may use, or ended from outside", -24: "too much CPU time"}
    return f"The process ended without a word: {reasons.get(code or 0, f'exit code {code}')}."


def _signal(job: _Job, number: int) -> None:
    """Tell the process, and with a stronger word also all that it started."""
    pid = job.process.pid
    if number != signal.SIGINT and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
            return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)  # also one that has not come so far as to have a group


def _end(job: _Job, patience_s: float) -> None:
    """Ask, then insist."""
    _signal(job, signal.SIGINT)
    if not job.ended.wait(patience_s):
        _signal(job, signal.SIGTERM)
        job.process.join(2.0)
        _signal(job, getattr(signal, "SIGKILL", signal.SIGTERM))
