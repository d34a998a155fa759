import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference.marci_simple import ssi

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.answers import INSTRUMENT, empathy_sum
from syntony.simulate.session import (
    StudySetup,
    dyad_coupling,
    dyad_share_and_score,
    make_session,
    straightness,
    true_score,
)
from syntony.simulate.study import DEMO_SEED, demo_setup, make_study
from syntony.simulate.worlds import WORLDS
from syntony.trials.demo import expected_r

SMALL = StudySetup(dyads=4, minutes=5.0, rate_hz=4.0, seed=3, therapists=2, sessions_per_dyad=2)


def same(one, two):
    assert one.id == two.id
    assert one.people == two.people
    assert one.spans == two.spans
    assert one.clocks == two.clocks
    assert [dict(a.items) for a in one.answers] == [dict(a.items) for a in two.answers]
    for a, b in zip(one.signals + one.events, two.signals + two.events, strict=True):
        assert_array_equal(a.values, b.values)


def test_a_study_holds_what_a_study_holds():
    study = make_study(SMALL)
    assert [s.id for s in study.sessions[:3]] == ["d01s01", "d01s02", "d02s01"]
    for session in study.sessions:
        patient, therapist = session.people
        assert (patient.role, therapist.role) == ("patient", "therapist")
        assert session.type == "therapy"
        assert [(s.kind, s.unit, s.person) for s in session.signals] == [
            ("eda", "uS", patient.id),
            ("eda", "uS", therapist.id),
        ]
        (answers,) = session.answers
        assert (answers.instrument, answers.person, answers.about) == (
            INSTRUMENT,
            patient.id,
            therapist.id,
        )
        assert {c.person for c in session.codes} == {patient.id, therapist.id}
        assert max(c.stop_s for c in session.codes) <= 300.0
    assert [s.people[1].id for s in study.sessions[::2]] == ["T01", "T02", "T01", "T02"]


def test_a_dyad_is_the_same_whatever_else_is_made():
    study = make_study(SMALL)
    alone, row = make_session(SMALL, 3, 2)
    same(alone, study.sessions[5])
    assert row == study.truth["sessions"][5]
    more = make_study(replace(SMALL, dyads=6, sessions_per_dyad=3))
    same(more.sessions[7], study.sessions[5])
    again = make_study(replace(SMALL, sessions_per_dyad=1))
    same(again.sessions[2], study.sessions[4])


def test_another_seed_is_another_study():
    one, two = make_study(SMALL), make_study(replace(SMALL, seed=4))
    n = 1000
    assert not np.allclose(
        one.sessions[0].signals[0].values[:n], two.sessions[0].signals[0].values[:n]
    )


def test_a_therapist_has_one_skin_and_other_people_have_others():
    study = make_study(replace(SMALL, dyads=6, sessions_per_dyad=1, faults=False))
    starts = {}
    for session in study.sessions:
        for signal in session.signals:
            starts.setdefault(signal.person, []).append(np.quantile(signal.values, 0.02))
    # drift over 5 min has SD 0.17 uS, tonic levels differ by about 1.8 uS
    assert max(np.ptp(starts[t]) for t in ("T01", "T02")) < 0.9
    means = [np.mean(v) for v in starts.values()]
    assert len(means) == 8
    assert np.std(means) > 0.9


def test_every_dyad_and_session_has_chance_of_its_own():
    """Strangers must be strangers: pseudo-dyads stand on it."""
    alone = replace(SMALL, world="stationary", therapists=1, clock_start_s=0.0, faults=False)
    study = make_study(replace(alone, dyads=3, minutes=50.0))
    every = [np.diff(x.values[:11_990]) for s in study.sessions for x in s.signals]
    r = np.corrcoef(every) - np.eye(len(every))
    # of strangers in 50 min: mean 0, SD 0.015
    assert np.abs(r).max() < 0.15


def test_truth_is_ready_for_json_and_travels():
    study = make_study(replace(SMALL, heart=True))
    text = json.dumps(dict(study.truth))
    assert json.loads(text)["leader"] == "patient"
    back = pickle.loads(pickle.dumps(study))
    same(back.sessions[0], study.sessions[0])
    assert dict(back.truth) == dict(study.truth)
    with pytest.raises(TypeError):
        study.truth["leader"] = "nobody"


@pytest.mark.parametrize("name", WORLDS)
def test_everything_is_finite_unless_gaps_were_asked_for(name):
    study = make_study(replace(SMALL, world=name, faults=False, heart=True))
    for session in study.sessions:
        for x in session.signals + session.events:
            assert np.isfinite(x.values).all() or (name, x.kind) == ("gaps", "eda")
    rows = study.truth["sessions"]
    assert all(r["faults"] == [] for r in rows)
    if WORLDS[name].is_coupled:
        assert study.truth["leader"] == "patient"
        assert sum(r["common_count"] for r in rows) > 0
    else:
        assert study.truth["leader"] is study.truth["delay_s"] is None
        assert study.truth["r_planted"] == study.truth["emotion_effect"] == 0.0
        assert {r["share"] for r in rows} == {0.0}
        assert {r["common_count"] for r in rows} == {0}


def test_codes_do_not_depend_on_the_world():
    one, two = (make_study(replace(SMALL, world=w)) for w in ("coupled", "stationary"))
    assert [s.spans for s in one.sessions] == [s.spans for s in two.sessions]


def test_faults_are_where_the_truth_says():
    study = make_study(replace(SMALL, minutes=60.0, dyads=3, sessions_per_dyad=1))
    kinds = set()
    for session, row in zip(study.sessions, study.truth["sessions"], strict=True):
        for signal in session.signals:
            mine = [f for f in row["faults"] if f["person"] == signal.person]
            kinds |= {f["label"] for f in mine}
            gaps = sum(f["stop_s"] - f["start_s"] for f in mine if f["label"] == "gap")
            assert_allclose((1 - signal.valid_share) * signal.values.size / 4, gaps, atol=1e-6)
    assert "motion" in kinds


def test_stated_clocks_are_near_the_true_ones():
    study = make_study(replace(SMALL, dyads=60, minutes=1.0))
    errors = np.array([r["clock_error_s"] for r in study.truth["sessions"]]).ravel()
    assert_allclose(errors.std(), 0.05, rtol=0.2)
    for session, row in zip(study.sessions, study.truth["sessions"], strict=True):
        for signal, true, off in zip(
            session.signals, row["clock_offset_s"], row["clock_error_s"], strict=True
        ):
            clock = session.clocks[signal.person]
            assert signal.start_s == clock.offset_s
            assert_allclose(true - clock.offset_s, off, atol=1e-12)
    assert np.mean(np.abs(errors) < 0.15) > 0.98


def test_share_and_score_correlate_as_planted_over_the_population():
    setup = replace(SMALL, dyads=1, therapists=None)
    both = np.array([dyad_share_and_score(setup, i) for i in range(1, 6001)])
    r = np.corrcoef(both.T)[0, 1]
    assert abs(np.arctanh(r) - np.arctanh(0.47)) < 3.5 / np.sqrt(6000 - 3)
    assert_allclose(np.median(both[:, 0]), 0.3, atol=0.02)
    assert_allclose([both[:, 1].mean(), both[:, 1].std()], [0, 1], atol=0.05)
    r = np.corrcoef(
        [dyad_share_and_score(replace(setup, world="stationary"), i) for i in range(1, 6001)],
        rowvar=False,
    )[0, 1]
    assert abs(r) < 3.5 / np.sqrt(6000 - 3)


@pytest.mark.parametrize("spread", [0.3, 0.9, 1.2, 2.0])
def test_straightness_is_the_correlation_with_the_logit(spread):
    x = np.random.default_rng(5).standard_normal(400_000)
    share = 1 / (1 + 7 / 3 * np.exp(-spread * x))
    assert_allclose(straightness(0.3, spread), np.corrcoef(x, share)[0, 1], atol=0.003)


def test_therapists_make_their_dyads_alike_when_asked():
    setup = replace(SMALL, therapists=2, therapist_share=1.0)
    shares = [dyad_share_and_score(setup, i)[0] for i in range(1, 7)]
    assert shares[0] == shares[2] == shares[4] != shares[1]


def test_sessions_of_a_dyad_differ_when_asked():
    study = make_study(replace(SMALL, session_spread=0.5))
    rows = study.truth["sessions"]
    assert rows[0]["dyad_share"] == rows[1]["dyad_share"]
    assert rows[0]["share"] != rows[1]["share"]
    assert rows[0]["true_empathy"] != rows[1]["true_empathy"]


def test_emotion_raises_the_share_where_both_are_positive():
    study = make_study(replace(demo_setup(dyads=20), faults=False))
    gaps = [r["share_positive"] - r["share_other"] for r in study.truth["sessions"]]
    assert_allclose(np.median(gaps), 0.3, atol=1e-9)
    assert max(gaps) < 0.3 + 1e-9


def test_the_demo_is_what_it_says():
    setup = demo_setup()
    assert (setup.dyads, setup.therapists, setup.sessions_per_dyad) == (60, 20, 1)
    assert (setup.minutes, setup.rate_hz, setup.seed) == (50.0, 4.0, DEMO_SEED)
    assert (setup.r_planted, setup.delay_s, setup.world) == (0.47, 2.0, "coupled")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("world", "nowhere"),
        ("dyads", 0),
        ("sessions_per_dyad", 0),
        ("therapists", 0),
        ("minutes", 0.05),
        ("share_median", 1.0),
        ("therapist_share", -0.1),
        ("share_spread", -1.0),
        ("r_planted", 0.99),
        ("lost_share", 1.0),
        ("rate_per_min", -1.0),
        ("jitter_s", float("nan")),
    ],
)
def test_an_impossible_study_is_refused(field, value):
    with pytest.raises(InputError, match=field):
        replace(SMALL, **{field: value})


def test_rate_jitter_and_lost_time_are_those_asked_for():
    quiet = replace(SMALL, faults=False, clock_start_s=0.0, minutes=30.0, dyads=6, seed=5)
    lossy = make_study(replace(quiet, lost_share=0.3))
    valid = [s.valid_share for session in lossy.sessions for s in session.signals]
    assert abs(np.mean(valid) - 0.7) < 0.03
    labels = {f["label"] for row in lossy.truth["sessions"] for f in row["faults"]}
    assert labels == {"artefact"}
    whole = make_study(quiet)
    for one, other in zip(whole.sessions, lossy.sessions, strict=True):
        for a, b in zip(one.signals, other.signals, strict=True):
            there = np.isfinite(b.values)
            assert_array_equal(a.values[there], b.values[there])
    counts = [
        sum(r["common_count"] for r in make_study(replace(quiet, **more)).truth["sessions"])
        for more in ({}, {"rate_per_min": 10.0})
    ]
    assert 1.7 < counts[1] / counts[0] < 2.3
    jitters = [
        make_study(replace(quiet, jitter_s=j)).sessions[0].signals[1].values for j in (0.5, 3.0)
    ]
    assert np.abs(jitters[0] - jitters[1]).max() > 0.05
    assert_array_equal(jitters[0], whole.sessions[0].signals[1].values)


def test_a_score_is_made_again_from_its_parts():
    setup = replace(SMALL, share_spread=1.2)
    for dyad in (1, 2, 3):
        coupling = dyad_coupling(setup, dyad)
        share, score = dyad_share_and_score(setup, dyad)
        assert_allclose(np.log(share / (1 - share)), np.log(0.3 / 0.7) + 1.2 * coupling)
        other = rng_for(setup.seed, "dyad", dyad, "coupling").standard_normal(2)[1]
        assert_allclose(true_score(setup, coupling, other), score)


@pytest.mark.slow
def test_the_index_follows_share_and_score_as_the_demo_says():
    setup = replace(demo_setup(), faults=False, clock_start_s=0.0)
    index, share, score = [], [], []
    for dyad in range(1, 401):
        session, row = make_session(setup, dyad, 1)
        n = min(s.values.size for s in session.signals)
        index.append(ssi(*(s.values[:n] for s in session.signals), 4.0))
        share.append(row["share"])
        score.append(empathy_sum(np.array([list(session.answers[0].items.values())]))[0])
    assert_allclose(np.corrcoef(index, share)[0, 1], 0.85, atol=0.06)
    expected = np.arctanh(expected_r()["r"])
    assert abs(np.arctanh(np.corrcoef(index, score)[0, 1]) - expected) < 3 / np.sqrt(397)
