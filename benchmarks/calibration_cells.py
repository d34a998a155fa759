"""From blocks to cells: what every world, method and surrogate counted, first and fresh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration_blocks import Block, read_blocks

from syntony.simulate.worlds import WORLDS
from syntony.synchrony.registry import get
from syntony.trials.null_study import CLAIM
from syntony.trials.null_table import Count, Mark, limits, mark

ROLES = ("patient", "therapist")
FRESH = "fresh"


@dataclass(frozen=True)
class Cell:
    """One world, method and surrogate: studies, their sessions, and fresh studies."""

    world: str
    method: str
    surrogate: str
    first: Count
    sessions: Count
    fresh: Count

    @property
    def key(self) -> tuple[str, str, str]:
        """World, method and surrogate."""
        return self.world, self.method, self.surrogate

    @property
    def mark(self) -> Mark:
        """What its counts say."""
        return mark(self.first, self.fresh)

    def to_row(self) -> dict[str, Any]:
        """Plain numbers, as the files hold them."""
        low, high = self.first.interval()
        return {
            "world": self.world,
            "method": self.method,
            "statistic": get(self.method).statistics[0].name,
            "surrogate": self.surrogate,
            "passed": self.first.passed,
            "studies": self.first.n,
            "low": round(low, 4),
            "high": round(high, 4),
            "mark": self.mark,
            "fresh_passed": self.fresh.passed,
            "fresh_studies": self.fresh.n,
            "sessions_passed": self.sessions.passed,
            "sessions": self.sessions.n,
        }


def first_cells(blocks: list[Block], cache: Path) -> tuple[list[Cell], dict[Any, Count], float]:
    """Cells of the first stage without fresh studies, leaders by world and method, seconds."""
    tally: dict[tuple[str, str, str], list[int]] = {}
    leaders: dict[tuple[str, str], list[int]] = {}
    spent = 0.0
    for told in read_blocks(blocks, cache):
        spent += told["cpu_s"]
        _add(tally, told)
        for named in told["leaders"]:
            for method, role in named.items():
                count = leaders.setdefault((told["asked"]["world"], method), [0, 0])
                count[0] += role in ROLES
                count[1] += 1
    none = Count(passed=0, n=0)
    cells = [
        Cell(*key, Count(passed=v[0], n=v[1]), Count(passed=v[2], n=v[3]), none)
        for key, v in tally.items()
    ]
    return cells, {k: Count(passed=v[0], n=v[1]) for k, v in leaders.items()}, spent


def _add(tally: dict[tuple[str, str, str], list[int]], told: dict[str, Any]) -> None:
    """Count a block in: studies passed and tested, sessions passed and tested."""
    for study in told["studies"]:
        for row in study:
            key = (told["asked"]["world"], row["method"], row["surrogate"])
            count = tally.setdefault(key, [0, 0, 0, 0])
            count[0] += row["p_one"] <= CLAIM
            count[1] += 1
            count[2] += row["passed"]
            count[3] += row["sessions"]


def fresh_counts(cache: Path) -> tuple[dict[tuple[str, str, str], Count], float]:
    """What fresh studies counted; a cell that was settled is in fewer blocks than others."""
    tally: dict[tuple[str, str, str], list[int]] = {}
    seen: set[tuple[int, str, str, str]] = set()
    spent = 0.0
    for number, told in _fresh_files(cache):
        spent += told["cpu_s"]
        for study in told["studies"]:
            study[:] = [
                row
                for row in study
                if (number, told["asked"]["world"], row["method"], row["surrogate"]) not in seen
            ]
        for row in told["studies"][0] if told["studies"] else []:
            seen.add((number, told["asked"]["world"], row["method"], row["surrogate"]))
        _add(tally, told)
    return {k: Count(passed=v[0], n=v[1]) for k, v in tally.items()}, spent


def _fresh_files(cache: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for world in WORLDS:
        for path in sorted(cache.glob(f"{world}-{FRESH}-*/*.json")):
            yield int(path.stem), json.loads(path.read_text("utf-8"))


def with_fresh(cells: list[Cell], fresh: dict[tuple[str, str, str], Count]) -> list[Cell]:
    """Give every cell that was above what its fresh studies counted."""
    none = Count(passed=0, n=0)
    return [
        Cell(
            *c.key,
            c.first,
            c.sessions,
            fresh.get(c.key, none) if c.first.passed > limits(c.first.n)[1] else none,
        )
        for c in cells
    ]
