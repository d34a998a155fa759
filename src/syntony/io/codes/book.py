"""Code books: which codes there are, what they mean, which exclude one another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.io.codes.value import CodeEvent
from syntony.io.toml import toml_text

VALENCES = ("positive", "neutral", "negative")
ABOUT = ("person", "dyad")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_TOP = ("title", "source", "status", "about", "exclusive", "codes")
_CODE = ("title", "valence", "about", "exclusive", "colour", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of a book.

    Attributes
    ----------
    name, title : str
        The word in the files, and what it stands for.
    valence : str
        ``positive``, ``neutral``, ``negative``, or empty where it has none.
    about : str
        ``person`` or ``dyad``: whom one event of it is about.
    exclusive : bool
        May not overlap with another exclusive code of the same person (or dyad) and coder.
    colour, key : str
        For coding programs: ``#rrggbb``, and one key.
    """

    name: str
    title: str = ""
    valence: str = ""
    about: str = "person"
    exclusive: bool = True
    colour: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBook:
    """The codes of one coding system.

    ``source`` says where the list is from and ``status`` how sure it is and who holds its
    wording. ``path`` is the file it was read from.
    """

    title: str
    codes: tuple[Code, ...]
    source: str = ""
    status: str = ""
    path: Path | None = None

    def __post_init__(self) -> None:
        names = [c.name for c in self.codes]
        if not names or not all(names):
            raise InputError("codes", names, "at least one code, each with a name")
        keys = [c.key for c in self.codes if c.key]
        for what, words in (("codes", names), ("keys", keys)):
            twice = sorted({w for w in words if words.count(w) > 1})
            if twice:
                raise InputError(what, twice, "each once")
        for code in self.codes:
            if code.valence not in ("", *VALENCES):
                raise InputError(f"codes.{code.name}.valence", code.valence, f"one of {VALENCES}")
            if code.about not in ABOUT:
                raise InputError(f"codes.{code.name}.about", code.about, f"one of {ABOUT}")
            if code.colour and not _COLOUR.fullmatch(code.colour):
                raise InputError(f"codes.{code.name}.colour", code.colour, "#rrggbb")

    def __getitem__(self, name: str) -> Code:
        """Find a code by its name."""
        for code in self.codes:
            if code.name == name:
                return code
        raise InputError("code", name, f"one of {[c.name for c in self.codes]}")

    def __contains__(self, name: object) -> bool:
        """Tell whether the book has this code."""
        return any(c.name == name for c in self.codes)

    @property
    def name(self) -> str:
        """Name of the file it was read from, without its ending; empty where there is none."""
        return self.path.stem if self.path else ""

    def valences(self) -> dict[str, str]:
        """Code to valence, for ``emotion.code_book`` of a recipe; codes without one are left out.

        Examples
        --------
        >>> read_code_book("bales").valences()["tension_release"]
        'positive'
        """
        return {c.name: c.valence for c in self.codes if c.valence}

    def collapse(self, events: Iterable[CodeEvent]) -> tuple[CodeEvent, ...]:
        """Put the valence in the place of each code; the code itself goes to the modifier.

        Events whose code has no valence stay as they are.

        Raises
        ------
        InputError
            For a code that the book lacks.
        """
        made = []
        for event in events:
            valence = self[event.code].valence
            words = "|".join(w for w in (event.code, event.modifier) if w)
            made.append(replace(event, code=valence, modifier=words) if valence else event)
        return tuple(made)


def code_books() -> dict[str, CodeBook]:
    """Every code book that comes with the program, by name.

    Examples
    --------
    >>> sorted(code_books())
    ['bales', 'innovative_moments', 'spaff', 'talk_turns', 'three_valence']
    """
    folder = Path(str(files("syntony.io.codes") / "books"))
    return {p.stem: read_code_book(p) for p in sorted(folder.glob("*.toml"))}


def read_code_book(source: Path | str) -> CodeBook:
    """Read a code book from TOML, or one of those that come with the program by its name.

    Parameters
    ----------
    source : path or str
        A file, or ``three_valence``, ``bales``, ``spaff``, ``innovative_moments``,
        ``talk_turns``.

    Raises
    ------
    FileError
        Naming file and field: no such file, no TOML, an unknown key, a value that is none.

    Examples
    --------
    >>> [c.name for c in read_code_book("three_valence").codes]
    ['positive', 'neutral', 'negative']
    """
    folder = Path(str(files("syntony.io.codes") / "books"))
    path = Path(source)
    if isinstance(source, str) and (folder / f"{source}.toml").is_file():
        path = folder / f"{source}.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        known = sorted(p.stem for p in folder.glob("*.toml"))
        raise FileError(path, "no such file", f"a code book, or one of {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, str(error), "a code book in TOML", "Mend the file.") from error
    return replace(_book(path, said), path=path)


def write_code_book(path: Path | str, book: CodeBook) -> Path:
    """Write a code book as TOML, whole or not at all; reading it gives the same book."""
    codes = {c.name: {k: v for k in _CODE if (v := getattr(c, k)) not in ("",)} for c in book.codes}
    about = {"title": book.title, "source": book.source, "status": book.status, "codes": codes}
    return write_text(Path(path), toml_text(about))


def _book(path: Path, said: Mapping[str, Any]) -> CodeBook:
    """Check the fields of a book."""
    _known(path, said, _TOP, "")
    codes = said.get("codes")
    if not isinstance(codes, dict) or not codes:
        raise FileError(path, "no codes", "a table [codes.NAME] for each code", column="codes")
    default = {k: said[k] for k in ("about", "exclusive") if k in said}
    made = []
    for name, about in codes.items():
        if not isinstance(about, dict):
            raise FileError(path, repr(about), f"a table [codes.{name}]", column=f"codes.{name}")
        _known(path, about, _CODE, f"codes.{name}.")
        made.append(Code(name=name, **{**default, **about}))
    words = {k: said[k] for k in ("title", "source", "status") if k in said}
    words.setdefault("title", path.stem)
    try:
        return CodeBook(codes=tuple(made), **words)
    except InputError as error:
        raise FileError(path, repr(error.got), error.expected, column=error.field) from error


def _known(path: Path, said: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    """Refuse unknown keys and values of another kind."""
    for key, value in said.items():
        if key not in keys:
            raise FileError(
                path, f"the key {where + key!r}", f"one of {list(keys)}", column=where + key
            )
        kind = bool if key == "exclusive" else dict if key == "codes" else str
        if not isinstance(value, kind):
            raise FileError(path, repr(value)[:60], f"a {kind.__name__}", column=where + key)
