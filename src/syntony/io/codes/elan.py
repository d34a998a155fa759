"""ELAN annotation files (.eaf): aligned and symbolic tiers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import parse

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import MAX_BYTES, Peek, by_onset, event_at, note_at
from syntony.io.codes.value import CodeFile, Media, Tier
from syntony.io.text import read_bytes

OURS = "syntony."
SPLITS = ("Symbolic_Subdivision",)
MAX_DEPTH = 100


@dataclass
class Annotation:
    """One annotation as the file has it; ``slots`` of an aligned one, ``parent`` of another."""

    id: str
    tier: str
    line: int
    slots: tuple[str, str] | None = None
    parent: str = ""
    previous: str = ""
    value: str = ""


@dataclass
class Parsed:
    """Everything that is read from the XML before times are worked out."""

    slots: dict[str, int | None] = field(default_factory=dict)
    tiers: dict[str, dict[str, str]] = field(default_factory=dict)
    annotations: dict[str, Annotation] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    media: list[Media] = field(default_factory=list)
    ours: dict[str, Any] = field(default_factory=dict)


class _Handler(ContentHandler):
    """Collects what the reader needs, with the line of each annotation."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.found = path, Parsed()
        self._locator: Locator | None = None
        self._tier, self._text, self._property = "", None, ""  # type: str, list[str] | None, str
        self._now: Annotation | None = None
        self._roots = 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802
        """Keep the parser's place in the file."""
        self._locator = locator

    @property
    def line(self) -> int:
        """Line that is being read."""
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Take up one element."""
        said = dict(attrs.items())
        if not self._roots and name != "ANNOTATION_DOCUMENT":
            raise FileError(
                self.path, f"a document {name!r}", "ANNOTATION_DOCUMENT", line=self.line
            )
        self._roots += 1
        take = getattr(self, f"_on_{name.lower()}", None)
        if take is not None:
            take(said)

    def characters(self, content: str) -> None:
        """Collect the text of an annotation or property."""
        if self._text is not None:
            self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Finish one element."""
        if name == "ANNOTATION_VALUE" and self._now is not None:
            self._now.value = "".join(self._text or [])
            self._text = None
        elif name == "PROPERTY" and self._text is not None:
            # where it was edited by hand, the annotations themselves count
            with suppress(ValueError, RecursionError):
                self.found.ours[self._property] = json.loads("".join(self._text))
            self._text = None

    def _on_header(self, said: Mapping[str, str]) -> None:
        units = said.get("TIME_UNITS", "milliseconds")
        if units != "milliseconds":
            raise FileError(self.path, f"times in {units}", "milliseconds", line=self.line)

    def _on_media_descriptor(self, said: Mapping[str, str]) -> None:
        name = said.get("MEDIA_URL") or said.get("RELATIVE_MEDIA_URL", "")
        origin = self._whole("TIME_ORIGIN", said.get("TIME_ORIGIN", "0"))
        self.found.media.append(Media(name=name, offset_s=origin / 1000))

    def _on_property(self, said: Mapping[str, str]) -> None:
        if said.get("NAME", "").startswith(OURS):
            self._property, self._text = said["NAME"].removeprefix(OURS), []

    def _on_time_slot(self, said: Mapping[str, str]) -> None:
        value = said.get("TIME_VALUE")
        name = self._attribute(said, "TIME_SLOT_ID")
        self.found.slots[name] = None if value is None else self._whole("TIME_VALUE", value)

    def _on_tier(self, said: Mapping[str, str]) -> None:
        self._tier = self._attribute(said, "TIER_ID")
        if self._tier in self.found.tiers:
            raise FileError(self.path, f"the tier {self._tier!r} twice", "once", line=self.line)
        self.found.tiers[self._tier] = dict(said)

    def _on_linguistic_type(self, said: Mapping[str, str]) -> None:
        self.found.constraints[said.get("LINGUISTIC_TYPE_ID", "")] = said.get("CONSTRAINTS", "")

    def _on_alignable_annotation(self, said: Mapping[str, str]) -> None:
        slots = (self._attribute(said, "TIME_SLOT_REF1"), self._attribute(said, "TIME_SLOT_REF2"))
        for slot in slots:
            if slot not in self.found.slots:
                raise FileError(
                    self.path, f"the time slot {slot!r}", "one of TIME_ORDER", line=self.line
                )
        self._keep(said, slots=slots)

    def _on_ref_annotation(self, said: Mapping[str, str]) -> None:
        parent = self._attribute(said, "ANNOTATION_REF")
        self._keep(said, parent=parent, previous=said.get("PREVIOUS_ANNOTATION", ""))

    def _on_annotation_value(self, said: Mapping[str, str]) -> None:
        self._text = []

    def _keep(self, said: Mapping[str, str], **more: Any) -> None:
        name = self._attribute(said, "ANNOTATION_ID")
        if name in self.found.annotations:
            raise FileError(self.path, f"the annotation {name!r} twice", "once", line=self.line)
        self._now = Annotation(id=name, tier=self._tier, line=self.line, **more)
        self.found.annotations[name] = self._now

    def _attribute(self, said: Mapping[str, str], name: str) -> str:
        if not said.get(name):
            raise FileError(self.path, f"an element without {name}", "one with it", line=self.line)
        return said[name]

    def _whole(self, name: str, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise FileError(
                self.path, f"{name}={text[:40]!r}", "whole milliseconds", line=self.line
            ) from None


def _sniff(peek: Peek) -> bool:
    """Claim XML whose document is ELAN's."""
    return "<ANNOTATION_DOCUMENT" in peek.text


@code_reader(
    name="elan",
    title="ELAN (.eaf)",
    suffixes=(".eaf",),
    sniff=_sniff,
    source="read against a real file of ELAN (format 3.0); symbolic subdivision, media offsets "
    "and empty time slots by the published EAF schema, on made files",
)
def read_elan(path: Path, *, media: str = "") -> CodeFile:
    """Read an ELAN file: one event per annotation of every tier.

    Parameters
    ----------
    path : Path
    media : str, optional
        End of the name of a media file of the document: times are then given on its clock
        (its TIME_ORIGIN is added). Without it, on the time line that ELAN shows.

    Returns
    -------
    CodeFile
        PARTICIPANT is the person, ANNOTATOR the coder, the value the code. An annotation that
        refers to another has the time of that one; the parts of a symbolic subdivision share
        it evenly, and time slots without a time lie evenly between those that have one: a
        note says so.

    Raises
    ------
    FileError
        With the line: cut off, a document type or entities, another time unit, references to
        what is not there, a stop before its start.
    """
    found = _parse(path)
    offset_s = _offset_of(path, found, media)
    times, notes = _times(path, found)
    split_of = {t: s for t, s in found.ours.get("tiers", {}).items() if isinstance(s, dict)}
    extra = _extras(found, split_of)
    events = []
    for at in found.annotations.values():
        if split_of.get(at.tier, {}).get("of"):
            continue  # a modifier or comment of another annotation, that ours wrote
        start, stop = _exact(found, at, times[at.id])
        event = event_at(
            path,
            line=at.line,
            element=f"annotation {at.id}",
            onset_s=start + offset_s,
            duration_s=stop - start,
            code=at.value,
            below_zero=bool(media),
            **_said(found, at, split_of),
            **extra.get(at.id, {}),
        )
        if not event.code:
            text = f"The annotation at {event.onset_s:g} s on {event.tier!r} holds no code."
            notes.append(note_at(path, at.line, "no-code", text))
        events.append(event)
    notes += [
        Note(path.name, "media-offset", f"{m.name!r} is {m.offset_s:g} s ahead of the time line.")
        for m in found.media
        if m.offset_s
    ]
    return CodeFile(
        path=path,
        events=by_onset(events),
        tiers=_tiers(found, split_of),
        media=tuple(found.media),
        notes=tuple(notes),
    )


def _parse(path: Path) -> Parsed:
    """Read the XML, refusing document types and entities."""
    data = read_bytes(path, MAX_BYTES)
    handler = _Handler(path)
    try:
        parse(BytesIO(data), handler, forbid_dtd=True)
    except DefusedXmlException as error:
        found = "a document type or entities, which ELAN does not write"
        raise FileError(path, found, "a plain .eaf", "Do not trust the file.") from error
    except SAXParseException as error:
        hint = "The file is damaged or cut off, or not in the encoding it names: save it again."
        raise FileError(
            path, error.getMessage(), "whole XML", hint, line=error.getLineNumber()
        ) from error
    except (SAXException, LookupError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(path, str(error), "XML in an encoding that is known") from error
    return handler.found


def _offset_of(path: Path, found: Parsed, media: str) -> float:
    """Offset of the media file whose clock is wanted."""
    if not media:
        return 0.0
    fits = [m for m in found.media if m.name.endswith(media)]
    if len(fits) != 1:
        names = [m.name for m in found.media]
        raise FileError(path, f"media files {names}", f"one whose name ends with {media!r}")
    return fits[0].offset_s


def _times(path: Path, found: Parsed) -> tuple[dict[str, tuple[float, float]], list[Note]]:
    """Start and stop of every annotation, in seconds."""
    slots, notes = _slot_times(path, found)
    times: dict[str, tuple[float, float]] = {}
    for at in found.annotations.values():
        if at.slots:
            times[at.id] = (slots[at.slots[0]], slots[at.slots[1]])
    parts = _parts(path, found)
    for at in found.annotations.values():
        chain = [at]
        while chain[-1].id not in times:
            up = found.annotations.get(chain[-1].parent)
            if up is None or up in chain or len(chain) > MAX_DEPTH:
                wrong = f"annotation {chain[-1].id} that refers to {chain[-1].parent!r}"
                raise FileError(path, wrong, "an annotation above it", line=chain[-1].line)
            chain.append(up)
        for below in reversed(chain[:-1]):
            start, stop = times[below.parent]
            part, count = parts.get(below.id, (0, 1))
            long = (stop - start) / count
            times[below.id] = (start + part * long, start + (part + 1) * long)
    divided = sorted({found.annotations[i].tier for i, (_, count) in parts.items() if count > 1})
    for tier in divided:
        text = f"Annotations of tier {tier!r} that share one above them divide its time evenly."
        notes.append(Note(path.name, "divided-evenly", text))
    return times, notes


def _slot_times(path: Path, found: Parsed) -> tuple[dict[str, float], list[Note]]:
    """Time of every slot in seconds; empty ones lie evenly between their neighbours."""
    times = {k: v / 1000 for k, v in found.slots.items() if v is not None}
    chains: dict[str, list[Annotation]] = {}
    for at in found.annotations.values():
        if at.slots:
            chains.setdefault(at.tier, []).append(at)
    notes = []
    for tier, chain in chains.items():
        run: list[str] = []
        for at in chain:
            first, last = at.slots or ("", "")
            if run and run[-1] != first:
                raise _loose(path, at, run[-1])
            if first not in times and not run:
                raise _loose(path, at, first)
            run = [*(run or [first]), last]
            if last in times:
                start, stop = times[run[0]], times[last]
                for i, slot in enumerate(run[1:-1], start=1):
                    times[slot] = start + (stop - start) * i / (len(run) - 1)
                if len(run) > 2:
                    text = f"{len(run) - 2} time slots on tier {tier!r} have no time: laid evenly."
                    notes.append(note_at(path, at.line, "slots-without-time", text))
                run = []
        if run:
            raise _loose(path, chain[-1], run[-1])
    return times, notes


def _loose(path: Path, at: Annotation, slot: str) -> FileError:
    found = f"time slot {slot!r} without a time, and no neighbour that gives it one"
    return FileError(path, found, "TIME_VALUE", "Align it in ELAN.", line=at.line)


def _parts(path: Path, found: Parsed) -> dict[str, tuple[int, int]]:
    """For parts of a symbolic subdivision: which of how many."""
    families: dict[tuple[str, str], list[Annotation]] = {}
    for at in found.annotations.values():
        kind = found.tiers[at.tier].get("LINGUISTIC_TYPE_REF", "")
        if at.parent and found.constraints.get(kind) in SPLITS:
            families.setdefault((at.tier, at.parent), []).append(at)
    parts = {}
    for members in families.values():
        after = {m.previous: m for m in members}
        ordered: list[Annotation] = []
        name = ""
        while name in after and len(ordered) < len(members):
            ordered.append(after[name])
            name = after[name].id
        if len(ordered) != len(members):
            wrong = f"PREVIOUS_ANNOTATION of the parts of {members[0].parent!r}"
            raise FileError(path, wrong, "one chain of all of them", line=members[0].line)
        parts.update({m.id: (i, len(members)) for i, m in enumerate(ordered)})
    return parts


def _extras(found: Parsed, split_of: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Modifiers and comments that our writer put on tiers of their own, by annotation."""
    extra: dict[str, dict[str, str]] = {}
    for at in found.annotations.values():
        role = split_of.get(at.tier, {})
        if role.get("of") and role.get("is") in {"modifier", "comment"}:
            extra.setdefault(at.parent, {})[role["is"]] = at.value
    return extra


def _said(
    found: Parsed, at: Annotation, split_of: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """What the tier says of its annotations."""
    tier, ours = found.tiers[at.tier], split_of.get(at.tier, {})
    return {
        "person": tier.get("PARTICIPANT", ""),
        "coder": tier.get("ANNOTATOR", ""),
        "tier": str(ours.get("tier", at.tier)),
        "session": str(ours.get("session", "")),
    }


def _exact(found: Parsed, at: Annotation, time: tuple[float, float]) -> tuple[float, float]:
    """Times below a millisecond, where our writer kept them and ELAN has not moved them."""
    kept = found.ours.get("times", {}).get(at.id)
    if not (isinstance(kept, list) and len(kept) == 2):
        return time
    try:
        start, stop = float(kept[0]), float(kept[0]) + float(kept[1])
        same = (round(start * 1000), max(round(stop * 1000), round(start * 1000) + 1))
    except (TypeError, ValueError, OverflowError):
        return time
    return (start, stop) if same == (round(time[0] * 1000), round(time[1] * 1000)) else time


def _tiers(found: Parsed, split_of: Mapping[str, Mapping[str, str]]) -> tuple[Tier, ...]:
    """List the tiers of the file with their counts."""
    counts: dict[str, int] = {}
    for at in found.annotations.values():
        counts[at.tier] = counts.get(at.tier, 0) + 1
    return tuple(
        Tier(
            name=name,
            count=counts.get(name, 0),
            person=said.get("PARTICIPANT", ""),
            coder=said.get("ANNOTATOR", ""),
            parent=said.get("PARENT_REF", ""),
            kind=said.get("LINGUISTIC_TYPE_REF", ""),
        )
        for name, said in found.tiers.items()
        if not split_of.get(name, {}).get("of")
    )
