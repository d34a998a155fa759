"""What scores can bear: reliability, change over sessions, likeness of two people; as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Ints
from syntony.core.seeds import rng_for
from syntony.core.session import Answers
from syntony.link.instruments.registry import Instrument, Scale
from syntony.link.questionnaires.change import change_of
from syntony.link.questionnaires.clusters import clustered_interval, clusters_of
from syntony.link.questionnaires.likeness import alike
from syntony.link.questionnaires.reliability import reliable
from syntony.link.scoring import turned_items
from syntony.pipeline.filled import Filled

Row = dict[str, Any]
NAN = float("nan")


def _by(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of some columns, in the order in which they first appear."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[n] for n in names), []).append(row)
    return found


def reliability_rows(
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


def change_rows(scores: Sequence[Row], reliability: Sequence[Row], recipe: Recipe) -> Iterator[Row]:
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


def likeness_rows(scores: Sequence[Row], recipe: Recipe, roles: Sequence[str]) -> Iterator[Row]:
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
