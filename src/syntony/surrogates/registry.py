"""The list of surrogates: each with the sentence of what it keeps and destroys."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from syntony.core.arrays import Array
from syntony.core.errors import InputError

Draw = Callable[..., Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """One way to say what chance gives.

    ``draw(y, rng, *, rate_hz, **options)`` gives the second person's signal as it would
    be under chance, shape as ``y``, NaN carried along. ``draw`` is None where the null
    comes from other people (``pseudo_dyads``): the plan finds the partners.
    The sentence a reader sees is "keeps {keeps}; destroys {destroys}".
    """

    name: str
    title: str
    keeps: str
    destroys: str
    question: str
    pitfall: str
    cites: tuple[str, ...]
    draw: Draw | None

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options with their defaults, read off the signature."""
        if self.draw is None:
            return MappingProxyType({})
        params = inspect.signature(self.draw).parameters
        return MappingProxyType(
            {k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY and k != "rate_hz"}
        )

    def settle(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option with its value: the given ones, and the defaults of the rest."""
        for name in options:
            if name not in self.options:
                raise InputError(
                    f"surrogates.options of {self.name}", name, f"one of {sorted(self.options)}"
                )
        return {k: options.get(k, p.default) for k, p in self.options.items()}


_SURROGATES: dict[str, Surrogate] = {}


def surrogate(**facts: Any) -> Callable[[Draw], Draw]:
    """Register a function ``(y, rng, *, rate_hz, **options) -> y'`` as a surrogate."""

    def keep(draw: Draw) -> Draw:
        add(Surrogate(draw=draw, **facts))
        return draw

    return keep


def add(entry: Surrogate) -> None:
    """Put an entry on the list; a name used twice is an error."""
    if entry.name in _SURROGATES:
        raise InputError("surrogate", entry.name, "a name that is not yet on the list")
    _SURROGATES[entry.name] = entry


def surrogates() -> Mapping[str, Surrogate]:
    """Every surrogate by name."""
    return MappingProxyType(_SURROGATES)


def get(name: str) -> Surrogate:
    """Look a surrogate up by name."""
    try:
        return _SURROGATES[name]
    except KeyError:
        near = difflib.get_close_matches(name, _SURROGATES, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError("surrogate", name, f"one of {sorted(_SURROGATES)}", hint) from None
