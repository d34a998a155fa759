"""Recipe: models that join synchrony to scores."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from syntony.config.part import Part

MOMENT_MODEL = "moment_model"
"""Name of the table and the script of the model of moments, which no other may have."""


class Model(Part):
    """One model, by its name on the list; the same model may be used several times."""

    model: str = Field(default="within_between", description="Name on the list of models.")
    name: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Name in tables and of its files; empty: that of the model.",
    )
    outcome: str = Field(
        default="",
        description="`instrument.scale` (`@role`: as that person answered), `method.statistic`, or "
        "`sessions.column` for a number that stands in sessions.tsv; empty: the score that "
        "`empathy` names.",
    )
    predictor: str = Field(
        default="", description="As `outcome`; empty: the first statistic of the first step."
    )
    variables: dict[str, str] = Field(
        default_factory=dict, description="Further columns of the model: its name for it, and what."
    )
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _no_name_of_ours(cls, value: str) -> str:
        """The model of moments writes files of its name beside these, in any case of letters."""
        if value.casefold() == MOMENT_MODEL:
            raise ValueError(
                f"{value!r} is the name of the model of moments, whose script lies in the same "
                "folder: give this model another, such as 'my_model'"
            )
        return value

    @property
    def title(self) -> str:
        """Name in tables and of files."""
        return self.name or self.model
