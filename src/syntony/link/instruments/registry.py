"""The list of questionnaires: definitions as data, no code."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One score of a questionnaire.

    ``items`` are names of items as in the table's columns; ``reverse`` is the part of them
    that counts the other way round, None where the licensed key must come from the lab.
    ``max_missing`` items may be left out (mean of the rest times the number of items for a
    sum, mean of the rest for a mean); more missing gives NaN.
    """

    name: str
    items: tuple[str, ...]
    reverse: frozenset[str] | None = frozenset()
    combine: Literal["mean", "sum"] = "mean"
    max_missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One questionnaire, checked when made: range, items, reversed items.

    ``wording`` says whether item texts may be shown. ``whole`` answers are whole numbers from
    ``low`` to ``high``, without 0 where ``no_zero``; a scale of ratings on a line is not.
    ``source`` says where range and key were read and checked, ``choices`` what an answer in
    words counts as.
    """

    name: str
    title: str
    low: float
    high: float
    no_zero: bool
    scales: tuple[Scale, ...]
    cites: tuple[str, ...]
    wording: Literal["free", "licensed"]
    whole: bool = True
    source: str = ""
    choices: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", MappingProxyType(dict(self.choices)))
        if not self.low < self.high:
            raise InputError(f"{self.name}, range", (self.low, self.high), "low below high")
        if self.no_zero and self.low != -self.high:
            raise InputError(f"{self.name}, range", (self.low, self.high), "-high to high, no 0")
        if not self.scales:
            raise InputError(f"{self.name}, scales", self.scales, "at least one scale")
        names = [s.name for s in self.scales]
        if len(set(names)) < len(names):
            raise InputError(f"{self.name}, scales", names, "each scale once")
        for scale in self.scales:
            _check(self.name, scale)

    @property
    def items(self) -> tuple[str, ...]:
        """Every item name, each once, in order."""
        return tuple(dict.fromkeys(i for s in self.scales for i in s.items))


def _check(name: str, scale: Scale) -> None:
    """Refuse a scale whose key does not fit its items."""
    where = f"{name}, scale {scale.name}"
    if not scale.items or len(set(scale.items)) < len(scale.items):
        raise InputError(where, list(scale.items), "every item once, and at least one")
    strange = sorted((scale.reverse or frozenset()) - set(scale.items))
    if strange:
        raise InputError(f"{where}, reverse", strange, f"items of the scale, {list(scale.items)}")
    if not 0 <= scale.max_missing < len(scale.items):
        raise InputError(f"{where}, max_missing", scale.max_missing, "0 to one less than the items")


_INSTRUMENTS: dict[str, Instrument] = {}


def instrument(
    *,
    name: str,
    title: str,
    low: float,
    high: float,
    scales: tuple[Scale, ...],
    cites: tuple[str, ...],
    wording: Literal["free", "licensed"],
    no_zero: bool = False,
    whole: bool = True,
    source: str = "",
) -> Instrument:
    """Put a questionnaire on the list."""
    if name in _INSTRUMENTS:
        raise InputError("instrument", name, "a name that is not yet on the list")
    entry = Instrument(
        name=name,
        title=title,
        low=low,
        high=high,
        no_zero=no_zero,
        scales=scales,
        cites=cites,
        wording=wording,
        whole=whole,
        source=source,
    )
    _INSTRUMENTS[name] = entry
    return entry


def instruments() -> Mapping[str, Instrument]:
    """Every questionnaire by name."""
    return MappingProxyType(_INSTRUMENTS)


def get(name: str) -> Instrument:
    """Look a questionnaire up by name."""
    try:
        return _INSTRUMENTS[name]
    except KeyError:
        near = difflib.get_close_matches(name, _INSTRUMENTS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError("instrument", name, f"one of {sorted(_INSTRUMENTS)}", hint) from None
