from math import perm

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import segments as reference

from syntony.core.errors import InputError
from syntony.synchrony.mvsusy import mvsusy, segment_strength, strange_picks
from syntony.synchrony.registry import get

MEASURES = ("lambda_max", "omega", "omega_absolute")


def group(seed, people, n, shared=1.0):
    rng = np.random.default_rng(seed)
    return shared * rng.standard_normal(n) + rng.standard_normal((people, n))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("people", [2, 4])
def test_it_does_what_the_definition_says(people, measure):
    v = group(1, people, 700) * 1e-2 + 1e4
    v[0, np.random.default_rng(2).random(700) < 0.1] = np.nan
    v[1, 200:280] = np.nan
    v[0, 400:460] = 3.0
    c = mvsusy(v, rate_hz=2.6, segment_s=15.0, measure=measure, pseudo_count=40)
    n = round(15 * 2.6)
    parts = [[v[p, s * n : (s + 1) * n] for p in range(people)] for s in range(700 // n)]

    def one(columns):
        share = (~np.isnan(columns).any(axis=0)).mean()
        return reference.group_segment(columns, measure) if share >= 0.8 else np.nan

    want = [one(columns) for columns in parts]
    assert_allclose(c.values, want, rtol=0, atol=1e-8, equal_nan=True)
    assert 0 < np.isnan(want).sum() < len(want) / 2
    picks = c.parts["pseudo_segments"].astype(int)
    mixed = [one([parts[s][p] for p, s in enumerate(pick)]) for pick in picks]
    assert_allclose(c.parts["pseudo"], mixed, rtol=0, atol=1e-8, equal_nan=True)
    es = (np.nanmean(want) - np.nanmean(mixed)) / np.nanstd(mixed, ddof=1)
    assert_allclose(get("mvsusy").summarise(c)["es_over_pseudo"], es, rtol=1e-6)


def test_for_two_people_lambda_max_is_the_correlation():
    v = group(3, 2, 480)
    c = mvsusy(v, rate_hz=4.0)
    r = [np.corrcoef(v[:, s : s + 120])[0, 1] for s in range(0, 480, 120)]
    assert_allclose(c.values, 50 * (1 + np.abs(r)), atol=1e-12)
    omega = mvsusy(v, rate_hz=4.0, measure="omega").values
    assert_allclose(omega, np.square(r), atol=1e-12)
    assert_allclose(omega, mvsusy(v, rate_hz=4.0, measure="omega_absolute").values, atol=1e-12)


def test_a_group_that_moves_as_one_stands_out():
    entry = get("mvsusy")
    as_one = entry.summarise(mvsusy(group(4, 3, 2400), rate_hz=4.0))
    strangers = [
        entry.summarise(mvsusy(group(i, 3, 2400, shared=0.0), rate_hz=4.0)) for i in range(20)
    ]
    assert as_one["es_over_pseudo"] > 5
    assert abs(np.mean([s["es_over_pseudo"] for s in strangers])) < 0.2


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 4), st.integers(4, 9), st.integers(1, 300), st.integers(0, 99))
def test_combinations_are_strange_and_differ(people, segments, count, seed):
    picks = strange_picks(segments, people, count, np.random.default_rng(seed))
    assert picks.shape == (min(count, perm(segments, people)), people)
    assert all(len(set(row)) == people for row in picks.tolist())
    assert len(np.unique(picks, axis=0)) == len(picks)
    assert picks.min() >= 0
    assert picks.max() < segments


def test_the_seed_decides():
    v = group(5, 3, 2400)
    one, again, other = (mvsusy(v, rate_hz=4.0, seed=s, pseudo_count=50) for s in (1, 1, 2))
    assert_array_equal(one.parts["pseudo"], again.parts["pseudo"])
    assert not np.array_equal(one.parts["pseudo"], other.parts["pseudo"])
    assert_array_equal(one.values, other.values)


def test_batches_do_not_matter():
    x = np.random.default_rng(6).standard_normal((2, 30, 20))
    picks = strange_picks(30, 2, 600, np.random.default_rng(7))
    together = segment_strength(x, picks, "omega")[0]
    singly = [segment_strength(x, p[None], "omega")[0][0] for p in picks]
    assert_allclose(together, singly, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("signals", "options", "says"),
    [
        (np.zeros(100), {}, r"signals=\(100,\): expected shape \(n_people, n_samples\)"),
        (np.zeros((1, 900)), {}, r"signals=\(1, 900\)"),
        (np.zeros((2, 400)), {}, r"segment_s=30.0: expected 4 segments or more in 100 s"),
        (np.zeros((6, 600)), {}, r"segment_s=30.0: expected 6 segments or more"),
        (np.zeros((2, 900)), {"measure": "sum"}, r"measure='sum': expected one of"),
        (np.zeros((2, 900)), {"pseudo_count": 1}, r"pseudo_count=1: expected a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(signals, options, says):
    with pytest.raises(InputError, match=says):
        mvsusy(signals, rate_hz=4.0, **options)
