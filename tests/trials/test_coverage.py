"""Made studies of known truth: what is pooled, and what an interval is beside it."""

from dataclasses import replace

import numpy as np
import pytest

from syntony.config import Recipe, Step
from syntony.core.errors import InputError
from syntony.link.dyadic import link_score
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import observed
from syntony.pipeline.empathy import score_rows
from syntony.simulate.study import demo_setup, make_study
from syntony.trials.coverage import INTERVALS, Measured, intervals_of, measured, truth_of


def test_a_study_is_measured_as_the_chain_measures_it():
    found = measured(4, dyads=4, minutes=6.0)
    setup = replace(demo_setup(seed=4, dyads=4, minutes=6.0), therapists=None, clock_start_s=0.0)
    recipe = Recipe(synchrony=(Step(),), surrogates=())
    results, _ = analyse_sessions(make_study(setup).sessions, recipe)
    index, _ = observed(results, 0, 0)
    np.testing.assert_allclose(np.diag(found.index), index, atol=0.02)  # one sample may be cut
    assert found.score.tolist() == [row["value"] for row in score_rows(results)[0]]
    assert np.isfinite(found.index).all()


def test_the_truth_is_that_of_all_dyads_together():
    rng = np.random.default_rng(1)
    studies = []
    for _ in range(200):
        index = 0.1 + 0.5 * rng.standard_normal((12, 12))
        real = 0.6 + 0.7 * rng.standard_normal(12)
        np.fill_diagonal(index, real)
        score = 3.0 * real + 2.1 * rng.standard_normal(12)
        studies.append(Measured(score=score, index=index))
    truth = truth_of(studies)
    assert (truth.dyads, truth.pairs) == (2400, 200 * 132)
    assert abs(truth.d - 1.0) < 0.08
    assert abs(truth.r - np.sqrt(0.5)) < 0.04
    found = [intervals_of(s.parts(10)[0], k, bootstrap=400) for k, s in enumerate(studies)]
    for name in ("r_fisher", "r_bootstrap", "d_bootstrap"):
        true = truth.r if name.startswith("r") else truth.d
        held = np.mean([f[name][1] <= true <= f[name][2] for f in found])
        assert 0.88 <= held <= 0.99, (name, held)
    with pytest.raises(InputError):
        truth_of([])


def test_the_intervals_are_those_of_the_report():
    rng = np.random.default_rng(2)
    study = Measured(score=rng.standard_normal(9), index=rng.standard_normal((9, 9)))
    found = intervals_of(study, 1, bootstrap=199)
    assert set(found) == set(INTERVALS)
    dyads = [f"d{k}" for k in range(9)]
    told = link_score(np.diag(study.index), study.score, dyads, rng, label="x", draws=99)
    np.testing.assert_allclose(found["r_fisher"], [told.value, told.low, told.high])
    plain, wide = found["d_percentile"], found["d_bootstrap"]
    assert wide[1] < plain[1] < plain[0] == wide[0] < plain[2] < wide[2]
    four = study.parts(4)
    assert [p.index.shape for p in four] == [(4, 4), (4, 4)]
    assert np.array_equal(four[1].index, study.index[4:8, 4:8])
    assert np.array_equal(four[1].score, study.score[4:8])
