"""Questionnaires of a study: scores, reliability, change over sessions, likeness of two people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.core.session import Answers
from syntony.io.study import SessionRow
from syntony.link.instruments.registry import Instrument, Scale
from syntony.link.questionnaires.change import change_of
from syntony.link.questionnaires.clusters import clustered_interval, clusters_of
from syntony.link.questionnaires.likeness import alike
from syntony.link.questionnaires.reliability import reliable
from syntony.link.questionnaires.timing import days_between, minutes_between, read_stamp
from syntony.link.scoring import scale_range, score, turned_items
from syntony.pipeline.plan import Planned
from syntony.report.wording_questionnaires import questionnaire_methods

Row = dict[str, Any]
NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One filled-in questionnaire, with what is known of its session.

    ``role`` and ``about_role`` are those of who answered and of who was rated; ``ended_at`` is
    when the session ended.
    """

    answers: Answers
    session: str
    dyad: str
    number: int
    role: str
    about_role: str = ""
    ended_at: datetime | None = None

    @classmethod
    def of(
        cls,
        answers: Answers,
        row: SessionRow | Planned,
        roles: Mapping[str, str],
        ended_at: datetime | None,
    ) -> Filled:
        """Put a questionnaire beside its session; ``roles`` are those of the people in it."""
        return cls(
            answers=answers,
            session=row.id,
            dyad=row.dyad,
            number=row.number,
            role=roles.get(answers.person, ""),
            about_role=roles.get(answers.about, ""),
            ended_at=ended_at,
        )

    @property
    def target(self) -> str:
        """Whom it is about: ``"other"``, ``"self"``, or nobody that was named."""
        if not self.answers.about:
            return ""
        return "self" if self.answers.about == self.answers.person else "other"

    @property
    def who(self) -> tuple[str, str, str]:
        """Who filled it in about whom, in which dyad: the same over sessions."""
        return self.dyad, self.answers.person, self.answers.about


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
    reliability = list(_reliability_rows(ordered, known, recipe))
    return Scored(
        scores=scores,
        reliability=reliability,
        change=list(_change_rows(scores, reliability, recipe)),
        likeness=list(_likeness_rows(scores, recipe, roles)),
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


def _by(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of some columns, in the order in which they first appear."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[n] for n in names), []).append(row)
    return found


def _reliability_rows(
    scored: Sequence[Filled], known: Mapping[str, Instrument], recipe: Recipe
) -> Iterator[Row]:
    """Alpha and omega of every scale, by role, over the first questionnaire of everybody."""
    groups: dict[tuple[str, str, str], dict[tuple[str, ...], Filled]] = {}
    for one in scored:  # in the order of sessions
        key = (one.answers.instrument, one.role, one.about_role)
        groups.setdefault(key, {}).setdefault(one.who, one)
    for (name, role, about), firsts in groups.items():
        people = list(firsts.values())
        clusters = clusters_of([f.who for f in people])
        for scale in known[name].scales:
            rng = rng_for(recipe.seed, "questionnaires", "reliability", name, scale.name, role)
            table = items_table([f.answers for f in people], known[name], scale)
            found = asdict(reliable(table, clusters, rng, draws=recipe.questionnaires.bootstrap))
            place = found.pop("weakest")
            yield {
                "instrument": name,
                "scale": scale.name,
                "role": role,
                "about_role": about,
                **found,
                "weakest_item": scale.items[place] if place >= 0 else "",
            }


def items_table(answers: Sequence[Answers], entry: Instrument, scale: Scale) -> Array:
    """Answers to the items of a scale, all turned the same way, shape (n_people, n_items)."""
    rows = [turned_items(a, entry, scale) for a in answers]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(scale.items))


def _change_rows(
    scores: Sequence[Row], reliability: Sequence[Row], recipe: Recipe
) -> Iterator[Row]:
    """Change of everybody who was scored in several sessions, then that of each role."""
    how = recipe.questionnaires.reliability
    bears = {(r["instrument"], r["scale"], r["role"], r["about_role"]): r for r in reliability}
    often = [r for r in scores if not r["once"]]
    for key, rows in _by(often, "instrument", "scale", "role", "about_role").items():
        people = _by(rows, "dyad", "person", "about")
        courses = {who: _course(mine) for who, mine in people.items()}
        firsts = np.array([y[0] for _, y, _ in courses.values() if y.size])
        spread = float(firsts.std(ddof=1)) if firsts.size >= 3 else NAN
        named, bound = _bound(bears.get(key, {}), how)
        made = []
        for who, (numbers, values, sessions) in courses.items():
            if values.size < 2:
                continue
            found = change_of(numbers, values, spread=spread, reliability=bound)
            facts = dict(zip(("instrument", "scale", "role", "about_role"), key, strict=True))
            made.append(
                {
                    **facts,
                    **dict(zip(("dyad", "person", "about"), who, strict=True)),
                    **asdict(found),
                    "people": 1,
                    "first_session": sessions[0],
                    "last_session": sessions[-1],
                    "beyond_error": found.beyond_error,
                    "spread": spread,
                    "rests_on": named,
                    "reliability": bound[0],
                }
            )
        yield from made
        yield from _role_change(made, recipe)


def _course(rows: Sequence[Row]) -> tuple[Array, Array, list[str]]:
    """Numbers, scores and sessions of one person, where there is a score; in order."""
    there = sorted((r for r in rows if r["value"] == r["value"]), key=lambda r: r["number"])
    numbers = np.array([r["number"] for r in there], dtype=np.float64)
    return numbers, np.array([r["value"] for r in there]), [r["session"] for r in there]


def _bound(row: Mapping[str, Any], how: str) -> tuple[str, tuple[float, float, float]]:
    """Reliability that a change rests on: the one asked for, else alpha; with its interval."""
    for name in dict.fromkeys((how, "alpha")):
        value = row.get(name, NAN)
        if value == value:
            return name, (value, row[f"{name}_low"], row[f"{name}_high"])
    return "", (NAN, NAN, NAN)


def _role_change(made: Sequence[Row], recipe: Recipe) -> Iterator[Row]:
    """Mean slope and difference of a role, with intervals over dyads."""
    if len(made) < 2:
        return
    groups = clusters_of([(r["dyad"], r["person"], r["about"]) for r in made])
    found: Row = {}
    for name in ("slope", "difference"):
        values = np.array([r[name] for r in made])
        path = (name, *(str(made[0][k]) for k in ("instrument", "scale", "role")))
        found[name], found[f"{name}_low"], found[f"{name}_high"] = _mean_over(
            values,
            groups,
            rng_for(recipe.seed, "questionnaires", *path),
            recipe.questionnaires.bootstrap,
        )
    yield {
        **{k: made[0][k] for k in ("instrument", "scale", "role", "about_role", "spread")},
        **found,
        "dyad": "",
        "person": "",
        "about": "",
        "people": len(made),
        "sessions": sum(r["sessions"] for r in made),
    }


def _mean_over(
    values: Array, groups: Ints, rng: np.random.Generator, draws: int
) -> tuple[float, float, float]:
    """Mean of what is there, with its interval over clusters."""
    count = int(groups.max()) + 1
    there = np.isfinite(values)
    sums, counts = np.zeros(count), np.zeros(count)
    np.add.at(sums, groups[there], values[there])
    np.add.at(counts, groups[there], 1.0)

    def mean(weights: Array) -> Array:
        n = weights @ counts
        return np.asarray((weights @ sums) / np.where(n > 0, n, np.nan))

    return clustered_interval(mean, count, rng, draws=draws)


def _likeness_rows(scores: Sequence[Row], recipe: Recipe, roles: Sequence[str]) -> Iterator[Row]:
    """Every scale that both people of a dyad answered, over dyads; means over sessions."""
    for (name, scale), rows in _by(scores, "instrument", "scale").items():
        there = [r for r in rows if r["value"] == r["value"]]
        known = {r["role"] for r in there}
        order = [r for r in roles if r in known] + sorted(known - set(roles))
        for i, first in enumerate(order):
            for second in order[i + 1 :]:
                yield from _pair_rows(there, (name, scale), (first, second), recipe)


def _pair_rows(
    rows: Sequence[Row], named: tuple[str, str], roles: tuple[str, str], recipe: Recipe
) -> Iterator[Row]:
    """Likeness of two roles, apart for ratings of the other, of oneself, and of neither."""
    for target in ("", "self", "other"):
        mine = [
            {
                (r["session"], r["dyad"]): r
                for r in rows
                if r["role"] == role and _target(r) == target
            }
            for role in roles
        ]
        both = [k for k in mine[0] if k in mine[1]]
        if not both:
            continue
        dyads: dict[str, list[tuple[float, float]]] = {}
        people: dict[str, set[str]] = {}
        for key in both:
            a, b = mine[0][key], mine[1][key]
            dyads.setdefault(key[1], []).append((a["value"], b["value"]))
            people.setdefault(key[1], set()).update((a["person"], b["person"]))
        pairs = np.array([np.mean(v, axis=0) for v in dyads.values()])
        clusters = clusters_of([(d, *sorted(people[d])) for d in dyads])
        chosen = recipe.questionnaires
        found = alike(
            pairs,
            clusters,
            rng_for(recipe.seed, "questionnaires", "likeness", *named, *roles, target),
            draws=chosen.bootstrap,
            permutations=chosen.permutations,
        )
        yield {
            "instrument": named[0],
            "scale": named[1],
            "role_a": roles[0],
            "role_b": roles[1],
            "target": target,
            "sessions": len(both),
            **asdict(found),
        }


def _target(row: Mapping[str, Any]) -> str:
    """Whom a score is about: the other, oneself, or nobody that was named."""
    return "" if not row["about"] else "self" if row["about"] == row["person"] else "other"
