"""The first use ever compiles the kernels: on two cores, each half of them.

What is compiled is kept on disk for good, so that this happens once an installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from syntony.config import Recipe, Step
from syntony.core.errors import InputError
from syntony.pipeline.steps import couple, statistics
from syntony.surrogates.registry import takes_partners
from syntony.synchrony.registry import get

_SECONDS = 120.0  # of a made pair: enough for one window of most methods


def compile_in_two(recipe: Recipe) -> None:
    """Compile what a recipe needs, where nothing was ever compiled, and wait for it.

    The later steps are compiled by a process of their own while this one compiles the first.
    Without a second core, or where kernels are there, nothing is done; what is not compiled here
    is compiled where it is first called.
    """
    if not _is_first_use(recipe):
        return
    with _other(recipe.model_copy(update={"synchrony": recipe.synchrony[1:]})):
        try_sums()
        try_filter(recipe)
        try_steps(recipe, recipe.synchrony[:1])


@contextmanager
def compiling_beside(recipe: Recipe) -> Iterator[None]:
    """Compile the same in two processes while the caller does something else; wait at its end."""
    if not _is_first_use(recipe):
        yield
        return
    first, later = recipe.synchrony[:1], recipe.synchrony[1:]
    with (
        _other(recipe.model_copy(update={"synchrony": later})),
        _other(recipe.model_copy(update={"synchrony": first}), bodies=True),
    ):
        yield


def _is_first_use(recipe: Recipe) -> bool:
    """Whether compiling on two cores has a sense: two steps, and nothing was ever compiled."""
    return (os.cpu_count() or 1) > 1 and len(recipe.synchrony) > 1 and not _something_compiled()


@contextmanager
def _other(recipe: Recipe, *, bodies: bool = False) -> Iterator[None]:
    """A process that compiles the steps of a recipe, and the filter too; it is waited for."""
    program = f"from syntony.pipeline import first_use; first_use.told(bodies={bodies})"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        if other.stdin is not None:
            other.stdin.write(recipe.model_dump_json().encode())
            other.stdin.close()
        yield


def told(*, bodies: bool) -> None:
    """Compile the steps of the recipe on standard input: what another process does."""
    recipe = Recipe.model_validate_json(sys.stdin.buffer.read())
    if bodies:
        try_sums()
        try_filter(recipe)
    try_steps(recipe, recipe.synchrony, still=not bodies)


def try_steps(recipe: Recipe, steps: tuple[Step, ...], *, still: bool = False) -> None:
    """Put a made pair through each step, so that its kernels are compiled.

    ``still``: one of the two lies still for a while, so that what mends such windows is compiled
    too. Where strangers are asked for, so is the way that takes many pairs at once.
    """
    rate_hz = recipe.body.grid.rate_hz
    x, y = np.random.default_rng(1).standard_normal((2, round(_SECONDS * rate_hz))).cumsum(axis=1)
    if still:
        x[: x.size // 2] = x[0]
    strangers = any(takes_partners(s.name) for s in recipe.surrogates)
    for step in steps:
        try:
            statistics(step, couple(step, x, y, rate_hz))
        except InputError:  # too short for its windows: compiled where it is called
            continue
        if strangers:
            one = np.zeros((1, 2), dtype=np.int64)
            get(step.method).of_pairs([x], [y], one, rate_hz=rate_hz, **step.options)


def try_sums() -> None:
    """The sums that steps of both halves come to at their end, so that they are there by then."""
    from syntony.kernels.lagged_sums import z_sums

    z_sums(np.zeros((3, 2)))


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
