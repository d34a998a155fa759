"""The list of code formats: one function each, found by content, the suffix breaks ties."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.io.codes.source import Peek, look_at
from syntony.io.codes.value import CodeEvent, CodeFile

Read = Callable[..., CodeFile]
Write = Callable[[Path, tuple[CodeEvent, ...]], None]
Sniff = Callable[[Peek], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReader:
    """One format of codes.

    ``sniff(peek)`` claims a file by its beginning; ``read(path, **options)`` gives a CodeFile.
    Options without a default are facts that the file does not hold; where the caller leaves
    one out it is None, and ``read`` says what to pass. ``source`` says where the knowledge of
    the format is from, and how sure it is.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Sniff
    read: Read
    source: str

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options of ``read``."""
        params = inspect.signature(self.read).parameters
        return MappingProxyType({k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY})


_READERS: dict[str, CodeReader] = {}
_WRITERS: dict[str, Write] = {}


def code_reader(
    *, name: str, title: str, suffixes: tuple[str, ...], sniff: Sniff, source: str
) -> Callable[[Read], Read]:
    """Register a function ``(path, **options) -> CodeFile`` as a format of codes."""

    def keep(read: Read) -> Read:
        if name in _READERS:
            raise InputError("format", name, "a name that is not yet on the list")
        _READERS[name] = CodeReader(
            name=name, title=title, suffixes=suffixes, sniff=sniff, read=read, source=source
        )
        return read

    return keep


def code_writer(name: str) -> Callable[[Write], Write]:
    """Register a function ``(path, events) -> None`` as the writer of a format."""

    def keep(write: Write) -> Write:
        _WRITERS[name] = write
        return write

    return keep


def code_readers() -> Mapping[str, CodeReader]:
    """Every format of codes by name."""
    return MappingProxyType(_READERS)


def code_writers() -> Mapping[str, Write]:
    """Every format that can be written, by name."""
    return MappingProxyType(_WRITERS)


def find_code_reader(path: Path | str) -> CodeReader:
    """Find the one format that claims this file. The content decides; the suffix breaks ties.

    Raises
    ------
    FileError
        If it is missing or empty, or no reader or several claim it.
    """
    path = Path(path)
    peek = look_at(path)
    fits = [r for r in _READERS.values() if r.sniff(peek)]
    if len(fits) > 1:
        fits = [r for r in fits if path.suffix.lower() in r.suffixes] or fits
    if len(fits) != 1:
        seen = sorted(r.name for r in fits) or "none"
        expected = "content that one reader of codes knows"
        hint = f"Name the format; known: {sorted(_READERS)}."
        raise FileError(path, f"content claimed by {seen}", expected, hint)
    return fits[0]


def read_codes(path: Path | str, *, format: str = "", **options: Any) -> CodeFile:
    r"""Read one file of codes.

    Parameters
    ----------
    path : path
        ELAN, BORIS, Praat, Datavyu, Noldus, CARMA, DARMA, RTTM, Whisper or a table: see the
        pages of the formats.
    format : str, optional
        Name of a reader; without it the content decides.
    **options
        What the file does not say: see the reader's page.

    Returns
    -------
    CodeFile
        Events by onset, on the clock of the file (s). Nothing of the file is left out:
        what is odd is a note with file and line.

    Raises
    ------
    FileError
        With file and line: damaged, cut off, binary, hostile; a stop before its start, a time
        that is none.
    InputError
        For a format or option that is not on the list.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "turns.rttm"
    >>> _ = path.write_text("SPEAKER s1 1 2.5 1.5 <NA> <NA> therapist <NA> <NA>\n")
    >>> read_codes(path).events[0].person
    'therapist'
    """
    if format and format not in _READERS:
        raise InputError("format", format, f"one of {sorted(_READERS)}")
    path = Path(path)
    entry = _READERS[format] if format else find_code_reader(path)
    for name in options:
        if name not in entry.options:
            raise InputError("options", name, f"one of {sorted(entry.options)} for {entry.name}")
    look_at(path)
    facts = {k: None for k, p in entry.options.items() if p.default is p.empty}
    return replace(entry.read(path, **(facts | options)), format=entry.name)


def write_codes(path: Path | str, events: Iterable[CodeEvent], *, format: str = "") -> Path:
    """Write events as a file of codes, whole or not at all; reading it gives the same events.

    Parameters
    ----------
    path : path
    events : iterable of CodeEvent
        Their ``line`` and ``element`` are not written.
    format : str, optional
        ``elan``, ``boris_tabular`` or ``table``; without it the suffix decides (``.eaf``
        is ELAN, all else a table).

    Raises
    ------
    InputError
        For a format that is not written, and events that it cannot hold.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "codes.csv"
    >>> events = [CodeEvent(onset_s=1.0, duration_s=2.5, code="positive", person="P01")]
    >>> read_codes(write_codes(path, events)).events[0].duration_s
    2.5
    """
    path = Path(path)
    name = format or ("elan" if path.suffix.lower() == ".eaf" else "table")
    if name not in _WRITERS:
        raise InputError("format", name, f"one of {sorted(_WRITERS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    _WRITERS[name](path, tuple(sorted(events, key=lambda e: e.onset_s)))
    return path
