"""BORIS: projects (.boris), tabular and aggregated exports, and writing tabular ones."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.io.codes.pairing import Mark, Moment, pair_states
from syntony.io.codes.registry import code_reader, code_writer
from syntony.io.codes.source import (
    Peek,
    Table,
    by_onset,
    event_at,
    note_at,
    read_rows,
    read_text,
    seconds_in,
    table_of,
    tiers_of,
)
from syntony.io.codes.value import CodeEvent, CodeFile, Media

NOBODY = "No focal subject"
CODERS = ("coder", "observer", "rater")
_STATUS: Mapping[str, Mark] = {"START": "start", "STOP": "stop", "POINT": "point"}
_SOURCE = "read against genuine files of BORIS 7 and, for the columns of later versions, its source"
_COLUMNS = (
    "Observation id",
    "Observation date",
    "Description",
    "Observation duration",
    "Observation type",
    "Source",
    "Time offset (s)",
    "Media duration (s)",
    "FPS",
    "coder",
    "Subject",
    "Behavior",
    "Behavioral category",
    "Modifier #1",
    "Behavior type",
    "Time",
    "Media file name",
    "Image index",
    "Image file path",
    "Comment",
)


def _is_project(peek: Peek) -> bool:
    text = peek.text.lstrip()
    return text.startswith("{") and (
        '"project_format_version"' in text
        or '"behaviors_conf"' in text
        or '"subjects_conf"' in text
    )


@code_reader(
    name="boris",
    title="BORIS project (.boris)",
    suffixes=(".boris",),
    sniff=_is_project,
    source=_SOURCE,
)
def read_boris(path: Path, *, observation: str = "") -> CodeFile:
    """Read a BORIS project: the events of every observation, or of one.

    Parameters
    ----------
    path : Path
    observation : str, optional
        Read this observation alone.

    Returns
    -------
    CodeFile
        ``session`` is the observation, ``tier`` the behavioural category. The starts and
        stops of a state are joined by subject, behaviour and modifiers, as BORIS does; one
        that is left open has unknown length (NaN) and a note. Times are as stored; where an
        observation has a time offset, a note says so.

    Raises
    ------
    FileError
        Naming observation and event: no sound JSON, a behaviour that the project does not
        define, a time that is none.
    """
    said = _project(path)
    kinds = _kinds(path, said)
    names = list(said["observations"])
    if observation and observation not in names:
        raise FileError(path, f"observations {names[:20]}", f"one named {observation!r}")
    events: list[CodeEvent] = []
    notes: list[Note] = []
    media: dict[str, Media] = {}
    for name in [observation] if observation else names:
        about = said["observations"][name]
        if not isinstance(about, dict) or not isinstance(about.get("events", []), list):
            raise FileError(path, f"observation {name!r} without a list of events", "one")
        found, late = pair_states(path, _moments(path, name, about, kinds))
        events += found
        notes += late + _about(path, name, about, bool(found))
        media.update({m: Media(name=m) for m in _media(about)})
    return CodeFile(
        path=path,
        events=by_onset(events),
        tiers=tiers_of(by_onset(events)),
        media=tuple(media.values()),
        notes=tuple(notes),
    )


def _project(path: Path) -> dict[str, Any]:
    """Read the JSON of a project."""
    text, _ = read_text(path)
    try:
        said = json.loads(text)
    except json.JSONDecodeError as error:
        hint = "The project is damaged or cut off."
        raise FileError(path, error.msg, "a BORIS project", hint, line=error.lineno) from error
    except RecursionError as error:
        raise FileError(path, "JSON nested without end", "a BORIS project") from error
    if not isinstance(said, dict) or not isinstance(said.get("observations"), dict):
        raise FileError(path, "JSON without observations", "a BORIS project")
    return said


def _kinds(path: Path, said: Mapping[str, Any]) -> dict[str, tuple[bool, str]]:
    """For each behaviour: is it a state, and its category."""
    behaviours = said.get("behaviors_conf")
    if not isinstance(behaviours, dict):
        raise FileError(path, "no behaviors_conf", "the behaviours of a BORIS project")
    kinds = {}
    for about in behaviours.values():
        try:
            state = "state" in str(about["type"]).lower()
            kinds[str(about["code"])] = state, str(about.get("category", ""))
        except (TypeError, KeyError, AttributeError):
            found = f"the behaviour {about!r}"[:80]
            raise FileError(path, found, "one with a code and a type") from None
    return kinds


def _moments(
    path: Path, name: str, about: Mapping[str, Any], kinds: Mapping[str, tuple[bool, str]]
) -> Iterator[Moment]:
    """Rows of an observation by time."""
    coder = _coder(about.get("independent_variables"))
    rows = []
    for i, event in enumerate(about.get("events", []), start=1):
        element = f"observation {name!r}, event {i}"
        try:
            time_s, person, code = float(event[0]), str(event[1]), str(event[2])
            rest = [str(x) for x in event[3:5]] + ["", ""]
        except (TypeError, ValueError, IndexError, KeyError):
            found = f"{event!r}"[:80] + f" ({element})"
            raise FileError(path, found, "time, subject, behaviour, modifier, comment") from None
        if not math.isfinite(time_s):
            found = f"an event without a time ({element})"
            raise FileError(path, found, "seconds", "Observations of images have none.")
        if code not in kinds:
            raise FileError(path, f"{code!r} ({element})", f"a behaviour of it: {sorted(kinds)}")
        state, tier = kinds[code]
        words = {"person": person, "code": code, "modifier": rest[0], "comment": rest[1]}
        said = {**words, "tier": tier, "session": name, "coder": coder, "element": element}
        key = (person, code, rest[0])
        mark: Mark = "toggle" if state else "point"
        rows.append(Moment(time_s=time_s, mark=mark, key=key, said=said))
    yield from sorted(rows, key=lambda m: m.time_s)


def _coder(variables: Any) -> str:
    """Who coded, where the observation has a variable for that."""
    if not isinstance(variables, dict):
        return ""
    words = {str(k).strip().lower(): str(v) for k, v in variables.items()}
    return next((words[c] for c in CODERS if words.get(c)), "")


def _about(path: Path, name: str, about: Mapping[str, Any], any_: bool) -> list[Note]:
    """What else there is to say of an observation."""
    notes = []
    if not any_:
        text = f"The observation {name!r} has no events."
        notes.append(note_at(path, 0, "no-events", text))
    offset = about.get("time offset", 0)
    if isinstance(offset, int | float) and offset:
        text = f"{name!r} has a time offset of {offset:g} s in BORIS; times here are as stored."
        notes.append(note_at(path, 0, "time-offset", text))
    return notes


def _media(about: Mapping[str, Any]) -> list[str]:
    players = about.get("file")
    lists = players.values() if isinstance(players, dict) else ()
    return [str(m) for files in lists if isinstance(files, list) for m in files]


def _is_tabular(peek: Peek) -> bool:
    header = peek.header("Subject", "Behavior", "Time")
    return bool(header) and ("status" in header or "behavior type" in header)


@code_reader(
    name="boris_tabular",
    title="BORIS tabular export",
    suffixes=(".tsv", ".csv", ".xlsx"),
    sniff=_is_tabular,
    source=_SOURCE,
)
def read_boris_tabular(path: Path) -> CodeFile:
    """Read a tabular export of BORIS: a row for each start, stop and point.

    Both layouts: with a block of facts above the table, and with the facts in columns. A
    variable ``coder``, ``observer`` or ``rater`` of the observation is the coder.

    Raises
    ------
    FileError
        With the line: a stop without a start, a word that is no status, a time that is none.
    """
    rows, notes = read_rows(path)
    table = table_of(path, rows, ("Subject", "Behavior", "Time"))
    above = {r.cells[0].strip().lower(): r.cells[1] for r in table.before if len(r.cells) > 1}
    status = table.first_of("status", "behavior type")
    moments = []
    for line, cells in table.rows:
        mark = _STATUS.get(cells[status].upper())
        if mark is None:
            found = repr(cells[status])
            raise FileError(path, found, f"one of {list(_STATUS)}", line=line, column=status)
        said = _words(table, cells, above)
        said["comment"] = cells.get("comment", "")
        key = tuple(said[k] for k in ("session", "coder", "person", "code", "tier", "modifier"))
        time_s = seconds_in(path, cells["time"], line=line, column="Time")
        moments.append(Moment(time_s=time_s, mark=mark, key=key, said=said, line=line))
    events, late = pair_states(path, moments)
    return _file(path, table, events, [*notes, *late], above)


def _is_aggregated(peek: Peek) -> bool:
    return bool(peek.header("Behavior", "Start (s)", "Stop (s)"))


@code_reader(
    name="boris_aggregated",
    title="BORIS aggregated export",
    suffixes=(".tsv", ".csv", ".xlsx"),
    sniff=_is_aggregated,
    source=_SOURCE,
)
def read_boris_aggregated(path: Path) -> CodeFile:
    """Read an aggregated export of BORIS: a row for each event, several observations.

    Raises
    ------
    FileError
        With the line: a stop before its start, a time that is none.
    """
    rows, notes = read_rows(path)
    table = table_of(path, rows, ("Behavior", "Start (s)", "Stop (s)"))
    events = []
    for line, cells in table.rows:
        said = _words(table, cells, {})
        comments = dict.fromkeys(cells.get(c, "") for c in ("comment start", "comment stop"))
        start = seconds_in(path, cells["start (s)"], line=line, column="Start (s)")
        stop = cells["stop (s)"]
        is_point = cells.get("behavior type", "").upper() == "POINT" or not stop
        end = start if is_point else seconds_in(path, stop, line=line, column="Stop (s)")
        said["comment"] = "\n".join(c for c in comments if c)
        events.append(event_at(path, line=line, onset_s=start, stop_s=end, below_zero=True, **said))
    return _file(path, table, events, notes, {})


def _words(table: Table, cells: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """What a row says of its event, apart from times and comments."""
    coder = table.first_of(*CODERS)
    modifiers = [cells[n] for n in table.names if n.startswith("modifier") and cells[n]]
    person = cells.get("subject", "")
    return {
        "session": cells.get("observation id", above.get("observation id", "")),
        "coder": cells[coder] if coder else next((above[c] for c in CODERS if above.get(c)), ""),
        "person": "" if person == NOBODY else person,
        "code": cells["behavior"],
        "tier": cells.get("behavioral category", ""),
        "modifier": "|".join(modifiers),
    }


def _file(
    path: Path,
    table: Table,
    events: Sequence[CodeEvent],
    notes: Sequence[Note],
    above: Mapping[str, str],
) -> CodeFile:
    """Put a file together; media are named in a column or above the table."""
    column = table.first_of("media file path", "media file name", "media file", "source")
    names = dict.fromkeys(cells[column] for _, cells in table.rows if column and cells[column])
    names |= {v: None for k, v in above.items() if k.startswith("player #")}
    ordered = by_onset(events)
    return CodeFile(
        path=path,
        events=ordered,
        tiers=tiers_of(ordered),
        media=tuple(Media(name=n) for n in names),
        notes=tuple(notes),
    )


@code_writer("boris_tabular")
def write_boris_tabular(path: Path, events: tuple[CodeEvent, ...]) -> None:
    """Write a tabular export as BORIS has it; the coder is a variable of the observation.

    Raises
    ------
    InputError
        For two equal states that overlap, which BORIS cannot tell apart, and a person who is
        called as BORIS calls nobody.
    """
    _refuse(events)
    rows: list[tuple[float, int, list[str]]] = []
    for event in events:
        stop = [] if math.isnan(event.duration_s) else [(event.stop_s, 0, "STOP")]
        marks = (
            [(event.onset_s, 1, "POINT")]
            if event.is_point
            else [
                (event.onset_s, 1, "START"),
                *stop,
            ]
        )
        rows += [(time, order, _cells(event, time, mark)) for time, order, mark in marks]
    rows.sort(key=lambda row: row[:2])
    text = StringIO(newline="")
    mark = "," if path.suffix.lower() == ".csv" else "\t"
    writer = csv.writer(text, delimiter=mark, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(cells for _, _, cells in rows)
    write_text(path, text.getvalue())


def _cells(event: CodeEvent, time_s: float, mark: str) -> list[str]:
    """One row of the export."""
    said = {
        "Observation id": event.session,
        "coder": event.coder,
        "Subject": event.person or NOBODY,
        "Behavior": event.code,
        "Behavioral category": event.tier,
        "Modifier #1": event.modifier,
        "Behavior type": mark,
        "Time": repr(time_s),
        "Comment": "" if mark == "STOP" else event.comment,
    }
    return [said.get(name, "") for name in _COLUMNS]


def _refuse(events: tuple[CodeEvent, ...]) -> None:
    """Refuse what would not come back the same."""
    last: dict[tuple[str, ...], CodeEvent] = {}
    for event in events:
        if event.person == NOBODY:
            raise InputError("person", NOBODY, "another name: BORIS calls nobody so")
        key = (event.session, event.coder, event.person, event.code, event.tier, event.modifier)
        if event.is_point:
            continue
        before = last.get(key)
        if before is not None and not before.stop_s <= event.onset_s:
            both = f"{before.code!r} at {before.onset_s:g} s and at {event.onset_s:g} s"
            raise InputError("events", both, "equal states that do not overlap: BORIS has one")
        last[key] = event
