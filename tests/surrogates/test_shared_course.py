"""Do strangers have the same slow course? Known answers, false alarms, gaps, few sessions."""

import numpy as np
import pytest
from scipy.stats import binom

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.shared_course import on_one_axis, shared_course, slow_course

N, MINUTES = 12, 30
AWAY = ~np.eye(N, dtype=bool)


def drifts(rng, n=N):
    """Random walks: smooth courses of each person's own, which correlate wildly by accident."""
    return rng.standard_normal((n, MINUTES)).cumsum(axis=1)


def naive(first, second, strangers):
    """Mean of Pearson's r over pairs of strangers, minute by minute, in plain loops."""
    found = []
    for i in range(len(first)):
        for j in range(len(second)):
            both = np.isfinite(first[i]) & np.isfinite(second[j])
            if strangers[i, j] and both.sum() >= 5:
                found.append(np.corrcoef(first[i, both], second[j, both])[0, 1])
    return np.nanmean(found)


def test_the_mean_correlation_is_that_of_strangers_who_have_minutes_in_common():
    rng = rng_for(1, "naive")
    first, second = drifts(rng), drifts(rng)
    for course in (first, second):
        course[rng.random(course.shape) < 0.3] = np.nan
    second[3, 4:] = np.nan  # too short to be compared
    strangers = AWAY & (rng.random((N, N)) < 0.7)
    found = shared_course(first, second, strangers, rng)
    np.testing.assert_allclose(found.correlation, naive(first, second, strangers), rtol=1e-10)
    assert found.pairs == strangers[:, [j for j in range(N) if j != 3]].sum()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_correlation_is_the_share_of_variance_in_common(share):
    rng = rng_for(2, str(share))
    common = rng.standard_normal(2000)
    common = (common - common.mean()) / common.std()
    one, two = (
        np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_normal((N, 2000))
        for _ in range(2)
    )
    found = shared_course(one, two, AWAY, rng)
    np.testing.assert_allclose(found.correlation, share, atol=0.03)
    assert found.p_one == 0.001


def test_what_only_dyads_share_is_not_called_a_course_of_the_session():
    rng = rng_for(3)
    both = drifts(rng)
    found = [
        shared_course(c + 0.1 * drifts(rng), c + 0.1 * drifts(rng), AWAY, rng).p_one
        for c in (both, drifts(rng), drifts(rng))
    ]
    assert min(found) > 0.01


def test_own_drifts_are_called_alike_five_times_in_a_hundred():
    hits = 0
    for k in range(400):
        rng = rng_for(4, k)
        hits += shared_course(drifts(rng), drifts(rng), AWAY, rng, draws=99).p_one <= 0.05
    assert binom.ppf(0.005, 400, 0.05) <= hits <= binom.ppf(0.995, 400, 0.05), hits


def test_a_therapist_of_many_sessions_is_turned_round_as_one():
    """Six therapists whose own course recurs: as strangers of strangers they prove nothing."""
    people = ([f"P{k}" for k in range(N)], [f"T{k % 2}" for k in range(N)])
    alike, apart = 0, 0
    for k in range(300):
        rng = rng_for(5, k)
        own = drifts(rng, 2)[np.arange(N) % 2]
        first, second = drifts(rng), own + 0.3 * rng.standard_normal((N, MINUTES))
        strangers = (np.arange(N)[:, None] - np.arange(N)) % 2 == 1
        apart += shared_course(first, second, strangers, rng, draws=99).p_one <= 0.05
        found = shared_course(first, second, strangers, rng, people=people, draws=99)
        alike += found.p_one <= 0.05
    assert alike <= binom.ppf(0.995, 300, 0.05)
    assert apart >= alike


def test_few_sessions_are_not_testable():
    rng = rng_for(6)
    few = drifts(rng, 5)
    found = shared_course(few, few, ~np.eye(5, dtype=bool), rng)
    assert found.status.startswith("not testable: 5 sessions")
    assert np.isnan([found.p_one, found.correlation]).all()
    nobody = shared_course(drifts(rng), drifts(rng), np.zeros((N, N), dtype=bool), rng)
    assert nobody.status.startswith("not testable: 0 sessions")
    empty = np.full((N, MINUTES), np.nan)
    assert shared_course(empty, drifts(rng), AWAY, rng).pairs == 0
    flat = np.ones((N, MINUTES))
    assert shared_course(flat, drifts(rng), AWAY, rng).pairs == 0


def test_shapes_must_fit():
    rng = rng_for(7)
    with pytest.raises(InputError, match="first, second, strangers"):
        shared_course(drifts(rng), drifts(rng)[:, 1:], AWAY, rng)
    with pytest.raises(InputError, match="one id"):
        shared_course(drifts(rng), drifts(rng), AWAY, rng, people=(["a"], ["b"] * N))
    with pytest.raises(InputError, match="values"):
        slow_course(np.zeros((2, 3)), rate_hz=1.0, start_s=0.0)


def test_a_course_is_the_mean_of_what_a_minute_holds():
    values = np.arange(400.0)
    values[120:151] = np.nan  # 31 of the third minute's 60 samples
    values[190] = np.nan
    first, course = slow_course(values, rate_hz=1.0, start_s=0.0)
    assert first == 0
    assert np.isnan(course[2])
    np.testing.assert_allclose(course[[0, 1, 3]], [29.5, 89.5, np.nanmean(values[180:240])])
    assert course.size == 7
    assert course[6] == np.mean(values[360:400])  # two thirds of a minute are enough
    first, course = slow_course(values, rate_hz=1.0, start_s=119.5)
    assert first == 1
    assert np.isnan(course[0])
    assert slow_course(np.empty(0), rate_hz=1.0, start_s=5.0)[1].size == 0


def test_an_axis_holds_sessions_that_start_at_different_minutes():
    laid = on_one_axis([(3, np.array([1.0])), (1, np.array([2.0, 3.0])), (0, np.empty(0))])
    np.testing.assert_array_equal(laid, [[np.nan, np.nan, 1.0], [2.0, 3.0, np.nan], [np.nan] * 3])
    assert on_one_axis([]).shape == (0, 0)
