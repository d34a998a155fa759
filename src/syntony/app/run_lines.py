"""Runs as lines of a list: what their folders say, and what is at work on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING

from syntony.app.schema_run import RunLine
from syntony.pipeline.run_states import RunState

if TYPE_CHECKING:
    from syntony.app.jobs import Jobs
    from syntony.app.schema import Job

WORK = frozenset({"run", "multiverse", "calibrate"})
"""Kinds of jobs that make a run; their title is its name."""


def run_lines(states: Iterable[RunState], jobs: Jobs) -> list[RunLine]:
    """Runs as they stand, those at work first."""
    lines = [_line(state, job_of(jobs, state.name)) for state in states]
    return sorted(lines, key=lambda r: r.state != "running")


def job_of(jobs: Jobs, name: str) -> Job | None:
    """The last job on a run of this name since the app was started."""
    return next((j for j in jobs.all() if j.kind in WORK and j.title == name), None)


def _line(state: RunState, job: Job | None) -> RunLine:
    running = job is not None and job.state == "running"
    return RunLine(
        **{k: v for k, v in asdict(state).items() if k not in ("seconds", "methods", "state")},
        state="running" if running else state.state,
        seconds=state.seconds if isfinite(state.seconds) else None,
        methods=list(state.methods),
        can_resume=state.can_resume and not running,
        job=job.id if job is not None and running else "",
    )
