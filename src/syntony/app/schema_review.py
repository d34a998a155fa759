"""Shapes of what the session review is given; ``static/types.d.ts`` is made from them too."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syntony.app.schema import Shape


class Human(Shape):
    """A person in a session."""

    id: str
    role: str


class Channel(Shape):
    """An evenly sampled channel; ``id`` is the hash of its samples and names its tiles.

    ``gaps`` are [start, stop) in seconds; neighbours are told as one where there are very many.
    """

    id: str
    source: Literal["recording", "feature"]
    person: str
    role: str
    kind: str
    title: str
    unit: str
    rate_hz: float
    start_s: float
    n_samples: int
    low: float | None
    high: float | None
    valid_share: float
    gaps: list[tuple[float, float]]


class Series(Shape):
    """Moments of a person: the array ``events_<index>`` has times (s), then values."""

    index: int
    person: str
    role: str
    kind: str
    title: str
    unit: str
    count: int
    low: float | None
    high: float | None


class Code(Shape):
    """A code by a coder; ``valence`` after the code book of the run.

    Without a ``person`` it is of everybody together; without a ``coder`` too, it is a phase of
    the session.
    """

    person: str
    role: str
    coder: str
    label: str
    valence: str
    start_s: float
    stop_s: float


class Beside(Shape):
    """The index of a session beside one kind of chance, as it is written."""

    chance: str
    value: str
    range: str
    reach: str
    p: str


class CourseFacts(Shape):
    """How ``course_<step>`` is drawn: five rows of ``n_windows``; ``band`` in words."""

    n_windows: int
    low: float
    high: float
    smooth_s: float
    band: str


class MapFacts(Shape):
    """How ``map_<step>`` lies: ``n_windows`` rows over ``at``."""

    n_windows: int
    axis: Literal["lag_s", "frequency_hz"]
    at: list[float]
    limit: float
    signed: bool


class ReviewStep(Shape):
    """One step of the recipe in this session."""

    step: int
    method: str
    title: str
    index: str
    headline: str
    leader: str
    stretches: str
    beside: list[Beside]
    course: CourseFacts | None
    map: MapFacts | None


class Moment(Shape):
    """A stretch that survives chance, or a moment of high or low concordance."""

    number: int
    step: int
    kind: str
    start_s: float
    stop_s: float
    strength: str
    lag_s: float | None
    leader: str
    coverage: str
    chance: str
    phase: str
    sign: int
    p: str
    draws: int
    words: str


class Loss(Shape):
    """What is missing of a person's feature, by cause."""

    role: str
    title: str
    cause: str
    seconds: float
    share: str


class Review(Shape):
    """One session as the review page shows it."""

    session: str
    dyad: str
    number: int
    type: str
    simulated: bool
    study: str
    people: list[Human]
    roles: list[str]
    run: str
    start_s: float
    stop_s: float
    channels: list[Channel]
    events: list[Series]
    codes: list[Code]
    steps: list[ReviewStep]
    moments: list[Moment]
    quality: list[Loss]
    code_book: dict[str, str]
    notes: list[str]


class RunNames(Shape):
    """Finished runs, the newest first."""

    runs: list[str]


class MediaFacts(Shape):
    """One file of video or sound; ``trouble`` where a browser cannot play it.

    ``remedy`` is the command that makes one which every browser plays; ``frame_rate_hz`` is what
    the file says, where it can be read.
    """

    number: int
    name: str
    kind: Literal["video", "sound"]
    mime: str
    url: str
    offset_s: float
    offset_from: str
    trouble: str
    remedy: str
    frame_rate_hz: float | None


class MediaList(Shape):
    """Video and sound of a session."""

    media: list[MediaFacts]


class Offset(Shape):
    """The second of a file at which the session clock is zero."""

    offset_s: float = Field(ge=-604_800, le=604_800)
