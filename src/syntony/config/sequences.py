"""Recipe: whose codes follow whose, and by how much."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.config.part import Part, Seconds


class Sequences(Part):
    """Which codes of the two people are asked about, each way; nothing is done without a pair."""

    pairs: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="Code of the first role, code of the second role; both directions are asked.",
    )
    interval_s: Seconds = Field(
        default=10.0, gt=0, description="A code is present where it covers half of an interval (s)."
    )
    lags: int = Field(default=6, ge=1, le=100, description="Lags 1 to this many intervals.")
    gaps: Literal["uncoded", "absent"] = Field(
        default="uncoded",
        description="An interval without any code of a person: uncoded, so in no count; or the "
        "code is absent, where coders mark only what they see (talk, stress).",
    )
    least: int = Field(
        default=3, ge=1, description="Intervals with and without the first code, at least."
    )
    rotations: int = Field(default=999, ge=19, description="Rotated codes that say what chance is.")
    min_rotation_s: Seconds = Field(
        default=60.0, description="One person's codes are moved by at least this (s)."
    )
