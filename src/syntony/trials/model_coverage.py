"""How often intervals of models hold the truth, and how often a model claims what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from syntony.core.seeds import rng_for
from syntony.link.models.registry import get
from syntony.link.models.values import Fitted, Term
from syntony.trials.model_studies import WORLDS

ALPHA = 0.05
Row = dict[str, Any]


def one_study(world: str, planted: bool, study: int, seed: int = 20070301) -> list[Row]:
    """Make one study, fit its model, and say of every term whether its interval holds the truth.

    Returns
    -------
    list of dict
        ``term``, ``truth``, ``estimate``, ``holds``, ``claims`` (the interval leaves out 0, or p is
        at most .05 where there is no interval) and ``flips`` (the second opinion claims; None
        without one). A model that was not fitted gives one row with ``term`` empty.

    Examples
    --------
    >>> [r["term"] for r in one_study("apim", True, 1)]
    ['actor_first', 'actor_second', 'partner_first', 'partner_second']
    """
    name, make = WORLDS[world]
    made = make(rng_for(seed, "models", world, int(planted), study), planted)
    entry = get(name)
    rng = rng_for(seed, "models", world, int(planted), study, "fit")
    fitted = entry.fit(made.sessions, rng, **entry.settle(made.options))
    if fitted.status != "ok":
        none = dict.fromkeys(("truth", "estimate", "holds", "flips"))
        return [{**none, "term": "", "claims": False}]
    return [_row(fitted, term, true) for term, true in made.truth.items()]


def _row(fitted: Fitted, name: str, true: float) -> Row:
    term: Term = fitted.term(name)
    there = bool(np.isfinite(term.low))
    by_interval = there and not _searched(term)
    return {
        "term": name,
        "truth": true,
        "estimate": term.estimate if np.isfinite(term.estimate) else None,
        "holds": bool(term.low <= true <= term.high) if there else None,
        "claims": not term.low <= 0 <= term.high if by_interval else term.p <= ALPHA,
        "flips": bool(term.p_flip <= ALPHA) if np.isfinite(term.p_flip) else None,
    }


def _searched(term: Term) -> bool:
    """Whether the p of a term pays for a search, so that it, not the interval, decides."""
    return term.name == "change"


def summary(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Shares over studies, one row per term.

    Examples
    --------
    >>> many = [r for k in range(4) for r in one_study("apim", True, k)]
    >>> found = summary(many)
    >>> found[0]["term"], found[0]["studies"], 0 <= found[0]["coverage"] <= 1
    ('actor_first', 4, True)
    """
    by: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["term"], []).append(row)
    out = []
    for term, some in by.items():
        held = [r["holds"] for r in some if r["holds"] is not None]
        flips = [r["flips"] for r in some if r["flips"] is not None]
        found = [r["estimate"] for r in some if r["estimate"] is not None]
        out.append(
            {
                "term": term or "(not fitted)",
                "truth": some[0]["truth"],
                "studies": len(some),
                "mean": float(np.mean(found)) if found else None,
                "with_interval": len(held),
                "coverage": float(np.mean(held)) if held else None,
                "claims": float(np.mean([r["claims"] for r in some])),
                "flips": float(np.mean(flips)) if flips else None,
            }
        )
    return out
