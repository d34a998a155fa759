"""Dyads beside their own pseudo-sessions: known answers, a naive twin, false alarms."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binomtest

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.decision import sign_flip
from syntony.surrogates.within_dyads import sessions_test


def study(rng, sizes, *, effect=0.0, habits=0.3, lengths=False):
    """Indices of dyads with so many sessions each: means of products of noise."""
    dyad = np.repeat(np.arange(len(sizes)), sizes)
    own = (dyad[:, None] == dyad[None, :]) & ~np.eye(dyad.size, dtype=bool)
    long = rng.integers(20, 61, dyad.size) if lengths else np.full(dyad.size, 40)
    x = rng.standard_normal((dyad.size, 60))
    y = rng.standard_normal((dyad.size, 60)) + effect * x
    level = habits * rng.standard_normal(len(sizes))[dyad]
    pseudo, cut = np.full(own.shape, np.nan), np.full(own.shape, np.nan)
    real = np.array([level[i] + np.mean((x * y)[i, : long[i]]) for i in range(dyad.size)])
    for i, j in zip(*np.nonzero(own), strict=True):
        n = min(long[i], long[j])
        pseudo[i, j] = level[i] + np.mean(x[i, :n] * y[j, :n])
        cut[i, j] = level[i] + np.mean((x * y)[i, :n])
    return real, pseudo, cut, own, [f"d{d}" for d in dyad]


def naive(real, pseudo, cut, own, dyads):
    """Every re-pairing of every dyad, by loops; p upper and lower, and the mean pseudo index."""
    names = sorted(set(dyads))
    options, pseudos = [], []
    for name in names:
        at = [k for k, d in enumerate(dyads) if d == name]
        k = len(at)
        grid = np.empty((k, k))
        for a, i in enumerate(at):
            for b, j in enumerate(at):
                grid[a, b] = real[i] if a == b else real[i] + pseudo[i, j] - cut[i, j]
        values = []
        for order in permutations(range(k)):
            picked = [grid[a, order[a]] for a in range(k)]
            rest = [grid[a, b] for a in range(k) for b in range(k) if b != order[a]]
            values.append(np.mean(picked) - np.mean(rest))
        options.append(values)
        pseudos.append(np.mean([grid[a, b] for a in range(k) for b in range(k) if a != b]))
    everything = [np.mean(chosen) for chosen in product(*options)]
    first = everything[0]
    return (
        np.mean([v >= first - 1e-12 for v in everything]),
        np.mean([v <= first + 1e-12 for v in everything]),
        np.mean(pseudos),
    )


def test_it_is_the_naive_twin_where_all_re_pairings_are_gone_through():
    given = study(rng_for(1, "twin"), [2, 3, 2, 2, 3, 2], lengths=True)
    got = sessions_test(*given, rng_for(2, "twin"), draws=999)
    high, low, middle = naive(*given)
    assert got.exact
    assert got.draws == 2**4 * 6**2 - 1
    assert_allclose(got.p_one, high)
    assert_allclose(got.p_two, min(1, 2 * min(high, low)))
    assert_allclose(got.pseudo, middle)
    assert_allclose(got.floor, 1 / 576)
    assert (got.n_dyads, got.n_sessions, got.n_pairs) == (6, 14, 4 * 2 + 2 * 6)


def test_with_two_sessions_a_dyad_it_is_the_sign_flip_test():
    given = study(rng_for(3, "flips"), [2] * 8)
    got = sessions_test(*given, rng_for(4, "flips"))
    flips = sign_flip(got.differences, rng_for(4, "flips"))
    assert (got.p_one, got.p_two, got.draws) == (flips.p_one, flips.p_two, flips.draws)


def test_random_re_pairings_lead_to_the_p_of_all():
    given = study(rng_for(5, "many"), [3] * 6, effect=0.15)
    every = sessions_test(*given, rng_for(6, "many"), draws=10**5)
    some = sessions_test(*given, rng_for(6, "many"), draws=9999)
    assert every.exact
    assert not some.exact
    assert abs(every.p_one - some.p_one) < 0.02


def test_a_shared_session_is_found_and_a_habit_is_not():
    shared = sessions_test(*study(rng_for(7, "e"), [3] * 10, effect=0.5), rng_for(8, "e"))
    habit = sessions_test(*study(rng_for(7, "h"), [3] * 10, habits=5.0), rng_for(8, "h"))
    assert shared.p_one < 0.01
    assert shared.d_low > 0
    assert habit.p_one > 0.05
    assert abs(shared.null.mean() - shared.pseudo) < 0.05


def test_equal_sessions_give_p_one():
    own = np.kron(np.eye(8), np.ones((2, 2))).astype(bool) & ~np.eye(16, dtype=bool)
    flat = np.full((16, 16), 0.1)
    got = sessions_test(flat[0], flat, flat, own, [f"d{k // 2}" for k in range(16)], rng_for(1))
    assert (got.p_one, got.p_two) == (1.0, 1.0)


def test_a_session_without_an_index_leaves_with_its_pairs():
    real, pseudo, cut, own, dyads = study(rng_for(9, "gap"), [3, 2] + [2] * 6)
    real[0] = np.nan
    pseudo[3, 4] = np.nan  # dyad 1 has no other pair
    got = sessions_test(real, pseudo, cut, own, dyads, rng_for(9))
    assert (got.n_dyads, got.n_alone, got.n_missing) == (7, 1, 2)
    assert np.isnan(got.differences[1])
    keep = [k for k in range(real.size) if k not in (0, 3, 4)]
    here = np.ix_(keep, keep)
    less = sessions_test(
        real[keep], pseudo[here], cut[here], own[here], [dyads[k] for k in keep], rng_for(9)
    )
    assert less.p_one == got.p_one
    assert less.observed == got.observed


def test_few_dyads_are_not_tested_and_one_session_says_why():
    got = sessions_test(*study(rng_for(10), [2, 2, 1]), rng_for(11))
    assert got.status.startswith("not testable: 2 dyads with two sessions")
    assert np.isnan(got.p_one)
    assert np.isfinite(got.observed)
    none = sessions_test(*study(rng_for(10), [1] * 9), rng_for(11))
    assert none.status.startswith("not testable: 0 dyads")
    with pytest.raises(InputError, match="pseudo"):
        sessions_test(np.zeros(3), np.zeros((2, 2)), np.zeros((3, 3)), *[np.zeros((3, 3), bool)],
                      ["a", "b", "c"], rng_for(1))  # fmt: skip


def false_alarms(runs, name, **world):
    hits = 0
    for r in range(runs):
        rng = rng_for(71, name, r)
        sizes = rng.integers(2, world["most"] + 1, world["dyads"])
        given = study(rng, sizes, lengths=world["lengths"])
        hits += sessions_test(*given, rng, draws=199, bootstrap=0).p_one <= 0.05
    return hits


def test_strangers_in_time_are_rarely_called_synchronous():
    hits = false_alarms(150, "quick", dyads=8, most=3, lengths=True)
    assert binomtest(hits, 150, 0.05).pvalue > 0.001, f"{hits} of 150"


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        {"dyads": 12, "most": 2, "lengths": False},
        {"dyads": 12, "most": 5, "lengths": True},
        {"dyads": 6, "most": 5, "lengths": True},
    ],
)
def test_strangers_in_time_are_called_synchronous_five_times_in_a_hundred(world):
    hits = false_alarms(2000, str(sorted(world.items())), **world)
    assert binomtest(hits, 2000, 0.05).pvalue > 0.001, f"{hits} of 2000"
