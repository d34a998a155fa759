"""Shapes of the JSON of runs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from syntony.app.schema import Problem, Shape

RecipeGiven = Annotated[dict[str, Any], Field(max_length=200)]


class RunGiven(Shape):
    """What the form holds: a recipe, and the name of the run; empty: the next number."""

    recipe: RecipeGiven
    name: str = Field(default="", max_length=200)


class PlanGiven(Shape):
    """The recipe that is registered; ``replace`` puts it in the place of an older plan."""

    recipe: RecipeGiven
    replace: bool = False


class CalibrationGiven(Shape):
    """How long a calibration may take: ``quick`` makes a fifth of the twin studies."""

    quick: bool = True


class RecipeChecked(Shape):
    """What can be said of a recipe before any work."""

    problems: list[Problem]
    sessions: int
    strangers: int
    notes: list[str]
    registered: str


class RunLine(Shape):
    """A run in the list; ``seconds`` is null where it is not known."""

    name: str
    state: str
    kind: str
    title: str
    made_at: str
    seconds: float | None
    compared: str
    methods: list[str]
    sessions: int
    failed: int
    has_report: bool
    can_resume: bool
    job: str


class RunList(Shape):
    """Every run of the study, the newest first; ``job`` is the id of the work on it."""

    runs: list[RunLine]
