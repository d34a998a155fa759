"""Recipe: how continuous ratings are read, and what they are laid beside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from syntony.config.part import Hertz, Part, Seconds


class RatedPair(Part):
    """One person's physiology beside a rating of the other person, or of the same one."""

    physiology: str = Field(description="Role whose feature (``signal`` of the recipe) it is.")
    about: str = Field(description="Role whom the rating is about.")
    rating: str = Field(
        default="valence_by_self", description="Kind of the rating, <what>_by_<rater>."
    )


class Ratings(Part):
    """How ratings are compared: empathic accuracy, and physiology against rated emotion."""

    what: str = Field(default="", description="What was rated; empty: the first by name.")
    truth: str = Field(
        default="self", description="Whose rating of the target is the truth: self, or raters."
    )
    rate_hz: Hertz = Field(default=1.0, description="Ratings are compared at this rate.")
    lag: Literal["zero", "fixed", "best", "estimated"] = Field(
        default="zero",
        description="Lag of the perceiver behind the target: none; lag_s; the best of each pair "
        "within max_lag_s; that of the other dyads' mean profile within max_lag_s.",
    )
    lag_s: float = Field(
        default=0.0, description="Lag for lag = fixed (s); positive: perceiver later."
    )
    max_lag_s: Seconds = Field(default=3.0, description="Widest lag that is looked at (s).")
    neutral: float | None = Field(
        default=None,
        description="Rating that parts the positive from the negative half; none: the median of "
        "the target's own rating in the session.",
    )
    min_valid_s: Seconds = Field(
        default=60.0, description="Fewer seconds that both rated give no accuracy (s)."
    )
    rotations: int = Field(
        default=999, ge=19, description="Rotated ratings that say what chance is."
    )
    min_rotation_s: float = Field(
        default=60.0,
        ge=60.0,
        allow_inf_nan=False,
        description="Ratings are moved by at least this (s).",
    )
    reaction_lag_s: Seconds = Field(
        default=0.0,
        description="Ratings are moved earlier by this much where they are laid beside "
        "physiology (s); fixed in advance.",
    )
    reaction_search_s: Seconds = Field(
        default=10.0, description="Reaction lags are looked for up to here, both ways (s)."
    )
    physiology_against: tuple[RatedPair, ...] = Field(
        default=(), description="Pairs of physiology and rating, with the same chance as all else."
    )

    @model_validator(mode="after")
    def _a_lag_that_is_meant(self) -> Ratings:
        if self.lag_s and self.lag != "fixed":
            raise ValueError(f"lag_s = {self.lag_s:g} needs lag = 'fixed', not {self.lag!r}")
        if len(set(self.physiology_against)) < len(self.physiology_against):
            raise ValueError("physiology_against: name each pair once")
        return self
