"""Ratings of a run: how accurate perceivers were, beside strangers and rotations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Ratings
from syntony.core.arrays import Array, Bools
from syntony.core.evidence import Evidence
from syntony.core.rated import RATERS, SELF
from syntony.core.seeds import rng_for
from syntony.link.accuracy.continuous import HALVES, bias_of, half_of
from syntony.link.accuracy.pooling import blocks_in, pooled
from syntony.link.accuracy.reaction import lag_profiles, reaction_lag
from syntony.link.accuracy.study import (
    ROTATION,
    STRANGERS,
    Compared,
    Comparison,
    against_rotations,
    against_strangers,
    compare,
)
from syntony.link.accuracy.truth_bias import TERMS, TruthBias, truth_and_bias
from syntony.link.finding import Finding
from syntony.link.intervals import by_dyad
from syntony.pipeline.corpus import block_of
from syntony.pipeline.pairs import Results, chance
from syntony.pipeline.plan import Planned
from syntony.pipeline.rated import RatedStudy, read_ratings
from syntony.pipeline.raters import agreement_rows
from syntony.surrogates.decision import evidence

ACCURACY, SIMILARITY, ASSUMED = "accuracy", "similarity", "assumed_similarity"
SAME = "Both ratings are the same recording: no accuracy can be read from them."
BIAS, REACTION, MODEL = "bias", "reaction_lag", "truth_and_bias"


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """Two ratings that are compared in every session.

    ``first`` is the later in meaning: the perceiver's rating (or their own state); ``second`` the
    truth. ``perceiver`` and ``target`` are roles, ``owners`` the roles whose rows they are.
    """

    name: str
    perceiver: str
    target: str
    what: str
    first: Array
    second: Array
    is_forward: bool  # whether the perceiver is the first person of the pair


@dataclass(frozen=True, kw_only=True, eq=False)
class Accuracies:
    """What the ratings of a run said: rows of both tables, findings, and z by session.

    ``by_session`` maps a perceiver's role to Fisher z of every session asked about.
    """

    rating_rows: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    by_session: dict[str, Array] = field(default_factory=dict)


def accuracies_of(folder: Path, results: Results) -> Accuracies:
    """Rows and findings of every comparison of ratings that the run allows."""
    asked = [results.plan.sessions[i] for i in results.asked]
    rating_rows = [
        {"session": s.id, "dyad": s.dyad} | row
        for i, s in zip(results.asked, asked, strict=True)
        for row in results.facts[i].get("ratings", ())
    ]
    wanted = results.recipe.ratings
    held = read_ratings(folder, asked, wanted.rate_hz)
    if not held.columns:
        return Accuracies(rating_rows=rating_rows)
    rating_rows += list(agreement_rows(results, held, asked))
    what = wanted.what or held.whats[0]
    rows, findings, by_session = [], [], {}
    for measure in measures_of(held, asked, wanted, what):
        found = _compared(results, asked, measure)
        rows += list(_rows(results, asked, measure, found))
        findings += list(_findings(results, asked, measure, found))
        if measure.name == ACCURACY:
            by_session[measure.perceiver] = found.z
            rows += _bias_rows(asked, measure)
            findings += list(_biases(results, asked, measure))
            findings += list(_models(results, held, asked, measure))
    findings += list(_reactions(results, held, asked, what))
    return Accuracies(rating_rows=rating_rows, rows=rows, findings=findings, by_session=by_session)


def measures_of(
    held: RatedStudy, asked: Sequence[Planned], wanted: Ratings, what: str
) -> Iterator[Measure]:
    """Every comparison for which somebody gave the two ratings."""
    roles = asked[0].first.role, asked[0].second.role
    for perceiver, target in (roles, roles[::-1]):
        facts: dict[str, Any] = {
            "perceiver": perceiver,
            "target": target,
            "what": what,
            "is_forward": perceiver == roles[0],
        }
        perceived = held.rating(target, what, perceiver)
        truth = held.rating(target, what, RATERS if wanted.truth == RATERS else SELF)
        own = held.rating(perceiver, what, SELF)
        if perceived is not None and truth is not None:
            yield Measure(name=ACCURACY, first=perceived, second=truth, **facts)
            for half in HALVES:
                cut = np.stack([half_of(row, half, wanted.neutral) for row in truth])
                yield Measure(name=f"{ACCURACY}_{half}", first=perceived, second=cut, **facts)
        if perceived is not None and own is not None:
            yield Measure(name=ASSUMED, first=perceived, second=own, **facts)
        if perceiver == roles[1] and own is not None:
            theirs = held.rating(target, what, SELF)
            if theirs is not None:
                yield Measure(name=SIMILARITY, first=own, second=theirs, **facts)


def _comparison(results: Results) -> Comparison:
    """How the recipe wants ratings compared."""
    wanted = results.recipe.ratings
    names = ("rate_hz", "lag", "lag_s", "max_lag_s", "min_valid_s", "rotations", "min_rotation_s")
    return Comparison(**{name: getattr(wanted, name) for name in names})


def _compared(results: Results, asked: Sequence[Planned], measure: Measure) -> Compared:
    return compare(
        measure.first,
        measure.second,
        [s.dyad for s in asked],
        _comparison(results),
        seed=results.recipe.seed,
        names=[f"{s.id} {measure.perceiver} {measure.name}" for s in asked],
    )


def _allowed(results: Results, measure: Measure) -> Bools | None:
    """Whose rating may be laid beside whose: perceiver by target; None without strangers."""
    mask = results.plan.allowed.get(STRANGERS)
    if mask is None:
        return None
    here = mask[np.ix_(results.asked, results.asked)]
    return here if measure.is_forward else here.T


def _people(asked: Sequence[Planned], measure: Measure) -> tuple[list[str], list[str]]:
    """Ids of perceivers and of targets."""
    first, second = [s.first.id for s in asked], [s.second.id for s in asked]
    return (first, second) if measure.is_forward else (second, first)


def _rows(
    results: Results, asked: Sequence[Planned], measure: Measure, found: Compared
) -> Iterator[dict[str, Any]]:
    """Rows of ``accuracy``: one per session and kind of chance."""
    allowed, people = _allowed(results, measure), _people(asked, measure)
    for k, planned in enumerate(asked):
        z = float(found.z[k])
        base = {
            "session": planned.id,
            "dyad": planned.dyad,
            "measure": measure.name,
            "what": measure.what,
            "perceiver": measure.perceiver,
            "target": measure.target,
            "person_perceiver": people[0][k],
            "person_target": people[1][k],
            "value": math.tanh(z) if math.isfinite(z) else math.nan,
            "fisher_z": z,
            "unit": "fisher_z",
            "lag_s": float(found.lag_s[k]),
            "seconds": float(found.seconds[k]),
            "coverage": float(found.share[k]),
            "note": "",
        }
        for tested in _chances(results, found, allowed, k):
            yield base | tested | ({"note": SAME} if found.same[k] else {})


def _chances(
    results: Results, found: Compared, allowed: Bools | None, k: int
) -> Iterator[dict[str, Any]]:
    """The chance side of a row, on the scale of Fisher z."""
    z, seed = float(found.z[k]), results.recipe.seed
    if allowed is not None:
        there = allowed[k]
        drawn = z + found.strangers[k, there] - found.cuts[k, there]
        yield _told(evidence(z, drawn, STRANGERS, seed), "nobody is an admissible stranger")
    turned = found.rotations[k]
    drawn = turned if np.isfinite(turned).any() else np.empty(0)
    yield _told(evidence(z, drawn, ROTATION, seed), "too short to be rotated")


def _told(found: Evidence, why: str) -> dict[str, Any]:
    """Columns of a row that say what chance gives, or why it says nothing."""
    return chance(found) | {"note": "" if found.null.size else f"No draws: {why}."}


def _facts(measure: Measure, results: Results) -> dict[str, Any]:
    """Fields of a finding that say what it is about."""
    return {
        "finding": ACCURACY,
        "label": f"{measure.perceiver}.{measure.name}",
        "statistic": "fisher_z",
        "detail": {
            "measure": measure.name,
            "perceiver": measure.perceiver,
            "target": measure.target,
            "what": measure.what,
            "lag": results.recipe.ratings.lag,
        },
    }


def _findings(
    results: Results, asked: Sequence[Planned], measure: Measure, found: Compared
) -> Iterator[Finding]:
    """One measure over dyads, beside each kind of chance."""
    dyads, facts, corpus = [s.dyad for s in asked], _facts(measure, results), results.recipe.corpus
    allowed, blocks = _allowed(results, measure), block_of(results)
    if allowed is not None:
        yield against_strangers(
            found,
            dyads,
            allowed,
            _people(asked, measure),
            rng_for(results.recipe.seed, ACCURACY, measure.perceiver, measure.name),
            facts=facts,
            draws=corpus.derangements,
            bootstrap=corpus.bootstrap,
            min_dyads=corpus.min_dyads,
            block_of=blocks,
        )
    yield against_rotations(found, dyads, facts=facts, min_dyads=corpus.min_dyads, block_of=blocks)


def _biases_by_session(measure: Measure) -> Array:
    return np.array([bias_of(a, b) for a, b in zip(measure.first, measure.second, strict=True)])


def _bias_rows(asked: Sequence[Planned], measure: Measure) -> list[dict[str, Any]]:
    """Rows of the mean difference; chance says nothing of it."""
    people = _people(asked, measure)
    return [
        {
            "session": s.id,
            "dyad": s.dyad,
            "measure": BIAS,
            "what": measure.what,
            "perceiver": measure.perceiver,
            "target": measure.target,
            "person_perceiver": people[0][k],
            "person_target": people[1][k],
            "value": float(value),
            "unit": "rating",
            "surrogate": "",
            "note": "",
        }
        for k, (s, value) in enumerate(zip(asked, _biases_by_session(measure), strict=True))
    ]


def _biases(results: Results, asked: Sequence[Planned], measure: Measure) -> Iterator[Finding]:
    """Mean difference over dyads, with its interval and no p: it is a size, not a test."""
    yield _sized(results, asked, measure, BIAS, _biases_by_session(measure))


def _models(
    results: Results, held: RatedStudy, asked: Sequence[Planned], measure: Measure
) -> Iterator[Finding]:
    """Coefficients of the truth-and-bias model, fitted by session and pooled over dyads."""
    own = held.rating(measure.perceiver, measure.what, SELF)
    least = _comparison(results).least
    fits: list[TruthBias] = []
    for k in range(len(asked)):
        state = None if own is None or not np.isfinite(own[k]).any() else own[k]
        fits.append(truth_and_bias(measure.first[k], measure.second[k], state, least=least))
    refused = [f"{s.id}: {f.status}" for s, f in zip(asked, fits, strict=True) if f.status != "ok"]
    for term in TERMS:
        values = np.array([getattr(f, term) for f in fits])
        if np.isfinite(values).any():
            found = _sized(results, asked, measure, f"{MODEL}.{term}", values, finding=MODEL)
            yield replace(found, detail={**found.detail, "not_fitted": refused[:20]})


def _sized(
    results: Results,
    asked: Sequence[Planned],
    measure: Measure,
    name: str,
    values: Array,
    finding: str = ACCURACY,
) -> Finding:
    """One number per session as a mean over dyads with its interval."""
    names, means = by_dyad(values, [s.dyad for s in asked])
    level = pooled(means, blocks=blocks_in(names, block_of(results)))
    return Finding(
        finding=finding,
        label=f"{measure.perceiver}.{name.removeprefix(f'{MODEL}.')}",
        statistic=name,
        n_dyads=level.n,
        n_sessions=int(np.isfinite(values).sum()),
        value=level.value,
        low=level.low,
        high=level.high,
        detail={
            "measure": name,
            "perceiver": measure.perceiver,
            "target": measure.target,
            "what": measure.what,
            "dyads": names,
            "values": means,
            "sd": level.sd,
            "blocks": level.blocks,
        },
    )


def _reactions(
    results: Results, held: RatedStudy, asked: Sequence[Planned], what: str
) -> Iterator[Finding]:
    """By how much one rating is later than another of the same person's feeling."""
    wanted = results.recipe.ratings
    most = math.floor(wanted.reaction_search_s * wanted.rate_hz + 1e-9)
    if most < 1:
        return
    lags, dyads = range(-most, most + 1), [s.dyad for s in asked]
    for target in (asked[0].first.role, asked[0].second.role):
        truth = held.rating(target, what, SELF)
        others = [asked[0].first.role, asked[0].second.role, RATERS]
        for rater in others:
            rating = held.rating(target, what, rater) if rater != target else None
            if truth is None or rating is None:
                continue
            least = _comparison(results).least
            profiles = lag_profiles(rating, truth, lags=lags, least=least)
            names, means = by_dyad(profiles, dyads)
            found = reaction_lag(
                means,
                np.array(lags) / wanted.rate_hz,
                rng_for(results.recipe.seed, REACTION, target, rater),
                bootstrap=results.recipe.corpus.bootstrap,
                blocks=blocks_in(names, block_of(results)),
            )
            yield Finding(
                finding=REACTION,
                label=f"{rater} after {target}",
                statistic="lag_s",
                n_dyads=found.n_dyads,
                n_sessions=int(np.isfinite(profiles).all(axis=1).sum()),
                value=found.value_s,
                low=found.low_s,
                high=found.high_s,
                status=found.status if found.status == "ok" else f"not testable: {found.status}",
                detail={
                    "rater": rater,
                    "target": target,
                    "what": what,
                    "lag_s": found.lag_s,
                    "profile": found.profile,
                    "resolution_s": 1 / wanted.rate_hz,
                    "lag": wanted.lag,
                    "dyads": names,
                    "blocks": found.n_blocks,
                },
            )
