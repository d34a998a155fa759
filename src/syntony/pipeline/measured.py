"""How often two people who merely settle at the same time pass: measured, not assumed.

``measured.json`` is written by ``benchmarks/shared_shape.py`` on the simulated world in which
both people settle at the start and nothing couples them.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def shared_shape_rates() -> list[dict[str, Any]]:
    """Rate, interval and number of runs, per method, statistic and surrogate.

    Returns
    -------
    list of dict
        ``method``, ``statistic``, ``surrogate``, ``rate``, ``low``, ``high`` (99 % binomial
        interval), ``runs``, ``minutes``, ``alpha``.

    Examples
    --------
    >>> {r["surrogate"] for r in shared_shape_rates()} <= {"shift_thirds", "circular_shift"}
    True
    """
    text = files("syntony.pipeline").joinpath("measured.json").read_text("utf-8")
    rates: list[dict[str, Any]] = json.loads(text)["rates"]
    return rates
