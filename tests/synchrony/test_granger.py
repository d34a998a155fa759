import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.errors import InputError
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.synchrony._thin import thinned
from syntony.synchrony.granger import granger, granger_pair
from syntony.synchrony.registry import get
from syntony.synchrony.stationarity import longest_stretch, stationarity


def walk(seed, n=600):
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for t in range(2, n):
        x[t] = 0.6 * x[t - 1] - 0.3 * x[t - 2] + rng.standard_normal()
    return x


def naive(x, y, p, most):
    """Log ratio that x's past gives in predicting y: loops, complete rows, lstsq."""
    own, both, target = [], [], []
    for t in range(most, x.size):
        row = [x[t - k] for k in range(most + 1)] + [y[t - k] for k in range(most + 1)]
        if np.isfinite(row).all():
            own.append([1.0] + [y[t - k] for k in range(1, p + 1)])
            both.append(own[-1] + [x[t - k] for k in range(1, p + 1)])
            target.append(y[t])

    def rest(rows):
        a, b = np.array(rows), np.array(target)
        return np.sum((b - a @ np.linalg.lstsq(a, b, rcond=None)[0]) ** 2)

    n, one, two = len(target), rest(own), rest(both)
    return np.log(one / two), (one - two) / p / (two / (n - 2 * p - 1)), n


@pytest.mark.parametrize("offset", [0.0, 1e5])
@pytest.mark.parametrize("missing", [0.0, 0.03])
def test_both_directions_are_their_twin(offset, missing):
    rng = np.random.default_rng(1)
    x, y = walk(1) + offset, 0.01 * walk(2) + offset
    y[3:] += 0.01 * (x[:-3] - offset)
    x[rng.random(x.size) < missing] = np.nan
    y[100:130] = np.nan if missing else y[100:130]
    found = granger_pair(x, y, max_order=5)
    p = found.order
    for told, (a, b) in ((found.first_to_second, (x, y)), (found.second_to_first, (y, x))):
        ratio, f, n = naive(a, b, p, 5)
        assert_allclose(told.log_ratio, ratio, rtol=1e-6, atol=1e-9)
        assert_allclose(told.f, f, rtol=1e-6, atol=1e-6)
        assert found.used == n


def test_statsmodels_gives_the_same_f():
    api = pytest.importorskip("statsmodels.tsa.api", reason="statsmodels is not installed")
    x, y = walk(3), walk(4)
    y[2:] += 0.5 * x[:-2]
    fit = api.VAR(np.column_stack([x, y])).fit(3)
    found = granger_pair(x, y, order=3)
    assert_allclose(found.first_to_second.f, fit.test_causality(1, [0]).test_statistic, rtol=1e-8)
    assert_allclose(found.second_to_first.f, fit.test_causality(0, [1]).test_statistic, rtol=1e-8)


def test_the_order_is_found():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((2, 4000))
    y[4:] += 0.5 * x[:-4]
    assert granger_pair(x, y, max_order=8).order == 4


def test_strangers_pass_five_times_in_a_hundred():
    hits = 0
    for k in range(400):
        found = granger_pair(walk(1000 + k, 300), walk(5000 + k, 300), order=2)
        hits += found.first_to_second.p <= 0.05
    assert 9 <= hits <= 33  # 99.8 % binomial limits of 20


def test_who_leads_by_two_seconds_is_found():
    setup = PairSetup(duration_s=3000.0, rate_hz=4.0, share=0.6, delay_s=2.0)
    lead, follow = (s.values for s in make_pair(np.random.default_rng(6), setup).signals)
    there = get("granger").summarise(granger(lead, follow, rate_hz=4.0))
    back = get("granger").summarise(granger(follow, lead, rate_hz=4.0))
    assert there["first_leads"] > 0.05
    assert_allclose(back["first_leads"], -there["first_leads"])


def test_adf_and_kpss_are_those_of_statsmodels():
    tools = pytest.importorskip("statsmodels.tsa.stattools", reason="statsmodels is not installed")
    for x in (walk(7), np.cumsum(walk(8)), walk(9) + np.arange(600) / 100):
        found = stationarity(x, lags=4)
        with warnings.catch_warnings():  # they warn of p-values off their tables
            warnings.simplefilter("ignore")
            adf = tools.adfuller(x, maxlag=4, autolag=None, regression="c")[0]
            kpss = tools.kpss(x, nlags="legacy")[0]
        assert_allclose(found.adf, adf, rtol=1e-8)
        assert_allclose(found.kpss, kpss, rtol=1e-8)


def test_stationarity_tells_noise_from_a_walk_and_bridges_no_gap():
    kept = [stationarity(walk(k)).is_stationary for k in range(40)]
    lost = [stationarity(np.cumsum(walk(k))).is_stationary for k in range(40)]
    assert np.mean(kept) > 0.8
    assert np.mean(lost) < 0.1
    x = walk(10)
    x[200:210] = np.nan
    assert longest_stretch(x).size == 390
    assert stationarity(x).samples == 390
    assert np.isnan(stationarity(np.full(100, np.nan)).adf)


def test_thinning_is_a_mean_of_what_is_there():
    x = np.arange(10.0) + 1e9
    x[4] = np.nan
    made, rate_hz = thinned(x, 7.5, 2.5)
    assert rate_hz == 2.5
    assert_allclose(made - 1e9, [1.0, 4.0, 7.0])
    assert np.isnan(thinned(np.array([1.0, np.nan, np.nan, np.nan]), 4.0, 1.0)[0]).all()
    with pytest.raises(InputError, match="thin_to_hz"):
        thinned(x, 10.0, 0.1)


def test_too_short_is_refused_by_name():
    with pytest.raises(InputError, match="at least"):
        granger(np.arange(80.0), np.arange(80.0), rate_hz=4.0)
