"""From the blocks of a run to its rows: every pair, statistic and surrogate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, Step
from syntony.core.arrays import Array
from syntony.core.evidence import Evidence
from syntony.core.files import read_arrays
from syntony.pipeline.blocks import Block
from syntony.pipeline.emotion import Coded
from syntony.pipeline.given_up import facts_of_run
from syntony.pipeline.plan import Plan, Planned
from syntony.pipeline.prepare import read_coded
from syntony.pipeline.searches import PEAK
from syntony.pipeline.strangers import by_first, lay_tiles, without_strangers
from syntony.pipeline.work import block_path
from syntony.report.labels import is_peak_height
from syntony.surrogates.decision import evidence
from syntony.surrogates.partners import why_alone
from syntony.surrogates.peaks import claim_leader, leader_at
from syntony.surrogates.registry import takes_partners
from syntony.synchrony import registry as method_list

CAP = 10.0
ALPHA = 0.05


@dataclass(frozen=True)
class Results:
    """What preparing and working found, over the plan.

    Attributes
    ----------
    recipe, plan
    facts : list of dict
        What preparing found, per session of the plan.
    blocks : dict
        Arrays of each usable session, by its place in the plan.
    coded : list of Coded or None
        Codes of every session of the plan, where there are any.
    """

    recipe: Recipe
    plan: Plan
    facts: list[dict[str, Any]]
    blocks: Mapping[int, Mapping[str, Any]]
    coded: list[Coded | None]

    @classmethod
    def read(cls, folder: Path, recipe: Recipe, plan: Plan) -> Results:
        """Read every block of a Run folder."""
        facts, usable = facts_of_run(folder, plan)
        tiles = lay_tiles(folder, recipe, plan, usable, facts)
        beside = by_first((read_arrays(t.path) for t in tiles), len(recipe.synchrony))
        none = without_strangers(recipe)
        blocks = {
            i: Block(block_path(folder, s.id), beside.get(i, none))
            for i, s in enumerate(plan.sessions)
            if usable[i]
        }
        return cls(recipe, plan, facts, blocks, [read_coded(folder, s.id) for s in plan.sessions])

    @property
    def asked(self) -> list[int]:
        """Usable sessions that are asked about."""
        return [i for i in range(self.plan.analysed) if i in self.blocks]

    def clock_error_s(self, index: int) -> float:
        """Sum of both people's remaining clock errors; NaN where one is unknown."""
        clocks = self.facts[index]["clocks"]
        planned = self.plan.sessions[index]
        errors = [clocks.get(p.id, {}).get("error_s") for p in (planned.first, planned.second)]
        return math.fsum(math.nan if e is None else e for e in errors)

    def pseudo(self, step: int) -> tuple[Array, Array]:
        """Pseudo-pairs of one step over the plan, of all rules together; made once.

        Returns
        -------
        values : ndarray, shape (n, n, n_statistics)
            ``[i, j]``: first person of ``i`` with second person of ``j``.
        real : ndarray, shape (n, n, n_statistics)
            ``[i, j]``: the real pair of ``i`` at the length it shares with ``j``.
        """
        if step not in self._matrices:
            self._matrices[step] = self._pseudo(step)
        return self._matrices[step]

    @cached_property
    def _matrices(self) -> dict[int, tuple[Array, Array]]:
        return {}

    def _pseudo(self, step: int) -> tuple[Array, Array]:
        n = len(self.plan.sessions)
        width = len(method_list.get(self.recipe.synchrony[step].method).statistics)
        values, real = np.full((n, n, width), np.nan), np.full((n, n, width), np.nan)
        for i, block in self.blocks.items():
            values[i, block["partners"]] = block[f"step{step}_pseudo"]
            if i < self.plan.analysed:
                real[i, block["cut_partners"]] = block[f"step{step}_cut"]
        return values, real


def leader_of(lag_s: float, clock_error_s: float, planned: Planned) -> str:
    """Name who leads at a lag: positive, the second follows the first."""
    return leader_at(lag_s, clock_error_s, (planned.first.role, planned.second.role))


def best_lag(block: Mapping[str, Any], step: int) -> float:
    """Lag at the highest point of the lag profile; NaN where there is none."""
    profile = block.get(f"step{step}_profile")
    if profile is None or not np.isfinite(profile).any():
        return float("nan")
    return float(block[f"step{step}_lag"][int(np.nanargmax(profile))])


def draws_of(results: Results, index: int, step: int, column: int, surrogate: str) -> Array:
    """What a surrogate gives for one statistic of a session; empty where it was refused."""
    if takes_partners(surrogate):
        return _partner_draws(results, index, step, column, surrogate)
    drawn: Array | None = results.blocks[index].get(f"step{step}_null_{surrogate}")
    return np.empty(0) if drawn is None else drawn[:, column]


def _partner_draws(results: Results, index: int, step: int, column: int, surrogate: str) -> Array:
    """Indices of both people with every partner of a rule, on the scale of the real index.

    Each is compared with the real index at its own length: what is returned is the real
    index plus the difference.
    """
    values, real = results.pseudo(step)
    block = results.blocks[index]
    observed = block[f"step{step}_stats"][column]
    computed = set(block["partners"].tolist())
    as_first = [j for j in results.plan.partners(index, surrogate) if j in computed]
    as_second = [i for i in results.plan.lenders(index, surrogate) if i in results.blocks]
    drawn = np.array(
        [values[index, j, column] for j in as_first] + [values[i, index, column] for i in as_second]
    )
    own = np.array([real[index, j, column] for j in [*as_first, *as_second]])
    return np.asarray(observed + (drawn - own))


def pair_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Rows of ``pairs``: one per session, step, statistic and surrogate."""
    for index in results.asked:
        for number, step in enumerate(results.recipe.synchrony):
            yield from _step_rows(results, index, number, step)


def _step_rows(results: Results, index: int, number: int, step: Step) -> Iterator[dict[str, Any]]:
    """Rows of one session and step, one per statistic and surrogate."""
    block, base = results.blocks[index], _base(results, index, number, step)
    listed = method_list.get(step.method).statistics
    tests = [list(_tests(results, index, number, column)) for column in range(len(listed))]
    peaks = [
        t for s, found in zip(listed, tests, strict=True) if is_peak_height(s.name) for t in found
    ]
    for column, statistic in enumerate(listed):
        value = float(block[f"step{number}_stats"][column])
        row = base | {
            "statistic": statistic.name,
            "value": value,
            "fisher_z": value if statistic.is_fisher_z else math.nan,
            "capped": bool(statistic.name.startswith("ssi") and abs(value) >= CAP),
        }
        for tested in tests[column] or [{"surrogate": "", "draws": 0}]:
            yield row | tested | {"leader": _leader(block, number, base, tested, peaks)}


def _leader(
    block: Mapping[str, Any],
    number: int,
    base: Mapping[str, Any],
    tested: Mapping[str, Any],
    peaks: list[dict[str, Any]],
) -> str:
    """Who may be named beside one surrogate: clocks, height of the peak, and lean allow it.

    The height is tested by the statistic of the method that says it, else by the lag profiles
    of the draws.
    """
    lean = block.get(f"step{number}_peak_lag_{tested['surrogate']}")
    facts = {} if lean is None else dict(zip(PEAK, lean.tolist(), strict=True))
    heights = [t["p_one"] for t in peaks if t["surrogate"] == tested["surrogate"] and "p_one" in t]
    return claim_leader(
        base["lag_s"],
        base["clock_error_s"],
        (base["role_a"], base["role_b"]),
        p_peak=min(heights) if heights else facts.get("p", math.nan),
        p_lead=facts.get("p_lead", math.nan),
        side=int(facts.get("side", 0)),
        alpha=ALPHA,
    )


def _base(results: Results, index: int, number: int, step: Step) -> dict[str, Any]:
    """What the rows of one session and step have in common."""
    planned, facts, block = (
        results.plan.sessions[index],
        results.facts[index],
        results.blocks[index],
    )
    time, reach = block.get(f"step{number}_time"), block[f"step{number}_reach"]
    error, lag = results.clock_error_s(index), best_lag(block, number)
    coverage = block.get(f"step{number}_coverage")
    begin, whole = facts["start_s"], facts["duration_s"]
    start, stop = 0.0, whole
    if time is not None:
        start = max(0.0, float(time[0] - reach[0])) if time.size else math.nan
        stop = min(whole, float(time[-1] + reach[1])) if time.size else math.nan
    return {
        "session": planned.id,
        "dyad": planned.dyad,
        "session_type": planned.type,
        "span": "session",
        "signal_a": facts["kinds"][0],
        "signal_b": facts["kinds"][1],
        "role_a": planned.first.role,
        "role_b": planned.second.role,
        "person_a": planned.first.id,
        "person_b": planned.second.id,
        "step": number,
        "method": step.method,
        "t_start_s": begin + start,
        "t_stop_s": begin + stop,
        "lag_s": lag,
        "leader": leader_of(lag, error, planned),
        "clock_error_s": error,
        "coverage": float(np.mean(coverage)) if coverage is not None else math.nan,
        "note": "",
    }


def _tests(results: Results, index: int, number: int, column: int) -> Iterator[dict[str, Any]]:
    """The chance side of one row, once per surrogate of the recipe."""
    block = results.blocks[index]
    observed = float(block[f"step{number}_stats"][column])
    for item in results.recipe.surrogates:
        if f"refused_{item.name}" in block:
            refused = str(block[f"refused_{item.name}"])
            yield {"surrogate": item.name, "draws": 0, "note": refused}
            continue
        null = draws_of(results, index, number, column, item.name)
        alone = "" if null.size else f"No draws: {why_alone(item.name)}."
        yield chance(evidence(observed, null, item.name, results.recipe.seed)) | {"note": alone}


def chance(found: Evidence) -> dict[str, Any]:
    """Columns of a row that say what chance gives."""
    low, high = found.band
    there = found.null[np.isfinite(found.null)]
    return {
        "surrogate": found.surrogate,
        "draws": int(found.null.size),
        "low": low,
        "high": high,
        "null_mean": float(there.mean()) if there.size else math.nan,
        "z_surrogate": found.z,
        "p_one": found.p_one if found.null.size else math.nan,
        "p_two": found.p_two if found.null.size else math.nan,
    }
