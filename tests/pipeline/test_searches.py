"""A session searched over time and lags: planted answers, strangers, and missing draws."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binomtest
from surrogates.worlds import conductance

import syntony.surrogates
import syntony.synchrony  # noqa: F401  (both fill their lists)
from syntony.config import Step, Stretches
from syntony.core.coupling import Coupling
from syntony.core.seeds import rng_for
from syntony.pipeline.searches import (
    FINEST_S,
    MAP_DRAWS,
    PEAK,
    SEARCH,
    STRETCH,
    is_even,
    kept_of,
    search,
    thin_as_missing,
)
from syntony.pipeline.steps import couple
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.surrogates.peaks import claim_leader
from syntony.surrogates.registry import get
from syntony.synchrony import registry as method_list

ROLES = ("patient", "therapist")


def step_of(method, **options):
    return Step(method=method, options=method_list.get(method).settle(options))


MARCI = step_of("marci")
LAGGED = step_of("lagged_correlation", max_lag_s=4.0, step_s=10.0)


def searched(step, x, y, rng, count, settings=None):
    """One session beside shifts within thirds: stretches, facts of the search, peak over lags."""
    draw, drawn = get("shift_thirds").draw, {}
    for k in range(count):
        coupling = couple(step, x, draw(y, rng, rate_hz=4.0), 4.0)
        for name, values in kept_of(step, coupling, k).items():
            drawn.setdefault(name, []).append(values)
    found = search(step, couple(step, x, y, 4.0), drawn, settings or Stretches())
    rows = [dict(zip(STRETCH, row, strict=True)) for row in found["stretches"].tolist()]
    facts = dict(zip(SEARCH, found["search"].tolist(), strict=True))
    return rows, facts, dict(zip(PEAK, found["peak_lag"].tolist(), strict=True))


def led(peak, error_s=0.25):
    return claim_leader(
        peak["at"],
        error_s,
        ROLES,
        p_peak=peak["p"],
        p_lead=peak["p_lead"],
        side=int(peak["side"]),
    )


def led_there(row, error_s=0.25):
    side = int(np.sign(row["lead"]))
    p_lead = row["p_lead"]
    return claim_leader(row["lag_s"], error_s, ROLES, p_peak=row["p"], p_lead=p_lead, side=side)


def pair_of(seed, delay_s, moments_s=None, share=0.7, jitter_s=0.1):
    setup = PairSetup(
        duration_s=1800.0,
        rate_hz=4.0,
        share=share,
        delay_s=delay_s,
        jitter_s=jitter_s,
        amplitude_share=0.8,
        moments_s=moments_s,
    )
    return tuple(s.values for s in make_pair(rng_for(47, "pair", seed), setup).signals)


def test_a_planted_stretch_is_found_at_its_place_with_lag_and_leader():
    hits = named = 0
    inside = outside = 0.0
    for seed in range(6):
        x, y = pair_of(seed, 2.0, ((700.0, 1000.0),), share=1.0)
        rows, facts, _ = searched(LAGGED, x, y, rng_for(47, "draws", seed), 99)
        shared = [max(0.0, min(r["stop_s"], 1000) - max(r["start_s"], 700)) for r in rows]
        there = [r for r, s in zip(rows, shared, strict=True) if s > 0]
        hits += bool(there)
        named += any(led_there(r) == "patient" and abs(r["lag_s"] - 2) <= 0.5 for r in there)
        inside += sum(shared)
        outside += sum(r["stop_s"] - r["start_s"] for r in rows) - sum(shared)
        assert not any(led_there(r) == "therapist" for r in rows)
        assert facts["draws"] == 99
        assert facts["places"] > 150
    assert hits >= 5, hits
    assert named >= 4, named
    assert inside > 6 * outside, (inside, outside)


def test_a_session_that_is_coupled_throughout_names_who_leads_and_not_the_other():
    said = []
    for seed in range(6):
        x, y = pair_of(20 + seed, 2.0, share=0.5)
        _, _, peak = searched(MARCI, x, y, rng_for(47, "lead", seed), 99)
        said.append(led(peak))
        _, _, turned = searched(MARCI, y, x, rng_for(47, "lead", seed), 99)
        assert led(turned) != "patient"
    assert said.count("patient") >= 4, said
    assert "therapist" not in said


def test_a_lead_within_the_clock_error_names_nobody():
    x, y = pair_of(20, 2.0, share=0.5)
    _, _, peak = searched(MARCI, x, y, rng_for(47, "lead", 0), 99)
    assert led(peak, error_s=3.0) == "not resolvable"


def of_strangers(repeats, count, step):
    """Of pairs of strangers: with a stretch, with a peak, with a leader, in session or stretch."""
    hits = np.zeros(4, dtype=int)
    for w in range(repeats):
        rng = rng_for(48, "strangers", step.method, w)
        rows, _, peak = searched(step, conductance(rng), conductance(rng), rng, count)
        hits += [
            bool(rows),
            peak["p"] <= 0.05,
            led(peak) in ROLES,
            any(led_there(r) in ROLES for r in rows),
        ]
    return dict(zip(("stretch", "peak", "leader", "leader of a stretch"), hits, strict=True))


def most(n, share=0.05, beyond=0.001):
    """Largest number of ``n`` that a rate of ``share`` lets happen but once in a thousand."""
    return next(k for k in range(n) if binomtest(k + 1, n, share, "greater").pvalue < beyond)


def test_strangers_seldom_have_a_stretch_or_a_leader():
    for name, k in of_strangers(40, 39, LAGGED).items():
        assert k <= most(40), (name, k)


@pytest.mark.slow
@pytest.mark.parametrize("step", [LAGGED, MARCI], ids=lambda s: s.method)
def test_strangers_pass_in_five_of_a_hundred_and_lead_no_more_often(step):
    repeats = 400
    found = of_strangers(repeats, 99, step)
    for name in ("stretch", "peak"):
        interval = binomtest(int(found[name]), repeats).proportion_ci(0.99)
        assert interval.low < 0.05 < interval.high, found
    assert found["leader"] <= most(repeats), found
    assert found["leader of a stretch"] <= most(repeats), found


@pytest.mark.slow
def test_who_move_at_the_same_instant_seldom_get_a_leader():
    repeats, session, stretch = 200, 0, 0
    for seed in range(repeats):
        x, y = pair_of(100 + seed, 0.0, share=0.2, jitter_s=1.0)
        rows, _, peak = searched(LAGGED, x, y, rng_for(49, "level", seed), 99)
        session += led(peak, error_s=0.0) in ROLES
        stretch += any(led_there(r, error_s=0.0) in ROLES for r in rows)
    assert session <= most(repeats), session
    assert stretch <= most(repeats, 0.10), stretch


def course_of(values, step_s=1.0, coverage=None):
    time_s = np.arange(len(values)) * step_s + step_s
    return Coupling(
        values=np.asarray(values, dtype=float),
        dims=("time",),
        coords={"time": time_s},
        coverage=coverage,
    )


KURAMOTO = step_of("kuramoto")  # a course alone, 0 to 1, averaged as it is


def test_missing_draws_never_help():
    rng = np.random.default_rng(2)
    course, draws = rng.uniform(0, 0.5, 80), rng.uniform(0, 0.5, (39, 80))
    course[30:36] = 0.95
    full = search(KURAMOTO, course_of(course), {"moving": list(draws)}, Stretches())
    assert len(full["stretches"]) == 1
    gone = draws.copy()
    gone[:10] = np.nan
    few = search(KURAMOTO, course_of(course), {"moving": list(gone)}, Stretches(alpha=1.0))
    p = dict(zip(STRETCH, few["stretches"][np.argmax(few["stretches"][:, 8])], strict=True))["p"]
    assert p >= 11 / 40
    assert dict(zip(SEARCH, few["search"], strict=True))["missing"] == 10
    thin = draws.copy()
    thin[:10, ::2] = np.nan
    thin[:10, 1] = np.nan  # one value less than half of what the course has
    same = search(KURAMOTO, course_of(course), {"moving": list(thin)}, Stretches(alpha=1.0))
    assert np.array_equal(same["stretches"], few["stretches"], equal_nan=True)


def test_a_draw_with_half_the_values_still_counts_as_it_is():
    draws = np.ones((1, 4))
    draws[0, :2] = np.nan
    assert np.isfinite(thin_as_missing(draws, np.ones(4))[0, 2:]).all()


def test_a_fine_course_is_read_once_a_second_and_keeps_its_clock():
    rng = np.random.default_rng(3)
    fine = course_of(rng.uniform(size=400), step_s=0.25, coverage=np.full(400, 0.9))
    drawn = {"moving": [kept_of(KURAMOTO, fine, k)["moving"] for k in range(19)]}
    assert drawn["moving"][0].size == 100
    facts = dict(
        zip(SEARCH, search(KURAMOTO, fine, drawn, Stretches(), offset_s=7.0)["search"], strict=True)
    )
    assert facts["places"] == 100
    assert facts["start_s"] == 7.0 + 0.25 - FINEST_S / 2
    assert facts["stop_s"] == facts["start_s"] + 100 * FINEST_S
    assert math.isnan(facts["lag_s"])


def test_windows_that_lie_unevenly_are_not_searched():
    uneven = Coupling(
        values=np.ones(4), dims=("time",), coords={"time": np.array([1.0, 2.0, 3.0, 9.0])}
    )
    assert not is_even(uneven.coords["time"])
    assert search(KURAMOTO, uneven, {"moving": [np.ones(4)] * 19}, Stretches()) == {}


def test_every_draw_is_read_at_its_own_lag_and_few_maps_are_kept():
    x, y = pair_of(1, 2.0)
    coupling = couple(LAGGED, x, y, 4.0)
    kept = kept_of(LAGGED, coupling, 0)
    best = int(np.nanargmax(kept["profile"]))
    assert coupling.coords["lag"][best] == 2.0
    assert_allclose(kept["moving"], np.arctanh(coupling.values[:, best]), atol=1e-12)
    assert kept["map"].dtype == np.float32
    assert "map" not in kept_of(LAGGED, coupling, MAP_DRAWS)
