import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference import searches as reference
from scipy.stats import binomtest

from syntony.core.errors import InputError
from syntony.surrogates.peaks import claim_leader, highest, lead_test, leaning

ROLES = ("patient", "therapist")
LAGS_S = np.arange(-3.0, 4.0)
CELLS = st.one_of(st.just(math.nan), st.integers(-12, 12).map(lambda k: k / 4))


def drawn(draw_count):
    return arrays(np.float64, (draw_count, 7), elements=CELLS)


@given(drawn(1), drawn(8))
def test_a_peak_is_that_of_the_naive_twin(curve, draws):
    found = highest(curve[0], draws, LAGS_S)
    want = reference.highest(curve[0], draws, LAGS_S)
    np.testing.assert_equal((found.at, found.value, found.p), want)
    assert found.places == np.isfinite(curve[0]).sum()


def test_on_one_scale_the_peak_is_where_chance_gives_least():
    rng = np.random.default_rng(1)
    hertz = np.array([0.01, 0.02, 0.05, 0.1])
    draws = np.array([0.9, 0.5, 0.2, 0.1]) + rng.normal(0, 0.03, (99, 4))
    curve = np.array([0.92, 0.5, 0.4, 0.1])
    found = highest(curve, draws, hertz, one_scale=True)
    own, others = reference.standardised(curve, draws)
    best = int(np.nanargmax(own))
    assert (found.at, found.value) == (hertz[best], curve[best]) == (0.05, 0.4)
    assert found.p == (1 + sum(max(d) >= max(own) for d in others)) / 100 == 0.01
    assert highest(curve, draws, hertz).at == 0.01


def test_places_that_never_vary_are_no_peaks():
    draws = np.column_stack([np.ones(9), np.arange(9.0)])
    assert highest(np.array([1.0, 20.0]), draws, np.array([1.0, 2.0]), one_scale=True).at == 2.0
    flat = highest(np.ones(2), np.ones((9, 2)), np.array([1.0, 2.0]), one_scale=True)
    assert math.isnan(flat.p)
    assert flat.places == 0


@given(drawn(1), drawn(8))
def test_a_lean_is_that_of_the_naive_twin(profile, draws):
    found = lead_test(profile[0], draws, LAGS_S)
    own, p, side = reference.lead(profile[0], draws, LAGS_S)
    if math.isnan(own):
        assert math.isnan(found.value)
        assert math.isnan(found.p)
        return
    assert found.value == pytest.approx(own, abs=1e-12)
    assert found.p == pytest.approx(p)
    if abs(own - np.nanmean([own, *leaning(draws, LAGS_S)])) > 1e-9:
        assert found.side == side


def test_the_lean_turns_round_with_the_people():
    rng = np.random.default_rng(2)
    profile, draws = rng.normal(size=7), rng.normal(size=(49, 7))
    one, other = lead_test(profile, draws, LAGS_S), lead_test(profile[::-1], draws[:, ::-1], LAGS_S)
    assert (one.value, one.side) == (pytest.approx(-other.value), -other.side)
    assert one.p == other.p


def test_missing_draws_and_ties_speak_against_a_lead():
    profile, draws = np.where(LAGS_S > 0, 1.0, 0.0), np.zeros((19, 7))
    draws[:, 3] = np.arange(19)  # lag 0 has no side
    assert lead_test(profile, draws, LAGS_S).p == 0.05
    draws[:5] = np.nan
    assert lead_test(profile, draws, LAGS_S).p == 0.30
    same = np.tile(profile, (19, 1))
    assert lead_test(profile, same, LAGS_S).p == 1.0
    assert lead_test(profile, same, LAGS_S).side == 0


def test_strangers_lean_in_five_of_a_hundred():
    rng = np.random.default_rng(3)
    hits = sum(
        lead_test(rng.normal(size=7), rng.normal(size=(19, 7)), LAGS_S).p <= 0.05
        for _ in range(2000)
    )
    interval = binomtest(hits, 2000).proportion_ci(0.999)
    assert interval.low < 0.05 < interval.high, hits


@pytest.mark.parametrize(
    ("lag_s", "error_s", "p_peak", "p_lead", "side", "said"),
    [
        (2.0, 0.1, 0.01, 0.01, 1, "patient"),
        (-2.0, 0.1, 0.01, 0.01, -1, "therapist"),
        (2.0, math.nan, 0.05, 0.05, 1, "patient"),
        (2.0, 0.1, 0.06, 0.01, 1, "not above chance"),
        (2.0, 0.1, 0.01, 0.06, 1, "lead not above chance"),
        (2.0, 0.1, 0.01, 0.01, -1, "lead not above chance"),
        (2.0, 0.1, 0.01, 0.01, 0, "lead not above chance"),
        (2.0, 0.1, math.nan, 0.01, 1, "not tested"),
        (2.0, 0.1, 0.01, math.nan, 0, "not tested"),
        (2.0, 2.0, 0.01, 0.01, 1, "not resolvable"),
        (0.0, 0.1, 0.01, 0.01, 1, "neither"),
        (math.nan, 0.1, 0.01, 0.01, 1, ""),
    ],
)
def test_a_leader_needs_clocks_peak_and_lean(lag_s, error_s, p_peak, p_lead, side, said):
    named = claim_leader(lag_s, error_s, ROLES, p_peak=p_peak, p_lead=p_lead, side=side)
    assert named == said


def test_an_axis_of_another_length_is_refused():
    with pytest.raises(InputError, match="as the curve"):
        highest(np.ones(3), np.ones((2, 3)), np.arange(2.0))
