"""Recipe: questionnaires, and the lab's own definitions of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.config.part import Part


class ScaleDefinition(Part):
    """One score of a questionnaire that a lab defines."""

    items: tuple[str, ...] = Field(min_length=1, description="Names of the items, in order.")
    reverse: tuple[str, ...] = Field(default=(), description="Items that count the other way.")
    combine: Literal["mean", "sum"] = "mean"
    max_missing: int = Field(
        default=0, ge=0, description="Items that may be missing; the mean of the rest stands in."
    )


class Definition(Part):
    """A questionnaire that a lab defines: a file ``questionnaires/<name>.toml`` of the study."""

    title: str
    source: str = Field(description="Where range and key were read.")
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    no_zero: bool = False
    whole: bool = Field(default=True, description="Answers are whole numbers.")
    wording: Literal["free", "licensed"] = "licensed"
    choices: dict[str, float] = Field(
        default_factory=dict, description="What an answer in words counts as."
    )
    scales: dict[str, ScaleDefinition] = Field(min_length=1)


class Questionnaires(Part):
    """What is read off the questionnaires besides their scores."""

    bootstrap: int = Field(default=1000, ge=99, description="Resamples of the dyads.")
    permutations: int = Field(
        default=999, ge=19, description="Partners drawn anew, beside the likeness of two people."
    )
    reliability: Literal["omega", "alpha"] = Field(
        default="omega", description="Which one the reliable change rests on."
    )
    definitions: dict[str, Definition] = Field(
        default_factory=dict,
        description="The lab's own questionnaires; those of the study's folder are added.",
    )
