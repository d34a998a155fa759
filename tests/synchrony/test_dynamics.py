import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.errors import InputError
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.synchrony.oscillator import local_derivatives, oscillator, period_s
from syntony.synchrony.registry import get
from syntony.synchrony.stability_influence import (
    stability_and_influence,
    stability_influence,
    without_trend,
)


def lstsq(target, columns):
    design = np.column_stack(columns)
    there = np.isfinite(design).all(axis=1) & np.isfinite(target)
    found = np.linalg.lstsq(design[there], target[there], rcond=None)[0]
    rest = target[there] - design[there] @ found
    return found, rest @ rest, int(there.sum())


@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_stability_and_influence_are_least_squares(offset):
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.standard_normal(300)) * 0.01 + offset
    y = np.cumsum(rng.standard_normal(300)) * 0.01 + offset
    x[40:50], y[rng.random(300) < 0.05] = np.nan, np.nan
    got = stability_and_influence(x, y, 4)
    centre = offset  # the twin has no digits to lose
    ones = np.ones(296)
    want, rest, n = lstsq(x[4:] - centre, [ones, x[:-4] - centre, y[:-4] - centre])
    assert_allclose(got[:2], want[1:], rtol=1e-5)
    assert got[3] == n
    now = np.isfinite(x[:-4] + y[:-4] + x[4:])
    assert_allclose(got[2], 1 - rest / (np.var(x[4:][now]) * n), rtol=1e-5)


def test_a_trend_is_taken_out_around_a_gap():
    x = 3.0 + 0.5 * np.arange(50.0)
    x[10:20] = np.nan
    assert_allclose(without_trend(x)[~np.isnan(x)], 0.0, atol=1e-12)
    assert np.isnan(without_trend(x)[10:20]).all()
    assert np.isnan(without_trend(np.full(9, np.nan))).all()


def test_influence_points_from_leader_to_follower():
    setup = PairSetup(duration_s=3000.0, rate_hz=4.0, share=0.6, delay_s=2.0)
    lead, follow = (s.values for s in make_pair(np.random.default_rng(2), setup).signals)
    entry = get("stability_influence")
    there = entry.summarise(stability_influence(lead, follow, rate_hz=4.0, lag_s=2.0))
    assert there["influence_on_second"] > there["influence_on_first"] + 0.1
    back = entry.summarise(stability_influence(follow, lead, rate_hz=4.0, lag_s=2.0))
    assert back["influence_on_first"] > back["influence_on_second"] + 0.1


def test_derivatives_are_those_of_a_local_parabola():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(60)
    got = local_derivatives(x, embed=5, tau=2, dt_s=0.5)
    assert got.shape == (3, 52)
    v = (np.arange(5) - 2) * 1.0
    for k in (0, 17, 51):
        a, b, c = np.linalg.lstsq(
            np.column_stack([np.ones(5), v, v**2 / 2]), x[k : k + 9 : 2], rcond=None
        )[0]
        assert_allclose(got[:, k], [a, b, c], atol=1e-12)
    x[30] = np.nan
    assert np.isnan(local_derivatives(x)[:, 26:31]).all()
    assert np.isfinite(local_derivatives(x)[:, :26]).all()


def test_a_period_comes_back():
    t = np.arange(0, 600, 0.25)
    rng = np.random.default_rng(4)
    x, y = np.sin(2 * np.pi * t / 40), np.sin(2 * np.pi * t / 55)
    x, y = x + 0.01 * rng.standard_normal(t.size), y + 0.01 * rng.standard_normal(t.size)
    found = get("oscillator").summarise(oscillator(x, y, rate_hz=4.0, tau_s=2.0))
    assert_allclose(found["period_first_s"], 40, rtol=0.03)
    assert_allclose(found["period_second_s"], 55, rtol=0.03)
    assert np.isnan(period_s(0.5))


def test_a_driven_oscillator_is_told_from_a_free_one():
    rng = np.random.default_rng(5)
    dt, n = 0.25, 6000
    x, v = np.zeros((2, n)), np.zeros((2, n))
    x[:, 0] = 1.0
    for t in range(n - 1):
        push = np.array([0.0, 0.06 * x[0, t]]) + 0.05 * rng.standard_normal(2)
        v[:, t + 1] = v[:, t] + dt * (-np.array([0.04, 0.05]) * x[:, t] - 0.05 * v[:, t] + push)
        x[:, t + 1] = x[:, t] + dt * v[:, t + 1]
    found = get("oscillator").summarise(oscillator(x[0], x[1], rate_hz=4.0))
    assert found["gain_second"] > 0.03
    assert found["gain_second"] > found["gain_first"]


def test_rows_with_a_gap_are_left_out_of_both_fits():
    rng = np.random.default_rng(6)
    x, y = np.cumsum(rng.standard_normal((2, 2400)), axis=1)
    y[800:1200] = np.nan
    c = oscillator(x, y, rate_hz=4.0)
    assert 0.7 < float(c.coverage) < 0.85
    assert np.isfinite(c.values)


def test_too_long_a_delay_is_refused_by_name():
    with pytest.raises(InputError, match="lag_s"):
        stability_influence(np.arange(80.0), np.arange(80.0), rate_hz=4.0, lag_s=15.0)
    with pytest.raises(InputError, match="tau_s"):
        oscillator(np.arange(80.0), np.arange(80.0), rate_hz=4.0, tau_s=4.0)
