"""The verb ``align``: how the clocks of a study lie, and how to lay them better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from syntony.align.common import Common, correct, one_in_common
from syntony.align.jumps import jump_notes
from syntony.align.markers import ClockFit
from syntony.core.errors import InputError, SyntonyError
from syntony.core.notes import Note
from syntony.core.rated import split_kind
from syntony.core.recording import Recording
from syntony.core.session import Clock, Session
from syntony.io.moving import move_recordings
from syntony.io.study import Study, load_session, open_study
from syntony.io.study_write import extent_of

_KEPT = "the others were aligned to it"
State = Literal["as it was", "moved", "would be moved", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """How one person's clock lies in one session, before and after.

    Attributes
    ----------
    session, person, role : str
    state : {"as it was", "moved", "would be moved", "problem"}
    source : str
        What the clock stands on now, in words; before the study says ``"not stated"``.
    error_s : float
        What uncertainty remains (s); NaN: nobody knows.
    moved_s, drift_ppm : float
        By how much it was moved, and its pace changed; 0 where it was not.
    residual_s : float
        Median distance of what both devices caught after the move (s); NaN without.
    why : str
        What the problem is.
    """

    session: str
    person: str
    role: str
    state: State
    source: str
    error_s: float
    moved_s: float = 0.0
    drift_ppm: float = 0.0
    residual_s: float = float("nan")
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Clocks of a study.

    Attributes
    ----------
    rows : tuple of Aligned
        One for each person of each session.
    lag_errors_s : mapping of session id to float
        How wrong a lag between two of its people may be by their clocks alone; a finer lag is
        not resolvable. NaN: nobody knows.
    """

    rows: tuple[Aligned, ...]
    lag_errors_s: Mapping[str, float]


def align(
    study: Study | Path | str,
    *,
    session: str = "",
    markers: str = "",
    edges: str = "",
    claps: str = "",
    shared_signal: str = "",
    reference: str = "",
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Alignment:
    """Say how the clocks of a study lie, or lay them by something that all devices caught.

    Without ``markers``, ``edges``, ``claps`` and ``shared_signal`` nothing is changed. With one
    of them the recordings of everybody but the reference are moved on the session clock; codes,
    ratings and videos stay where they are, and what was done is kept in ``clocks/``.

    Parameters
    ----------
    study : Study or path
    session : str, optional
        This session only.
    markers, edges, claps, shared_signal : str, optional
        Kind of the events, of the trigger channel, of the sound or acceleration with claps, or of
        the movement or sound, that all devices caught. One of them.
    reference : str, optional
        Role of the person whose clock stays; default: the first role of the study.
    dry_run : bool, default False
        Say what would be done; change nothing.
    on_progress : callable, optional
        Called with (sessions done, sessions in all).

    Returns
    -------
    Alignment
        A session that cannot be aligned has the state ``"problem"`` and is left as it was.

    Raises
    ------
    InputError
        If two things in common are named, or a role or session is unknown.
    FileError
        If there is no study.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.align("no-such-study")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    common = one_in_common(markers=markers, edges=edges, claps=claps, signal=shared_signal)
    role = reference or opened.roles[0]
    if role not in opened.roles:
        raise InputError("reference", reference, f"one of the study's roles, {opened.roles}")
    ids = [row.id for row in opened.sessions if session in ("", row.id)]
    if not ids:
        raise InputError("session", session, f"one of {[r.id for r in opened.sessions]}")
    rows: list[Aligned] = []
    lag_errors: dict[str, float] = {}
    for done, one in enumerate(ids, start=1):
        some = list(_one(opened, one, common, role, dry_run=dry_run))
        rows += some
        lag_errors[one] = _lag_error(some)
        on_progress(done, len(ids))
    return Alignment(rows=tuple(rows), lag_errors_s=lag_errors)


def _lag_error(rows: list[Aligned]) -> float:
    """The largest error of a lag between two of them; NaN where one clock's is unknown."""
    errors = sorted(r.error_s for r in rows)
    return float(errors[-1] + errors[-2]) if len(errors) > 1 else float("nan")


def _one(
    study: Study, session_id: str, common: Common | None, role: str, *, dry_run: bool
) -> Iterator[Aligned]:
    """Look at one session, and move its recordings where something in common is named."""
    people = study.session(session_id).people
    try:
        loaded = load_session(study, session_id)
        found = None if common is None else _found(loaded, common, role)
        if found is not None and not dry_run:
            _move(study, loaded, found)
    except SyntonyError as error:
        for person in people:
            yield Aligned(
                session=session_id,
                person=person.id,
                role=person.role,
                state="problem",
                source="",
                error_s=float("nan"),
                why=str(error),
            )
        return
    fits = {} if found is None else found.fits
    after = _clocks_after(loaded, fits)
    for person in people:
        fit, clock = fits.get(person.id), after.get(person.id)
        moved: State = "would be moved" if dry_run else "moved"
        yield Aligned(
            session=session_id,
            person=person.id,
            role=person.role,
            state="as it was" if fit is None else moved,
            source="not stated" if clock is None else clock.source,
            error_s=float("nan") if clock is None else clock.error_s,
            moved_s=0.0 if fit is None else fit.offset_s,
            drift_ppm=0.0 if fit is None else fit.drift_ppm,
            residual_s=float("nan") if fit is None else float(np.median(np.abs(fit.residuals_s))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """How everybody's recordings lie to those of the reference, and when they are afterwards."""

    by: str
    fits: Mapping[str, ClockFit]
    spans: Mapping[str, tuple[float, float]]


def _found(session: Session, common: Common, role: str) -> _Found:
    """Find it by what all devices caught; ratings lie on the clock of the video and stay."""
    people = sorted(session.people, key=lambda p: p.role != role)
    recordings = {
        p.id: [
            Recording(
                signals=tuple(
                    s for s in session.signals if s.person == p.id and not split_kind(s.kind)
                ),
                events=tuple(e for e in session.events if e.person == p.id),
            )
        ]
        for p in people
    }
    starts, moved, fits = correct(recordings, {p.id: [0.0] for p in people}, common, is_known=True)
    if jumped := jump_notes(fits):
        hint = f"Import the session again with --{common.what}: there the recording is cut."
        raise InputError(common.what, jumped[0].text, "clocks that do not jump", hint)
    spans = {}
    for p in people:
        ratings = [s for s in session.signals if s.person == p.id and split_kind(s.kind)]
        (start,), (recording,) = starts[p.id], moved[p.id]
        first, last = extent_of(recording.signals, recording.events)
        spans[p.id] = _wider((first + start, last + start), extent_of(ratings, ()))
    return _Found(by=f"{common.what} of kind {common.kind}", fits=fits, spans=spans)


def _wider(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """From the earlier start to the later stop; NaN counts nowhere."""
    return float(np.fmin(one[0], other[0])), float(np.fmax(one[1], other[1]))


def _clocks_after(session: Session, fits: Mapping[str, ClockFit]) -> dict[str, Clock]:
    """Everybody's clock afterwards; the reference carries no error of its own."""
    clocks = dict(session.clocks)
    for person in session.people:
        old = clocks.get(person.id) or Clock(offset_s=0.0, error_s=float("nan"), source="")
        fit = fits.get(person.id)
        if fit is not None:
            pace = 1 + fit.drift_ppm * 1e-6
            clocks[person.id] = Clock(
                offset_s=old.offset_s * pace + fit.offset_s,
                drift_ppm=((1 + old.drift_ppm * 1e-6) * pace - 1) * 1e6,
                error_s=fit.error_s,
                source=fit.words,
            )
        elif fits:
            words = [w for w in (old.source.removesuffix(f"; {_KEPT}"), _KEPT) if w]
            clocks[person.id] = Clock(
                offset_s=old.offset_s,
                drift_ppm=old.drift_ppm,
                error_s=0.0,
                source="; ".join(dict.fromkeys(words)),
            )
    return clocks


def _move(study: Study, session: Session, found: _Found) -> None:
    """Move the recordings in the study and keep what was done."""
    fits = found.fits
    after = _clocks_after(session, fits)
    before = session.clocks
    notes = []
    for person, fit in fits.items():
        known = sum(before[p].error_s for p in before) if len(before) > 1 else float("nan")
        if abs(fit.offset_s) > known:  # not where the error was unknown
            text = (
                f"Moved by {fit.offset_s:+.2f} s by {fit.words}: more than the {known:.2f} s that "
                f"the clocks were said to be unsure ({before[person].source})."
            )
            notes.append(Note(person, "clock-contradiction", text))
    move_recordings(
        study,
        session.id,
        {
            p: Clock(offset_s=f.offset_s, drift_ppm=f.drift_ppm, error_s=f.error_s, source=f.words)
            for p, f in fits.items()
        },
        clocks=after,
        spans=found.spans,
        notes=notes,
        history={
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "by": found.by,
            "moved": {
                p: {
                    "offset_s": f.offset_s,
                    "drift_ppm": f.drift_ppm,
                    "error_s": f.error_s,
                    "residuals_s": f.residuals_s.tolist(),
                }
                for p, f in fits.items()
            },
        },
    )
