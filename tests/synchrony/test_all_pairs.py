import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.core.errors import InputError
from syntony.kernels import many_pairs
from syntony.synchrony.all_pairs import all_pairs_lagged
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

FACTS = ("mean_z", "mean_abs_z", "lag_zero", "first_leads", "second_leads")


def check(signals, atol=1e-12, *, window=40, step=20, lag=9):
    found = all_pairs_lagged(
        signals, rate_hz=2.0, window_s=window / 2, step_s=step / 2, max_lag_s=lag / 2
    )
    least = int(np.ceil(0.8 * window - 1e-9))
    for i in range(len(signals)):
        for j in range(len(signals)):
            if j <= i:
                assert np.isnan([getattr(found, name)[i, j] for name in (*FACTS, "cells")]).all()
                continue
            want, cells = reference.means_of_z(signals[i], signals[j], window, step, lag, least)
            assert found.cells[i, j] == cells
            for name in FACTS:
                got = getattr(found, name)[i, j]
                assert_allclose(got, want[name], rtol=0, atol=atol, err_msg=f"{name} {i} {j}")
    return found


def walks(seed, n_signals=5, n=330):
    return np.cumsum(np.random.default_rng(seed).standard_normal((n_signals, n)), axis=1)


@pytest.mark.parametrize("step", [20, 13, 40])
def test_it_is_the_mean_of_the_direct_way(step):
    check(walks(1), step=step)


def test_scattered_and_long_gaps():
    signals = walks(2)
    signals[0, 90:160] = np.nan
    signals[1][np.random.default_rng(3).random(330) < 0.05] = np.nan
    signals[2] = np.nan
    signals[3, :20] = np.nan
    found = check(signals)
    assert np.isnan(found.mean_z[0, 2])
    assert found.cells[0, 2] == 0
    assert 0 < found.cells[0, 1] < found.cells[3, 4]


def test_what_running_sums_leave_behind_is_no_variance():
    signals = walks(5, n_signals=2)
    signals[1] = 0.0
    for begin in range(12, 300, 100):  # then still, at the mean of all that is near
        signals[1, begin : begin + 8] = -0.1, 0.6, 0.1, -0.5, 0.4, 1.3, 0.9, -2.7
    check(signals)


def test_steps_and_constant_stretches():
    signals = walks(4)
    signals[0, 100:170] = 0.1
    signals[1, 100:] += 1e6  # a step: the windows beside it stand far from their common mean
    signals[2, 55:99] = signals[2, 55]
    signals[2, 120] = np.nan
    check(signals, atol=1e-9)


def test_a_large_offset_costs_no_digits():
    signals = 1e5 + 1e-2 * walks(5)
    signals[1, 7::23] = np.nan
    check(signals, atol=1e-9)


def test_copies_count_as_ten():
    signals = walks(6, 3)
    signals[1], signals[2] = signals[0], 5.0 - 2.0 * signals[0]
    found = check(signals, atol=1e-8)  # near r = 1 z is uncertain in either way
    assert_allclose(found.lag_zero[0, 1:], [10.0, -10.0], atol=1e-12)


@pytest.mark.parametrize("lag", [0, 40])
def test_few_and_many_lags(lag):
    assert lag == 0 or lag > many_pairs.AT_MOST
    signals = walks(7, 3)
    signals[0, 200:206] = np.nan
    check(signals, lag=lag)


def test_many_signals_and_long_recordings_lose_nothing():
    rng = np.random.default_rng(8)
    common = rng.standard_normal(6000)
    signals = 30 * common + rng.standard_normal((140, 6000))  # z near 3.4 in thousands of cells
    found = all_pairs_lagged(signals, rate_hz=4.0, max_lag_s=2.0)
    entry = get("lagged_correlation")
    for i, j in ((0, 139), (63, 64), (64, 127), (127, 128), (5, 100)):
        c = lagged_correlation(signals[i], signals[j], rate_hz=4.0, max_lag_s=2.0)
        want = entry.summarise(c)
        for name in FACTS:
            assert_allclose(getattr(found, name)[i, j], want[name], rtol=0, atol=1e-12)
    assert found.lag_zero[0, 1] > 3.0


def test_who_leads_is_told_by_the_sign_of_the_lag():
    leader = np.random.default_rng(9).standard_normal(2008)
    found = all_pairs_lagged(np.stack([leader[8:], leader[:-8]]), rate_hz=4.0)
    assert found.first_leads[0, 1] > 0.4
    assert abs(found.second_leads[0, 1]) < 0.05


def test_exponents_are_put_apart_exactly():
    products = np.array([[3.5, 1e-250], [1.0, 6e200]])
    exponents = np.zeros((2, 2), dtype=np.int64)
    want = np.log(products)
    many_pairs.put_exponents_apart(products, exponents)
    assert products.min() >= 1.0
    assert products.max() < 2.0
    assert_array_equal(products * 2.0**exponents, [[3.5, 1e-250], [1.0, 6e200]])
    assert_allclose(many_pairs.logarithms(products, exponents), want, rtol=1e-15)


@pytest.mark.parametrize(
    ("signals", "options", "says"),
    [
        (np.zeros(50), {}, "signals=.*expected an array of at least two rows"),
        (np.zeros((1, 50)), {}, "signals=.*expected an array of at least two rows"),
        (np.zeros((2, 50)), {}, "window_s=30.0: expected at most 12.5 s"),
        (np.full((2, 500), np.inf), {}, "inf"),
        (np.zeros((2, 500)), {"min_coverage": -1.0}, "min_coverage=-1.0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(signals, options, says):
    with pytest.raises(InputError, match=says):
        all_pairs_lagged(signals, rate_hz=4.0, **options)
