"""Recipe: everything that decides a result, except the recordings."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from syntony.config.agreement import Agreement
from syntony.config.body import Body
from syntony.config.chance import Corpus, Stretches, Surrogate
from syntony.config.joined import Joined
from syntony.config.link import Emotion, Empathy, Moments
from syntony.config.models import Model
from syntony.config.part import Part, Seconds
from syntony.config.questionnaires import Questionnaires
from syntony.config.ratings import Ratings
from syntony.config.sequences import Sequences


class Step(Part):
    """One synchrony method with its options; the same method may be used twice."""

    method: str = "marci"
    options: dict[str, Any] = Field(default_factory=dict)


class Recipe(Part):
    """Everything that decides a result except the recordings."""

    title: str = Field(default="", description="Heading of the report.")
    seed: int = Field(
        default=20070301, ge=0, description="The same seed gives the same draws of chance."
    )
    roles: tuple[str, str] | None = Field(
        default=None, description="First and second of a pair; none: the study's first two."
    )
    session_types: tuple[str, ...] = Field(default=(), description="Empty: every type.")
    signal: str | tuple[str, str] = Field(
        default="eda",
        description="Feature compared: eda, eda_tonic, eda_phasic, hr, or a kind of signal; two of "
        "them where the first person's differs from the second's.",
    )
    trim_start_s: Seconds = Field(default=0.0, description="Left out at the start (s).")
    trim_stop_s: Seconds = Field(default=0.0, description="Left out at the end (s).")
    body: Body = Body()
    synchrony: tuple[Step, ...] = (Step(), Step(method="lagged_correlation"))
    surrogates: tuple[Surrogate, ...] = (Surrogate(), Surrogate(name="shift_thirds"))
    emotion: Emotion = Emotion()
    moments: Moments = Moments()
    joined: Joined = Joined()
    stretches: Stretches = Stretches()
    empathy: Empathy = Empathy()
    models: tuple[Model, ...] | None = Field(
        default=None,
        description="None: `within_between` where dyads have several sessions and a score.",
    )
    questionnaires: Questionnaires = Questionnaires()
    ratings: Ratings = Ratings()
    corpus: Corpus = Corpus()
    agreement: Agreement = Agreement()
    sequences: Sequences = Sequences()

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
        titles = [m.title for m in self.models or ()]
        if len({t.casefold() for t in titles}) < len(titles):  # they name files
            raise ValueError(f"models: give each one a name of its own, not {titles}")
        return self
