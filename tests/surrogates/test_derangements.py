import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from reference import chance as reference
from scipy.stats import chisquare

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates import derangements as room
from syntony.surrogates.derangements import derangement_count, derangements, why_none


def shared(n, per_therapist):
    """Who may be paired when every therapist sees so many of the n patients."""
    therapist = np.arange(n) // per_therapist
    return therapist[:, None] != therapist[None, :]


def everybody(n):
    return ~np.eye(n, dtype=bool)


grids = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.booleans(), min_size=n * n, max_size=n * n).map(
        lambda cells: np.array(cells).reshape(n, n)
    )
)


@settings(deadline=None, max_examples=300)
@given(grids)
def test_few_sessions_give_exactly_the_re_pairings_that_exist(allowed):
    want = reference.derangements(allowed.tolist())
    assert (why_none(allowed) is None) == bool(want)
    assert derangement_count(allowed) == len(want)
    if want:
        got = derangements(allowed, 999, np.random.default_rng(0))
        assert len(got) == len(want)
        assert set(map(tuple, got.tolist())) == want
    else:
        with pytest.raises(InputError, match="a re-pairing, but session"):
            derangements(allowed, 999, np.random.default_rng(0))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7, 8])
def test_the_count_is_the_subfactorial(n):
    assert derangement_count(everybody(n)) == [0, 1, 2, 9, 44, 265, 1854, 14833][n - 1]


@pytest.mark.parametrize(
    ("allowed", "count"),
    [
        (everybody(7), 999),
        (everybody(8), 999),
        (shared(12, 3), 500),
        (shared(60, 3), 999),
        (shared(60, 10), 300),
        (shared(60, 30), 300),
        (np.kron(np.eye(2, dtype=bool), everybody(20)).astype(bool), 300),
    ],
)
def test_no_forbidden_pair_nobody_twice_and_no_draw_twice(allowed, count):
    n = len(allowed)
    got = derangements(allowed, count, np.random.default_rng(1))
    assert got.shape == (count, n)
    assert allowed[np.arange(n), got].all()
    assert_array_equal(np.sort(got, axis=1), np.tile(np.arange(n), (count, 1)))
    assert len(np.unique(got, axis=0)) == count


def ladder(n):
    """Neighbours on a ring, two to each side: few partners each."""
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return (np.minimum(distance, n - distance) <= 2) & (distance > 0)


def counted(allowed, draws):
    kinds, counts = np.unique(draws, axis=0, return_counts=True)
    assert len(kinds) == derangement_count(allowed)
    return counts


@pytest.mark.parametrize(
    "allowed", [everybody(4), shared(6, 2), ladder(6)], ids=["4", "6/2", "ring"]
)
@pytest.mark.parametrize("way", ["counting", "rejection", "walk"])
def test_every_re_pairing_is_equally_likely(allowed, way):
    rng = rng_for(5, "uniform", way, len(allowed))
    draws = 60 * derangement_count(allowed)
    if way == "counting":
        got = room._draw(allowed, room._ways(allowed), draws, rng)
    elif way == "rejection":
        got = room._by_rejection(allowed, draws, rng)
    else:
        got = room._by_walk(allowed, draws, rng)
    assert chisquare(counted(allowed, got)).pvalue > 0.001


def shares(draws, n):
    out = np.zeros((n, n))
    for i in range(n):
        out[i] = np.bincount(draws[:, i], minlength=n) / len(draws)
    return out


@pytest.mark.parametrize("allowed", [ladder(13), shared(12, 6), shared(14, 4)])
def test_the_walk_reaches_each_pair_as_often_as_it_should(allowed):
    """Against the exact share of re-pairings that hold the pair, where few partners slow it."""
    n, draws = len(allowed), 4000
    exact = np.zeros((n, n))
    for i, j in zip(*np.nonzero(allowed), strict=True):
        rest = np.delete(np.delete(allowed, i, axis=0), j, axis=1)
        exact[i, j] = room._ways(rest)[0] / room._ways(allowed)[0]
    got = shares(room._by_walk(allowed, draws, np.random.default_rng(6)), n)
    sure = exact > 0
    z = (got - exact)[sure] / np.sqrt(exact * (1 - exact) / draws)[sure]
    assert np.sqrt((z**2).mean()) < 1.3
    assert np.abs(z).max() < 4.5


def test_sampling_less_than_all_is_uniform_over_all():
    rng = np.random.default_rng(9)
    seen = np.concatenate([derangements(everybody(5), 11, rng) for _ in range(400)])
    assert chisquare(counted(everybody(5), seen)).pvalue > 0.001


def test_groups_of_another_type_stay_among_themselves():
    allowed = np.zeros((7, 7), dtype=bool)
    allowed[:4, :4], allowed[4:, 4:] = everybody(4), everybody(3)
    got = derangements(allowed, 999, np.random.default_rng(0))
    assert len(got) == 9 * 2
    assert (got[:, :4] < 4).all()


def test_a_pattern_that_traps_the_walk_is_taken_apart():
    triangle = np.triu(np.ones((40, 40), dtype=bool))
    assert_array_equal(derangements(triangle, 99, np.random.default_rng(0)), [np.arange(40)])


def test_a_walk_that_does_not_end_gives_fewer_draws_but_no_wrong_one():
    triangle = np.triu(np.ones((30, 30), dtype=bool))
    got = room._by_walk(triangle, 50, np.random.default_rng(0), rounds=2)
    assert triangle[np.arange(30), got].all()


def test_who_stands_in_the_way_is_named():
    one_therapist_has_most = shared(6, 4)
    assert why_none(one_therapist_has_most) == (
        "sessions 0, 1, 2, 3 have only 2 admissible partners between them (sessions 4, 5)"
    )
    alone = everybody(3)
    alone[1] = False
    assert why_none(alone) == "session 1 has no admissible partner"
    with pytest.raises(InputError, match=r"6 sessions.*a re-pairing, but sessions 0, 1, 2, 3 have"):
        derangements(one_therapist_has_most, 9, np.random.default_rng(0))


def test_what_is_no_question_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="square"):
        derangements(np.ones((2, 3), dtype=bool), 9, rng)
    with pytest.raises(InputError, match="square"):
        derangements(np.ones((3, 3)), 9, rng)
    with pytest.raises(InputError, match="count"):
        derangements(everybody(3), 0, rng)


def test_the_same_seed_gives_the_same_draws():
    first, again = (derangements(shared(30, 3), 99, rng_for(2, "study")) for _ in range(2))
    assert_array_equal(first, again)
