"""Recipe: how the codes of several coders are compared."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.config.part import Part, Seconds, Share


class Agreement(Part):
    """How coders of the same session are compared; nothing is done where there is one coder."""

    tolerance_s: Seconds = Field(
        default=2.0,
        description="A second agrees when the other coder gave the code this close by (whole "
        "seconds), and two events may be one when they begin this close (s).",
    )
    overlap: Share = Field(
        default=0.6, description="Events may also be one that share this part of the longer one."
    )
    gaps: Literal["uncoded", "absent"] = Field(
        default="uncoded",
        description="A second without a code: uncoded, so in no class; or absent, where coders "
        "mark only what they see and a second without a code is an answer.",
    )
    bootstrap: int = Field(default=2000, ge=99, description="Draws of sessions for the intervals.")
