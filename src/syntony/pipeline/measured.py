"""How often two people who merely settle at the same time pass: measured, not assumed.

``measured.json`` is written by ``benchmarks/shared_shape.py`` on the simulated world in which
both people settle at the start and nothing couples them.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def shared_shape_rate(method: str, statistic: str, surrogate: str) -> dict[str, Any] | None:
    """Share of runs that passed, for one statistic and surrogate; None where not measured.

    Returns
    -------
    dict or None
        ``rate``, ``low``, ``high`` (95 % binomial interval), ``runs``, ``minutes``, ``alpha``.

    Examples
    --------
    >>> shared_shape_rate("marci", "no such statistic", "shift_thirds") is None
    True
    """
    text = files("syntony.pipeline").joinpath("measured.json").read_text("utf-8")
    wanted = {"method": method, "statistic": statistic, "surrogate": surrogate}
    for rate in json.loads(text)["rates"]:
        if wanted.items() <= rate.items():
            found: dict[str, Any] = rate
            return found
    return None
