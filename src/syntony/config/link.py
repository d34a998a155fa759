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
    rotations: int = Field(default=999, ge=19, description="Rotated codes that say what chance is.")
    min_rotation_s: Seconds = Field(
        default=60.0, description="Both people's codes are moved together by at least this (s)."
    )
    min_class_s: Seconds = Field(
        default=10.0, description="A class is compared from this much valid synchrony on (s)."
    )


class Moments(Part):
    """How moments of high and low concordance are chosen (science of the 2007 contrast)."""

    min_session_s: Seconds = Field(
        default=1200.0, description="In a shorter session no moments are looked for (s)."
    )
    smooth_s: Seconds = Field(
        default=30.0, description="Moving average of synchrony over time before moments (s)."
    )
    share: Share = Field(
        default=0.10, description="Share of the session that is high, and that is low."
    )
    min_length_s: Seconds = Field(default=20.0, description="Shorter moments are dropped (s).")
    min_gap_s: Seconds = Field(default=30.0, description="Least time between two moments (s).")
    max_per_class: int = Field(default=5, ge=1, description="At most so many of each kind.")
    max_artefact: Share = Field(
        default=0.10, description="A moment with a larger share of artefacts is dropped."
    )
    skip_first_s: Seconds = Field(
        default=300.0, description="No moment begins before this (s): people settle in."
    )
    skip_last_s: Seconds = Field(default=120.0, description="No moment in the last seconds (s).")


class Empathy(Part):
    """Which questionnaire score is linked with synchrony."""

    instrument: str = Field(default="", description="Empty: the first in the study.")
    scale: str = Field(default="", description="Empty: the first scale of the instrument.")
    about: str = Field(default="", description="Role that is rated; empty: whoever it is.")
    bootstrap: int = Field(default=2000, ge=99, description="Resamples of the dyads.")
    keys: dict[str, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict,
        description="Reversed items of licensed questionnaires: instrument, scale, items.",
    )
