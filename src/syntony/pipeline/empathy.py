"""Questionnaires of a run: scores, and their link with the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.core.session import Answers
from syntony.link.definitions import known_instruments
from syntony.link.dyadic import link_score, sensitivity
from syntony.link.finding import Finding
from syntony.link.instruments.registry import Instrument
from syntony.pipeline.corpus import observed
from syntony.pipeline.filled import Filled
from syntony.pipeline.pairs import Results, draws_of
from syntony.pipeline.questionnaires import Scored, questionnaire_tables, score_filled
from syntony.synchrony import registry as method_list


def score_rows(results: Results) -> tuple[list[dict[str, Any]], list[Note]]:
    """Score every questionnaire of the run.

    Returns
    -------
    rows : list of dict
        Rows of ``scores``.
    notes : list of Note
        Questionnaires that could not be scored, and why.
    """
    _, rows, notes = score_filled(filled_of(results), known_to(results.recipe))
    return rows, notes


def questionnaires_of(results: Results) -> Scored:
    """Scores of the run with their reliability, change and likeness."""
    recipe = results.recipe
    roles = recipe.roles or ()
    return questionnaire_tables(filled_of(results), known_to(recipe), recipe, roles=roles)


def known_to(recipe: Recipe) -> dict[str, Instrument]:
    """The list of questionnaires with the lab's keys and definitions."""
    return known_instruments(recipe.questionnaires.definitions, recipe.empathy.keys)


def filled_of(results: Results) -> list[Filled]:
    """Every questionnaire of the sessions asked about, in the order of the plan."""
    filled: list[Filled] = []
    for index in results.asked:
        planned, facts = results.plan.sessions[index], results.facts[index]
        roles = {p.id: p.role for p in (planned.first, planned.second)}
        began, stop_s = planned.started_at, facts.get("session_stop_s", np.nan)
        ended = began + timedelta(seconds=stop_s) if began and np.isfinite(stop_s) else None
        filled += [Filled.of(Answers(**a), planned, roles, ended) for a in facts["answers"]]
    return filled


def empathy_findings(results: Results, scores: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Every step's first statistic beside the chosen score, and its sensitivity to chance."""
    chosen = chosen_scores(results, scores)
    if not chosen:
        return
    label = f"{chosen[0]['instrument']}.{chosen[0]['scale']}"
    by_session: dict[str, list[float]] = {}
    for row in chosen:
        by_session.setdefault(row["session"], []).append(row["value"])
    rated = np.array(
        [
            float(np.mean(by_session.get(results.plan.sessions[i].id, [np.nan])))
            for i in results.asked
        ]
    )
    for number, step in enumerate(results.recipe.synchrony):
        for column, name in linked(results, number):
            index, dyads = observed(results, number, column)
            facts: dict[str, Any] = {
                "label": label,
                "step": number,
                "method": step.method,
                "statistic": name,
                "bootstrap": results.recipe.empathy.bootstrap,
            }
            rng = rng_for(results.recipe.seed, "empathy", number, column)
            yield link_score(index, rated, dyads, rng, **facts)
            chance = {
                item.name: _chance(results, number, column, item.name)
                for item in results.recipe.surrogates
            }
            yield from sensitivity(index, rated, dyads, rng, chance=chance, **facts)


def linked(results: Results, number: int) -> list[tuple[int, str]]:
    """Place and name of the statistic of a step that is linked: the first."""
    first = method_list.get(results.recipe.synchrony[number].method).statistics[0]
    return [(0, first.name)]


def chosen_scores(results: Results, scores: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The scores that the recipe links: one instrument, scale and person rated."""
    wanted = results.recipe.empathy
    instrument = wanted.instrument or (scores[0]["instrument"] if scores else "")
    left = [s for s in scores if s["instrument"] == instrument]
    scale = wanted.scale or (left[0]["scale"] if left else "")
    left = [s for s in left if s["scale"] == scale]
    if wanted.about:
        people = {
            p.id
            for s in results.plan.sessions
            for p in (s.first, s.second)
            if p.role == wanted.about
        }
        left = [s for s in left if s["about"] in people]
    return left


def _chance(results: Results, number: int, column: int, name: str) -> tuple[Array, Array]:
    """Mean and SD of a surrogate in every session."""
    means, spreads = [], []
    for index in results.asked:
        draws = draws_of(results, index, number, column, name)
        draws = draws[np.isfinite(draws)]
        means.append(draws.mean() if draws.size else np.nan)
        spreads.append(draws.std(ddof=1) if draws.size > 1 else np.nan)
    return np.array(means), np.array(spreads)
