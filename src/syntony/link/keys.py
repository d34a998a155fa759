"""Keys of licensed questionnaires: which items are reversed, supplied by the lab."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.link.instruments.registry import Instrument

_EXAMPLE = 'instrument = "name" and a table [reverse] with scale = ["item", ...]'


def with_key(
    instrument: Instrument, reverse_items: Mapping[str, Iterable[str]] | Iterable[str]
) -> Instrument:
    """Fill in the reversed items of an instrument.

    Parameters
    ----------
    instrument : Instrument
        One whose key must come from the lab.
    reverse_items : mapping of str to items, or items
        Scale to its reversed items; the items alone where only one scale lacks its key.

    Returns
    -------
    Instrument
        A copy; the list of instruments stays as it is.

    Raises
    ------
    InputError
        If no scale lacks its key, the scale or an item is unknown, or a scale stays without.

    Examples
    --------
    The items here are made up; take yours from your licensed manual.

    >>> from syntony.link.instruments.registry import get
    >>> mine = with_key(get("blri_eu"), ["eu01", "eu02"])
    >>> sorted(mine.scales[0].reverse)
    ['eu01', 'eu02']
    """
    lacking = [s.name for s in instrument.scales if s.reverse is None]
    where = f"key of {instrument.name}"
    if not lacking:
        raise InputError(where, instrument.name, "an instrument that lacks its key")
    if not isinstance(reverse_items, Mapping):
        if len(lacking) > 1:
            raise InputError(where, "one list of items", f"one list for each of {lacking}")
        reverse_items = {lacking[0]: reverse_items}
    if set(reverse_items) != set(lacking):
        raise InputError(where, sorted(reverse_items), f"reversed items for {lacking}")
    scales = tuple(
        replace(s, reverse=frozenset(reverse_items[s.name])) if s.name in reverse_items else s
        for s in instrument.scales
    )
    return replace(instrument, scales=scales)


def read_key(path: Path | str, instrument: Instrument) -> Instrument:
    """Read a lab's key file and give the instrument with it.

    The file is TOML::

        instrument = "blri_eu"

        [reverse]
        empathic_understanding = ["eu02", ...]

    Parameters
    ----------
    path : path
    instrument : Instrument
        The one the key belongs to.

    Returns
    -------
    Instrument

    Raises
    ------
    FileError
        If the file is missing, is no TOML, belongs to another instrument, or does not fit it.
    """
    path = Path(path)
    table = _read_toml(path)
    name, reverse = table.get("instrument"), table.get("reverse")
    if name != instrument.name:
        raise FileError(path, f"instrument = {name!r}", f"instrument = {instrument.name!r}")
    strange = sorted(set(table) - {"instrument", "reverse"})
    if strange:
        raise FileError(path, f"unknown key {strange[0]!r}", _EXAMPLE)
    if not isinstance(reverse, dict) or not all(_are_items(v) for v in reverse.values()):
        raise FileError(path, f"reverse = {reverse!r}", _EXAMPLE)
    try:
        return with_key(instrument, reverse)
    except InputError as error:
        raise FileError(path, f"{error.field} = {error.got!r}", error.expected) from error


def _read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or say by name what is wrong with it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileError(path, "no such file", "a key file in TOML") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, str(error), f"TOML: {_EXAMPLE}") from error


def _are_items(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)
