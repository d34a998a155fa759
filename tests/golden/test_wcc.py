"""Figures of the CRAN package wcc 0.4.1, and of the R code of Behrens and Boker."""

import json
import re

import numpy as np
import pytest
from agreement import explained, facts_of
from golden_inputs import GOLDEN, closed_form, load, numbers, table
from numpy.testing import assert_allclose
from shared import needs_shared

from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.peaks import BEHRENS, WCC, peak_picking
from syntony.synchrony.registry import get
from syntony.synchrony.wcc import wcc_aggregate

RATE_HZ = 4.0
CASES = sorted(p.stem.removesuffix("_grid") for p in (GOLDEN / "wcc").glob("*_grid.csv"))
ENDS_WITH_AN_ERROR = ("a_win100_lag24_inc10_tinc3", "b_200_win1500_lag125_inc750")  # wccAggregate
OPPOSITE = {"lagMean": -1, "dlagMean": -1, "d2lagMean": -1}  # their sign, and in lag steps
NAMES = {
    "samples": "samples",
    "windows": "windows",
    "pctmissing": "share_missing_samples",
    "pctmissingwindows": "share_missing_windows",
    "maxMean": "max_mean",
    "maxVar": "max_var",
    "totalMean": "total_mean",
    "totalVar": "total_var",
    "zeroLagMean": "zero_lag_mean",
    "zeroLagVar": "zero_lag_var",
    "lagMean": "lag_mean_s",
    "lagVar": "lag_var_s2",
    "dlagMean": "dlag_mean_s",
    "dlagVar": "dlag_var_s2",
    "d2lagMean": "d2lag_mean_s",
    "d2lagVar": "d2lag_var_s2",
}


def read(case):
    """Facts of a case, its signals, the options of its call, and its lag step in samples."""
    facts = json.loads((GOLDEN / "wcc" / f"{case}.json").read_text())
    call = facts["call"]
    window, lag, step, stride, clear = (
        int(re.search(rf"{name}=(\d+)", call)[1])
        for name in ("wMax", "tMax", "wInc", "tInc", "Lsize")
    )
    options = {
        "window_s": window / RATE_HZ,
        "step_s": step / RATE_HZ,
        "max_lag_s": lag / RATE_HZ,
        "lag_step_s": stride / RATE_HZ,
        "clear_s": clear * stride / RATE_HZ / 2,
        "span": float(re.search(r"pspan=([\d.]+)", call)[1]),
    }
    return facts, load(facts["input"], facts["rows"]), options, stride


@needs_shared("golden/wcc")
def test_all_cases_are_there():
    assert len(list((GOLDEN / "wcc").glob("*.json"))) == len(CASES) + 2 == 15


@needs_shared("golden/wcc")
@pytest.mark.parametrize("case", CASES)
def test_grid(case, agrees):
    facts, (x, y), options, _ = read(case)
    found = peak_picking(x, y, rate_hz=RATE_HZ, **options, **WCC)
    path = GOLDEN / "wcc" / facts["outputs"]["grid_csv"]
    want = np.genfromtxt(path, delimiter=",", skip_header=1)[:, ::-1]  # their sign is opposite
    atol = 1e-9 if case.startswith("c_offset") else 1e-12
    told = facts_of(GOLDEN / "wcc" / f"{case}.json")
    agrees(told, found.parts["r"], want, allowed=atol, what="windows x lags")
    assert found.values.size == facts["outputs"]["n_rows"]


@needs_shared("golden/wcc")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("peak", "theirs"), [("highest", "max"), ("lowest", "min")])
def test_peaks(case, peak, theirs, agrees):
    facts, (x, y), options, stride = read(case)
    told, wanted = facts_of(GOLDEN / "wcc" / f"{case}.json"), facts["outputs"]
    found = peak_picking(x, y, rate_hz=RATE_HZ, peak=peak, **options, **WCC)
    lag_s, curve = found.parts["lag_s"], found.parts["smooth_r"]
    half_steps = -lag_s * RATE_HZ * 2 / stride
    want = numbers(wanted[f"peak_{theirs}_index_halfsteps"])
    agrees(told, half_steps, want, allowed=0.0, what=f"place of the {peak} peak")
    there = np.isfinite(lag_s)
    places = np.searchsorted(found.parts["smooth_lags_s"], lag_s[there] - 1e-9)
    values = np.full(lag_s.size, np.nan)
    values[there] = curve[there, places]
    want = numbers(wanted[f"peak_{theirs}_value"])
    note = "read off the smooth curve, not held within +-1"
    agrees(told, values, want, allowed=1e-10, what=f"{peak} peak of the curve", note=note)
    held = np.clip(want, -1.0, 1.0)
    agrees(
        told, found.values, held, allowed=1e-10, what=f"{peak} peak", note="theirs held within +-1"
    )


@needs_shared("golden/wcc")
@pytest.mark.parametrize("case", [c for c in CASES if c not in ENDS_WITH_AN_ERROR])
def test_aggregate(case, agrees):
    facts, (x, y), options, stride = read(case)
    told, wanted = facts_of(GOLDEN / "wcc" / f"{case}.json"), facts["outputs"]
    ((how, want),) = wanted["aggregate"].items()
    recoded = wanted["aggregate_c_recoded"]
    runs = [(f"aggregate {how}", want, 0.0)]
    if recoded:  # missing coded as a number: pairs complete, six at least
        runs.append(("aggregate c, missing coded", recoded, 6.0 / (options["window_s"] * RATE_HZ)))
    for what, theirs, least in runs:
        every = options | WCC | {"min_coverage": least}
        c = peak_picking(x, y, rate_hz=RATE_HZ, **every)
        ours = wcc_aggregate(c, x, y)
        for name, value in NAMES.items():
            if name == "pctmissing" and least:
                continue  # theirs counts the code as present
            if name in ("zeroLagMean", "zeroLagVar") and f"wcc/{case}" in explained() and not least:
                continue
            unit = (stride / RATE_HZ) ** (2 if name.endswith("lagVar") else 1)
            found = ours[value] / (unit if "lag_" in value and "zero" not in value else 1.0)
            found *= OPPOSITE.get(name, 1)
            agrees(told, found, numbers([theirs[name]])[0], allowed=1e-10, what=f"{what} {name}")


@needs_shared("golden/wcc")
@pytest.mark.parametrize(
    "case", ["c_edge_nan_win40_lag8_inc4", "r_swps_p05_gap_win120_lag20_inc20"]
)
def test_missing_cells_of_every_way_of_counting_pairs(case):
    facts, (x, y), options, _ = read(case)
    window = options["window_s"] * RATE_HZ
    for how, least in (("c", 1.0), ("r", 0.0), ("c_recoded", 6.0 / window)):
        c = peak_picking(x, y, rate_hz=RATE_HZ, **options | WCC | {"min_coverage": least})
        assert np.isnan(c.parts["r"]).sum() == facts["outputs"]["n_na"][how]


@needs_shared("golden/wcc")
def test_all_pairs_of_four(agrees):
    path = GOLDEN / "wcc" / "batch_g_all_pairs.json"
    facts = json.loads(path.read_text())
    people = table(facts["input"])
    wanted = facts["outputs"]
    for number, (a, b) in enumerate(wanted["pairs_1based"]):
        c = lagged_correlation(
            people[f"s{a}"],
            people[f"s{b}"],
            rate_hz=RATE_HZ,
            window_s=60 / RATE_HZ,
            step_s=5 / RATE_HZ,
            max_lag_s=15 / RATE_HZ,
            anchor="behrens",
        )
        assert c.values.shape == tuple(wanted["dim"][:2])
        z, told = np.abs(fisher_z(c.values)), facts_of(path)
        want = wanted["mean_abs_atanh"][number]
        agrees(told, z.mean(), want, allowed=1e-12, what=f"mean |z| of {a} and {b}")
        want = wanted["zero_lag_mean"][number]
        found = c.at_lag(0.0).mean()
        agrees(told, found, want, allowed=1e-12, what=f"mean r at lag 0 of {a} and {b}")


@needs_shared("golden/wcc")
def test_their_sign_is_opposite(agrees):
    path = GOLDEN / "wcc" / "sign_check.json"
    wanted = json.loads(path.read_text())["outputs"]
    x = load("a_ar4hz_50min.csv", 600)[0]
    first, second = x[5:], x[:-5]  # the second follows by five samples
    options = {"window_s": 15.0, "step_s": 0.25, "max_lag_s": 3.0, "anchor": "behrens"}
    c = lagged_correlation(first, second, rate_hz=RATE_HZ, **options)
    mean = c.values.mean(axis=0)
    agrees(facts_of(path), mean[::-1], wanted["mean_over_rows"], allowed=1e-12, what="mean per lag")
    assert c.coords["lag"][mean.argmax()] * RATE_HZ == -wanted["best_lag"] == 5
    back = lagged_correlation(second, first, rate_hz=RATE_HZ, **options).values.mean(axis=0)
    assert_allclose(back, wanted["mean_over_rows"], rtol=0, atol=1e-12)


def test_appendix_b():
    a, b = closed_form()
    grid = lagged_correlation(
        a, b, rate_hz=4.0, window_s=8.0, step_s=2.0, max_lag_s=4.0, anchor="behrens"
    )
    assert grid.values.shape == (294, 33)
    mean = grid.values.mean(axis=0)
    assert grid.coords["lag"][mean.argmax()] == 2.0
    assert_allclose(mean.max(), 0.5142257, atol=6e-8)
    c = peak_picking(a, b, rate_hz=4.0, clear_s=1.0, span=0.25, **BEHRENS)
    found = get("peak_picking").summarise(c)
    assert c.values.shape == (294,)
    assert np.isnan(c.values).sum() == 59
    assert_allclose(found["mean_peak_r"], 0.7419395, atol=6e-8)
    assert_allclose(found["mean_lag_s"] * 4 * 2, 10.75745, atol=6e-6)
    assert_allclose(found["share_without_peak"], 59 / 294)
