"""Recipe: how synchrony is joined with coded emotion, moment by moment."""

from __future__ import annotations

from pydantic import Field, model_validator

from syntony.config.part import Part, Seconds


class Joined(Part):
    """What is looked at around, within and beside the codes of a session."""

    before_s: int = Field(default=30, ge=0, description="Before an onset (s).")
    after_s: int = Field(default=60, ge=1, description="After an onset (s).")
    mean_s: int = Field(
        default=30, ge=1, description="After an onset: what is averaged to one value (s)."
    )
    bin_s: int = Field(default=5, ge=1, description="Pieces in which values are averaged (s).")
    min_events: int = Field(
        default=10, ge=1, description="Usable onsets in the study, for an event-locked average."
    )
    lag_s: int = Field(default=60, ge=1, description="Largest lag between synchrony and emotion.")
    thin_s: int = Field(
        default=15, ge=1, description="The mixed model reads one value in so many seconds."
    )
    time_degree: int = Field(
        default=3, ge=0, le=6, description="Polynomial of session time in the mixed model."
    )
    slope: str = Field(
        default="shared_positive",
        description="Class whose effect may differ between dyads in the mixed model; empty: none.",
    )
    model_rotations: int = Field(
        default=199, ge=19, description="Rotated codes beside the mixed model."
    )
    model: bool = Field(default=True, description="Whether the mixed model is fitted.")
    talk_codes: tuple[str, ...] = Field(
        default=("speech",),
        description="Codes that say who speaks; they are never read as emotion.",
    )
    least_talk_s: Seconds = Field(
        default=30.0, description="Talk counts as coded from this much of it in a session on (s)."
    )

    @model_validator(mode="after")
    def _whole_bins(self) -> Joined:
        if any(s % self.bin_s for s in (self.before_s, self.after_s, self.mean_s)):
            raise ValueError("joined: before_s, after_s and mean_s must be whole bins of bin_s")
        if self.mean_s > self.after_s:
            raise ValueError("joined: mean_s must not be longer than after_s")
        return self
