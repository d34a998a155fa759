"""syntony import-codes: code files to a session of a study, planned before it is written."""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.session import Person
from syntony.io.atomic import recover, staged
from syntony.io.codes.checks import check_codes
from syntony.io.codes.registry import read_codes
from syntony.io.codes.value import CodeEvent, CodeFile
from syntony.io.hashing import sha256_of
from syntony.io.study import load_session, open_study
from syntony.io.tsv import read_tsv, tsv_text
from syntony.pipeline.code_files import PHASES, book_of, span_of

DYAD = "dyad"
_COLUMNS = ("onset", "duration", "person", "code", "coder", "tier", "modifier", "comment")
_SOURCES = ("file", "sha256", "bytes", "coder", "offset_s")
_FILE_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*")
_REFUSED = {"no-code", "no-stop", "code-outside-session"}


@dataclass(frozen=True, kw_only=True)
class CodesPlan:
    """What an import of codes does.

    Attributes
    ----------
    study : Path
    session : str
    tables : mapping of coder to tuple of CodeEvent
        Session clock (s), ids of the study; each becomes ``codes/<session>_<coder>.tsv``.
    there : tuple of str
        Coders whose table was made from these very files already; left as it is.
    originals : tuple of Path
    offset_s : float
        Seconds that were added to the times of the files.
    notes : tuple of Note
        Each with file and line.
    done : bool
    """

    study: Path
    session: str
    tables: Mapping[str, tuple[CodeEvent, ...]]
    there: tuple[str, ...] = ()
    originals: tuple[Path, ...] = ()
    offset_s: float = 0.0
    notes: tuple[Note, ...] = ()
    done: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan in words."""
        told = []
        for coder, events in self.tables.items():
            who = Counter(e.person or "the dyad" for e in events)
            counts = ", ".join(f"{n} of {p}" for p, n in sorted(who.items()))
            state = "there already" if coder in self.there else "new"
            told.append(f"codes/{self.session}_{coder}.tsv: {counts} ({state})")
        told += [f"note: {n.where}: {n.text}" for n in self.notes]
        new = len(self.tables) - len(self.there)
        end = f"{new} tables written" if self.done else f"{new} tables to write; nothing written"
        return (*told, end)

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        tables = {
            coder: {
                "file": f"codes/{self.session}_{coder}.tsv",
                "state": "there" if coder in self.there else "new",
                "events": len(events),
                "codes": dict(Counter(e.code for e in events)),
                "people": dict(Counter(e.person or DYAD for e in events)),
            }
            for coder, events in self.tables.items()
        }
        return {
            "study": str(self.study),
            "session": self.session,
            "offset_s": self.offset_s,
            "tables": tables,
            "notes": [asdict(n) for n in self.notes],
            "done": self.done,
        }


def import_codes(
    sources: Iterable[Path | str],
    study: Path | str,
    *,
    session: str,
    coder: str = "",
    people: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    observation: str = "",
    offset_s: float = 0.0,
    format: str = "",
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    on_plan: Callable[[CodesPlan], None] = lambda plan: None,
) -> CodesPlan:
    """Bring code files into one session of a study; nothing is ever written over.

    Each coder gets one table, ``codes/<session>_<coder>.tsv``. The originals are kept in
    ``sourcedata/<session>/codes`` with their SHA-256. All of it is written, or nothing.

    Parameters
    ----------
    sources : iterable of path
        Files of this session; several where each person was coded in one.
    study : path
    session : str
        Id of the session in the study.
    coder : str, optional
        Who coded, where the files do not say.
    people : mapping of str to str, optional
        Tier of a file, or what it calls a person, to an id or role of the session; ``"dyad"``
        for codes that are about both. Without it, the names in the file must be ids or roles.
    without : sequence of str, optional
        Tiers (or, without tiers, persons) to leave aside.
    observation : str, optional
        Which observation of a file that holds several.
    offset_s : float
        Added to every time: the session second at which the clock of the file begins.
    format : str, optional
        Name of the reader; without it the content decides.
    options : mapping, optional
        Handed to the reader (see its page).
    dry_run : bool
        Make the plan and write nothing.
    on_plan : callable, optional
        Gets the plan before anything is written.

    Returns
    -------
    CodesPlan
        ``notes`` say what the code book of the study does not know, what overlaps, and what
        was left aside, by file and line.

    Raises
    ------
    FileError
        With file and line: a person that is not of the session, a missing coder, an event
        without code, of unknown length or outside the session, a table of this coder that
        was made from other files; ratings, which are signals (see `import_files`).
    InputError
        For a session, tier or observation that is not there.
    """
    root = Path(study)
    opened = open_study(root)
    if not dry_run:
        recover(root)
    row = opened.session(session)
    if not math.isfinite(offset_s):
        raise InputError("offset_s", offset_s, "a finite number of seconds")
    if coder:
        _check_word(coder)
    read = [read_codes(p, format=format, **(options or {})) for p in map(Path, sources)]
    given = dict(people or {})
    span, book = span_of(load_session(opened, session)), book_of(root)
    _refuse_typos(read, given, without)
    tables: dict[str, list[CodeEvent]] = {}
    notes: list[Note] = []
    for file in read:
        events, aside = _chosen(file, observation, without)
        _refuse_strangers(file, events, row.people, given)
        ours = [_ours(file, e, row.people, given, coder, offset_s) for e in events]
        found = check_codes(file.path, ours, book=book, span_s=span)
        _refuse(file.path, found)
        notes += [n for n in file.notes if n.code not in _REFUSED] + aside + list(found)
        for event in ours:
            tables.setdefault(event.coder, []).append(event)
    _refuse_two_spellings(root, session, tables)
    ordered = {c: tuple(sorted(e, key=lambda e: e.onset_s)) for c, e in sorted(tables.items())}
    plan = CodesPlan(
        study=root,
        session=session,
        tables=ordered,
        there=_there(root, session, ordered, [f.path for f in read], offset_s),
        originals=tuple(f.path for f in read),
        offset_s=offset_s,
        notes=tuple(notes),
    )
    on_plan(plan)
    return plan if dry_run else _carry_out(plan)


def _check_word(coder: str) -> None:
    """Refuse a coder whose name cannot be part of a file name."""
    if not _FILE_WORD.fullmatch(coder) or coder == PHASES:
        raise InputError("coder", coder, "letters, digits, '.', '+', '-'")


def _refuse_typos(
    read: Sequence[CodeFile], given: Mapping[str, str], without: Sequence[str]
) -> None:
    """Refuse tiers that no file has."""
    known = {t.name for f in read for t in f.tiers} | {e.person for f in read for e in f.events}
    known |= {t.person for f in read for t in f.tiers}
    for name in (*given, *without):
        if name not in known:
            raise InputError(
                "person" if name in given else "without", name, f"one of {sorted(known)}"
            )


def _chosen(
    file: CodeFile, observation: str, without: Sequence[str]
) -> tuple[list[CodeEvent], list[Note]]:
    """Events of the observation and tiers that are wanted, and what was left aside."""
    if file.ratings:
        hint = "Bring it in with `syntony import` (format carma_rating)."
        raise FileError(file.path, "a continuous rating, which is a signal", "codes", hint)
    sessions = file.sessions
    if observation and observation not in sessions:
        raise FileError(
            file.path, f"observations {list(sessions)[:20]}", f"{observation!r} among them"
        )
    if not observation and len(sessions) > 1:
        found = f"{len(sessions)} observations: {list(sessions)[:20]}"
        raise FileError(file.path, found, "one", "Name the one that is this session: observation.")
    mine = [e for e in file.events if not observation or e.session == observation]
    events = [e for e in mine if not _names(e) & set(without)]
    if not events:
        raise FileError(file.path, "no codes", "at least one event")
    notes = []
    for count, text in (
        (len(file.events) - len(mine), "events of other observations were left aside."),
        (len(mine) - len(events), f"events of {list(without)} were left aside, as asked."),
    ):
        notes += [Note(file.path.name, "left-aside", f"{count} {text}")] if count else []
    return events, notes


def _names(event: CodeEvent) -> set[str]:
    """What an event can be called by: tier and person; the empty text where it has neither."""
    return {event.tier, event.person} - {""} or {""}


def _refuse_strangers(
    file: CodeFile,
    events: Sequence[CodeEvent],
    people: Sequence[Person],
    given: Mapping[str, str],
) -> None:
    """Refuse codes of nobody in the session, all of them in one error."""
    lost = [e for e in events if _person(people, _who(e, given)) is None]
    if not lost:
        return
    known = [f"{p.id} ({p.role})" for p in people]
    counts = Counter((e.tier or e.person, _who(e, given)) for e in lost)
    named = ", ".join(
        f"{name!r}{f' as {who!r}' if who in given.values() else ''} ({n})"
        for (name, who), n in counts.items()
    )
    where = f" (first: {lost[0].element})" if lost[0].element else ""
    raise FileError(
        file.path,
        f"{len(lost)} codes of nobody in the session, by tier or person: {named}{where}",
        f"for each one of {known}, or {DYAD!r}",
        "Say who it is (person), or leave the tier aside (without; '' where it has no name).",
        line=lost[0].line or None,
    )


def _ours(
    file: CodeFile,
    event: CodeEvent,
    people: Sequence[Person],
    given: Mapping[str, str],
    coder: str,
    offset_s: float,
) -> CodeEvent:
    """Event on the session clock, with a person of the session and a coder."""
    if coder and event.coder and event.coder != coder:
        raise FileError(
            file.path,
            f"the coder {event.coder!r}",
            f"{coder!r} as given",
            "Leave out coder to keep the file's.",
            line=event.line or None,
        )
    named = event.coder or coder
    if not named:
        raise FileError(file.path, "no coder", "who coded", "Pass coder.", line=event.line or None)
    _check_word(named)
    return replace(
        event,
        person=_person(people, _who(event, given)) or "",
        coder=named,
        onset_s=event.onset_s + offset_s,
    )


def _who(event: CodeEvent, given: Mapping[str, str]) -> str:
    """Whom an event is said to be about."""
    return given.get(event.tier) or given.get(event.person) or event.person or event.tier


def _person(people: Sequence[Person], who: str) -> str | None:
    """Id of a person of the session; empty for what is about both, None for a stranger."""
    if who == DYAD:
        return ""
    fits = [p.id for p in people if p.id == who] or [p.id for p in people if p.role == who]
    return fits[0] if len(fits) == 1 else None


def _refuse(path: Path, notes: Sequence[Note]) -> None:
    """Raise where a table would say what the file does not."""
    bad = [n for n in notes if n.code in _REFUSED]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        raise FileError(
            path.with_name(bad[0].where),
            f"{bad[0].text.rstrip('.')}{more}",
            "events with code and length inside the session",
            "Mend the file, leave the tier aside, or check offset_s and the session.",
        )


def _refuse_two_spellings(root: Path, session: str, tables: Mapping[str, object]) -> None:
    """Refuse coders who are called the same but for capitals: some disks make them one file."""
    there = {p.stem.partition("_")[2] for p in (root / "codes").glob(f"{session}_*.tsv")}
    for coder in tables:
        others = [
            c for c in sorted(there | set(tables)) if c != coder and c.lower() == coder.lower()
        ]
        if others:
            raise InputError("coder", coder, f"another name than {others[0]!r}, which is there")


def _sources(root: Path, session: str) -> list[dict[str, object]]:
    """Rows on the originals that are there already."""
    path = root / "sourcedata" / session / "codes" / "sources.tsv"
    return [dict(r.cells) for r in read_tsv(path, _SOURCES)[1]] if path.is_file() else []


def _there(
    root: Path, session: str, tables: Mapping[str, object], files: Sequence[Path], offset_s: float
) -> tuple[str, ...]:
    """Coders whose table was made from these files; refuses one made from others."""
    new = {sha256_of(f) for f in files}
    found = []
    for coder in tables:
        path = root / "codes" / f"{session}_{coder}.tsv"
        if not path.exists():
            continue
        old = [r for r in _sources(root, session) if r["coder"] == coder]
        same = {r["sha256"] for r in old} == new and {r["offset_s"] for r in old} == {
            repr(offset_s)
        }
        if not same:
            raise FileError(
                path,
                "a table of this coder, made from other files or by hand",
                "a coder whose codes are not there yet",
                "Codes are never written over: name another coder, or move the old table away.",
            )
        found.append(coder)
    return tuple(found)


def _carry_out(plan: CodesPlan) -> CodesPlan:
    """Write tables and originals, all of them or nothing."""
    new = [c for c in plan.tables if c not in plan.there]
    if not new:
        return replace(plan, done=True)
    folder = Path("sourcedata") / plan.session / "codes"
    rows = _sources(plan.study, plan.session)
    kept = {str(r["sha256"]): str(r["file"]) for r in rows}
    with staged(plan.study) as stage:
        for coder in new:
            path = stage / "codes" / f"{plan.session}_{coder}.tsv"
            path.parent.mkdir(exist_ok=True)
            path.write_text(tsv_text(_COLUMNS, map(_row, plan.tables[coder])), encoding="utf-8")
        (stage / folder).mkdir(parents=True, exist_ok=True)
        for original in plan.originals:
            sha = sha256_of(original)
            if sha not in kept:
                name = original.name
                while name in {*kept.values(), "sources.tsv"}:
                    name = f"x{name}"
                shutil.copy2(original, stage / folder / name)
                kept[sha] = name
            size = original.stat().st_size
            about = {"file": kept[sha], "sha256": sha, "bytes": size, "offset_s": plan.offset_s}
            rows += [{**about, "coder": c} for c in new]
        (stage / folder / "sources.tsv").write_text(tsv_text(_SOURCES, rows), encoding="utf-8")
    return replace(plan, done=True)


def _row(event: CodeEvent) -> dict[str, object]:
    """One row of a table of codes."""
    texts = {k: getattr(event, k) for k in _COLUMNS[2:]}
    return {"onset": event.onset_s, "duration": event.duration_s, **texts}
