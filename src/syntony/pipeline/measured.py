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


def null_rate(world: str, method: str, statistic: str, surrogate: str) -> dict[str, Any] | None:
    """How often studies of a null world pass, by the table of calibration; None if not measured.

    Returns
    -------
    dict or None
        ``passed`` of ``studies`` (p_one at or below .05), ``low`` and ``high`` (99 % binomial
        interval of the rate), ``mark`` ("as claimed", "conservative", "above", "fails"), and of
        fresh studies ``fresh_passed`` and ``fresh_studies``.

    Examples
    --------
    >>> null_rate("stationary", "marci", "no such statistic", "shift_thirds") is None
    True
    """
    file = files("syntony.pipeline").joinpath("calibration.json")
    if not file.is_file():
        return None
    wanted = {"world": world, "method": method, "statistic": statistic, "surrogate": surrogate}
    for cell in json.loads(file.read_text("utf-8"))["cells"]:
        if wanted.items() <= cell.items():
            found: dict[str, Any] = cell
            return found
    return None
