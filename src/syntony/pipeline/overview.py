"""What a study holds, at a glance: its sessions with their figures, what is missing, its runs.

No recording is read: sessions stand in the study's tables, figures in the newest run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.session import Person
from syntony.io.bids import EVENTS, PHYSIO
from syntony.io.codes.kept import PHASES
from syntony.io.media import sessions_with_media
from syntony.io.study import SessionRow, Study, open_study
from syntony.io.tsv import read_tsv
from syntony.pipeline.run_states import RUNS, RunState, list_run_states, newest_run

NAN = float("nan")
_RATED = re.compile(r"^([a-z]{3,})by[a-z0-9]+$")  # a rating's label: valencebyself


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A session's index beside its own chance.

    ``low`` and ``high`` hold the middle 95 % of what chance gave; ``index`` names the figure,
    ``surrogate`` the kind of chance.
    """

    value: float
    low: float
    high: float
    z: float
    p_two: float
    draws: int
    index: str
    surrogate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session at a glance; NaN, None and empty words where nothing is known.

    Attributes
    ----------
    id, dyad, number, type
    people : tuple of Person
    signals : mapping of person id to tuple of str
        Kinds of recordings that lie in the study.
    length_s : float
        Of the newest finished run.
    quality : mapping of person id to float
        Valid share of the feature that was compared.
    coverage : float
    synchrony : Beside or None
    empathy : float
    problem : str
        Why the run gave the session up.
    missing : tuple of str
        What is missing: ``recording:<person>``; ``media``, ``codes`` and ``answers`` where other
        sessions of the study have some.
    """

    id: str
    dyad: str
    number: int
    type: str
    people: tuple[Person, ...]
    signals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    length_s: float = NAN
    quality: Mapping[str, float] = field(default_factory=dict)
    coverage: float = NAN
    synchrony: Beside | None = None
    empathy: float = NAN
    problem: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A study at a glance; ``exists`` is False where there is none yet.

    ``empathy_range`` holds the lowest and the highest possible score of what is linked with
    synchrony, ``nowhere`` names what no session has: of ``media``, ``codes`` and ``answers``.
    """

    exists: bool
    title: str = ""
    description: str = ""
    simulated: bool = False
    roles: tuple[str, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    runs: tuple[RunState, ...] = ()
    run: str = ""
    empathy_name: str = ""
    empathy_range: tuple[float, float] | None = None
    nowhere: tuple[str, ...] = ()


def overview(root: Path | str) -> Overview:
    """Look at a study: sessions, the figures of its newest finished run, all its runs.

    Parameters
    ----------
    root : path
        Study folder; one that is empty or not there gives ``exists=False``.

    Raises
    ------
    FileError
        If the folder holds something and is no study, or its tables cannot be read.

    Examples
    --------
    >>> overview("no-such-folder").exists
    False
    """
    root = Path(root)
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return Overview(exists=False)
    study = open_study(root, recordings=False)
    beside = {
        "media": sessions_with_media(study),
        "codes": _with_codes(study),
        "answers": _answered(study),
    }
    lines = tuple(_line(study, row, beside) for row in study.sessions)
    newest = newest_run(root)
    found = Overview(
        exists=True,
        title=study.title or root.resolve().name,
        description=study.description,
        simulated=study.simulated,
        roles=study.roles,
        sessions=lines,
        runs=list_run_states(root),
        nowhere=tuple(what for what, having in beside.items() if not having),
    )
    return found if newest is None else _with_figures(found, root / RUNS / newest.name)


def _line(study: Study, row: SessionRow, beside: Mapping[str, set[str]]) -> SessionLine:
    """What the study's tables and folders say of a session."""
    root = str(study.root)
    signals = {p.id: _kinds(f"{root}/sub-{p.id}/ses-{row.id}") for p in row.people}
    missing = [f"recording:{p}" for p, kinds in signals.items() if not kinds]
    missing += [what for what, having in beside.items() if having and row.id not in having]
    return SessionLine(
        id=row.id,
        dyad=row.dyad,
        number=row.number,
        type=row.type,
        people=row.people,
        signals=signals,
        missing=tuple(missing),
    )


def _with_codes(study: Study) -> set[str]:
    """Sessions that somebody coded."""
    names = [name for name in _names(f"{study.root}/codes") if name.endswith(".tsv")]
    pieces = [name.removesuffix(".tsv").partition("_") for name in names]
    return {session for session, _, coder in pieces if coder and coder != PHASES}


def _answered(study: Study) -> set[str]:
    """Sessions to which a questionnaire belongs."""
    found: set[str] = set()
    for path in sorted((study.root / "phenotype").glob("*.tsv")):
        try:
            _, rows = read_tsv(path, ["session_id"])
        except FileError:
            continue  # of people, not of sessions; what is wrong with it, the run says
        found |= {row.text("session_id").removeprefix("ses-") for row in rows}
    return found


def _kinds(folder: str) -> tuple[str, ...]:
    """Kinds of recordings by the names of their files, such as ``beh/*_recording-eda_*``."""
    names = [
        name
        for inner in _names(folder)
        if "." not in inner
        for name in _names(f"{folder}/{inner}")
        if name.endswith((PHYSIO, EVENTS))
    ]
    labels = [name.partition("_recording-")[2].partition("_")[0] for name in sorted(names)]
    told = dict.fromkeys(label for label in labels if label)
    return tuple(dict.fromkeys(_RATED.sub(r"\1 rating", label) for label in told))


def _names(folder: str) -> list[str]:
    """Names in a folder; none where it is no folder. Thousands are asked, so no Path is made."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _with_figures(found: Overview, folder: Path) -> Overview:
    """Put the figures of a run beside the sessions."""
    from syntony.report.run_folder import RunFolder, read_table

    run = RunFolder(folder)
    there = {t: folder / f"{t}.parquet" for t in ("sessions", "pairs", "quality", "scores")}
    rows = {t: list(read_table(p).rows()) if p.is_file() else [] for t, p in there.items()}
    facts = {str(r["session"]): r for r in rows["sessions"]}
    beside = _leading(rows["pairs"])
    quality = _quality(rows["quality"])
    scores, name = _scores(rows["scores"], run.recipe.get("empathy", {}))
    lines = tuple(
        _filled(s, facts.get(s.id, {}), beside.get(s.id), quality, scores.get(s.id))
        for s in found.sessions
    )
    ends = next(((float(r["low"]), float(r["high"])) for r in scores.values()), None)
    return replace(found, sessions=lines, run=folder.name, empathy_name=name, empathy_range=ends)


def _filled(
    line: SessionLine,
    facts: Mapping[str, Any],
    beside: Mapping[str, Any] | None,
    quality: Mapping[tuple[str, str], float],
    score: Mapping[str, Any] | None,
) -> SessionLine:
    """One session with what a run found in it."""
    shares = {p.id: quality[line.id, p.id] for p in line.people if (line.id, p.id) in quality}
    return replace(
        line,
        length_s=float(facts.get("duration_s", NAN)),
        problem=str(facts.get("failed", "")),
        quality=shares,
        coverage=float(beside["coverage"]) if beside else NAN,
        synchrony=_beside(beside) if beside else None,
        empathy=NAN if score is None else float(score["value"]),
    )


def _leading(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Row of every session that leads: first step, first statistic, strangers before others."""
    if not pairs:
        return {}
    step = min(r["step"] for r in pairs)
    lead = next(r for r in pairs if r["step"] == step)
    keys = ("step", "statistic", "span", "signal_a", "signal_b")
    chosen: dict[str, Mapping[str, Any]] = {}
    for row in pairs:
        if any(row[k] != lead[k] for k in keys):
            continue
        session = str(row["session"])
        known = chosen.get(session)
        if known is None or (not known["draws"] >= 1 and row["draws"] >= 1):
            chosen[session] = row
    return chosen


def _beside(row: Mapping[str, Any]) -> Beside:
    from syntony.report import labels

    return Beside(
        value=float(row["value"]),
        low=float(row["low"]),
        high=float(row["high"]),
        z=float(row["z_surrogate"]),
        p_two=float(row["p_two"]),
        draws=int(row["draws"]) if isfinite(row["draws"]) else 0,
        index=labels.statistic(row["method"], row["statistic"]).split(" (")[0],
        surrogate=str(row["surrogate"]),
    )


def _quality(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    """Valid share of every session and person, the worst of several signals."""
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        if row["cause"] == "valid":
            key = (str(row["session"]), str(row["person"]))
            found[key] = min(found.get(key, 1.0), float(row["share"]))
    return found


def _scores(
    rows: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]
) -> tuple[dict[str, Mapping[str, Any]], str]:
    """The score that the run links with synchrony, by session; and its name."""
    if not rows:
        return {}, ""
    instrument = wanted.get("instrument") or rows[0]["instrument"]
    mine = [r for r in rows if r["instrument"] == instrument]
    scale = wanted.get("scale") or (mine[0]["scale"] if mine else "")
    about = wanted.get("about") or ""
    mine = [r for r in mine if r["scale"] == scale and about in ("", r["about_role"])]
    first: dict[str, Mapping[str, Any]] = {}
    for row in mine:
        first.setdefault(str(row["session"]), row)
    return first, str(scale).replace("_", " ")
