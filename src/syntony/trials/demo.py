"""The verb ``demo``: a made study through the whole chain, its findings beside the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import FileError
from syntony.core.run import Run
from syntony.io.study import open_study
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.cards import kept_card, recipe_sha256, write_card
from syntony.pipeline.first_use import compiling_beside
from syntony.pipeline.origin import hashes
from syntony.pipeline.plan import settle
from syntony.pipeline.run import run, silent
from syntony.pipeline.source import FromStudy
from syntony.simulate.ratings import rate_study
from syntony.simulate.session import StudySetup
from syntony.simulate.study import DEMO_SEED, demo_setup, make_study

DRAWS = 299  # of each session's own surrogate: a demonstration should take a minute
TITLE = "Demonstration: a simulated study with a known answer"


def demo(
    folder: Path | str = "syntony-demo",
    *,
    dyads: int = 60,
    minutes: float = 50.0,
    seed: int = DEMO_SEED,
    world: str = "coupled",
    recipe: Recipe | None = None,
    jobs: int | None = None,
    on_progress: Callable[[int, int], None] = silent,
) -> Run:
    """Make a study whose answer is known, run the whole chain, write the report.

    Parameters
    ----------
    folder : path
        Study folder to make; must not exist.
    dyads, minutes, seed, world
        What is made; see :func:`syntony.simulate.study.demo_setup`. The seed of the default
        was fixed before any result was seen.
    recipe : Recipe, optional
        Default: the defaults, with fewer draws of the within-dyad surrogate.
    jobs : int, optional
        Processes; default: one per core.
    on_progress : callable, optional
        Called with (steps done, steps in all).

    Returns
    -------
    Run
        ``truth_in_words(run)`` says what was planted.

    Raises
    ------
    FileError
        If the folder exists and holds something.

    Examples
    --------
    >>> import syntony as sy
    >>> run = sy.demo("demo-study")  # doctest: +SKIP
    """
    root = Path(folder)
    if root.exists() and any(root.iterdir()):
        raise FileError(root, "a folder with something in it", "a folder to make", "Name another.")
    chosen = recipe or demo_recipe()
    setup = demo_setup(seed=seed, world=world, dyads=dyads, minutes=minutes)
    with compiling_beside(chosen):
        _write_study(root, setup, lambda done, count: on_progress(done, 4 * count))
    lay_card(root, chosen, setup)
    count = setup.dyads * setup.sessions_per_dyad
    return run(
        root,
        chosen,
        name="demo",
        jobs=jobs,
        on_progress=lambda done, total: on_progress(
            count + round(3 * count * done / total), 4 * count
        ),
    )


def _write_study(root: Path, setup: StudySetup, on_progress: Callable[[int, int], None]) -> None:
    """Make the study and write it."""
    made = rate_study(make_study(setup))
    truth = {k: v for k, v in made.truth.items() if k != "sessions" and v is not None}
    truth |= {"r_expected": expected_r()["r"], "r_expected_dyads": expected_r()["dyads"]}
    create_study(
        root,
        title=TITLE,
        roles=("patient", "therapist"),
        description="Simulated; nobody was recorded.",
        simulated=True,
        truth=truth,
    )
    for done, session in enumerate(made.sessions, start=1):
        write_session(root, session)
        on_progress(done, len(made.sessions))


def demo_recipe() -> Recipe:
    """The recipe of the demo: the defaults, with fewer draws.

    Examples
    --------
    >>> [s.count for s in demo_recipe().surrogates]
    [299, 299]
    """
    chance = [s.model_copy(update={"count": DRAWS}) for s in Recipe().surrogates]
    return Recipe(title=TITLE, surrogates=tuple(chance))


def expected_r() -> dict[str, Any]:
    """The r to be expected between the *measured* index and empathy in the demo's world.

    An index measures coupling with error, so this r is smaller than the planted one. The
    figures were made by ``benchmarks/expected_r.py`` from simulated dyads with these settings.

    Examples
    --------
    >>> expected_r()["dyads"] >= 2000
    True
    """
    text = files("syntony.trials").joinpath("expected_r.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def setup_key(setup: StudySetup) -> dict[str, Any]:
    """Everything that decides a made study, as it stands in a card that was made ahead.

    Examples
    --------
    >>> setup_key(demo_setup())["dyads"]
    60
    """
    key: dict[str, Any] = json.loads(json.dumps(asdict(setup)))
    return key


def demo_card() -> dict[str, Any]:
    """The calibration card of the demo, made ahead by ``benchmarks/demo_card.py``.

    Its ``recipe_sha256`` and ``setup`` say for which settings it is.

    Examples
    --------
    >>> demo_card()["studies"] >= 60
    True
    """
    text = files("syntony.trials").joinpath("demo_card.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def lay_card(root: Path, recipe: Recipe, setup: StudySetup) -> bool:
    """Lay the demo's card beside the runs, if it was made for this recipe and this study.

    Returns
    -------
    bool
        Whether it was.
    """
    source = FromStudy(open_study(root))
    settled = json.loads(settle(recipe, source).model_dump_json())
    card = demo_card()
    if card["recipe_sha256"] != recipe_sha256(settled) or card["setup"] != setup_key(setup):
        return False
    inputs = [f for row in source.rows for f in hashes(source.inputs(row.id), root)]
    write_card(kept_card(root / "derivatives" / "syntony", settled, inputs), card)
    return True


def truth_in_words(run: Run) -> list[str]:
    """What was planted in the study of a run, one sentence a line."""
    truth = run.origin["study"]["truth"]
    if not truth["is_coupled"]:
        return [f"Planted: nothing is coupled (world {truth['world']!r})."]
    found, dyads = truth["r_expected"], truth["r_expected_dyads"]
    return [
        "Simulated data. Planted:",
        f"  the {truth['leader']} leads by {truth['delay_s']:g} s;",
        f"  empathy goes with coupling, r = {truth['r_planted']:.2f}; for the measured index "
        f"r = {found:.2f} is to be expected ({dyads} simulated dyads);",
        f"  coupling is higher by {truth['emotion_effect']:.2f} (share of common responses) in "
        "seconds of shared positive emotion.",
        "Found:",
    ]
