"""The grid of a multiverse: which choices are varied, and which values each may take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from syntony.config import Part, Recipe, Seconds, read_part

EDA = ("eda", "eda_tonic", "eda_phasic")


def _as_list(value: Any) -> Any:
    """Take one value for a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _as_lists(value: Any) -> Any:
    """Take one value for a list of one, under every key."""
    return {k: _as_list(v) for k, v in value.items()} if isinstance(value, dict) else value


Values = Annotated[dict[str, tuple[Any, ...]], BeforeValidator(_as_lists)]
Times = Annotated[tuple[Seconds, ...], BeforeValidator(_as_list), Field(min_length=1)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Family(Part):
    """One method with the values that its options take, all with all."""

    method: str = Field(description="Name on the list of methods.")
    statistics: Names = Field(
        default=(), description="Aggregates read off each coupling; empty: the first."
    )
    options: Values = Field(
        default_factory=dict, description="Option to its values; others keep their default."
    )


class Multiverse(Part):
    """Every reasonable path: the values of each choice, all with all."""

    signal: Annotated[tuple[str | tuple[str, str], ...], BeforeValidator(_as_list)] = Field(
        default=(), description="Features compared; empty: that of the recipe."
    )
    trim_start_s: Times = Field(default=(0.0, 300.0), description="Left out at the start (s).")
    trim_stop_s: Times = Field(default=(0.0,), description="Left out at the end (s).")
    body: Values = Field(
        default_factory=dict,
        description="Choices of the recipe's part body by their dotted name, to their values.",
    )
    families: tuple[Family, ...] = Field(default=(), description="Methods with their options.")
    draws: int = Field(default=999, ge=19, description="Derangements, shared by all paths.")
    shifts: int = Field(
        default=99, ge=19, description="Shifts where there are too few dyads for derangements."
    )
    permutations: int = Field(default=999, ge=19, description="Deals of the ratings.")
    bootstrap: int = Field(default=2000, ge=99, description="Samples of dyads for intervals.")

    @model_validator(mode="after")
    def _something_to_vary(self) -> Multiverse:
        empty = [
            f"{f.method}.{name}" for f in self.families for name, v in f.options.items() if not v
        ]
        empty += [f"body.{name}" for name, v in self.body.items() if not v]
        if empty:
            raise ValueError(f"{empty[0]}: give at least one value")
        return self


def _windows(method: str, statistics: tuple[str, ...], **options: Any) -> Family:
    return Family(method=method, statistics=statistics, options=options)


def default_grid(recipe: Recipe) -> Multiverse:
    """Give the grid of the signal that a recipe compares.

    Skin conductance: 828 paths, once equal and impossible cells are taken out; heart rate 297,
    other signals 109. The values are those of published studies, as far as we know them, and
    their neighbours.

    Examples
    --------
    >>> default_grid(Recipe()).signal
    ('eda', 'eda_tonic', 'eda_phasic')
    >>> default_grid(Recipe(signal="mea")).signal
    ('mea',)
    """
    lagged = ("mean_z", "mean_abs_z", "lag_zero", "peak_z")
    plain = ("mean_z", "lag_zero", "peak_z")
    if set(recipe.signals) <= set(EDA):
        return Multiverse(
            signal=EDA,
            families=(
                _windows(
                    "marci",
                    ("ssi", "mean_z", "mean_abs_z", "share_positive", "ssi_peak"),
                    slope=("mean_gradient", "ols", "endpoint"),
                    slope_window_s=(5.0,),
                    window_s=(15.0, 30.0),
                    step_s=(1.0,),
                    max_lag_s=(5.0, 7.0),
                ),
                _windows(
                    "lagged_correlation",
                    lagged,
                    window_s=(8.0, 15.0, 30.0, 60.0),
                    step_s=(5.0, 15.0, 30.0),
                    max_lag_s=(4.0, 5.0, 7.0),
                ),
                _windows("rank_correlation", plain, window_s=(15.0, 30.0), step_s=(15.0,)),
                _windows("derivative_correlation", plain, window_s=(15.0, 30.0), step_s=(15.0,)),
            ),
        )
    windows, lags = (
        ((15.0, 30.0, 60.0), (4.0, 5.0))
        if "hr" in recipe.signals
        else (
            (30.0, 60.0),
            (2.0, 5.0),
        )
    )
    body = {"beats.interpolation": ("pchip", "linear")} if "hr" in recipe.signals else {}
    return Multiverse(
        signal=(recipe.signal,),
        body=body,
        families=(
            _windows(
                "lagged_correlation",
                lagged,
                window_s=windows,
                step_s=(5.0, 15.0, 30.0),
                max_lag_s=lags,
            ),
            _windows("rank_correlation", plain, window_s=windows, step_s=(15.0,)),
            _windows("derivative_correlation", plain, window_s=windows, step_s=(15.0,)),
        ),
    )


def settle_grid(grid: Multiverse | Path | str | None, recipe: Recipe) -> Multiverse:
    """Fill in what a grid leaves to the recipe, so that the saved grid holds every choice.

    Parameters
    ----------
    grid : Multiverse or path, optional
        Without it, or where it names no methods: the default of the recipe's signal.
    recipe : Recipe
    """
    if grid is None:
        return default_grid(recipe)
    if not isinstance(grid, Multiverse):
        grid = read_part(grid, Multiverse, "grid")
    known = default_grid(recipe)
    return grid.model_copy(
        update={
            "signal": grid.signal or (known.signal if not grid.families else (recipe.signal,)),
            "families": grid.families or known.families,
        }
    )
