"""Files sorted into sessions and people, with the labels that they get in the study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from syntony.core.errors import InputError, SyntonyError
from syntony.core.session import Person
from syntony.pipeline.import_plan import Source
from syntony.pipeline.naming import Entry
from syntony.pipeline.originals import fingerprint

Key = tuple[str, str, str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The files of one session, not yet read; ``error`` where they contradict each other."""

    id: str
    dyad: str
    type: str
    number: int
    people: tuple[Person, ...]
    sources: tuple[Source, ...]
    error: SyntonyError | None = None


def file_entries(entries: Sequence[Entry], roles: Sequence[str], type: str = "") -> list[Filed]:
    """Sort files into sessions.

    Files with the same dyad, session, number and type are one session. Its label is made
    of the dyad, the session (or number) and the type: ``d07s02relaxation``. People without
    an id of their own are named for dyad and role: ``d07woman``.

    Raises
    ------
    InputError
        If two sessions would get one label.
    """
    hashes = {path: fingerprint(path) for path in dict.fromkeys(e.path for e in entries)}
    groups: dict[Key, list[Entry]] = {}
    for entry in entries:
        dyad = entry.dyad or entry.session
        key = (dyad, entry.session, entry.type or type, entry.number)
        groups.setdefault(key, []).append(entry)
    numbers = _numbers(groups)
    filed = [_filed(key, groups[key], numbers[key], roles, hashes) for key in _in_order(groups)]
    twice = {f.id for f in filed if sum(g.id == f.id for g in filed) > 1}
    if twice:
        given = [(f.dyad, f.type, f.number) for f in filed if f.id in twice]
        raise InputError("session", given, f"sessions with labels apart; all become {min(twice)}")
    return filed


def sorted_naturally(paths: Iterable[Path]) -> list[Path]:
    """Sort so that 2 comes before 10."""
    return sorted(paths, key=lambda p: [_natural(part) for part in p.parts])


def _natural(text: str) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"\d+|\D+", text)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces]


def _in_order(groups: Mapping[Key, list[Entry]]) -> list[Key]:
    return sorted(groups, key=lambda k: [*map(_natural, k[:1]), k[3] or 0, *map(_natural, k[1:3])])


def _numbers(groups: Mapping[Key, list[Entry]]) -> dict[Key, int]:
    """Give each session its number: as told, by a label that is one, or by their place in time."""
    out: dict[Key, int] = {}
    for key in _in_order(groups):
        dyad, session, kind, number = key
        if number is not None:
            out[key] = number
        elif session.isdecimal() and len(session) < 8 and session != dyad:
            out[key] = int(session)
        else:
            same = [k for k in groups if k[0] == dyad and k[2] == kind and k[3] is None]
            order = sorted(same, key=lambda k: (_first_stamp(groups[k]), _natural(k[1])))
            out[key] = order.index(key) + 1
    return out


def _first_stamp(entries: Sequence[Entry]) -> datetime:
    return min((e.started_at for e in entries if e.started_at), default=datetime.min)


def _filed(
    key: Key,
    entries: Sequence[Entry],
    number: int,
    roles: Sequence[str],
    hashes: Mapping[Path, str],
) -> Filed:
    dyad, session, kind, told = key
    tail = session if session and session != dyad else str(number)
    tail += f"n{told}" if session and told is not None else ""
    label = f"{_label(dyad, 'd')}{_label(tail, 's')}{_label(kind)}"
    people = [Person(id=_person_id(e, dyad), role=e.role) for e in entries]
    ordered = sorted({p.id: p for p in people}.values(), key=lambda p: (roles.index(p.role), p.id))
    rank = {p.id: i for i, p in enumerate(ordered)}
    sources = [
        Source(entry=e, person=p.id, sha256=hashes[e.path])
        for e, p in zip(entries, people, strict=True)
    ]
    sources.sort(key=lambda s: (rank[s.person], _first_stamp([s.entry]), s.entry.part or 0))
    return Filed(
        id=label,
        dyad=dyad,
        type=kind,
        number=number,
        people=tuple(ordered),
        sources=tuple(sources),
        error=_contradiction(label, people, sources),
    )


def _person_id(entry: Entry, dyad: str) -> str:
    return _label(entry.person) if entry.person else f"{_label(dyad, 'd')}{_label(entry.role)}"


def _label(text: str, prefix: str = "") -> str:
    """Letters and digits only, as BIDS wants labels; a bare number gets two digits and a prefix."""
    label = "".join(c for c in text if c.isascii() and c.isalnum())
    return f"{prefix}{int(label):02d}" if label.isdecimal() else label


def _contradiction(
    label: str, people: Iterable[Person], sources: Sequence[Source]
) -> SyntonyError | None:
    """Whether a person has two roles, or two files claim one part."""
    by_id: dict[str, set[str]] = {}
    for person in people:
        by_id.setdefault(person.id, set()).add(person.role)
    for who, roles in by_id.items():
        if len(roles) > 1:
            return InputError("person", who, f"one role in session {label}, not {sorted(roles)}")
    claims: dict[tuple[str, int, str], Path] = {}
    for s in sources:
        if s.entry.part is None:
            continue
        claim = (s.person, s.entry.part, s.entry.options.get("kind", ""))
        if claim in claims:
            files = [claims[claim].name, s.entry.path.name]
            return InputError("part", files, f"one file as part {s.entry.part} of {s.person}")
        claims[claim] = s.entry.path
    return None
