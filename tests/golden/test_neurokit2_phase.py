"""Figures of NeuroKit2 0.2.13's signal_synchrony."""

import json

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.hilbert import phase_agreement

CASES = {
    "signal_synchrony_a_ar4hz_50min": 120,
    "signal_synchrony_r_swps_p04_relax1": 60,
    "signal_synchrony_r_swps_p05_coop1_gap": 60,
}


def read(case):
    path = GOLDEN / "neurokit2" / f"{case}.json"
    told = json.loads(path.read_text())
    wanted = np.genfromtxt(path.with_suffix(".csv"), delimiter=",", names=True)
    return facts_of(path), load(told["input"], told["rows"]), wanted


@needs_shared("golden/neurokit2")
@pytest.mark.parametrize("case", CASES)
def test_hilbert(case, agrees):
    facts, (x, y), wanted = read(case)
    found = phase_agreement(x, y, centre=False)
    agrees(facts, found, wanted["hilbert"], allowed=1e-12, what="hilbert")


@needs_shared("golden/neurokit2")
@pytest.mark.parametrize(("case", "window"), CASES.items())
def test_correlation_in_windows_that_are_whole(case, window, agrees):
    facts, (x, y), wanted = read(case)
    c = lagged_correlation(
        x, y, rate_hz=4.0, window_s=window / 4, step_s=0.25, max_lag_s=0.0, min_coverage=1.0
    )
    found = c.values[:, 0]
    begin = window - 1 - window // 2  # theirs stand where the window ends, less half of it
    theirs = wanted["correlation"][begin : begin + found.size]
    there = np.isfinite(found)
    assert there.sum() > 1000
    agrees(
        facts,
        found[there],
        theirs[there],
        allowed=1e-9,
        what="correlation",
        note="windows without a value hold the mean of the others there, and are NaN here",
    )
