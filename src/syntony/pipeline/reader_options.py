"""Options of readers as words, from the shell or a map file: whose, which, of what type."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter
from typing import Any

from syntony.core.errors import InputError
from syntony.io.registry import readers

Settings = dict[str, dict[str, str]]
"""Role to option to words; the role ``""`` stands for everybody."""


def known_options() -> frozenset[str]:
    """Every option that some reader takes."""
    return frozenset(name for reader in readers().values() for name in reader.options)


def settings_by_role(given: Mapping[str, str]) -> Settings:
    """Sort ``option`` and ``role.option`` by role.

    Raises
    ------
    InputError
        If no reader takes an option of that name.

    Examples
    --------
    >>> settings_by_role({"rate_hz": "4", "patient.column": "left"})
    {'': {'rate_hz': '4'}, 'patient': {'column': 'left'}}
    """
    out: Settings = {}
    for key, words in given.items():
        role, _, option = key.rpartition(".")
        if option not in known_options():
            raise InputError("settings", key, f"one of {sorted(known_options())}")
        out.setdefault(role, {})[option] = words
    return out


def typed(options: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the words of options into what the reader takes.

    Parameters
    ----------
    options : mapping of str to Parameter
        Of the reader.
    given : mapping
        Words; what is no text is left as it is, and so are options that the reader does not have
        (it says so itself).

    Raises
    ------
    InputError
        If a number is none, or a yes is neither yes nor no.
    """
    return {
        name: _as(name, value, str(options[name].annotation))
        if name in options and isinstance(value, str)
        else value
        for name, value in given.items()
    }


def _as(name: str, words: str, kind: str) -> Any:
    """Read words as the annotation says: pairs, a list, yes or no, a number, or words."""
    pieces = [p.strip() for p in words.split(",") if p.strip()]
    if "Mapping" in kind and all("=" in p for p in pieces):
        pairs = (p.rpartition("=") for p in pieces)
        return {left.strip(): right.strip() for left, _, right in pairs}
    if "Sequence" in kind:
        return pieces
    if "bool" in kind:
        if words.lower() not in ("yes", "no", "true", "false"):
            raise InputError(name, words, "yes or no")
        return words.lower() in ("yes", "true")
    if "int" in kind and words.lstrip("-").isdigit():
        return int(words)
    if "float" in kind and "str" not in kind:
        try:
            return float(words.replace(",", "."))
        except ValueError:
            raise InputError(name, words, "a number") from None
    return words
