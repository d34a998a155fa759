"""The verb ``pair``: two files, one answer, without setting up a study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from syntony.align.clocks import Placed, place
from syntony.config import Recipe, Surrogate
from syntony.core.errors import InputError
from syntony.core.recording import Recording
from syntony.core.run import Run
from syntony.core.session import Person, Session
from syntony.io.hashing import sha256_of
from syntony.io.registry import read
from syntony.io.study import Study, open_study
from syntony.pipeline.plan import PARTNERS
from syntony.pipeline.run import carry_out, silent
from syntony.pipeline.source import FromPair

PAIR = "pair"


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
        ``time_column``, ``format``.

    Returns
    -------
    Run
        A Run folder with the report.

    Raises
    ------
    FileError
        If a file cannot be read.
    InputError
        If the recordings do not overlap, are one and the same, or the folder exists.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.pair("a.csv", "b.csv", kind="eda", unit="uS", rate_hz=4.0, together=True)
    Traceback (most recent call last):
    syntony.core.errors.FileError: a.csv: found no such file or folder, expected a recording. ...
    """
    paths = Path(first), Path(second)
    study = (
        strangers
        if strangers is None or isinstance(strangers, Study)
        else open_study(Path(strangers))
    )
    people = _people(roles, study)
    folder = Path(out) if out is not None else Path(f"syntony-pair-{paths[0].stem}-{paths[1].stem}")
    if folder.exists():
        raise InputError("out", str(folder), "a folder that does not exist", "Name another.")
    placed = _placed(paths, people, together, offset_s, columns, facts)
    session = Session(
        id=PAIR,
        dyad=PAIR,
        type=_type(study, session_type),
        people=people,
        signals=placed.signals,
        events=placed.events,
        clocks=placed.clocks,
        notes=placed.notes,
    )
    _refuse_twins(paths, columns)
    chosen = recipe or _default(session, study)
    source = FromPair(session, paths, study)
    return carry_out(
        source,
        chosen,
        folder,
        root=folder.parent.resolve(),
        jobs=1,
        on_progress=on_progress,
    )


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
    types = sorted({row.type for row in study.sessions}) if study else [""]
    if wanted is None and len(types) > 1:
        raise InputError("session_type", None, f"one of {types}", "Strangers need the same type.")
    return wanted if wanted is not None else types[0]


def _placed(
    paths: tuple[Path, Path],
    people: tuple[Person, Person],
    together: bool,
    offset_s: float | None,
    columns: tuple[str, str] | None,
    facts: dict[str, Any],
) -> Placed:
    """Read both files and lay them on one clock."""
    given = {k: v for k, v in facts.items() if v is not None}
    recordings: dict[str, list[Recording]] = {}
    for number, (path, person) in enumerate(zip(paths, people, strict=True)):
        own = given | ({"column": columns[number]} if columns else {})
        recordings[person.id] = [read(path, person=person.id, **own)]
    if offset_s is not None:
        return place(recordings, offsets_s={people[0].id: 0.0, people[1].id: offset_s})
    stamped = all(r[0].started_at is not None for r in recordings.values())
    if not stamped and not together:
        raise InputError(
            "together",
            False,
            "a common clock: these files do not say when they start",
            "Say --together if both start at the same moment, or --offset-s.",
        )
    return place(recordings, together=together and not stamped)


def _refuse_twins(paths: tuple[Path, Path], columns: tuple[str, str] | None) -> None:
    """Refuse the same recording under two names."""
    if columns and columns[0] != columns[1]:
        return
    if all(p.is_file() for p in paths) and sha256_of(paths[0]) == sha256_of(paths[1]):
        raise InputError(
            "second",
            str(paths[1]),
            f"another recording than {paths[0]}",
            "Both files hold the same bytes; name the columns if both people are in one file.",
        )


def _default(session: Session, study: Study | None) -> Recipe:
    """Defaults for the kind of signal that both people have."""
    kinds = [
        {s.kind for s in session.signals if s.person == p.id}
        | {e.kind for e in session.events if e.person == p.id}
        for p in session.people
    ]
    shared = kinds[0] & kinds[1]
    cardiac = shared & {"rr", "ecg", "ibi"}
    if "eda" in shared:
        signal = "eda"
    elif cardiac:
        signal = "hr"
    elif len(shared) == 1:
        signal = next(iter(shared))
    else:
        raise InputError("kind", sorted(shared), "one kind of signal that both have", "Name it.")
    chance = [Surrogate(name="shift_thirds")]
    if study is not None:
        chance.insert(0, Surrogate(name=PARTNERS))
    return Recipe(signal=signal, surrogates=tuple(chance))
