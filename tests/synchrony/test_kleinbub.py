import json

import numpy as np
import pytest
from golden_inputs import GOLDEN
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from shared import needs_shared

from syntony.core.errors import InputError
from syntony.synchrony.kleinbub import kleinbub, kleinbub_index, kleinbub_profile
from syntony.synchrony.registry import get
from syntony.synchrony.slopes import marci


def by_hand(r, threshold):
    there = [v for v in r if not np.isnan(v)]
    above = sorted(v for v in there if v > threshold)
    if not there:
        return np.nan
    if not above:
        return 0.0
    m = len(above)
    middle = (above[(m - 1) // 2] + above[m // 2]) / 2
    return middle * m / len(there)


correlations = arrays(
    np.float64, st.integers(1, 30), elements=st.floats(-1, 1) | st.just(float("nan"))
)


@settings(deadline=None, max_examples=80)
@given(correlations, st.floats(0, 0.9))
def test_the_index_is_the_median_times_the_share(r, threshold):
    found = kleinbub_index(r, threshold)
    assert_allclose(found, by_hand(r, threshold), atol=1e-15, equal_nan=True)
    assert found.shape == ()
    both = kleinbub_index(np.stack([r, -r], axis=1), threshold)
    assert_array_equal(both, [found, kleinbub_index(-r, threshold)])


def test_windows_are_those_of_marci():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, 1200)), axis=1)
    x[300:420] = np.nan
    for slope in ("none", "mean_gradient"):
        c = kleinbub(x, y, rate_hz=4.0, slope=slope, threshold=0.2)
        same = marci(x, y, rate_hz=4.0, slope=slope)
        assert_array_equal(c.values, same.values)
        found = get("kleinbub").summarise(c)
        r = same.at_lag(0.0)
        assert np.isnan(r).any()
        assert_allclose(found["kleinbub"], by_hand(r, 0.2), atol=1e-15)


def test_it_finds_a_delay_of_two_seconds():
    rng = np.random.default_rng(2)
    x = np.convolve(rng.standard_normal(2400), np.ones(16) / 16, "same")
    y = np.roll(x, 8) + 0.05 * rng.standard_normal(2400)
    for a, b, lag in ((x, y, 2.0), (y, x, -2.0)):
        found = get("kleinbub").summarise(kleinbub(a, b, rate_hz=4.0))
        assert found["best_lag_s"] == lag
        assert found["kleinbub_peak"] > 0.8 > found["kleinbub"]


def test_opposites_are_never_together():
    x = np.random.default_rng(3).standard_normal(800)
    c = kleinbub(x, -x, rate_hz=4.0)
    assert kleinbub_profile(c)[7] == 0.0


@needs_shared("golden/dyadsync")
@pytest.mark.parametrize(
    "case", ["ccfbest_a_center", "ccfbest_eda_nullpair_15s", "ccfbest_swps_p04_free"]
)
def test_the_index_of_dyadsync(case):
    path = GOLDEN / "dyadsync" / f"{case}_table.csv"
    theirs = np.genfromtxt(path, delimiter=",", names=True, deletechars="")
    want = json.loads((GOLDEN / "dyadsync" / f"{case}.json").read_text())["outputs"]
    assert_allclose(kleinbub_index(theirs["lag0"]), want["kleinbub_lag0"], rtol=0, atol=1e-12)
    assert_allclose(kleinbub_index(theirs["bestCCF"]), want["kleinbub_best"], rtol=0, atol=1e-12)


def test_what_makes_no_sense_is_refused_by_name():
    x = np.zeros(400)
    with pytest.raises(InputError, match=r"threshold=1.0: expected a number from 0 to under 1"):
        kleinbub(x, x, rate_hz=4.0, threshold=1.0)
    with pytest.raises(InputError, match=r"slope='steep': expected one of"):
        kleinbub(x, x, rate_hz=4.0, slope="steep")
