"""A null study is judged as the chain judges it, and cells say what their counts allow."""

import numpy as np
import pytest
from scipy.stats import binom

from syntony.core.errors import InputError
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import leader_findings, synchrony_findings
from syntony.pipeline.pairs import pair_rows
from syntony.simulate.study import demo_setup, make_study
from syntony.synchrony.registry import get
from syntony.trials.null_study import NullStudy, outcomes
from syntony.trials.null_table import Count, is_settled, limits, mark, total

OFFERED = ("pseudo_dyads", "shift_thirds", "circular_shift", "segment_shuffle")


@pytest.mark.parametrize("world", ["stationary", "gaps", "one_flat"])
def test_a_null_study_says_what_the_chain_says(world):
    asked = NullStudy(world=world, surrogates=OFFERED, dyads=7, minutes=7.0, draws=19)
    found, leaders = outcomes(11, asked)
    made = make_study(demo_setup(seed=11, world=world, dyads=7, minutes=7.0))
    recipe = asked.recipe.model_copy(update={"seed": 11})
    results, _ = analyse_sessions(made.sessions, recipe)
    firsts = {m: get(m).statistics[0].name for m in asked.methods}
    study = {
        (f.method, f.surrogate): f.p_one
        for f in synchrony_findings(results)
        if f.statistic == firsts[f.method]
    }
    assert {(o.method, o.surrogate): o.p_one for o in found} == study
    rows = [r for r in pair_rows(results) if r["statistic"] == firsts[r["method"]]]
    for o in found:
        p = [r["p_one"] for r in rows if (r["method"], r["surrogate"]) == (o.method, o.surrogate)]
        assert o.sessions == 7 == len(p)
        assert o.passed == np.count_nonzero(np.array(p) <= 0.05)
    assert leaders == {f.method: f.label for f in leader_findings(results)}


def test_a_coupled_study_is_found_by_the_same_way():
    found, leaders = outcomes(2, NullStudy(world="coupled", dyads=8, minutes=15.0, draws=99))
    assert all(o.p_one <= 0.05 for o in found if o.method == "marci")
    assert leaders["lagged_correlation"] == "patient"


def test_a_session_too_short_for_a_surrogate_is_not_counted():
    asked = NullStudy(
        world="stationary", surrogates=("circular_shift",), dyads=6, minutes=2.5, draws=19
    )
    found, _ = outcomes(1, asked)
    assert [(o.sessions, o.passed) for o in found] == [(0, 0), (0, 0)]
    assert np.isnan([o.p_one for o in found]).all()


@pytest.mark.parametrize("n", [100, 1000, 10_000])
def test_limits_hold_99_of_100_true_cells(n):
    low, high = limits(n)
    inside = binom.cdf(high, n, 0.05) - binom.cdf(low - 1, n, 0.05)
    assert 0.99 <= inside < (0.999 if n < 1000 else 0.993)
    assert binom.cdf(low - 1, n, 0.05) <= 0.005
    assert 1 - binom.cdf(high, n, 0.05) <= 0.005


def test_marks():
    low, high = limits(1000)
    assert mark(Count(passed=low - 1, n=1000)) == "conservative"
    assert mark(Count(passed=low, n=1000)) == "as claimed"
    assert mark(Count(passed=high, n=1000)) == "as claimed"
    above = Count(passed=high + 1, n=1000)
    assert mark(above) == "above"
    assert mark(above, Count(passed=557, n=10_000)) == "as claimed"
    assert mark(above, Count(passed=558, n=10_000)) == "fails"


def test_fresh_studies_stop_only_beyond_doubt():
    assert not is_settled(Count(passed=499, n=499))
    assert is_settled(Count(passed=60, n=500))
    assert not is_settled(Count(passed=40, n=500))
    # a true rate of .05 looked at every 25 studies up to 10,000 hardly ever stops as above it
    rng = np.random.default_rng(5)
    hits = rng.binomial(25, 0.05, (200, 400)).cumsum(axis=1)
    stopped = sum(
        any(
            is_settled(Count(passed=int(h), n=25 * (k + 1)))
            for k, h in enumerate(row)
            if k % 20 == 19
        )
        for row in hits
    )
    assert stopped <= 2


def test_intervals_of_counts():
    low, high = Count(passed=0, n=20).interval(0.95)
    assert low == 0.0
    assert round(high, 3) == 0.168
    assert Count(passed=20, n=20).interval()[1] == 1.0
    assert total([]) == Count(passed=0, n=0)
    assert np.isnan(Count(passed=0, n=0).rate)
    with pytest.raises(InputError):
        Count(passed=3, n=2)
