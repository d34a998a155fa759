"""From a recipe and a study to the list of what will be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Bools
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.session import Person
from syntony.io.study import SessionRow
from syntony.pipeline.model_variables import settle_models
from syntony.pipeline.source import Source
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.partners import Meeting, partner_masks, refuse_without_partners
from syntony.synchrony import registry as method_list

STRANGERS = "pseudo_dyads"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One session of the plan: who is first and second of the pair, and its marks."""

    id: str
    dyad: str
    type: str
    number: int
    first: Person
    second: Person
    marks: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """What will be computed.

    Attributes
    ----------
    sessions : tuple of Planned
        The first ``analysed`` are asked about; the rest lend their people.
    analysed : int
    allowed : mapping of str to ndarray of bool, shape (n_sessions, n_sessions)
        For each surrogate of the recipe that takes partners, ``[i, j]``: the first person of
        ``i`` may be paired with the second of ``j``. One pair may be allowed by several.
    notes : tuple of Note
        What was left out of the plan, and why.
    """

    sessions: tuple[Planned, ...]
    analysed: int
    allowed: Mapping[str, Bools]
    notes: tuple[Note, ...] = ()

    @property
    def ids(self) -> list[str]:
        """Names of the sessions asked about."""
        return [s.id for s in self.sessions[: self.analysed]]

    @property
    def anyone(self) -> Bools:
        """Whose people some surrogate pairs, shape (n_sessions, n_sessions).

        Between two sessions of which none is asked about nothing is computed.
        """
        n = len(self.sessions)
        asked = np.arange(n) < self.analysed
        allowed = np.zeros((n, n), dtype=bool)
        for mask in self.allowed.values():
            allowed |= mask
        return allowed & (asked[:, None] | asked[None, :])

    def partners(self, index: int, surrogate: str = "") -> list[int]:
        """Sessions whose second person is computed with the first person of ``index``.

        Those of one surrogate, or of any. Between two sessions of which none is asked about
        nothing is computed.
        """
        return self._computed(index, [mask[index] for mask in self._masks(surrogate)])

    def lenders(self, index: int, surrogate: str = "") -> list[int]:
        """Sessions whose first person is computed with the second person of ``index``."""
        return self._computed(index, [mask[:, index] for mask in self._masks(surrogate)])

    def _masks(self, surrogate: str) -> list[Bools]:
        """Masks of one surrogate, or of all; none where the recipe does not name it."""
        return [mask for name, mask in self.allowed.items() if surrogate in ("", name)]

    def _computed(self, index: int, rows: list[Bools]) -> list[int]:
        """Places that any of the rows allows, in order."""
        anyone = np.any(rows, axis=0) if rows else np.zeros(len(self.sessions), dtype=bool)
        return [
            int(k) for k in np.flatnonzero(anyone) if index < self.analysed or k < self.analysed
        ]


def settle(recipe: Recipe, source: Source) -> Recipe:
    """Fill in every default, so that the saved recipe holds all that decided the result.

    Raises
    ------
    InputError
        If a method, surrogate, option or role is not known.
    """
    roles = recipe.roles or _first_two(source)
    missing = [r for r in roles if r not in source.roles]
    if missing or roles[0] == roles[1]:
        raise InputError("roles", roles, f"two of the study's roles, {list(source.roles)}")
    steps = []
    for step in recipe.synchrony:
        entry = method_list.get(step.method)
        steps.append(Step(method=step.method, options=entry.settle(step.options)))
    chance = []
    for item in recipe.surrogates:
        drawn = surrogate_list.get_for_recipe(item.name, recipe.signals[1])
        options = drawn.settle(item.options)
        chance.append(Surrogate(name=item.name, count=item.count, options=options))
    settled = recipe.model_copy(
        update={"roles": roles, "synchrony": tuple(steps), "surrogates": tuple(chance)}
    )
    return settle_models(settled)


def _first_two(source: Source) -> tuple[str, str]:
    """The study's first two roles."""
    if len(source.roles) < 2:
        raise InputError("roles", list(source.roles), "at least two roles in study.toml")
    return source.roles[0], source.roles[1]


def make_plan(recipe: Recipe, source: Source) -> Plan:
    """List the sessions of a settled recipe, or say why there are none."""
    if recipe.roles is None:
        raise InputError("roles", None, "a settled recipe", "Call settle first.")
    planned, notes, analysed = [], [], 0
    for position, row in enumerate(source.rows):
        own = position < source.analysed
        if own and recipe.session_types and row.type not in recipe.session_types:
            continue
        people = {p.role: p for p in row.people}
        lacking = [r for r in recipe.roles if r not in people]
        if lacking:
            notes.append(
                Note(row.id, "role-missing", f"Left out: nobody is {' or '.join(lacking)} in it.")
            )
            continue
        first, second = (people[r] for r in recipe.roles)
        planned.append(
            Planned(
                id=row.id,
                dyad=row.dyad,
                type=row.type,
                number=row.number,
                first=first,
                second=second,
                marks=row.marks,
                started_at=row.started_at,
            )
        )
        analysed += own
    if not analysed:
        types = sorted({row.type for row in source.rows})
        raise InputError(
            "session_types, roles",
            (recipe.session_types, recipe.roles),
            f"at least one session with both; the study has types {types}",
        )
    return Plan(
        sessions=tuple(planned),
        analysed=analysed,
        allowed=_allowed(planned, analysed, recipe, source),
        notes=tuple(notes),
    )


def _allowed(
    planned: list[Planned], analysed: int, recipe: Recipe, source: Source
) -> dict[str, Bools]:
    """Who may be paired with whom, for each surrogate of the recipe that takes partners.

    Every meeting of the study counts, analysed or not: whoever met anywhere is no stranger.
    """
    names = [s.name for s in recipe.surrogates if surrogate_list.takes_partners(s.name)]
    if not names:
        return {}
    place = {s.id: k for k, s in enumerate(planned)}
    roles = recipe.roles or ("", "")
    meetings = [_meeting(row, roles) for row in source.rows if len(row.people) > 1]
    everyone = partner_masks(meetings, names, same_therapist=recipe.corpus.same_therapist)
    rows = [k for k, m in enumerate(meetings) if m.session in place]
    order = sorted(rows, key=lambda k: place[meetings[k].session])
    here = np.ix_(order, order)
    allowed = {name: mask[here] for name, mask in everyone.items()}
    for name, mask in allowed.items():
        if not (mask[:analysed].any() or mask[:, :analysed].any()):
            refuse_without_partners(name, meetings)
    return allowed


def _meeting(row: SessionRow, roles: tuple[str, str]) -> Meeting:
    """Who met in a session: the pair in the order of the roles, then everybody else."""
    ordered = sorted(row.people, key=lambda p: [*roles, p.role].index(p.role))
    first, second, *others = (p.id for p in ordered)
    return Meeting(
        session=row.id,
        dyad=row.dyad,
        type=row.type,
        number=row.number,
        first=first,
        second=second,
        others=tuple(others),
        stimulus=row.stimulus,
    )
