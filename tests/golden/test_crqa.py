"""Figures of the R package crqa 2.1.0: every measure, and the lag profile."""

import json
import math
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, table
from shared import needs_shared

from syntony.synchrony.recurrence import CRQA, crqa

CASES = sorted(p.stem for p in (GOLDEN / "crqa").glob("*.json"))
NORMALISE = {0: "none", 1: "unit_interval", 2: "z"}
RESCALE = {0: "none", 1: "mean", 2: "max", 3: "min", 4: "mean_apart"}
SIDE = {"both": "both", "upper": "first_follows", "lower": "second_follows"}
IN_PERCENT = {"RR": "rr", "DET": "det", "LAM": "lam"}
IN_POINTS = {
    "maxL": "max_line_s",
    "L": "mean_line_s",
    "TT": "trapping_time_s",
    "max_vertlength": "max_vertical_s",
}
PLAIN = {"NRLINE": "n_lines", "ENTR": "entropy", "rENTR": "relative_entropy"}


def options_of(call):
    """Their call in our words; signals at 1 Hz, so that a second is a sample."""
    said = dict(re.findall(r"(\w+)=[\"']?([\w.]+)", call))
    return CRQA | {
        "dimension": int(said["embed"]),
        "delay_s": float(said["delay"]),
        "radius": float(said["radius"]),
        "norm": said["metric"],
        "normalise": NORMALISE[int(said["normalize"])],
        "rescale": RESCALE[int(said["rescale"])],
        "theiler_s": float(said["tw"]),
        "min_line": int(said["mindiagline"]),
        "min_vertical": int(said["minvertline"]),
        "side": SIDE[said["side"]],
        "denominator": said.get("rr_denom", "full"),
    }


def columns(facts, which):
    t = table(facts["input"])[facts["rows"][0] - 1 : facts["rows"][1]]
    names = facts.get(which, {"ts1": "s1", "ts2": "s2"}[which])
    return np.array([t[name] for name in ([names] if isinstance(names, str) else names)])


@needs_shared("golden/crqa")
def test_all_cases_are_there():
    assert len(CASES) == 11


@needs_shared("golden/crqa")
@pytest.mark.parametrize("case", CASES)
def test_crqa(case, agrees):
    path = GOLDEN / "crqa" / f"{case}.json"
    facts, told = json.loads(path.read_text()), facts_of(path)
    options, wanted = options_of(facts["call"]), facts["outputs"]
    x, y = columns(facts, "ts1"), columns(facts, "ts2")
    if case == "drp_a":
        reach = max(wanted["lags"])
        c = crqa(x, y, rate_hz=1.0, max_lag_s=float(reach), **options)
        agrees(told, c.coords["lag"], np.array(wanted["lags"], float), allowed=0.0, what="lags")
        agrees(told, c.values, np.array(wanted["profile"]), allowed=1e-10, what="profile")
        agrees(told, c.values.max(), wanted["maxrec"], allowed=1e-10, what="maxrec")
        assert c.coords["lag"][np.argmax(c.values)] == wanted["maxlag"] - 1 - reach
        return
    parts = crqa(x, y, rate_hz=1.0, **options).parts
    for theirs, ours in IN_PERCENT.items():
        agrees(told, 100 * parts[ours], wanted[theirs], allowed=1e-10, what=theirs)
    for theirs, ours in (IN_POINTS | PLAIN).items():
        agrees(told, parts[ours], wanted[theirs], allowed=1e-10, what=theirs)
    assert wanted["catH"] == "NA"  # for categories only
    assert not math.isnan(parts["radius"])
