"""syntony record: people recorded over LSL, and the recording brought into the study."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from syntony.align.clocks import place
from syntony.core.errors import FileError, InputError, MissingPackage, SyntonyError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.session import Person, Session
from syntony.io.atomic import recover
from syntony.io.hashing import sha256_of
from syntony.io.registry import read
from syntony.io.study import Study, create_study, open_study, write_session
from syntony.io.study_write import hide_from_bids
from syntony.io.xdf import open_xdf
from syntony.io.xdf.choose import name_channels
from syntony.io.xdf.headers import StreamInfo
from syntony.io.xdf.journal import journal_of
from syntony.live.alarms import Alarm
from syntony.live.devices import is_device, is_made, open_device
from syntony.live.markers import CONTROL, Commands, obey, wait_for_start
from syntony.live.playing import REHEARSED
from syntony.live.recorder import OWN, Recorder
from syntony.live.sources import Source
from syntony.live.streams import (
    REMEMBERED,
    FoundStream,
    LslSource,
    assign,
    clock_s,
    find_streams,
    recall,
    remember,
    wait_for,
)
from syntony.pipeline.originals import is_study

People = Mapping[str, Sequence[str]]
_NOBODY = (
    "Streams of this session were sent by a rehearsal: made people or a made board, or a recording "
    "played again. "
    "Nobody was recorded."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What ``record`` left.

    Attributes
    ----------
    session : str
    path : Path
        The recording in the study's ``sourcedata``.
    sha256 : str
    samples : mapping of stream name to int
    notes : tuple of Note
    """

    session: str
    path: Path
    sha256: str
    samples: Mapping[str, int]
    notes: tuple[Note, ...]


def record(
    study: Path | str,
    session: str,
    people: People | None = None,
    *,
    seconds: float | None = None,
    dyad: str = "",
    type: str = "",
    units: Mapping[str, str] | None = None,
    ids: Mapping[str, str] | None = None,
    wait_s: float = 10.0,
    remote_start: bool = False,
    stop: threading.Event | None = None,
    on_alarm: Callable[[Alarm], object] = lambda alarm: None,
    on_start: Callable[[Recorder, Callable[[str], object]], object] = lambda recorder, do: None,
    on_filing: Callable[[], object] = lambda: None,
) -> Recorded:
    """Record people over LSL into a session of a study.

    Parameters
    ----------
    study : path
        Folder of the study; made where it is not there, with these roles.
    session : str
        Its label; never written over.
    people : mapping of role to sequence of str, optional
        Whose streams are whose, by name or source id; also devices that send no LSL
        (:mod:`syntony.live.devices`). Without it as the last time.
    seconds : float, optional
        How long; without it until ``stop`` is set or a command says so.
    dyad : str
        Without it the label of the session.
    type : str
        Type of the session.
    units : mapping of channel label to unit, optional
        Where streams do not say them.
    ids : mapping of role to str, optional
        Ids of people that the study may know; without one, label of the dyad and role.
    wait_s : float
        How long missing streams are waited for.
    remote_start : bool
        Wait for ``start`` on the stream ``syntony control``.
    stop : threading.Event, optional
    on_alarm, on_start : callable, optional
        ``on_start`` gets the recorder and what does commands (``pause``, ``resume``, ``stop``, or
        the text of a marker); it must not wait.
    on_filing : callable, optional
        Called when the recording is over, before it is brought into the study.

    Returns
    -------
    Recorded

    Raises
    ------
    InputError
        If the session is there, a stream is missing, a role is unknown or a unit is not said.
    FileError
        If writing had to stop. What was recorded is in the file that it names.
    """
    root, over = Path(study), stop or threading.Event()
    old, units_before = recall(root)
    wishes = {r: tuple(n) for r, n in (people or old).items()}
    given = {**units_before, **(units or {})}
    _check(root, session, wishes)
    sent = {r: tuple(n for n in names if not is_device(n)) for r, names in wishes.items()}
    found = _streams_of(sent, wait_s)
    sources = _sources(wishes, assign(found, sent), found, given)
    if not is_study(root):
        create_study(root, title=root.resolve().name, roles=list(wishes))
    path = root / "sourcedata" / "unfiled" / f"{session}.xdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    remember(root, wishes, given)
    hide_from_bids(root, REMEMBERED)
    _record(path, sources, seconds, remote_start, over, on_alarm, on_start)
    on_filing()
    try:
        return file_recording(
            root,
            path,
            session,
            _recorded_as(wishes, sources),
            dyad=dyad,
            type=type,
            units=given,
            ids=ids,
            keep=False,
        )
    except SyntonyError as error:
        raise FileError(
            path,
            f"that it could not be filed ({error})",
            "a recording of everybody",
            "It is whole and stays there; file it with syntony record --mended.",
        ) from error


def _record(
    path: Path,
    sources: Mapping[str, Source],
    seconds: float | None,
    remote_start: bool,
    over: threading.Event,
    on_alarm: Callable[[Alarm], object],
    on_start: Callable[[Recorder, Callable[[str], object]], object],
) -> None:
    """Run the recorder until the time is over or somebody says stop."""
    recorder: Recorder

    def do(words: str) -> None:
        obey(recorder, words, over)

    control = sources.get(CONTROL)
    if remote_start:
        if control is None:
            raise InputError("remote_start", True, f"a stream {CONTROL!r} that answers")
        if not wait_for_start(control, sources.values(), seconds=86400.0):
            raise InputError("remote_start", True, f"'start' on the stream {CONTROL!r}")
    if control is not None:
        sources = {**sources, CONTROL: Commands(control, do)}
    recorder = Recorder(path, sources, on_alarm=on_alarm, clock=_clock())
    with recorder:
        on_start(recorder, do)
        until = None if seconds is None else time.monotonic() + seconds
        try:
            while not over.wait(0.05) and recorder.error is None:
                if until is not None and time.monotonic() >= until:
                    break
        except KeyboardInterrupt:  # Ctrl-C ends the recording; it is filed like any other
            recorder.mark("stop")


def file_recording(
    study: Path | str,
    path: Path | str,
    session: str,
    people: People | None = None,
    *,
    dyad: str = "",
    type: str = "",
    units: Mapping[str, str] | None = None,
    ids: Mapping[str, str] | None = None,
    keep: bool = True,
) -> Recorded:
    """Bring an XDF recording of several people into a study, as a session.

    The file is copied to ``sourcedata/<session>`` with its SHA-256.

    Parameters
    ----------
    study, path, session
    people : mapping of role to sequence of str, optional
        Streams of each, by source id or name; without it as the last time.
    dyad, type, units, ids
        As in ``record``. A session of a rehearsal is told by a note, and by its type where
        none is given.
    keep : bool
        Without it the file is taken away when its copy is there, whole.
    """
    root, path = Path(study), Path(path)
    before, units_before = recall(root)
    people, units = people or before, {**units_before, **(units or {})}
    known = open_study(root)
    _check(root, session, people)
    recordings = {role: _read(path, role, names, units) for role, names in people.items()}
    label = dyad or session
    ids = {role: (ids or {}).get(role) or f"{label}{role.replace('_', '')}" for role in people}
    placed = place({ids[role]: [_owned(r, ids[role])] for role, r in recordings.items()})
    notes = [*placed.notes, *dict.fromkeys(n for r in recordings.values() for n in r.notes)]
    names = [s.info.source_id for s in open_xdf(path).streams]
    if any(name.startswith(REHEARSED) or is_made(name) for name in names):
        notes.append(Note("", "rehearsal", _NOBODY))
        type = type or "rehearsal"
    made = Session(
        id=session,
        people=tuple(Person(id=ids[role], role=role) for role in known.roles if role in people),
        dyad=label,
        type=type,
        number=1 + sum(row.dyad == label and row.type == type for row in known.sessions),
        signals=placed.signals,
        events=placed.events,
        clocks=placed.clocks,
        notes=tuple(replace(n, where="/".join(filter(None, (session, n.where)))) for n in notes),
    )
    originals = [p for p in (path, journal_of(path)) if p.is_file()]
    recover(root)
    write_session(root, made, started_at=placed.started_at, sources=originals)
    kept = root / "sourcedata" / session / path.name
    sha = sha256_of(kept)
    if sha != sha256_of(path):
        raise FileError(kept, "another SHA-256 than the recording's", "the same", "Keep both.")
    counts = {s.info.name: s.declared or 0 for s in open_xdf(kept).streams}
    for original in [] if keep else originals:
        original.unlink()
    if not keep and not any(path.parent.iterdir()):
        path.parent.rmdir()
    return Recorded(session=session, path=kept, sha256=sha, samples=counts, notes=made.notes)


def _check(root: Path, session: str, wishes: People) -> None:
    """Refuse what could not be filed after the meeting."""
    if not session.isalnum() or not session.isascii():
        raise InputError("session", session, "letters and digits")
    if len(wishes) < 2 or not all(wishes.values()):
        raise InputError("people", dict(wishes), "two people or more, each with a stream")
    if not is_study(root):
        return
    study: Study = open_study(root)
    if session in {row.id for row in study.sessions}:
        raise InputError("session", session, "a session that is not there yet")
    for role in wishes:
        if role not in study.roles:
            raise InputError("people", role, f"roles of the study: {list(study.roles)}")


def _streams_of(sent: People, wait_s: float) -> tuple[FoundStream, ...]:
    """Streams that answer; where only devices are recorded, LSL need not be there."""
    if any(sent.values()):
        return wait_for(sent, seconds=wait_s)
    try:
        return find_streams()  # of markers
    except MissingPackage:
        return ()


def _sources(
    wishes: People,
    mine: Mapping[str, Sequence[FoundStream]],
    found: Sequence[FoundStream],
    units: Mapping[str, str],
) -> dict[str, Source]:
    """Open what is recorded: everybody's streams and devices, and all markers that are there."""
    chosen = {f"{role}: {s.info.name}": s for role, streams in mine.items() for s in streams}
    markers = {
        s.info.name if s.info.name == CONTROL else f"markers: {s.info.name}": s
        for s in found
        if s.info.is_text and s not in chosen.values()
    }
    opened: dict[str, Source] = {}
    try:
        for name, stream in {**chosen, **markers}.items():
            opened[name] = LslSource(stream)
        for role, names in wishes.items():
            for name in filter(is_device, names):
                opened[f"{role}: {name}"] = open_device(name, _clock())
            own = [s.info for n, s in opened.items() if n.startswith(f"{role}: ")]
            _check_units(role, own, units)
    except SyntonyError:
        for source in opened.values():
            source.close()
        raise
    return opened


def _recorded_as(wishes: People, sources: Mapping[str, Source]) -> dict[str, list[str]]:
    """By what everybody's streams are found in the file."""
    return {
        role: [s.info.source_id or s.info.name for n, s in sources.items() if n.startswith(head)]
        for role, head in ((role, f"{role}: ") for role in wishes)
    }


def _clock() -> Callable[[], float]:
    """The recorder's clock: that of LSL, so that its stamps need no other; without it our own."""
    try:
        clock_s()
    except MissingPackage:
        return time.monotonic
    return clock_s


def _check_units(role: str, infos: Sequence[StreamInfo], units: Mapping[str, str]) -> None:
    """Refuse a channel whose unit nobody says: after the meeting it would be too late."""
    lacking = [c.label for found in name_channels(infos, units) for c in found if not c.unit]
    if lacking:
        raise InputError(
            "units",
            f"none for {lacking} of {role}",
            "the unit of every channel",
            "Say --unit LABEL=uS, or 1 for arbitrary numbers.",
        )


def _read(
    path: Path, role: str, names: Sequence[str], units: Mapping[str, str] | None
) -> Recording:
    """Read one person's streams, with the markers of everybody."""
    marks = [s for s in open_xdf(path).streams if s.info.name == OWN[0] and s.declared]
    return read(
        path,
        person=role,
        format="xdf",
        streams=[*names, *(m.number for m in marks)],
        units=units,
        dejitter=True,
    )


def _owned(recording: Recording, person: str) -> Recording:
    """Give everything in it to this person."""
    return replace(
        recording,
        signals=tuple(replace(s, person=person) for s in recording.signals),
        events=tuple(replace(e, person=person) for e in recording.events),
    )
