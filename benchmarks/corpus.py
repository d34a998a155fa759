"""All role-keeping pairs of a corpus: parts of it, and what the whole of 1,000 sessions takes.

Run: python benchmarks/corpus.py [--whole | --tiles]
Sizes: sessions of 50 min at 4 Hz (12,000 samples), 198 windows of 120, 41 lags. Every first
person with every second: 200 x 200 and 400 x 400 pairs, scaled to the 1,000 x 1,000 (999,000 of
them pseudo-dyads), or, with --whole, those themselves. CPU time on one thread. With gaps: 5 % of
each signal missing, in three gaps of 50 s.
--tiles: what a run does with a tile of 96 x 96 people, for lagged correlation (all nine
statistics) and for concordance; sessions of 40 to 50 min, each of a length of its own.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import resource
import sys
import time

import numpy as np
from figures import figure

from syntony.synchrony.corpus_pairs import SignalRows, corpus_pairs_lagged
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

N, WHOLE = 12_000, 1_000
AT_MOST_S, AT_MOST_GB = 180.0, 4.0


def person(role, session, gaps):
    rng = np.random.default_rng((role, session))
    signal = np.cumsum(rng.standard_normal(N))
    for start in rng.integers(0, N - 200, 3 if gaps else 0):
        signal[start : start + 200] = np.nan
    return signal


def people(role, n_sessions, *, gaps=False):
    """Signals made when they are read, so that memory holds blocks only."""
    return SignalRows(
        n_signals=n_sessions,
        n_samples=N,
        read=lambda start, stop: np.stack([person(role, s, gaps) for s in range(start, stop)]),
    )


def measured(n_sessions, *, gaps=False):
    """CPU seconds, reading included, and the result."""
    start = time.process_time_ns()
    both = (people(role, n_sessions, gaps=gaps) for role in (0, 1))
    found = corpus_pairs_lagged(*both, rate_hz=4.0)
    return (time.process_time_ns() - start) * 1e-9, found


def apart(found, n_sessions):
    """Largest difference from single pairs, one by one, of mean z and mean |z|."""
    entry, rng, most = get("lagged_correlation"), np.random.default_rng(2), 0.0
    for i, j in rng.integers(0, n_sessions, (20, 2)):
        one = lagged_correlation(person(0, i, False), person(1, j, False), rate_hz=4.0)
        want = entry.summarise(one)
        for name in ("mean_z", "mean_abs_z"):
            most = max(most, abs(getattr(found, name)[i, j] - want[name]))
    return most


def session(number, gaps):
    """Both people of a session, at a length of its own."""
    from syntony.pipeline.prepare import Features

    n = int(np.random.default_rng(number).uniform(0.8, 1.0) * N)
    first, second = (person(role, number, gaps)[:n] for role in (0, 1))
    return Features(session=str(number), start_s=0.0, rate_hz=4.0, first=first, second=second)


def tiles(edge=96):
    """CPU seconds of one tile of a run, scaled to all pseudo-pairs of 1,000 sessions."""
    from syntony.config import Recipe, Step
    from syntony.pipeline.strangers import compute_pairs

    for gaps in (False, True):
        held = {k: session(k, gaps) for k in range(2 * edge)}
        pairs = np.argwhere(np.ones((edge, edge))) + np.array([0, edge])
        for name in ("lagged_correlation", "marci"):
            recipe = Recipe(synchrony=[Step(method=name)])
            compute_pairs(recipe, pairs[:1], held.__getitem__, lambda _: None)  # compiles
            start = time.process_time_ns()
            compute_pairs(recipe, pairs, held.__getitem__, lambda _: None)
            spent = (time.process_time_ns() - start) * 1e-9
            what = f"a run's tile, {name}{', 5 % missing in gaps' if gaps else ''}"
            figure(f"{what}: a pair", spent / len(pairs) * 1e6, "us")
            limit = AT_MOST_S if name == "lagged_correlation" and not gaps else None
            scaled = spent / len(pairs) * WHOLE * (WHOLE - 1)
            figure(f"{what}: scaled to 999,000", scaled, "s", at_most=limit)


def peak_gb():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e9 / 1024)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--whole", action="store_true", help="1,000 sessions, some minutes")
    parser.add_argument("--tiles", action="store_true", help="the tiles of a run")
    given = parser.parse_args()
    if given.tiles:
        tiles()
        figure("largest memory of the process", peak_gb(), "GB", at_most=AT_MOST_GB)
        return
    whole = given.whole
    corpus_pairs_lagged(*np.zeros((2, 2, N)), rate_hz=4.0)  # compiles
    for n_sessions in (WHOLE,) if whole else (200, 400):
        spent, found = measured(n_sessions)
        what = f"{n_sessions} x {n_sessions} pairs"
        limit = AT_MOST_S if whole else None
        figure(f"{what}: mean z and mean |z|", spent, "s", at_most=limit)
        if not whole:
            scaled = spent * (WHOLE / n_sessions) ** 2
            figure(f"{what}: scaled to 1,000 x 1,000", scaled, "s", at_most=AT_MOST_S)
        figure(f"{what}: from one by one, difference", apart(found, n_sessions), "", at_most=1e-12)
    figure("largest memory of the process", peak_gb(), "GB", at_most=AT_MOST_GB)
    if not whole:
        gappy = measured(200, gaps=True)[0] / measured(200)[0]
        figure("200 x 200 pairs: 5 % missing in gaps, slower", gappy, "times")


if __name__ == "__main__":
    main()
