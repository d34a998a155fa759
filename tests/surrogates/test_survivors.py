from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from surrogates.worlds import conductance

import syntony.surrogates  # noqa: F401  (fills the list)
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.surrogates.clusters import cluster_mass
from syntony.surrogates.multiplicity import max_statistic
from syntony.surrogates.registry import get
from syntony.surrogates.survivors import LagMap, leader_at, surviving_moments
from syntony.synchrony._fisher import fisher_z
from syntony.synchrony.correlation import lagged_correlation

TIME_S = 15.0 + 10.0 * np.arange(60)
ROLES = ("patient", "therapist")


def planted():
    rng = np.random.default_rng(1)
    course, draws = rng.standard_normal(60), rng.standard_normal((199, 60))
    course[20:26] = 4.0
    return course, draws


def coupled(x, y, max_lag_s=0.0, step_s=15.0):
    return lagged_correlation(x, y, rate_hz=4.0, max_lag_s=max_lag_s, step_s=step_s)


def courses(x, y, rng, count, step_s=15.0):
    """Fisher z at lag 0 of the pair, and with the second person shifted inside thirds."""
    draw = get("shift_thirds").draw
    observed = fisher_z(coupled(x, y, step_s=step_s).over_time())
    shifted = [coupled(x, draw(y, rng, rate_hz=4.0), step_s=step_s) for _ in range(count)]
    return observed, np.array([fisher_z(c.over_time()) for c in shifted])


def test_a_row_says_when_how_strongly_and_on_how_much():
    course, draws = planted()
    coverage = np.ones(60)
    coverage[22] = 0.85
    (row,) = surviving_moments(course, draws, TIME_S, step_s=10.0, coverage=coverage)
    assert (row.start_s, row.stop_s, row.strength, row.sign) == (210.0, 270.0, 4.0, 1)
    assert row.coverage == pytest.approx((5 + 0.85) / 6)
    assert row.p == 1 / 200
    assert np.isnan(row.lag_s)
    assert row.leader == ""
    assert np.isnan(surviving_moments(course, draws, TIME_S, step_s=10.0)[0].coverage)


def test_alpha_decides_what_is_listed_and_order_is_that_of_time():
    course, draws = planted()
    everything = surviving_moments(course, draws, TIME_S, step_s=10.0, alpha=1.0)
    assert len(everything) == cluster_mass(course, draws).mass.size > 1
    starts = [m.start_s for m in everything]
    assert starts == sorted(starts)
    assert surviving_moments(course, draws, TIME_S, step_s=10.0, alpha=0.004) == ()


def test_low_stretches_are_listed_with_two_sides_only():
    course, draws = planted()
    course[40:46] = -4.0
    assert [m.sign for m in surviving_moments(course, draws, TIME_S, step_s=10.0)] == [1]
    both = surviving_moments(course, draws, TIME_S, step_s=10.0, sides="two")
    assert [(m.sign, m.strength) for m in both] == [(1, 4.0), (-1, -4.0)]


@pytest.mark.parametrize(
    ("peak_s", "error_s", "leader"),
    [
        (2.0, 0.1, "patient"),
        (-2.0, 0.1, "therapist"),
        (1.0, 1.0, "not resolvable"),
        (-2.0, 3.0, "not resolvable"),
        (0.0, 0.1, "neither"),
        (2.0, float("nan"), "patient"),
    ],
)
def test_a_lag_within_the_clock_error_names_nobody(peak_s, error_s, leader):
    course, draws = planted()
    lags_s = np.arange(-3.0, 4.0)
    values = np.tile(np.where(lags_s == peak_s, 5.0, 1.0), (60, 1))
    values[:20], values[30:] = lags_s, -lags_s  # what lies outside the stretch does not count
    lag_map = LagMap(values=values, lags_s=lags_s, roles=ROLES, clock_error_s=error_s)
    (row,) = surviving_moments(course, draws, TIME_S, step_s=10.0, lag_map=lag_map)
    assert (row.lag_s, row.leader) == (peak_s, leader)
    low = replace(lag_map, values=-values)
    (row,) = surviving_moments(-course, -draws, TIME_S, step_s=10.0, sides="two", lag_map=low)
    assert (row.lag_s, row.leader) == (peak_s, leader)


def test_a_lag_with_few_windows_or_no_lag_at_all_leads_nobody():
    course, draws = planted()
    lags_s = np.arange(-3.0, 4.0)
    values = np.tile(np.where(lags_s == 1.0, 2.0, 1.0), (60, 1))
    values[:, 6] = np.nan
    values[22, 6] = 99.0
    lag_map = LagMap(values=values, lags_s=lags_s, roles=ROLES, clock_error_s=0.1)
    (row,) = surviving_moments(course, draws, TIME_S, step_s=10.0, lag_map=lag_map)
    assert row.lag_s == 1.0
    empty = replace(lag_map, values=np.full_like(values, np.nan))
    (row,) = surviving_moments(course, draws, TIME_S, step_s=10.0, lag_map=empty)
    assert np.isnan(row.lag_s)
    assert row.leader == ""
    assert leader_at(float("nan"), 0.1, ROLES) == ""


def test_what_does_not_lie_on_the_axis_is_refused():
    course, draws = planted()
    lags_s = np.arange(-3.0, 4.0)
    lag_map = LagMap(values=np.zeros((59, 7)), lags_s=lags_s, roles=ROLES, clock_error_s=0.1)
    for bad in (
        {"step_s": 0.0},
        {"step_s": 30.0},
        {"step_s": 10.0, "coverage": np.ones(59)},
        {"step_s": 10.0, "lag_map": lag_map},
        {"step_s": 10.0, "alpha": 0.0},
    ):
        with pytest.raises(InputError):
            surviving_moments(course, draws, TIME_S, **bad)
    with pytest.raises(InputError, match="60"):
        surviving_moments(course, draws, TIME_S[:-1], step_s=10.0)
    with pytest.raises(InputError, match="NaN at their place"):
        surviving_moments(course, draws, np.delete(np.append(TIME_S, 615.0), 30), step_s=10.0)
    with pytest.raises(InputError, match="one column a lag"):
        LagMap(values=np.zeros((60, 6)), lags_s=lags_s, roles=ROLES, clock_error_s=0.1)


def found_in(seed, moment, delay_s=0.0):
    """Surviving stretches of half an hour in which one moment was planted."""
    setup = PairSetup(
        duration_s=1800.0,
        rate_hz=4.0,
        share=1.0,
        delay_s=delay_s,
        jitter_s=0.1,
        amplitude_share=0.8,
        moments_s=(moment,),
    )
    pair = make_pair(rng_for(44, "pair", seed), setup)
    x, y = (s.values for s in pair.signals)
    observed, draws = courses(x, y, rng_for(44, "draws", seed), 99)
    return observed, draws, x, y


def test_a_planted_stretch_is_found_at_its_time():
    moment, hits, inside, outside = (700.0, 1000.0), 0, 0.0, 0.0
    for seed in range(10):
        observed, draws, _, _ = found_in(seed, moment)
        time_s = 15.0 + 15.0 * np.arange(observed.size)
        rows = surviving_moments(observed, draws, time_s, step_s=15.0)
        shared = [max(0.0, min(m.stop_s, 1000.0) - max(m.start_s, 700.0)) for m in rows]
        hits += any(s > 0 for s in shared)
        inside += sum(shared)
        outside += sum(m.stop_s - m.start_s for m in rows) - sum(shared)
    assert hits >= 9, hits
    assert inside > 8 * outside, (inside, outside)


def test_the_leader_of_a_planted_stretch_is_named():
    observed, draws, x, y = found_in(1, (700.0, 1000.0), delay_s=1.0)
    coupling = coupled(x, y, max_lag_s=4.0)
    lag_map = LagMap(
        values=fisher_z(coupling.values),
        lags_s=coupling.coords["lag"],
        roles=ROLES,
        clock_error_s=0.25,
    )
    rows = surviving_moments(observed, draws, coupling.coords["time"], step_s=15.0, lag_map=lag_map)
    assert any(700 <= m.start_s < 1000 and m.leader == "patient" for m in rows), rows
    assert all(abs(m.lag_s - 1.0) <= 0.5 for m in rows), rows


def passing(repeats, count):
    """Of pairs of strangers: how many have any stretch or window at .05."""
    hits = np.zeros(3, dtype=int)
    for w in range(repeats):
        rng = rng_for(43, "survivors", w)
        observed, draws = courses(conductance(rng), conductance(rng), rng, count)
        hits += [
            (cluster_mass(observed, draws).p <= 0.05).any(),
            (cluster_mass(observed, draws, sides="two").p <= 0.05).any(),
            np.nanmin(max_statistic(observed, draws)) <= 0.05,
        ]
    return hits


@pytest.mark.slow
def test_strangers_with_slow_skin_conductance_pass_in_five_of_a_hundred():
    repeats = 400
    for name, k in zip(("high", "two", "max"), passing(repeats, 199), strict=True):
        interval = binomtest(int(k), repeats).proportion_ci(0.99)
        assert interval.low < 0.05 < interval.high, f"{name}: {k} of {repeats}"
