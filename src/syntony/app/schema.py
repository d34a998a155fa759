"""Shapes of all JSON that the app gives or takes; ``static/types.d.ts`` is made from them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["owner", "analyst", "coder", "supervisor", "reader"]


class Shape(BaseModel):
    """A shape: closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Shape):
    """What is wrong, and with which field of a form (empty: with none of them)."""

    field: str
    message: str


class Problems(Shape):
    """Every answer that is not a success."""

    problems: list[Problem]


class Job(Shape):
    """A piece of long work: ``done`` of ``total`` steps; the result when it is finished."""

    id: str
    kind: str
    title: str
    state: Literal["running", "finished", "failed", "stopped"]
    done: int
    total: int
    elapsed_s: float
    message: str
    field: str
    result: Any = None


class JobList(Shape):
    """The jobs of this start of the app, the newest first."""

    jobs: list[Job]


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problems, "description": "Not logged in."},
    403: {"model": Problems, "description": "Not for this role, session or origin."},
    404: {"model": Problems, "description": "No such thing in this study."},
    421: {"model": Problems, "description": "Not an address of the app."},
    422: {"model": Problems, "description": "What was given cannot be used."},
}
"""What every route may answer besides its own: ``APIRouter(responses=REFUSALS)``."""
