"""Recipe: what chance is, where a session is searched, and what is decided over dyads."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from syntony.config.part import Part, Share


class Surrogate(Part):
    """One way to say what chance gives; ``count`` is ignored where partners are counted."""

    name: str = "pseudo_dyads"
    count: int = Field(
        default=999,
        ge=19,
        title="Number of draws",
        description="The smallest p is 1 / (draws + 1).",
    )
    options: dict[str, Any] = Field(default_factory=dict)


class Stretches(Part):
    """How a session is searched for stretches that chance does not give."""

    alpha: Share = Field(default=0.05, gt=0, description="Largest p of a stretch that is listed.")
    point: Share = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Share of the draws beyond the threshold of a moment, both sides together; "
        "more where draws are few.",
    )
    strangers: int = Field(
        default=199, ge=19, description="At most so many pairs of strangers are laid beside it."
    )


class Corpus(Part):
    """Decisions over dyads."""

    derangements: int = Field(
        default=999, ge=19, description="Times that every person is given another partner."
    )
    bootstrap: int = Field(default=2000, ge=99, description="Resamples of the dyads.")
    min_dyads: int = Field(default=6, ge=3, description="Fewer dyads are not testable.")
    same_therapist: bool = Field(
        default=True, description="May a stranger come from another dyad of the same therapist?"
    )
    contrast: tuple[str, str] | None = Field(
        default=None, description="Two session types to compare within dyads."
    )
