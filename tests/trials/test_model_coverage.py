"""Intervals of models hold the truth, and nothing is claimed where nothing was planted."""

import numpy as np
import pytest
from scipy.stats import binom

from syntony.trials.model_coverage import one_study, summary
from syntony.trials.model_studies import WORLDS

QUICK = ("within_between, few", "apim", "stability_influence", "quadratic")


def told(world, planted, studies):
    return summary(r for k in range(studies) for r in one_study(world, planted, k))


@pytest.mark.parametrize("world", QUICK)
def test_intervals_of_few_studies(world):
    """Of 60 studies the interval of no term misses more often than chance gives at 5 in 100."""
    most = binom.ppf(0.9995, 60, 0.06)
    for row in told(world, True, 60):
        assert row["with_interval"] == 60
        assert (1 - row["coverage"]) * 60 <= most, row


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_coverage_and_false_alarms(world):
    for row in told(world, True, 2000):
        assert row["term"] != "(not fitted)"
        assert 0.93 <= row["coverage"] <= 0.97, row
    limit = binom.ppf(0.99, 2000, 0.05) / 2000
    for row in told(world, False, 2000):
        assert row["claims"] <= limit, row
        assert row["flips"] is None or row["flips"] <= limit, row


def test_a_study_is_the_same_again():
    one, again = (one_study("apim", True, 3) for _ in range(2))
    assert one == again
    assert one != one_study("apim", True, 4)
    assert np.isfinite(one[0]["estimate"])
