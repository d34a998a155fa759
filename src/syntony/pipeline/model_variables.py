"""What a recipe's models read: by which names it asks for scores, indices and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syntony.config import Model, Recipe
from syntony.core.errors import InputError
from syntony.link.models.mediation import check_order
from syntony.link.models.registry import get
from syntony.synchrony import registry as method_list

INDEX, SCORE, EXTERNAL = "index", "score", "external"
TIMES = {INDEX: 0.0, SCORE: 1.0, EXTERNAL: 1.0}
"""When each kind is measured: synchrony during the session, scores after it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable that a recipe names: its kind, and how it is found."""

    kind: str
    name: str
    step: int = -1
    column: int = -1
    role: str = ""


def settle_models(recipe: Recipe) -> Recipe:
    """Fill in the options of every model; refuse what cannot be right before any work is done.

    Raises
    ------
    InputError
        If a model, option or column is not known, or a mediator is measured in the same window
        as synchrony.
    """
    if recipe.models is None:
        return recipe
    out = []
    for asked in recipe.models:
        entry = get(asked.model)
        options = entry.settle(asked.options)
        known = {c.name for c in entry.columns}
        strange = sorted(set(asked.variables) - known)
        if strange and not entry.more:
            raise InputError(f"models.variables of {asked.title}", strange, f"of {sorted(known)}")
        for text in (asked.outcome, asked.predictor, *asked.variables.values()):
            if text:
                variable_of(text, recipe)
        if "roles" in options and tuple(options["roles"]) == ("first", "second"):
            options["roles"] = tuple(_plain(r) for r in recipe.roles or ("first", "second"))
        if asked.model == "mediation":
            options["times"] = _times(asked, recipe, options)
        out.append(asked.model_copy(update={"options": options}))
    return recipe.model_copy(update={"models": tuple(out)})


def _plain(role: str) -> str:
    """A role as part of a column's name in R."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in role)


def _times(asked: Model, recipe: Recipe, options: Mapping[str, Any]) -> tuple[float, ...]:
    """When synchrony, mediator and outcome are measured; refused where that is no order."""
    given = options["times"]
    texts = (asked.predictor, asked.variables.get("mediator", ""), asked.outcome)
    kinds = (INDEX, SCORE, SCORE)
    found = [variable_of(t, recipe).kind if t else k for t, k in zip(texts, kinds, strict=True)]
    times = tuple(given) if given is not None else tuple(TIMES[k] for k in found)
    check_order(times, options["mediator_later"], options["outcome_later"])  # type: ignore[arg-type]
    return times


def variable_of(text: str, recipe: Recipe) -> Variable:
    """Find out what a recipe means by a name.

    Raises
    ------
    InputError
        If it is neither a statistic of a step, nor a scale, nor a column of sessions.tsv.

    Examples
    --------
    >>> variable_of("marci.ssi", Recipe()).kind, variable_of("blri.empathy@patient", Recipe()).role
    ('index', 'patient')
    """
    head, dot, tail = text.partition(".")
    if not (head and dot and tail):
        raise InputError("models", text, "instrument.scale, method.statistic or sessions.column")
    if head == "sessions":
        return Variable(EXTERNAL, tail)
    tail, _, which = tail.partition("@")
    steps = [k for k, s in enumerate(recipe.synchrony) if s.method == head]
    if not steps:
        return Variable(SCORE, f"{head}.{tail}", role=which)
    names = [s.name for s in method_list.get(head).statistics]
    if tail not in names:
        raise InputError("models", text, f"{head}. and one of {names}")
    if len(steps) > 1 and not which:
        raise InputError("models", text, f"{text}@ and the number of the step, one of {steps}")
    step = int(which) if which.isdigit() else steps[0]
    return Variable(INDEX, f"{head}.{tail}", step=step, column=names.index(tail))


def texts_of(asked: Model, recipe: Recipe, chosen: str) -> dict[str, str]:
    """What each column of a model is, as a recipe would name it.

    Parameters
    ----------
    asked : Model
    recipe : Recipe
        Settled.
    chosen : str
        The score that ``empathy`` names.
    """
    first = recipe.synchrony[0].method
    sync = asked.predictor or f"{first}.{method_list.get(first).statistics[0].name}"
    if not asked.predictor and sum(s.method == first for s in recipe.synchrony) > 1:
        sync += "@0"
    entry = get(asked.model)
    names = {c.name for c in entry.columns}
    texts = {c.name: c.default for c in entry.columns if c.default}
    if "outcome" in names:
        texts["outcome"] = asked.outcome or chosen
    if "sync" in names:
        texts["sync"] = sync
    elif asked.predictor:
        shared = variable_of(asked.predictor, recipe).kind != SCORE or "actor" not in names
        texts["sync" if shared else "actor"] = asked.predictor
    texts |= asked.variables
    lacking = [c.name for c in entry.columns if c.required and not texts.get(c.name)]
    if lacking:
        raise InputError(
            f"models.variables of {asked.title}", sorted(asked.variables), f"{lacking} too"
        )
    return texts
