"""Work through a study and leave a folder that explains itself."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from syntony.config import Recipe, read_recipe
from syntony.core.errors import InputError, SyntonyError
from syntony.core.files import write_text
from syntony.core.run import Run
from syntony.io.study import Study, open_study
from syntony.link.definitions import known_instruments, read_definitions
from syntony.link.instruments import registry as instrument_list
from syntony.link.keys import read_key
from syntony.pipeline.cards import bring_card
from syntony.pipeline.executors import Failed, Hands, beside, cores, each, hands_at
from syntony.pipeline.findings import write_findings
from syntony.pipeline.first_use import compile_in_two
from syntony.pipeline.given_up import (
    facts_of_run,
    give_up,
    given_up,
    pairs_given_up,
    try_again,
)
from syntony.pipeline.inferences import judged_of
from syntony.pipeline.measured import shared_shape_rate
from syntony.pipeline.origin import describe
from syntony.pipeline.plan import Plan, make_plan, settle
from syntony.pipeline.prepare import (
    PrepareTask,
    prepare_session,
    prepared_path,
    read_prepared,
    spans_of,
)
from syntony.pipeline.preregistered import followed
from syntony.pipeline.processes import Processes
from syntony.pipeline.rated_pairs import Further, further_pairs
from syntony.pipeline.source import FromStudy, Source
from syntony.pipeline.strangers import admissible_pairs, lay_tiles
from syntony.pipeline.suits import refuse_before_work
from syntony.pipeline.tile_stage import work_tiles
from syntony.pipeline.work import Partners, WorkTask, block_path, do_session, is_done
from syntony.report.page import Lot, Spread, write_report
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def run(
    study: Study | Path | str,
    recipe: Recipe | Path | str | None = None,
    *,
    name: str | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    resume: bool = False,
    on_progress: Progress = silent,
) -> Run:
    """Run the whole chain on a study.

    A session whose computation raises, or whose process dies twice, is given up with a note
    ``session-failed``; the run is finished without it, and ``resume`` tries it again.

    Parameters
    ----------
    study : Study or path
        The study folder.
    recipe : Recipe or path, optional
        Everything that decides the result. Without it: ``recipe.toml`` of the study,
        else the defaults.
    name : str, optional
        Name of the run, a folder under ``derivatives/syntony``. Default: the next free
        ``run-<number>``; with ``resume``, the newest run that has something left to do.
    jobs : int, optional
        Processes. Default: one per core. The result does not depend on it.
    dask : str, optional
        Address of a Dask scheduler, whose workers do the work instead; ``"local"`` makes a
        cluster of ``jobs`` workers on this machine. The study must lie on a disk that every
        worker mounts under the same path. The result does not depend on it.
    resume : bool, default False
        Go on with a run that was stopped, or finished without a session that failed: finished
        sessions are not computed again.
    on_progress : callable, optional
        Called with (steps done, steps in all).

    Returns
    -------
    Run
        The Run folder: tables, notes, methods paragraph and report.

    Raises
    ------
    InputError
        If the folder exists (without ``resume``), holds another recipe (with it), or the
        recipe names something unknown, or no scheduler with workers answers at ``dask``.
    FileError
        If the study, the recipe or the study's preregistration cannot be read.
    MissingPackage
        If ``dask`` is asked for without the extra ``cluster``.
    SyntonyError
        If no session can be used, or a worker has other versions or another disk.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.run("no-such-study")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    if dask is not None:  # workers have working folders of their own
        opened = replace(opened, root=opened.root.resolve())
    home = opened.root / "derivatives" / "syntony"
    folder = home / (name or (_unfinished(home) if resume else next_free(home, "run")))
    if name and (Path(name).name != name or name.startswith(".")):
        raise InputError("name", name, "a plain folder name")
    chosen = recipe_for(opened.root, recipe)
    return carry_out(
        FromStudy(opened),
        chosen,
        folder,
        root=opened.root,
        jobs=jobs,
        dask=dask,
        resume=resume,
        on_progress=on_progress,
    )


def recipe_for(root: Path, recipe: Recipe | Path | str | None = None) -> Recipe:
    """The recipe that a study is analysed with: given, its own, or the defaults; with its keys."""
    return _with_keys(_with_definitions(_recipe(recipe, root), root), root)


def _recipe(recipe: Recipe | Path | str | None, root: Path) -> Recipe:
    """The recipe given, else the study's own, else the defaults."""
    if isinstance(recipe, Recipe):
        return recipe
    if recipe is not None:
        return read_recipe(recipe)
    own = root / "recipe.toml"
    return read_recipe(own) if own.exists() else Recipe()


def _with_definitions(recipe: Recipe, root: Path) -> Recipe:
    """Add the lab's own questionnaires, ``questionnaires/*.toml``; the recipe's go first."""
    found = read_definitions(root) | recipe.questionnaires.definitions
    known_instruments(found)
    asked = recipe.questionnaires.model_copy(update={"definitions": found})
    return recipe.model_copy(update={"questionnaires": asked})


def _with_keys(recipe: Recipe, root: Path) -> Recipe:
    """Add the keys that the lab laid beside its questionnaires, ``phenotype/*_key.toml``."""
    keys = dict(recipe.empathy.keys)
    for path in sorted((root / "phenotype").glob("*_key.toml")):
        name = path.name.removesuffix("_key.toml")
        filled = read_key(path, instrument_list.get(name))
        keys.setdefault(name, {s.name: tuple(sorted(s.reverse or ())) for s in filled.scales})
    empathy = recipe.empathy.model_copy(update={"keys": keys})
    return recipe.model_copy(update={"empathy": empathy})


def next_free(home: Path, kind: str) -> str:
    """The next number that no folder of this kind has, as in ``run-002``."""
    number = 1
    while (home / f"{kind}-{number:03d}").exists():
        number += 1
    return f"{kind}-{number:03d}"


def _unfinished(home: Path) -> str:
    """The newest run that did not come to its end, or came to it without some session."""
    origins = {p: json.loads(p.read_text("utf-8")) for p in home.glob("*/origin.json")}
    stopped = [
        p
        for p, origin in origins.items()
        if "kind" not in origin
        and (not origin["finished"] or given_up(p.parent) or pairs_given_up(p.parent))
    ]
    if not stopped:
        raise InputError("resume", str(home), "a run that was stopped", "Name it with --name.")
    return max(stopped, key=lambda p: p.stat().st_mtime).parent.name


def carry_out(
    source: Source,
    recipe: Recipe,
    folder: Path,
    *,
    root: Path,
    jobs: int | None = None,
    threads: int = 1,
    dask: str | None = None,
    resume: bool = False,
    on_progress: Progress = silent,
) -> Run:
    """Settle, plan, work, gather, report: the one way through.

    ``jobs`` sessions are worked on at a time, each with ``threads``.
    """
    began = time.monotonic()
    settled = settle(recipe, source)
    plan = make_plan(settled, source)
    refuse_before_work(settled, plan, source)
    more = further_pairs(settled, source)  # what cannot be asked is refused before any work,
    judged_of(source)  # and a table that is broken
    origin = describe(source, plan.ids, root, settled.title)
    origin["pair"] = {"shared_shape_rate": _passing(settled)}
    if isinstance(source, FromStudy):
        origin["preregistration"] = followed(root, settled)
    jobs = jobs or cores()
    compile_in_two(settled)
    count = len(plan.sessions)
    worked = 3 * count * (1 + len(more))
    total = worked + 1 + plan.analysed
    with hands_at(dask, jobs=jobs, home=folder.parent) as hands:
        _open_folder(folder, settled, origin, resume=resume)
        way = _Way(settled, plan, folder, jobs, threads, resume, hands)
        _prepare(way, source, lambda done: on_progress(done, total))
        usable = tuple(not read_prepared(folder, s.id)["failed"] for s in plan.sessions)
        if not any(usable[: plan.analysed]):
            raise _nothing_usable(folder, plan)
        _work(way, usable, lambda done: on_progress(count + done, total))
        _strangers(way, lambda share: on_progress(2 * count + int(share * count), total))
        for number, further in enumerate(more, start=1):
            begin = 3 * count * number
            _one_pair_more(way, further, _later(on_progress, begin, total))
            on_progress(begin + 3 * count, total)
        _let_go(hands)
        write_findings(folder, settled, plan, source, partial(beside, jobs=jobs, hands=hands))
        bring_card(folder, json.loads(settled.model_dump_json()), origin["inputs"])
        _finish(folder, origin, time.monotonic() - began)
        on_progress(worked + 1, total)
        write_report(
            folder,
            spread=_pages_by(way),
            on_progress=lambda done, _: on_progress(min(worked + 1 + done, total), total),
        )
    on_progress(total, total)
    return Run(folder)


def _let_go(hands: Hands) -> None:
    """End processes that hold much of what they worked on; others begin when asked for."""
    if isinstance(hands, Processes):
        hands.end(wait=False)


def _passing(recipe: Recipe) -> dict[str, Any] | None:
    """How often two people who only settle together pass the recipe's within-dyad surrogate.

    None where the recipe differs from the settings that were measured: skin conductance and
    the defaults of method and surrogate.
    """
    step, entry = recipe.synchrony[0], method_list.get(recipe.synchrony[0].method)
    within = [s for s in recipe.surrogates if not surrogate_list.takes_partners(s.name)]
    if not within or recipe.signal != "eda" or step.options != entry.settle({}):
        return None
    if within[0].options != surrogate_list.get(within[0].name).settle({}):
        return None
    return shared_shape_rate(step.method, entry.statistics[0].name, within[0].name)


def _open_folder(folder: Path, recipe: Recipe, origin: dict[str, Any], *, resume: bool) -> None:
    """Make the Run folder with its recipe and origin, or find the same ones in it."""
    saved = json.loads(recipe.model_dump_json())
    never_begun = resume and not (folder / "origin.json").exists()  # the disk was full at once
    if folder.exists() and not never_begun:
        if not resume:
            raise InputError(
                "name", folder.name, "a run that does not exist", "Resume it, or name another."
            )
        there = Run(folder)
        if there.recipe != saved:
            raise InputError("resume", folder.name, "the recipe of that run", "Name another run.")
        if there.origin["inputs"] != origin["inputs"]:
            raise InputError(
                "resume", folder.name, "unchanged inputs", "A file changed since; run afresh."
            )
        write_text(folder / "origin.json", json.dumps(there.origin | {"finished": False}, indent=1))
        try_again(folder)
        return
    folder.mkdir(parents=True, exist_ok=never_begun)
    write_text(folder / "recipe.json", json.dumps(saved, indent=1))
    write_text(folder / "origin.json", json.dumps(origin | {"finished": False}, indent=1))


@dataclass(frozen=True)
class _Way:
    """What preparing and working have in common: what, where to, and by whom."""

    recipe: Recipe
    plan: Plan
    folder: Path
    jobs: int
    threads: int
    apart: bool
    hands: Hands


def _prepare(way: _Way, source: Source, on_done: Callable[[int], None]) -> None:
    """Prepare every session that has no features yet."""
    sessions = way.plan.sessions
    todo = [
        PrepareTask(source, way.recipe, planned, way.folder)
        for planned in sessions
        if not prepared_path(way.folder, planned.id).exists()
    ]
    done, failures = len(sessions) - len(todo), []
    jobs = way.jobs if way.apart or len(todo) > 4 * way.jobs else 1
    for task, found in each(prepare_session, todo, jobs=jobs, apart=way.apart, hands=way.hands):
        if isinstance(found, Failed):
            failures.append(found)
            give_up(way.folder, task.planned.id, found.reason)
        done += 1
        on_done(done)
    if len(failures) == len(sessions):
        raise _all_failed(failures)


def _work(way: _Way, usable: Sequence[bool], on_done: Callable[[int], None]) -> None:
    """Compute every usable session that has no block yet, or one made with other partners."""
    sessions, wanted = way.plan.sessions, admissible_pairs(way.plan, usable)
    spans_s = spans_of([read_prepared(way.folder, s.id) for s in sessions])
    tasks = [
        _task(way, index, Partners.of(way.plan, usable, wanted, spans_s, index))
        for index in range(len(sessions))
        if usable[index]
    ]
    todo = [task for task in tasks if not is_done(task)]
    done, failures = len(sessions) - len(todo), []
    for task, found in each(do_session, todo, jobs=way.jobs, apart=way.apart, hands=way.hands):
        if isinstance(found, Failed):
            failures.append(found)
            give_up(way.folder, task.session, found.reason)
            block_path(way.folder, task.session).unlink(missing_ok=True)
        done += 1
        on_done(done)
    asked = (s.id for s in sessions[: way.plan.analysed])
    if not any(block_path(way.folder, s).exists() for s in asked):
        raise _all_failed(failures)


def _task(way: _Way, index: int, partners: Partners) -> WorkTask:
    """The task of one session."""
    sessions = way.plan.sessions
    return WorkTask(
        way.folder,
        way.recipe,
        sessions[index].id,
        index < way.plan.analysed,
        partners,
        {int(j): sessions[j].id for j in partners.others},
        way.threads,
    )


def _strangers(way: _Way, on_done: Callable[[float], None]) -> None:
    """Compute every pseudo-pair of the sessions that came through."""
    facts, usable = facts_of_run(way.folder, way.plan)
    tiles = lay_tiles(way.folder, way.recipe, way.plan, usable, facts)
    work_tiles(
        tiles,
        jobs=way.jobs,
        apart=way.apart or way.jobs > 1,
        hands=way.hands,
        on_done=lambda done: on_done(done / max(len(tiles), 1)),
    )


def _pages_by(way: _Way) -> Spread:
    """Let those write the pages who did the work."""

    def spread(do: Callable[[Lot], None], lots: list[Lot]) -> Iterator[Lot]:
        for lot, found in each(do, lots, jobs=way.jobs, hands=way.hands):
            if isinstance(found, Failed):
                raise found.error or SyntonyError(f"A page was not written. {found.reason}")
            yield lot

    return spread


def _later(on_progress: Progress, begin: int, total: int) -> Callable[[int], None]:
    """Progress of a part that begins after others."""
    return lambda done: on_progress(begin + done, total)


def _one_pair_more(way: _Way, further: Further, on_done: Callable[[int], None]) -> None:
    """Compute a further pair of features by the same stages, in a folder of its own."""
    beside = replace(way, recipe=further.recipe, folder=further.folder(way.folder))
    beside.folder.mkdir(parents=True, exist_ok=True)
    try_again(beside.folder)
    _prepare(beside, further.source, on_done)
    plan = way.plan
    count = len(plan.sessions)
    usable = tuple(not read_prepared(beside.folder, s.id)["failed"] for s in plan.sessions)
    if any(usable[: plan.analysed]):
        _work(beside, usable, lambda done: on_done(count + done))
        _strangers(beside, lambda share: on_done(2 * count + int(share * count)))


def _all_failed(failures: list[Failed]) -> Exception:
    """What one session met where all of them failed: it is not the session's fault."""
    first = failures[0]
    return first.error or SyntonyError(f"Every session failed. The first: {first.reason}")


def _nothing_usable(folder: Path, plan: Plan) -> SyntonyError:
    """Say why no session could be used, and leave nothing behind."""
    facts = [read_prepared(folder, s) for s in plan.ids]
    reasons = [f"{s}: {f['failed']}" for s, f in zip(plan.ids, facts, strict=True)]
    shutil.rmtree(folder)
    if all("misfit" in f for f in facts):  # the recipe fits no session: say so of the recipe
        return InputError(*facts[0]["misfit"])
    more = f" (and {len(reasons) - 3} more)" if len(reasons) > 3 else ""
    return SyntonyError("No session can be used. " + " ".join(reasons[:3]) + more)


def _finish(folder: Path, origin: dict[str, Any], seconds: float) -> None:
    """Say that the run came to its end, and how long it took."""
    facts = origin | {"finished": True, "seconds": round(seconds, 1)}
    write_text(folder / "origin.json", json.dumps(facts, indent=1))
