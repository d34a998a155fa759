"""A continuous rating of a session: what a rater is shown, and its way into the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError, InputError
from syntony.core.rated import NAME_HELD, SELF, is_name, split_kind
from syntony.core.session import Person
from syntony.core.signal import Signal
from syntony.io.bids import PHYSIO, read_physio, read_sidecar
from syntony.io.extent import session_span
from syntony.io.rating_log import (
    RatingLog,
    append_samples,
    begin_log,
    end_log,
    log_path,
    next_free,
    put_aside,
    read_signal,
    unfinished,
)
from syntony.io.study import Study, open_study
from syntony.pipeline.coding import Film, films_of
from syntony.pipeline.import_ratings import keep_rating, rating_path

LEAST_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSheet:
    """What a rater is shown of a session; ``kept`` are (person, kind) of ratings that are there.

    Times in seconds on the session clock.
    """

    session: str
    people: tuple[Person, ...]
    start_s: float
    stop_s: float
    films: tuple[Film, ...]
    kept: tuple[tuple[str, str], ...]
    begun: tuple[RatingLog, ...]


def rating_sheet(study: Path | Study, session: str, *, rater: str = "") -> RatingSheet:
    """Gather what a rater needs; with ``rater`` only this rater's own ratings are told."""
    opened = study if isinstance(study, Study) else open_study(study, recordings=False)
    row = opened.session(session)
    start, stop = session_span(opened, session)
    kept = [k for p in row.people for k in _kept(opened, session, p.id)]
    begun = unfinished(opened.root, session)
    if rater:
        kept = [k for k in kept if (split_kind(k[1]) or ("", ""))[1] == rater]
        begun = [b for b in begun if b.rater == rater]
    return RatingSheet(
        session=session,
        people=row.people,
        start_s=start,
        stop_s=stop,
        films=films_of(opened, session),
        kept=tuple(kept),
        begun=tuple(begun),
    )


def begin_rating(study: Path | Study, log: RatingLog) -> tuple[RatingLog, int]:
    """Begin a rating, or take up one that was not finished; give it and its next grid number.

    A rater named by the id or role of the person rated is ``self``.

    Raises
    ------
    FileError
        If the study has a rating of this kind: nothing is ever written over.
    InputError
        For a session or person that there is not, words that cannot be kept, or a rating that
        another account has begun.
    """
    opened = study if isinstance(study, Study) else open_study(study, recordings=False)
    row = opened.session(log.session)
    people = {p.id: p for p in row.people}
    if log.person not in people:
        raise InputError("person", log.person, f"one of {list(people)}")
    for name, word in (("what", log.what), ("rater", log.rater)):
        if not is_name(word):
            raise InputError(name, word, NAME_HELD)
    if log.rater in (log.person, people[log.person].role):
        log = replace(log, rater=SELF)
    there = rating_path(opened, log.session, log.person, log.kind)
    if there is not None:
        hint = "Ratings are never written over: name another rater, or move the old one away."
        found = f"a rating of the kind {log.kind!r}"
        raise FileError(there, found, "one that is not there yet", hint)
    begun = next((b for b in unfinished(opened.root, log.session) if b.id == log.id), None)
    if begun is not None and log.by and begun.by not in ("", log.by):
        hint = "Rate under your own name."
        raise InputError("rater", log.rater, "a rating that you began", hint)
    return log, begin_log(opened.root, log)


def add_samples(study: Path, session: str, log_id: str, first: int, values: Sequence[float]) -> int:
    """Add samples to a rating that is being given; those after the session's end are left out."""
    opened = open_study(study, recordings=False)
    log = log_of(opened, session, log_id)
    most = int(np.ceil(session_span(opened, session)[1] * log.rate_hz))
    return append_samples(opened.root, log, first, list(values)[: max(0, most - first)])


def next_sample(study: Path, log: RatingLog) -> int:
    """The first grid number of an unfinished rating that is free."""
    return next_free(study, log)


def finish_rating(study: Path, session: str, log_id: str) -> Signal:
    """Make a signal of the study from what was rated.

    Raises
    ------
    InputError
        If it is shorter than two seconds or two samples.
    FileError
        If the study got another rating of this kind meanwhile.
    """
    opened = open_study(study, recordings=False)
    log = log_of(opened, session, log_id)
    signal = read_signal(opened.root, log)
    seconds = 0.0 if signal is None else signal.values.size / signal.rate_hz
    if signal is None or seconds < LEAST_S or np.isfinite(signal.values).sum() < 2:
        raise InputError("rating", f"{seconds:g} s", f"at least {LEAST_S:g} s and two samples")
    keep_rating(opened, session, signal, log_path(opened.root, log.id))
    end_log(opened.root, log)
    return signal


def drop_rating(study: Path, session: str, log_id: str) -> None:
    """Put an unfinished rating aside; the file is renamed, and nothing is deleted."""
    opened = open_study(study, recordings=False)
    put_aside(opened.root, log_of(opened, session, log_id))


def kept_rating(study: Path, session: str, person: str, kind: str) -> Signal:
    """Read a rating that is in the study.

    Raises
    ------
    InputError
        If there is none of this kind; those of others are not told.
    """
    opened = open_study(study, recordings=False)
    row = opened.session(session)
    known = [k for p in row.people for k in _kept(opened, session, p.id)]
    path = rating_path(opened, session, person, kind) if (person, kind) in known else None
    if path is None:
        raise InputError("rating", f"{person} {kind}", "one of those in the study")
    return read_physio(path, person=person)[0]


def _kept(study: Study, session: str, person: str) -> list[tuple[str, str]]:
    """Ratings about a person that are in the study."""
    folder = study.root / f"sub-{person}" / f"ses-{session}"
    kinds = [
        str(name)
        for path in sorted(folder.glob(f"*/*{PHYSIO}"))
        if "by" in path.name.rpartition("_recording-")[2]
        for name in read_sidecar(path).get("Columns", [])
    ]
    return [(person, kind) for kind in kinds if split_kind(kind)]


def log_of(study: Path | Study, session: str, log_id: str) -> RatingLog:
    """An unfinished rating of this very session.

    Raises
    ------
    InputError
        If there is no such one; those of others are not told.
    """
    study = study if isinstance(study, Study) else open_study(study, recordings=False)
    known = {log.id: log for log in unfinished(study.root, study.session(session).id)}
    if log_id not in known:
        raise InputError("id", log_id, "an unfinished rating of this session")
    return known[log_id]
