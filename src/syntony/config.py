"""Recipe: everything that decides a result, except the recordings."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from syntony.core.errors import RecipeError

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Hertz = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the recipe: fixed once made, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    low_pass_order: int = Field(default=4, ge=1, le=8)
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


class Step(Part):
    """One synchrony method with its options; the same method may be used twice."""

    method: str = "marci"
    options: dict[str, Any] = Field(default_factory=dict)


class Surrogate(Part):
    """One way to say what chance gives; ``count`` is ignored where partners are counted."""

    name: str = "pseudo_dyads"
    count: int = Field(default=999, ge=19)
    options: dict[str, Any] = Field(default_factory=dict)


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


class Corpus(Part):
    """Decisions over dyads."""

    derangements: int = Field(default=999, ge=19)
    bootstrap: int = Field(default=2000, ge=99)
    min_dyads: int = Field(default=6, ge=3)
    same_therapist: bool = Field(
        default=True, description="May a stranger come from another dyad of the same therapist?"
    )
    contrast: tuple[str, str] | None = Field(
        default=None, description="Two session types to compare within dyads."
    )


class Recipe(Part):
    """Everything that decides a result except the recordings."""

    title: str = ""
    seed: int = Field(default=20070301, ge=0)
    roles: tuple[str, str] | None = Field(
        default=None, description="First and second of a pair; none: the study's first two."
    )
    session_types: tuple[str, ...] = Field(default=(), description="Empty: every type.")
    signal: str | tuple[str, str] = Field(
        default="eda",
        description="Feature compared: eda, eda_tonic, eda_phasic, hr, or a kind of signal; two of "
        "them where the first person's differs from the second's.",
    )
    trim_start_s: Seconds = 0.0
    trim_stop_s: Seconds = 0.0
    body: Body = Body()
    synchrony: tuple[Step, ...] = (Step(), Step(method="lagged_correlation"))
    surrogates: tuple[Surrogate, ...] = (Surrogate(), Surrogate(name="shift_thirds"))
    emotion: Emotion = Emotion()
    moments: Moments = Moments()
    stretches: Stretches = Stretches()
    empathy: Empathy = Empathy()
    corpus: Corpus = Corpus()

    @property
    def signals(self) -> tuple[str, str]:
        """Feature of the first and of the second person."""
        return (self.signal, self.signal) if isinstance(self.signal, str) else self.signal

    @field_validator("signal")
    @classmethod
    def _one_name_for_one_feature(cls, value: str | tuple[str, str]) -> str | tuple[str, str]:
        """Two equal names are one, so that a recipe has one spelling."""
        return value[0] if not isinstance(value, str) and value[0] == value[1] else value

    @model_validator(mode="after")
    def _something_to_do(self) -> Recipe:
        if not self.synchrony:
            raise ValueError("synchrony: name at least one method")
        if len({s.name for s in self.surrogates}) < len(self.surrogates):
            raise ValueError("surrogates: name each one once")
        return self


def read_recipe(path: Path | str) -> Recipe:
    """Read a recipe from TOML; an unknown key or a bad value names its place.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, or holds a key or value that a recipe lacks.
    """
    return read_part(path, Recipe, "recipe")


Some = TypeVar("Some", bound=Part)


def read_part(path: Path | str, part: type[Some], what: str) -> Some:
    """Read a part from TOML; ``what`` names it in an error.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, or holds a key or value that the part lacks.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(path, "no such file", f"a {what} in TOML") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(path, str(error), f"a {what} in TOML") from error
    try:
        return part.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or what
        if first["type"] == "extra_forbidden":
            raise RecipeError(
                path, f"unknown key {place!r}", f"one of {sorted(_keys_at(part, first['loc']))}"
            ) from error
        raise RecipeError(path, f"{place} = {first['input']!r}", first["msg"]) from error


def _keys_at(part: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Names that a part knows beside the one at ``place``."""
    model = part
    for name in place[:-1]:
        if isinstance(name, int):
            continue
        inner = _model_in(model.model_fields[name].annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the recipe part inside an annotation such as ``tuple[Step, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
