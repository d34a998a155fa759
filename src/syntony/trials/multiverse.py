"""The verb ``multiverse``: every reasonable path through an analysis, and one test of them all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.config import Recipe, Surrogate
from syntony.core.errors import InputError, SyntonyError
from syntony.core.files import write_text
from syntony.core.run import Run
from syntony.io.study import Study, open_study
from syntony.pipeline.executors import Failed, cores, each
from syntony.pipeline.origin import describe
from syntony.pipeline.plan import STRANGERS, Plan, make_plan, settle
from syntony.pipeline.prepare import prepared_path, read_prepared
from syntony.pipeline.preregistered import followed
from syntony.pipeline.run import next_free, recipe_for, silent
from syntony.pipeline.source import FromStudy, Source
from syntony.pipeline.suits import refuse_units
from syntony.report.multiverse_page import write_multiverse_report
from syntony.surrogates.derangements import why_none
from syntony.trials.multiverse_grid import Multiverse, settle_grid
from syntony.trials.multiverse_paths import Dropped, Laid, Lane, Preparation, lanes_of, lay_paths
from syntony.trials.multiverse_results import write_results
from syntony.trials.multiverse_work import (
    LaneTask,
    SessionTask,
    do_lane,
    features_at,
    forget,
    lane_path,
    prepare_all,
    seconds_of,
    strangers_of,
)

if TYPE_CHECKING:
    import pandas as pd

KIND = "multiverse"
Progress = Callable[[int, int], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class ManyPaths:
    """A finished multiverse: what lies in its folder.

    Attributes
    ----------
    path : Path
        ``derivatives/syntony/<name>`` of the study.
    """

    path: Path

    @cached_property
    def joint(self) -> dict[str, Any]:
        """What all paths come to together: counts, joint tests, what was dropped, choices."""
        found: dict[str, Any] = json.loads((self.path / "joint.json").read_text("utf-8"))
        return found

    @property
    def report(self) -> Path:
        """The page to open."""
        return self.path / "report" / "index.html"

    def table(self) -> pd.DataFrame:
        """One row a path: its choices, its effect with interval, its r; never a p."""
        return Run(self.path).table("paths")


def multiverse(
    study: Study | Path | str,
    recipe: Recipe | Path | str | None = None,
    *,
    grid: Multiverse | Path | str | None = None,
    name: str | None = None,
    jobs: int | None = None,
    resume: bool = False,
    on_progress: Progress = silent,
    on_say: Say = lambda words: None,
) -> ManyPaths:
    """Compute every reasonable path through the analysis of a study, and test all together.

    Parameters
    ----------
    study : Study or path
    recipe : Recipe or path, optional
        As of :func:`syntony.pipeline.run.run`. Its first step and that step's first statistic
        are the primary path; its surrogates decide who may be a stranger.
    grid : Multiverse or path, optional
        What is varied, as a value or in TOML. Default: the grid of the recipe's signal.
    name : str, optional
        A folder under ``derivatives/syntony``. Default: the next free ``multiverse-<number>``;
        with ``resume`` the newest that was stopped.
    jobs : int, optional
        Processes. Default: one per core. The result does not depend on it.
    resume : bool, default False
        Go on with one that was stopped: couplings already computed are not computed again.
    on_progress : callable, optional
        Called with (steps done, steps in all).
    on_say : callable, optional
        Called with a sentence: how much there is to do, and about how long it will take.

    Returns
    -------
    ManyPaths
        ``paths.parquet`` with the effect of each path, ``joint.json`` with the joint tests,
        the report with the specification curve.

    Raises
    ------
    InputError
        If the grid or the recipe names something unknown, the folder exists (without
        ``resume``) or holds another grid (with it), or no path is possible.
    FileError
        If the study, the recipe or the grid cannot be read.
    SyntonyError
        If no session can be used.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.multiverse("no-such-study")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    home = opened.root / "derivatives" / "syntony"
    if name and (Path(name).name != name or name.startswith(".")):
        raise InputError("name", name, "a plain folder name")
    folder = home / (name or (_stopped(home) if resume else next_free(home, KIND)))
    source = FromStudy(opened)
    own = settle(recipe_for(opened.root, recipe), source)
    settled = _with_strangers(own)
    full = settle_grid(grid, settled)
    laid = lay_paths(full, settled)
    plan = make_plan(settled, source)
    began = time.monotonic()
    origin = describe(source, plan.ids, opened.root, settled.title) | {"kind": KIND}
    origin["preregistration"] = followed(opened.root, own)
    if resume and (folder / "origin.json").is_file():  # of the recipe that it was begun with
        origin["preregistration"] = Run(folder).origin.get("preregistration")
    _open_folder(folder, settled, full, origin, resume=resume)
    forget()
    job = _Job(folder, settled, full, plan, jobs or cores(), on_progress, on_say)
    ways, lanes = lanes_of(laid.paths)
    job.prepare(source, ways, len(lanes))
    laid, lanes = _suited(job, laid, lanes)
    shifts = 0 if can_have_strangers(plan, settled) else full.shifts
    job.work(lanes, shifts, len(plan.sessions) + len(lanes) + 1)
    write_results(folder, settled, full, plan, laid, lanes, shifts=shifts)
    facts = origin | {"finished": True, "seconds": round(time.monotonic() - began, 1)}
    write_text(folder / "origin.json", json.dumps(facts, indent=1))
    write_multiverse_report(folder)
    total = len(plan.sessions) + len(lanes) + 1
    on_progress(total, total)
    return ManyPaths(folder)


def _with_strangers(recipe: Recipe) -> Recipe:
    """The recipe with pseudo-dyads among its surrogates: what the joint test needs."""
    if STRANGERS in [s.name for s in recipe.surrogates]:
        return recipe
    chance = (Surrogate(name=STRANGERS), *recipe.surrogates)
    return recipe.model_copy(update={"surrogates": chance})


def can_have_strangers(plan: Plan, recipe: Recipe) -> bool:
    """Whether the dyads of a plan can be re-paired; if not, signals are shifted instead."""
    dyads = list(dict.fromkeys(s.dyad for s in plan.sessions[: plan.analysed]))
    if len(dyads) < recipe.corpus.min_dyads:
        return False
    member = np.array([[s.dyad == d for s in plan.sessions[: plan.analysed]] for d in dyads])
    return why_none((member.astype(float) @ strangers_of(plan) @ member.T) > 0) is None


def _stopped(home: Path) -> str:
    """The newest multiverse that did not come to its end."""
    origins = {p: json.loads(p.read_text("utf-8")) for p in home.glob("*/origin.json")}
    stopped = [p for p, o in origins.items() if o.get("kind") == KIND and not o["finished"]]
    if not stopped:
        raise InputError("resume", str(home), "a multiverse that was stopped", "Name it.")
    return max(stopped, key=lambda p: p.stat().st_mtime).parent.name


def _open_folder(
    folder: Path, recipe: Recipe, grid: Multiverse, origin: dict[str, Any], *, resume: bool
) -> None:
    """Make the folder with recipe, grid and origin, or find the same ones in it."""
    held = {
        "recipe.json": json.loads(recipe.model_dump_json()),
        "grid.json": json.loads(grid.model_dump_json()),
    }
    if folder.exists():
        if not resume:
            raise InputError(
                "name", folder.name, "a name that is free", "Resume it, or choose another."
            )
        for file, value in held.items():
            there = folder / file
            if not there.exists() or json.loads(there.read_text("utf-8")) != value:
                what = file.removesuffix(".json")
                raise InputError(
                    "resume", folder.name, f"the {what} it was begun with", "Choose another name."
                )
        if Run(folder).origin["inputs"] != origin["inputs"]:
            raise InputError(
                "resume", folder.name, "unchanged inputs", "A file changed since; begin afresh."
            )
    else:
        folder.mkdir(parents=True)
        for file, value in held.items():
            write_text(folder / file, json.dumps(value, indent=1))
    write_text(folder / "origin.json", json.dumps(origin | {"finished": False}, indent=1))


@dataclass(frozen=True)
class _Job:
    """What preparing and working have in common."""

    folder: Path
    recipe: Recipe
    grid: Multiverse
    plan: Plan
    jobs: int
    on_progress: Progress
    on_say: Say

    def prepare(self, source: Source, ways: tuple[Preparation, ...], lanes: int) -> None:
        """Make every feature of every session that has none yet."""
        sessions = self.plan.sessions
        todo = [
            SessionTask(source, ways, planned, self.folder)
            for planned in sessions
            if not prepared_path(self.folder, planned.id).exists()
        ]
        done = len(sessions) - len(todo)
        total = len(sessions) + lanes + 1
        self.on_progress(done, total)
        jobs = self.jobs if len(todo) > 4 * self.jobs else 1
        for task, found in each(prepare_all, todo, jobs=jobs):
            if isinstance(found, Failed):
                raise found.error or SyntonyError(f"{task.planned.id}: {found.reason}")
            done += 1
            self.on_progress(done, total)
        facts = [read_prepared(self.folder, s.id) for s in sessions[: self.plan.analysed]]
        if all(f["failed"] for f in facts):
            reasons = " ".join(f"{f['session']}: {f['failed']}" for f in facts[:3])
            raise SyntonyError(f"No session can be used. {reasons}")

    def work(self, lanes: tuple[Lane, ...], shifts: int, total: int) -> None:
        """Compute every coupling that has no block yet."""
        todo = [
            LaneTask(self.folder, self.recipe, self.plan, lane, shifts)
            for lane in lanes
            if not lane_path(self.folder, lane).exists()
        ]
        self._estimate([t.lane for t in todo], len(lanes), shifts)
        done = total - 1 - len(todo)
        for task, found in each(do_lane, todo, jobs=self.jobs):
            if isinstance(found, Failed):
                raise found.error or SyntonyError(f"{task.lane.name}: {found.reason}")
            done += 1
            self.on_progress(done, total)

    def _estimate(self, todo: list[Lane], lanes: int, shifts: int) -> None:
        """Say how much there is to do, from the time that one pair takes on each coupling."""
        ids, n = [s.id for s in self.plan.sessions], self.plan.analysed
        pairs = int(strangers_of(self.plan).sum())
        spans = {len_of for len_of in (_length(self.folder, s) for s in ids[:n]) if len_of}
        times = n * (1 + shifts) if shifts else n + pairs * (2 if len(spans) > 1 else 1)
        one = 0.0
        for lane in todo:
            held = [features_at(self.folder, ids[i], lane) for i in range(min(n, 3))]
            one += seconds_of(lane, self.plan, held)
        minutes = one * times / min(self.jobs, max(1, len(todo))) / 60
        paths = sum(len(lane.readings) for lane in todo)
        left = f" ({lanes - len(todo)} couplings are there already)" if len(todo) < lanes else ""
        each_ = f"{shifts} shifts" if shifts else f"{pairs} pairs of strangers"
        self.on_say(
            f"{paths} paths on {len(todo)} couplings{left}, {n} sessions and {each_}: about "
            f"{max(minutes, 0.1):.1f} min on {self.jobs} processes."
        )


def _length(folder: Path, session: str) -> float:
    """Length of a session's features; 0 where it has none."""
    return float(read_prepared(folder, session).get("duration_s", 0.0))


def _units(facts: list[dict[str, Any]], preparation: int) -> tuple[str, str] | None:
    """Units of both people's signals in the first session that has them."""
    for fact in facts:
        found = fact.get("unit_of", {}).get(str(preparation))
        if found:
            return found[0], found[1]
    return None


def _suited(job: _Job, laid: Laid, lanes: tuple[Lane, ...]) -> tuple[Laid, tuple[Lane, ...]]:
    """Drop the couplings that make no sense for the units, with the reason."""
    facts = [read_prepared(job.folder, s.id) for s in job.plan.sessions[: job.plan.analysed]]
    first = job.plan.sessions[0]
    kept, gone = [], list(laid.dropped)
    for lane in lanes:
        units = _units(facts, lane.preparation)
        path = laid.paths[lane.readings[0].path]
        try:
            if units is not None:
                refuse_units(path.recipe, (first.first.role, first.second.role), units)
        except InputError as error:
            gone.append(
                Dropped(
                    reason=f"{lane.step.method}: {error.expected}",
                    cells=len(lane.readings),
                    example=f"{lane.step.method}: {error.got}",
                )
            )
            continue
        kept.append(lane)
    if not kept:
        raise InputError("grid", "no path", "at least one that suits the signals' units")
    return replace(laid, dropped=tuple(gone)), tuple(kept)
