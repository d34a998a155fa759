"""One step of a recipe: a pair of signals through one method."""

from __future__ import annotations

import numpy as np

from syntony.config import Recipe, Step
from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony import registry as method_list
from syntony.synchrony.drawn import Drawn


def couple(step: Step, x: Array, y: Array, rate_hz: float) -> Coupling:
    """Put one pair of signals through one method."""
    return method_list.get(step.method).of_pair(x, y, rate_hz=rate_hz, **step.options)


def statistics(step: Step, coupling: Coupling) -> Array:
    """Every statistic of the method, in the order of its list."""
    entry = method_list.get(step.method)
    found = entry.summarise(coupling)
    return np.array([found[s.name] for s in entry.statistics])


def couple_draws(step: Step, x: Array, ys: Array, rate_hz: float) -> Drawn | None:
    """Put one signal and every row of many through a method; None where it takes one by one."""
    return method_list.get(step.method).of_draws(x, ys, rate_hz=rate_hz, **step.options)


def misfit(recipe: Recipe, x: Array, y: Array, rate_hz: float) -> InputError | None:
    """Say why a method of the recipe cannot be computed for a pair; None where all can.

    A session too short for the windows of one method is left out with this reason, and the
    others go on.
    """
    for step in recipe.synchrony:
        try:
            couple(step, x, y, rate_hz)
        except InputError as error:
            return InputError(
                f"{step.method}: {error.field}", error.got, error.expected, error.hint
            )
    return None


def is_correlation(step: Step) -> bool:
    """Whether a step gives correlations, which are averaged as Fisher z."""
    entry = method_list.get(step.method)
    return entry.bounds == (-1.0, 1.0) and any(s.is_fisher_z for s in entry.statistics)


def profile_of(step: Step, coupling: Coupling) -> Array | None:
    """One value per lag, on the scale of the first statistic; None for a method without lags."""
    entry = method_list.get(step.method)
    return None if entry.profile is None else entry.profile(coupling)


def over_frequency(coupling: Coupling) -> Array | None:
    """One value per frequency, averaged over what else there is; None without frequencies."""
    if "frequency" not in coupling.dims:
        return None
    others = tuple(k for k, dim in enumerate(coupling.dims) if dim != "frequency")
    there = np.isfinite(coupling.values)
    total = np.where(there, coupling.values, 0.0).sum(axis=others)
    with np.errstate(invalid="ignore"):
        spectrum: Array = total / there.sum(axis=others)
    return spectrum
