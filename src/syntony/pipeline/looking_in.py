"""What a lot of files holds before anybody says anything of it: formats, channels, guesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from syntony.core.errors import SyntonyError
from syntony.core.units import KINDS
from syntony.io.inspecting import ChannelFound, Inspection, inspect_file
from syntony.io.registry import Reader, find_reader
from syntony.pipeline.filing import sorted_naturally
from syntony.pipeline.name_guess import ROLE_WORDS, guess_pattern

MOST_KINDS = 8
"""So many kinds of files are looked into; of further ones the names are told."""
_TIME = re.compile(r"(time|timestamps?|seconds|secs?|t)(?:[ _.-]*[\[(]?(s|ms|sec)[\])]?)?", re.I)
_SPELLED_OUT = {"pat": "patient", "th": "therapist", "ther": "therapist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Files of one format and ending, and what the first of them holds.

    Attributes
    ----------
    files : int
    example : str
        The first by name; the one that was looked into.
    format, title : str
        Name of the reader, and in words; empty where none knows the file.
    inside : Inspection or None
        None where it was not looked into, or could not be.
    problem : str
        Why not.
    """

    files: int
    example: str
    format: str = ""
    title: str = ""
    inside: Inspection | None = None
    problem: str = ""

    @property
    def channels(self) -> tuple[ChannelFound, ...]:
        """Channels of all parts."""
        parts = self.inside.parts if self.inside else ()
        return tuple(c for part in parts for c in part.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedInto:
    """What a lot of files holds, and what an import may be told of them.

    Attributes
    ----------
    groups : tuple of Alike
        The largest first; files that no reader knows last.
    guesses : mapping
        Options of `import_files` that names and columns suggest, to be looked at by a person.
        Nothing physical is guessed: no unit, and a rate only where a file states it.
    """

    groups: tuple[Alike, ...]
    guesses: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As plain values; NaN becomes None."""
        groups = []
        for group in self.groups:
            plain = {k: v for k, v in asdict(group).items() if k != "inside"}
            inside = group.inside.as_dict() if group.inside else {"parts": [], "asks": []}
            groups.append(plain | {"parts": inside["parts"], "asks": inside["asks"]})
        return {"groups": groups, "guesses": self.guesses}


def look_into(folder: Path | str) -> LookedInto:
    r"""Look into every kind of file below a folder.

    Parameters
    ----------
    folder : path

    Returns
    -------
    LookedInto

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("d01_s1_pat.csv", "d01_s1_th.csv", "d02_s1_pat.csv", "d02_s1_th.csv"):
    ...         _ = (Path(folder) / name).write_text("time_s,eda\n0,5.1\n0.25,5.2\n0.5,5.1\n")
    ...     found = look_into(folder)
    >>> [(g.files, g.format) for g in found.groups]
    [(4, 'delimited')]
    >>> sorted(found.guesses.items())  # doctest: +NORMALIZE_WHITESPACE
    [('column', 'eda'), ('kind', 'eda'), ('pattern', '{dyad}_{session}_{role}.csv'),
     ('time_column', 'time_s')]
    """
    root = Path(folder)
    known: dict[tuple[str, str], list[Path]] = {}
    entries: dict[str, Reader] = {}
    strangers: dict[str, list[Path]] = {}
    for path in _recordings(root):
        entry = _entry(path)
        if entry is None:
            strangers.setdefault(path.suffix.lower(), []).append(path)
        else:
            entries[entry.name] = entry
            known.setdefault((entry.name, path.suffix.lower()), []).append(path)
    order = sorted(known.items(), key=lambda item: -len(item[1]))
    groups = [
        _look(root, paths, entries[name], inside=at < MOST_KINDS)
        for at, ((name, _), paths) in enumerate(order)
    ]
    names = [_name(root, p) for _, paths in order for p in paths]
    guesses = _guesses(groups) | {"pattern": guess_pattern(names)}
    groups += [
        Alike(files=len(paths), example=_name(root, paths[0])) for paths in strangers.values()
    ]
    return LookedInto(groups=tuple(groups), guesses={k: v for k, v in guesses.items() if v})


def _recordings(root: Path) -> list[Path]:
    """Files below a folder, and folders that are one recording each."""
    found: list[Path] = []
    for path in sorted_naturally(root.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_file() or (path.is_dir() and _entry(path) is not None):
            found.append(path)
        elif path.is_dir():
            found += _recordings(path)
    return found


def _entry(path: Path) -> Reader | None:
    """The reader of a file; none for a table that only looks like one, such as a page of text."""
    try:
        entry = find_reader(path)
    except SyntonyError:
        return None
    return None if entry.general and path.suffix.lower() not in entry.suffixes else entry


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() + ("/" if path.is_dir() else "")


def _look(root: Path, paths: Sequence[Path], entry: Reader, *, inside: bool) -> Alike:
    """Look into the first of files that are alike."""
    told = {
        "files": len(paths),
        "example": _name(root, paths[0]),
        "format": entry.name,
        "title": entry.title,
    }
    if not inside:
        return Alike(**told)  # type: ignore[arg-type]
    try:
        return Alike(**told, inside=inspect_file(paths[0]))  # type: ignore[arg-type]
    except SyntonyError as error:
        return Alike(**told, problem=str(error))  # type: ignore[arg-type]


def _guesses(groups: Sequence[Alike]) -> dict[str, Any]:
    """What the columns of tables suggest, where all kinds of files in the lot are such tables."""
    inside = groups[0].inside if len(groups) == 1 else None
    if inside is None or not any(
        "kind" in ask.partition(":")[0].split(", ") for ask in inside.asks
    ):
        return {}  # of several kinds, or a file that says itself what it holds
    channels = groups[0].channels
    labels = [c.label for c in channels]
    out: dict[str, Any] = {}
    times = [n for n in labels if _TIME.fullmatch(n.strip())]
    rates = {c.rate_hz for c in channels if c.rate_hz == c.rate_hz}
    if len(rates) == 1:
        out["rate_hz"] = rates.pop()
    elif len(times) == 1:
        out["time_column"] = times[0]
    rest = [c for c in channels if c.label not in times]
    if len(rest) == 1:
        out["column"] = rest[0].label
        out["kind"] = rest[0].kind if rest[0].kind in KINDS else ""
    elif len(rest) == 2 and all(c.label.lower() in ROLE_WORDS for c in rest):
        out["columns"] = {_role(c.label): c.label for c in rest}
    return out


def _role(label: str) -> str:
    return _SPELLED_OUT.get(label.lower(), label.lower())
