"""How often two people who merely settle at the same time pass a within-pair surrogate.

Simulates pairs of strangers who share the slow course of a session and nothing else, sends
each through the whole chain of ``pair`` and counts one-sided p at or below .05. Writes
``src/syntony/pipeline/measured.json``, which the report of a pair quotes.

    python benchmarks/shared_shape.py [--runs 400] [--minutes 50] [--draws 199]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from scipy.stats import binomtest

from syntony.config import Recipe, Surrogate
from syntony.pipeline.analyse import analyse_session
from syntony.simulate.session import make_session
from syntony.simulate.study import demo_setup

OUT = Path(__file__).parents[1] / "src" / "syntony" / "pipeline" / "measured.json"
SURROGATES = ("shift_thirds", "circular_shift", "segment_shuffle")
ALPHA = 0.05


def one_pair(number: int, *, minutes: float, draws: int) -> list[tuple[str, str, str, float]]:
    setup = demo_setup(seed=20261123, world="shared_shape", minutes=minutes)
    session, _ = make_session(setup, number, 1)
    chance = tuple(Surrogate(name=name, count=draws) for name in SURROGATES)
    found = analyse_session(session, Recipe(seed=number, surrogates=chance))
    keys = ("method", "statistic", "surrogate", "p_one")
    return [tuple(row[k] for k in keys) for row in found.rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--draws", type=int, default=199)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    work = partial(one_pair, minutes=given.minutes, draws=given.draws)
    hits: dict[tuple[str, str, str], int] = {}
    with ProcessPoolExecutor(2) as pool:
        for rows in pool.map(work, range(1, given.runs + 1), chunksize=10):
            for *key, p_one in rows:
                hits[tuple(key)] = hits.get(tuple(key), 0) + (p_one <= ALPHA)
    rates = []
    for (method, statistic, surrogate), count in hits.items():
        low, high = binomtest(count, given.runs).proportion_ci(0.95, method="wilson")
        rates.append(
            {
                "method": method,
                "statistic": statistic,
                "surrogate": surrogate,
                "rate": round(count / given.runs, 4),
                "low": round(low, 4),
                "high": round(high, 4),
                "runs": given.runs,
                "minutes": given.minutes,
                "alpha": ALPHA,
            }
        )
    text = json.dumps({"made_by": "benchmarks/shared_shape.py", "rates": rates}, indent=1)
    given.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
