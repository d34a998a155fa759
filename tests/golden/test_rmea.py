"""Figures of rMEA 1.2.2: every cell, every summary, missing cells included."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, closed_form, load, numbers
from numpy.testing import assert_allclose
from shared import needs_shared

from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.correlation import RMEA, lagged_correlation, window_summaries
from syntony.synchrony.preparation import mea_smoothed, scaled_by_sd
from syntony.synchrony.registry import get

CASES = sorted(p.stem.removesuffix("_ccf") for p in (GOLDEN / "rmea").glob("*_ccf.csv"))
NAMES = {
    "all_lags": "all_lags",
    "lag_zero": "lag_zero",
    "s1_lead": "first_leads",
    "s2_lead": "second_leads",
    "s1_lead_0": "first_leads_or_zero",
    "s2_lead_0": "second_leads_or_zero",
    "bestLag": "best_lag_s",
}


@needs_shared("golden/rmea")
def test_all_cases_are_there():
    assert len(CASES) == 14


@needs_shared("golden/rmea")
@pytest.mark.parametrize("case", CASES)
def test_meaccf(case, agrees):
    told = facts_of(GOLDEN / "rmea" / f"{case}.json")
    facts = json.loads((GOLDEN / "rmea" / f"{case}.json").read_text())
    call, wanted = facts["call"], facts["outputs"]["ccfRes"]
    rate_hz = float(re.search(r"sampRate=([\d.]+)", call)[1])
    window_s, step_s, lag_s = (
        float(re.search(rf"{name}=([\d.]+)", call)[1]) for name in ("winSec", "incSec", "lagSec")
    )
    absolute, scale = "ABS=TRUE" in call, "z" if "r2Z=TRUE" in call else "r"
    x, y = load(facts["input"], facts.get("rows"))
    c = lagged_correlation(
        x,
        y,
        rate_hz=rate_hz,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=lag_s,
        absolute=absolute,
        **RMEA,
    )
    cells = fisher_z(c.values) if scale == "z" else c.values
    path = GOLDEN / "rmea" / facts["outputs"]["ccf_matrix_csv"]
    want = np.genfromtxt(path, delimiter=",", skip_header=1)
    atol = 1e-9 if case.startswith("c_offset") else 1e-12
    agrees(told, cells, want, allowed=atol, what="windows x lags")
    found = window_summaries(c, scale=scale)
    for theirs, ours in NAMES.items():
        agrees(told, found[ours], numbers(wanted[theirs]), allowed=atol, what=theirs)
    agrees(told, np.nanmean(cells), wanted["grandAver"], allowed=atol, what="grandAver")
    if scale == "z":
        total = get("lagged_correlation").summarise(c)["mean_z"]
        agrees(told, total, wanted["grandAver"], allowed=atol, what="mean_z")


@needs_shared("golden/rmea")
@pytest.mark.parametrize("person", ["s1", "s2"])
def test_smoothing_and_scaling(person, agrees):
    want = np.genfromtxt(GOLDEN / "rmea/b_200_01_smooth_scale.csv", delimiter=",", names=True)
    raw = load("b_rmea_normal_200_01.csv")[person == "s2"]
    smooth = mea_smoothed(raw, rate_hz=25.0)
    told = facts_of(GOLDEN / "rmea/b_200_01_smooth_scale.json")
    smoothed, scaled = want[f"smooth_{person}"], want[f"scaled_{person}"]
    agrees(told, smooth, smoothed, allowed=1e-13, relative=True, what=f"smooth {person}")
    agrees(
        told, scaled_by_sd(smooth), scaled, allowed=1e-13, relative=True, what=f"scaled {person}"
    )


@needs_shared("golden/rmea")
@pytest.mark.parametrize("keep_roles", ["TRUE", "FALSE"])
def test_shuffled_dyads(keep_roles, agrees):
    facts = json.loads((GOLDEN / f"rmea/b_shuffle_all_keepRoles_{keep_roles}.json").read_text())
    told = facts_of(GOLDEN / f"rmea/b_shuffle_all_keepRoles_{keep_roles}.json")
    dyads = [load(name, facts["rows"]) for name in facts["input"]]
    wanted = dict(zip(facts["outputs"]["uid"], facts["outputs"]["pseudo_grandAver"], strict=True))
    for uid, want in wanted.items():
        (one, a), (two, b) = re.findall(r"g_0(\d)_1_s(\d)", uid)
        x, y = dyads[int(one) - 1][int(a) - 1], dyads[int(two) - 1][int(b) - 1]
        options = {"window_s": 60.0, "step_s": 30.0, "max_lag_s": 5.0, "absolute": True}
        c = lagged_correlation(x, y, rate_hz=25.0, **options, **RMEA)
        found = get("lagged_correlation").summarise(c)["mean_z"]
        agrees(told, found, want, allowed=1e-12, what=uid)


def test_appendix_b():
    a, b = closed_form()
    plain = lagged_correlation(a, b, rate_hz=4.0, **RMEA)
    assert plain.values.shape == (38, 41)
    found = get("lagged_correlation").summarise(plain)
    want = {
        "best_lag_s": 2.0,
        "peak_z": 0.8158666,
        "mean_z": 0.3428641,
        "first_leads": 0.5778932,
        "second_leads": 0.1049583,
        "lag_zero": 0.4003992,
        "mean_abs_z": 0.425183,
    }
    for name, value in want.items():
        assert_allclose(found[name], value, atol=6e-8 if name != "mean_abs_z" else 6e-7)
