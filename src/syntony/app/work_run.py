"""What the app has done in a process of its own: plain values in, plain values out."""

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
