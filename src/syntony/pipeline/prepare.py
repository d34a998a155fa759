"""One session from native rates to two features on one grid, written to the Run folder."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from syntony.align.span import session_overlap
from syntony.body.features import Prepared, prepare
from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.columns import column_of, values_of
from syntony.core.errors import InputError, SyntonyError
from syntony.core.files import read_arrays, write_arrays, write_text, write_whole
from syntony.core.session import Session
from syntony.pipeline.emotion import Coded, coded_session
from syntony.pipeline.plan import Planned
from syntony.pipeline.rated import without_ratings, write_ratings
from syntony.pipeline.same import CODE, why_twins
from syntony.pipeline.source import Source
from syntony.pipeline.steps import misfit
from syntony.pipeline.suits import refuse_units


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Both people's feature on one grid, as the work reads it.

    ``first`` and ``second`` have shape (n_samples,), NaN where missing; sample 0 is at
    ``start_s`` on the session clock.
    """

    session: str
    start_s: float
    rate_hz: float
    first: Array
    second: Array

    @property
    def stop_s(self) -> float:
        """End of the last sample on the session clock."""
        return self.start_s + self.first.size / self.rate_hz


@dataclass(frozen=True)
class PrepareTask:
    """What one worker needs to prepare one session."""

    source: Source
    recipe: Recipe
    planned: Planned
    folder: Path


def prepared_path(folder: Path, session: str) -> Path:
    """Where the facts about a prepared session lie."""
    return folder / "blocks" / f"{session}.prepared.json"


def codes_path(folder: Path, session: str) -> Path:
    """Where its codes lie, one value a second."""
    return folder / "blocks" / f"{session}.codes.npz"


def signals_path(folder: Path, session: str) -> Path:
    """Where its two features lie."""
    return folder / "signals" / f"{session}.parquet"


def prepare_session(task: PrepareTask) -> str:
    """Prepare one session and write it; give the reason if it cannot be used, else ""."""
    session_id = task.planned.id
    try:
        session = task.source.load(session_id)
        made = prepare(
            session,
            (task.planned.first, task.planned.second),
            task.recipe.signal,
            task.recipe.body,
        )
        roles = task.planned.first.role, task.planned.second.role
        refuse_units(task.recipe, roles, (made.first.unit, made.second.unit))
    except SyntonyError as error:
        return _left_out(task, str(error))
    twins = why_twins(made.notes)
    if twins:
        return _left_out(task, twins, notes=[asdict(n) for n in made.notes if n.code == CODE])
    made = without_ends(made, task.recipe)
    unfit = misfit(task.recipe, made.first.values, made.second.values, made.first.rate_hz)
    if unfit is not None:
        got = unfit.got if isinstance(unfit.got, int | float | str) else repr(unfit.got)
        return _left_out(task, str(unfit), misfit=[unfit.field, got, unfit.expected, unfit.hint])
    _write_signals(task, made)
    facts = facts_of(task.planned, session, made)
    facts["codes_refused"] = _write_codes(task, facts)
    facts["ratings"] = write_ratings(task.folder, task.planned, session, task.recipe)
    write_text(prepared_path(task.folder, session_id), json.dumps(facts, indent=1))
    return ""


def _left_out(task: PrepareTask, reason: str, **more: Sequence[object]) -> str:
    """Write why a session cannot be used, and give it."""
    facts = {"session": task.planned.id, "failed": reason, **more}
    write_text(prepared_path(task.folder, task.planned.id), json.dumps(facts, indent=1))
    return reason


def _write_codes(task: PrepareTask, facts: dict[str, Any]) -> str:
    """Write the codes, one value a second; give the reason if they cannot be used."""
    try:
        coded = coded_session(facts, task.planned, task.recipe)
    except InputError as error:
        return str(error)
    if coded is not None:
        arrays = {
            "tracks": np.stack(coded.tracks),
            "classes": coded.classes,
            "coder": np.array(coded.coder),
            "span_s": np.array(coded.span_s),
        }
        if coded.speaker is not None:
            arrays["speaker"] = coded.speaker
        write_arrays(codes_path(task.folder, task.planned.id), arrays)
    return ""


def read_coded(folder: Path, session: str) -> Coded | None:
    """Read the codes that ``prepare_session`` wrote; None where there are none."""
    path = codes_path(folder, session)
    if not path.exists():
        return None
    saved = read_arrays(path)
    return Coded(
        tracks=(saved["tracks"][0], saved["tracks"][1]),
        classes=saved["classes"],
        coder=str(saved["coder"]),
        span_s=(float(saved["span_s"][0]), float(saved["span_s"][1])),
        speaker=saved.get("speaker"),
    )


def without_ends(made: Prepared, recipe: Recipe) -> Prepared:
    """Cut the start and the end that the recipe leaves out."""
    if not (recipe.trim_start_s or recipe.trim_stop_s):
        return made
    start, stop = made.first.start_s + recipe.trim_start_s, made.first.stop_s - recipe.trim_stop_s
    return replace(
        made, first=made.first.between(start, stop), second=made.second.between(start, stop)
    )


def _write_signals(task: PrepareTask, made: Prepared) -> None:
    """Write both features with their time axis as a table."""
    table = pa.table(
        {
            "time_s": column_of(made.first.times_s),
            task.planned.first.role: column_of(made.first.values),
            task.planned.second.role: column_of(made.second.values),
        },
        metadata={"rate_hz": repr(made.first.rate_hz), "start_s": repr(made.first.start_s)},
    )
    write_whole(
        signals_path(task.folder, task.planned.id), lambda part: pq.write_table(table, part)
    )


def facts_of(planned: Planned, session: Session, made: Prepared) -> dict[str, Any]:
    """What later stages and the report need to know besides the signals."""
    shared = session_overlap(replace(session, signals=without_ratings(session)))
    return {
        "session": planned.id,
        "failed": "",
        "codes_refused": "",
        "units": [made.first.unit, made.second.unit],
        "kinds": [made.first.kind, made.second.kind],
        "start_s": made.first.start_s,
        "duration_s": made.first.values.size / made.first.rate_hz,
        "session_stop_s": max(
            [s.stop_s for s in session.signals]
            + [float(e.times_s[-1]) for e in session.events if e.times_s.size]
        ),
        "overlap_s": shared.total_s,
        "left_over_s": [shared.left_over_s[p.id] for p in (planned.first, planned.second)],
        "quality": [asdict(row) for row in made.quality],
        "notes": [asdict(note) for note in (*session.notes, *made.notes)],
        "clocks": {person: asdict(clock) for person, clock in session.clocks.items()},
        "spans": [asdict(span) for span in session.spans],
        "answers": [
            {
                "instrument": a.instrument,
                "person": a.person,
                "about": a.about,
                "items": dict(a.items),
                "rated_at": a.rated_at,
                "once": a.once,
            }
            for a in session.answers
        ],
    }


def features_from(session: str, made: Prepared) -> Features:
    """The two features of a prepared session."""
    return Features(
        session=session,
        start_s=made.first.start_s,
        rate_hz=made.first.rate_hz,
        first=made.first.values,
        second=made.second.values,
    )


def read_prepared(folder: Path, session: str) -> dict[str, Any]:
    """Read the facts that ``prepare_session`` wrote."""
    facts: dict[str, Any] = json.loads(prepared_path(folder, session).read_text("utf-8"))
    return facts


def spans_of(facts: Sequence[Mapping[str, Any]]) -> Array:
    """Where every session starts and stops on its clock, shape (n_sessions, 2).

    NaN where it could not be prepared.
    """
    starts = np.array([f.get("start_s", math.nan) for f in facts], dtype=np.float64)
    lengths = np.array([f.get("duration_s", math.nan) for f in facts], dtype=np.float64)
    return np.stack([starts, starts + lengths], axis=1)


def mean_samples(recipe: Recipe, facts: Sequence[Mapping[str, Any]]) -> float:
    """Mean length of the features of the sessions that can be used; 0 where none can."""
    lengths = [f["duration_s"] for f in facts if not f["failed"]]
    return math.fsum(lengths) / len(lengths) * recipe.body.grid.rate_hz if lengths else 0.0


def read_features(folder: Path, session: str) -> Features:
    """Read the two features that ``prepare_session`` wrote."""
    table = pq.ParquetFile(signals_path(folder, session)).read()  # read_table loads pandas
    about = table.schema.metadata
    first, second = (values_of(table.column(k)) for k in (1, 2))
    return Features(
        session=session,
        start_s=float(about[b"start_s"]),
        rate_hz=float(about[b"rate_hz"]),
        first=first,
        second=second,
    )


def features_of(folder: Path, session: str) -> Features:
    """The same, kept for the sessions that a process read last."""
    made = signals_path(folder, session).stat().st_mtime_ns  # a folder can be made anew
    return _features_at(folder, session, made)


@lru_cache(maxsize=256)
def _features_at(folder: Path, session: str, made: int) -> Features:
    return read_features(folder, session)
