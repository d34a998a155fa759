"""Praat TextGrid files, long and short."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import Peek, by_onset, event_at, read_text
from syntony.io.codes.value import CodeEvent, CodeFile, Tier

# What counts in a Praat text stands free: numbers, texts in quotes, <flags>; the rest explains.
_TOKEN = re.compile(r'"(?:[^"]|"")*"(?=\s|$)|"|!.*|<[^>\s]*>|[^\s"!<][^\s]*|\S')
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?")


class _Tokens:
    """The free-standing numbers, texts and flags of a Praat text, with their lines."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.line = path, 1
        self._found = self._scan(text)

    def _scan(self, text: str) -> Iterator[tuple[int, str | float]]:
        line, at = 1, 0
        for match in _TOKEN.finditer(text):
            line += text.count("\n", at, match.start())
            at = match.start()
            token = match.group()
            if token == '"':
                raise FileError(
                    self.path, "a text whose quote does not close", '"', "Is it cut off?", line=line
                )
            if token.startswith('"'):
                yield line, token[1:-1].replace('""', '"')
            elif token.startswith("<"):
                yield line, token
            elif _NUMBER.fullmatch(token):
                yield line, float(token.rstrip("%"))

    def _next(self, expected: str) -> str | float:
        try:
            self.line, token = next(self._found)
        except StopIteration:
            raise FileError(
                self.path, "the end of the file", expected, "Is it cut off?", line=self.line
            ) from None
        return token

    def text(self, what: str) -> str:
        """Next token, which must be a text."""
        token = self._next(f"{what} in quotes")
        if not isinstance(token, str):
            raise FileError(self.path, f"{token:g}", f"{what} in quotes", line=self.line)
        return token

    def number(self, what: str) -> float:
        """Next token, which must be a finite number."""
        token = self._next(what)
        if isinstance(token, str) or not math.isfinite(token):
            raise FileError(self.path, repr(token)[:60], what, line=self.line)
        return token

    def count(self, what: str) -> int:
        """Next token, which must be a number of things."""
        number = self.number(what)
        if number != int(number) or number < 0:
            raise FileError(self.path, f"{number:g}", what, line=self.line)
        return int(number)


def _sniff(peek: Peek) -> bool:
    """Claim a Praat object file that is (or should be) a TextGrid."""
    head = peek.text[:400]
    return ("ooTextFile" in head and "TextGrid" in head) or peek.head[:12] == b"ooBinaryFile"


@code_reader(
    name="textgrid",
    title="Praat TextGrid",
    suffixes=(".textgrid",),
    sniff=_sniff,
    source="read against real files, long and short, of Praat and of ELAN; the rule of "
    "free-standing numbers and texts by Praat's manual",
)
def read_textgrid(path: Path) -> CodeFile:
    """Read a TextGrid: one event per labelled interval and per point.

    Intervals without a label are what lies between the codes; a note says how many there
    were on each tier. A label may hold line ends and, doubled, quotes.

    Raises
    ------
    FileError
        With the line: binary or chronological TextGrids, cut off, a number where a text should
        be, an interval that stops before its start.
    """
    with path.open("rb") as file:
        if file.read(12) == b"ooBinaryFile":
            raise FileError(path, "a binary TextGrid", "a text", "Save as text file in Praat.")
    text, notes = read_text(path)
    if "chronological" in text[:100]:
        raise FileError(
            path, "a chronological TextGrid", "a long or short one", "Save as text file in Praat."
        )
    tokens = _Tokens(path, text)
    if (tokens.text("ooTextFile"), tokens.text("TextGrid")) != ("ooTextFile", "TextGrid"):
        raise FileError(path, "another Praat object", "a TextGrid", line=tokens.line)
    tokens.number("start of the grid (s)")
    tokens.number("end of the grid (s)")
    if tokens.text("<exists>") != "<exists>":
        return CodeFile(path=path, notes=tuple(notes))
    events: list[CodeEvent] = []
    tiers: list[Tier] = []
    for _ in range(tokens.count("how many tiers there are")):
        tier, found, empty = _read_tier(path, tokens)
        events += found
        tiers.append(tier)
        if empty:
            text = f"{empty} of {empty + len(found)} intervals of tier {tier.name!r} have no label."
            notes.append(Note(path.name, "intervals-without-label", text))
    return CodeFile(path=path, events=by_onset(events), tiers=tuple(tiers), notes=tuple(notes))


def _read_tier(path: Path, tokens: _Tokens) -> tuple[Tier, list[CodeEvent], int]:
    """One tier, its labelled events, and how many intervals had no label."""
    kind = tokens.text("the class of a tier")
    if kind not in {"IntervalTier", "TextTier"}:
        raise FileError(path, repr(kind[:40]), "IntervalTier or TextTier", line=tokens.line)
    name = tokens.text("the name of a tier").strip()
    tokens.number("start of the tier (s)")
    tokens.number("end of the tier (s)")
    events, empty = [], 0
    for i in range(1, tokens.count("how many intervals or points there are") + 1):
        start = tokens.number("a time (s)")
        line = tokens.line
        stop = tokens.number("the end of an interval (s)") if kind == "IntervalTier" else start
        label = tokens.text("a label").strip()
        what = "interval" if kind == "IntervalTier" else "point"
        event = event_at(
            path,
            line=line,
            element=f"{what} {i} of {name!r}",
            onset_s=start,
            stop_s=stop,
            code=label,
            tier=name,
        )
        if label or kind == "TextTier":
            events.append(event)
        else:
            empty += 1
    return Tier(name=name, count=len(events), kind=kind), events, empty
