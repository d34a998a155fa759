import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import spectral as reference
from scipy.signal import lfilter
from surrogates.worlds import conductance, shared_course, slow_noise

from syntony.core.errors import InputError
from syntony.surrogates.autoregressive import Model, autoregressive, fit_burg, simulate


def second_order(rng, n):
    """Noise with a rhythm: v[t] = 1.5 v[t - 1] - 0.8 v[t - 2] + e[t]."""
    return lfilter([1.0], [1.0, -1.5, 0.8], rng.standard_normal(n + 500))[500:]


@settings(deadline=None, max_examples=20)
@given(st.integers(240, 400), st.integers(0, 120), st.integers(0, 2**31))
def test_the_model_is_that_of_the_windows_without_a_gap(n, missing, seed):
    rng = np.random.default_rng(seed)
    y = second_order(rng, n) + 3.0
    y[rng.choice(n, missing // 20, replace=False)] = np.nan
    y[50 : 50 + missing // 2] = np.nan
    model = fit_burg(y, 5)
    mean, reflections, variances, bic = reference.burg(list(y), 5)
    order = int(np.argmin(bic))
    assert_allclose(model.mean, mean, rtol=1e-12)
    assert_allclose(model.bic, bic, rtol=1e-9)
    assert_allclose(model.reflections, reflections[:order], rtol=1e-8)
    assert_allclose(model.variances, variances[: order + 1], rtol=1e-9)


def test_order_and_coefficients_of_a_known_process_are_found():
    orders = []
    for seed in range(20):
        model = fit_burg(second_order(np.random.default_rng(seed), 4000), 12)
        orders.append(model.reflections.size)
        assert_allclose(model.coefficients()[-1][:2], [1.5, -0.8], atol=0.06)
    assert orders.count(2) >= 18


@pytest.mark.parametrize("course", [0.0, 1.0])
def test_the_model_is_always_stationary(course):
    for seed in range(10):
        y = conductance(np.random.default_rng(seed), 600) + course * shared_course(600)
        model = fit_burg(y, 20)
        assert (np.abs(model.reflections) < 1).all()
        roots = np.roots(np.r_[1.0, -model.coefficients()[-1]])
        assert (np.abs(roots) < 1).all()


def test_draws_have_the_autocorrelation_of_the_model_from_the_first_sample_on():
    y = second_order(np.random.default_rng(1), 4000) + 7.0
    model = fit_burg(y, 10)
    rng = np.random.default_rng(2)
    drawn = np.array([simulate(model, 40, rng) for _ in range(5000)]) - 7.0
    wanted = [1.0, 1.5 / 1.8]
    for _ in range(18):
        wanted.append(1.5 * wanted[-1] - 0.8 * wanted[-2])
    for start in (0, 1, 2, 20):
        products = (drawn[:, start, None] * drawn[:, start : start + 20]).mean(axis=0)
        assert_allclose(products / model.variances[0], wanted, atol=0.08)


def test_white_noise_asks_for_no_past_and_short_draws_are_made():
    model = fit_burg(np.random.default_rng(0).standard_normal(3000), 10)
    assert model.reflections.size == 0
    assert simulate(model, 5, np.random.default_rng(0)).shape == (5,)
    long = Model(
        mean=0.0,
        reflections=np.array([0.5, 0.2, 0.1]),
        variances=np.array([1.0, 0.75, 0.72, 0.7128]),
        bic=np.zeros(4),
    )
    assert simulate(long, 2, np.random.default_rng(0)).shape == (2,)


def test_no_order_is_tried_without_ten_windows_for_every_coefficient():
    y = second_order(np.random.default_rng(0), 600)
    y[::3] = np.nan  # pairs remain, but no three in a row
    assert fit_burg(y, 10).bic.size == 2
    drawn = autoregressive(y, np.random.default_rng(1), rate_hz=4.0)
    assert_array_equal(np.isnan(drawn), np.isnan(y))


def test_an_order_under_one_is_refused_and_the_highest_is_kept():
    y = slow_noise(np.random.default_rng(0), 1200)
    with pytest.raises(InputError, match="max_order=0"):
        autoregressive(y, np.random.default_rng(0), rate_hz=4.0, max_order=0)
    assert fit_burg(second_order(np.random.default_rng(0), 4000), 1).reflections.size == 1
