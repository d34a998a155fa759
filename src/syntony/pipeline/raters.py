"""Raters of a run: how far those who rated one person from outside agree over its sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from syntony.core.rated import RATERS, SELF
from syntony.core.seeds import rng_for
from syntony.link.accuracy.raters import RaterAgreement, rater_agreement
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import Planned
from syntony.pipeline.rated import RatedStudy


def agreement_rows(
    results: Results, held: RatedStudy, asked: Sequence[Planned]
) -> Iterator[dict[str, Any]]:
    """Rows of ``ratings`` over all sessions (no session named), two for each person and what."""
    people = [(s.first.id, s.second.id) for s in asked]
    for role in (asked[0].first.role, asked[0].second.role):
        for what in held.whats:
            names = outside_raters(held, asked, role, what)
            if len(names) < 2:
                continue
            each = np.stack([held.columns[f"{role}|{what}_by_{name}"] for name in names], axis=1)
            rated = np.isfinite(each).any(axis=2).sum(axis=1) > 1
            chosen = np.flatnonzero(rated).tolist()
            found = rater_agreement(
                [each[k] for k in chosen],
                [asked[k].dyad for k in chosen],
                [people[k] for k in chosen],
                rng_for(results.recipe.seed, "raters", role, what),
                bootstrap=results.recipe.corpus.bootstrap,
            )
            for one in found:
                yield {"role": role, "what": what, "rater": RATERS, **_row(one, len(names))}


def outside_raters(held: RatedStudy, asked: Sequence[Planned], role: str, what: str) -> list[str]:
    """Names of those who rated a role and were not in the session."""
    inside = {
        SELF,
        RATERS,
        *(w for s in asked for p in (s.first, s.second) for w in (p.id, p.role)),
    }
    head = f"{role}|{what}_by_"
    names = (c.removeprefix(head) for c in held.columns if c.startswith(head))
    return sorted(n for n in names if n not in inside)


def _row(found: RaterAgreement, raters: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "session": "",
        "dyad": "",
        "raters": raters,
        "icc_of": found.of,
        "icc_units": found.dyads if found.of == "courses" else found.sessions,
        "icc_status": found.status,
    }
    for icc in (found.icc_2_1, found.icc_2_k):
        row |= {icc.name: icc.value, f"{icc.name}_low": icc.low, f"{icc.name}_high": icc.high}
    return row
