"""Judged inferences of a run: accuracy in per cent, beside re-paired stops."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from syntony.core.errors import FileError
from syntony.core.seeds import rng_for
from syntony.io.inferences import FILE, Judgement, read_inferences
from syntony.link.accuracy.inferences import (
    InferenceScore,
    agreement_of_judges,
    score_inferences,
)
from syntony.link.accuracy.pooling import pooled
from syntony.link.finding import Finding
from syntony.link.intervals import by_dyad
from syntony.link.paired import paired_difference
from syntony.pipeline.accuracy import ACCURACY
from syntony.pipeline.corpus import blocks_over
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import Planned
from syntony.pipeline.source import FromStudy, Source

INFERENCES, RE_PAIRED = "inferences", "re_paired_stops"


def judged_of(source: Source) -> tuple[Judgement, ...]:
    """Judged inferences of a study; none where it has no ``inferences.tsv``.

    Raises
    ------
    FileError
        If the table is broken, or names a session that the study does not know.
    """
    if not isinstance(source, FromStudy) or not (source.study.root / FILE).is_file():
        return ()
    path = source.study.root / FILE
    known = {row.id for row in source.rows}
    found = read_inferences(path)
    for one in found:
        if one.session not in known:
            raise FileError(
                path, f"the session {one.session!r}", "a session of the study", column="session_id"
            )
    return found


def inferences_of(results: Results, source: Source) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Rows of ``accuracy`` and findings from ``inferences.tsv`` of the study, where there is one.

    Raises
    ------
    FileError
        If the table is broken, or names a session or a person that is not there.
    """
    asked = {results.plan.sessions[i].id: results.plan.sessions[i] for i in results.asked}
    judged = [
        _by_role(one, asked[one.session]) for one in judged_of(source) if one.session in asked
    ]
    if not judged:
        return [], []
    rng = rng_for(results.recipe.seed, INFERENCES)
    scores = score_inferences(judged, rng, bootstrap=results.recipe.corpus.bootstrap)
    rows = [_row(score, asked[score.session]) for score in scores]
    found = list(_findings(results, scores, asked))
    return rows, [_with_judges(results, f, judged, asked) for f in found]


def _with_judges(
    results: Results, found: Finding, judged: Sequence[Judgement], asked: Mapping[str, Planned]
) -> Finding:
    """The finding of one perceiver, with how far the judges agree over all their sessions."""
    mine = [r for r in judged if r.perceiver == found.detail["perceiver"]]
    dyads = list(dict.fromkeys(asked[r.session].dyad for r in mine))
    block = dict(zip(dyads, blocks_over(results, dyads), strict=True))
    agree = agreement_of_judges(
        mine,
        {r.session: block[asked[r.session].dyad] for r in mine},
        rng_for(results.recipe.seed, "judges", found.label),
        bootstrap=results.recipe.corpus.bootstrap,
    )
    return replace(found, detail={**found.detail, "judges_agree": asdict(agree)})


def _by_role(one: Judgement, planned: Planned) -> Judgement:
    """The same with roles for ids."""
    roles = {p.id: p.role for p in (planned.first, planned.second)}
    named = {}
    for side in ("perceiver", "target"):
        who = getattr(one, side)
        role = roles.get(who, who)
        if role not in roles.values():
            raise FileError(
                FILE,
                f"{who!r} in session {one.session!r}",
                f"one of {sorted({*roles, *roles.values()})}",
                column=side,
            )
        named[side] = role
    return replace(one, **named)


def _row(score: InferenceScore, planned: Planned) -> dict[str, Any]:
    """Row of ``accuracy``; ``low`` and ``high`` are over stops, since chance is one number."""
    ids = {p.role: p.id for p in (planned.first, planned.second)}
    return {
        "session": planned.id,
        "dyad": planned.dyad,
        "measure": INFERENCES,
        "what": "thoughts and feelings",
        "perceiver": score.perceiver,
        "target": score.target,
        "person_perceiver": ids[score.perceiver],
        "person_target": ids[score.target],
        "value": score.percent,
        "unit": "%",
        "surrogate": RE_PAIRED if score.baseline_pairs else "",
        "draws": score.baseline_pairs,
        "null_mean": score.baseline,
        "note": f"{score.stops} stops, {score.judges} judges; over stops {score.low:.0f} to "
        f"{score.high:.0f} %; judges agree at r = {score.agreement:.2f}, "
        f"{100 * score.exact:.0f} % equal.",
    }


def _findings(
    results: Results, scores: Sequence[InferenceScore], asked: Mapping[str, Planned]
) -> Iterator[Finding]:
    """Mean over dyads, and its difference from the baseline where one was judged."""
    for perceiver in dict.fromkeys(s.perceiver for s in scores):
        mine = [s for s in scores if s.perceiver == perceiver]
        dyads = [asked[s.session].dyad for s in mine]
        values = np.array([[s.percent, s.baseline, s.agreement, s.exact] for s in mine])
        names, means = by_dyad(values, dyads)
        blocks = blocks_over(results, names)
        level = pooled(means[:, 0], blocks=blocks)
        detail = {
            "measure": INFERENCES,
            "perceiver": perceiver,
            "target": mine[0].target,
            "what": "thoughts and feelings",
            "unit": "%",
            "dyads": names,
            "values": means[:, 0],
            "judges": max(s.judges for s in mine),
            "stops": sum(s.stops for s in mine),
            "agreement": _mean(means[:, 2]),
            "exact": _mean(means[:, 3]),
            "blocks": level.blocks,
        }
        base = Finding(
            finding=ACCURACY,
            label=f"{perceiver}.{INFERENCES}",
            statistic="percent",
            n_sessions=len(mine),
            detail=detail,
            n_dyads=level.n,
            value=level.value,
            low=level.low,
            high=level.high,
        )
        apart = means[:, 0] - means[:, 1]
        if not np.isfinite(apart).any():
            yield replace(base, detail={**detail, "baseline": None})
            continue
        has = np.isfinite(apart)
        shared = [b for b, h in zip(blocks, has, strict=True) if h]
        yield _beside_baseline(results, base, apart[has], _mean(means[:, 1]), shared)


def _beside_baseline(
    results: Results, base: Finding, apart: Any, baseline: float, blocks: Sequence[int]
) -> Finding:
    """The same with the test against re-paired stops, by sign flips over blocks of dyads."""
    corpus = results.recipe.corpus
    tested = paired_difference(
        apart,
        rng_for(results.recipe.seed, INFERENCES, base.label),
        facts={"finding": ACCURACY, "label": base.label},
        bootstrap=corpus.bootstrap,
        min_dyads=corpus.min_dyads,
        blocks=blocks,
    )
    more = {"baseline": baseline, "difference": pooled(apart, blocks=blocks)._asdict()}
    return replace(
        base,
        surrogate=RE_PAIRED,
        null_mean=baseline,
        z=tested.z,
        d=tested.d,
        d_low=tested.d_low,
        d_high=tested.d_high,
        p_one=tested.p_one,
        p_two=tested.p_two,
        draws=tested.draws,
        status=tested.status,
        detail={**base.detail, **more},
    )


def _mean(values: Any) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else math.nan
