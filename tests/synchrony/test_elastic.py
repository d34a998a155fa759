import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as lagged_reference
from reference import peaks as reference

from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.elastic import CCFBEST, best_lag
from syntony.synchrony.kleinbub import kleinbub_index
from syntony.synchrony.registry import get
from syntony.synchrony.slopes import single_session_index


def slow(seed, n, width=16):
    """Noise that rises and falls over some samples."""
    noise = np.random.default_rng(seed).standard_normal(n + width - 1)
    return np.convolve(noise, np.hanning(width), "valid")


def delayed(seed, lag, n=1600):
    """Two signals that share most; the second follows by ``lag`` samples."""
    common = slow(seed, n + lag)
    return common[lag:] + 0.3 * slow(seed + 1, n), common[:n] + 0.3 * slow(seed + 2, n)


@pytest.mark.parametrize("weight", ["off", "zero", "last"])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_it_does_what_the_definition_says(weight, missing):
    x, y = delayed(1, 5, 501)
    x[150:230] = np.nan
    y[np.random.default_rng(2).random(501) < missing] = np.nan
    c = best_lag(
        x,
        y,
        rate_hz=4.0,
        window_s=10.0,
        step_s=2.5,
        max_lag_s=3.0,
        lag_step_s=0.5,
        lag_speed=0.4,
        weight=weight,
        malus=0.3,
        **CCFBEST,
    )
    grid = lagged_reference.rmea_ccf(x, y, 40, 10, 12)[:, ::2]
    assert_allclose(c.parts["r"], grid, atol=1e-12, equal_nan=True)
    path = reference.elastic_path(grid, np.full(len(grid), 2.0), weight, 0.3, 1000.0)
    lags_s = np.arange(-6, 7) * 0.5
    want = [np.nan if k is None else grid[i, k] for i, k in enumerate(path)]
    assert_allclose(c.values, want, atol=1e-12, equal_nan=True)
    assert_array_equal(c.parts["lag_s"], [np.nan if k is None else lags_s[k] for k in path])
    assert np.isnan(c.values).any()


@pytest.mark.parametrize("rate_hz", [4.0, 6.7])
def test_a_lead_of_two_seconds_is_found(rate_hz):
    lag = round(2 * rate_hz)
    leader, follower = delayed(3, lag)
    for x, y, sign in ((leader, follower, 1), (follower, leader, -1)):
        c = best_lag(x, y, rate_hz=rate_hz)
        found = get("best_lag").summarise(c)
        assert abs(np.median(c.parts["lag_s"]) - sign * lag / rate_hz) < 0.2
        assert found["share_first_leads" if sign > 0 else "share_second_leads"] > 0.9
        assert found["mean_z"] > 1.0


def test_a_drifting_delay_is_followed():
    n = np.arange(4800)
    true_s = 2.0 * np.sin(2 * np.pi * n / 4800)  # from 0 to 2, to -2, and back
    common = slow(4, 4900)
    x = common[50:4850]
    y = np.interp(n + 50 - true_s * 4, np.arange(4900), common)
    c = best_lag(x, y, rate_hz=4.0, lag_speed=0.2)
    want = np.interp(c.coords["time"], n / 4, true_s)
    assert np.abs(c.parts["lag_s"] - want)[3:].max() < 0.5


def test_the_lag_keeps_to_its_speed_and_may_move_on_in_a_gap():
    x, y = delayed(5, 0, 1600)
    x[700:1000] = np.nan
    c = best_lag(x, y, rate_hz=4.0, lag_speed=0.25, step_s=2.0)
    there = np.isfinite(c.values)
    seconds = np.diff(c.coords["time"][there])
    assert np.isnan(c.values).any()
    assert np.all(np.abs(np.diff(c.parts["lag_s"][there])) <= 0.25 * seconds + 1e-9)
    assert_array_equal(np.isnan(c.parts["lag_s"]), ~there)
    assert c.reach_s[0] >= c.coords["time"][-1]
    still = best_lag(x, y, rate_hz=4.0, lag_speed=0.0)
    assert np.nanmax(np.abs(still.parts["lag_s"])) == 0.0


def test_followed_values_of_strangers_lie_above_chance():
    at_zero, followed = [], []
    for seed in range(0, 60, 3):
        c = best_lag(slow(seed, 1200), slow(seed + 1000, 1200), rate_hz=4.0)
        followed.append(c.values.mean())
        at_zero.append(c.parts["r"][:, c.parts["r_lags_s"] == 0.0].mean())
    assert abs(np.mean(at_zero)) < 0.1
    assert np.mean(followed) > 0.2


def test_statistics_are_those_of_the_path():
    x, y = delayed(6, 3, 800)
    c = best_lag(x, y, rate_hz=4.0, min_coverage=0.5)
    found, lag_s = get("best_lag").summarise(c), c.parts["lag_s"]
    assert_allclose(found["mean_z"], fisher_z(c.values).mean())
    assert_allclose(found["index"], single_session_index(c.values))
    assert_allclose(found["median_share"], kleinbub_index(c.values))
    assert_allclose(found["mean_lag_s"], lag_s.mean())
    assert_allclose(found["sd_lag_s"], lag_s.std(ddof=1))
    assert_allclose(found["share_first_leads"], (lag_s > 0).mean())
    assert kleinbub_index(np.array([-0.1, -0.2])) == 0.0
    assert np.isnan(kleinbub_index(np.array([np.nan])))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"weight": "center"}, r"weight='center': expected one of"),
        ({"malus": 1.5}, r"malus=1.5: expected a share from 0 to 1"),
        ({"lag_speed": -1.0}, r"lag_speed=-1.0: expected a number, 0 or more"),
        ({"lag_step_s": 0.1}, r"lag_step_s=0.1: expected at least 0.25 s"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x = slow(7, 400)
    with pytest.raises(InputError, match=says):
        best_lag(x, x, rate_hz=4.0, **options)
