"""Figures of DyadSync's ccfBest: every cell, the path, and its indices."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.elastic import CCFBEST, best_lag
from syntony.synchrony.kleinbub import kleinbub_index
from syntony.synchrony.registry import get
from syntony.synchrony.slopes import single_session_index

WEIGHTS = {"off": "off", "center": "zero", "free": "last"}
FOLDER = GOLDEN / "dyadsync"
CASES = sorted(p.stem for p in FOLDER.glob("ccfbest_*.json"))


@needs_shared("golden/dyadsync")
def test_all_cases_are_there():
    assert len(CASES) == 3


@needs_shared("golden/dyadsync")
@pytest.mark.parametrize("case", CASES)
def test_ccfbest(case, agrees):
    facts = json.loads((FOLDER / f"{case}.json").read_text())
    told, call, wanted = facts_of(FOLDER / f"{case}.json"), facts["call"], facts["outputs"]
    lag_s, window_s, step_s, speed = (
        float(re.search(rf"{name}=([\d.]+)", call)[1])
        for name in ("lagSec", "winSec", "incSec", "accelSec")
    )
    x, y = load(facts["input"], facts["rows"])
    c = best_lag(
        x,
        y,
        rate_hz=4.0,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=lag_s,
        lag_step_s=1.0 if "simplify=TRUE" in call else 0.25,
        lag_speed=speed,
        weight=WEIGHTS[re.search(r"weight_type='(\w+)'", call)[1]],
        **CCFBEST,
    )
    want = np.genfromtxt(FOLDER / wanted["table_csv"], delimiter=",", skip_header=1)
    agrees(told, c.parts["r"], want[:, :-2], allowed=1e-12, what="windows x lags")
    agrees(told, c.parts["lag_s"], want[:, -1], allowed=0.0, what="bestLag")
    agrees(told, c.values, want[:, -2], allowed=1e-12, what="bestCCF")
    found = get("best_lag").summarise(c)
    zero = c.parts["r"][:, c.parts["r_lags_s"] == 0.0][:, 0]
    for name, ours in {
        "marci_best": found["index"],
        "kleinbub_best": found["median_share"],
        "marci_lag0": float(single_session_index(zero)),
        "kleinbub_lag0": kleinbub_index(zero),
    }.items():
        agrees(told, ours, wanted[name], allowed=1e-12, what=name)
