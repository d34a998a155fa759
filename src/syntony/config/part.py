"""What every part of a recipe is: fixed once made, closed to unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Hertz = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the recipe: fixed once made, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
