"""The list of models: what each is asked, what it needs, and the function that fits it."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from syntony.core.errors import InputError
from syntony.link.models.values import Fitted

Fit = Callable[..., Fitted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that a model reads.

    ``per`` "session" is one value a session; "person" one of each of the two people, read as
    ``<name>_first`` and ``<name>_second``. ``default`` is what a recipe takes for it, as it would
    name it.
    """

    name: str
    explain: str
    per: Literal["session", "person"] = "session"
    required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the list.

    Attributes
    ----------
    fit : callable
        ``fit(sessions, rng, **options) -> Fitted``.
    formula : str
        As in R.
    columns : tuple of Column
    more : str
        What further columns are taken for; empty where none are taken.
    not_when : str
        When not to take it.
    sentence : str
        For a paper, with every option in braces.
    """

    name: str
    title: str
    question: str
    not_when: str
    formula: str
    columns: tuple[Column, ...]
    sentence: str
    cites: tuple[str, ...]
    fit: Fit
    more: str = ""

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options with their defaults, read off the signature."""
        params = inspect.signature(self.fit).parameters
        return MappingProxyType({k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY})

    def settle(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option with its value: the given ones, and the defaults of the rest."""
        for name in options:
            if name not in self.options:
                raise InputError(
                    f"models.options of {self.name}", name, f"one of {sorted(self.options)}"
                )
        return {k: options.get(k, p.default) for k, p in self.options.items()}

    def tell(self, options: Mapping[str, Any]) -> str:
        """The sentence for a paper, with every option in its place.

        Examples
        --------
        >>> get("quadratic").tell({})[:30]
        'Whether a middling synchrony g'
        """
        settled = self.settle(options)
        return re.sub(r"{(\w+)}", lambda m: _in_words(settled[m[1]]), self.sentence)


def _in_words(value: Any) -> str:
    """An option as a sentence says it.

    Examples
    --------
    >>> _in_words((0.0, 1.0, 1.5)), _in_words(True), _in_words(99)
    ('0, 1 and 1.5', 'yes', '99')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        *first, last = (f"{v:g}" if isinstance(v, float) else str(v) for v in value)
        return f"{', '.join(first)} and {last}" if first else last
    return str(value)


_MODELS: dict[str, Model] = {}


def model(**facts: Any) -> Callable[[Fit], Fit]:
    """Register a function ``(sessions, rng, **options) -> Fitted`` as a model."""

    def keep(fit: Fit) -> Fit:
        add(Model(fit=fit, **facts))
        return fit

    return keep


def add(entry: Model) -> None:
    """Put an entry on the list; a name used twice is an error."""
    if entry.name in _MODELS:
        raise InputError("model", entry.name, "a name that is not yet on the list")
    _MODELS[entry.name] = entry


def models() -> Mapping[str, Model]:
    """Every model by name.

    Examples
    --------
    >>> sorted(models())[:3]
    ['apim', 'growth', 'mediation']
    """
    _load()
    return MappingProxyType(_MODELS)


def get(name: str) -> Model:
    """Look a model up by name.

    Examples
    --------
    >>> get("withinbetween")
    Traceback (most recent call last):
    syntony.core.errors.InputError: model='withinbetween': expected one of ['apim', ...
    """
    known = models()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else ""
    raise InputError("model", name, f"one of {sorted(known)}", hint)


def _load() -> None:
    """Every file of the room puts its model on the list."""
