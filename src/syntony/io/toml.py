"""Writing TOML: the standard library only reads it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from syntony.core.errors import InputError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: Mapping[str, Any]) -> str:
    """Write a table of text, numbers, truth values, lists and tables as TOML.

    Raises
    ------
    InputError
        For a value that TOML does not know, None among them; names its place.

    Examples
    --------
    >>> print(toml_text({"title": "A", "truth": {"r": 0.47, "lags_s": [2.0]}}))
    title = "A"
    <BLANKLINE>
    [truth]
    r = 0.47
    lags_s = [2.0]
    <BLANKLINE>
    """
    return "\n".join(_section(table, ())) + "\n"


def _section(table: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    """Lines of one table: plain values first, tables in it after."""
    plain = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    inner = {k: v for k, v in table.items() if isinstance(v, Mapping)}
    lines = [f"{_key(k)} = {_value(v, (*place, str(k)))}" for k, v in plain.items()]
    for name, part in inner.items():
        path = (*place, str(name))
        lines += ["", f"[{'.'.join(_key(p) for p in path)}]", *_section(part, path)]
    return lines


def _key(name: object) -> str:
    """Name of a value, in quotes where it needs them."""
    return str(name) if _BARE.fullmatch(str(name)) else _text(str(name))


def _text(text: str) -> str:
    """Text in double quotes; JSON's escapes are TOML's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any, place: tuple[str, ...]) -> str:
    """One value."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"{value}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v, place)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(v, place) for v in value) + "]"
    raise InputError(".".join(place), value, "text, a number, true, false, a list or a table")
