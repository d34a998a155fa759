import numpy as np
from numpy.testing import assert_allclose
from reference import groups as twin

from syntony.synchrony._band import band_signal
from syntony.synchrony.kuramoto import cluster_phase_windows, kuramoto
from syntony.synchrony.registry import get


def swings(drift=0.0, seconds=600.0, rate_hz=4.0):
    t = np.arange(seconds * rate_hz) / rate_hz
    noise = 0.05 * np.random.default_rng(1).standard_normal((3, t.size))
    speeds = 2 * np.pi * np.array([0.1, 0.1 + drift, 0.1 - drift])
    return np.sin(speeds[:, None] * t - np.array([[0.0], [2.0], [4.0]])) + noise


def test_a_window_is_the_twin_of_its_phases():
    rows = swings(drift=0.01)
    phases = np.angle([band_signal(v, 4.0, 0.045, 0.25, 0.8) for v in rows])
    order, cluster = kuramoto(rows, rate_hz=4.0), cluster_phase_windows(rows, rate_hz=4.0)
    for k in (10, 20):
        seen = slice(round((order.coords["time"][k] - 30) * 4), None)
        block = phases[:, seen][:, :240]
        assert_allclose(order.values[k], twin.order_parameter(block).mean(), atol=1e-12)
        assert_allclose(cluster.values[k], twin.cluster_rho(block), atol=1e-12)


def test_a_constant_distance_is_seen_by_cluster_phase_alone():
    apart = swings()
    assert np.nanmean(cluster_phase_windows(apart, rate_hz=4.0).values) > 0.95
    assert np.nanmean(kuramoto(apart, rate_hz=4.0).values) < 0.3
    adrift = swings(drift=0.02)
    assert np.nanmean(cluster_phase_windows(adrift, rate_hz=4.0).values) < 0.8


def test_one_person_missing_is_everybody_missing():
    rows = swings()
    rows[1, 1000:1300] = np.nan
    for method in (kuramoto, cluster_phase_windows):
        c = method(rows, rate_hz=4.0)
        inside = np.abs(c.coords["time"] - 287.5) < 15
        assert np.isnan(c.values[inside]).all()
        assert c.coverage[inside].max() < 0.8
    assert get("kuramoto").summarise(kuramoto(rows, rate_hz=4.0))["order"] < 0.3
