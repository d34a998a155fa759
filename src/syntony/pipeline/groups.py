"""A corpus by site, year and device: quality, and synchrony beside chance, of every group.

All of it is exploratory: who is recorded where, and with what, was nobody's random choice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.link.intervals import bca_interval, by_dyad
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import STRANGERS, Planned
from syntony.surrogates.decision import sign_flip
from syntony.surrogates.multiplicity import false_discovery_rate
from syntony.synchrony import registry as method_list

MARKS = ("site", "year", "device")
MANY_SESSIONS = 100
"""From so many sessions on a corpus without marks is sorted by session type and number."""

NO_MARK = "not said"
VALID = "valid"
NO_LOSS = ("total", "on-grid", "drawn")
"""Rows of ``quality`` that tell neither what is valid nor what was lost."""


def group_rows(results: Results, pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of ``groups``: every group's quality, and its first statistics beside chance.

    Parameters
    ----------
    results : Results
    pairs : sequence of mapping
        Rows of ``pairs``.

    Returns
    -------
    list of dict
        Empty where nothing sorts the sessions into two groups or more. ``difference`` is the
        mean over dyads of real less chance, with its bootstrap interval over dyads; ``q`` is
        ``p_two`` after Benjamini and Hochberg over all groups that are tested.
    """
    sessions = {results.plan.sessions[i].id: results.plan.sessions[i] for i in results.asked}
    rows = []
    for by, group, members in _groups(list(sessions.values())):
        head = {"by": by, "group": group, "status": ""}
        rows += [head | row for row in _quality(results, members, (by, group))]
        for number in range(len(results.recipe.synchrony)):
            rows.append(head | _synchrony(results, pairs, number, members, (by, group)))
    tested = [row for row in rows if row["status"] == "ok"]
    if tested:
        adjusted = false_discovery_rate([row["p_two"] for row in tested])
        for row, q in zip(tested, np.asarray(adjusted).tolist(), strict=True):
            row["q"] = q
    return rows


def _groups(sessions: Sequence[Planned]) -> Iterator[tuple[str, str, list[Planned]]]:
    """What sessions are sorted by, and each group of two or more with its sessions."""
    kinds: dict[str, list[str]] = {
        by: [s.marks.get(by, NO_MARK) for s in sessions]
        for by in MARKS
        if any(by in s.marks for s in sessions)
    }
    if not kinds and len(sessions) >= MANY_SESSIONS:
        kinds = {"type": [s.type or NO_MARK for s in sessions]}
        kinds["number"] = [f"{s.number:>3d}".strip() for s in sessions]
    for by, words in kinds.items():
        different = sorted(set(words), key=lambda w: (w == NO_MARK, not w.isdigit(), len(w), w))
        if by != "number" and not all(w.isdigit() or w == NO_MARK for w in different):
            different = sorted(different, key=lambda w: (w == NO_MARK, w))
        for word in different if len(different) > 1 else ():
            yield by, word, [s for s, w in zip(sessions, words, strict=True) if w == word]


def _quality(
    results: Results, members: Sequence[Planned], group: tuple[str, str]
) -> Iterator[dict[str, Any]]:
    """Mean share that is valid, and mean share lost to every cause, over people and sessions."""
    place = {s.id: k for k, s in enumerate(results.plan.sessions)}
    told = {m.id: results.facts[place[m.id]].get("quality", ()) for m in members}
    causes = dict.fromkeys(r["cause"] for rows in told.values() for r in rows)
    for cause in (c for c in causes if c not in NO_LOSS):
        # a session in which nothing was lost to a cause does not name it
        values = np.array(
            [_share(rows, cause, math.nan if cause == VALID else 0.0) for rows in told.values()]
        )
        _, means = by_dyad(values, [m.dyad for m in members])
        if not len(means):
            continue
        low, high = _interval(means, results, "quality", cause, *group)
        yield {
            "what": "quality",
            "statistic": cause,
            "n_dyads": len(means),
            "n_sessions": int(np.isfinite(values).sum()),
            "value": float(means.mean()),
            "low": low,
            "high": high,
        }


def _share(rows: Sequence[Mapping[str, Any]], cause: str, missing: float) -> float:
    """Mean over both people of the share of a recording that a cause concerns."""
    people = dict.fromkeys(r["person"] for r in rows)
    found = {r["person"]: r["share"] for r in rows if r["cause"] == cause}
    shares = [found.get(p, missing) for p in people]
    return math.fsum(shares) / len(shares) if shares else math.nan


def _synchrony(
    results: Results,
    pairs: Sequence[Mapping[str, Any]],
    number: int,
    members: Sequence[Planned],
    group: tuple[str, str],
) -> dict[str, Any]:
    """The first statistic of a step over the dyads of a group, beside its own chance."""
    step, recipe = results.recipe.synchrony[number], results.recipe
    first, there = method_list.get(step.method).statistics[0].name, {m.id for m in members}
    named = [s.name for s in recipe.surrogates]
    chance = STRANGERS if STRANGERS in named else next(iter(named), "")
    mine = [
        r
        for r in pairs
        if (r["step"], r["statistic"], r["surrogate"]) == (number, first, chance)
        and r["session"] in there
    ]
    both = np.array([[r["value"], r.get("null_mean", math.nan)] for r in mine]).reshape(-1, 2)
    sound = np.isfinite(both).all(axis=1)
    dyads = [r["dyad"] for r, good in zip(mine, sound, strict=True) if good]
    _, means = by_dyad(both[sound], dyads) if dyads else ([], np.empty((0, 2)))
    apart, n = means[:, 0] - means[:, 1], len(means)
    row: dict[str, Any] = {
        "what": "synchrony",
        "step": number,
        "method": step.method,
        "statistic": first,
        "surrogate": chance,
        "n_dyads": n,
        "n_sessions": int(sound.sum()),
        "status": f"not tested: {n} of at least {recipe.corpus.min_dyads} dyads",
    }
    if not n:
        return row
    low, high = _interval(apart, results, "synchrony", str(number), *group)
    row |= {
        "value": float(means[:, 0].mean()),
        "null_mean": float(means[:, 1].mean()),
        "difference": float(apart.mean()),
        "low": low,
        "high": high,
    }
    if n < recipe.corpus.min_dyads:
        return row
    rng = rng_for(recipe.seed, "groups", "flips", number, *group)
    return row | {"p_two": sign_flip(apart, rng).p_two, "status": "ok"}


def _interval(means: Array, results: Results, *about: str) -> tuple[float, float]:
    """BCa bootstrap interval of the mean over dyads; NaN under four."""
    rng = rng_for(results.recipe.seed, "groups", *about)
    return bca_interval(means, lambda s: s.mean(axis=1), rng, draws=results.recipe.corpus.bootstrap)
