"""Writing ELAN files that ELAN opens and our reader gives back the same."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from syntony.core.errors import InputError
from syntony.core.files import write_text
from syntony.io.codes.elan import OURS
from syntony.io.codes.registry import code_writer
from syntony.io.codes.value import CodeEvent

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ANNOTATION_DOCUMENT AUTHOR="" DATE="{date}" FORMAT="3.0" VERSION="3.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n'
)
_TAIL = (
    '    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="codes" '
    'TIME_ALIGNABLE="true"/>\n'
    '    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false" '
    'LINGUISTIC_TYPE_ID="remarks" TIME_ALIGNABLE="false"/>\n'
    '    <CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" '
    'STEREOTYPE="Symbolic_Association"/>\n'
    "</ANNOTATION_DOCUMENT>\n"
)


@code_writer("elan")
def write_elan(path: Path, events: tuple[CodeEvent, ...]) -> None:
    """Write events as an ELAN file: one tier per tier, person, coder and session.

    ELAN knows whole milliseconds, annotations with a length, and no overlap within a tier. So
    points are drawn one millisecond long, events that overlap go to a further tier, modifiers
    and comments to tiers that depend on theirs; what is lost by that is kept as properties of
    the document, and holds for annotations that were not moved since.

    Raises
    ------
    InputError
        For an event of unknown length or before zero, which ELAN cannot hold.
    """
    for event in events:
        if math.isnan(event.duration_s) or event.onset_s < 0:
            raise InputError("events", event, "a start at 0 s or later and a known length in ELAN")
    groups = _grouped(events)
    slots, tiers = _Slots(), []
    kept: dict[str, dict[str, Any]] = {"times": {}, "tiers": {}}
    count = 0
    for name, (said, members) in groups.items():
        kept["tiers"][name] = {"tier": said[0], "session": said[3]}
        names = [f"a{count + i + 1}" for i in range(len(members))]
        count += len(members)
        for own, event in zip(names, members, strict=True):
            kept["times"][own] = [event.onset_s, event.duration_s]
        tiers.append(_aligned(name, said, names, members, slots))
        for remark in ("modifier", "comment"):
            below = [(n, getattr(e, remark)) for n, e in zip(names, members, strict=True)]
            below = [(n, text) for n, text in below if text]
            if below:
                tier = _free(f"{remark}@{name}", [*groups, *kept["tiers"]])
                kept["tiers"][tier] = {"of": name, "is": remark}
                tiers.append(_remarks(tier, name, said, below, count))
                count += len(below)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    properties = "".join(
        f'        <PROPERTY NAME="{OURS}{k}">{escape(json.dumps(v))}</PROPERTY>\n'
        for k, v in kept.items()
    )
    header = (
        f'    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">\n{properties}'
        f'        <PROPERTY NAME="lastUsedAnnotationId">{count}</PROPERTY>\n    </HEADER>\n'
    )
    text = _HEAD.format(date=date) + header + slots.text() + "".join(tiers) + _TAIL
    write_text(path, text)


_Said = tuple[str, str, str, str]


def _grouped(events: Iterable[CodeEvent]) -> dict[str, tuple[_Said, list[CodeEvent]]]:
    """Events by tier of the file to be: what the tier says, and its events, none overlapping."""
    groups: dict[str, tuple[_Said, list[CodeEvent]]] = {}
    for event in events:
        said = (event.tier, event.person, event.coder, event.session)
        rooms = [n for n, (s, _) in groups.items() if s == said]
        room = next((n for n in rooms if _stop_ms(groups[n][1][-1]) <= _start_ms(event)), None)
        if room is None:
            room = _free(event.tier or event.person or "codes", groups)
            groups[room] = (said, [])
        groups[room][1].append(event)
    return groups


def _free(name: str, taken: Iterable[str]) -> str:
    """Name for a tier that no other has."""
    used, count, free = set(taken), 2, name
    while free in used:
        free, count = f"{name} {count}", count + 1
    return free


def _start_ms(event: CodeEvent) -> int:
    return round(event.onset_s * 1000)


def _stop_ms(event: CodeEvent) -> int:
    return max(round((event.onset_s + event.duration_s) * 1000), _start_ms(event) + 1)


class _Slots:
    """Time slots in the order they were asked for; written in the order of time."""

    def __init__(self) -> None:
        self._times: list[int] = []

    def add(self, time_ms: int) -> str:
        """Make a slot and give its name."""
        self._times.append(time_ms)
        return f"ts{len(self._times)}"

    def text(self) -> str:
        """All slots as XML."""
        order = sorted(range(len(self._times)), key=lambda i: self._times[i])
        rows = "".join(
            f'        <TIME_SLOT TIME_SLOT_ID="ts{i + 1}" TIME_VALUE="{self._times[i]}"/>\n'
            for i in order
        )
        return f"    <TIME_ORDER>\n{rows}    </TIME_ORDER>\n"


def _tier(name: str, kind: str, said: _Said, inside: str, parent: str = "") -> str:
    """One tier as XML."""
    more = f" PARENT_REF={_quoted(parent)}" if parent else ""
    more += f" PARTICIPANT={_quoted(said[1])}" if said[1] else ""
    more += f" ANNOTATOR={_quoted(said[2])}" if said[2] else ""
    return (
        f'    <TIER LINGUISTIC_TYPE_REF="{kind}"{more} TIER_ID={_quoted(name)}>\n'
        f"{inside}    </TIER>\n"
    )


def _aligned(
    name: str, said: _Said, names: list[str], events: list[CodeEvent], slots: _Slots
) -> str:
    """Tier of codes."""
    rows = []
    for own, event in zip(names, events, strict=True):
        first, last = slots.add(_start_ms(event)), slots.add(_stop_ms(event))
        place = f'ANNOTATION_ID="{own}" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}"'
        rows.append(_annotation("ALIGNABLE_ANNOTATION", place, event.code))
    return _tier(name, "codes", said, "".join(rows))


def _remarks(name: str, parent: str, said: _Said, below: list[tuple[str, str]], count: int) -> str:
    """Tier of modifiers or comments."""
    rows = []
    for i, (own, text) in enumerate(below, start=1):
        place = f'ANNOTATION_ID="a{count + i}" ANNOTATION_REF="{own}"'
        rows.append(_annotation("REF_ANNOTATION", place, text))
    return _tier(name, "remarks", said, "".join(rows), parent)


def _annotation(element: str, place: str, text: str) -> str:
    return (
        f"        <ANNOTATION>\n            <{element} {place}>\n"
        f"                <ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE>\n"
        f"            </{element}>\n        </ANNOTATION>\n"
    )


def _quoted(text: str) -> str:
    """Attribute in quotes; line ends and tabs survive."""
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;"})
