"""What a card says of counts: rates, intervals, verdicts, power."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from syntony.config import Recipe
from syntony.trials.card import (
    Condition,
    conditions,
    detectable,
    effective_number,
    power_of,
    rates_of,
    verdict,
    wilson,
)

ONE = Recipe.model_validate(
    {"synchrony": [{"method": "marci"}], "surrogates": [{"name": "shift_thirds"}]}
)


@pytest.mark.parametrize(("hits", "number"), [(0, 20), (1, 7), (10, 200), (40, 40)])
def test_the_interval_is_that_of_wilson(hits, number):
    wanted = binomtest(hits, number).proportion_ci(0.95, method="wilson")
    assert wilson(hits / number, number) == pytest.approx((wanted.low, wanted.high), abs=1e-12)


def test_no_test_has_no_interval():
    assert np.isnan(wilson(0.0, 0.0)).all()


def test_tests_that_go_together_are_worth_fewer():
    rng = np.random.default_rng(1)
    alone = [(int(rng.binomial(20, 0.05)), 20) for _ in range(400)]
    together = [(int(rng.binomial(20, p)), 20) for p in rng.beta(0.5, 9.5, 400)]
    assert effective_number(alone) == pytest.approx(8000, rel=0.2)
    # beta of sum 10: variance is 1 + 19 / 11 times that of independent tests
    assert effective_number(together) == pytest.approx(8000 / (1 + 19 / 11), rel=0.25)
    assert effective_number([(0, 5), (0, 0)]) == 1.0


def test_verdicts_are_the_binomial_limits():
    for number in (20, 200, 1000):
        low, high = binom.ppf([0.005, 0.995], number, 0.05)
        assert verdict(high / number, number) == "as claimed"
        assert verdict((high + 1) / number, number) == "too often"
        assert verdict(low / number, number) == "as claimed"
        if low > 0:
            assert verdict((low - 1) / number, number) == "conservative"


def test_strangers_at_five_in_a_hundred_are_judged_as_claimed():
    rng = np.random.default_rng(2)
    said = [verdict(rng.binomial(200, 0.05) / 200, 200) for _ in range(2000)]
    assert said.count("as claimed") > 0.98 * 2000


def rows(condition, hits):
    return [
        {"condition": condition.name, "number": k, "claims": {"study|0|shift_thirds": [h, 1]}}
        for k, h in enumerate(hits)
    ]


def test_rates_count_what_was_tested_and_name_what_was_not():
    made = rows(Condition(), [1] * 12 + [0] * 88) + rows(Condition(0.3, 2.0), [1] * 10)
    found = {(r["level"], r["leader"]): r for r in rates_of(made, ONE)}
    over = found["study", False]
    assert (over["claimed"], over["tested"], over["rate"]) == (12, 100, 0.12)
    assert over["verdict"] == "too often"
    assert found["session", False]["verdict"] == "not testable"
    assert found["session", False]["rate"] is None


def test_power_and_the_delays_at_which_it_is_enough():
    planted = conditions(2.0)
    made = []
    for c in planted:
        k = {0.0: 10, 1.0: 9, 2.0: 8, 3.0: 7, 5.0: 0}[c.delay_s] if c.share == 0.3 else 5
        made += rows(c, [1] * k + [0] * (10 - k))
    found = power_of(made, ONE, planted)
    there = {(r["share"], r["delay_s"]): r["rate"] for r in found if r["level"] == "study"}
    assert there == {
        (0.1, 2.0): 0.5,
        (0.2, 2.0): 0.5,
        (0.3, 2.0): 0.8,
        (0.5, 2.0): 0.5,
        (0.3, 0.0): 1.0,
        (0.3, 1.0): 0.9,
        (0.3, 3.0): 0.7,
        (0.3, 5.0): 0.0,
    }
    only = detectable(found)
    assert [(r["level"], r["found_s"], r["tried_s"]) for r in only] == [
        ("study", [0.0, 1.0, 2.0], [0.0, 1.0, 2.0, 3.0, 5.0])
    ]


def test_another_delay_is_planted_beside_the_usual_ones():
    names = [c.name for c in conditions(4.0)]
    assert len(names) == len(set(names)) == 9
