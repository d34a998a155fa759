import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import segments as reference

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.sessions import _derangements, susy_evidence
from syntony.synchrony.registry import get
from syntony.synchrony.susy import susy


def smooth(seed, n, people=2):
    noise = np.random.default_rng(seed).standard_normal((people, n + 23))
    for _ in range(2):
        noise = np.array([np.convolve(v, np.ones(12) / 12, "same") for v in noise])
    return noise[:, 12 : 12 + n]


def with_gaps(seed, n):
    x, y = smooth(seed, n)
    x[50:90] = np.nan
    y[np.random.default_rng(seed).random(n) < 0.02] = np.nan
    return x, y


@pytest.mark.parametrize("make", [smooth, with_gaps])
@pytest.mark.parametrize("statistic", ["mean_z", "mean_abs_z"])
def test_the_observed_value_is_that_of_susy(statistic, make):
    x, y = make(1, 1600)
    found = susy_evidence(x, y, rate_hz=4.0, seed=1, statistic=statistic, count=19)
    assert_allclose(found.observed, get("susy").summarise(susy(x, y, rate_hz=4.0))[statistic])


def test_every_derangement_is_as_likely_as_any_other():
    orders = _derangements(4, 9000, np.random.default_rng(1))
    assert orders.shape == (9000, 4)
    assert (orders != np.arange(4)).all()
    kinds, times = np.unique(orders, axis=0, return_counts=True)
    assert len(kinds) == 9
    assert np.square(times - 1000.0).sum() / 1000.0 < 26.1  # chi-square, 8 df: 1 in 1000


def test_a_surrogate_session_is_the_mean_of_its_pairs():
    x, y = smooth(2, 1200)
    found = susy_evidence(x, y, rate_hz=4.0, seed=3, max_lag_s=1.0, count=30)
    z = reference.fisher(reference.crossed(x.reshape(10, 120), y.reshape(10, 120), 4, 0.8))
    orders = _derangements(10, 30, rng_for(3, "susy"))
    want = [np.mean([z[i, order[i]] for i in range(10)]) for order in orders]
    assert_allclose(found.null, want, rtol=0, atol=1e-12)


def test_the_seed_decides():
    x, y = smooth(4, 1600)
    one, again, other = (susy_evidence(x, y, rate_hz=4.0, seed=s, count=50).null for s in (1, 1, 2))
    assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_couple_stands_out_and_its_reverse_too():
    x, noise = smooth(5, 2400)
    found = susy_evidence(x, np.roll(x, 8) + 0.5 * noise, rate_hz=4.0, seed=1)
    assert found.p_one == found.p_two / 2 == 0.001
    assert found.z > 5
    turned = susy_evidence(x, -np.roll(x, 8) + 0.5 * noise, rate_hz=4.0, seed=1)
    assert turned.p_one > 0.99
    assert turned.p_two == 0.002


def test_strangers_are_called_synchronous_about_as_often_as_promised():
    hits = sum(
        susy_evidence(*smooth(1000 + i, 3600), rate_hz=4.0, seed=i, count=99).p_one <= 0.05
        for i in range(300)
    )
    # 5.8 % with 30 segments: the chance of 30 or more of 300 is under 1 in 400, as of 4 or fewer
    assert 5 <= hits < 30


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"segment_s": 60.0}, r"segment_s=60.0: expected 10 segments or more"),
        ({"statistic": "z"}, r"statistic='z': expected one of"),
        ({"count": 0}, r"count=0: expected at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x, y = smooth(6, 1300)
    with pytest.raises(InputError, match=says):
        susy_evidence(x, y, rate_hz=4.0, seed=1, **options)
