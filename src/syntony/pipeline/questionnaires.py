"""Questionnaires of a study: scores, reliability, change over sessions, likeness of two people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.session import Answers
from syntony.link.instruments.registry import Instrument
from syntony.link.questionnaires.timing import days_between, minutes_between, read_stamp
from syntony.link.scoring import scale_range, score
from syntony.pipeline.bearing import change_rows, likeness_rows, reliability_rows
from syntony.pipeline.filled import Filled
from syntony.report.wording_questionnaires import questionnaire_methods

Row = dict[str, Any]
NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Tables of the questionnaires, and what was noticed on the way."""

    scores: list[Row]
    reliability: list[Row]
    change: list[Row]
    likeness: list[Row]
    notes: list[Note]

    def methods(self, recipe: Recipe) -> str:
        """Sentences for a methods section, of what was computed; empty where nothing was."""
        if not self.reliability:
            return ""
        chosen = recipe.questionnaires
        told = questionnaire_methods(
            bootstrap=chosen.bootstrap,
            permutations=chosen.permutations if self.likeness else 0,
            rests_on=chosen.reliability if self.change else "",
        )
        return f"\n{told}\n"


def questionnaire_tables(
    filled: Sequence[Filled],
    known: Mapping[str, Instrument],
    recipe: Recipe,
    *,
    roles: Sequence[str] = (),
) -> Scored:
    """Score every questionnaire, and say what the scores can bear.

    Parameters
    ----------
    filled : sequence of Filled
    known : mapping of str to Instrument
        The list, with the lab's keys and definitions.
    recipe : Recipe
    roles : sequence of str
        In order: the first role comes first where two are compared.

    Returns
    -------
    Scored
        Rows of ``scores``, ``reliability``, ``change`` and ``likeness``. A questionnaire that
        cannot be scored is left out with a note.
    """
    scored, scores, notes = score_filled(filled, known)
    ordered = sorted(scored, key=lambda f: (f.dyad, f.number, f.session))
    reliability = list(reliability_rows(ordered, known, recipe))
    return Scored(
        scores=scores,
        reliability=reliability,
        change=list(change_rows(scores, reliability, recipe)),
        likeness=list(likeness_rows(scores, recipe, roles)),
        notes=notes,
    )


def score_filled(
    filled: Sequence[Filled], known: Mapping[str, Instrument]
) -> tuple[list[Filled], list[Row], list[Note]]:
    """Score what can be scored: those questionnaires, rows of ``scores``, and notes on the rest."""
    kept, notes = _usable(filled, known)
    scores: list[Row] = []
    scored: list[Filled] = []
    for one in kept:
        try:
            rows = list(_score_rows(one, known[one.answers.instrument]))
        except InputError as error:
            notes.append(Note(one.session, "questionnaire-refused", str(error)))
            continue
        scores += rows
        scored.append(one)
        notes += _timing_notes(one)
    return scored, scores, notes


def _usable(
    filled: Sequence[Filled], known: Mapping[str, Instrument]
) -> tuple[list[Filled], list[Note]]:
    """Leave out what has no definition, no key, or stands twice; say what lacks items."""
    notes: dict[tuple[str, str, str], Note] = {}
    kept: dict[tuple[str, str, str, str], Filled] = {}
    twice: set[tuple[str, str, str, str]] = set()

    def tell(where: str, code: str, text: str) -> None:
        notes.setdefault((where, code, text), Note(where, code, text))

    for one in filled:
        answers = one.answers
        entry = known.get(answers.instrument)
        if entry is None:
            told = f"{answers.instrument!r} is not one of {sorted(known)}."
            tell(one.session, "questionnaire-unknown", told)
            continue
        lacking = [s.name for s in entry.scales if s.reverse is None]
        if lacking:
            text = (
                f"{entry.name} was not scored: its key ({', '.join(lacking)}) is not shipped. Lay "
                f"it beside the answers as phenotype/{entry.name}_key.toml."
            )
            tell("study", "questionnaire-without-key", text)
            continue
        gone = [i for i in entry.items if i not in answers.items]
        if gone:
            text = f"{entry.name} has no column for {', '.join(gone)}; they count as missing."
            tell("study", "items-missing", text)
        key = (entry.name, one.session, answers.person, answers.about)
        if key in kept and not _same(kept[key].answers, answers):
            twice.add(key)
        kept.setdefault(key, one)
    for key in twice:
        text = f"{key[2]} answered {key[0]} twice, and not alike: neither was scored."
        tell(key[1], "questionnaire-doubled", text)
    return [one for key, one in kept.items() if key not in twice], list(notes.values())


def _same(a: Answers, b: Answers) -> bool:
    """Whether two questionnaires hold the same answers."""
    if set(a.items) != set(b.items):
        return False
    return all(x == b.items[i] or (x != x and b.items[i] != b.items[i]) for i, x in a.items.items())


def _score_rows(one: Filled, entry: Instrument) -> Iterator[Row]:
    """Rows of ``scores`` of one questionnaire, one per scale."""
    stamp = read_stamp(one.answers.rated_at)
    found = score(one.answers, entry, session=one.session, dyad=one.dyad)
    for scale, got in zip(entry.scales, found, strict=True):
        low, high = scale_range(entry, scale)
        yield got.to_row() | {
            "number": one.number,
            "role": one.role,
            "about_role": one.about_role,
            "items": len(scale.items),
            "low": low,
            "high": high,
            "rated_at": one.answers.rated_at,
            "once": one.answers.once,
            "minutes_after": NAN if one.answers.once else minutes_between(one.ended_at, stamp),
        }


def _timing_notes(one: Filled) -> Iterator[Note]:
    """Say where a rating was given on another day, before the end, or at no readable time."""
    text = one.answers.rated_at
    if not text or one.answers.once:
        return
    what = f"{one.answers.person} rated {one.answers.instrument}"
    stamp = read_stamp(text)
    if stamp is None:
        yield Note(one.session, "rating-time-unreadable", f"{what} at {text!r}, which is no time.")
        return
    ended = one.ended_at
    if ended is None:
        return
    if (ended.tzinfo is None) != (stamp.tzinfo is None):
        told = f"{what}: only one of rating and session names its time zone."
        yield Note(one.session, "rating-time-zone", told)
        return
    days, minutes = days_between(ended, stamp), minutes_between(ended, stamp)
    if days >= 1:
        told = f"{what} {days} calendar day{'s' if days > 1 else ''} after the session."
        yield Note(one.session, "rated-later", told)
    elif minutes < 0:
        told = f"{what} {-minutes:.0f} min before the session ended."
        yield Note(one.session, "rated-before-the-end", told)
