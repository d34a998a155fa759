"""Shapes of the JSON of a recording that is being made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from syntony.app.schema import Shape

Word = Annotated[str, Field(max_length=200)]
ManyWords = Annotated[list[Word], Field(max_length=64)]
LiveStage = Literal["idle", "waiting", "recording", "paused", "filing", "filed", "failed"]


class LiveStream(Shape):
    """A stream that answered; ``unitless`` names the channels whose unit it does not say."""

    name: str
    source_id: str
    type: str
    host: str
    rate_hz: float
    channels: list[str]
    unitless: list[str]


class LiveFound(Shape):
    """Streams that answered, and whose were whose the last time."""

    streams: list[LiveStream]
    people: dict[str, list[str]]
    units: dict[str, str]


class LiveSearch(Shape):
    """Where to look: the id that senders and recorder share, and devices that send no LSL."""

    lsl_session: Word = ""
    devices: list[Word] = Field(default_factory=list, max_length=16)


class LiveToStart(Shape):
    """What is recorded: streams of each role, by source id or name.

    ``ids`` say who somebody is, where the study knows them or they are to have an id of their own.
    """

    session: str = Field(max_length=64)
    dyad: str = Field(default="", max_length=64)
    type: Word = ""
    people: dict[Word, ManyWords] = Field(max_length=64)
    ids: dict[Word, Word] = Field(default_factory=dict, max_length=64)
    units: dict[Word, Word] = Field(default_factory=dict, max_length=512)
    lsl_session: Word = ""


class LiveWords(Shape):
    """A command, or the text of a marker."""

    do: Literal["pause", "resume", "stop", "mark"]
    text: str = Field(default="", max_length=2000)


class LiveStreamState(Shape):
    """How a stream is doing; ``alarms`` are codes."""

    name: str
    samples: int
    nominal_rate_hz: float
    rate_hz: float | None
    age_s: float | None
    offset_s: float | None
    growth_ppm: float | None
    alarms: list[str]


class LiveLane(Shape):
    """A channel that is drawn while it is recorded."""

    number: int
    role: str
    stream: str
    label: str
    unit: str
    kind: str


class LiveState(Shape):
    """How the recording stands."""

    stage: LiveStage
    session: str
    elapsed_s: float
    streams: list[LiveStreamState]
    lanes: list[LiveLane]
    alarms: list[str]
    message: str
    file: str


class LivePerson(Shape):
    """What a preview tells of one person."""

    role: str
    heart_rate: float | None
    responses_per_min: float | None
    valid_share: float


class LivePreview(Shape):
    """The last minutes by the ordinary methods; preliminary."""

    people: list[LivePerson]
    time_s: list[float]
    synchrony: list[float | None]
    low: float | None
    high: float | None
    draws: int
    method: str
    why: str


class LiveFrame(Shape):
    """What is new since the last frame: bins of ``bin_s`` as number, least, most, by lane."""

    now_s: float
    bin_s: float
    bins: dict[int, list[tuple[int, float | None, float | None]]]
    state: LiveState | None = None
    preview: LivePreview | None = None
