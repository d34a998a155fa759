"""Strangers with and without a course that every session has: who is called synchronous?"""

import numpy as np
import pytest
from scipy.stats import binomtest
from surrogates.worlds import conductance, mean_lagged, shared_course

from syntony.core.seeds import rng_for
from syntony.surrogates.decision import p_values
from syntony.surrogates.partners import pseudo_of
from syntony.surrogates.registry import get

WORLDS, DYADS, SECONDS = 8, 60, 1800
WITHIN = ("circular_shift", "shift_thirds", "segment_shuffle")


def called(course):
    """Of 480 pairs of strangers: how many each surrogate calls synchronous at .05."""
    hits = dict.fromkeys(("pseudo_dyads", *WITHIN), 0)
    allowed = ~np.eye(DYADS, dtype=bool)
    for w in range(WORLDS):
        rng = rng_for(41, "conductance", w)
        first, second = (
            [conductance(rng, SECONDS) + course for _ in range(DYADS)] for _ in range(2)
        )
        index = np.array([[mean_lagged(x, y) for y in second] for x in first])
        for i in range(DYADS):
            pairs = pseudo_of(allowed, i).pairs
            p = p_values(index[i, i], index[pairs[:, 0], pairs[:, 1]])[0]
            hits["pseudo_dyads"] += bool(p <= 0.05)
            for name in WITHIN:
                stream = rng_for(41, "draws", w, i, name)
                null = [
                    mean_lagged(first[i], get(name).draw(second[i], stream, rate_hz=4.0))
                    for _ in range(99)
                ]
                hits[name] += bool(p_values(index[i, i], null)[0] <= 0.05)
    return hits


def limits(hits):
    found = binomtest(hits, WORLDS * DYADS).proportion_ci(0.99)
    return found.low, found.high


@pytest.mark.slow
def test_without_a_shared_course_every_surrogate_holds():
    for name, hits in called(0.0).items():
        low, high = limits(hits)
        assert low < 0.05 < high, f"{name}: {hits} of {WORLDS * DYADS}"


@pytest.mark.slow
def test_a_shared_course_passes_for_synchrony_except_beside_strangers():
    hits = called(shared_course(SECONDS))
    told = {name: f"{k} of {WORLDS * DYADS}" for name, k in hits.items()}
    assert limits(hits["circular_shift"])[0] > 0.10, told
    assert limits(hits["segment_shuffle"])[0] > 0.10, told
    assert limits(hits["shift_thirds"])[1] < 0.20, told
    assert limits(hits["shift_thirds"])[1] < limits(hits["circular_shift"])[1], told
    assert limits(hits["pseudo_dyads"])[0] < 0.05, told
    assert limits(hits["pseudo_dyads"])[1] < 0.08, told
