"""Who answered, about whom, after which session: from a row to people of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syntony.core.session import Person
from syntony.io.answers.value import AnswerRow
from syntony.io.study import SessionRow, Study
from syntony.pipeline.answer_columns import filled_in


@dataclass(frozen=True, kw_only=True)
class Where:
    """Templates that say of each row who, about whom, and which session it is.

    See ``filled_in``. ``session`` empty: once, for all sessions of the person. ``about`` is
    also ``"other"`` or ``"self"``. ``role``, ``dyad`` and ``number`` are those of new people and
    sessions; without ``dyad`` every session is one of its own. ``values`` hold what cells mean,
    by column.
    """

    person: str
    session: str = ""
    about: str = ""
    role: str = ""
    dyad: str = ""
    number: str = ""
    values: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where one row belongs: ids of the study, or what is wrong with it."""

    person: str = ""
    session: str = ""
    about: str = ""
    dyad: str = ""
    role: str = ""
    number: int = 1
    stranger: str = ""


def place(
    study: Study | None, where: Where, row: AnswerRow, number: int, role: str, *, new: bool
) -> Placed:
    """Find out where a row belongs; what the study does not know is a stranger.

    Raises
    ------
    FileError
        If the row names nobody, or the other of more than two people.
    """

    def read(template: str) -> str:
        return filled_in(template, row, number=number, role=role, values=where.values)

    session = read(where.session).removeprefix("ses-") if where.session else ""
    person = read(where.person).removeprefix("sub-")
    about = where.about if where.about in ("", "other", "self") else read(where.about)
    about = about.removeprefix("sub-")
    if new:
        return Placed(
            person=person,
            session=session,
            about=about,
            dyad=read(where.dyad) if where.dyad else session,
            role=read(where.role) if where.role else role,
            number=_number(read(where.number), row) if where.number else 1,
        )
    if study is None:
        return Placed(stranger="no study")
    if not session:
        return _once(study, person, about)
    known = {r.id: r for r in study.sessions}
    if session not in known:
        return Placed(stranger=f"session {session!r}")
    return _in_session(known[session], row, person, about)


def _number(text: str, row: AnswerRow) -> int:
    """Which session of a dyad it is."""
    if not text.isdigit():
        raise row.error(repr(text), "a whole number", "Mend the template of the number.")
    return int(text)


def _in_session(there: SessionRow, row: AnswerRow, person: str, about: str) -> Placed:
    """Person and target by id or role, in one session."""
    who = _person(there.people, person)
    if who is None:
        return Placed(stranger=f"{person!r} in session {there.id!r}")
    if about == "self":
        target: Person | None = who
    elif about == "other":
        others = [p for p in there.people if p.id != who.id]
        if len(others) != 1:
            found = f"{len(there.people)} people in session {there.id!r}"
            raise row.error(found, "two, so that there is one other", "Name whom it is about.")
        target = others[0]
    else:
        target = _person(there.people, about) if about else None
        if about and target is None:
            return Placed(stranger=f"{about!r} (about) in session {there.id!r}")
    return Placed(
        person=who.id,
        session=there.id,
        about=target.id if target else "",
        dyad=there.dyad,
        role=who.role,
    )


def _once(study: Study, person: str, about: str) -> Placed:
    """A person of the study, for all sessions."""
    roles = {p.id: p.role for r in study.sessions for p in r.people}
    if person not in roles:
        return Placed(stranger=f"{person!r}")
    target = person if about == "self" else about
    if target and target not in roles:
        return Placed(stranger=f"{about!r} (about)")
    return Placed(person=person, about=target, role=roles[person])


def _person(people: Sequence[Person], said: str) -> Person | None:
    """The one person whom an id or a role means."""
    fits = [p for p in people if p.id == said] or [p for p in people if p.role == said]
    return fits[0] if len(fits) == 1 else None
