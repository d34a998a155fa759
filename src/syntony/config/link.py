"""Recipe: what synchrony is joined with: emotion, moments, empathy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.config.part import Part, Seconds, Share


class Emotion(Part):
    """How codes are read and tested."""

    code_book: dict[str, Literal["positive", "neutral", "negative"]] = Field(
        default={"positive": "positive", "neutral": "neutral", "negative": "negative"},
        description="Code to valence.",
    )
    coder: str = Field(default="", description="Whose codes are read; empty: the first by name.")
    rotations: int = Field(default=999, ge=19)
    min_rotation_s: Seconds = 60.0
    min_class_s: Seconds = Field(
        default=10.0, description="A class is compared from this much valid synchrony on (s)."
    )


class Moments(Part):
    """How moments of high and low concordance are chosen (science of the 2007 contrast)."""

    min_session_s: Seconds = 1200.0
    smooth_s: Seconds = 30.0
    share: Share = 0.10
    min_length_s: Seconds = 20.0
    min_gap_s: Seconds = 30.0
    max_per_class: int = Field(default=5, ge=1)
    max_artefact: Share = 0.10
    skip_first_s: Seconds = 300.0
    skip_last_s: Seconds = 120.0


class Empathy(Part):
    """Which questionnaire score is linked with synchrony."""

    instrument: str = Field(default="", description="Empty: the first in the study.")
    scale: str = Field(default="", description="Empty: the first scale of the instrument.")
    about: str = Field(default="", description="Role that is rated; empty: whoever it is.")
    bootstrap: int = Field(default=2000, ge=99)
    keys: dict[str, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict,
        description="Reversed items of licensed questionnaires: instrument, scale, items.",
    )
