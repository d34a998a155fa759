"""What a method costs: measured CPU seconds, on a machine that is named.

``costs.json`` is written by ``benchmarks/costs.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds on one pair, at the defaults of the method.

    ``draws_timed``: how many draws were timed; ``surrogates_s`` is scaled from them to 999.
    """

    once_s: float
    surrogates_s: float
    draws_timed: int


@cache
def measured() -> dict[str, Any]:
    """All that was measured: ``machine``, ``pair``, and ``methods`` by name."""
    text = files("syntony.synchrony").joinpath("costs.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def cost_of(name: str) -> Cost | None:
    """Look the cost of a method up; None where it was not measured.

    Examples
    --------
    >>> cost_of("marci").once_s < 1.0
    True
    >>> cost_of("lab_measure") is None
    True
    """
    found = measured()["methods"].get(name)
    return Cost(**found) if found else None


def span(seconds: float) -> str:
    """Write a time that may be microseconds or hours, with two figures.

    Examples
    --------
    >>> span(0.0000321), span(0.0042), span(12.3), span(412.0), span(7300.0)
    ('32 us', '4.2 ms', '12 s', '6.9 min', '2 h')
    """
    for unit, size, limit in (("us", 1e-6, 1e-3), ("ms", 1e-3, 1.0), ("s", 1.0, 100.0)):
        if seconds < 0.9995 * limit:
            return f"{_two(seconds / size)} {unit}"
    return f"{_two(seconds / 60)} min" if seconds < 6000 else f"{_two(seconds / 3600)} h"


def _two(value: float) -> str:
    """Two figures, never in powers of ten."""
    return f"{float(f'{value:.2g}'):g}"


def in_words(cost: Cost | None) -> str:
    """Write a cost for a table: once, and with 999 surrogates.

    Examples
    --------
    >>> in_words(Cost(once_s=0.004, surrogates_s=4.4, draws_timed=999)), in_words(None)
    ('4 ms / 4.4 s', 'not measured')
    """
    return NOT_MEASURED if cost is None else f"{span(cost.once_s)} / {span(cost.surrogates_s)}"
