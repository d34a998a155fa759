"""Where coders part: stretches to look at again, and what is odd about their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.config.agreement import Agreement
from syntony.core.notes import Note
from syntony.core.session import Span
from syntony.link.agreement.kappa import kappa
from syntony.link.agreement.tallies import SHIFTS_S, CodedPerson, coders_of, names_of, tally

UNCODED = "uncoded"
DOUBLED_SHARE = 0.05
GAIN = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A stretch [start_s, stop_s) of a session on which two coders gave other codes."""

    session: str
    person: str
    role: str
    start_s: float
    stop_s: float
    coder_a: str
    code_a: str
    coder_b: str
    code_b: str

    @property
    def seconds(self) -> float:
        """How long it is (s)."""
        return self.stop_s - self.start_s


def disagreements_of(people: Sequence[CodedPerson], *, least_s: float = 0.0) -> list[Disagreement]:
    """Every stretch on which two coders of a person part, the longest first.

    Parameters
    ----------
    people : sequence of CodedPerson
    least_s : float, default 0
        Shorter stretches are left out (s).

    Returns
    -------
    list of Disagreement
        To the millisecond. ``"uncoded"`` where one of the two gave no code; several codes at
        once are joined with ``+``. What both left uncoded is no disagreement.

    Examples
    --------
    >>> kim = (Span(label="pos", start_s=0.0, stop_s=5.0, person="P", coder="kim"),)
    >>> lee = (Span(label="pos", start_s=0.0, stop_s=4.0, person="P", coder="lee"),)
    >>> one = CodedPerson(session="s", dyad="d", person="P", role="patient", seconds=9,
    ...                   by={"kim": kim, "lee": lee})
    >>> [(d.start_s, d.stop_s, d.code_a, d.code_b) for d in disagreements_of([one])]
    [(4.0, 5.0, 'pos', 'uncoded')]
    """
    found = []
    for person in people:
        for a, b in coders_of([person]):
            found += [d for d in _of_pair(person, a, b) if d.seconds > max(least_s, 1e-3)]
    return sorted(found, key=lambda d: (-round(d.seconds, 3), d.session, d.start_s, d.person))


def _of_pair(person: CodedPerson, a: str, b: str) -> Iterator[Disagreement]:
    """Stretches of one person, in time."""
    edges = sorted({t for c in (a, b) for s in person.by[c] for t in (s.start_s, s.stop_s)})
    at = {c: _codes_from(person.by[c], edges) for c in (a, b)}
    k = 0
    while k < len(edges) - 1:
        codes = at[a][k], at[b][k]
        last = k
        while last + 1 < len(edges) - 1 and (at[a][last + 1], at[b][last + 1]) == codes:
            last += 1
        if codes[0] != codes[1]:
            yield Disagreement(
                session=person.session,
                person=person.person,
                role=person.role,
                start_s=edges[k],
                stop_s=edges[last + 1],
                coder_a=a,
                code_a=codes[0],
                coder_b=b,
                code_b=codes[1],
            )
        k = last + 1


def _codes_from(spans: Sequence[Span], edges: Sequence[float]) -> list[str]:
    """What is coded from each edge to the next."""
    there: list[set[str]] = [set() for _ in edges]
    place = {t: k for k, t in enumerate(edges)}
    for span in spans:
        for k in range(place[span.start_s], place[span.stop_s]):
            there[k].add(span.label)
    return ["+".join(sorted(codes)) or UNCODED for codes in there]


def notes_on_coders(
    people: Sequence[CodedPerson],
    settings: Agreement,
    *,
    nameless: Mapping[str, int] | None = None,
) -> list[Note]:
    """Say what is odd about the coders of a study.

    Parameters
    ----------
    people : sequence of CodedPerson
    settings : Agreement
    nameless : mapping of str to int, optional
        Session to how many codes name nobody as their coder.

    Returns
    -------
    list of Note
        ``coder-missing``, ``codes-doubled`` (two coders under one name?), ``coded-once`` (how
        many sessions one coder alone coded), ``coders-shifted`` (the codes fit better some
        seconds apart), ``coder-lacks-code``; none where there is a single coder.
    """
    notes = [
        Note(s, "coder-missing", f"{n} codes name nobody as their coder: in no comparison.")
        for s, n in (nameless or {}).items()
    ]
    pairs = coders_of(people)
    if not pairs:
        return notes
    names = names_of(people)
    notes += _coded_once(people)
    for pair in pairs:
        both = [p for p in people if set(pair) <= set(p.by)]
        notes += _lacking(pair, both)
        for session in dict.fromkeys(p.session for p in both):
            mine = [tally(p, pair, names, settings) for p in both if p.session == session]
            notes += _shifted(pair, session, np.sum([t.fit for t in mine], axis=0))
    return [*notes, *_doubled(people)]


def _coded_once(people: Sequence[CodedPerson]) -> Iterator[Note]:
    """How many sessions were coded by one coder only."""
    coders = {
        s: max(len(p.by) for p in people if p.session == s)
        for s in dict.fromkeys(p.session for p in people)
    }
    once = [s for s, n in coders.items() if n == 1]
    if once:
        text = (
            f"{len(coders) - len(once)} of {len(coders)} coded sessions were coded by more than "
            "one coder; agreement is known for these only."
        )
        yield Note("study", "coded-once", text)


def _lacking(pair: tuple[str, str], both: Sequence[CodedPerson]) -> Iterator[Note]:
    """Codes that one of two coders never gave in the sessions of both."""
    used = [{s.label for p in both for s in p.by[c]} for c in pair]
    for k, coder in enumerate(pair):
        if missing := sorted(used[1 - k] - used[k]):
            text = f"{coder} never gave {', '.join(missing)}, which {pair[1 - k]} did."
            yield Note("study", "coder-lacks-code", text)


def _shifted(pair: tuple[str, str], session: str, fit: np.ndarray) -> Iterator[Note]:
    """Whether the second coder's codes fit better some seconds later or earlier."""
    values = np.nan_to_num(kappa(fit), nan=-1.0)
    best, still = int(np.argmax(values)), SHIFTS_S.index(0)
    shift = SHIFTS_S[best]
    if abs(shift) >= 2 and values[best] >= values[still] + GAIN:
        way = "later" if shift > 0 else "earlier"
        text = (
            f"The codes of {pair[1]} fit those of {pair[0]} better {abs(shift)} s {way} (kappa "
            f"{values[best]:.2f} against {values[still]:.2f}): do both count from the same zero? "
            "Nothing was moved."
        )
        yield Note(session, "coders-shifted", text)


def _doubled(people: Sequence[CodedPerson]) -> Iterator[Note]:
    """Coders whose codes of a person lie on one another for a large part."""
    for person in people:
        for coder, spans in person.by.items():
            twice, total = _overlap_s(spans)
            if total and twice > DOUBLED_SHARE * total:
                text = (
                    f"The codes of {person.person} by {coder} lie on one another for {twice:.0f} "
                    f"of {total:.0f} s. Two coders under one name, or codes that do not exclude "
                    "one another? These seconds are in no class; each code is compared by itself."
                )
                yield Note(person.session, "codes-doubled", text)


def _overlap_s(spans: Sequence[Span]) -> tuple[float, float]:
    """Seconds on which codes lie on one another, and seconds coded at all."""
    steps = sorted([(s.start_s, 1) for s in spans] + [(s.stop_s, -1) for s in spans])
    depth, before, twice, total = 0, 0.0, 0.0, 0.0
    for time, step in steps:
        total += (time - before) * (depth > 0)
        twice += (time - before) * (depth > 1)
        depth, before = depth + step, time
    return twice, total
