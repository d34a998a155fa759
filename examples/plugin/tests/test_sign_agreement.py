"""The method against its naive twin, a known answer, and every promise of a method."""

import naive
import numpy as np
import pytest
from lab_measures.sign_agreement import ENTRY, sign_agreement

from syntony.testing import METHOD_CHECKS


@pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda c: c.__name__)
def test_promise(check):
    check(ENTRY)


@pytest.mark.parametrize("rate_hz", [4.0, 7.5])
def test_the_same_as_the_definition(rate_hz):
    rng = np.random.default_rng(4)
    x, y = np.cumsum(rng.standard_normal((2, 997)), axis=1) + 1e5
    x[rng.random(x.size) < 0.05] = np.nan
    y[300:420] = np.nan
    y[600:700] = y[600]
    found = sign_agreement(x, y, rate_hz=rate_hz, window_s=20.0, step_s=7.0, change_s=1.0)
    window, change = round(20.0 * rate_hz), round(rate_hz)
    starts = [round(k * 7.0 * rate_hz) for k in range(found.values.size)]
    wanted = [naive.sign_agreement(x, y, s, window, change, 0.8) for s in starts]
    np.testing.assert_allclose(found.values, wanted, atol=1e-12)
    assert 0 < np.isnan(wanted).sum() < len(wanted)


def test_a_known_answer():
    x = np.sin(np.arange(2400) / 9.0)
    assert np.all(sign_agreement(x, 3 * x + 1, rate_hz=4.0).values == 1.0)
    assert np.all(sign_agreement(x, -x, rate_hz=4.0).values == -1.0)
    quarter = np.cos(np.arange(2400) / 9.0)
    middle = sign_agreement(x, quarter, rate_hz=4.0, change_s=0.25).values.mean()
    assert abs(middle) < 0.1
