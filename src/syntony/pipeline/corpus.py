"""Over dyads: is there more synchrony than strangers show, and who leads?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.seeds import rng_for
from syntony.link.finding import Finding
from syntony.link.intervals import bca_interval, beside, by_dyad, mean_there
from syntony.link.paired import paired_contrast
from syntony.pipeline.pairs import Results, best_lag, leader_of
from syntony.surrogates.blocks import blocks_of, too_few_blocks
from syntony.surrogates.decision import sign_flip
from syntony.surrogates.registry import takes_partners
from syntony.surrogates.study import StudyTest, study_test
from syntony.surrogates.study import by_dyad as dyads_of
from syntony.surrogates.within_dyads import SessionsTest, sessions_test
from syntony.synchrony import registry as method_list

ALPHA = 0.05
SESSIONS = "pseudo_sessions"
LAG = "best_lag_s"  # a lag is no amount of synchrony: leader_findings speaks of it


def synchrony_findings(results: Results) -> Iterator[Finding]:
    """Every statistic of every step against every surrogate, over dyads."""
    for number, step in enumerate(results.recipe.synchrony):
        for column, statistic in enumerate(method_list.get(step.method).statistics):
            if statistic.name == LAG:
                continue
            facts: dict[str, Any] = {
                "finding": "synchrony",
                "label": statistic.name,
                "statistic": statistic.name,
                "step": number,
                "method": step.method,
            }
            for item in results.recipe.surrogates:
                yield against(results, number, column, item.name, facts)


def against(
    results: Results, number: int, column: int, name: str, facts: dict[str, Any]
) -> Finding:
    """The mean of one statistic against one surrogate, by the test that suits it."""
    if name == SESSIONS:
        return against_sessions(results, number, column, facts)
    if takes_partners(name):
        return against_partners(results, number, column, name, facts)
    return against_own(results, number, column, name, facts)


def observed(results: Results, number: int, column: int) -> tuple[Array, list[str]]:
    """One index per session asked about, and its dyad."""
    values = [results.blocks[i][f"step{number}_stats"][column] for i in results.asked]
    return np.array(values), [results.plan.sessions[i].dyad for i in results.asked]


def against_partners(
    results: Results, number: int, column: int, name: str, facts: dict[str, Any]
) -> Finding:
    """The mean index against role-keeping derangements of the dyads, under one rule."""
    recipe, asked = results.recipe, results.asked
    values, dyads = observed(results, number, column)
    here = np.ix_(asked, asked)
    pseudo, real_cut = (m[..., column][here] for m in results.pseudo(number))
    names, real, pseudo, real_cut, allowed = dyads_of(
        dyads, values, pseudo, real_cut, results.plan.allowed[name][here]
    )
    rng = rng_for(recipe.seed, "study", name, number, column)
    found = study_test(
        real,
        pseudo,
        real_cut,
        allowed,
        rng,
        draws=recipe.corpus.derangements,
        bootstrap=recipe.corpus.bootstrap,
        min_dyads=recipe.corpus.min_dyads,
        labels=names,
        people=_people_of(results, names),
    )
    return Finding(
        **facts,
        **_against_re_pairings(found, _interval(real, results, name, number, column)),
        surrogate=name,
        n_sessions=len(asked),
        null_mean=beside(found.observed, found.null).mean,
        cliffs_delta=found.delta,
        cliffs_delta_low=found.delta_low,
        cliffs_delta_high=found.delta_high,
        superiority=(found.delta + 1) / 2,
        detail={
            "pseudo_pairs": found.n_pairs,
            "pseudo_pairs_missing": found.n_pairs_missing,
            "dyads_missing": found.n_missing,
            "dyads_without_strangers": found.n_alone,
            "floor": found.floor,
            "p_one_undrawn": found.p_plain,
            "spread": found.spread,
            "sign_flip": _flips(found.differences, rng, blocks_over(results, names)),
        },
    )


def against_sessions(results: Results, number: int, column: int, facts: dict[str, Any]) -> Finding:
    """The mean index of dyads in the sessions they shared against re-pairings of these."""
    recipe, asked = results.recipe, results.asked
    values, dyads = observed(results, number, column)
    here = np.ix_(asked, asked)
    pseudo, real_cut = (m[..., column][here] for m in results.pseudo(number))
    rng = rng_for(recipe.seed, "study", SESSIONS, number, column)
    found = sessions_test(
        values,
        pseudo,
        real_cut,
        results.plan.allowed[SESSIONS][here],
        dyads,
        rng,
        draws=recipe.corpus.derangements,
        bootstrap=recipe.corpus.bootstrap,
        min_dyads=recipe.corpus.min_dyads,
    )
    names = list(dict.fromkeys(dyads))
    return Finding(
        **facts,
        **_against_re_pairings(found, _interval(found.real, results, SESSIONS, number, column)),
        surrogate=SESSIONS,
        n_sessions=found.n_sessions,
        null_mean=found.pseudo,
        detail={
            "pseudo_pairs": found.n_pairs,
            "sessions_missing": found.n_missing,
            "dyads_with_one_session": found.n_alone,
            "floor": found.floor,
            "all_re_pairings": found.exact,
            "sign_flip": _flips(found.differences, rng, blocks_over(results, names)),
        },
    )


def _against_re_pairings(
    found: StudyTest | SessionsTest, interval: tuple[float, float]
) -> dict[str, Any]:
    """What a finding says of either test by re-pairing: level, chance, effect, p."""
    where = beside(found.observed, found.null)
    low, high = interval
    shared = ("n_dyads", "z", "d", "d_low", "d_high", "p_one", "p_two", "draws", "status")
    return {name: getattr(found, name) for name in shared} | {
        "value": found.observed,
        "low": low,
        "high": high,
        "null_low": where.low,
        "null_high": where.high,
    }


def _people_of(results: Results, dyads: Sequence[str]) -> tuple[list[str], list[str]]:
    """Who is first and second in each dyad; several in one role count as one person."""
    sessions = [results.plan.sessions[i] for i in results.asked]
    first = [sorted({s.first.id for s in sessions if s.dyad == d}) for d in dyads]
    second = [sorted({s.second.id for s in sessions if s.dyad == d}) for d in dyads]
    return ["+".join(ids) for ids in first], ["+".join(ids) for ids in second]


def blocks_over(results: Results, dyads: Sequence[str]) -> list[int]:
    """Block of each dyad: dyads of one therapist, or that share anybody else, are one."""
    first, second = _people_of(results, dyads)
    people = [{*a.split("+"), *b.split("+")} for a, b in zip(first, second, strict=True)]
    return list(blocks_of(people))


def block_of(results: Results) -> dict[str, int]:
    """Block of every dyad of the run, by name, as :func:`blocks_over` numbers them."""
    names = list(dict.fromkeys(results.plan.sessions[i].dyad for i in results.asked))
    return dict(zip(names, blocks_over(results, names), strict=True))


def _flips(apart: Array, rng: np.random.Generator, blocks: Sequence[int]) -> dict[str, Any]:
    """Sign-flip test of one value per dyad, blocks of shared people turned together.

    ``status`` says so where there are too few blocks, and p is missing.
    """
    has = np.isfinite(apart)
    there, shared = apart[has], [b for b, h in zip(blocks, has, strict=True) if h]
    if there.size < 2:
        return {}
    many = {"n": there.size, "blocks": len(set(shared))}
    if why := too_few_blocks(many["blocks"], there.size):
        return many | {"status": why}
    found = sign_flip(there, rng, blocks=shared)._asdict()
    return found | many | {"floor": 2.0 ** (1 - many["blocks"])}


def against_own(
    results: Results, number: int, column: int, name: str, facts: dict[str, Any]
) -> Finding:
    """The mean index against the same surrogate drawn in every session together."""
    usable = [i for i in results.asked if f"step{number}_null_{name}" in results.blocks[i]]
    refused = [i for i in results.asked if f"refused_{name}" in results.blocks[i]]
    if not usable:
        why = str(results.blocks[refused[0]][f"refused_{name}"]) if refused else "no session"
        return Finding(**facts, surrogate=name, status=f"not testable: {why}")
    values = np.array([results.blocks[i][f"step{number}_stats"][column] for i in usable])
    dyads = [results.plan.sessions[i].dyad for i in usable]
    null = np.array([results.blocks[i][f"step{number}_null_{name}"][:, column] for i in usable])
    both = np.concatenate([values[:, None], null], axis=1)
    names, means = by_dyad(both, dyads)
    level = mean_there(means)
    where = beside(float(level[0]), level[1:])
    low, high = _interval(means[:, 0], results, name, number, column)
    return Finding(
        **facts,
        surrogate=name,
        n_dyads=len(names),
        n_sessions=len(usable),
        value=float(level[0]),
        low=low,
        high=high,
        null_mean=where.mean,
        null_low=where.low,
        null_high=where.high,
        z=where.z,
        p_one=where.p_one,
        p_two=where.p_two,
        draws=null.shape[1],
        detail={
            "refused": len(refused),
            "sign_flip": _flips(
                means[:, 0] - mean_there(means[:, 1:].T),
                rng_for(results.recipe.seed, "flips", name, number, column),
                blocks_over(results, names),
            ),
        },
    )


def _interval(
    means: Array, results: Results, name: str, number: int, column: int
) -> tuple[float, float]:
    """BCa bootstrap interval of the mean over dyads."""
    there = means[np.isfinite(means)]
    if there.size < 3:
        return math.nan, math.nan
    rng = rng_for(results.recipe.seed, "interval", name, number, column)
    return bca_interval(there, lambda s: s.mean(axis=1), rng, draws=results.recipe.corpus.bootstrap)


def leader_findings(results: Results) -> Iterator[Finding]:
    """Lag of the highest point of the mean lag profile, with an interval over dyads.

    A leader is named where the lag exceeds the clock error, its bootstrap interval leaves out
    zero, and the signs of the dyads' own lags agree beyond chance (sign flips, the dyads of a
    therapist turned together).
    """
    for number, step in enumerate(results.recipe.synchrony):
        entry = method_list.get(step.method)
        if entry.profile is None or "lag" not in entry.dims:
            continue
        profiles = np.array([results.blocks[i][f"step{number}_profile"] for i in results.asked])
        lags = results.blocks[results.asked[0]][f"step{number}_lag"]
        dyads = [results.plan.sessions[i].dyad for i in results.asked]
        there = np.isfinite(profiles).all(axis=1)
        names, means = by_dyad(profiles[there], [d for d, t in zip(dyads, there, strict=True) if t])
        yield _leader(results, number, step.method, lags, names, means)


def _leader(
    results: Results, number: int, method: str, lags: Array, names: list[str], means: Array
) -> Finding:
    """Name who leads over dyads, or say that it cannot be told."""
    facts: dict[str, Any] = {
        "finding": "leader",
        "step": number,
        "method": method,
        "statistic": LAG,
        "n_dyads": len(names),
        "n_sessions": len(results.asked),
    }
    if len(names) < results.recipe.corpus.min_dyads:
        least = results.recipe.corpus.min_dyads
        dyads = "dyad" if len(names) == 1 else "dyads"
        why = f"not testable: {len(names)} {dyads}, at least {least} are needed"
        return Finding(**facts, label="", status=why)
    shared = blocks_over(results, names)
    if why := too_few_blocks(len(set(shared)), len(names)):
        return Finding(**facts, label="", status=why)
    rng = rng_for(results.recipe.seed, "leader", number)
    rows = rng.integers(len(names), size=(results.recipe.corpus.bootstrap, len(names)))
    peaks = lags[np.argmax(means[rows].mean(axis=1), axis=1)]
    value = float(lags[int(np.argmax(means.mean(axis=0)))])
    low, high = (float(q) for q in np.quantile(peaks, [0.025, 0.975], method="nearest"))
    errors = [results.clock_error_s(i) for i in results.asked]
    error = float(np.median(errors))
    own = np.array([best_lag(results.blocks[i], number) for i in results.asked])
    others, own = by_dyad(own, [results.plan.sessions[i].dyad for i in results.asked])
    flips = _flips(own, rng, blocks_over(results, others))
    named = leader_of(value, error, results.plan.sessions[0])
    if named not in ("neither", "not resolvable") and not _is_sure(low, high, flips):
        named = "neither"
    return Finding(
        **facts,
        label=named,
        surrogate="sign_flip",
        value=value,
        low=low,
        high=high,
        p_one=flips.get("p_one", math.nan),
        p_two=flips.get("p_two", math.nan),
        draws=flips.get("draws", 0),
        detail={
            "leader": named,
            "clock_error_s": error,
            "blocks": flips.get("blocks"),
            "lag_s": lags,
            "profile": means.mean(axis=0),
            "first_leads_share": float(np.mean(own > 0)),
            "second_leads_share": float(np.mean(own < 0)),
            "roles": [results.plan.sessions[0].first.role, results.plan.sessions[0].second.role],
        },
    )


def _is_sure(low: float, high: float, flips: dict[str, Any]) -> bool:
    """Both the peak's interval and the signs of the dyads' own lags speak for one leader."""
    return not low <= 0 <= high and flips.get("p_two", math.nan) < ALPHA


def contrast_findings(results: Results) -> Iterator[Finding]:
    """The index in one type of session less that in another, within dyads.

    A session that stands in the study under two names (note ``same-recording``) is left out.
    """
    types = results.recipe.corpus.contrast
    if types is None:
        return
    twice = twins(results)
    for number, step in enumerate(results.recipe.synchrony):
        for column, statistic in enumerate(method_list.get(step.method).statistics):
            if statistic.name == LAG:
                continue
            values, dyads = observed(results, number, column)
            names = list(dict.fromkeys(dyads))
            found = paired_contrast(
                np.where(twice, np.nan, values),
                dyads,
                [results.plan.sessions[i].type for i in results.asked],
                rng_for(results.recipe.seed, "contrast", number, column),
                contrast=types,
                step=number,
                method=step.method,
                statistic=statistic.name,
                bootstrap=results.recipe.corpus.bootstrap,
                block_of=dict(zip(names, blocks_over(results, names), strict=True)),
            )
            left_out = {"left_out_same_recording": int(twice.sum())}
            yield replace(found, detail=dict(found.detail) | left_out)


def twins(results: Results) -> Bools:
    """Which of the sessions asked about hold a recording that another session holds too."""
    return np.array(
        [
            any(note["code"] == "same-recording" for note in results.facts[i]["notes"])
            for i in results.asked
        ]
    )
