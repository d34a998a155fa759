"""From a run to its tables of stretches, searches and families."""

import numpy as np
import pytest

from syntony.config import Recipe, Step, Stretches, Surrogate
from syntony.io.study_write import create_study, write_session
from syntony.link.finding import Finding
from syntony.pipeline.families import mark_pairs, with_families
from syntony.pipeline.run import run
from syntony.simulate.study import demo_setup, make_study
from syntony.surrogates.multiplicity import false_discovery_rate


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of 12 coupled dyads of 12 therapists, 12 minutes each, both kinds of chance."""
    root = tmp_path_factory.mktemp("moments") / "study"
    create_study(root, title="made", roles=("patient", "therapist"), simulated=True, truth={})
    for session in make_study(demo_setup(dyads=12, minutes=12.0)).sessions:
        write_session(root, session)
    recipe = Recipe(
        synchrony=(Step(), Step(method="coherence", options={"window_s": 180.0, "step_s": 30.0})),
        surrogates=(Surrogate(), Surrogate(name="shift_thirds", count=39)),
        stretches=Stretches(alpha=0.5),
    )
    return run(root, recipe, name="moments", jobs=1)


def test_every_session_step_and_surrogate_was_searched(made):
    searches = made.table("searches")
    time = searches[searches.over == "time"]
    assert len(time) == 12 * 2 * 2
    assert (time.status == "ok").all()
    assert set(time[time.surrogate == "shift_thirds"].draws) == {39}
    assert time[time.surrogate == "pseudo_dyads"].draws.between(19, 22).all()
    assert set(searches[searches.over == "lag"].method) == {"marci"}
    assert set(searches[searches.over == "frequency"].method) == {"coherence"}
    frequency = searches[searches.over == "frequency"]
    assert frequency.frequency_hz.gt(0).all()
    assert frequency.p.between(1 / 40, 1).all()


def test_stretches_lie_inside_what_was_searched_and_are_counted_there(made):
    survivors, searches = made.table("survivors"), made.table("searches")
    keys = ["session", "step", "surrogate"]
    time = searches[searches.over == "time"].set_index(keys)
    assert len(survivors) > 0
    for key, rows in survivors.groupby(keys):
        facts = time.loc[key]
        assert facts.found == len(rows)
        assert (rows.start_s >= facts.start_s - 1e-9).all()
        assert (rows.stop_s <= facts.stop_s + 1e-9).all()
        assert (rows.start_s.to_numpy()[1:] >= rows.stop_s.to_numpy()[:-1]).all()
        assert (rows.p <= 0.5).all()
        assert (rows.draws == facts.draws).all()
    assert int(time.found.sum()) == len(survivors)
    high = survivors[survivors.method == "coherence"]
    assert set(high.phase) <= {"high"}
    assert (high.leader == "").all()
    slopes = survivors[survivors.method == "marci"]
    assert (slopes.scale == "fisher_z").all()
    assert ((slopes.sign > 0) == (slopes.phase == "in phase")).all()


def test_a_leader_of_a_session_needs_a_peak_and_a_lean(made):
    pairs, searches = made.table("pairs"), made.table("searches")
    lag = searches[searches.over == "lag"].set_index(["session", "surrogate"])
    named = pairs[(pairs.method == "marci") & pairs.leader.isin(["patient", "therapist"])]
    assert len(named) > 0
    for row in named.itertuples():
        facts = lag.loc[(row.session, row.surrogate)]
        assert facts.p_lead <= 0.05
        assert np.sign(facts.lead) == np.sign(row.lag_s)
        assert abs(row.lag_s) > row.clock_error_s
    assert "therapist" not in set(named.leader)  # patients lead by 2 s in the demonstration


def test_sessions_with_a_stretch_stand_beside_what_chance_gives(made):
    links, searches = made.table("links"), made.table("searches")
    time = searches[searches.over == "time"]
    for row in links[links.finding == "stretches"].itertuples():
        same = time[(time.step == row.step) & (time.surrogate == row.surrogate)]
        assert row.value == pytest.approx((same.found > 0).mean())
        assert row.null_mean == 0.5
        assert row.low <= row.value <= row.high
        assert 0 <= row.p_one <= 1


def test_one_row_of_a_kind_is_primary_and_q_pays_for_the_others(made):
    links, pairs = made.table("links"), made.table("pairs")
    for kind, rows in links.groupby("finding"):
        assert (rows.family == "primary").sum() == 1, kind
    rest = links[(links.finding == "synchrony") & (links.family == "exploratory")]
    assert rest.q_exploratory.to_numpy() == pytest.approx(false_discovery_rate(rest.p_one))
    assert (rest.q_exploratory >= rest.p_one).all()
    first = pairs[pairs.family == "primary"]
    assert len(first) == 12
    assert set(zip(first.method, first.statistic, first.surrogate, strict=True)) == {
        ("marci", "ssi", "pseudo_dyads")
    }
    assert first.q_exploratory.isna().all()
    for _, rows in pairs[pairs.family == "exploratory"].groupby("session"):
        want = false_discovery_rate(rows.p_one.to_numpy())
        assert rows.q_exploratory.to_numpy() == pytest.approx(want, nan_ok=True)


def test_moments_beside_strangers_are_primary_and_a_lag_is_in_no_family():
    rows = [
        Finding(finding="moments", label="positive", surrogate=s, p_one=p)
        for s, p in (("sign_flip", 0.02), ("selection_null", 0.3))
    ]
    assert [f.family for f in with_families(rows)] == ["exploratory", "primary"]
    pairs = [
        {"session": "s", "step": 1, "statistic": name, "surrogate": "", "p_one": 0.01}
        for name in ("best_lag_s", "mean_z")
    ]
    assert [r.get("family") for r in mark_pairs(pairs, Recipe())] == [None, "exploratory"]


def test_cliffs_delta_stands_beside_strangers(made):
    links = made.table("links")
    rows = links[(links.finding == "synchrony") & (links.surrogate == "pseudo_dyads")]
    assert rows.cliffs_delta.between(-1, 1).all()
    assert (rows.cliffs_delta_low <= rows.cliffs_delta).all()
    assert (rows.cliffs_delta_high >= rows.cliffs_delta).all()
    assert rows.superiority.to_numpy() == pytest.approx((rows.cliffs_delta.to_numpy() + 1) / 2)
