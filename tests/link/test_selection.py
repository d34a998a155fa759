"""The null of the selection: twin of the mean, worlds with and without, false alarms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.config import Moments
from syntony.core.seeds import rng_for
from syntony.link.contrast import contrast_of
from syntony.link.selection import SelectionCase, moment_findings

RULE = Moments()
SECONDS = 1800


def case(real, first, second, dyad="d1", session="s1"):
    return SelectionCase(
        session=session,
        dyad=dyad,
        real=real,
        first_with_strangers=np.array(first, dtype=float),
        second_with_strangers=np.array(second, dtype=float),
    )


def test_the_two_sides_are_averaged_and_missing_strangers_left_out():
    one = case(0.5, [0.1, np.nan, 0.3], [0.6])
    assert_allclose(one.stranger_mean, (0.2 + 0.6) / 2)
    assert_allclose(case(0.5, [], [0.6]).stranger_mean, 0.6)
    assert np.isnan(case(0.5, [np.nan], []).stranger_mean)


def test_the_null_mean_is_that_of_the_strangers_and_its_spread_that_of_single_ones():
    rng = np.random.default_rng(3)
    cases = [
        case(0.2, rng.normal(0.1, 0.2, 40), rng.normal(-0.05, 0.2, 30), f"d{i}", f"s{i}")
        for i in range(10)
    ]
    _, found = moment_findings(cases, rng_for(1), draws=20000)
    want = np.mean([c.stranger_mean for c in cases])
    assert_allclose(found.null_mean, want, atol=0.003)
    assert_allclose(found.value, 0.2)
    assert_allclose(found.detail["excess"], 0.2 - want, atol=1e-12)
    assert_allclose((0.2 - found.null_mean) / found.z, 0.2 / 10**0.5, rtol=0.15)
    assert found.detail["strangers"] == 70


def test_the_own_contrast_is_among_those_drawn_from():
    """Of one session and three strangers, each is the highest in one of four studies."""
    _, found = moment_findings([case(0.9, [0.1, 0.2, 0.3], [])], rng_for(1), draws=20000)
    assert_allclose(found.p_one, 1 / 4, atol=0.01)
    assert_allclose(found.null_mean, 0.2, atol=0.01)
    both = moment_findings([case(0.9, [0.1, 0.2, 0.3], [0.5])], rng_for(1), draws=20000)[1]
    assert_allclose(both.p_one, (1 / 4 + 1 / 2) / 2, atol=0.01)
    assert_allclose(both.null_mean, (0.2 + 0.5) / 2, atol=0.01)


def test_sessions_are_averaged_within_dyads():
    cases = [
        case(v, [0.0, 0.1], [0.0], d, f"{d}{i}")
        for d, v, i in [("a", 0.1, 0), ("a", 0.3, 1), ("b", 0.6, 0), ("c", 0.1, 0), ("d", 0.2, 0)]
    ]
    cases.append(case(np.nan, [0.1], [0.2], "e", "e0"))
    zero, null = moment_findings(cases, rng_for(1), draws=99, min_dyads=4)
    assert_allclose([zero.value, null.value], (0.2 + 0.6 + 0.1 + 0.2) / 4)
    assert (zero.n_dyads, zero.n_sessions, zero.surrogate) == (4, 5, "sign_flip")
    assert (null.n_dyads, null.n_sessions, null.surrogate) == (4, 5, "selection_null")
    assert (zero.p_one, zero.p_two) == (1 / 16, 1 / 8)


def test_when_strangers_do_just_as_well_p_is_one():
    cases = [case(0.25, [0.25] * 3, [0.25] * 3, f"d{i}") for i in range(6)]
    zero, null = moment_findings(cases, rng_for(1), draws=99)
    assert zero.p_two == 2 / 64
    assert (null.p_one, null.p_two) == (1.0, 1.0)


def test_too_few_dyads_and_no_strangers_are_said():
    zero, null = moment_findings([case(0.2, [], [])] * 2, rng_for(1))
    assert zero.status == "not testable: 1 dyads, at least 6 are needed"
    assert null.status == "not testable: no session with moments and strangers"
    assert moment_findings([], rng_for(1))[0].n_dyads == 0
    few = moment_findings([case(0.2, [0.1], [0.1])], rng_for(1), draws=99)[1]
    assert few.n_dyads == 1
    assert np.isfinite(few.p_two)
    assert np.isnan(few.detail["excess_p_two"])


def series(rng, n=SECONDS):
    """One person's slopes: slow enough to correlate by accident."""
    white = rng.standard_normal(n + 30)
    return np.convolve(white, np.exp(-np.arange(30) / 4.0), "full")[30 : n + 30]


def windowed_r(x, y, window=15):
    def mean(v):
        return np.convolve(v, np.ones(window) / window, "valid")

    mx, my = mean(x), mean(y)
    spread = np.sqrt((mean(x * x) - mx**2) * (mean(y * y) - my**2))
    return np.clip((mean(x * y) - mx * my) / spread, -1, 1)


def busy(n=SECONDS):
    """Minutes in which all sessions of the study do the same: every other one."""
    return (np.arange(n) // 60) % 2


def track(rng, tilt=0.0, n=SECONDS):
    """Codes that last 20 s; ``tilt`` makes positive ones more frequent in the busy minutes."""
    positive = rng.random(n // 20) < 0.33 + 0.3 * tilt * (busy(n)[::20] - 0.5)
    return np.repeat(np.where(positive, 0, rng.integers(1, 3, n // 20)), 20)


def world(seed, dyads, *, common=0.0, tilt=0.0):
    """Dyads of strangers; ``common`` is what all sessions share in the busy minutes."""
    rng = rng_for(21, "selection", seed)
    shared = common * series(rng) * busy()
    people = [[series(rng) + shared for _ in range(2)] for _ in range(dyads)]
    codes = [(track(rng, tilt), track(rng, tilt)) for _ in range(dyads)]
    time_s = np.arange(SECONDS - 14) + 7.5

    def contrast(x, y, i):
        span = (0.0, float(SECONDS))
        return contrast_of(time_s, windowed_r(x, y), codes[i], settings=RULE, span_s=span)

    cases = []
    for i in range(dyads):
        others = [j for j in range(dyads) if j != i]
        first = [contrast(people[i][0], people[j][1], i) for j in others]
        second = [contrast(people[j][0], people[i][1], i) for j in others]
        cases.append(case(contrast(*people[i], i), first, second, f"d{i}", f"s{i}"))
    return moment_findings(cases, rng, draws=499, bootstrap=99)


def test_what_all_sessions_share_passes_zero_but_not_the_strangers():
    found = [world(i, 8, common=0.7, tilt=1.0) for i in range(12)]
    zero = np.mean([f[0].value for f in found])
    beyond = np.mean([f[1].detail["excess"] for f in found])
    assert zero > 0.03
    assert abs(beyond) < 0.5 * zero
    assert sum(f[1].p_two <= 0.05 for f in found) <= 4


@pytest.mark.slow
@pytest.mark.parametrize(("common", "tilt"), [(0.0, 0.0), (0.7, 1.0)])
def test_the_selection_alone_passes_five_times_in_a_hundred(common, tilt):
    from scipy.stats import binomtest

    runs = 400
    found = [world(f"cal{i}", 6, common=common, tilt=tilt)[1] for i in range(runs)]
    count = sum(f.p_two <= 0.05 for f in found)
    assert binomtest(count, runs, 0.05).pvalue > 0.001, f"{count} of {runs}"
    flips = sum(f.detail["excess_p_two"] <= 0.05 for f in found)  # coarse with so few dyads
    assert binomtest(flips, runs, 0.05, alternative="greater").pvalue > 0.001, f"{flips} of {runs}"
