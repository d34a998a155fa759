"""Agreement within one session: how far those who finished coding it agree, and where they part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from syntony.config.agreement import Agreement
from syntony.core.errors import InputError
from syntony.core.session import Person, Span
from syntony.io.codes.kept import (
    KeptCodes,
    coders_in,
    note_comparison,
    read_kept,
    read_standing,
)
from syntony.io.extent import session_span
from syntony.io.study import Study, open_study
from syntony.link.agreement.looking import Disagreement, disagreements_of
from syntony.link.agreement.study import AgreementRow, compare_coders
from syntony.link.agreement.tallies import CodedPerson
from syntony.pipeline.agreements import coded_people

STRETCH_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAgreement:
    """How far the coders of one session agree.

    ``rows`` hold Cohen's kappa second by second, of all codes and of each. Their intervals come
    from drawing stretches of a minute; under four stretches there are none.
    """

    rows: tuple[AgreementRow, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[str, ...] = ()


def compare_session(
    study: Path | Study, session: str, asker: str, *, settings: Agreement | None = None
) -> SessionAgreement:
    """Compare everybody who has finished coding a session.

    Codes that are kept here count once their coder has called them finished; codes that were
    brought in from files always do. That the asker has seen the others' is written down.

    Parameters
    ----------
    study : path or Study
    session : str
    asker : str
        The coder who asks; must be finished if they have codes of the session.
    settings : Agreement, optional

    Raises
    ------
    InputError
        If the asker is still coding: afterwards the codes would not be independent.
    """
    opened = study if isinstance(study, Study) else open_study(study, recordings=False)
    row = opened.session(session)
    root = opened.root
    names = coders_in(root, session)
    if asker in names and not is_done(root, session, asker):
        hint = "Call them finished first; whoever sees another's codes is no longer independent."
        raise InputError("coder", asker, "a coder whose codes are finished", hint)
    done = [c for c in names if is_done(root, session, c)]
    kept = [read_kept(root, session, c, people=row.people) for c in done]
    notes = [f"{c} is still coding and is left out." for c in names if c not in done]
    notes += [
        f"{k.coder} changed codes after having seen those of another: not independent."
        for k in kept
        if not k.standing.is_independent
    ]
    if len(kept) < 2:
        return SessionAgreement(notes=tuple(notes))
    stop_s = session_span(opened, session)[1]
    people = coded_people(session, row.dyad, row.people, _spans(kept), stop_s)
    notes += _alone(people, row.people, done)
    stretches = [part for person in people for part in stretches_of(person)]
    found = compare_coders(stretches, settings or Agreement(), by_role=False)
    rows = [r for r in found if r.measure == "kappa" and not r.session]
    if asker in done:
        note_comparison(root, session, asker)
    return SessionAgreement(
        rows=tuple(rows), disagreements=tuple(disagreements_of(people)), notes=tuple(notes)
    )


def is_done(root: Path, session: str, coder: str) -> bool:
    """Whether codes may be shown to others: finished here, or brought in from files.

    Codes that are made here have a book on record from their first saving; those from files
    have none.
    """
    standing = read_standing(root, session, coder)
    return standing.is_finished or not (standing.book or standing.reopened_at)


def stretches_of(person: CodedPerson, *, length_s: int = STRETCH_S) -> Iterator[CodedPerson]:
    """Cut what coders said of a person into stretches, each as a session of its own.

    Examples
    --------
    >>> kim = (Span(label="pos", start_s=50.0, stop_s=70.0, person="P", coder="kim"),)
    >>> one = CodedPerson(session="s", dyad="d", person="P", role="r", seconds=90, by={"kim": kim})
    >>> [[(s.start_s, s.stop_s) for s in part.by["kim"]] for part in stretches_of(one)]
    [[(50.0, 60.0)], [(0.0, 10.0)]]
    """
    for k in range(max(1, ceil(person.seconds / length_s))):
        first, last = k * length_s, min((k + 1) * length_s, person.seconds)
        by = {
            coder: tuple(_within(s, first, last) for s in spans if _touches(s, first, last))
            for coder, spans in person.by.items()
        }
        yield replace(person, session=f"{person.session} {k}", seconds=last - first, by=by)


def _touches(span: Span, first: float, last: float) -> bool:
    if span.stop_s == span.start_s:
        return first <= span.start_s < last
    return span.start_s < last and span.stop_s > first


def _within(span: Span, first: float, last: float) -> Span:
    start, stop = max(span.start_s, first), min(span.stop_s, last)
    return replace(span, start_s=float(start - first), stop_s=float(stop - first))


def _spans(kept: Sequence[KeptCodes]) -> Iterator[Span]:
    """Codes of people; those about the dyad name nobody and are left out, as in a study."""
    for one in kept:
        for e in one.events:
            if e.person and e.duration_s == e.duration_s:
                yield Span(
                    label=e.code,
                    start_s=e.onset_s,
                    stop_s=e.onset_s + e.duration_s,
                    person=e.person,
                    coder=one.coder,
                )


def _alone(
    coded: Sequence[CodedPerson], people: Sequence[Person], done: Sequence[str]
) -> Iterator[str]:
    """Say who was not coded by everybody."""
    by = {p.person: p.by for p in coded}
    for person in people:
        lacking = [c for c in done if c not in by.get(person.id, {})]
        if lacking:
            yield f"{', '.join(lacking)} gave no code of the {person.role} ({person.id})."
