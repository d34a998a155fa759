"""Figures of ps_mwa (Stuldreher) and of Appendix B: 1e-12 and six digits."""

import json

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, closed_form, load, numbers
from numpy.testing import assert_allclose, assert_array_equal
from shared import needs_shared

from syntony.synchrony.registry import get
from syntony.synchrony.slopes import (
    PS_MWA,
    cap_was_hit,
    concordance_profile,
    marci,
    single_session_index,
)

A, B = closed_form()
CASES = sorted(p.stem for p in (GOLDEN / "marci_ps_mwa").glob("*.json"))


@needs_shared("golden/marci_ps_mwa")
@pytest.mark.parametrize("case", CASES)
def test_ps_mwa(case, agrees):
    told = facts_of(GOLDEN / "marci_ps_mwa" / f"{case}.json")
    facts = json.loads((GOLDEN / "marci_ps_mwa" / f"{case}.json").read_text())
    call, want = facts["call"], numbers(facts["outputs"]["r"])
    options = dict(PS_MWA)
    options |= {} if "slopeFlag" in call else {"slope": "none"}
    options |= {"smooth": "bartlett_causal"} if "filtFlag" in call else {}
    options |= {"window_s": 20.0, "step_s": 2.0} if "CorWindow" in call else {}
    x, y = load(facts["input"], facts["rows"])
    r = marci(x, y, rate_hz=4.0, **options).values[:, 0]
    agrees(told, r, want, allowed=1e-12, what="r over time")
    assert_array_equal(r == 0, want == 0)
    trimmed = r[7:-8]  # its trim of 7.5 s, used as an index
    overall = single_session_index(r) if "logCorrect" in call else np.nanmean(trimmed)
    agrees(told, overall, facts["outputs"]["r_overall"], allowed=1e-12, what="r_overall")


@needs_shared("golden/marci_ps_mwa")
def test_all_cases_are_there():
    assert len(CASES) == 9


def test_the_input_of_appendix_b_is_the_one_printed():
    assert_allclose(A[:3], [1.014087984, 1.323934620, 1.593601599], atol=5e-10)
    assert_allclose(B[:3], [0.3618052817, 0.6215166843, 0.8470439076], atol=5e-11)


@pytest.mark.parametrize(
    ("slope", "ssi", "mean_r"),
    [
        ("mean_gradient", 0.831068, 0.141763),
        ("endpoint", 0.771084, 0.127150),
        ("ols", 0.526390, 0.068693),
    ],
)
def test_appendix_b_at_lag_zero(slope, ssi, mean_r):
    c = marci(A, B, rate_hz=4.0, slope=slope)
    r = c.at_lag(0.0)
    assert r.size == 582
    assert_allclose(get("marci").summarise(c)["ssi"], ssi, atol=1e-6)
    assert_allclose(r.mean(), mean_r, atol=1e-6)
    if slope == "mean_gradient":
        assert_allclose(r[[0, 100]], [-0.614566, 0.287177], atol=1e-6)
        assert_allclose(get("marci").summarise(c)["share_positive"], 0.6117, atol=5e-5)


def test_appendix_b_over_lags():
    c = marci(A, B, rate_hz=4.0, min_coverage=1.0)
    want = [-0.465, -0.998, -0.590, 0.831, 3.015, 4.521, 3.180, 0.933, -0.476]
    assert_allclose(concordance_profile(c)[4:13], want, atol=1e-3)
    ours = marci(A, B, rate_hz=4.0)  # up to three pairs of a window may be missing at an end
    assert_allclose(concordance_profile(ours)[4:13], want, atol=0.025)
    assert get("marci").summarise(ours)["best_lag_s"] == 2.0


def test_appendix_b_hits_the_cap():
    c = marci(A, B, rate_hz=4.0, slope="ols")
    at_two = c.at_lag(2.0)
    assert not (at_two < 0).any()
    assert concordance_profile(c)[9] == 10.0
    assert not cap_was_hit(c)
