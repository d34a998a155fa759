"""Shapes of the JSON of the data quality page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from syntony.app.schema import Shape

Moment = Annotated[float, Field(allow_inf_nan=False)]


class MarkGiven(Shape):
    """A stretch that is called an artefact; ``kind`` "*" means every channel of the person."""

    person: str = Field(max_length=200)
    kind: str = Field(max_length=200)
    start_s: Moment
    stop_s: Moment
    reason: str = Field(default="", max_length=2000)


class MarkShown(Shape):
    """One mark of a session; ``withdrawn_at`` is empty while it is in force."""

    id: str
    at: str
    by: str
    person: str
    role: str
    kind: str
    start_s: float
    stop_s: float
    reason: str
    withdrawn_at: str
    withdrawn_by: str


class MarkList(Shape):
    """All marks of a session by their start, and runs that read another list of them.

    ``made`` is the id of the mark that the request made; else empty.
    """

    marks: list[MarkShown]
    runs_before: list[str]
    made: str = ""
