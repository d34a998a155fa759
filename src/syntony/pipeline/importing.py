"""syntony import: sensor files to a study, planned and shown before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from syntony.align.clocks import Placed, lag_error_s
from syntony.align.common import one_in_common
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.session import Session
from syntony.io.atomic import recover
from syntony.io.study import create_study, open_study, write_session
from syntony.pipeline.filing import Filed, file_entries, sorted_naturally
from syntony.pipeline.import_plan import ImportPlan, PlannedSession, State
from syntony.pipeline.naming import Entry, compile_pattern, entry_by_pattern, read_map
from syntony.pipeline.originals import add_notes, is_study, originals_of
from syntony.pipeline.reader_options import settings_by_role
from syntony.pipeline.same import SameRecordings
from syntony.pipeline.source_reading import Rules, place_session, read_session


def import_files(
    sources: Iterable[Path | str],
    study: Path | str,
    *,
    pattern: str = "",
    map_file: Path | str | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    type: str = "",
    roles: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    column: str = "",
    time_column: str = "",
    kind: str = "",
    unit: str = "",
    rate_hz: float | None = None,
    format: str = "",
    offsets_s: Mapping[str, float] | None = None,
    together: bool = False,
    markers: str = "",
    edges: str = "",
    claps: str = "",
    shared_signal: str = "",
    latencies_s: Mapping[str, float] | None = None,
    zone: str = "",
    title: str = "",
    leave_out_problems: bool = False,
    dry_run: bool = False,
    on_plan: Callable[[ImportPlan], None] = lambda plan: None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportPlan:
    """Bring recordings into a study; nothing is ever written over.

    Every file is read and every session put on one clock before the first is written, so a
    plan that was shown is a plan that works. The originals go to ``sourcedata/`` as they are.
    A session is written whole or not at all; an import that was interrupted is continued by
    calling it again: what is there already, from the same files, is left as it is.

    Parameters
    ----------
    sources : iterable of path
        Files, or folders that are searched for files.
    study : path
        Folder of the study; made if it is not there.
    pattern : str
        Of file names, such as ``"{dyad}_{session}_{role}.csv"`` (see `compile_pattern`).
    map_file : path, optional
        Table that names every file instead (see `read_map`).
    values : mapping of field to mapping, optional
        What short forms in names mean: ``{"role": {"k": "woman", "m": "man"}}``.
    type : str
        Type of all sessions where neither name nor map tells it.
    roles : sequence of str
        Roles of a new study; the first is the first person of a pair. Without it: the
        order of ``values["role"]``, of ``columns``, or as the files name them, sorted.
    columns : mapping of role to str, optional
        The column of each role, for files that hold several people.
    column, time_column, kind, unit, rate_hz, format
        What the files do not say; handed to the reader. The map file goes first.
    settings : mapping of str to str, optional
        Any option of the reader by its name, or ``role.option`` for one role: ``{"channels":
        "GSR=eda, ECG=ecg", "units": "GSR=kOhm"}``, or ``{"patient.channels": "EDA1=eda",
        "therapist.channels": "EDA2=eda"}`` where one file holds both people.
    offsets_s : mapping of role to float, optional
        Session time at which the recording of that role begins, where there are no stamps.
    together : bool
        Take recordings without stamps to begin at the same moment.
    markers, edges, claps, shared_signal : str
        What all devices caught, to correct the clocks by; one of them at most: kind of the events
        that all marked, of the trigger channel, of the sound or acceleration that holds claps, of a
        movement or sound that all recorded.
    latencies_s : mapping of role to float, optional
        How late the device of that role stamps what it measures (s).
    zone : str
        Time zone of stamps that name none, such as ``"Europe/Warsaw"``; needed where only
        some devices name theirs.
    title : str
        Of a new study; without it the name of its folder.
    leave_out_problems : bool
        Import the sound sessions although others have problems.
    dry_run : bool
        Make the plan and write nothing.
    on_plan : callable, optional
        Gets the plan before anything is written.
    on_progress : callable, optional
        Called with (sessions done, sessions in all).

    Returns
    -------
    ImportPlan

    Raises
    ------
    InputError
        If the pattern, a role or an option is wrong.
    FileError
        If a file cannot be used or a session has a problem, before anything is written.
    """
    rules = Rules(
        pattern=pattern,
        map_file=None if map_file is None else Path(map_file),
        values=values or {},
        type=type,
        roles=tuple(roles),
        columns=columns or {},
        settings=settings_by_role(settings or {}),
        column=column,
        time_column=time_column,
        kind=kind,
        unit=unit,
        rate_hz=rate_hz,
        format=format,
        offsets_s=offsets_s or {},
        together=together,
        common=one_in_common(markers=markers, edges=edges, claps=claps, signal=shared_signal),
        latencies_s=latencies_s or {},
        zone=zone,
        title=title,
    )
    if not dry_run and Path(study).is_dir():
        recover(Path(study))  # what an import that was cut off left half written
    plan = plan_import(sources, study, rules)
    on_plan(plan)
    if dry_run:
        return plan
    if not leave_out_problems:
        _refuse_problems(plan)
    return _carry_out(plan, rules, on_progress)


def plan_import(sources: Iterable[Path | str], study: Path | str, rules: Rules) -> ImportPlan:
    """Say what an import would do; reads every file and writes nothing."""
    study = Path(study)
    roots = [Path(s) for s in sources]
    entries, unused = _entries(roots, study, rules)
    roles = _roles(study, entries, rules)
    filed = file_entries(entries, roles, rules.type)
    old = open_study(study) if is_study(study) else None
    there = originals_of(old) if old else {}
    same = SameRecordings(there)
    sessions = [_plan_session(f, rules, there, same) for f in filed]
    return ImportPlan(
        study=study,
        title=old.title if old else rules.title or study.resolve().name,
        roles=roles,
        sessions=tuple(same.mark(sessions)),
        unused=tuple(unused),
        later_notes={s: tuple(n) for s, n in same.notes().items() if s in there},
    )


def _entries(
    roots: Sequence[Path], study: Path, rules: Rules
) -> tuple[list[Entry], list[tuple[Path, str]]]:
    """List what names or map say of each file, and the files of which they say nothing."""
    for root in roots:
        if not root.exists():
            raise FileError(root, "no such file or folder", "recordings", "Check the path.")
    if rules.map_file is not None:
        entries = read_map(rules.map_file, roots)
        named = {e.path.resolve() for e in entries} | {rules.map_file.resolve()}
        inside = {p for e in entries if e.path.is_dir() for p in e.path.resolve().rglob("*")}
        rest = [p for p in _files(roots, study) if p.resolve() not in named | inside]
        return entries, [(p, "not in the map file") for p in rest]
    pattern = compile_pattern(rules.pattern, rules.values)
    entries, unused, taken = [], [], set()
    for path in _files(roots, study, folders=pattern.of_folders):
        if any(parent in taken for parent in path.parents):
            continue
        entry = entry_by_pattern(path, pattern, rules.values)
        if entry is None:
            unused += [(path, "its name does not fit the pattern")] if path.is_file() else []
            continue
        taken |= {path} if path.is_dir() else set()
        entries += _split_by_role(entry, rules)
    if not entries:
        seen = f"{len(unused)} files, such as {unused[0][0].name!r}" if unused else "no files"
        raise InputError("pattern", rules.pattern, f"names that fit it; found {seen}")
    return entries, unused


def _files(roots: Sequence[Path], study: Path, *, folders: bool = False) -> list[Path]:
    """All files (and folders) below the roots, hidden ones and the study's own left out."""
    found: dict[Path, None] = {}
    for root in roots:
        below = [root, *root.rglob("*")] if root.is_dir() else [root]
        for path in sorted_naturally(below):
            hidden = any(p.startswith(".") for p in path.relative_to(root).parts)
            ours = study.resolve() in path.resolve().parents
            if not hidden and not ours and (path.is_file() or (folders and path.is_dir())):
                found[path] = None
    return list(found)


def _split_by_role(entry: Entry, rules: Rules) -> list[Entry]:
    """One entry per role where one file holds several people."""
    apart = dict.fromkeys([*rules.columns, *(r for r in rules.settings if r)])
    if entry.role or not apart:
        return [entry]
    return [
        replace(
            entry,
            role=role,
            options={
                **entry.options,
                **({"column": rules.columns[role]} if role in rules.columns else {}),
            },
        )
        for role in apart
    ]


def _roles(study: Path, entries: Sequence[Entry], rules: Rules) -> tuple[str, ...]:
    """Roles of the study, and a refusal of files whose role is none of them."""
    found = list(dict.fromkeys(e.role for e in entries))
    if is_study(study):
        roles = tuple(open_study(study).roles)
        if rules.roles and tuple(rules.roles) != roles:
            raise InputError("roles", rules.roles, f"those of the study there, {roles}")
    else:
        told = rules.roles or tuple(dict.fromkeys(rules.values.get("role", {}).values()))
        roles = told or tuple(rules.columns) or tuple(r for r in rules.settings if r)
        roles = roles or tuple(sorted(r for r in found if r))
    for entry in entries:
        if entry.role not in roles:
            raise InputError(
                "role",
                f"{entry.role or 'none'} for {entry.path.name}",
                f"one of {list(roles)}",
                "Mend the name, the map, or the roles."
                if entry.role
                else "Put {role} into the pattern, or name the column of each role.",
            )
    return roles


def _plan_session(
    filed: Filed, rules: Rules, there: Mapping[str, Mapping[str, str]], same: SameRecordings
) -> PlannedSession:
    """Read one session, put it on one clock and say what came of it."""
    planned = PlannedSession(
        id=filed.id,
        dyad=filed.dyad,
        type=filed.type,
        number=filed.number,
        people=filed.people,
        sources=filed.sources,
    )
    if filed.error is not None:
        return replace(planned, state="problem", why=str(filed.error), error=filed.error)
    try:
        state = _state(planned, there)
        if len(filed.people) < 2:
            who = filed.people[0].role
            return replace(planned, state="left out", why=f"only {who} was recorded")
        recordings = read_session(planned, rules)
        placed = place_session(planned, recordings, rules)
    except SyntonyError as error:
        return replace(planned, state="problem", why=str(error), error=error)
    same.see(planned, recordings)
    return _with_figures(replace(planned, state=state), placed, recordings)


def _state(planned: PlannedSession, there: Mapping[str, Mapping[str, str]]) -> State:
    """Tell new from there already; refuse other files under a name that is there."""
    if planned.id not in there:
        return "new"
    old, new = set(there[planned.id].values()), {s.sha256 for s in planned.sources}
    if old != new:
        raise InputError(
            "session",
            planned.id,
            "the files it was made from; the study has it from other ones",
            "A session is never written over: give this one another label, or a new study.",
        )
    return "there"


def _with_figures(
    planned: PlannedSession, placed: Placed, recordings: Mapping[str, Sequence[Recording]]
) -> PlannedSession:
    """Add to the plan what reading and placing showed."""
    read_notes = [n for given in recordings.values() for r in given for n in r.notes]
    notes = [*placed.notes, *read_notes, *_part_order(planned)]
    clocks = [placed.clocks[p.id] for p in planned.people]
    errors = [lag_error_s(a, b) for i, a in enumerate(clocks) for b in clocks[i + 1 :]]
    return replace(
        planned,
        started_at=placed.started_at,
        start_difference_s=placed.start_difference_s,
        overlap_s=placed.overlap_s,
        left_over_s=placed.left_over_s,
        parts=placed.parts,
        clock_error_s=max(errors),
        notes=tuple(replace(n, where="/".join(filter(None, (planned.id, n.where)))) for n in notes),
    )


def _part_order(planned: PlannedSession) -> list[Note]:
    """Whether the numbers of parts and their order in time disagree; time counts."""
    notes = []
    for person in planned.people:
        mine = [s.entry for s in planned.sources if s.person == person.id]
        numbers = [e.part for e in mine if e.part is not None and e.started_at is not None]
        if numbers != sorted(numbers):
            text = (
                f"Parts numbered {', '.join(map(str, numbers))} in time: joined as time has them."
            )
            notes.append(Note(person.id, "part-order", text))
    return notes


def _refuse_problems(plan: ImportPlan) -> None:
    """Raise what stands in the way of an import, before anything is written."""
    bad = plan.having("problem")
    if len(bad) == 1 and bad[0].error is not None:
        raise _told_by_file(bad[0], bad[0].error)
    if bad:
        raise FileError(
            plan.study,
            f"{len(bad)} sessions with problems ({bad[0].id}: {bad[0].why})",
            "sessions without",
            "See them all in a dry run; nothing was written.",
        )
    if not plan.having("new", "there"):
        raise FileError(
            plan.study,
            f"{len(plan.sessions)} sessions, none of which can be imported",
            "at least one session with two people",
        )


def _told_by_file(session: PlannedSession, error: SyntonyError) -> SyntonyError:
    """Name session and files where the error itself does not."""
    if not isinstance(error, InputError):
        return error
    names = ", ".join(dict.fromkeys(s.entry.path.name for s in session.sources))
    found = f"{error.field} = {error.got!r} in session {session.id} ({names})"
    return FileError(session.sources[0].entry.path.parent, found, error.expected, error.hint)


def _carry_out(
    plan: ImportPlan, rules: Rules, on_progress: Callable[[int, int], None]
) -> ImportPlan:
    """Write the new sessions, one after the other, each whole or not at all."""
    new = plan.having("new")
    if new and not is_study(plan.study):
        create_study(plan.study, title=plan.title, roles=plan.roles)
    if plan.later_notes:
        add_notes(plan.study, plan.later_notes)
    for done, planned in enumerate(new):
        on_progress(done, len(new))
        recordings = read_session(planned, rules)
        placed = place_session(planned, recordings, rules)
        session = Session(
            id=planned.id,
            people=planned.people,
            dyad=planned.dyad,
            type=planned.type,
            number=planned.number,
            signals=placed.signals,
            events=placed.events,
            clocks=placed.clocks,
            notes=planned.notes,
        )
        files = list(dict.fromkeys(s.entry.path for s in planned.sources))
        write_session(plan.study, session, started_at=placed.started_at, sources=files)
    on_progress(len(new), len(new))
    return replace(plan, done=True)
