"""The link with a score: the 2007 paper's figures, twins, influence, what is not testable."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import link as reference

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.dyadic import (
    dyads_for_power,
    fisher_interval,
    leave_one_out,
    link_score,
    pearson,
    power_of_r,
    ranks,
    sensitivity,
    spearman,
    t_test_of_r,
)


def names(n):
    return [f"d{i:02d}" for i in range(n)]


def pair_with(r, n, seed=1):
    """Two lists whose Pearson r is exactly ``r``."""
    x, e = rng_for(seed, "pair").standard_normal((2, n))
    x = (x - x.mean()) / x.std()
    e = e - e.mean() - (e @ x) / n * x
    return x, r * x + (1 - r * r) ** 0.5 * e / e.std()


def test_the_paper_of_2007():
    low, high = fisher_interval(0.47, 20)
    assert (round(low, 2), round(high, 2)) == (0.03, 0.76)
    t, df, p = t_test_of_r(0.47, 20)
    assert (round(t, 2), df, round(p, 3)) == (2.26, 18, 0.037)
    assert round(t_test_of_r(0.474, 20)[2], 4) == 0.0347
    assert round(power_of_r(0.47, 20), 2) == 0.56


def test_the_published_interval_of_a_small_study():
    low, high = fisher_interval(0.429**0.5, 14)
    assert (round(low, 2), round(high, 2)) == (0.19, 0.88)


@pytest.mark.parametrize(
    ("r", "n80", "n90"),
    [
        (0.47, 34, 44),
        (0.40, 47, None),
        (0.32, 75, 99),
        (0.30, 85, None),
        (0.25, 124, None),
        (0.19, 216, 288),
        (0.09, 967, None),
    ],
)
def test_dyads_for_power(r, n80, n90):
    assert dyads_for_power(r) == n80 == dyads_for_power(-r)
    assert n90 is None or dyads_for_power(r, power=0.9) == n90
    assert power_of_r(r, n80) >= 0.8 > power_of_r(r, n80 - 1) - 1e-4
    with pytest.raises(InputError, match="r=0"):
        dyads_for_power(0)


def test_power_without_an_effect_is_the_level():
    assert_allclose(power_of_r(0.0, 50), 0.05)
    assert np.isnan(power_of_r(0.3, 3))


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=30))
def test_correlations_are_those_of_the_definition(rows):
    x, y = np.array(rows, dtype=float).T
    assert_allclose(ranks(x), reference.ranks(x))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(pearson(x, y))
        assert np.isnan(spearman(x, y))
        return
    assert_allclose(pearson(x, y), np.corrcoef(x, y)[0, 1], atol=1e-12)
    want = np.corrcoef(reference.ranks(x), reference.ranks(y))[0, 1]
    assert_allclose(spearman(x, y), want, atol=1e-12)


def test_a_large_offset_does_not_disturb_r():
    x, y = pair_with(0.3, 40)
    assert_allclose(pearson(1e8 + x, y - 1e8), 0.3, atol=1e-7)
    assert np.isnan(pearson(np.full(9, 0.1), np.arange(9.0)))


@pytest.mark.parametrize(("r", "n"), [(1.0, 9), (-1.0, 9)])
def test_a_perfect_r_has_a_point_for_an_interval(r, n):
    assert fisher_interval(r, n) == (r, r)
    assert t_test_of_r(r, n)[2] == 0
    assert np.isnan(fisher_interval(0.5, 3)).all()


def test_leaving_one_out_is_the_loop():
    x, y = pair_with(0.4, 15)
    x[3], y[3] = 6.0, 6.0
    found = leave_one_out(x, y, names(15))
    for i, name in enumerate(names(15)):
        keep = np.arange(15) != i
        assert_allclose(found.without[name], np.corrcoef(x[keep], y[keep])[0, 1], atol=1e-12)
    assert found.largest == "d03"
    assert_allclose(found.change, found.without["d03"] - pearson(x, y))


def test_the_finding_carries_what_a_reader_needs():
    x, y = pair_with(0.47, 20)
    found = link_score(
        x, y, names(20), rng_for(1), label="demo_empathy.total", step=1, method="marci"
    )
    row = found.to_row()
    detail = json.loads(row["detail"])
    assert_allclose([row["value"], row["low"], row["high"]], [0.47, 0.034, 0.756], atol=1e-3)
    assert_allclose([row["p_two"], detail["p_t"]], 0.0365, atol=0.012)
    assert_allclose(row["z"], 0.47 * 19**0.5, rtol=0.05)
    assert (row["n_dyads"], row["n_sessions"], row["draws"], row["status"]) == (20, 20, 9999, "ok")
    assert detail["bootstrap_low"] < 0.47 < detail["bootstrap_high"]
    assert detail["power"] == {
        "0.47": power_of_r(0.47, 20),
        "0.32": power_of_r(0.32, 20),
        "0.19": power_of_r(0.19, 20),
    }
    assert detail["dyads_for_80_percent"] == {"0.47": 34, "0.32": 75, "0.19": 216}
    assert_allclose(detail["spearman"], spearman(x, y))
    assert detail["largest_change_without"] in names(20)
    assert_allclose(detail["index"], x)
    assert set(row) >= {"finding", "label", "null_low", "null_high", "d", "surrogate", "statistic"}


def test_sessions_are_averaged_and_gaps_left_out():
    x, y = pair_with(0.6, 6)
    index = np.concatenate([x - 0.5, x + 0.5, [9.0, np.nan]])
    score = np.concatenate([y, y, [np.nan, 9.0]])
    found = link_score(index, score, [*names(6), *names(6), "d00", "d00"], rng_for(1), label="a.b")
    assert_allclose(found.value, 0.6)
    assert (found.n_dyads, found.n_sessions) == (6, 12)


@pytest.mark.parametrize(
    ("index", "score", "why"),
    [
        ([1, 2, 3], [1, 2, 3], "3 dyads with index and score, at least 4 are needed"),
        ([1, 2, 3, np.nan], [1, 2, 3, 4], "3 dyads with index and score, at least 4 are needed"),
        ([1, 2, 3, 4], [7, 7, 7, 7], "every dyad has the same score"),
        ([0.1] * 6, [1, 2, 3, 4, 5, 6], "every dyad has the same index"),
        ([], [], "0 dyads with index and score, at least 4 are needed"),
    ],
)
def test_what_cannot_be_tested_says_why(index, score, why):
    found = link_score(
        np.array(index, dtype=float),
        np.array(score, dtype=float),
        names(len(index)),
        rng_for(1),
        label="a.b",
    )
    assert found.status == f"not testable: {why}"
    assert np.isnan([found.value, found.low, found.p_two]).all()


def test_infinite_indices_and_unequal_lists_are_refused():
    with pytest.raises(InputError, match="Use the capped index"):
        link_score(np.array([1, np.inf, 2, 3]), np.arange(4.0), names(4), rng_for(1), label="a.b")
    with pytest.raises(InputError, match="three lists of one length"):
        link_score(np.arange(4.0), np.arange(5.0), names(4), rng_for(1), label="a.b")


def test_ties_never_look_significant():
    x = np.array([0.0, 0, 0, 0, 0, 1])
    found = link_score(x, 1 - x[::-1], names(6), rng_for(1), label="a.b")
    assert found.p_one > 0.15  # one of six places is the best place


def test_a_link_that_lives_on_the_surrogate_mean_goes_when_it_is_taken_off():
    rng = rng_for(4, "sensitivity")
    base, own, noise = rng.standard_normal((3, 40))
    score = base + 0.3 * noise
    chance = {
        "pseudo_dyads": (2 * base, np.full(40, 0.5)),
        "shift_thirds": (0 * base, np.zeros(40)),
    }
    args = (score, names(40), rng_for(1))
    whole = link_score(2 * base + own, *args, label="a.b")
    found = sensitivity(2 * base + own, *args, chance=chance, label="a.b", draws=999)
    told = {(f.surrogate, f.detail["read_as"]): f for f in found}
    assert whole.value > 0.7
    assert abs(told["pseudo_dyads", "minus_null_mean"].value) < 0.35
    assert_allclose(told["pseudo_dyads", "z"].value, told["pseudo_dyads", "minus_null_mean"].value)
    assert_allclose(told["shift_thirds", "minus_null_mean"].value, whole.value)
    assert told["shift_thirds", "z"].status.startswith("not testable")  # its draws never varied


@pytest.mark.slow
def test_permutation_passes_five_times_in_a_hundred_and_fisher_covers():
    from scipy.stats import binomtest

    runs, hits, inside = 1000, 0, 0
    for i in range(runs):
        rng = rng_for(5, "link", i)
        x, e = rng.standard_normal((2, 20))
        hits += (
            link_score(x, np.exp(e), names(20), rng, label="a.b", draws=499, bootstrap=99).p_two
            <= 0.05
        )
        low, high = fisher_interval(pearson(x, 0.47 * x + (1 - 0.47**2) ** 0.5 * e), 20)
        inside += low <= 0.47 <= high
    assert binomtest(hits, runs, 0.05).pvalue > 0.001, hits
    assert binomtest(inside, runs, 0.95).pvalue > 0.001, inside
