"""The verb ``calibrate``: twins of a study, without coupling, through its own recipe."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import InputError, SyntonyError
from syntony.core.run import Run
from syntony.io.study import Study, open_study
from syntony.pipeline.cards import CARD, inputs_sha256, kept_card, recipe_sha256, write_card
from syntony.pipeline.executors import Failed, cores, each
from syntony.pipeline.origin import hashes, versions
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.run import recipe_for, silent
from syntony.pipeline.source import FromStudy
from syntony.report.page import write_report
from syntony.simulate.likeness import Likeness, Seen
from syntony.surrogates.registry import takes_partners
from syntony.trials.card import Card, conditions, detectable, power_of, rates_of
from syntony.trials.likenesses import fit, fit_table, model_of, seen_in_run, seen_in_study
from syntony.trials.twin_study import NULL, TwinTask, do_twin

STUDIES, COUPLED = 200, 20
QUICK_STUDIES, QUICK_COUPLED = 40, 5
DRAWS = 39  # 2 of 40 are 5 in 100 as exactly as 50 of 1,000
DERANGEMENTS, BOOTSTRAP = 199, 499
DELAY_S = 2.0
STIMULUS = "stimulus_pairs"

Progress = Callable[[int, int], None]
Estimate = Callable[[int, float, int], None]


@dataclass(frozen=True)
class _Subject:
    """What is calibrated: features, recipe, and where the card goes."""

    seen: list[Seen]
    recipe: Recipe
    inputs: list[dict[str, Any]]
    home: Path
    target: Path
    run: Run | None


def calibrate(
    study: Study | Run | Path | str | None = None,
    recipe: Recipe | Path | str | None = None,
    *,
    like: Run | Path | str | None = None,
    studies: int = STUDIES,
    coupled: int = COUPLED,
    delay_s: float = DELAY_S,
    dyads: int | None = None,
    draws: int = DRAWS,
    jobs: int | None = None,
    on_progress: Progress = silent,
    on_estimate: Estimate = lambda left, seconds, jobs: None,
) -> Card:
    """Say how often strangers pass with these settings, and what would be found.

    Twins of the study are made from figures fitted to its recordings (how many, how long, how
    often people respond, how the level drifts, what strangers share, where gaps lie), without
    any coupling, and sent through the same methods, surrogates and decisions. Then again with
    planted coupling.

    Parameters
    ----------
    study : Study, Run or path, optional
        A study folder, which is prepared by the recipe first; or a Run folder, as ``like``.
    recipe : Recipe or path, optional
        Of a study. Without it: ``recipe.toml`` of the study, else the defaults. A run has its
        own.
    like : Run or path, optional
        A finished run: its features, its recipe, nothing else of the study.
    studies : int, default 200
        Twin studies without coupling.
    coupled : int, default 20
        Twin studies for each of the eight planted couplings; 0 leaves power out.
    delay_s : float, default 2
        Delay at which the shares are planted.
    dyads : int, optional
        Make twins of this many dyads, drawn at random, and not of all: twenty dyads cost a
        ninth of sixty. The card says so.
    draws : int, default 39
        Draws of each surrogate that has any; the share at .05 does not depend on it.
    jobs : int, optional
        Processes; default one per core. The card does not depend on it.
    on_progress : callable, optional
        Called with (twin studies done, twin studies in all).
    on_estimate : callable, optional
        Called once with (twin studies left, seconds each takes, processes).

    Returns
    -------
    Card
        Also written: ``card.json`` of a run, whose report is written again; for a study beside
        its runs, where the next run with the same recipe and recordings finds it.

    Raises
    ------
    InputError
        If both or neither of ``study`` and ``like`` are given, or a number is out of range.
    FileError
        If the study, run or recipe cannot be read.
    SyntonyError
        If no session can be used, or the twin studies fail.

    Notes
    -----
    Stopped half-way, it goes on where it was: each twin study's row is kept beside the runs, in
    a folder ``.calibration-...`` that can be deleted.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.calibrate("my-study", studies=400)  # doctest: +SKIP
    """
    _refuse_numbers(studies, coupled, draws, dyads)
    jobs = jobs or cores()
    began = time.monotonic()
    subject = _subject(study, recipe, like, jobs, on_progress)
    seed = subject.recipe.seed
    likeness = fit(subject.seen, subject.recipe, seed=seed, dyads=dyads)
    twin_recipe = lighter(subject.recipe, draws)
    planted = conditions(delay_s) if coupled else []
    todo = [(NULL, k) for k in range(studies)] + [(c, k) for k in range(coupled) for c in planted]
    tasks = [TwinTask(likeness, twin_recipe, seed, c, k) for c, k in todo]
    rows = _rows(tasks, _desk(subject, likeness, twin_recipe), jobs, on_progress, on_estimate)
    power = power_of(rows, twin_recipe, planted)
    facts = {
        **_about(subject, likeness, twin_recipe, studies, coupled, delay_s),
        "rates": rates_of(rows, twin_recipe),
        "power": power,
        "detectable": detectable(power),
        "fit": fit_table(subject.seen, likeness, subject.recipe, seed),
        "likeness": likeness.to_dict(),
        "seconds": round(time.monotonic() - began, 1),
        "seconds_of_work": round(sum(r["seconds"] for r in rows), 1),
    }
    write_card(subject.target, facts)
    if subject.run is not None:
        write_report(subject.run.path)
    return Card(facts=facts, path=subject.target)


def _refuse_numbers(studies: int, coupled: int, draws: int, dyads: int | None) -> None:
    """Say which number is out of range."""
    if studies < 1:
        raise InputError("studies", studies, "at least 1; 200 for a card that can tell")
    if coupled < 0:
        raise InputError("coupled", coupled, "0 or more")
    if draws < 19:
        raise InputError("draws", draws, "at least 19, without which no p reaches .05")
    if dyads is not None and dyads < 1:
        raise InputError("dyads", dyads, "at least 1")


def lighter(recipe: Recipe, draws: int) -> Recipe:
    """The same recipe with fewer draws: what is decided at .05 stays what it was.

    Examples
    --------
    >>> [s.count for s in lighter(Recipe(), 39).surrogates]
    [39, 39]
    """
    chance = [s.model_copy(update={"count": min(s.count, draws)}) for s in recipe.surrogates]
    corpus = recipe.corpus.model_copy(
        update={
            "derangements": min(recipe.corpus.derangements, DERANGEMENTS),
            "bootstrap": min(recipe.corpus.bootstrap, BOOTSTRAP),
            "contrast": None,
        }
    )
    return recipe.model_copy(
        update={"surrogates": tuple(chance), "corpus": corpus, "session_types": ()}
    )


def _subject(
    study: Study | Run | Path | str | None,
    recipe: Recipe | Path | str | None,
    like: Run | Path | str | None,
    jobs: int,
    on_progress: Progress,
) -> _Subject:
    """Read what is to be calibrated."""
    if (study is None) == (like is None):
        raise InputError("study, like", (study, like), "one of the two: a study, or a run")
    run = _as_run(study if like is None else like, is_like=like is not None)
    if run is None:
        return _of_study(study, recipe, jobs, on_progress)
    if recipe is not None:
        raise InputError("recipe", str(recipe), "none: a run has its own", "Calibrate the study.")
    own = Recipe.model_validate(run.recipe)
    if STIMULUS in [s.name for s in own.surrogates]:
        expected = f"a recipe without {STIMULUS}: a run does not hold who had which stimulus"
        raise InputError("like", str(run.path), expected, "Calibrate the study.")
    return _Subject(
        seen=seen_in_run(run),
        recipe=own,
        inputs=list(run.origin["inputs"]),
        home=run.path.parent,
        target=run.path / CARD,
        run=run,
    )


def _as_run(given: Study | Run | Path | str | None, *, is_like: bool) -> Run | None:
    """The run that was given; None for a study."""
    if isinstance(given, Run):
        return given
    if isinstance(given, Study) or given is None:
        return None
    run = Run(Path(given))
    if is_like or (run.path / "recipe.json").exists():
        _ = run.recipe  # says so where it is no run
        return run
    return None


def _of_study(
    study: Study | Run | Path | str | None,
    recipe: Recipe | Path | str | None,
    jobs: int,
    on_progress: Progress,
) -> _Subject:
    """Prepare the sessions of a study by the recipe."""
    opened = study if isinstance(study, Study) else open_study(Path(str(study)))
    source = FromStudy(opened)
    settled = settle(recipe_for(opened.root, recipe), source)
    plan = make_plan(settled, source)
    inputs = [fact for session in plan.ids for fact in hashes(source.inputs(session), opened.root)]
    home = opened.root / "derivatives" / "syntony"
    saved = json.loads(settled.model_dump_json())
    target = kept_card(home, saved, inputs)
    folder = home / f".{target.stem}"
    seen = seen_in_study(source, settled, plan, folder, jobs=jobs, on_progress=on_progress)
    return _Subject(seen=seen, recipe=settled, inputs=inputs, home=home, target=target, run=None)


def _desk(subject: _Subject, likeness: Likeness, recipe: Recipe) -> Path:
    """Where the rows of these twins are kept: another likeness or recipe has another place."""
    decides = json.dumps(
        [likeness.to_dict(), json.loads(recipe.model_dump_json(exclude={"title"})), versions()],
        sort_keys=True,
    )
    name = hashlib.sha256(decides.encode()).hexdigest()[:16]
    return subject.home / f".calibration-rows-{name}.jsonl"


def _rows(
    tasks: list[TwinTask], desk: Path, jobs: int, on_progress: Progress, on_estimate: Estimate
) -> list[dict[str, Any]]:
    """One row a twin study, in the order of the tasks; those that are kept are not made again."""
    kept = {(r["condition"], r["number"]): r for r in _kept_rows(desk)}
    left = [t for t in tasks if (t.condition.name, t.number) not in kept]
    done = len(tasks) - len(left)
    on_progress(done, len(tasks))
    desk.parent.mkdir(parents=True, exist_ok=True)
    failures: list[Failed] = []
    _end_last_line(desk)
    with desk.open("a", encoding="utf-8") as book:
        for found in _made(left, jobs, on_estimate):
            done += 1
            if isinstance(found, Failed):
                failures.append(found)
            else:
                kept[found["condition"], found["number"]] = found
                book.write(json.dumps(found) + "\n")
                book.flush()
                os.fsync(book.fileno())
            on_progress(done, len(tasks))
    rows = [kept.get((t.condition.name, t.number)) for t in tasks]
    there = [r for r in rows if r is not None]
    if failures and len(failures) > len(tasks) // 20:
        raise failures[0].error or SyntonyError(f"Twin studies failed: {failures[0].reason}")
    return there


def _end_last_line(desk: Path) -> None:
    """Keep a line that a kill cut short from spoiling the next one."""
    if desk.exists() and not desk.read_bytes().endswith(b"\n"):
        with desk.open("a", encoding="utf-8") as book:
            book.write("\n")


def _made(
    left: list[TwinTask], jobs: int, on_estimate: Estimate
) -> Iterator[dict[str, Any] | Failed]:
    """Do the first two here, the second against the clock, and the others by all processes."""
    for _, found in each(do_twin, left[:2], jobs=1):
        last = found
        yield found
    if len(left) > 2:
        if not isinstance(last, Failed):
            on_estimate(len(left) - 2, float(last["seconds"]), jobs)
        for _, found in each(do_twin, left[2:], jobs=jobs):
            yield found


def _kept_rows(desk: Path) -> list[dict[str, Any]]:
    """Rows that are there whole; the last line may have been cut off."""
    if not desk.exists():
        return []
    rows = []
    for line in desk.read_text("utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def _about(
    subject: _Subject,
    likeness: Likeness,
    recipe: Recipe,
    studies: int,
    coupled: int,
    delay_s: float,
) -> dict[str, Any]:
    """Where a card comes from and what was made: everything but the figures."""
    saved = json.loads(subject.recipe.model_dump_json())
    minutes = sorted(s.samples / likeness.rate_hz / 60.0 for s in likeness.sessions)
    return {
        **versions(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "recipe_sha256": recipe_sha256(saved),
        "inputs_sha256": inputs_sha256(subject.inputs),
        "alpha": 0.05,
        "seed": subject.recipe.seed,
        "studies": studies,
        "coupled_studies": coupled,
        "dyads": len(likeness.dyads),
        "dyads_in_study": len({s.dyad for s in subject.seen}),
        "sessions": len(likeness.sessions),
        "minutes": round(minutes[len(minutes) // 2], 1),
        "signals": list(subject.recipe.signals),
        "model": model_of(subject.recipe),
        "settings": {
            "draws": {s.name: s.count for s in recipe.surrogates if not takes_partners(s.name)},
            "derangements": recipe.corpus.derangements,
            "bootstrap": recipe.corpus.bootstrap,
            "delay_s": delay_s,
            "left_out": ["emotion", "moments", "empathy", "contrast"],
            "made_as": "features on the grid; what cleaning does to a raw recording is not made "
            "again, but for the low-pass of skin conductance",
        },
    }
