"""The first use ever compiles the kernels: on two cores, each half of them.

What is compiled is kept on disk for good, so that this happens once an installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from syntony.config import Recipe, Step
from syntony.core.errors import InputError
from syntony.pipeline.steps import couple, statistics

_SECONDS = 120.0  # of a made pair: enough for one window of most methods


def compile_in_two(recipe: Recipe) -> None:
    """Compile what the steps of a recipe need, where nothing was ever compiled.

    The later steps are compiled by a process of their own while this one compiles the first.
    Without a second core, or where kernels are there, nothing is done; what is not compiled here
    is compiled where it is first called.
    """
    if (os.cpu_count() or 1) < 2 or len(recipe.synchrony) < 2 or _something_compiled():
        return
    later = recipe.model_copy(update={"synchrony": recipe.synchrony[1:]})
    told = later.model_dump_json()
    command = [sys.executable, "-c", "from syntony.pipeline import first_use; first_use.told()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        if other.stdin is not None:
            other.stdin.write(told.encode())
            other.stdin.close()
        try_filter(recipe)
        try_steps(recipe.synchrony[:1], recipe.body.grid.rate_hz)


def told() -> None:
    """Compile the steps of the recipe on standard input: what the other process does."""
    recipe = Recipe.model_validate_json(sys.stdin.buffer.read())
    try_steps(recipe.synchrony, recipe.body.grid.rate_hz)


def try_steps(steps: tuple[Step, ...], rate_hz: float) -> None:
    """Put a made pair through each step, so that its kernels are compiled."""
    x, y = np.random.default_rng(1).standard_normal((2, round(_SECONDS * rate_hz))).cumsum(axis=1)
    for step in steps:
        try:
            statistics(step, couple(step, x, y, rate_hz))
        except InputError:  # too short for its windows: compiled where it is called
            continue


def try_filter(recipe: Recipe) -> None:
    """The same for the low-pass of skin conductance."""
    from syntony.body.filters import zero_phase

    rate_hz = recipe.body.grid.rate_hz
    zero_phase(np.arange(50.0), rate_hz, rate_hz / 8, order=recipe.body.eda.low_pass_order)


def _something_compiled() -> bool:
    """Whether a kernel lies in the place where numba keeps them."""
    from syntony.kernels.lagged import mend_doubtful

    place = getattr(getattr(mend_doubtful, "_cache", None), "cache_path", None)
    return place is None or any(Path(place).glob("*.nbi"))  # None: nothing can be kept
