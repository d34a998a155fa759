"""What a run says, for a page that is not its report: facts, findings, notes, in plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.run import OF_MULTIVERSE, TABLES
from syntony.report import labels, preregistration
from syntony.report.card import caveat, found_in_words, passed_in_words, too_often_in_words
from syntony.report.multiverse_page import KIND as MULTIVERSE
from syntony.report.multiverse_page import in_words as multiverse_in_words
from syntony.report.numbers import percent
from syntony.report.parts import provenance
from syntony.report.run_folder import RunFolder
from syntony.report.session_page import first_rows, index_name
from syntony.report.study_exhibits import empathy_row, lead_synchrony, rows_of
from syntony.report.study_page import contrasts, findings

RowList = list[dict[str, Any]]
NUMBERS = ("value", "low", "high", "null_low", "null_high")

KINDS = {"": "run", MULTIVERSE: "multiverse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One finding as a reader meets it: the number with its interval, then sentences.

    ``value``, ``low`` and ``high`` are the number and its interval, ``null_low`` and
    ``null_high`` the middle 95 % of what chance gives; NaN where there is none;
    ``of`` says what it is a number of: two of the same can be laid side by side.
    """

    title: str
    number: str
    interval: str
    unit: str
    words: tuple[str, ...]
    truth: str = ""
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    null_low: float = float("nan")
    null_high: float = float("nan")
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A run in words.

    Attributes
    ----------
    name, title : str
    kind : str
        ``run``, ``multiverse`` or ``questionnaires``.
    finished, simulated : bool
    facts : tuple of (str, str)
        What made it, as names and values.
    findings : tuple of Said
    others : tuple of str
        Contrasts; of a multiverse all that it came to.
    calibration : tuple of str
        What the card says; empty where none was made.
    registered : str
        How it stands to a plan that was registered; empty where nobody asked.
    notes : tuple of (str, int, str)
        Code, how often, and the first of its texts.
    failed : tuple of (str, str)
        Sessions that were left out, and why.
    sessions, pages, tables : tuple
        Names; pages and tables are those that lie in the folder.
    """

    name: str
    title: str
    kind: str
    finished: bool
    simulated: bool
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Said, ...] = ()
    others: tuple[str, ...] = ()
    calibration: tuple[str, ...] = ()
    registered: str = ""
    notes: tuple[tuple[str, int, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    sessions: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()


def kind_of(origin: Mapping[str, Any]) -> str:
    """Kind of a run by its ``origin.json``.

    Examples
    --------
    >>> kind_of({}), kind_of({"kind": "multiverse"})
    ('run', 'multiverse')
    """
    kind = str(origin.get("kind", ""))
    return KINDS.get(kind, kind)


def story_of(path: Path) -> Story:
    """Read what a run says.

    Parameters
    ----------
    path : Path
        A Run folder; one that is not finished gives its facts alone.

    Raises
    ------
    FileError
        If the folder is no Run folder, or a file in it cannot be read.
    """
    folder = RunFolder(path)
    origin = folder.origin
    study = origin.get("study", {})
    kind = kind_of(origin)
    finished = bool(origin.get("finished", kind != "run"))
    plain: dict[str, Any] = {
        "name": path.name,
        "title": str(folder.recipe.get("title", "")),
        "kind": kind,
        "finished": finished,
        "simulated": bool(study.get("simulated")),
        "facts": tuple(provenance(folder)),
        "registered": preregistration.sentence(origin.get("preregistration")),
    }
    if not finished:
        return Story(**plain)
    if kind == "multiverse":
        plain |= {"others": tuple(multiverse_in_words(path))}
    elif kind == "run":
        plain |= _of_run(folder)
    return Story(
        **plain,
        notes=_notes(folder),
        pages=_pages(path),
        tables=tables_in(path),
    )


def _pages(path: Path) -> tuple[str, ...]:
    """Pages of the report: the study's first, then those of sessions by their names."""
    names = sorted(p.name for p in (path / "report").glob("*.html"))
    return tuple(sorted(names, key=lambda n: n not in ("index.html", "corpus.html")))


def tables_in(path: Path) -> tuple[tuple[str, str], ...]:
    """Names of the tables of a run that are there, and what each holds."""
    known = TABLES | OF_MULTIVERSE
    return tuple((n, said) for n, said in known.items() if (path / f"{n}.parquet").is_file())


def table_file(path: Path, name: str, ending: str) -> Path:
    """File of one table of a run, by its name.

    Parameters
    ----------
    path : Path
        A Run folder.
    name : str
    ending : {"csv", "parquet"}

    Raises
    ------
    FileError
        If the run has no such table, or not in this format.
    """
    there = [n for n, _ in tables_in(path)]
    if name not in there or ending not in ("csv", "parquet"):
        raise FileError(path, "no such table", f"one of {there}, as csv or parquet")
    found = path / f"{name}.parquet" if ending == "parquet" else path / "tables" / f"{name}.csv"
    if not found.is_file():
        raise FileError(found, "no such file", "the table that the run wrote", "Run it again.")
    return found


def _of_run(folder: RunFolder) -> dict[str, Any]:
    """Findings, contrasts, calibration and sessions of a run."""
    held = folder.tables
    links, lead = list(held["links"].rows()), first_rows(held["pairs"])
    told = findings(folder, links, lead, index_name(lead))
    rows = list(held["sessions"].rows())
    return {
        "findings": tuple(
            _said(one, row) for one, row in zip(told, _leading(links, lead), strict=True)
        ),
        "others": tuple(contrasts(links, lead)),
        "calibration": _calibration(folder.card),
        "sessions": tuple(str(r["session"]) for r in rows),
        "failed": tuple(
            (n.where, n.text)
            for n in folder.notes
            if n.code in ("session-failed", "session-left-out")
        ),
    }


def _calibration(card: dict[str, Any]) -> tuple[str, ...]:
    """What the card says of these settings; nothing where none was made."""
    if not card:
        return ()
    said = [passed_in_words(card), too_often_in_words(card), found_in_words(card), caveat(card)]
    return tuple(text for text in said if text)


def _leading(links: RowList, lead: RowList) -> tuple[dict[str, Any], ...]:
    """The row behind each of the three findings; empty where there is none."""
    synchrony, emotion = lead_synchrony(links, lead), rows_of(links, "emotion", lead)
    first = next((r for r in emotion if r["label"] == "shared_positive"), {})
    return (synchrony[0] if synchrony else {}), first, (empathy_row(links) or {})


def _said(found: dict[str, Any], row: dict[str, Any]) -> Said:
    numbers = {k: float(row[k]) for k in NUMBERS} if row else {}
    of = tuple(str(row[k]) for k in ("method", "statistic", "label")) if row else ()
    return Said(
        **numbers,
        of=of,
        title=found["title"],
        number=found["number"],
        interval=found["interval"],
        unit=found["unit"],
        words=tuple(w for w in found["words"] if w),
        truth=found["truth"],
    )


def _notes(folder: RunFolder) -> tuple[tuple[str, int, str], ...]:
    """Notes by their code: how many, and the first of them in words."""
    counts = Counter(note.code for note in folder.notes)
    first = {note.code: f"{note.where}: {note.text}" for note in reversed(folder.notes)}
    return tuple((code, n, first[code]) for code, n in sorted(counts.items()))


def losses_of(path: Path, session: str) -> list[dict[str, Any]]:
    """What a run lost of a session, by person and cause; of the total and what is valid, too.

    Parameters
    ----------
    path : Path
        Folder of a finished run.
    session : str

    Returns
    -------
    list of dict
        ``person``, ``role``, ``signal``, ``cause``, ``seconds``, ``count``, ``share`` (nan where
        unknown); in words ``channel``, ``title`` of the cause and ``said``, the share.
    """
    rows = RunFolder(path).tables["quality"].where(session=session).rows()
    kept = ("person", "role", "signal", "cause", "seconds", "count", "share")
    return [
        {k: row[k] for k in kept}
        | {
            "channel": labels.signal(str(row["signal"])),
            "title": labels.cause(str(row["cause"])),
            "said": percent(row["share"]) if isfinite(row["share"]) else "",
        }
        for row in rows
    ]
