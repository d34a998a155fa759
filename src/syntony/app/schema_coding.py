"""Shapes of coding and rating: codes, clips, agreement, ratings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.app.schema import Shape


class CodeShape(Shape):
    """One code of a book; ``key`` is empty where the alphabet was not enough."""

    name: str
    title: str
    valence: str
    about: Literal["person", "dyad"]
    exclusive: bool
    colour: str
    key: str


class CodedEvent(Shape):
    """One code that was given: seconds on the session clock; nobody named: about all."""

    onset_s: float
    duration_s: float
    person: str = Field(max_length=200)
    code: str = Field(max_length=200)
    comment: str = Field(default="", max_length=2000)
    tier: str = Field(default="", max_length=200)
    modifier: str = Field(default="", max_length=2000)


class CodedPerson(Shape):
    """Somebody whom codes and ratings are about."""

    id: str
    role: str


class FilmShape(Shape):
    """A recording to be watched; session second 0 is its second ``offset_s``.

    ``url`` is empty where a browser cannot play it: then ``trouble`` says why, and ``remedy``
    is the command that makes a file which can be played. ``rate_hz`` are the frames a second
    that the file tells; null where it does not.
    """

    url: str
    name: str
    offset_s: float
    rate_hz: float | None
    trouble: str
    remedy: str


class StandingShape(Shape):
    """How far a coder is; stamps are ISO 8601 in UTC, empty for never."""

    finished_at: str
    compared_at: str
    reopened_at: str


class CodingSheet(Shape):
    """What the coder of one session is given: the book and their own codes, nothing else.

    Of a blind clip, times count from its beginning, people are named by their roles, and
    ``core`` says what will count of it.
    """

    session: str
    coder: str
    people: list[CodedPerson]
    start_s: float
    stop_s: float
    films: list[FilmShape]
    book: str
    book_title: str
    book_status: str
    book_is_fixed: bool
    books: list[str]
    codes: list[CodeShape]
    events: list[CodedEvent]
    revision: str
    standing: StandingShape
    core: list[float] = Field(default_factory=list)
    numbers: list[int] = Field(default_factory=list)


class CodesToSave(Shape):
    """All codes of a coder, made from those with this revision (empty: from none)."""

    coder: str = Field(default="", max_length=64)
    book: str = Field(default="", max_length=200)
    revision: str = Field(default="", max_length=64)
    events: list[CodedEvent] = Field(max_length=20_000)


class CodesToFinish(Shape):
    """Whose codes are finished, as of which revision."""

    coder: str = Field(default="", max_length=64)
    revision: str = Field(default="", max_length=64)


class CodesSaved(Shape):
    """The codes are on the disk."""

    revision: str
    count: int
    standing: StandingShape


class KappaRow(Shape):
    """Kappa of two coders in one session; null where there is none, and ``status`` says why."""

    coder_a: str
    coder_b: str
    code: str
    value: float | None
    low: float | None
    high: float | None
    seconds: float | None
    share_a: float | None
    share_b: float | None
    status: str


class Parting(Shape):
    """A stretch on which two coders gave different codes (s)."""

    start_s: float
    seconds: float
    stop_s: float
    role: str
    coder_a: str
    code_a: str
    coder_b: str
    code_b: str


class CodingAgreement(Shape):
    """How far those who finished agree; ``words`` say what the numbers rest on."""

    words: str
    rows: list[KappaRow]
    disagreements: list[Parting]
    notes: list[str]


class BegunRating(Shape):
    """A rating that was begun; ``next`` is the first grid number that is free."""

    id: str
    person: str
    what: str
    rater: str
    rate_hz: float
    low: float
    high: float
    next: int


class KeptRating(Shape):
    """A rating that is in the study."""

    person: str
    what: str
    rater: str


class RatingPage(Shape):
    """What a rater is given of a session; a coder is told of their own ratings only."""

    session: str
    people: list[CodedPerson]
    start_s: float
    stop_s: float
    films: list[FilmShape]
    kept: list[KeptRating]
    begun: list[BegunRating]


class RatingToBegin(Shape):
    """What is to be rated: about whom, by whom, how often, on which scale."""

    person: str = Field(max_length=64)
    what: str = Field(max_length=32)
    rater: str = Field(default="", max_length=32)
    rate_hz: float = Field(default=10.0, ge=0.1, le=10.0)
    low: float = -100.0
    high: float = 100.0


class Samples(Shape):
    """Samples of consecutive grid numbers from ``first``; null is missing."""

    id: str = Field(max_length=200)
    first: int = Field(ge=0, le=10_000_000)
    values: list[float | None] = Field(max_length=3000)


class SamplesKept(Shape):
    """The samples are on the disk; ``next`` is the first grid number that is free."""

    next: int


class RatingName(Shape):
    """Which unfinished rating."""

    id: str = Field(max_length=200)


class RatedCourse(Shape):
    """A rating as it is in the study; null is missing, and so are figures nobody can give."""

    person: str
    what: str
    rater: str
    rate_hz: float
    start_s: float
    values: list[float | None]


class ClipsWanted(Shape):
    """What clips are cut from and how; as ``make_clips`` takes it."""

    run: str = Field(default="", max_length=200)
    which: Literal["moments", "survivors"] = "moments"
    matched: bool = True
    length_s: float | None = Field(default=None, gt=0, le=3600)
    margin_s: float = Field(default=2.0, ge=0, le=600)
    cut: bool = False
