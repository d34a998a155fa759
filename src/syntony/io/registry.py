"""The list of file formats: one function each, found by content."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.recording import Recording

Read = Callable[..., Recording]
Sniff = Callable[[Path, bytes], bool]
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One format.

    ``sniff(path, head)`` claims a file or folder (head is ``b""`` for a folder);
    ``read(path, *, person, **options)`` gives a Recording whose every value names the person.
    Options without a default are physical facts that the file does not hold; where the caller
    leaves one out it is None, and ``read`` says what is there and what to pass. A ``general``
    format (any table) gives way to one that knows the file by its own marks.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Sniff
    read: Read
    general: bool = False

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options of ``read`` other than ``person``."""
        params = inspect.signature(self.read).parameters
        return MappingProxyType(
            {k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY and k != "person"}
        )


_READERS: dict[str, Reader] = {}


def reader(
    *, name: str, title: str, suffixes: tuple[str, ...], sniff: Sniff, general: bool = False
) -> Callable[[Read], Read]:
    """Register a function ``(path, *, person, **options) -> Recording`` as a format."""

    def keep(read: Read) -> Read:
        if name in _READERS:
            raise InputError("format", name, "a name that is not yet on the list")
        _READERS[name] = Reader(
            name=name, title=title, suffixes=suffixes, sniff=sniff, read=read, general=general
        )
        return read

    return keep


def readers() -> Mapping[str, Reader]:
    """Every format by name."""
    return MappingProxyType(_READERS)


def find_reader(path: Path | str) -> Reader:
    """Find the one format that claims this file or folder. The content decides.

    Raises
    ------
    FileError
        If it is missing or empty, or no reader or several claim it.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(path, "no such file or folder", "a recording", "Check the path.")
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if not head:
            raise FileError(path, "an empty file", "a recording", "Export it again.")
    fits = [r for r in _READERS.values() if r.sniff(path, head)]
    fits = [r for r in fits if not r.general] or fits
    if len(fits) > 1:
        fits = [r for r in fits if path.suffix.lower() in r.suffixes] or fits
    if len(fits) != 1:
        seen = sorted(r.name for r in fits) or "none"
        raise FileError(
            path,
            f"content claimed by {seen}",
            "content that one reader knows",
            f"Name the format; known: {sorted(_READERS)}.",
        )
    return fits[0]


def reader_for(path: Path, format: str, options: Iterable[str]) -> Reader:
    """The reader that will read a file: as named, else as the content and the options decide.

    Parameters
    ----------
    path : Path
    format : str
        Name of a reader, or empty.
    options : iterable of str
        Names of what the caller says: where only a general format takes them, it reads the file.

    Raises
    ------
    InputError
        If no reader has that name.
    FileError
        As :func:`find_reader`.
    """
    if format and format not in _READERS:
        raise InputError("format", format, f"one of {sorted(_READERS)}")
    if format:
        return _READERS[format]
    entry, options = find_reader(path), tuple(options)
    if all(name in entry.options for name in options):
        return entry
    with path.open("rb") if path.is_file() else BytesIO() as file:
        head = file.read(HEAD_BYTES)
    for other in _READERS.values():
        if other.general and all(n in other.options for n in options) and other.sniff(path, head):
            return other
    return entry


def read(path: Path | str, *, person: str, format: str = "", **options: Any) -> Recording:
    """Read one file or folder of one person.

    Parameters
    ----------
    path : path
    person : str
        Whose recording it is: never guessed.
    format : str, optional
        Name of a reader; without it the content decides. A recorder's own table may still be
        read as any table, where the options are those of one (``column``, ``kind``, ``unit``).
    **options
        What the file does not say (rate, unit, columns): see the reader's page.
    """
    entry = reader_for(Path(path), format, options)
    for name in options:
        if name not in entry.options:
            raise InputError("options", name, f"one of {sorted(entry.options)} for {entry.name}")
    facts = {k: None for k, p in entry.options.items() if p.default is p.empty}
    return entry.read(Path(path), person=person, **(facts | options))
