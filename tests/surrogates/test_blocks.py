import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import searches as reference
from scipy.stats import binomtest, norm, t

from syntony.core.errors import InputError
from syntony.surrogates.blocks import MIN_BLOCKS, blocks_of, too_few_blocks
from syntony.surrogates.decision import sign_flip
from syntony.surrogates.effects import effect_delta

SCORES = st.integers(-16, 16).map(lambda k: k / 8)
PEOPLE = st.lists(st.sets(st.sampled_from("abcdefghij"), min_size=2, max_size=3), max_size=9)


@given(PEOPLE)
def test_blocks_are_those_of_the_naive_twin(people):
    assert blocks_of(people) == reference.blocks_of(people)


@given(st.lists(st.tuples(SCORES, st.integers(0, 4)), min_size=1, max_size=8))
def test_signs_turn_by_block_as_in_the_naive_twin(pairs):
    values, blocks = [v for v, _ in pairs], [b for _, b in pairs]
    found = sign_flip(values, np.random.default_rng(0), blocks=blocks)
    assert found.exact
    assert (found.p_one, found.p_two) == pytest.approx(reference.sign_flip(values, blocks))
    assert found.draws == 2 ** len(set(blocks)) - 1


def test_every_dyad_alone_is_the_plain_test_and_a_missing_one_is_left_out():
    rng = np.random.default_rng(1)
    values = rng.normal(0.5, 1, 9)
    assert sign_flip(values, rng, blocks=range(9)) == sign_flip(values, rng)
    gone = np.append(values, np.nan)
    assert sign_flip(gone, rng, blocks=[*range(9), 20]) == sign_flip(values, rng)
    with pytest.raises(InputError, match="one for each of the 9"):
        sign_flip(values, rng, blocks=[0, 1])


def test_above_fourteen_blocks_random_patterns_agree_with_all_of_them():
    rng = np.random.default_rng(2)
    values = rng.normal(0.3, 1, 30)
    blocks = np.repeat(np.arange(15), 2)
    found = sign_flip(values, rng, 19999, blocks=blocks)
    sums = values.reshape(15, 2).sum(axis=1)
    patterns = 1 - 2 * ((np.arange(2**15)[:, None] >> np.arange(15)) & 1)
    assert not found.exact
    assert found.p_one == pytest.approx(np.mean(patterns @ sums >= sums.sum() - 1e-9), abs=0.01)


def test_five_blocks_are_too_few_and_say_so():
    assert 2.0 ** (1 - (MIN_BLOCKS - 1)) > 0.05 >= 2.0 ** (1 - MIN_BLOCKS)
    assert "12 dyads share people and make 5 independent groups" in too_few_blocks(5, 12)
    assert too_few_blocks(6, 12) == ""
    assert too_few_blocks(5, 5) == ""  # nobody is shared: the rule for dyads decides


def passing(studies, therapists=10, patients=3, habit=1.0, seed=5):
    """Of studies without any effect in which therapists have habits: (by dyad, by block)."""
    rng, hits = np.random.default_rng(seed), np.zeros(2, dtype=int)
    people = [(f"P{t}{k}", f"T{t}") for t in range(therapists) for k in range(patients)]
    blocks = blocks_of(people)
    for _ in range(studies):
        own = np.repeat(rng.normal(0, habit, therapists), patients)
        values = own + rng.normal(0, 1, own.size)
        hits += [
            sign_flip(values, rng, 999).p_two <= 0.05,
            sign_flip(values, rng, 999, blocks=blocks).p_two <= 0.05,
        ]
    return hits


def test_habits_of_therapists_pass_for_an_effect_unless_their_dyads_are_one_block():
    studies = 600
    by_dyad, by_block = passing(studies)
    assert binomtest(int(by_dyad), studies).proportion_ci(0.999).low > 0.10
    interval = binomtest(int(by_block), studies).proportion_ci(0.999)
    assert interval.low < 0.05 < interval.high, by_block


def matrix(rng, n, missing=0.1):
    pseudo = rng.normal(size=(n, n)).round(1)
    pseudo[rng.random((n, n)) < missing] = np.nan
    np.fill_diagonal(pseudo, np.nan)
    return pseudo


def test_delta_is_that_of_the_naive_twin_and_so_is_its_interval():
    rng = np.random.default_rng(6)
    real, pseudo = rng.normal(0.5, 1, 7).round(1), matrix(rng, 7)
    delta, low, high = effect_delta(real, pseudo, np.random.default_rng(7), 300)
    assert delta == pytest.approx(reference.delta_of_dyads(real, pseudo, np.ones(7)))
    weights = np.random.default_rng(7).multinomial(7, np.full(7, 1 / 7), size=300)
    drawn = [reference.delta_of_dyads(real, pseudo, w) for w in weights.astype(float)]
    share = norm.cdf(-np.sqrt(7 / 6) * t.ppf(0.975, 6))
    assert (low, high) == pytest.approx(tuple(np.nanquantile(drawn, [share, 1 - share])))


def test_delta_keeps_to_ranks_and_to_its_bounds():
    rng = np.random.default_rng(8)
    real, pseudo = rng.normal(0.5, 1, 8), matrix(rng, 8)
    one = effect_delta(real, pseudo, rng, 0)[0]
    assert effect_delta(np.exp(real), np.exp(pseudo), rng, 0)[0] == pytest.approx(one)
    assert effect_delta(real + 99, pseudo, rng, 0)[0] == 1.0
    assert effect_delta(-real, -pseudo, rng, 0)[0] == pytest.approx(-one)
    assert np.isnan(effect_delta(real, np.full((8, 8), np.nan), rng)).all()
    with pytest.raises(InputError, match="as real"):
        effect_delta(real, pseudo[:7], rng)


def test_a_dyad_without_a_value_is_left_out_on_both_sides():
    rng = np.random.default_rng(9)
    real, pseudo = rng.normal(size=6), matrix(rng, 6)
    real[2] = np.nan
    kept = np.array([0, 1, 3, 4, 5])
    assert effect_delta(real, pseudo, rng, 0) == pytest.approx(
        effect_delta(real[kept], pseudo[np.ix_(kept, kept)], rng, 0), nan_ok=True
    )
