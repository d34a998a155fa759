"""Figures of the R package SUSY 0.1.0: every curve, every segment, every summary."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, closed_form, load, numbers
from numpy.testing import assert_allclose
from shared import needs_shared

from syntony.synchrony.registry import get
from syntony.synchrony.susy import susy, susy_curves

CASES = sorted(p.stem for p in (GOLDEN / "susy").glob("*.json"))
STATISTICS = {
    "Z": "mean_abs_z",
    "Z(noAbs)": "mean_z",
    "ES": "es_over_lags_abs",
    "ES(noAbs)": "es_over_lags",
    "Z(lead1)": "first_leads",
    "Z(lead2)": "second_leads",
    "ES(lead1)": "es_first_leads",
    "ES(lead2)": "es_second_leads",
    "meanZ(in-phase)": "in_phase_z",
    "meanZ(anti-phase)": "anti_phase_z",
    "Anzahl(in-phase)": "in_phase_count",
    "Anzahl(anti-phase)": "anti_phase_count",
    "%>Pseudo": "share_above_pseudo_abs",
    "%>Pseudo(noAbs)": "share_above_pseudo",
}
CURVES = {
    "meanccorrReal": "real_abs_r",
    "meanccorrRealZ": "real_abs_z",
    "meanccorrRealZNotAbs": "real_z",
    "meanccorrPseudo": "pseudo_abs_r",
    "meanccorrPseudoZ": "pseudo_abs_z",
    "meanccorrPseudoZNotAbs": "pseudo_z",
}
HALVES = {
    "ES": ("pseudo_abs_z", slice(None)),
    "ES(noAbs)": ("pseudo_z", slice(None)),
    "ES(lead1)": ("pseudo_abs_z", slice(13, None)),
    "ES(lead2)": ("pseudo_abs_z", slice(0, 12)),
}
OFFSET = (
    "The difference of means that the ES divides by an SD as small as 0.0018: the tool itself "
    "loses digits to the offset, its curves are 3e-11 from those in long double, ours 1e-14."
)
AGAINST_PSEUDO = {"ES", "ES(noAbs)", "ES(lead1)", "ES(lead2)", "%>Pseudo", "%>Pseudo(noAbs)"}


@needs_shared("golden/susy")
def test_all_cases_are_there():
    assert len(CASES) == 13


@needs_shared("golden/susy")
@pytest.mark.parametrize("case", CASES)
def test_susy(case, agrees):
    told = facts_of(GOLDEN / "susy" / f"{case}.json")
    facts = json.loads((GOLDEN / "susy" / f"{case}.json").read_text())
    call, wanted = facts["call"], facts["outputs"]
    x, y = load(facts["input"], facts["rows"])
    segment_s, rate_hz, lag_s = (
        float(re.search(rf"{name}=([\d.]+)", call)[1]) for name in ("segment", "Hz", "maxlag")
    )
    random = "restrict.surrogates=TRUE" in call
    c = susy(x, y, rate_hz=rate_hz, segment_s=segment_s, max_lag_s=lag_s, legacy=True)
    atol = 1e-9 if case.startswith("c_offset") else 1e-12
    agrees(told, c.coords["lag"] * rate_hz, wanted["lags"], allowed=1e-9, what="lags")
    curves = susy_curves(c)
    for theirs, ours in CURVES.items():
        if not (random and "Pseudo" in theirs):
            want = numbers(wanted["by_lag"][theirs])[::-1]
            agrees(told, curves[ours], want, allowed=atol, what=theirs)
    own = np.nan_to_num(np.abs(c.values)).mean(axis=1)
    agrees(told, own, numbers(wanted["by_segment"]["nReal"]), allowed=atol, what="nReal")
    summary, found = wanted["summary"], get("susy").summarise(c)
    for theirs, ours in STATISTICS.items():
        if not (random and theirs in AGAINST_PSEUDO):
            want = numbers([summary[theirs]])[0] / (100 if "%" in theirs else 1)
            if theirs in HALVES and case.startswith("c_offset"):
                sd = curves[HALVES[theirs][0]][HALVES[theirs][1]].std(ddof=1)
                agrees(told, sd * found[ours], sd * want, allowed=atol, what=theirs, note=OFFSET)
                continue
            relative = theirs.startswith("ES")
            agrees(told, found[ours], want, allowed=atol, relative=relative, what=theirs)
    sd = curves["real_abs_z"].std(ddof=1)
    agrees(told, sd, summary["SD(Z)"], allowed=atol, what="SD(Z)")
    agrees(told, len(c.values), summary["n(Segmente)"], allowed=0, what="n(Segmente)")
    if random:
        return
    of_segment = c.parts["pseudo_abs_r_of_segment"]
    want = numbers(wanted["by_segment"]["nPseudo"])
    agrees(told, of_segment, want, allowed=atol, what="nPseudo")
    strange = curves["pseudo_abs_z"]
    agrees(told, strange.mean(), summary["Z-Pseudo"], allowed=atol, what="Z-Pseudo")
    agrees(told, strange.std(ddof=1), summary["SD(Z-Pseudo)"], allowed=atol, what="SD(Z-Pseudo)")
    want = summary["Z(Pseudo-noAbs)"]
    agrees(told, curves["pseudo_z"].mean(), want, allowed=atol, what="Z(Pseudo-noAbs)")


@needs_shared("golden/susy")
def test_without_gaps_both_forms_are_the_same():
    x, y = load("r_swps_p04_relax1.csv")
    x, y = x[:4440], y[:4440]
    assert not np.isnan(x + y).any()
    ours, theirs = (susy(x, y, rate_hz=4.0, max_lag_s=3.0, legacy=old) for old in (False, True))
    assert_allclose(ours.values, theirs.values, rtol=0, atol=0)
    assert get("susy").summarise(ours) == get("susy").summarise(theirs)


@pytest.mark.parametrize("legacy", [False, True])
def test_appendix_b(legacy):
    a, b = closed_form()
    c = susy(a, b, rate_hz=4.0, legacy=legacy)
    assert c.values.shape == (20, 41)
    found, curves = get("susy").summarise(c), susy_curves(c)
    rounded = {
        "mean_abs_z": (0.3963216, 5e-8),
        "share_above_pseudo_abs": (0.43902, 5e-6),
        "es_over_lags_abs": (1.278554, 5e-7),
        "first_leads": (0.5318232, 5e-8),
        "second_leads": (0.259746, 5e-7),
        "es_first_leads": (8.743696, 5e-7),
        "es_second_leads": (-19.6032, 5e-5),
        "mean_z": (0.3143905, 5e-8),
        "es_over_lags": (27.33549, 5e-6),
    }
    for name, (value, half) in rounded.items():
        assert_allclose(found[name], value, rtol=0, atol=1.01 * half)
    assert_allclose(curves["pseudo_abs_z"].mean(), 0.3620083, atol=5.1e-8)
    assert_allclose(curves["real_abs_z"].std(ddof=1), 0.1710369, atol=5.1e-8)
    assert_allclose(curves["pseudo_abs_z"].std(ddof=1), 0.02683758, atol=5.1e-9)
    assert_allclose(curves["pseudo_z"].mean(), -0.01642445, atol=5.1e-9)
    at = [40, 28, 20, 12, 0]  # their lags -5, -2, 0, +2, +5 s
    real = [0.222887, 0.708626, 0.384723, 0.033041, 0.089506]
    pseudo = [-0.012388, -0.035975, -0.019716, -0.003131, -0.004284]
    assert_allclose(curves["real_z"][at], real, atol=5.1e-7)
    assert_allclose(curves["pseudo_z"][at], pseudo, atol=5.1e-7)
