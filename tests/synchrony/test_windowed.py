"""Rank correlation, derivative concordance, prewhitening, cross-lagged regression, ccf."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged, ranks, windowed

from syntony.core.errors import InputError
from syntony.synchrony._autoregression import fit_autoregression, leftovers
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.ccf import window_ccf
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.cross_lagged import cross_lagged_regression
from syntony.synchrony.differences import derivative_correlation
from syntony.synchrony.prewhitening import prewhitened_correlation
from syntony.synchrony.rank_correlation import rank_correlation
from syntony.synchrony.registry import get

NAMES = [
    "cross_lagged_regression",
    "derivative_correlation",
    "prewhitened_correlation",
    "rank_correlation",
    "window_ccf",
]
SPANS = {"window_s": 20.0, "step_s": 10.0, "max_lag_s": 4.0}


def walk(seed, n=500, missing=0.0, offset=0.0, spread=1.0):
    """Two random walks with scattered missing samples and a gap."""
    rng = np.random.default_rng(seed)
    x, y = offset + spread * np.cumsum(rng.standard_normal((2, n)), axis=1)
    if missing:
        x[rng.random(n) < missing] = np.nan
        y[rng.random(n) < missing] = np.nan
        x[n // 2 : n // 2 + 60] = np.nan
    return x, y


def layout(n, rate_hz):
    """Window, lag, starts and least pairs of SPANS."""
    window, step, lag = (round(SPANS[s] * rate_hz) for s in ("window_s", "step_s", "max_lag_s"))
    return window, lag, np.arange(0, n - window + 1, step), int(np.ceil(0.8 * window))


CASES = [
    pytest.param(rate_hz, missing, offset, spread, id=f"{rate_hz}-{missing}-{offset:g}")
    for rate_hz in (4.0, 2.5)
    for missing, offset, spread in ((0.0, 0.0, 1.0), (0.05, 0.0, 1.0), (0.02, 1e5, 1e-2))
]


@pytest.mark.parametrize(("rate_hz", "missing", "offset", "spread"), CASES)
def test_rank_correlation_does_what_the_definition_says(rate_hz, missing, offset, spread):
    x, y = walk(1, 500, missing, offset, spread)
    window, lag, starts, least = layout(500, rate_hz)
    c = rank_correlation(x, y, rate_hz=rate_hz, **SPANS)
    rho, share = ranks.lagged_spearman(x, y, starts, window, (-lag, lag), least)
    assert_allclose(c.values, rho, rtol=0, atol=1e-12, equal_nan=True)
    assert_array_equal(c.coverage, share)


@pytest.mark.parametrize(("rate_hz", "missing", "offset", "spread"), CASES)
def test_derivative_correlation_does_what_the_definition_says(rate_hz, missing, offset, spread):
    x, y = walk(2, 500, missing, offset, spread)
    hop = round(2.0 * rate_hz)
    window, lag, _, least = layout(500, rate_hz)
    starts = np.arange(0, 500 - hop - window + 1, round(10 * rate_hz))
    c = derivative_correlation(x, y, rate_hz=rate_hz, difference_s=2.0, **SPANS)
    a, b = x[hop:] - x[:-hop], y[hop:] - y[:-hop]
    r, share = lagged.lagged_pearson(a, b, starts, window, (-lag, lag), least)
    assert_allclose(c.values, r, rtol=0, atol=1e-9 if offset else 1e-12, equal_nan=True)
    assert_array_equal(c.coverage, share)
    assert_allclose(c.coords["time"], (starts + (window + hop) / 2) / rate_hz)


@pytest.mark.parametrize(("rate_hz", "missing", "offset", "spread"), CASES)
def test_cross_lagged_regression_does_what_the_definition_says(rate_hz, missing, offset, spread):
    x, y = walk(3, 500, missing, offset, spread)
    window, lag, _, least = layout(500, rate_hz)
    starts = np.arange(0, 500 - lag - window + 1, round(10 * rate_hz))
    c = cross_lagged_regression(x, y, rate_hz=rate_hz, **SPANS)
    want = windowed.cross_lagged(x, y, starts, window, lag, least)
    assert_allclose(c.values, want, rtol=0, atol=1e-9 if offset else 1e-11, equal_nan=True)
    assert np.isnan(c.values[:, lag]).all()


@pytest.mark.parametrize(("rate_hz", "missing", "offset", "spread"), CASES)
def test_ccf_does_what_the_definition_says(rate_hz, missing, offset, spread):
    x, y = walk(4, 500, missing, offset, spread)
    window, lag, starts, least = layout(500, rate_hz)
    c = window_ccf(x, y, rate_hz=rate_hz, **SPANS)
    want = windowed.ccf(x, y, starts, window, lag, least)
    want[c.coverage < 0.8 - 1e-9] = np.nan
    assert_allclose(c.values, want, rtol=0, atol=1e-9 if offset else 1e-12, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.03])
@pytest.mark.parametrize("filter_of", ["each", "first", "second"])
def test_prewhitening_does_what_the_definition_says(filter_of, missing):
    x, y = walk(5, 600, missing, offset=1e5, spread=1e-2)
    for v in (x, y):
        v[1:] -= 0.6 * v[:-1]
    window, lag, starts, _ = layout(600, 4.0)
    c = prewhitened_correlation(
        x, y, rate_hz=4.0, filter_of=filter_of, max_order=5, min_coverage=0.5, **SPANS
    )
    source = {"each": (x, y), "first": (x, x), "second": (y, y)}[filter_of]
    fits = [windowed.autoregression(v, 5) for v in source]
    assert_array_equal(c.parts["order"], [fit[0] for fit in fits])
    assert_allclose(c.parts["coefficients_first"], fits[0][1], atol=1e-6)
    a, b = (windowed.residuals(v, fit[1]) for v, fit in zip((x, y), fits, strict=True))
    least = int(np.ceil(0.5 * window))
    r, share = lagged.lagged_pearson(a, b, starts, window, (-lag, lag), least)
    assert_allclose(c.values, r, rtol=0, atol=1e-6, equal_nan=True)
    assert_array_equal(c.coverage, share)


def impulses(seed, n=2400, follow=8, fading=0.9):
    """Two signals of fading impulses, of which the second follows by ``follow`` samples."""
    rng = np.random.default_rng(seed)
    drive = rng.standard_normal(n + follow)
    own = rng.standard_normal((2, n))
    x, y = drive[follow:] + 0.7 * own[0], drive[:n] + 0.7 * own[1]
    for t in range(1, n):
        x[t] += fading * x[t - 1]
        y[t] += fading * y[t - 1]
    return x, y


@pytest.mark.parametrize("name", NAMES)
def test_who_follows_by_two_seconds_is_found(name):
    entry = get(name)
    for swapped, sign in ((False, 1.0), (True, -1.0)):
        x, y = impulses(0)[:: -1 if swapped else 1]
        c = entry.compute(x, y, rate_hz=4.0)
        found = entry.summarise(c)
        assert found["best_lag_s"] == 2.0 * sign, name
        assert sign * (found["first_leads"] - found["second_leads"]) > 0
        assert c.coords["lag"][np.nanargmax(entry.profile(c))] == 2.0 * sign


def test_prewhitening_sharpens_the_peak():
    x, y = impulses(1, fading=0.97)
    plain = get("lagged_correlation")
    white = get("prewhitened_correlation")
    widths = [
        np.sum(p > 0.5 * p.max())
        for p in (
            plain.profile(plain.compute(x, y, rate_hz=4.0)),
            white.profile(white.compute(x, y, rate_hz=4.0)),
        )
    ]
    assert widths[1] == 1
    assert widths[0] > 8


def test_prewhitened_strangers_correlate_less_than_smooth_ones():
    found = {}
    for name in ("lagged_correlation", "prewhitened_correlation"):
        entry = get(name)
        strengths = []
        for seed in range(8):
            x, _ = impulses(2 * seed, 1200, fading=0.97)
            _, y = impulses(2 * seed + 1, 1200, fading=0.97)
            strengths.append(entry.summarise(entry.compute(x, y, rate_hz=4.0))["mean_abs_z"])
        found[name] = np.mean(strengths)
    assert found["lagged_correlation"] > 2.5 * found["prewhitened_correlation"]
    assert found["prewhitened_correlation"] < 0.09


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_of_an_autoregression_is_found(order):
    true = {1: [0.8], 2: [1.2, -0.5], 3: [0.5, -0.3, 0.4]}[order]
    rng = np.random.default_rng(order)
    v = rng.standard_normal(6000)
    for t in range(order, v.size):
        v[t] += sum(a * v[t - 1 - i] for i, a in enumerate(true))
    v[rng.random(v.size) < 0.01] = np.nan
    v[1000:2000] = np.nan
    fit = fit_autoregression(v + 1e4, 12)
    assert fit.order == order
    assert_allclose(fit.coefficients, true, atol=0.05)
    assert fit.bic.argmin() == order
    assert fit.bic.size == 13
    assert_allclose(fit.intercept / 1e4, 1 - sum(true), atol=0.05)


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_bic_of_every_order_is_as_defined(missing):
    x, _ = walk(14, 400, missing)
    fit = fit_autoregression(x, 8)
    order, coefficients, bic = windowed.autoregression(x, 8)
    assert fit.order == order
    assert_allclose(fit.bic, bic, rtol=1e-10)
    assert_allclose(fit.coefficients, coefficients, atol=1e-10)
    assert fit.vectors == len(windowed.lag_rows(x, order))


def test_what_has_nothing_unexpected_has_no_autoregression():
    assert fit_autoregression(np.full(300, 3.3), 5) is None
    assert fit_autoregression(np.full(300, np.nan), 5) is None
    assert fit_autoregression(np.sin(np.arange(300) / 7.0), 5) is None
    assert fit_autoregression(np.arange(9.0), 5) is None
    short = fit_autoregression(np.random.default_rng(0).standard_normal(50), 20)
    assert short.bic.size <= 5  # ten lag vectors for every coefficient


def test_residuals_are_missing_where_their_past_is():
    v = np.arange(12.0)
    v[6] = np.nan
    left = leftovers(v, np.array([1.0, 0.0]))
    assert_array_equal(np.isnan(left), [1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0])
    assert_array_equal(left[~np.isnan(left)], 1.0)


def test_a_startle_decides_a_window_of_levels_but_not_of_ranks():
    x, y = np.random.default_rng(6).standard_normal((2, 400))
    x[200] = y[200] = 500.0
    at = {"rate_hz": 4.0, "max_lag_s": 0.0}
    assert lagged_correlation(x, y, **at).values.max() > 0.99
    assert np.abs(rank_correlation(x, y, **at).values).max() < 0.4


def test_drifts_correlate_but_their_changes_do_not():
    rng = np.random.default_rng(7)
    x, y = 0.1 * np.arange(800) + rng.standard_normal((2, 800))
    at = {"rate_hz": 4.0, "max_lag_s": 0.0}
    assert lagged_correlation(x, y, **at).values.mean() > 0.7
    assert abs(derivative_correlation(x, y, **at).values.mean()) < 0.1


def test_the_shortest_difference_is_the_first_difference():
    x, y = walk(8, 300)
    c = derivative_correlation(x, y, rate_hz=4.0, difference_s=0.25)
    want = lagged_correlation(np.diff(x), np.diff(y), rate_hz=4.0)
    assert_array_equal(c.values, want.values)
    assert c.options["difference_s"] == 0.25


def test_exchanging_people_mirrors_regression_and_ccf():
    x, y = walk(9, 500, missing=0.02)
    for entry in (cross_lagged_regression, window_ccf):
        there, back = entry(x, y, rate_hz=4.0), entry(y, x, rate_hz=4.0)
        assert_allclose(there.values, back.values[:, ::-1], atol=1e-12, equal_nan=True)
        assert_array_equal(there.coverage, back.coverage[:, ::-1])


def test_opposite_movement_shows_in_the_sign_of_the_coefficient():
    x, y = impulses(3)
    same, opposite = (cross_lagged_regression(x, s * y, rate_hz=4.0) for s in (1.0, -1.0))
    assert_allclose(same.values, opposite.values, atol=1e-12, equal_nan=True)
    at = int(np.flatnonzero(same.coords["lag"] == 2.0)[0])
    assert np.mean(same.parts["beta"][:, at]) > 0.2
    assert_allclose(same.parts["beta"], -opposite.parts["beta"], atol=1e-12, equal_nan=True)
    total = same.values + same.parts["own_r2"]
    assert np.nanmax(total) <= 1.0 + 1e-12


def test_regression_sees_past_autocorrelation():
    rng = np.random.default_rng(10)
    x, y = rng.standard_normal((2, 12_000))
    for t in range(1, x.size):
        x[t] += 0.9 * x[t - 1]
        y[t] += 0.9 * y[t - 1]
    c = cross_lagged_regression(x, y, rate_hz=4.0, max_lag_s=0.25)
    r = lagged_correlation(x, y, rate_hz=4.0, max_lag_s=0.25)
    assert np.nanmean(c.values) < 0.02
    assert np.mean(r.values**2) > 0.05


def test_summaries_are_means_of_the_cells_that_are_there():
    x, y = walk(11, 900, missing=0.02)
    c = rank_correlation(x, y, rate_hz=4.0)
    z, found = fisher_z(c.values), get("rank_correlation").summarise(c)
    assert np.isnan(z).any()
    profile = np.nanmean(z, axis=0)
    for name, want in {
        "mean_z": np.nanmean(z),
        "mean_abs_z": np.nanmean(np.abs(z)),
        "lag_zero": np.nanmean(z[:, 20]),
        "first_leads": np.nanmean(z[:, 21:]),
        "second_leads": np.nanmean(z[:, :20]),
        "peak_z": profile.max(),
        "best_lag_s": c.coords["lag"][profile.argmax()],
    }.items():
        assert_allclose(found[name], want, atol=1e-14)
    c = cross_lagged_regression(x, y, rate_hz=4.0)
    found = get("cross_lagged_regression").summarise(c)
    assert_allclose(found["first_leads"], np.nanmean(c.values[:, 21:]), atol=1e-14)
    assert_allclose(found["second_leads"], np.nanmean(c.values[:, :20]), atol=1e-14)
    assert_allclose(found["mean_increase"], np.nanmean(c.values), atol=1e-14)


def test_a_lag_of_nothing_is_possible():
    x, y = walk(12, 300)
    for name in NAMES:
        c = get(name).compute(x, y, rate_hz=4.0, max_lag_s=0.0)
        assert c.coords["lag"].tolist() == [0.0]
        assert np.isfinite(c.values).all() or name == "cross_lagged_regression"


pairs = st.integers(40, 80).flatmap(
    lambda n: st.tuples(
        *[st.lists(st.integers(-50, 50).map(float), min_size=n, max_size=n).map(np.array)] * 2
    )
)
SMALL = {"rate_hz": 4.0, "window_s": 5.0, "step_s": 1.0, "max_lag_s": 1.0}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "prewhitened_correlation"])
@settings(deadline=None, max_examples=25)
@given(xy=pairs, gain=st.sampled_from([0.5, 4.0]), offset=st.integers(-99, 99))
def test_scale_and_offset_do_not_matter(name, xy, gain, offset):
    entry, (x, y) = get(name), xy
    a = entry.compute(x, y, **SMALL).values
    b = entry.compute(gain * x + offset, y, **SMALL).values
    both = np.isfinite(a) & np.isfinite(b)
    assert_allclose(a[both], b[both], atol=1e-6)
    low, high = entry.bounds
    assert np.nanmin(a, initial=low) >= low
    assert np.nanmax(a, initial=high) <= high


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("rank_correlation", {"window_s": 900.0}, "window_s=900.0: expected at most 75 s"),
        ("cross_lagged_regression", {"window_s": 74.0}, "lag included"),
        ("window_ccf", {"max_lag_s": 30.0}, "max_lag_s=30.0: expected less than the window"),
        ("derivative_correlation", {"difference_s": 80.0}, "difference_s=80.0: expected less than"),
        ("derivative_correlation", {"difference_s": 0.0}, "difference_s=0.0: expected at least"),
        ("prewhitened_correlation", {"filter_of": "both"}, "filter_of='both': expected one of"),
        ("prewhitened_correlation", {"max_order": -1}, "max_order=-1: expected a whole number"),
        ("prewhitened_correlation", {"max_order": 2.5}, "max_order=2.5: expected a whole number"),
        ("rank_correlation", {"min_coverage": 2.0}, "min_coverage=2.0: expected a share"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name, options, says):
    x = np.random.default_rng(13).standard_normal(300)
    with pytest.raises(InputError, match=says):
        get(name).compute(x, x[::-1], rate_hz=4.0, **options)
