"""From the blocks of a run to its tables, figures' data, notes and methods paragraph."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.evidence import Evidence
from syntony.core.files import write_text, write_whole
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.link.finding import Finding
from syntony.link.moments import SessionClasses, class_findings
from syntony.link.selection import SelectionCase, moment_findings
from syntony.pipeline.corpus import contrast_findings, leader_findings, synchrony_findings
from syntony.pipeline.emotion import Coded, Moving, classes_of, moments_of
from syntony.pipeline.empathy import empathy_findings, score_rows
from syntony.pipeline.pairs import Results, leader_of, pair_rows
from syntony.pipeline.plan import PARTNERS, Plan
from syntony.pipeline.prepare import read_coded
from syntony.pipeline.source import Source
from syntony.pipeline.tables import write_table
from syntony.report.methods import bibliography, cited_keys, methods_paragraph
from syntony.surrogates.decision import disagreement
from syntony.synchrony import registry as method_list


@dataclass(frozen=True)
class Emotions:
    """What the codes of the sessions said: rows and findings."""

    code_rows: list[dict[str, Any]]
    moment_rows: list[dict[str, Any]]
    findings: list[Finding]


def write_findings(folder: Path, recipe: Recipe, plan: Plan, source: Source) -> None:
    """Write every table of a run, the figures' data, its notes and its methods paragraph."""
    results = Results.read(folder, recipe, plan)
    notes = list(plan.notes)
    for index, facts in enumerate(results.facts):
        notes += _session_notes(plan.sessions[index].id, facts)
    emotions = _emotions(folder, results)
    scores, score_notes = score_rows(results)
    links = [
        *synchrony_findings(results),
        *leader_findings(results),
        *emotions.findings,
        *empathy_findings(results, scores),
        *contrast_findings(results),
    ]
    notes += [*score_notes, *_disagreements(links, recipe)]
    write_table(folder, "sessions", list(_session_rows(results)))
    write_table(folder, "pairs", list(pair_rows(results)))
    write_table(folder, "pseudo", list(_pseudo_rows(results)))
    write_table(folder, "quality", list(_quality_rows(results)))
    write_table(folder, "codes", emotions.code_rows)
    write_table(folder, "moments", emotions.moment_rows)
    write_table(folder, "scores", scores)
    write_table(folder, "spans", list(_span_rows(results)))
    write_table(folder, "links", [f.to_row() for f in links])
    for index in results.asked:
        _write_couplings(folder, results, index)
    _write_words(folder, results, links, notes)


def _write_words(folder: Path, results: Results, links: list[Finding], notes: list[Note]) -> None:
    """Write the notes, the methods paragraph and its references."""
    lines = [
        json.dumps({"where": n.where, "code": n.code, "text": n.text}, ensure_ascii=False)
        for n in notes
    ]
    write_text(folder / "notes.jsonl", "".join(line + "\n" for line in lines))
    origin = json.loads((folder / "origin.json").read_text("utf-8"))
    paragraph = methods_paragraph(
        json.loads(results.recipe.model_dump_json()),
        origin,
        ran={f.finding for f in links if f.status == "ok"},
        kinds={q["signal"] for facts in results.facts for q in facts.get("quality", ())},
    )
    write_text(folder / "methods.md", paragraph)
    write_text(folder / "references.bib", bibliography(cited_keys(paragraph)))


def _session_notes(session: str, facts: dict[str, Any]) -> list[Note]:
    """What preparing noticed, and what was refused."""
    if facts["failed"]:
        return [Note(session, "session-left-out", facts["failed"])]
    notes = [Note(**n) for n in facts["notes"]]
    if facts["codes_refused"]:
        notes.append(Note(session, "codes-refused", facts["codes_refused"]))
    return notes


def _disagreements(links: list[Finding], recipe: Recipe) -> list[Note]:
    """Say where strangers and a within-dyad surrogate disagree over the study."""
    notes = []
    for number, step in enumerate(recipe.synchrony):
        first = method_list.get(step.method).statistics[0].name
        tested = [
            f
            for f in links
            if (f.finding, f.step, f.statistic) == ("synchrony", number, first) and f.status == "ok"
        ]
        evidences = [
            Evidence(
                observed=f.value,
                null=np.zeros(f.draws),
                p_one=f.p_one,
                p_two=f.p_two,
                z=f.z,
                surrogate=f.surrogate,
                seed=recipe.seed,
            )
            for f in tested
        ]
        note = disagreement(*evidences, where=f"study, {step.method} {first}")
        notes += [note] if note is not None else []
    return notes


def _session_rows(results: Results) -> Iterator[dict[str, Any]]:
    """One row per session that was asked about."""
    for index in range(results.plan.analysed):
        planned, facts = results.plan.sessions[index], results.facts[index]
        row = {
            "session": planned.id,
            "dyad": planned.dyad,
            "type": planned.type,
            "number": planned.number,
            "role_a": planned.first.role,
            "role_b": planned.second.role,
            "person_a": planned.first.id,
            "person_b": planned.second.id,
            "failed": facts["failed"],
        }
        if not facts["failed"]:
            clocks = facts["clocks"].values()
            row |= {
                "duration_s": facts["duration_s"],
                "overlap_s": facts["overlap_s"],
                "left_over_a_s": facts["left_over_s"][0],
                "left_over_b_s": facts["left_over_s"][1],
                "clock_error_s": results.clock_error_s(index),
                "clock_source": "; ".join(sorted({c["source"] for c in clocks})) or "not stated",
                "signal": facts["kind"],
                "unit": facts["unit"],
            }
        yield row


def _pseudo_rows(results: Results) -> Iterator[dict[str, Any]]:
    """One row per pseudo-pair, step and statistic."""
    sessions = results.plan.sessions
    for number, step in enumerate(results.recipe.synchrony):
        values, cuts = results.pseudo(number)
        names = [s.name for s in method_list.get(step.method).statistics]
        for i, block in results.blocks.items():
            for k, j in enumerate(block["partners"]):
                for column, name in enumerate(names):
                    yield {
                        "session_a": sessions[i].id,
                        "session_b": sessions[j].id,
                        "dyad_a": sessions[i].dyad,
                        "dyad_b": sessions[j].dyad,
                        "role_a": sessions[i].first.role,
                        "role_b": sessions[j].second.role,
                        "step": number,
                        "method": step.method,
                        "statistic": name,
                        "value": float(values[i, j, column]),
                        "value_a": float(cuts[i, j, column]),
                        "value_b": float(cuts[j, i, column]),
                        "seconds": float(block["pseudo_seconds"][k]),
                    }


def _quality_rows(results: Results) -> Iterator[dict[str, Any]]:
    """What was excluded, per person and cause."""
    for index in range(results.plan.analysed):
        planned, facts = results.plan.sessions[index], results.facts[index]
        for row in facts.get("quality", ()):
            yield {"session": planned.id, "dyad": planned.dyad} | row


def _span_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Phases and codes, for the figures."""
    for index in results.asked:
        planned = results.plan.sessions[index]
        roles = {planned.first.id: planned.first.role, planned.second.id: planned.second.role}
        for span in results.facts[index]["spans"]:
            yield {"session": planned.id, "role": roles.get(span["person"], "")} | span


def _moving(results: Results, index: int) -> Moving | None:
    """r(t) at lag 0 of the first step, on the session clock."""
    block = results.blocks[index]
    if "step0_lag" not in block or not block["step0_time"].size:
        return None
    place = int(np.argmin(np.abs(block["step0_lag"])))
    coverage = block.get("step0_coverage")
    return Moving(
        time_s=block["step0_time"] + results.facts[index]["start_s"],
        r=block["step0_values"][:, place],
        coverage=None if coverage is None else coverage[:, place],
    )


def _emotions(folder: Path, results: Results) -> Emotions:
    """Synchrony by class and the contrast of moments, of the first step."""
    code_rows: list[dict[str, Any]] = []
    moment_rows: list[dict[str, Any]] = []
    classes, cases = [], []
    for index in results.asked:
        planned = results.plan.sessions[index]
        coded, moves = read_coded(folder, planned.id), _moving(results, index)
        if coded is None or moves is None:
            continue
        found = classes_of(planned.id, moves, coded, results.recipe)
        classes.append(SessionClasses(session=planned.id, dyad=planned.dyad, classes=found))
        code_rows += [
            c.to_row(session=planned.id, dyad=planned.dyad, coder=coded.coder, step=0)
            for c in found
        ]
        rows, case = _moments(results, index, moves, coded)
        moment_rows += rows
        cases.append(case)
    if not classes:
        return Emotions(code_rows, moment_rows, [])
    recipe = results.recipe
    method = recipe.synchrony[0].method
    findings = [
        *class_findings(
            classes,
            rng_for(recipe.seed, "classes"),
            method=method,
            bootstrap=recipe.corpus.bootstrap,
        ),
        *moment_findings(
            cases,
            rng_for(recipe.seed, "moments"),
            method=method,
            bootstrap=recipe.corpus.bootstrap,
        ),
    ]
    return Emotions(code_rows, moment_rows, findings)


def _moments(
    results: Results, index: int, moves: Moving, coded: Coded
) -> tuple[list[dict[str, Any]], SelectionCase]:
    """Rows of a session's moments, and its contrast beside those with strangers."""
    planned, block = results.plan.sessions[index], results.blocks[index]
    found = moments_of(moves, coded, results.recipe)
    rows = []
    for moment in found.choice.moments:
        lag = _lag_in(block, results.facts[index]["start_s"], moment.start_s, moment.stop_s)
        rows.append(
            {
                "session": planned.id,
                "dyad": planned.dyad,
                "step": 0,
                "kind": moment.kind,
                "start_s": moment.start_s,
                "stop_s": moment.stop_s,
                "strength": moment.strength,
                "third": moment.third,
                "coverage": moment.coverage,
                "matched": moment.matched,
                "lag_s": lag,
                "leader": leader_of(lag, results.clock_error_s(index), planned),
            }
        )
    as_second = [
        other["pseudo_contrast"][list(other["partners"]).index(index), 1]
        for other in results.blocks.values()
        if index in other["partners"]
    ]
    case = SelectionCase(
        session=planned.id,
        dyad=planned.dyad,
        real=found.value(),
        first_with_strangers=block["pseudo_contrast"][:, 0],
        second_with_strangers=np.array(as_second, dtype=np.float64),
    )
    return rows, case


def _lag_in(block: dict[str, Any], offset_s: float, start_s: float, stop_s: float) -> float:
    """Lag of the highest mean correlation of the windows centred in a stretch."""
    time = block["step0_time"] + offset_s
    rows = block["step0_values"][(time >= start_s) & (time < stop_s)]
    if not rows.size or not np.isfinite(rows).any():
        return math.nan
    count = np.isfinite(rows).sum(axis=0)
    means = np.divide(
        np.nansum(rows, axis=0), count, out=np.full(count.shape, -2.0), where=count > 0
    )
    return float(block["step0_lag"][int(np.argmax(means))])


def _write_couplings(folder: Path, results: Results, index: int) -> None:
    """Write what the figures of a session are drawn from, one file per step."""
    planned, block = results.plan.sessions[index], results.blocks[index]
    within = [s.name for s in results.recipe.surrogates if s.name != PARTNERS]
    for number, step in enumerate(results.recipe.synchrony):
        if f"step{number}_lag" not in block:
            continue
        band = next((n for n in within if f"step{number}_band_{n}" in block), "")
        time, lag = block[f"step{number}_time"], block[f"step{number}_lag"]
        none_t, none_l = np.full((2, time.size), np.nan), np.full((2, lag.size), np.nan)
        bands = block.get(f"step{number}_band_{band}", none_t)
        profile = block.get(f"step{number}_profile_{band}", none_l)
        arrays = {
            "time_s": time + results.facts[index]["start_s"],
            "lag_s": lag,
            "values": block[f"step{number}_values"],
            "coverage": block.get(f"step{number}_coverage", np.full((time.size, lag.size), np.nan)),
            "profile": block.get(f"step{number}_profile", none_l[0]),
            "profile_low": profile[0],
            "profile_high": profile[1],
            "band_low": bands[0],
            "band_high": bands[1],
            "band_surrogate": np.array(band),
        }
        for column, statistic in enumerate(method_list.get(step.method).statistics):
            for name in within:
                if f"step{number}_null_{name}" in block:
                    key = f"null__{name}__{statistic.name}"
                    arrays[key] = block[f"step{number}_null_{name}"][:, column]
        path = folder / "couplings" / f"{planned.id}_{number}.npz"
        write_whole(path, partial(_save, arrays))


def _save(arrays: dict[str, Any], part: Path) -> None:
    """Write arrays to a file whose name need not end in .npz."""
    with part.open("wb") as file:
        np.savez(file, **arrays)
