"""Recipe: how one person's channels are cleaned and become features on the grid."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.config.part import Hertz, Part, Seconds, Share


class EdaQuality(Part):
    """Rules that mark skin conductance as unusable (Kleckner et al. 2018, and two of ours)."""

    low_us: float = Field(default=0.05, description="Below this is out of range (uS).")
    high_us: float = Field(default=60.0, description="Above this is out of range (uS).")
    max_slope_us_per_s: float = Field(default=10.0, gt=0, description="Steeper is an artefact.")
    despike_s: Seconds = Field(default=2.0, description="Moving average before the rules (s).")
    spread_s: Seconds = Field(default=5.0, description="Drop this much on both sides (s).")
    temperature_c: tuple[float, float] = Field(
        default=(30.0, 40.0), description="Skin temperature range, where it was recorded (Cel)."
    )
    use_temperature: bool = Field(default=False, description="Apply the temperature rule.")
    flat_sd_us: float = Field(default=1e-4, ge=0, description="SD under which it is flat (uS).")
    flat_s: Seconds = Field(default=10.0, description="Length of a flat line (s).")
    saturation_s: Seconds = Field(
        default=1.0, description="Staying this long at the recording's own limit is saturation (s)."
    )


class Eda(Part):
    """How skin conductance is cleaned and taken apart."""

    quality: EdaQuality = EdaQuality()
    low_pass_hz: Hertz = Field(default=1.0, description="Zero-phase Butterworth low-pass (Hz).")
    low_pass_order: int = Field(default=4, ge=1, le=8, description="Steepness of the low-pass.")
    tonic: Literal["highpass", "median"] = Field(
        default="highpass", description="How tonic and phasic parts are told apart."
    )
    tonic_cutoff_hz: Hertz = Field(default=0.05, description="Cut-off of the high-pass (Hz).")
    tonic_window_s: Seconds = Field(default=4.0, description="Window of the median (s).")
    min_stretch_s: Seconds = Field(default=30.0, description="Shorter valid stretches are left.")
    scr_threshold_us: float = Field(default=0.05, gt=0, description="Smallest response (uS).")


class Beats(Part):
    """How beats become heart rate."""

    min_rr_ms: float = Field(default=300.0, gt=0, description="Shorter intervals are no beats.")
    max_rr_ms: float = Field(default=2000.0, gt=0, description="Longer intervals are gaps.")
    correct: bool = Field(default=True, description="Correct ectopic, missed and extra beats.")
    max_gap_s: Seconds = Field(default=3.0, description="Never draw across a longer gap (s).")
    interpolation: Literal["pchip", "linear"] = Field(
        default="pchip", description="Curve between beats: monotone cubic, or straight lines."
    )
    flag_corrected: Share = Field(
        default=0.05, description="More beats corrected or dropped: a note."
    )
    max_corrected: Share = Field(
        default=0.10, description="More beats corrected or dropped: not used."
    )


class Grid(Part):
    """The one grid on which two people are compared."""

    rate_hz: Hertz = Field(default=4.0, description="Samples per second.")


class Body(Part):
    """From raw channels to features on the grid."""

    eda: Eda = Eda()
    beats: Beats = Beats()
    grid: Grid = Grid()
    note_invalid: Share = Field(
        default=0.2, description="A larger unusable share of a recording gets a note."
    )
