"""The study as tables: long CSV for R, NeuroKit's columns, and rMEA's two columns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.io.bids import plain_label
from syntony.io.edf_write import plan_edf, write_edf
from syntony.io.inferences import FILE as INFERENCES
from syntony.io.study import SessionRow, Study
from syntony.io.tsv import read_tsv
from syntony.pipeline.export_pieces import Pieces, named, role_of, told_what_stays

NEUROKIT = {
    "eda": "EDA_Raw",
    "ecg": "ECG_Raw",
    "resp": "RSP_Raw",
    "ppg": "PPG_Raw",
    "emg": "EMG_Raw",
    "eog": "EOG_Raw",
    "eeg": "EEG_Raw",
}
_RMEA_README = """Movement of both people, one file for each session: a header with the two roles,
then one row for each frame, apart by a blank. NA is missing. Types of sessions have folders of
their own; sessions.csv says the rate of every file.

In R, with that rate:

    library(rMEA)
    mea <- readMEA(".", sampRate = RATE, s1Col = 1, s2Col = 2, s1Name = "{first}",
                   s2Name = "{second}", idOrder = c("id", "session"), idSep = "_", sep = " ",
                   header = TRUE, namefilt = "txt$")
"""


def csv_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """Signals and events as time and value; codes, answers and marks as rows."""
    out = Pieces()
    for thing, label in named(session):
        place = f"{_folder(thing)}/{row.id}_{thing.person}_{label}.csv"
        out.add(place, f"{thing.kind} of {thing.person}", _long(thing))
        out.row("recordings.csv", file=place, **_facts(session, row, thing))
    for span in session.spans:
        out.row(
            "codes.csv",
            session=row.id,
            person=span.person,
            code=span.label,
            onset_s=float(span.start_s),
            duration_s=float(span.stop_s - span.start_s),
            coder=span.coder,
        )
    for mark in session.marks:
        out.row(
            "artefacts.csv",
            session=row.id,
            person=mark.person,
            kind=mark.kind,
            start_s=float(mark.start_s),
            stop_s=float(mark.stop_s),
        )
    for answers in session.answers:
        for item, value in answers.items.items():
            out.row(
                "answers.csv",
                session="" if answers.once else row.id,
                person=answers.person,
                about=answers.about,
                instrument=answers.instrument,
                item=item,
                value=float(value),
            )
    _people(out, row, session)
    return out


def _people(out: Pieces, row: SessionRow, session: Session) -> None:
    """Who met: one row a person in a session, with the clock."""
    for person in session.people:
        clock = session.clocks.get(person.id)
        out.row(
            "people.csv",
            session=row.id,
            dyad=row.dyad,
            number=row.number,
            type=row.type,
            started_at=row.started_at.isoformat() if row.started_at else None,
            person=person.id,
            role=person.role,
            group=person.group,
            clock_error_s=clock.error_s if clock else None,
            clock_source=clock.source if clock else None,
        )


def _folder(thing: Signal | Events) -> str:
    return "signals" if isinstance(thing, Signal) else "events"


def _facts(session: Session, row: SessionRow, thing: Signal | Events) -> dict[str, object]:
    """What stands beside a recording in a table."""
    values = thing.values
    return {
        "session": row.id,
        "person": thing.person,
        "role": role_of(session, thing.person),
        "kind": thing.kind,
        "unit": thing.unit,
        "rate_hz": thing.rate_hz if isinstance(thing, Signal) else None,
        "start_s": thing.start_s if isinstance(thing, Signal) else None,
        "count": int(values.size if values is not None else thing.times_s.size),
        "missing": int(np.isnan(values).sum()) if values is not None else 0,
    }


def _long(thing: Signal | Events) -> Callable[[Path], object]:
    """Write time and value; digits enough to give the same numbers back."""

    def write(place: Path) -> None:
        times = thing.times_s.tolist()
        if thing.values is None:
            rows = [f"{t!r}" for t in times]
            head = "time_s"
        else:
            rows = [
                f"{t!r},{'' if v != v else repr(v)}"
                for t, v in zip(times, thing.values.tolist(), strict=True)
            ]
            head = "time_s,value"
        place.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")

    return write


def neurokit_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """Signals of one person, rate and start side by side, as NeuroKit names them."""
    out = Pieces()
    groups: dict[tuple[str, float, float], dict[str, Signal]] = {}
    for thing, label in named(session):
        if isinstance(thing, Events):
            place = f"{row.id}_{thing.person}_{label}.csv"
            out.add(place, f"{thing.kind} of {thing.person}", _long(thing))
            out.row("recordings.csv", file=place, column="value", **_facts(session, row, thing))
            continue
        group = groups.setdefault((thing.person, thing.rate_hz, thing.start_s), {})
        name = NEUROKIT.get(thing.kind, label.upper())
        group[name if name not in group else label.upper()] = thing
    used: set[str] = set()
    for (person, rate, start_s), columns in groups.items():
        stem = f"{row.id}_{person}_{rate:g}Hz"
        while stem in used:
            stem += "b"
        used.add(stem)
        out.add(f"{stem}.csv", f"{', '.join(columns)} of {person}", _wide(columns))
        said = {
            "sampling_rate": rate,
            "start_s": start_s,
            "session": row.id,
            "person": person,
            "role": role_of(session, person),
            "units": {name: s.unit for name, s in columns.items()},
        }
        out.add(f"{stem}.json", "its sampling rate and units", _json(said))
        for name, signal in columns.items():
            facts = _facts(session, row, signal)
            out.row("recordings.csv", file=f"{stem}.csv", column=name, **facts)
    return out


def _json(said: dict[str, object]) -> Callable[[Path], object]:
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    return lambda place: place.write_text(text, encoding="utf-8")


def _wide(columns: dict[str, Signal]) -> Callable[[Path], object]:
    """Write signals side by side; a shorter one ends in empty cells."""

    def write(place: Path) -> None:
        length = max(s.values.size for s in columns.values())
        cells = []
        for signal in columns.values():
            texts = ["" if v != v else repr(v) for v in signal.values.tolist()]
            cells.append(texts + [""] * (length - len(texts)))
        # A row of one empty cell would be a blank line, which readers skip.
        rows = [",".join(r) or '""' for r in zip(*cells, strict=True)]
        place.write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8")

    return write


def edf_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """One EDF+ file for each signal; events, codes and answers as tables beside them."""
    out = csv_session(study, row, session)
    out.files = [p for p in out.files if p.place.startswith("events/")]
    rows = out.rows.pop("recordings.csv", [])
    places = {r["file"]: r for r in rows}
    for thing, label in named(session):
        if isinstance(thing, Events):
            place = f"events/{row.id}_{thing.person}_{label}.csv"
            out.row("recordings.csv", **places[place])
            continue
        _edf_signal(out, row, session, thing, label)
    return out


def _edf_signal(out: Pieces, row: SessionRow, session: Session, signal: Signal, label: str) -> None:
    """Plan one EDF file, and tell what it cannot hold."""
    place = f"{row.id}_{signal.person}_{label}.edf"
    try:
        plan = plan_edf(signal)
    except InputError as error:
        out.left_out(place, str(error))
        return
    out.add(
        place,
        f"{signal.kind} of {signal.person}",
        lambda path: write_edf(path, signal, started_at=row.started_at, session=row.id),
    )
    out.row(
        "recordings.csv",
        file=place,
        **_facts(session, row, signal),
        written=plan.samples,
        left_out=plan.left_out,
        resolution=plan.resolution,
        edf_rate_hz=plan.rate_hz,
        kind_of_edf="EDF+D" if plan.has_gaps else "EDF+C",
    )
    if plan.missing or plan.left_out:
        out.left_out(
            place,
            f"{plan.missing} missing samples are gaps between records, and {plan.left_out} samples "
            "beside them, or at the end, do not fill a record.",
        )


def rmea_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """Movement of two people side by side, where both overlap."""
    out = Pieces()
    pair = [[s for s in session.signals if s.person == p.id and s.kind == "motion"]
            for p in session.people]  # fmt: skip
    if len(pair) != 2 or any(len(own) != 1 for own in pair):
        counts = {p.id: len(own) for p, own in zip(session.people, pair, strict=True)}
        out.left_out(row.id, f"rMEA reads two people with one movement each; here {counts}.")
        return out
    one, other = (own[0] for own in pair)
    start, stop = max(one.start_s, other.start_s), min(one.stop_s, other.stop_s)
    shift = (one.start_s - other.start_s) * one.rate_hz
    if one.rate_hz != other.rate_hz or abs(shift - round(shift)) > 1e-3 or stop <= start:
        rates = (
            f"{one.rate_hz:g} and {other.rate_hz:g} Hz from {one.start_s:g}, {other.start_s:g} s"
        )
        out.left_out(row.id, f"The movements share no frames: {rates}.")
        return out
    a, b = one.between(start, stop), other.between(start, stop)
    length = min(a.values.size, b.values.size)
    table = np.column_stack([a.values[:length], b.values[:length]])
    roles = [p.role for p in session.people]
    folder = f"{plain_label(row.type, 'sessions')}/" if row.type else ""
    place = f"{folder}{row.dyad.replace('_', '-')}_{row.number:02d}.txt"
    out.add(place, "movement of both", _two(table, roles))
    out.row(
        "sessions.csv",
        file=place,
        session=row.id,
        dyad=row.dyad,
        rate_hz=one.rate_hz,
        start_s=a.start_s,
        rows=length,
        missing=int(np.isnan(table).sum()),
        first=roles[0],
        second=roles[1],
    )
    return out


def _two(table: Array, roles: list[str]) -> Callable[[Path], object]:
    """Write two columns as rMEA reads them."""

    def write(place: Path) -> None:
        rows = [
            " ".join("NA" if v != v else repr(v).removesuffix(".0") for v in r)
            for r in table.tolist()
        ]
        head = " ".join(f'"{role}"' for role in roles)
        place.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")

    return write


def rmea_study(study: Study) -> Pieces:
    """How to read the files."""
    out = Pieces()
    told_what_stays(study, out, phenotype="rMEA reads movement", codes="rMEA reads movement")
    first, second = [*study.roles, "second"][:2]
    text = _RMEA_README.format(first=first, second=second)
    out.add("README.txt", "how R reads them", lambda p: p.write_text(text, encoding="utf-8"))
    return out


def r_study(study: Study) -> Pieces:
    """What belongs to no session, and the script that reads all of it in R."""
    out = tables_study(study)
    script = files("syntony.pipeline").joinpath("study.R").read_text("utf-8")
    out.add("study.R", "reads all of it in R", lambda p: p.write_text(script, encoding="utf-8"))
    return out


def tables_study(study: Study) -> Pieces:
    """What belongs to no session: judged inferences, definitions of questionnaires."""
    out = Pieces()
    told_what_stays(study, out)
    if (study.root / INFERENCES).is_file():
        columns, rows = read_tsv(study.root / INFERENCES, [])
        for row in rows:
            out.row("inferences.csv", **{name: row.text(name) for name in columns})
    for file in sorted((study.root / "questionnaires").glob("*.toml")):
        out.add(f"questionnaires/{file.name}", "definition", partial(shutil.copyfile, file))
    return out
