"""What a code file holds: events, tiers, media, ratings and notes, as frozen values."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.signal import Signal
from syntony.io.tsv import NOTHING

MAX_S = 1e6
_DECIMALS = 9
_TEXTS = ("code", "person", "coder", "tier", "modifier", "comment", "session", "element")
_LINE_ENDS = re.compile(r"\r\n?")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEvent:
    """One coded event: a state with a duration, or a point without.

    Attributes
    ----------
    onset_s : float
        Start in seconds on the clock of the file, to the nanosecond; at most ``MAX_S``.
    duration_s : float
        Length (s); 0 for a point, NaN where the file has a start without a stop.
    code : str
        Empty where a stretch was marked and not yet coded.
    person, coder, tier, modifier, comment, session : str
        As the file says, empty where it says nothing. ``session`` is what the file calls the
        observation.
    line : int
        Line of the file, 0 where its format has none.
    element : str
        What stands there, for formats whose elements have names.

    Notes
    -----
    Texts lose blanks at both ends, line ends become one line feed, and ``n/a`` is the empty
    text: so what one file says is what another can hold.

    Examples
    --------
    >>> CodeEvent(onset_s=1.5, duration_s=2.0, code=" positive ").code
    'positive'
    """

    onset_s: float
    duration_s: float = 0.0
    code: str = ""
    person: str = ""
    coder: str = ""
    tier: str = ""
    modifier: str = ""
    comment: str = ""
    session: str = ""
    line: int = 0
    element: str = ""

    def __post_init__(self) -> None:
        if not abs(self.onset_s) <= MAX_S:
            hint = "Are these milliseconds?" if self.onset_s > MAX_S else ""
            raise InputError("onset_s", self.onset_s, f"seconds, at most {MAX_S:g}", hint)
        if not (math.isnan(self.duration_s) or 0 <= self.duration_s <= MAX_S):
            raise InputError("duration_s", self.duration_s, "seconds, 0 or more")
        for name in ("onset_s", "duration_s"):
            object.__setattr__(self, name, round(float(getattr(self, name)), _DECIMALS) + 0.0)
        for name in _TEXTS:
            object.__setattr__(self, name, _plain(name, getattr(self, name)))

    @property
    def stop_s(self) -> float:
        """End of the event (s); NaN where the file has none."""
        return round(self.onset_s + self.duration_s, _DECIMALS)

    @property
    def is_point(self) -> bool:
        """Claim that the event has no length."""
        return self.duration_s == 0.0


def _plain(name: str, text: str) -> str:
    """Text as every format can hold it."""
    text = _LINE_ENDS.sub("\n", text).strip()
    if _UNWRITABLE.search(text):
        raise InputError(name, text[:60], "text without control characters")
    return "" if text == NOTHING else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier, column or stream of a code file, with how many events it holds."""

    name: str
    count: int = 0
    person: str = ""
    coder: str = ""
    parent: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A recording that was coded; second 0 of the codes is its second ``offset_s``."""

    name: str
    offset_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFile:
    """Everything a code file says.

    Attributes
    ----------
    path : Path
    format : str
        Name of the reader.
    events : tuple of CodeEvent
        By onset; none of the file's is left out.
    tiers : tuple of Tier
        Those without events too.
    media : tuple of Media
    ratings : tuple of Signal
        Continuous ratings; ``person`` is whoever the file names, often empty.
    notes : tuple of Note
        Oddities, each with file and line.
    """

    path: Path
    format: str = ""
    events: tuple[CodeEvent, ...] = ()
    tiers: tuple[Tier, ...] = ()
    media: tuple[Media, ...] = ()
    ratings: tuple[Signal, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def sessions(self) -> tuple[str, ...]:
        """What the file calls its observations, in the order of their events."""
        return tuple(dict.fromkeys(e.session for e in self.events))

    def where(self, event: CodeEvent) -> str:
        """Name the place of an event in the file."""
        return place(self.path, event)

    def __repr__(self) -> str:
        return (
            f"CodeFile({self.path.name}, {self.format}: {len(self.events)} events on "
            f"{len(self.tiers)} tiers, {len(self.ratings)} ratings, {len(self.notes)} notes)"
        )


def place(path: Path, event: CodeEvent) -> str:
    """Name file and line (or element) of an event.

    Examples
    --------
    >>> place(Path("a.eaf"), CodeEvent(onset_s=0.0, line=7, element="annotation a3"))
    'a.eaf, line 7, annotation a3'
    """
    line = f", line {event.line}" if event.line else ""
    element = f", {event.element}" if event.element else ""
    return f"{path.name}{line}{element}"
