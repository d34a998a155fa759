"""What the app has done in processes of their own: plain values in, plain values out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def run_study(
    *,
    study: str,
    name: str,
    recipe: Mapping[str, Any] | None,
    on_progress: Callable[[int, int], None],
) -> dict[str, str]:
    """Run the chain on a study, or go on with a run that was stopped.

    Parameters
    ----------
    study : str
        Its folder.
    name : str
        Of the run.
    recipe : mapping or None
        As JSON has it; None: go on with the run of this name, by its own recipe.
    on_progress : callable

    Returns
    -------
    dict
        ``run``: its name.
    """
    from syntony.config import Recipe
    from syntony.pipeline.run import run
    from syntony.pipeline.run_states import find_run

    given = recipe
    if given is None:
        given = json.loads((find_run(Path(study), name) / "recipe.json").read_text("utf-8"))
    chosen = Recipe.model_validate(given)
    run(study, chosen, name=name, resume=recipe is None, on_progress=on_progress)
    return {"run": name}


def run_multiverse(
    *,
    study: str,
    name: str,
    recipe: Mapping[str, Any] | None,
    on_progress: Callable[[int, int], None],
) -> dict[str, str]:
    """Compute every path of the default grid, or go on with a multiverse that was stopped.

    As :func:`run_study`; one that is gone on with keeps its own recipe and its own grid.
    """
    from syntony.config import Recipe
    from syntony.pipeline.run_states import find_run
    from syntony.trials.multiverse import multiverse
    from syntony.trials.multiverse_grid import Multiverse

    given, grid = recipe, None
    if given is None:
        folder = find_run(Path(study), name)
        given = json.loads((folder / "recipe.json").read_text("utf-8"))
        grid = Multiverse.model_validate_json((folder / "grid.json").read_text("utf-8"))
    multiverse(
        study,
        Recipe.model_validate(given),
        grid=grid,
        name=name,
        resume=recipe is None,
        on_progress=on_progress,
    )
    return {"run": name}


def try_recipe(
    *, recipe: Mapping[str, Any], on_progress: Callable[[int, int], None]
) -> list[list[str]]:
    """Try the options of a settled recipe: place and words of every one that is refused."""
    from syntony.config import Recipe
    from syntony.pipeline.recipe_check import try_options

    return [[p.place, p.message] for p in try_options(Recipe.model_validate(recipe))]


def calibrate_run(
    *,
    study: str,
    name: str,
    quick: bool,
    on_progress: Callable[[int, int], None],
) -> dict[str, str]:
    """Measure how often strangers pass with the settings of a run; its report says so.

    Twin studies that were done before it was stopped are not done again.
    """
    from syntony.pipeline.run_states import find_run
    from syntony.trials import calibrate as verb

    verb.calibrate(
        like=find_run(Path(study), name),
        studies=verb.QUICK_STUDIES if quick else verb.STUDIES,
        coupled=verb.QUICK_COUPLED if quick else verb.COUPLED,
        on_progress=on_progress,
    )
    return {"run": name}


def register_plan(
    *,
    study: str,
    recipe: Mapping[str, Any],
    replace: bool,
    on_progress: Callable[[int, int], None],
) -> dict[str, str]:
    """Write the plan of an analysis down, with the hash of every file that it will read."""
    from syntony.config import Recipe
    from syntony.trials.preregister import preregister

    made = preregister(study, Recipe.model_validate(recipe), replace=replace)
    on_progress(1, 1)
    return {"document": made.document.name, "recipe_sha256": made.recipe_sha256}


def lay_clips(
    *,
    study: str,
    folder: str,
    options: Mapping[str, Any],
    on_progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Lay out clips for blind coders; what is given back tells no class of any clip."""
    from syntony.pipeline.clips import make_clips

    made = make_clips(study, folder, on_progress=on_progress, **dict(options))
    return {"set": made.name, "lines": list(made.lines)}
