"""From the blocks of a run to its tables, figures' data, notes and methods paragraph."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from syntony.config import Recipe
from syntony.core.evidence import Evidence
from syntony.core.files import write_arrays, write_text
from syntony.core.notes import Note
from syntony.link.finding import Finding
from syntony.pipeline.convergence import convergence_rows
from syntony.pipeline.families import mark_pairs, with_families
from syntony.pipeline.given_up import pairs_given_up
from syntony.pipeline.groups import group_rows
from syntony.pipeline.pairs import Results, pair_rows
from syntony.pipeline.parts import LONGEST, MAIN, PARTS
from syntony.pipeline.plan import Plan
from syntony.pipeline.shared_shape import shared_shape_note
from syntony.pipeline.source import FromMemory, Source
from syntony.pipeline.tables import Columns, write_parts, write_table
from syntony.pipeline.told import Gathered, Told
from syntony.report.methods import bibliography, cited_keys, methods_paragraph
from syntony.report.preregistration import note_of
from syntony.surrogates.decision import disagreement
from syntony.surrogates.registry import surrogates, takes_partners
from syntony.synchrony import registry as method_list


@dataclass(frozen=True)
class Longest:
    """What a worker must know to tell the longest part."""

    folder: Path
    recipe: Recipe
    plan: Plan
    source: Source


class Beside(Protocol):
    """Has one thing done while the caller goes on; what it gives waits for the answer."""

    def __call__(self, do: Callable[[Longest], Told], item: Longest) -> Callable[[], Told]:
        """Begin; see ``executors.beside``."""


def tell_longest(of: Longest) -> Told:
    """What the longest part says, from the Run folder alone."""
    results = Results.read(of.folder, of.recipe, of.plan)
    return PARTS[LONGEST](Gathered(of.folder, results, of.source))


def write_findings(
    folder: Path, recipe: Recipe, plan: Plan, source: Source, beside: Beside
) -> None:
    """Write every table of a run, the figures' data, its notes and its methods paragraph.

    The longest part is told by a worker ``beside`` the others, where one is there.
    """
    results = Results.read(folder, recipe, plan)
    longest = beside(tell_longest, Longest(folder, recipe, plan, source))
    gathered = Gathered(folder, results, source)
    others = [part(gathered) for part in PARTS if part is not PARTS[LONGEST]]
    write_parts(folder, "pseudo", _pseudo_parts(results))
    for index in results.asked:
        _write_couplings(folder, results, index)
    pairs = mark_pairs(pair_rows(results), recipe)
    told = [*others[:LONGEST], longest(), *others[LONGEST:]]
    links = with_families([f for part in told for f in part.findings])
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "sessions": list(_session_rows(results)),
        "pairs": pairs,
        "convergence": convergence_rows(pairs),
        "groups": group_rows(results, pairs),
        "quality": list(_quality_rows(results)),
        "spans": list(_span_rows(results)),
        "links": [f.to_row() for f in links],
    }
    for name, some in chain(rows.items(), *(part.tables.items() for part in told)):
        write_table(folder, name, some)
    notes = [*_run_notes(folder, results), *(n for part in told for n in part.notes)]
    notes += _disagreements(links, recipe)
    _write_words(folder, results, links, notes, "".join(part.methods for part in told))


def main_findings(results: Results) -> list[Finding]:
    """What the 2007 study asked: synchrony, leader, emotion, moments, empathy, contrast."""
    gathered = Gathered(Path(), results, FromMemory(()))  # none of these reads a file
    return with_families([f for part in MAIN for f in part(gathered).findings])


def _run_notes(folder: Path, results: Results) -> list[Note]:
    """What the plan, the preparation and the draws noticed, and who never came through."""
    notes = list(results.plan.notes)
    for index, facts in enumerate(results.facts):
        session = results.plan.sessions[index].id
        notes += _session_notes(session, facts)
        notes += _draw_notes(session, results.blocks.get(index, {}))
    notes += [Note(f"{a} with {b}", "pair-failed", why) for a, b, why in pairs_given_up(folder)]
    course = shared_shape_note(results)
    return notes if course is None else [*notes, course]


def _write_words(
    folder: Path, results: Results, links: list[Finding], notes: list[Note], asked: str
) -> None:
    """Write the notes, the methods paragraph and its references."""
    origin = json.loads((folder / "origin.json").read_text("utf-8"))
    notes = [*note_of(origin.get("preregistration")), *notes]
    lines = [
        json.dumps({"where": n.where, "code": n.code, "text": n.text}, ensure_ascii=False)
        for n in notes
    ]
    write_text(folder / "notes.jsonl", "".join(line + "\n" for line in lines))
    paragraph = methods_paragraph(
        json.loads(results.recipe.model_dump_json()),
        origin,
        ran={f.finding for f in links if f.status == "ok"},
    )
    paragraph += asked
    write_text(folder / "methods.md", paragraph)
    write_text(folder / "references.bib", bibliography(cited_keys(paragraph)))


def _session_notes(session: str, facts: dict[str, Any]) -> list[Note]:
    """What preparing noticed, and what was refused."""
    if facts["failed"]:
        code = "session-failed" if facts.get("given_up") else "session-left-out"
        told = [Note(**n) for n in facts.get("notes", ())]
        return [Note(session, code, facts["failed"]), *told]
    notes = [Note(**n) for n in facts["notes"]]
    if facts["codes_refused"]:
        notes.append(Note(session, "codes-refused", facts["codes_refused"]))
    return notes


def _draw_notes(session: str, block: Mapping[str, Any]) -> list[Note]:
    """How the draws of a session came out, for the surrogates that can tell."""
    notes = []
    for name, entry in surrogates().items():
        head = f"told_{name}_"
        facts = {k.removeprefix(head): block[k] for k in block if k.startswith(head)}
        if facts and entry.say is not None:
            notes.append(Note(session, f"draws-{name}", entry.say(facts)))
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
            **planned.marks,
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
                "signal_a": facts["kinds"][0],
                "unit_a": facts["units"][0],
                "signal_b": facts["kinds"][1],
                "unit_b": facts["units"][1],
            }
        yield row


def _pseudo_parts(results: Results) -> Iterator[Columns]:
    """Rows of ``pseudo``, one per pseudo-pair, rule that allows it, step and statistic.

    A corpus has millions of them, so that they are kept as columns; those of one session at a
    time.
    """
    sessions = results.plan.sessions
    ids, dyads = (np.array([getattr(s, k) for s in sessions], dtype=object) for k in ("id", "dyad"))
    roles = np.array([s.second.role for s in sessions], dtype=object)
    rules = [s.name for s in results.recipe.surrogates if takes_partners(s.name)]
    for number, step in enumerate(results.recipe.synchrony):
        values, cuts = results.pseudo(number)
        names = np.array([s.name for s in method_list.get(step.method).statistics], dtype=object)
        width = names.size
        for rule, (i, block) in product(rules, results.blocks.items()):
            computed = np.isin(block["partners"], results.plan.partners(i, rule))
            partners, seconds = block["partners"][computed], block["pseudo_seconds"][computed]
            many, with_each = partners.size * width, np.repeat(partners, width)
            yield {
                "surrogate": [rule] * many,
                "session_a": [sessions[i].id] * many,
                "session_b": ids[with_each],
                "dyad_a": [sessions[i].dyad] * many,
                "dyad_b": dyads[with_each],
                "role_a": [sessions[i].first.role] * many,
                "role_b": roles[with_each],
                "step": [number] * many,
                "method": [step.method] * many,
                "statistic": np.tile(names, partners.size),
                "value": values[i, partners].ravel(),
                "value_a": cuts[i, partners].ravel(),
                "value_b": cuts[partners, i].ravel(),
                "seconds": np.repeat(seconds, width),
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


_DRAWN = {
    "time": "time_s",
    "lag": "lag_s",
    "frequency": "frequency_hz",
    "values": "values",
    "coverage": "coverage",
    "profile": "profile",
    "course": "course",
    "spectrum": "spectrum",
}
"""Arrays of a block that the figures are drawn from, and their names in ``couplings/``."""


def _write_couplings(folder: Path, results: Results, index: int) -> None:
    """Write what the figures of a session are drawn from, one file per step."""
    planned, block = results.plan.sessions[index], results.blocks[index]
    within = [s.name for s in results.recipe.surrogates if not takes_partners(s.name)]
    for number, step in enumerate(results.recipe.synchrony):
        drawn = next((n for n in within if f"step{number}_null_{n}" in block), "")
        arrays: dict[str, Any] = {"band_surrogate": np.array(drawn)}
        for name, kept in _DRAWN.items():
            if f"step{number}_{name}" in block:
                arrays[kept] = block[f"step{number}_{name}"]
        if "time_s" in arrays:
            arrays["time_s"] = arrays["time_s"] + results.facts[index]["start_s"]
        for name in ("profile", "course", "spectrum"):
            band = block.get(f"step{number}_{name}_{drawn}")
            if band is not None:
                arrays[f"{name}_low"], arrays[f"{name}_high"] = band
        for column, statistic in enumerate(method_list.get(step.method).statistics):
            for name in within:
                if f"step{number}_null_{name}" in block:
                    key = f"null__{name}__{statistic.name}"
                    arrays[key] = block[f"step{number}_null_{name}"][:, column]
        path = folder / "couplings" / f"{planned.id}_{number}.npz"
        write_arrays(path, arrays)
