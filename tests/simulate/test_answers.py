import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from syntony.core.seeds import rng_for
from syntony.simulate.answers import (
    CHOICES,
    ITEMS,
    REVERSED,
    SCORE_VALIDITY,
    empathy_answers,
    empathy_items,
    empathy_sum,
)


def test_items_and_key_are_those_of_the_instrument():
    assert tuple(f"e{k:02d}" for k in range(1, 17)) == ITEMS
    assert {f"e{k:02d}" for k in range(2, 17, 2)} == REVERSED


@settings(deadline=None, max_examples=40)
@given(st.floats(-8, 8), st.integers(0, 2**32))
def test_every_answer_is_on_the_scale_and_the_sum_within_48(score, seed):
    answers = empathy_answers(rng_for(seed), score, person="P01", about="T01")
    assert tuple(answers.items) == ITEMS
    assert set(answers.items.values()) <= set(CHOICES.tolist())
    turned = sum(-v if k in REVERSED else v for k, v in answers.items.items())
    assert -48 <= turned <= 48
    assert turned == empathy_sum(np.array([list(answers.items.values())]))[0]


def test_an_enthusiast_turns_the_reversed_items_down():
    items = empathy_answers(rng_for(1), 9.0, person="P01", about="T01").items
    assert all((v < 0) == (k in REVERSED) for k, v in items.items())


def test_the_sum_follows_the_true_score_as_stated():
    true = rng_for(2, "true").standard_normal(40_000)
    sums = empathy_sum(empathy_items(rng_for(2, "items"), true))
    assert_allclose(np.corrcoef(true, sums)[0, 1], SCORE_VALIDITY, atol=0.003)
    assert_allclose([sums.mean(), sums.std()], [19.3, 19.2], atol=0.5)
