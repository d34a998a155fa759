"""A score and many indices: r as it is, deals that stay in their block, chance under habits."""

import numpy as np
import pytest

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.dyadic import fisher_interval, link_score
from syntony.link.many_links import exchange_blocks, joint_link


def test_each_path_has_the_r_of_the_single_link():
    rng = np.random.default_rng(1)
    index, score = rng.standard_normal((3, 14)), rng.standard_normal(14)
    found = joint_link(index, score, [0] * 14, rng)
    for k in range(3):
        one = link_score(index[k], score, [f"d{i}" for i in range(14)], rng, label="x.y")
        assert found.r[k] == pytest.approx(one.value)
        assert (found.low[k], found.high[k]) == pytest.approx(fisher_interval(one.value, 14))
    assert found.median == pytest.approx(np.median(found.r))


def test_a_dyad_without_a_score_is_left_out():
    rng = np.random.default_rng(1)
    index, score = rng.standard_normal((2, 10)), rng.standard_normal(10)
    score[4] = np.nan
    found = joint_link(index, score, [0] * 10, rng, draws=19)
    kept = np.delete(np.arange(10), 4)
    assert found.n_dyads == 9
    assert found.r[1] == pytest.approx(np.corrcoef(index[1, kept], score[kept])[0, 1])


def test_scores_are_dealt_inside_their_block():
    index = np.stack([np.r_[np.zeros(6), np.ones(6)]])  # r sees only who is in which block
    score = np.r_[np.arange(6.0), 20 + np.arange(6.0)]
    blocks = [0] * 6 + [1] * 6
    found = joint_link(index, score, blocks, np.random.default_rng(1), draws=99)
    np.testing.assert_allclose(found.draws, found.r[0], atol=1e-9)
    assert found.median_p_one == 1.0  # all ties: nothing is claimed
    free = joint_link(index, score, [0] * 12, np.random.default_rng(1), draws=99)
    assert free.median_p_one == 0.01


def test_dyads_of_one_person_exchange_among_themselves():
    first = ["p1", "p2", "p3", "p3", "p5", "p6"]
    second = ["t1", "t1", "t2", "t3", "t3", "t4"]
    assert exchange_blocks(first, second).tolist() == [1, 1, 2, 2, 2, 0]


@pytest.mark.parametrize(
    ("score", "blocks", "says"),
    [
        (np.array([1.0, 2.0, 3.0, np.nan, np.nan]), [0] * 5, "3 dyads with a score"),
        (np.ones(5), [0] * 5, "same score"),
        (np.arange(5.0), [0, 1, 1, 2, 2], "too few dyads may exchange"),
    ],
)
def test_what_cannot_be_tested_says_why(score, blocks, says):
    index = np.random.default_rng(1).standard_normal((2, 5))
    found = joint_link(index, score, blocks, np.random.default_rng(1))
    assert found.status.startswith("not testable")
    assert says in found.status
    assert np.isnan(found.median_p_two)


def test_lists_of_other_lengths_are_refused():
    with pytest.raises(InputError, match="one for each dyad"):
        joint_link(np.ones((2, 5)), np.ones(4), [0] * 5, np.random.default_rng(1))


def claims(studies, *, blocked):
    """Of studies in which therapists raise index and score, but nothing links them in dyads."""
    hits = 0
    for k in range(studies):
        rng = rng_for(k, "therapists")
        who = np.repeat(np.arange(4), 4)
        both = rng.standard_normal(4)
        index = 2 * both[who] + rng.standard_normal((5, 16))
        score = 2 * both[who] + rng.standard_normal(16)
        blocks = exchange_blocks([f"p{i}" for i in range(16)], [f"t{w}" for w in who])
        given = blocks.tolist() if blocked else [0] * 16
        hits += joint_link(index, score, given, rng, draws=99).median_p_two <= 0.05
    return hits


def test_what_a_therapist_raises_in_both_is_no_link_of_dyads():
    assert claims(400, blocked=True) <= 32  # 5 % are 20; 99.5 % of such series stay under it
    assert claims(100, blocked=False) > 50
