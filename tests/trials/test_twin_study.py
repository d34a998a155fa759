"""A twin study is judged as a run judges a study: same draws, same strangers, same numbers."""

import numpy as np
import pytest
from simulate.likenesses import study

from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.pipeline.pairs import Results, pair_rows
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.work import compute_all
from syntony.simulate.likeness import fit_likeness
from syntony.simulate.twins import make_twins
from syntony.trials.twin_study import (
    NULL,
    Condition,
    FromTwins,
    TwinTask,
    _features,
    claims_in,
    cleaning_of,
    do_twin,
    results_of,
)


@pytest.fixture(scope="module")
def task():
    """Twins of a study whose sessions differ in length, with gaps, and three kinds of chance."""
    lengths = [420.0, 480.0, 480.0, 540.0, 600.0, 600.0, 660.0]
    made = study(dyads=7, lengths=lengths, gaps=((50.0, 75.0),), seed=3)
    like = fit_likeness(made, model="responses", seed=1)
    recipe = Recipe.model_validate(
        {
            "synchrony": [
                {"method": "marci"},
                {"method": "lagged_correlation", "options": {"max_lag_s": 3.0}},
                {"method": "rank_correlation"},
            ],
            "surrogates": [
                {"name": "pseudo_dyads"},
                {"name": "shift_thirds", "count": 19},
                {"name": "segment_shuffle", "count": 19},
            ],
            "corpus": {"derangements": 99, "bootstrap": 99},
        }
    )
    return TwinTask(like, settle(recipe, FromTwins(like)), 5, Condition(0.4, 1.0), 2)


@pytest.fixture(scope="module")
def whole(task):
    """The same twin study by the way of a run."""
    short = results_of(task)
    plan = make_plan(short.recipe, FromTwins(task.likeness))
    blocks = compute_all(short.recipe, plan, features_of(task), short.coded)
    return Results(short.recipe, plan, short.facts, blocks, short.coded)


def features_of(task):
    twins = make_twins(
        task.likeness,
        seed=task.seed,
        path=(task.condition.name, task.number),
        share=task.condition.share,
        delay_s=task.condition.delay_s,
        clean=cleaning_of(task.recipe, task.likeness),
    )
    return [_features(task.likeness, k, twin) for k, twin in enumerate(twins)]


def test_every_first_statistic_is_that_of_a_run(task, whole):
    short = results_of(task)
    for k, block in short.blocks.items():
        run = whole.blocks[k]
        assert block["partners"].tolist() == run["partners"].tolist()
        assert block["cut_partners"].tolist() == run["cut_partners"].tolist()
        for number in range(3):
            assert block[f"step{number}_stats"] == pytest.approx(
                run[f"step{number}_stats"], nan_ok=True
            )
            for name in ("null_shift_thirds", "null_segment_shuffle", "pseudo", "cut"):
                key = f"step{number}_{name}"
                assert block[key][:, 0] == pytest.approx(run[key][:, 0], abs=1e-10, nan_ok=True)


def test_the_claims_are_those_of_the_rows_of_a_run(task, whole):
    told = claims_in(results_of(task))
    assert told == claims_in(whole)
    firsts = {0: "ssi", 1: "mean_z"}
    for step, name in firsts.items():
        rows = [
            r
            for r in pair_rows(whole)
            if (r["step"], r["statistic"], r["surrogate"]) == (step, name, "shift_thirds")
        ]
        assert told[f"session|{step}|shift_thirds"] == [
            sum(r["p_one"] <= 0.05 for r in rows),
            len(rows),
        ]
    assert "session|0|pseudo_dyads" not in told  # seven dyads have too few strangers


def test_a_row_comes_again_and_another_number_is_another_study(task):
    one, again = do_twin(task), do_twin(task)
    assert {**one, "seconds": 0} == {**again, "seconds": 0}
    other = results_of(TwinTask(task.likeness, task.recipe, 5, task.condition, 3))
    mine = results_of(task)
    assert not np.allclose(
        mine.blocks[0]["step1_stats"], other.blocks[0]["step1_stats"], equal_nan=True
    )


def test_coupled_twins_are_called_coupled_and_their_leader_is_named(task):
    strong = TwinTask(task.likeness, task.recipe, 5, Condition(0.9, 2.0), 0)
    told = do_twin(strong)["claims"]
    assert told["study|0|shift_thirds"] == [1, 1]
    assert told["study|1||leader"] == [1, 1]
    assert do_twin(TwinTask(task.likeness, task.recipe, 5, NULL, 0))["condition"] == "null"


def test_twins_hold_no_recording(task):
    with pytest.raises(InputError, match="recording"):
        FromTwins(task.likeness).load("s00")
