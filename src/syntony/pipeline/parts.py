"""The parts of a run's answer, in the order in which their statements stand: one list.

A further part is a function from what was gathered to what it tells, and its name in ``PARTS``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from syntony.pipeline.accuracy import accuracies_of
from syntony.pipeline.agreements import agreements_of_run, disagreement_rows
from syntony.pipeline.corpus import contrast_findings, leader_findings, synchrony_findings
from syntony.pipeline.empathy import empathy_findings
from syntony.pipeline.inferences import inferences_of
from syntony.pipeline.joined import joined_of
from syntony.pipeline.models import models_of
from syntony.pipeline.rated_pairs import beside_of
from syntony.pipeline.sequences import sequence_findings, sequences_of_run
from syntony.pipeline.survivors import search_rows, stretch_findings, survivor_rows
from syntony.pipeline.told import Gathered, Told
from syntony.report.methods_codes import tell_agreement, tell_sequences


def _synchrony(run: Gathered) -> Told:
    """Is there synchrony, in which stretches, and who leads?"""
    results = run.results
    return Told(
        tables={
            "survivors": list(survivor_rows(results)),
            "searches": list(search_rows(results)),
        },
        findings=[
            *synchrony_findings(results),
            *stretch_findings(results),
            *leader_findings(results),
        ],
    )


def _emotion(run: Gathered) -> Told:
    """Does it go with coded emotion: by class, in moments of high and low synchrony?"""
    return Told(tables={"moments": run.emotions.moment_rows}, findings=run.emotions.findings)


def _empathy(run: Gathered) -> Told:
    """Does it go with the score that the recipe chose? And all scores."""
    asked = run.asked
    return Told(
        tables={k: getattr(asked, k) for k in ("scores", "reliability", "change", "likeness")},
        findings=list(empathy_findings(run.results, asked.scores)),
        notes=asked.notes,
        methods=asked.methods(run.results.recipe),
    )


def _contrast(run: Gathered) -> Told:
    """Is it higher in one type of session than in another?"""
    return Told(findings=list(contrast_findings(run.results)))


def _coders(run: Gathered) -> Told:
    """Do those who coded the same session agree?"""
    coders = agreements_of_run(run.results)
    return Told(
        tables={
            "agreement": [row.to_row() for row in coders.rows],
            "disagreements": disagreement_rows(coders),
        },
        notes=coders.notes,
        methods=_paragraph(
            tell_agreement(
                run.results.recipe.agreement.model_dump(),
                {row.measure for row in coders.rows if isfinite(row.value)},
            )
        ),
    )


def _sequences(run: Gathered) -> Told:
    """Whose codes follow whose?"""
    found, notes = sequences_of_run(run.results)
    recipe = run.results.recipe
    told = tell_sequences(
        recipe.sequences.model_dump(),
        recipe.corpus.model_dump(),
        {row.surrogate for row in found if isfinite(row.p_two)},
    )
    return Told(
        tables={"sequences": [row.to_row() for row in found]},
        findings=list(sequence_findings(found)),
        notes=notes,
        methods=_paragraph(told),
    )


def _joined(run: Gathered) -> Told:
    """How does synchrony go with codes from moment to moment?"""
    joined = joined_of(run.results, run.folder)
    codes = joined.beside(run.emotions.code_rows)
    return Told(tables={"codes": codes, **joined.tables}, findings=joined.findings)


def _ratings(run: Gathered) -> Told:
    """Do people read each other rightly, and does it go with synchrony?"""
    rated = accuracies_of(run.folder, run.results)
    beside = beside_of(run.folder, run.results, run.source, rated)
    judged, of_judged = inferences_of(run.results, run.source)
    return Told(
        tables={
            "ratings": rated.rating_rows,
            "accuracy": [*rated.rows, *judged],
            "rated_pairs": beside.rows,
        },
        findings=[*rated.findings, *of_judged, *beside.findings],
    )


def _models(run: Gathered) -> Told:
    """What do models say of synchrony and scores within and between dyads?"""
    return models_of(run.folder, run.results, run.source, run.asked.scores)


def _paragraph(text: str) -> str:
    """Make it one of its own in ``methods.md``; nothing where nothing is told."""
    return f"\n{text}\n" if text else ""


MAIN: tuple[Callable[[Gathered], Told], ...] = (_synchrony, _emotion, _empathy, _contrast)
"""What the 2007 study asked."""

PARTS: tuple[Callable[[Gathered], Told], ...] = (
    *MAIN,
    *(_coders, _sequences, _joined, _ratings, _models),
)

LONGEST = PARTS.index(_joined)
"""The part that takes about as long as all others together."""
