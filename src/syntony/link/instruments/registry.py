"""The list of questionnaires: definitions as data, no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """One questionnaire. ``wording`` says whether item texts may be shown."""

    name: str
    title: str
    low: float
    high: float
    no_zero: bool
    scales: tuple[Scale, ...]
    cites: tuple[str, ...]
    wording: Literal["free", "licensed"]

    @property
    def items(self) -> tuple[str, ...]:
        """Every item name, each once, in order."""
        return tuple(dict.fromkeys(i for s in self.scales for i in s.items))


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
    )
    _INSTRUMENTS[name] = entry
    return entry


def instruments() -> Mapping[str, Instrument]:
    """Every questionnaire by name."""
    return MappingProxyType(_INSTRUMENTS)
