"""The study as XDF: one file for each session, everybody's recordings as streams."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from syntony.core.events import Events
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.io.study import SessionRow, Study
from syntony.io.xdf import XdfWriter
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.io.xdf.journal import journal_of
from syntony.pipeline.export_pieces import Pieces, named, role_of
from syntony.pipeline.export_tables import csv_session

TOGETHER_S = 10.0  # of a signal in one chunk


def xdf_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """One XDF file; codes, answers and artefacts as tables beside it."""
    out = csv_session(study, row, session)
    out.files.clear()
    listed = out.rows.pop("recordings.csv", [])
    place = f"{row.id}.xdf"
    out.add(place, "recordings of everybody", partial(_write, row=row, session=session))
    for facts, info in zip(listed, _infos(session), strict=True):
        out.row("recordings.csv", **{**facts, "file": place}, stream=info.name)
    return out


def _infos(session: Session) -> list[StreamInfo]:
    """Header of every stream, in the order of ``named``."""
    return [
        StreamInfo(
            name=f"{role_of(session, thing.person)} {label}",
            type=thing.kind.upper(),
            nominal_rate_hz=thing.rate_hz if isinstance(thing, Signal) else 0.0,
            format="string" if thing.values is None else "double64",
            source_id=f"{thing.person} {label}",
            channels=(ChannelInfo(label=thing.kind, unit=thing.unit, type=thing.kind),),
        )
        for thing, label in named(session)
    ]


def _write(path: Path, *, row: SessionRow, session: Session) -> None:
    """Write the file: stamps are seconds of the session, missing samples are NaN."""
    with XdfWriter(path, zero_at=row.started_at) as writer:
        numbers = [writer.add_stream(info) for info in _infos(session)]
        for number, (thing, _) in zip(numbers, named(session), strict=True):
            _write_stream(writer, number, thing)
    journal_of(path).unlink()


def _write_stream(writer: XdfWriter, number: int, thing: Signal | Events) -> None:
    """Write the samples of one stream, some seconds a chunk."""
    times = thing.times_s
    if thing.values is None:
        writer.write(number, times, [(thing.kind,)] * times.size)
        return
    rate_hz = thing.rate_hz if isinstance(thing, Signal) else 1.0
    step = max(1, round(TOGETHER_S * rate_hz))
    for low in range(0, times.size, step):
        some = slice(low, low + step)
        writer.write(number, times[some], np.asarray(thing.values[some])[:, None])
