"""Codes of a whole study joined with synchrony, moment by moment: tables and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Joined, Recipe
from syntony.core.arrays import Array, Ints
from syntony.core.seeds import rng_for
from syntony.link.codes import CLASSES, UNCODED
from syntony.link.finding import Finding
from syntony.link.joined.dose import dose_findings
from syntony.link.joined.epochs import EpochTest, compare_epochs
from syntony.link.joined.events import Window, count_events, locked
from syntony.link.joined.findings import event_finding, mean_finding, order_finding, sum_counts
from syntony.link.joined.order import order_table
from syntony.link.joined.phases import PHASES, phase_columns, phase_table
from syntony.link.joined.pool import pool
from syntony.link.joined.seconds import CodedSeconds, Scale, per_second, standardised
from syntony.link.moments import CODED
from syntony.pipeline.emotions import course_of
from syntony.pipeline.moment_model import modelled
from syntony.pipeline.pairs import Results
from syntony.pipeline.prepare import read_features
from syntony.pipeline.steps import is_correlation
from syntony.surrogates.codes import rotation_count, rotation_offsets

OUTCOMES = ("synchrony", "signal_a", "signal_b")
_MIN_SHIFTS = 20

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class JoinedRows:
    """What was found: rows by table, findings, and columns for the rows of ``codes``."""

    tables: dict[str, Rows] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    columns: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def beside(self, code_rows: Rows) -> Rows:
        """Rows of ``codes`` with their columns for in-phase and anti-phase synchrony."""
        return [r | self.columns.get((r["session"], r["class"]), {}) for r in code_rows]


def joined_of(results: Results, folder: Path) -> JoinedRows:
    """Everything that joins synchrony of the first step with the codes, second by second.

    Writes the mixed model as a script for R with its data, into ``models`` of the folder.
    """
    sessions = coded_seconds(results, folder)
    one = results.plan.sessions[results.asked[0]] if sessions else None
    roles = ("first", "second") if one is None else (one.first.role, one.second.role)
    return joined_rows(sessions, results.recipe, roles=roles, folder=folder)


def joined_rows(
    sessions: list[CodedSeconds],
    recipe: Recipe,
    *,
    roles: tuple[str, str],
    folder: Path | None = None,
) -> JoinedRows:
    """The same from sessions that are known second by second, those of a dyad together."""
    tables: dict[str, Rows] = {n: [] for n in ("events", "event_locked", "epochs")}
    tables |= {n: [] for n in ("emotion_lag", "dose", "moment_model")}
    if not sessions:
        return JoinedRows(tables)
    facts = _facts(recipe)
    columns, phases = _phases(sessions, recipe, facts)
    findings = [
        *phases,
        *_events(sessions, recipe, roles, facts, tables),
        *_epochs(sessions, recipe, facts, tables),
        *_orders(sessions, recipe, facts, tables),
        *_doses(sessions, recipe, facts, tables),
    ]
    if recipe.joined.model:
        model, rows = modelled(sessions, recipe, facts, folder)
        tables["moment_model"] += rows
        findings += model
    return JoinedRows(tables, findings, columns)


def _facts(recipe: Recipe) -> dict[str, Any]:
    return {"step": 0, "method": recipe.synchrony[0].method}


def coded_seconds(results: Results, folder: Path) -> list[CodedSeconds]:
    """Every session that has codes and a course, second by second, those of a dyad together."""
    scale: Scale = "fisher_z" if is_correlation(results.recipe.synchrony[0]) else "plain"
    found = []
    for index in results.asked:
        planned, block = results.plan.sessions[index], results.blocks[index]
        coded, moves = results.coded[index], course_of(results, index)
        if coded is None or moves is None:
            continue
        seconds = coded.classes.size
        own = read_features(folder, planned.id)
        at = own.start_s + np.arange(own.first.size) / own.rate_hz
        levels = [standardised(per_second(at, v, seconds)) for v in (own.first, own.second)]
        found.append(
            CodedSeconds(
                session=planned.id,
                dyad=planned.dyad,
                r=per_second(moves.time_s, moves.r, seconds),
                scale=scale,
                levels=(levels[0], levels[1]),
                classes=coded.classes,
                tracks=coded.tracks,
                speaker=coded.speaker,
                window_s=_seen_s(block),
                index=float(block["step0_stats"][0]),
            )
        )
    order = list(dict.fromkeys(s.dyad for s in found))
    return sorted(found, key=lambda s: order.index(s.dyad))


def _seen_s(block: Mapping[str, Any]) -> float:
    """How much of both signals a value at lag 0 has seen, in seconds."""
    lags = np.abs(block["step0_lag"]).max() if "step0_lag" in block else 0.0
    return float(np.sum(block["step0_reach"]) - 2 * lags)


def _turns(session: CodedSeconds, recipe: Recipe, what: str, *, more_s: int = 0) -> Ints | None:
    """Turns of a session's codes; None where it is too short.

    ``more_s``: so much longer is the session made, and so much longer is the shortest turn.
    """
    least, seconds = recipe.emotion.min_rotation_s + more_s, session.r.size + more_s
    if rotation_count(seconds, min_shift_s=least) < _MIN_SHIFTS:
        return None
    rng = rng_for(recipe.seed, what, session.session)
    return rotation_offsets(seconds, recipe.emotion.rotations, rng, min_shift_s=least)


def _phases(
    sessions: list[CodedSeconds], recipe: Recipe, facts: dict[str, Any]
) -> tuple[dict[tuple[str, str], dict[str, Any]], list[Finding]]:
    """In-phase and anti-phase synchrony of each class, as two outcomes."""
    if sessions[0].scale != "fisher_z":
        return {}, []  # no phase in a value that cannot be below 0
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    emotion = recipe.emotion

    def tables() -> Iterator[tuple[str, Array]]:
        for session in sessions:
            table = phase_table(
                session,
                rng_for(recipe.seed, "phases", session.session),
                rotations=emotion.rotations,
                min_rotation_s=emotion.min_rotation_s,
                min_class_s=emotion.min_class_s,
            )
            for name, row in zip(CODED, phase_columns(table), strict=True):
                columns[session.session, name] = row
            yield session.dyad, table

    pooled = pool(tables())
    rng = rng_for(recipe.seed, "phases")
    return columns, [
        mean_finding(
            pooled,
            (p, k),
            rng,
            facts=facts
            | {
                "finding": "phase",
                "label": name,
                "statistic": f"{phase}_minus_rest",
                "surrogate": "rotation",
            },
            why_not="no session with enough coded seconds to compare and to rotate",
            bootstrap=recipe.corpus.bootstrap,
        )
        for k, name in enumerate(CODED)
        for p, phase in enumerate(PHASES)
    ]


def window_of(joined: Joined) -> Window:
    """Where the recipe looks around an onset."""
    return Window(before_s=joined.before_s, after_s=joined.after_s, bin_s=joined.bin_s)


def _events(
    sessions: list[CodedSeconds],
    recipe: Recipe,
    roles: tuple[str, str],
    facts: dict[str, Any],
    tables: dict[str, Rows],
) -> list[Finding]:
    """Synchrony and both signals around the onsets of every code."""
    window = window_of(recipe.joined)
    codes = [session.codes(roles) for session in sessions]
    turns = [_turns(session, recipe, "events") for session in sessions]
    courses: tuple[Callable[[CodedSeconds], Array], ...] = (
        lambda s: s.z,
        lambda s: s.levels[0],
        lambda s: s.levels[1],
    )
    findings = []
    for outcome, course in zip(OUTCOMES, courses, strict=True):
        values = [course(session) for session in sessions]
        pooled = pool(
            (session.dyad, locked(one, list(own.values()), shifts, window=window))
            for session, one, own, shifts in zip(sessions, values, codes, turns, strict=True)
            if shifts is not None
        )
        for k, name in enumerate(codes[0]):
            counts = [
                count_events(own[name], one, window) for own, one in zip(codes, values, strict=True)
            ]
            tables["events"] += [
                {"session": s.session, "dyad": s.dyad, "code": name, "outcome": outcome}
                | {c: getattr(count, c) for c in count.__dataclass_fields__}
                for s, count in zip(sessions, counts, strict=True)
            ]
            finding, rows = event_finding(
                pooled,
                k,
                sum_counts(counts),
                window,
                rng_for(recipe.seed, "events", outcome, name),
                label=name,
                outcome=outcome,
                min_events=recipe.joined.min_events,
                mean_s=recipe.joined.mean_s,
                bootstrap=recipe.corpus.bootstrap,
                **facts,
            )
            findings.append(finding)
            tables["event_locked"] += rows
    return findings


def _epochs(
    sessions: list[CodedSeconds], recipe: Recipe, facts: dict[str, Any], tables: dict[str, Rows]
) -> list[Finding]:
    """The epochs of every class against random epochs of the same session."""
    findings = []
    for k, name in enumerate(CODED):
        tests = [_epoch_test(s, k, recipe) for s in sessions]
        tables["epochs"] += [
            t.to_row(session=s.session, dyad=s.dyad, step=0)
            for s, t in zip(sessions, tests, strict=True)
        ]
        pooled = pool(
            (s.dyad, np.append(t.value, t.null) - _middle(t.null))
            for s, t in zip(sessions, tests, strict=True)
            if t.null.size
        )
        keys = {"finding": "epochs", "label": name, "statistic": "epoch_minus_random"}
        findings.append(
            mean_finding(
                pooled,
                (),
                rng_for(recipe.seed, "epochs", name),
                facts=facts | keys | {"surrogate": "random_epochs"},
                why_not="no session has enough of the class and room for random epochs",
                bootstrap=recipe.corpus.bootstrap,
            )
        )
    return findings


def _epoch_test(session: CodedSeconds, k: int, recipe: Recipe) -> EpochTest:
    return compare_epochs(
        CODED[k],
        session.z,
        session.classes == k,
        rng_for(recipe.seed, "epochs", session.session, CODED[k]),
        draws=recipe.emotion.rotations,
        min_class_s=recipe.emotion.min_class_s,
    )


def _middle(null: Array) -> float:
    """Mean of the draws that have a value."""
    there = null[np.isfinite(null)]
    return float(there.mean()) if there.size else float("nan")


def _orders(
    sessions: list[CodedSeconds], recipe: Recipe, facts: dict[str, Any], tables: dict[str, Rows]
) -> list[Finding]:
    """Which comes first, synchrony or shared emotion."""
    findings, reach = [], recipe.joined.lag_s
    for name in ("shared_positive", "shared_negative"):

        def moved(name: str = name) -> Iterator[tuple[str, Array]]:
            for session in sessions:
                shifts = _turns(session, recipe, "order", more_s=reach)
                if shifts is not None:
                    yield (
                        session.dyad,
                        order_table(
                            session.z,
                            session.classes,
                            name,
                            shifts,
                            reach_s=reach,
                            min_class_s=recipe.emotion.min_class_s,
                        ),
                    )

        finding, rows = order_finding(
            pool(moved()),
            rng_for(recipe.seed, "order", name),
            label=name,
            reach_s=reach,
            window_s=max(s.window_s for s in sessions),
            bootstrap=recipe.corpus.bootstrap,
            **facts,
        )
        findings.append(finding)
        tables["emotion_lag"] += rows
    return findings


def _doses(
    sessions: list[CodedSeconds], recipe: Recipe, facts: dict[str, Any], tables: dict[str, Rows]
) -> list[Finding]:
    """Share of a session in each class beside its synchrony."""
    findings: list[Finding] = []
    index = np.array([s.index for s in sessions])
    dyads = [s.dyad for s in sessions]
    for k, name in enumerate(CODED):
        share = np.array([_share(s.classes, k) for s in sessions])
        tables["dose"] += [
            {
                "session": s.session,
                "dyad": s.dyad,
                "step": 0,
                "class": name,
                "seconds": float(np.count_nonzero(s.classes == k)),
                "coded_s": float(np.count_nonzero(s.classes != UNCODED)),
                "share": float(value),
                "index": s.index,
            }
            for s, value in zip(sessions, share, strict=True)
        ]
        findings += dose_findings(
            share,
            index,
            dyads,
            rng_for(recipe.seed, "dose", name),
            label=name,
            bootstrap=recipe.corpus.bootstrap,
            **facts,
        )
    return findings


def _share(classes: Ints, k: int) -> float:
    """Share of the coded seconds in a class; NaN where none is coded."""
    coded = np.count_nonzero(classes != CLASSES.index("uncoded"))
    return float(np.count_nonzero(classes == k) / coded) if coded else float("nan")
