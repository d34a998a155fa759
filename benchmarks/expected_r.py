"""Which r to expect between a *measured* index and rated empathy, when .47 was planted.

Makes dyads at the settings of the demo study, measures the concordance index with plain
numpy, and correlates it with the sum of the questionnaire. Spans that were spoilt on purpose
are left out by their true times, 5 s more on both sides, as quality rules would do.

    PYTHONPATH=src:tests python benchmarks/expected_r.py OUT.json

Options: --dyads 2000 --minutes 50 --seed 20070302 (the seed of the demo is another one).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from reference.marci_simple import index, slopes, window_r

from syntony.simulate.answers import empathy_sum
from syntony.simulate.session import make_session
from syntony.simulate.study import demo_setup

LAGS_S = (0, 2)


def clean(signal, faults):
    """Values with spoilt spans and 5 s around them as NaN."""
    values = signal.values.copy()
    for fault in faults:
        if fault["person"] == signal.person:
            near = (fault["start_s"] - 5.0, fault["stop_s"] + 5.0)
            first, last = (max(0, round((t - signal.start_s) * signal.rate_hz)) for t in near)
            values[first:last] = np.nan
    return values


def on_grid(signal, values, grid_s):
    """Linear interpolation; NaN on either side stays NaN."""
    return np.interp(grid_s, signal.times_s, values)


def measure(setup, dyad):
    """Measure the indices, and the gap in Fisher z between shared positive and other seconds."""
    session, row = make_session(setup, dyad, 1)
    a, b = session.signals
    grid_s = np.arange(max(a.start_s, b.start_s), min(a.stop_s, b.stop_s) - 0.25, 0.25)
    s = [slopes(on_grid(x, clean(x, row["faults"]), grid_s), 4.0) for x in (a, b)]
    r = {lag: window_r(*s, lag) for lag in LAGS_S}
    ticked = np.array([list(session.answers[0].items.values())])
    return {
        **{f"ssi_{lag}": index(r[lag]) for lag in LAGS_S},
        **{f"z_gap_{lag}": z_gap(session, r[lag], grid_s[0] + lag / 2) for lag in LAGS_S},
        "score": float(empathy_sum(ticked)[0]),
        "true_empathy": row["true_empathy"],
        "share": row["share"],
    }


def z_gap(session, r, start_s):
    """Mean Fisher z of windows centred in shared positive seconds, less that of the others."""
    centre = np.floor(start_s + np.arange(r.size) + 9.5).astype(int)
    n = centre[-1] + 20
    positive, coded = np.zeros((2, n), bool), np.zeros((2, n), bool)
    for code in session.codes:
        i = [p.id for p in session.people].index(code.person)
        here = slice(round(code.start_s), round(code.stop_s))
        coded[i, here] = True
        positive[i, here] = code.label == "positive"
    z = np.arctanh(np.clip(r, -0.999, 0.999))
    use = np.isfinite(z) & coded.all(0)[centre]
    both = positive.all(0)[centre]
    return float(z[use & both].mean() - z[use & ~both].mean())


def interval(r, n):
    """Fisher 95 % interval."""
    z, half = np.arctanh(r), 1.96 / np.sqrt(n - 3)
    return [round(float(np.tanh(z - half)), 3), round(float(np.tanh(z + half)), 3)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--dyads", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, default=20070302)
    given = parser.parse_args()
    setup = demo_setup(seed=given.seed, minutes=given.minutes)
    rows = [measure(setup, dyad) for dyad in range(1, given.dyads + 1)]
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    found = {"dyads": given.dyads, "minutes": given.minutes, "seed": given.seed}
    found["r_planted"] = setup.r_planted
    for x, y in [
        ("share", "true_empathy"),
        ("share", "score"),
        ("true_empathy", "score"),
        *[(f"ssi_{lag}", y) for lag in LAGS_S for y in ("share", "score")],
    ]:
        r = float(np.corrcoef(table[x], table[y])[0, 1])
        found[f"r {x} {y}"] = {"r": round(r, 3), "interval": interval(r, given.dyads)}
    for name in [f"ssi_{lag}" for lag in LAGS_S] + [f"z_gap_{lag}" for lag in LAGS_S]:
        v = table[name]
        found[name] = {"mean": round(float(v.mean()), 4), "sd": round(float(v.std(ddof=1)), 4)}
    text = json.dumps(found, indent=1)
    given.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
