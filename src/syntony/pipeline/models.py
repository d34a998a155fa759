"""Models of a run: from scores and indices to their tables, and to scripts for R."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Model
from syntony.core.errors import InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.link.models.fitting import checked
from syntony.link.models.registry import get
from syntony.link.models.rscript import PLACE
from syntony.link.models.values import NAN, Fitted, Sessions
from syntony.pipeline.empathy import chosen_scores
from syntony.pipeline.model_columns import columns_of
from syntony.pipeline.model_variables import texts_of
from syntony.pipeline.pairs import Results
from syntony.pipeline.source import Source
from syntony.pipeline.told import Told
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
        write_script(folder / "models", asked.title, fitted)
    return Told(tables={"models": with_q(terms), "model_checks": checks}, notes=notes)


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


def write_script(home: Path, name: str, fitted: Fitted) -> None:
    """Write ``<name>.R`` and the rows that it reads, ``<name>.csv``."""
    if not fitted.script:
        return
    write_text(home / f"{name}.R", fitted.script.replace(PLACE, name))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(fitted.data)
    for row in zip(*fitted.data.values(), strict=True):
        out.writerow([_cell(v) for v in row])
    write_text(home / f"{name}.csv", text.getvalue())


def _cell(value: Any) -> Any:
    """A number with every figure it has; a missing one as R writes it."""
    if isinstance(value, float | np.floating):
        return repr(float(value)) if np.isfinite(value) else "NA"
    return value
