"""Models of a run: from scores and indices to their tables, and to scripts for R."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Model
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.link.models.fitting import checked
from syntony.link.models.registry import get
from syntony.link.models.values import NAN, Fitted, Sessions
from syntony.pipeline.empathy import chosen_scores
from syntony.pipeline.model_columns import columns_of
from syntony.pipeline.model_variables import texts_of
from syntony.pipeline.pairs import Results
from syntony.pipeline.rerun import write_script
from syntony.pipeline.source import Source
from syntony.pipeline.told import Told
from syntony.report.methods import cited_keys
from syntony.surrogates.multiplicity import false_discovery_rate

Rows = list[dict[str, Any]]


def models_of(
    folder: Path, results: Results, source: Source, scores: Sequence[Mapping[str, Any]]
) -> Told:
    """Fit every model of the recipe; write its R script and the rows that the script reads.

    Returns
    -------
    Told
        Terms and checks; notes on what cannot be told apart, was not tested, or does not hold.
    """
    terms: Rows = []
    checks: Rows = []
    notes: list[Note] = []
    ran: list[tuple[Model, Fitted]] = []
    for asked in asked_models(results, scores):
        fitted, texts, why = _fitted(asked, results, source, scores)
        if fitted is None:
            notes.append(Note(asked.title, "model-refused", why))
            terms.append(_row(asked, texts) | {"status": f"not testable: {why}"})
            continue
        terms += term_rows(asked, texts, fitted)
        checks += check_rows(asked, fitted)
        notes += [Note(asked.title, "model", text) for text in fitted.notes]
        if fitted.status != "ok":
            notes.append(Note(asked.title, "model-not-testable", fitted.status))
        write_script(folder, asked.title, fitted.script, fitted.data)
        if fitted.status == "ok":
            ran.append((asked, fitted))
    return Told(
        tables={"models": with_q(terms), "model_checks": checks},
        notes=notes,
        methods=methods_of(ran),
    )


def methods_of(ran: Sequence[tuple[Model, Fitted]]) -> str:
    """Words for the methods paragraph on the models that were fitted; empty without any.

    Every entry is told with its options, and every source of an entry is cited.

    Examples
    --------
    >>> methods_of([])
    ''
    """
    said = []
    for asked, _ in ran:
        entry = get(asked.model)
        sentence = entry.tell(asked.options)
        more = [f"@{key}" for key in entry.cites if key not in cited_keys(sentence)]
        said.append(sentence.removesuffix(".") + (f" [{'; '.join(more)}]." if more else "."))
    if any("REML" in fitted.method for _, fitted in ran):
        said.append("Mixed models were fitted by restricted maximum likelihood [@Bates2015].")
    if any(np.isfinite(t.p) for _, fitted in ran for t in fitted.terms if t.key):
        said.append("q over the key terms of all models is after @BenjaminiHochberg1995.")
    return "\n" + " ".join(dict.fromkeys(said)) + "\n" if said else ""


def asked_models(results: Results, scores: Sequence[Mapping[str, Any]]) -> tuple[Model, ...]:
    """The models of the recipe; without a word of it, the one that the study can carry."""
    if results.recipe.models is not None:
        return results.recipe.models
    dyads = [results.plan.sessions[i].dyad for i in results.asked]
    if len(dyads) < 2 * len(set(dyads)) or not chosen_scores(results, scores):
        return ()
    return (Model(options=get("within_between").settle({})),)


def _fitted(
    asked: Model, results: Results, source: Source, scores: Sequence[Mapping[str, Any]]
) -> tuple[Fitted | None, dict[str, str], str]:
    """The model, what its columns are; or why there is none."""
    chosen = chosen_scores(results, scores)
    label = f"{chosen[0]['instrument']}.{chosen[0]['scale']}" if chosen else ""
    entry = get(asked.model)
    texts: dict[str, str] = {}
    try:
        texts = texts_of(asked, results.recipe, label)
        columns = columns_of(texts, entry.columns, results, source, scores)
        rng = rng_for(results.recipe.seed, "models", asked.title)
        fitted = entry.fit(sessions_of(results, columns), rng, **asked.options)
        return checked(fitted), texts, ""
    except InputError as error:
        return None, texts, str(error)


def sessions_of(results: Results, columns: Mapping[str, np.ndarray]) -> Sessions:
    """Sessions asked about as rows, with whoever is shared by dyads as the therapist."""
    planned = [results.plan.sessions[i] for i in results.asked]
    sides = [[s.first.id for s in planned], [s.second.id for s in planned]]
    dyads = [s.dyad for s in planned]
    of_dyad = [dict(zip(dyads, side, strict=True)) for side in sides]
    shared = min(of_dyad, key=lambda who: len(set(who.values())))
    return Sessions(
        dyad=tuple(dyads),
        number=np.array([s.number for s in planned], dtype=np.float64),
        therapist=tuple(shared[d] for d in dyads),
        columns=columns,
    )


def _row(asked: Model, texts: Mapping[str, str]) -> dict[str, Any]:
    """What the rows of one model have in common."""
    others = {k: v for k, v in texts.items() if k not in ("outcome", "sync")}
    predictors = [texts["sync"]] if "sync" in texts else []
    predictors += [f"{k} = {v}" for k, v in others.items()]
    return {
        "name": asked.title,
        "model": asked.model,
        "outcome": texts.get("outcome", ""),
        "predictor": ", ".join(predictors),
        "term": "",
        "key": False,
        "p": NAN,
    }


def term_rows(asked: Model, texts: Mapping[str, str], fitted: Fitted) -> Rows:
    """Rows of ``models``: one per term, or one that says why there is none."""
    base = _row(asked, texts) | {
        "n_sessions": fitted.n_sessions,
        "n_dyads": fitted.n_dyads,
        "n_therapists": fitted.n_therapists,
        "method": fitted.method,
        "status": fitted.status,
        "note": " ".join(fitted.notes),
    }
    if fitted.status != "ok" or not fitted.terms:
        return [base]
    rows = []
    for term in fitted.terms:
        facts = {k: getattr(term, k) for k in term.__dataclass_fields__ if k != "name"}
        rows.append(base | facts | {"term": term.name})
    return rows


def check_rows(asked: Model, fitted: Fitted) -> Rows:
    """Rows of ``model_checks``: assumptions, then the random part."""
    base = {"name": asked.title, "model": asked.model}
    rows: Rows = [
        base | {"check": c.name, "value": c.value, "p": c.p, "words": c.words}
        for c in fitted.checks
    ]
    return rows + [
        base | {"check": name, "value": value, "p": NAN, "words": ""}
        for name, value in fitted.random.items()
    ]


def with_q(rows: Rows) -> Rows:
    """Adjust p over the key terms of all models: many models are many looks."""
    keys = [k for k, r in enumerate(rows) if r["key"] and np.isfinite(r["p"])]
    adjusted = false_discovery_rate([rows[k]["p"] for k in keys]).tolist() if keys else []
    q = dict(zip(keys, adjusted, strict=True))
    return [row | {"q_exploratory": q.get(k, NAN)} for k, row in enumerate(rows)]
