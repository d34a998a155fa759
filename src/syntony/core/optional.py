"""Optional packages, asked for where they are used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from syntony.core.errors import MissingPackage


def need(package: str, *, to: str, extra: str) -> ModuleType:
    """Import an optional package, or say what it is for and how to get it.

    Examples
    --------
    >>> need("json", to="write a table", extra="data").__name__
    'json'
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingPackage(
            f"{to} needs {package!r}. Install it with: pip install 'syntony[{extra}]'"
        ) from error
