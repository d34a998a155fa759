"""From a grid to its paths: settled, the equal ones merged, the impossible ones named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from pydantic import ValidationError

from syntony.config import Body, Recipe, Step
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony import registry as method_list
from syntony.trials.multiverse_grid import Family, Multiverse

LAG = "max_lag_s"
LAG_FREE = {
    "marci": {"ssi", "mean_z", "mean_abs_z", "share_positive"},
    "lagged_correlation": {"lag_zero"},
    "rank_correlation": {"lag_zero"},
    "derivative_correlation": {"lag_zero"},
}
"""Aggregates at lag 0, on which the longest lag has no bearing.

For these methods a coupling with a shorter longest lag is part of the one with a longer.
"""
NOT_HERE = "–"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How a signal is made: feature and the part body of the recipe."""

    signal: str | tuple[str, str]
    body: Body

    @property
    def key(self) -> str:
        """The same for two that are equal."""
        return json.dumps([self.signal, json.loads(self.body.model_dump_json())])


@dataclass(frozen=True, kw_only=True)
class GridPath:
    """One path: a settled recipe of one step, and the aggregate read off it.

    ``choices`` names what was varied, as the figure and the table show it; a choice that a
    method lacks, or that has no bearing on the aggregate, is a dash.
    """

    number: int
    recipe: Recipe
    statistic: str
    choices: Mapping[str, str]
    is_primary: bool = False

    @property
    def step(self) -> Step:
        """Method with its options."""
        return self.recipe.synchrony[0]

    @property
    def preparation(self) -> Preparation:
        """How its signal is made."""
        return Preparation(signal=self.recipe.signal, body=self.recipe.body)

    @property
    def trims_s(self) -> tuple[float, float]:
        """Left out at the start and at the end of a session."""
        return self.recipe.trim_start_s, self.recipe.trim_stop_s


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Cells of the grid that are no path: how many, and why."""

    reason: str
    cells: int
    example: str


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A grid laid out: paths, how many cells were equal to another one, cells dropped."""

    paths: tuple[GridPath, ...]
    cells: int
    merged: int
    dropped: tuple[Dropped, ...]


def lay_paths(grid: Multiverse, recipe: Recipe) -> Laid:
    """Lay a grid out.

    Parameters
    ----------
    grid : Multiverse
        With every choice, as :func:`syntony.trials.multiverse_grid.settle_grid` gives it.
    recipe : Recipe
        Settled; its signal, trims, first step and that step's first statistic are the primary
        path, which is always among the paths.

    Returns
    -------
    Laid
        Paths in the order of the grid, the primary one first where the grid lacks it.

    Raises
    ------
    InputError
        If the grid names a method, option, statistic or part of body that does not exist.
    """
    seen: dict[str, GridPath] = {}
    gone: dict[str, list[str]] = {}
    cells = merged = 0
    primary = _primary(recipe)
    for path in _cells(grid, recipe):
        cells += 1
        reason = impossible(path)
        if reason:
            gone.setdefault(reason, []).append(described(path))
            continue
        key = _key(path)
        merged += key in seen
        seen.setdefault(key, path)
    own = _key(primary)
    found = seen.get(own)
    first = [] if found is not None else [primary]
    ordered = [*first, *seen.values()]
    paths = tuple(  # of equal paths the recipe's own is the one that stays
        replace(
            p,
            number=k,
            is_primary=_key(p) == own,
            recipe=primary.recipe if _key(p) == own else p.recipe,
        )
        for k, p in enumerate(ordered)
    )
    return Laid(
        paths=_only_varied(paths),
        cells=cells,
        merged=merged,
        dropped=tuple(
            Dropped(reason=r, cells=len(which), example=which[0]) for r, which in gone.items()
        ),
    )


def _cells(grid: Multiverse, recipe: Recipe) -> Iterator[GridPath]:
    """Every cell: signal x body x trims x method x options x aggregate."""
    bodies = [dict(zip(grid.body, values, strict=True)) for values in product(*grid.body.values())]
    for signal, changes, start, stop in product(
        grid.signal, bodies, grid.trim_start_s, grid.trim_stop_s
    ):
        part = {
            "signal": signal,
            "body": _changed(recipe.body, changes),
            "trim_start_s": start,
            "trim_stop_s": stop,
        }
        for family in grid.families:
            for step, statistic in _steps(family):
                path = recipe.model_copy(update={**part, "synchrony": (step,)})
                yield GridPath(
                    number=-1,
                    recipe=path,
                    statistic=statistic,
                    choices=_choices(path, step, statistic, changes, tuple(family.options)),
                )


def _steps(family: Family) -> Iterator[tuple[Step, str]]:
    """Settled steps of a family, with each aggregate."""
    entry = method_list.get(family.method)
    known = [s.name for s in entry.statistics]
    chosen = family.statistics or (known[0],)
    for name in chosen:
        if name not in known or name.endswith("_s"):
            raise InputError(
                f"statistics of {family.method}",
                name,
                f"one of {[n for n in known if not n.endswith('_s')]}",
                "A lag is no amount of synchrony." if name in known else "",
            )
    for values in product(*family.options.values()):
        options = entry.settle(dict(zip(family.options, values, strict=True)))
        for name, parameter in entry.options.items():
            if isinstance(parameter.default, float) and type(options[name]) is int:
                options[name] = float(options[name])  # 15 and 15.0 are one choice
        for name in chosen:
            yield Step(method=family.method, options=options), name


def _changed(body: Body, changes: Mapping[str, Any]) -> Body:
    """The part body with some of its choices changed, by dotted name."""
    table = body.model_dump()
    for name, value in changes.items():
        *way, last = name.split(".")
        inner = table
        for step in way:
            inner = inner.get(step, {}) if isinstance(inner, dict) else {}
        if last not in inner:
            raise InputError(
                "body", name, "a choice of the recipe's part body", "Such as 'eda.low_pass_hz'."
            )
        inner[last] = value
    try:
        return Body.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"body.{place}", first["input"], first["msg"]) from error


def _primary(recipe: Recipe) -> GridPath:
    """The path of the recipe itself."""
    step = recipe.synchrony[0]
    statistic = method_list.get(step.method).statistics[0].name
    only = recipe.model_copy(update={"synchrony": (step,)})
    return GridPath(
        number=-1,
        recipe=only,
        statistic=statistic,
        choices=_choices(only, step, statistic, {}, tuple(step.options)),
        is_primary=True,
    )


def _key(path: GridPath) -> str:
    """The same for two paths that must give the same figures."""
    options = dict(path.step.options)
    if path.statistic in LAG_FREE.get(path.step.method, ()):
        options.pop(LAG, None)
    return json.dumps(
        [path.preparation.key, path.trims_s, path.step.method, options, path.statistic],
        sort_keys=True,
        default=str,
    )


def _choices(
    recipe: Recipe, step: Step, statistic: str, changes: Mapping[str, Any], varied: tuple[str, ...]
) -> dict[str, str]:
    """What the figure and the table call this path."""
    signal = recipe.signal if isinstance(recipe.signal, str) else " and ".join(recipe.signal)
    said = {
        "signal": signal,
        **{f"body.{k}": said_of(v) for k, v in changes.items()},
        "trim_start_s": said_of(recipe.trim_start_s),
        "trim_stop_s": said_of(recipe.trim_stop_s),
        "method": step.method,
        **{k: said_of(step.options[k]) for k in varied},
        "aggregate": statistic,
    }
    if statistic in LAG_FREE.get(step.method, ()) and LAG in said:
        said[LAG] = NOT_HERE
    return said


def said_of(value: object) -> str:
    """Write a value of a choice.

    Examples
    --------
    >>> said_of(15.0), said_of("ols"), said_of(True)
    ('15', 'ols', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _only_varied(paths: tuple[GridPath, ...]) -> tuple[GridPath, ...]:
    """Keep the choices that take several values over the paths, the same for all."""
    names = list(dict.fromkeys(n for p in paths for n in p.choices))
    values = {n: {p.choices.get(n, NOT_HERE) for p in paths} for n in names}
    within = {
        n: max(
            len({p.choices.get(n, NOT_HERE) for p in paths if p.step.method == m} - {NOT_HERE})
            for m in {p.step.method for p in paths}
        )
        for n in names
    }
    kept = [
        n for n in names if len(values[n]) > 1 and (within[n] > 1 or n in ("method", "aggregate"))
    ] or names[:1]
    return tuple(replace(p, choices={n: p.choices.get(n, NOT_HERE) for n in kept}) for p in paths)


def described(path: GridPath) -> str:
    """Say a path in one line."""
    without = {LAG} if path.statistic in LAG_FREE.get(path.step.method, ()) else set()
    settings = [
        f"{words} {said_of(path.step.options[k])}{unit}"
        for k, words, unit in _SETTINGS
        if k in path.step.options and k not in without
    ]
    signal = path.recipe.signal
    named = signal if isinstance(signal, str) else " and ".join(signal)
    trims = f"without the first {path.trims_s[0]:g} s" if path.trims_s[0] else "whole session"
    return f"{path.statistic} of {path.step.method}, {named}, {trims}, {', '.join(settings)}"


_SETTINGS = (
    ("slope", "slope", ""),
    ("slope_window_s", "slope window", " s"),
    ("window_s", "window", " s"),
    ("step_s", "step", " s"),
    (LAG, "longest lag", " s"),
)


def impossible(path: GridPath) -> str:
    """Say why a path makes no sense whatever the recordings; empty where it does."""
    options, body = path.step.options, path.recipe.body
    window, step, lag = (options.get(k) for k in ("window_s", "step_s", LAG))
    if window is not None and step is not None and step > window:
        return "step longer than window: samples between windows would never be looked at"
    if window is not None and lag is not None and lag > window:
        return "longest lag longer than window"
    if "eda" in str(path.recipe.signal) and body.eda.low_pass_hz >= body.grid.rate_hz / 2:
        return "low-pass not under half the rate of the grid: faster parts would be folded over"
    return ""


def narrowed(coupling: Coupling, max_lag_s: float) -> Coupling:
    """Keep the lags up to a shorter longest lag."""
    lags = coupling.coords["lag"]
    kept = abs(lags) <= max_lag_s + 1e-9
    if kept.all():
        return coupling
    return replace(
        coupling,
        values=coupling.values[:, kept],
        coverage=None if coupling.coverage is None else coupling.coverage[:, kept],
        coords={**coupling.coords, "lag": lags[kept]},
        options={**coupling.options, LAG: max_lag_s},
    )


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One column of a block: an aggregate at a longest lag, and the path that it is of."""

    path: int
    statistic: str
    max_lag_s: float | None


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Paths that share one coupling: a preparation, trims and a step at its longest lag."""

    name: str
    preparation: int
    trims_s: tuple[float, float]
    step: Step
    readings: tuple[Reading, ...]


def lanes_of(paths: tuple[GridPath, ...]) -> tuple[tuple[Preparation, ...], tuple[Lane, ...]]:
    """Put paths together that are read off one coupling.

    Returns
    -------
    preparations : tuple of Preparation
        Each way of making the signals, once.
    lanes : tuple of Lane
        Each coupling once, with the paths that are read off it.
    """
    ways = {p.preparation.key: p.preparation for p in paths}
    places = {key: k for k, key in enumerate(ways)}
    together: dict[str, list[GridPath]] = {}
    for path in paths:
        options = dict(path.step.options)
        if _sliced(path.step):
            options.pop(LAG)
        key = json.dumps(
            [path.preparation.key, path.trims_s, path.step.method, options],
            sort_keys=True,
            default=str,
        )
        together.setdefault(key, []).append(path)
    lanes = []
    for number, members in enumerate(together.values()):
        longest = max(members, key=lambda p: p.step.options.get(LAG) or 0.0)
        sliced = _sliced(longest.step)
        readings = tuple(
            Reading(
                path=p.number,
                statistic=p.statistic,
                max_lag_s=p.step.options[LAG] if sliced else None,
            )
            for p in members
        )
        lanes.append(
            Lane(
                name=f"{number:04d}-{longest.step.method}",
                preparation=places[longest.preparation.key],
                trims_s=longest.trims_s,
                step=longest.step,
                readings=readings,
            )
        )
    return tuple(ways.values()), tuple(lanes)


def _sliced(step: Step) -> bool:
    """Whether a shorter longest lag is part of a longer one's coupling."""
    return step.method in LAG_FREE and step.options.get("anchor", "ours") == "ours"
