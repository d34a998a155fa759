"""Figures of the R package mvSUSY 0.1.0: every segment, every pseudo combination."""

import json
import re
from itertools import permutations

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, numbers, table
from shared import needs_shared

from syntony.core.coupling import Coupling
from syntony.synchrony.mvsusy import mvsusy, segment_strength
from syntony.synchrony.registry import get

CASES = sorted(p.stem for p in (GOLDEN / "mvsusy").glob("*.json"))
FOUND = "Each of theirs is the nearest among all combinations of different segments."


@needs_shared("golden/mvsusy")
def test_all_cases_are_there():
    assert len(CASES) == 4


@needs_shared("golden/mvsusy")
@pytest.mark.parametrize("case", CASES)
def test_mvsusy(case, agrees):
    told = facts_of(GOLDEN / "mvsusy" / f"{case}.json")
    facts = json.loads((GOLDEN / "mvsusy" / f"{case}.json").read_text())
    call, wanted = facts["call"], facts["outputs"]
    summary, pseudo = wanted["summary"], numbers(wanted["pseudo"])
    columns = re.search(r"x\[,([\w/]+)\]", call)[1].split("/")
    segment_s, rate_hz = (float(re.search(rf"{n}=([\d.]+)", call)[1]) for n in ("segment", "Hz"))
    measure = re.search(r"method='(\w+)'", call)[1].replace("omega", "omega_absolute")
    data = table(facts["input"])
    signals = np.array([data[name] for name in columns])
    c = mvsusy(
        signals,
        rate_hz=rate_hz,
        segment_s=segment_s,
        measure=measure,
        pseudo_count=summary["npseudo"],
    )
    agrees(told, c.values, numbers(wanted["real"]), allowed=1e-12, what="real")
    agrees(told, c.values.mean(), summary["real_mean"], allowed=1e-12, what="real_mean")
    agrees(told, c.values.std(ddof=1), summary["real_sd"], allowed=1e-12, what="real_sd")
    assert c.parts["pseudo"].size == summary["npseudo"]
    # Which segments theirs are of is not told: find each among all combinations there are.
    length = round(segment_s * rate_hz)
    count = signals.shape[1] // length
    segments = signals[:, : count * length].reshape(len(columns), count, length)
    every = np.array(list(permutations(range(count), len(columns))))
    strengths = np.sort(segment_strength(segments, every, measure)[0])
    at = np.searchsorted(strengths, pseudo)
    beside = strengths[np.clip([at - 1, at], 0, strengths.size - 1)]
    nearest = beside[np.argmin(np.abs(beside - pseudo), axis=0), np.arange(pseudo.size)]
    agrees(told, nearest, pseudo, allowed=1e-12, what="pseudo", note=FOUND)
    theirs = Coupling(
        values=c.values, dims=c.dims, coords=c.coords, parts={**c.parts, "pseudo": nearest}
    )
    found = get("mvsusy").summarise(theirs)
    agrees(told, nearest.mean(), summary["pseudo_mean"], allowed=1e-12, what="pseudo_mean")
    agrees(told, nearest.std(ddof=1), summary["pseudo_sd"], allowed=1e-12, what="pseudo_sd")
    agrees(told, found["es_over_pseudo"], summary["ES"], allowed=1e-12, what="ES")
