"""From columns to terms: fit, interval, second opinion, checks; the road of every mixed model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.layout import Random, lay_out
from syntony.link.models.reml import Fit, fit
from syntony.link.models.small_sample import (
    degrees_of_freedom,
    flipped,
    spread_of_variances,
    t_term,
)
from syntony.link.models.values import Term

MIN_DYADS = 6
MIN_THERAPISTS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """What is to be fitted.

    Attributes
    ----------
    y : ndarray, shape (n,)
    x : mapping of str to ndarray, shape (n,)
        The fixed part, intercept included.
    random : sequence of Random
        The last is the residual.
    cluster, dyad : sequence, length n
        Rows of different clusters are independent.
    keys : tuple of str
        Terms that the model was asked; they get the second opinion.
    untested : mapping of str to str
        Terms that stay in the model and are not tested, with the reason.
    contrasts : mapping of str to mapping of str to float
        Further terms: weighted sums of coefficients.
    """

    y: Array
    x: Mapping[str, Array]
    random: Sequence[Random]
    cluster: Sequence[object]
    dyad: Sequence[str]
    keys: tuple[str, ...]
    untested: Mapping[str, str] = field(default_factory=dict)
    contrasts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What was found; ``status`` as in ``Fitted``, ``fit`` None where nothing was fitted."""

    status: str = "ok"
    fit: Fit | None = None
    names: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    random: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    method: str = ""
    ask: Ask | None = None


def answer(ask: Ask, rng: np.random.Generator) -> Answer:
    """Fit a mixed model and put its terms together, or say why that cannot be done."""
    names, left = independent(ask.x)
    notes = [f"{n} is told by the other predictors and was left out." for n in left]
    lost = [k for k in ask.keys if k in left]
    if lost:
        return Answer(
            status=f"not testable: {', '.join(lost)} is told by the other predictors",
            notes=tuple(notes),
        )
    x = np.column_stack([ask.x[n] for n in names])
    if ask.y.size < x.shape[1] + 3:
        why = f"{ask.y.size} rows for {x.shape[1]} coefficients"
        return Answer(status=f"not testable: {why}", notes=tuple(notes))
    if np.ptp(ask.y) == 0:
        return Answer(status="not testable: the outcome is the same everywhere", notes=tuple(notes))
    found = fit(lay_out(ask.y, x, ask.cluster, ask.random))
    if not found.converged:
        return Answer(
            status="not testable: the model did not converge",
            notes=(*notes, ASTRAY),
        )
    if found.singular:
        notes.append(SINGULAR)
    return Answer(
        fit=found,
        names=names,
        terms=_terms(ask, names, found, rng),
        random=variances(ask.random, found),
        notes=tuple(notes),
        method="REML; t with Satterthwaite's degrees of freedom",
        ask=ask,
    )


ASTRAY = (
    "The search for the variances did not end at a maximum: no number of this model is given. "
    "Fewer random effects, or more sessions a dyad, are needed."
)
SINGULAR = (
    "Singular fit: a variance of the random part is estimated as 0, or a correlation as 1. That is "
    "what these data give for it, not proof that there is none; the intervals allow for it."
)


def independent(x: Mapping[str, Array]) -> tuple[tuple[str, ...], list[str]]:
    """Columns that no earlier column tells, and those that are told.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> independent({"intercept": ones, "a": np.array([1.0, 2, 4]), "b": 2 * ones})
    (('intercept', 'a'), ['b'])
    """
    kept: list[str] = []
    left: list[str] = []
    basis: list[Array] = []
    for name, column in x.items():
        rest = column.astype(np.float64)
        size = np.linalg.norm(rest)
        for _ in range(2):
            for b in basis:
                rest = rest - b * float(b @ rest)
        if size > 0 and np.linalg.norm(rest) > 1e-8 * size:
            kept.append(name)
            basis.append(rest / np.linalg.norm(rest))
        else:
            left.append(name)
    return tuple(kept), left


def _terms(
    ask: Ask, names: tuple[str, ...], found: Fit, rng: np.random.Generator
) -> tuple[Term, ...]:
    """Every coefficient and contrast with interval and p."""
    spread = spread_of_variances(found)
    weights = {n: {n: 1.0} for n in names} | {
        k: w for k, w in ask.contrasts.items() if set(w) <= set(names)
    }
    terms = []
    for name, parts in weights.items():
        if name in ask.untested:
            why = ask.untested[name]
            terms.append(Term(name=name, estimate=float("nan"), status=f"not testable: {why}"))
            continue
        contrast = np.array([parts.get(n, 0.0) for n in names])
        key = name in ask.keys
        terms.append(
            t_term(
                name,
                float(contrast @ found.beta),
                float(np.sqrt(max(contrast @ found.phi @ contrast, 0.0))),
                degrees_of_freedom(found, spread, contrast),
                key=key,
                spread=float(ask.x[name].std()) if name in names else np.nan,
                p_flip=flipped(found, names.index(name), rng) if key and name in names else np.nan,
            )
        )
    return tuple(terms)


def variances(random: Sequence[Random], found: Fit) -> dict[str, float]:
    """Variances and correlations of the random part, by name."""
    out: dict[str, float] = {}
    k = 0
    for part in random:
        size = len(part.effects)
        table = np.zeros((size, size))
        for a in range(size):
            for b in range(a, size):
                table[a, b] = table[b, a] = found.variances[k]
                k += 1
        for a, name in enumerate(part.effects):
            out[f"sd {part.name} {name}".strip()] = float(np.sqrt(max(table[a, a], 0.0)))
        for a in range(size):
            for b in range(a + 1, size):
                both = table[a, a] * table[b, b]
                r = table[a, b] / np.sqrt(both) if both > 0 else np.nan
                out[f"r {part.name} {part.effects[a]} {part.effects[b]}"] = float(r)
    return out


def residual(n: int) -> Random:
    """The residual: one of its own for every row."""
    return Random(name="residual", effects=("",), group=range(n), z=np.ones((n, 1)))


def intercept(name: str, group: Sequence[object]) -> Random:
    """A random intercept."""
    return Random(name=name, effects=("intercept",), group=group, z=np.ones((len(group), 1)))
