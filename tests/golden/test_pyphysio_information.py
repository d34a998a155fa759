"""Figures of pyphysio 4.10: normalised mutual information at a range of lags."""

import json

import numpy as np
from agreement import facts_of
from golden_inputs import GOLDEN, load, numbers
from shared import needs_shared

from syntony.synchrony.mutual_information import entropies_of

PATH = GOLDEN / "pyphysio" / "compare_a.json"


def labels(values):
    """Its bins: 19 of one width between 20 edges, and the largest value by itself."""
    return np.digitize(values, np.linspace(values.min(), values.max(), 20))


@needs_shared("golden/pyphysio")
def test_mutual_information(agrees):
    want = json.loads(PATH.read_text())["outputs"]
    x, y = (v[2400:4800] for v in load("a_ar4hz_50min.csv"))
    n, found = x.size, []
    for lag in want["lags"]:
        early, late = x[max(0, -lag) : n - max(0, lag)], y[max(0, lag) : n - max(0, -lag)]
        found.append(entropies_of(labels(early), labels(late)).normalised)
    name = "mutual_information_nbins20"
    note = "with its 20 edges, which make 19 bins and one for the largest value"
    wanted = numbers(want[name])
    agrees(facts_of(PATH), np.array(found), wanted, allowed=1e-12, what=name, note=note)
