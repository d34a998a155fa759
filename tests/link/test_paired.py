"""Differences within dyads, and the row of a finding."""

import itertools
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.finding import Finding
from syntony.link.paired import paired_contrast, paired_difference

FACTS = {"finding": "contrast", "label": "a - b"}


def test_all_flips_of_few_dyads_are_counted():
    values = np.array([0.5, -0.2, 0.9, 0.4, 0.1, 0.6, 0.3])
    found = paired_difference(values, rng_for(1), facts=FACTS)
    sums = np.array([np.dot(s, values) for s in itertools.product([1, -1], repeat=7)])
    high = np.mean(sums >= values.sum() - 1e-12)
    assert_allclose([found.p_one, found.p_two], [high, 2 * high])
    assert_allclose(found.z, values.sum() / sums.std())
    assert_allclose(found.d, values.mean() / values.std(ddof=1))
    assert found.low < found.value < found.high
    assert found.d_low < found.d < found.d_high


def test_the_mirrored_difference_mirrors_everything():
    values = rng_for(2, "paired").gamma(1.0, size=9) - 0.4
    up, down = (paired_difference(s * values, rng_for(1), facts=FACTS) for s in (1, -1))
    assert_allclose([up.value, up.d, up.z, up.p_two], [-down.value, -down.d, -down.z, down.p_two])
    assert_allclose([up.low, up.high], [-down.high, -down.low], atol=0.03)


def test_equal_differences_have_no_d():
    found = paired_difference(np.full(6, 0.5), rng_for(1), facts=FACTS)
    assert np.isnan([found.d, found.low]).all()
    assert found.p_two == 2 / 64
    nothing = paired_difference(np.zeros(6), rng_for(1), facts=FACTS)
    assert nothing.p_two == 1.0
    assert np.isnan(nothing.z)


@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_few_dyads_have_a_mean_and_no_p(n):
    found = paired_difference(np.arange(1.0, n + 1), rng_for(1), facts=FACTS)
    assert found.status == f"not testable: {n} dyads, at least 6 are needed"
    assert np.isnan([found.p_two, found.z]).all()
    assert np.isnan(found.value) if n == 0 else found.value == (n + 1) / 2
    assert np.isfinite(found.low) == (n >= 4)
    assert np.isfinite(found.d) == (n >= 2)


def test_types_are_compared_in_the_dyads_that_have_both():
    values, dyads, types = [], [], []
    for i, dyad in enumerate("abcdef"):
        for kind, value in (("work", 1.0 + i), ("rest", 0.5), ("rest", 1.5), ("other", 50.0)):
            if (dyad, kind) == ("f", "work"):
                continue
            values.append(value)
            dyads.append(dyad)
            types.append(kind)
    values[types.index("rest")] = np.nan  # dyad a keeps its other session of rest
    found = paired_contrast(
        np.array(values), dyads, types, rng_for(1), contrast=("work", "rest"), statistic="ssi"
    )
    assert_allclose(found.value, np.mean([1 - 1.5, 2 - 1, 3 - 1, 4 - 1, 5 - 1]))
    assert (found.n_dyads, found.n_sessions, found.label) == (5, 14, "work - rest")
    assert found.detail["dyads"] == list("abcde")
    back = paired_contrast(np.array(values), dyads, types, rng_for(1), contrast=("rest", "work"))
    assert_allclose(back.value, -found.value)


def test_types_that_are_not_there_and_unequal_lists_are_refused():
    with pytest.raises(InputError, match=r"contrast='play': expected one of \['rest', 'work'\]"):
        paired_contrast(
            np.arange(2.0), ["a", "a"], ["rest", "work"], rng_for(1), contrast=("rest", "play")
        )
    with pytest.raises(InputError, match="one length"):
        paired_contrast(
            np.arange(3.0), ["a", "a"], ["rest", "work"], rng_for(1), contrast=("rest", "work")
        )


def test_a_row_is_plain_and_its_detail_is_json():
    found = Finding(
        finding="empathy",
        label="a.b",
        detail={
            "r": np.float64(0.5),
            "n": np.int64(3),
            "x": np.array([1.0, np.nan]),
            "y": {"z": (np.inf, True)},
        },
    )
    row = found.to_row()
    assert json.loads(row["detail"]) == {
        "r": 0.5,
        "n": 3,
        "x": [1.0, None],
        "y": {"z": [None, True]},
    }
    assert row["status"] == "ok"
    assert np.isnan(row["value"])


def test_a_row_has_the_columns_of_the_run_folder():
    columns = [
        "finding",
        "label",
        "step",
        "method",
        "statistic",
        "surrogate",
        "n_dyads",
        "n_sessions",
        "value",
        "low",
        "high",
        "null_mean",
        "null_low",
        "null_high",
        "z",
        "d",
        "d_low",
        "d_high",
        "p_one",
        "p_two",
        "draws",
        "cliffs_delta",
        "cliffs_delta_low",
        "cliffs_delta_high",
        "superiority",
        "family",
        "q_exploratory",
        "status",
        "detail",
    ]
    assert list(Finding(finding="x", label="y").to_row()) == columns
