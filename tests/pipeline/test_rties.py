"""Real dials of 20 couples: import, partners' similarity, leader, link with their questionnaires.

Each partner rated how they themselves had felt, so what is read here is similarity, not accuracy.
"""

import numpy as np
import pandas as pd
import pytest
from reference import accuracy as naive
from shared import SHARED, needs_shared

import syntony as sy
from syntony.config import Corpus, Ratings, Recipe, Step, Surrogate
from syntony.config.body import Body, Grid
from syntony.link.dyadic import link_score
from syntony.pipeline.import_ratings import import_ratings

FOLDER = "data/rties-couples-dial"
pytestmark = needs_shared(FOLDER)
COLUMNS = {
    "dyad": "couple",
    "person": "person",
    "role": "female",
    "value": "dial",
    "time": "time",
}
SAME = "d19s01"  # the two dials of this couple are one recording


def dials():
    return pd.read_csv(SHARED / FOLDER / "rties_short.csv", float_precision="round_trip")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("rties") / "couples"
    plan = import_ratings(
        [SHARED / FOLDER / "rties_short.csv"],
        root,
        what="valence",
        columns=COLUMNS,
        values={"1": "woman", "0": "man"},
        time_unit_s=2.0,
        offset_s=-2.0,
        clock_error_s=0.0,
        type="conversation",
    )
    assert len(plan.ratings) == 40
    return root


@pytest.fixture(scope="module")
def run(study):
    recipe = Recipe(
        signal="valence_by_self",
        body=Body(grid=Grid(rate_hz=0.5)),
        synchrony=(
            Step(
                method="lagged_correlation",
                options={"window_s": 120.0, "step_s": 20.0, "max_lag_s": 20.0},
            ),
        ),
        surrogates=(Surrogate(), Surrogate(name="circular_shift", count=19)),
        corpus=Corpus(bootstrap=499),
        ratings=Ratings(rate_hz=0.5, rotations=499),
    )
    return sy.run(study, recipe, jobs=1)


def test_every_sample_comes_in_and_what_is_missing_stays_missing(study):
    opened = sy.open_study(study)
    assert opened.roles == ("woman", "man")
    table = dials()
    missing = 0
    for row in opened.sessions:
        from syntony.io.study import load_session

        session = load_session(opened, row.id)
        for signal in session.signals:
            wanted = table[table["person"] == int(signal.person)].sort_values("time")["dial"]
            np.testing.assert_array_equal(signal.values, wanted.to_numpy())
            assert (signal.rate_hz, signal.start_s) == (0.5, 0.0)
            missing += int(np.isnan(signal.values).sum())
    assert missing == 8


def test_importing_again_changes_nothing(study):
    again = import_ratings(
        [SHARED / FOLDER / "rties_short.csv"],
        study,
        what="valence",
        columns=COLUMNS,
        values={"1": "woman", "0": "man"},
        time_unit_s=2.0,
        offset_s=-2.0,
    )
    assert all(r.is_there for r in again.ratings)


def test_similarity_of_partners_is_that_of_the_table(run):
    rows = run.table("accuracy")
    assert set(rows["measure"]) == {"similarity"}  # nobody rated the other
    table = dials()
    for couple, held in table.groupby("couple"):
        woman, man = (
            held[held["female"] == f].sort_values("time")["dial"].to_numpy() for f in (1, 0)
        )
        found = rows[rows["session"] == f"d{couple}s01"]["fisher_z"]
        if f"d{couple}s01" == SAME:
            assert np.array_equal(man, woman)
            assert found.empty
        else:
            assert found.iloc[0] == pytest.approx(naive.z_at(man, woman, 0, 30), abs=1e-6)


def test_two_dials_that_are_one_recording_are_left_out_and_named(run):
    for name in ("pairs", "accuracy"):
        assert SAME not in set(run.table(name)["session"])
    assert SAME not in {*run.table("pseudo")["session_a"], *run.table("pseudo")["session_b"]}
    sessions = run.table("sessions").set_index("session")["failed"]
    assert "19 and 519 have the same values throughout" in sessions[SAME]
    assert sessions.index[sessions != ""].tolist() == [SAME]
    left = [n for n in run.notes if n.code == "session-left-out"]
    assert [n.where for n in left] == [SAME]
    assert "Give each person their own file" in left[0].text
    page = run.report.read_text("utf-8")
    assert "Left out: 1 session in which both people’s signal is one and the same" in page


def test_the_index_over_couples_is_not_swamped_by_one(run):
    """A perfect correlation, z capped at 10, made the mean .72 [.21, 3.2] over 20 couples."""
    links = run.table("links")
    index = links[(links["finding"] == "synchrony") & (links["statistic"] == "lag_zero")]
    assert index["n_dyads"].tolist() == [19, 19]
    assert index["value"].round(3).tolist() == pytest.approx([0.235, 0.235], abs=0.002)
    assert (index["high"] < 0.5).all()


def test_partners_are_more_alike_than_strangers(run):
    links = run.table("links")
    found = links[(links["finding"] == "accuracy") & (links["label"] == "man.similarity")]
    assert found["n_dyads"].tolist() == [19, 19]
    assert found["value"].round(3).tolist() == pytest.approx([0.317, 0.317], abs=0.002)
    assert (found["p_one"] <= 0.005).all()
    leader = links[links["finding"] == "leader"].iloc[0]
    assert leader["label"] in ("neither", "not resolvable")  # its interval holds zero


def test_similarity_beside_the_couples_questionnaires(run):
    """Ten numbers of the questionnaires, similarity as it is and less what chance gives."""
    table = run.table("accuracy")
    people = dials().groupby(["couple", "female"]).first()
    for surrogate in ("", "pseudo_dyads", "rating_rotation"):
        rows = table[table["surrogate"] == (surrogate or "pseudo_dyads")].set_index("session")
        index = rows["fisher_z"] - (rows["null_mean"] if surrogate else 0.0)
        for scale in ("love", "conflict", "relstress", "ambiv", "cpos"):
            for female in (1, 0):
                score = people.xs(female, level="female")[scale]
                names = [f"d{c}s01" for c in score.index]
                x, y = index.reindex(names).to_numpy(), score.to_numpy()
                found = link_score(
                    x, y, names, np.random.default_rng(1), label=scale, draws=999, bootstrap=199
                )
                there = np.isfinite(x)
                assert found.n_dyads == there.sum() == 19
                assert found.value == pytest.approx(np.corrcoef(x[there], y[there])[0, 1])
                assert found.p_two > 0.005  # ten looks at 19 couples: nothing survives Bonferroni
