"""The verb ``pair``: two files, one answer, without setting up a study."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.align.clocks import Placed, place
from syntony.config import Recipe, Surrogate
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.run import Run
from syntony.core.session import Person, Session
from syntony.io.registry import find_reader, read, readers
from syntony.io.study import Study, open_study
from syntony.pipeline.executors import cores
from syntony.pipeline.originals import fingerprint, originals_of
from syntony.pipeline.plan import STRANGERS
from syntony.pipeline.run import carry_out, silent
from syntony.pipeline.same import contents
from syntony.pipeline.source import FromPair
from syntony.surrogates import registry as surrogate_list

PAIR = "pair"
SHORT_S = 60.0
CARDIAC = {"rr", "ecg", "ibi"}


@dataclass(frozen=True)
class Clocking:
    """What the caller says of the two clocks."""

    together: bool
    offset_s: float | None


def pair(
    first: Path | str,
    second: Path | str,
    *,
    roles: tuple[str, str] | None = None,
    strangers: Study | Path | str | None = None,
    session_type: str | None = None,
    out: Path | str | None = None,
    together: bool = False,
    offset_s: float | None = None,
    recipe: Recipe | None = None,
    columns: tuple[str, str] | None = None,
    on_progress: Callable[[int, int], None] = silent,
    **facts: Any,
) -> Run:
    """Put two recordings through the chain and write a session report.

    Parameters
    ----------
    first, second : path
        One file or folder of each person.
    roles : (str, str), optional
        What to call the two; default ``("first", "second")``, or the roles of ``strangers``.
    strangers : Study or path, optional
        A study whose people serve as strangers. Without it the word chance means the shift
        within session thirds only, and the report says what that cannot tell.
    session_type : str, optional
        Type of the strangers' sessions; needed where the study has several.
    out : path, optional
        Folder to make. Default: ``syntony-pair-<first>-<second>`` here.
    together : bool, default False
        Both recordings start at the same moment (where the files carry no clock).
    offset_s : float, optional
        Seconds by which the second recording starts after the first.
    recipe : Recipe, optional
        Default: the defaults of a run for the kind of signal found.
    columns : (str, str), optional
        Column of the first and of the second person, where they differ.
    on_progress : callable, optional
        Called with (steps done, steps in all).
    **facts
        What the files do not say: ``kind``, ``unit``, ``rate_hz``, ``column``,
        ``time_column``, ``format``; a pair where the two files differ, as in
        ``kind=("eda", "hr"), unit=("uS", "/min")``.

    Returns
    -------
    Run
        A Run folder with the report.

    Raises
    ------
    FileError
        If a file cannot be read, or the recordings do not overlap (says by how much).
    InputError
        If both are one recording, nothing says when they start, the folder exists, a role or
        type is not the study's, or the study lends the partner itself.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.pair("a.csv", "b.csv", kind="eda", unit="uS", rate_hz=4.0, together=True)
    Traceback (most recent call last):
    syntony.core.errors.FileError: a.csv: found no such file or folder, expected a recording. ...
    """
    paths = Path(first), Path(second)
    study = _opened(strangers)
    people = _people(roles, study)
    folder = Path(out) if out is not None else Path(f"syntony-pair-{paths[0].stem}-{paths[1].stem}")
    if folder.exists():
        raise InputError("out", str(folder), "a folder that does not exist", "Name another.")
    kind_of_session = _type(study, session_type)
    recordings = _read(paths, people, columns, facts)
    _refuse_twins(paths, columns, recordings)
    _refuse_partners(paths, study)
    placed = _placed(paths, recordings, Clocking(together, offset_s))
    session = Session(
        id=PAIR,
        dyad=PAIR,
        type=kind_of_session,
        people=people,
        signals=placed.signals,
        events=placed.events,
        clocks=placed.clocks,
        notes=placed.notes,
    )
    chosen = recipe or _default(session, study, facts.get("kind"))
    notes = (*session.notes, *_without_chance(chosen, placed.overlap_s))
    source = FromPair(replace(session, notes=notes), paths, study)
    return _whole(source, chosen, folder, placed.overlap_s, on_progress)


def _opened(strangers: Study | Path | str | None) -> Study | None:
    """Open the study that lends strangers, where one is named."""
    if strangers is None or isinstance(strangers, Study):
        return strangers
    return open_study(Path(strangers))


def _whole(
    source: FromPair,
    recipe: Recipe,
    folder: Path,
    overlap_s: float,
    on_progress: Callable[[int, int], None],
) -> Run:
    """Compute beside the folder and move the result there: all of it, or nothing."""
    place = next(p for p in folder.absolute().parents if p.exists())
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=place) as part:
        made = Path(part) / folder.name
        root = folder.parent.resolve()
        try:
            carry_out(
                source, recipe, made, root=root, jobs=1, threads=cores(), on_progress=on_progress
            )
        except InputError as error:
            if overlap_s >= SHORT_S:
                raise
            names = " and ".join(p.name for p in source.files)
            hint = f"{error.hint} {names} hold {overlap_s:g} s together.".strip()
            raise InputError(error.field, error.got, error.expected, hint) from error
        folder.parent.mkdir(parents=True, exist_ok=True)
        made.rename(folder)
    return Run(folder)


def _people(roles: tuple[str, str] | None, study: Study | None) -> tuple[Person, Person]:
    """The two, with ids that no study has."""
    if roles is None:
        roles = (study.roles[0], study.roles[1]) if study else ("first", "second")
    if roles[0] == roles[1]:
        raise InputError("roles", roles, "two different roles")
    if study and not set(roles) <= set(study.roles):
        raise InputError("roles", roles, f"the roles of the strangers' study, {list(study.roles)}")
    return Person(id=f"{PAIR}-{roles[0]}", role=roles[0]), Person(
        id=f"{PAIR}-{roles[1]}", role=roles[1]
    )


def _type(study: Study | None, wanted: str | None) -> str:
    """Type of session, which strangers must share."""
    if study is None:
        return wanted or ""
    types = sorted({row.type for row in study.sessions})
    if wanted not in types and (wanted is not None or len(types) > 1):
        raise InputError("session_type", wanted, f"one of {types}", "Strangers need the same type.")
    return types[0] if wanted is None else wanted


def _read(
    paths: tuple[Path, Path],
    people: tuple[Person, Person],
    columns: tuple[str, str] | None,
    facts: Mapping[str, Any],
) -> dict[str, list[Recording]]:
    """Read both files, each with what is said of it."""
    told = [
        {k: v[number] if isinstance(v, tuple) else v for k, v in facts.items()}
        | ({"column": columns[number]} if columns else {})
        for number in (0, 1)
    ]
    takes = [_options(path, own.get("format")) for path, own in zip(paths, told, strict=True)]
    recordings: dict[str, list[Recording]] = {}
    for number, (path, person) in enumerate(zip(paths, people, strict=True)):
        # a fact that only the other file's format asks for is not for this one
        not_mine = takes[1 - number] - takes[number]
        own = {k: v for k, v in told[number].items() if v is not None and k not in not_mine}
        recordings[person.id] = [read(path, person=person.id, **own)]
        _check_kind(path, recordings[person.id][0], told[number].get("kind"))
    return recordings


def _options(path: Path, name: str | None) -> set[str]:
    """What a file's reader can be told; nothing where no reader knows it."""
    try:
        entry = readers()[name] if name else find_reader(path)
    except (SyntonyError, KeyError):
        return set()  # reading says what is wrong
    return {*entry.options, "format"}


def _check_kind(path: Path, recording: Recording, kind: str | None) -> None:
    """Refuse a file that holds another kind than what was said of it."""
    holds = {s.kind for s in recording.signals} | {e.kind for e in recording.events}
    if kind is not None and holds and kind not in holds:
        raise InputError("kind", kind, f"one of {sorted(holds)}, which {path.name} holds")


def _placed(
    paths: tuple[Path, Path], recordings: Mapping[str, list[Recording]], said: Clocking
) -> Placed:
    """Lay both recordings on one clock, or say of the files why that cannot be."""
    bare = [p.name for p, r in zip(paths, recordings.values(), strict=True) if not r[0].started_at]
    if said.offset_s is None and bare and not (said.together and len(bare) == len(paths)):
        raise InputError(
            "offset_s" if said.together else "together",
            said.offset_s if said.together else False,
            f"a common clock: {' and '.join(bare)} do not say when they start",
            "Say --offset-s, the seconds by which the second starts after the first"
            + (", or --together if both start at once." if len(bare) == len(paths) else "."),
        )
    first, second = recordings
    offsets = None if said.offset_s is None else {first: 0.0, second: said.offset_s}
    try:
        return place(recordings, offsets_s=offsets, together=said.together and bool(bare))
    except InputError as error:
        if error.field not in ("recordings", "started_at"):
            raise
        names = ", ".join(dict.fromkeys(str(p) for p in paths))
        wrong = "stamps are wrong or lacking, say" if said.offset_s is None else "it is wrong, mend"
        hint = f"{error.hint} Where {wrong} --offset-s."
        raise FileError(names, str(error.got), error.expected, hint) from error


def _refuse_twins(
    paths: tuple[Path, Path],
    columns: tuple[str, str] | None,
    recordings: Mapping[str, list[Recording]],
) -> None:
    """Refuse the same recording under two names, whatever its file looks like."""
    one, other = ({d for r in given for d in contents(r)} for given in recordings.values())
    apart = columns is not None and columns[0] != columns[1]
    how = "samples" if one & other else ""
    if not how and not apart and fingerprint(paths[0]) == fingerprint(paths[1]):
        how = "bytes"
    if how:
        raise InputError(
            "second",
            str(paths[1]),
            f"another recording than {paths[0]}",
            f"Both hold the same {how}; name two columns if both people are in one file.",
        )


def _refuse_partners(paths: tuple[Path, Path], study: Study | None) -> None:
    """Refuse strangers among whom these two, or their partners, stand."""
    if study is None:
        return
    ours = {fingerprint(p): p for p in paths}
    for session, files in originals_of(study).items():
        for sha in files.values():
            if sha in ours:
                raise InputError(
                    "strangers",
                    str(study.root),
                    f"a study without these people; {ours[sha].name} is in its session {session}",
                    "Who met is no stranger. Run the study itself: syntony run.",
                )


def _without_chance(recipe: Recipe, overlap_s: float) -> list[Note]:
    """Say beforehand which chance a recording is too short for."""
    rate_hz = recipe.body.grid.rate_hz
    saw_s, high_us = 10.0, 0.2  # responses enough, so that only length can be lacking
    time_s = np.arange(int(overlap_s * rate_hz)) / rate_hz
    blank, rng = high_us * (time_s % saw_s) / saw_s, np.random.default_rng(0)
    notes = []
    for item in recipe.surrogates:
        entry = surrogate_list.get(item.name)
        try:
            if entry.draw is not None and entry.acts_on == "signal":
                entry.draw(blank, rng, rate_hz=rate_hz, **item.options)
        except InputError as error:
            if error.field != "y":
                raise
            text = (
                f"{overlap_s:g} s of both people together are too short for {item.name}: "
                f"expected {error.expected}. Without it nothing says what chance alone gives."
            )
            notes.append(Note(PAIR, "no-chance", text))
    return notes


def _default(session: Session, study: Study | None, said: str | tuple[str, str] | None) -> Recipe:
    """Defaults for the kind of signal that both people have, or for the two kinds said."""
    chance = [Surrogate(name="shift_thirds")]
    if study is not None:
        chance.insert(0, Surrogate(name=STRANGERS))
    signal = _features(said) if isinstance(said, tuple) else _shared_feature(session)
    return Recipe(signal=signal, surrogates=tuple(chance))


def _features(kinds: tuple[str, str]) -> tuple[str, str]:
    """What is compared of two kinds: heart rate in place of beats."""
    first, second = ("hr" if kind in CARDIAC else kind for kind in kinds)
    return first, second


def _shared_feature(session: Session) -> str:
    """Find the one feature that both people have."""
    kinds = [
        {s.kind for s in session.signals if s.person == p.id}
        | {e.kind for e in session.events if e.person == p.id}
        for p in session.people
    ]
    shared = kinds[0] & kinds[1]
    if "eda" in shared:
        return "eda"
    if shared & CARDIAC:
        return "hr"
    if len(shared) == 1:
        return next(iter(shared))
    hint = "Name it, or name two: the first person's kind and the second's."
    raise InputError("kind", sorted(shared), "one kind of signal that both have", hint)
