"""Raters of one person and judges of inferences: agreement over sessions, against naive twins."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from reference import agreement as naive

from syntony.io.inferences import Judgement
from syntony.link.accuracy.inferences import agreement_of_judges
from syntony.link.accuracy.raters import course_agreement, rater_agreement, step_up
from syntony.link.agreement.icc import _two_way_of_weights, intraclass
from syntony.report.wording_ratings import accuracy_words, agreement_words, lag_words

NAN = float("nan")


def rated(rng, raters=3, size=200, *, noise=0.5, level=0.0):
    """One course seen by several, each with noise and a level of their own."""
    felt = np.cumsum(rng.standard_normal(size)) / 5
    return felt + noise * rng.standard_normal((raters, size)) + level * np.arange(raters)[:, None]


def by_hand(ratings):
    """ICC(2,1) from sums of squares, written out."""
    x = ratings[:, np.isfinite(ratings).all(axis=0)].T
    n, k = x.shape
    grand = x.mean()
    rows = k * sum((x[i].mean() - grand) ** 2 for i in range(n)) / (n - 1)
    cols = n * sum((x[:, j].mean() - grand) ** 2 for j in range(k)) / (k - 1)
    rest = sum(
        (x[i, j] - x[i].mean() - x[:, j].mean() + grand) ** 2 for i in range(n) for j in range(k)
    ) / ((n - 1) * (k - 1))
    return (rows - rest) / (rows + (k - 1) * rest + k * (cols - rest) / n)


def people(dyads):
    return [(f"P{d}", f"T{d}") for d in dyads]


def test_the_course_of_a_session_is_the_icc_of_its_moments():
    ratings = rated(np.random.default_rng(1), level=0.3)
    ratings[0, :20] = NAN
    one, several = course_agreement(ratings)
    assert one == pytest.approx(by_hand(ratings), abs=1e-12)
    assert several == pytest.approx(3 * one / (1 + 2 * one), abs=1e-12)
    assert all(map(math.isnan, course_agreement(ratings[:1])))
    assert all(map(math.isnan, course_agreement(ratings[:, 15:25])))  # 5 common moments


def test_over_sessions_it_is_the_mean_over_dyads_and_seconds_are_no_cases():
    rng = np.random.default_rng(2)
    sessions = [rated(rng, noise=0.3 + 0.1 * k) for k in range(12)]
    dyads = [f"d{k // 2}" for k in range(12)]
    found, _ = rater_agreement(sessions, dyads, people(dyads), np.random.default_rng(3))
    values = np.array([by_hand(s) for s in sessions]).reshape(6, 2).mean(axis=1)
    assert found.icc_2_1.value == pytest.approx(values.mean(), abs=1e-12)
    assert (found.dyads, found.sessions, found.status) == (6, 12, "only 6 dyads")
    assert found.icc_2_1.low < found.icc_2_1.value < found.icc_2_1.high
    longer = [np.repeat(s, 10, axis=1) for s in sessions]  # ten times the seconds, nothing new
    again, _ = rater_agreement(longer, dyads, people(dyads), np.random.default_rng(3))
    width, other = (f.icc_2_1.high - f.icc_2_1.low for f in (found, again))
    assert other == pytest.approx(width, rel=0.05)


def test_dyads_that_share_a_therapist_are_drawn_together():
    rng = np.random.default_rng(4)
    sessions = [rated(rng, noise=0.2 + 0.4 * (k // 4)) for k in range(20)]  # 5 therapists
    dyads = [f"d{k}" for k in range(20)]
    shared = [(f"P{k}", f"T{k // 4}") for k in range(20)]
    apart, _ = rater_agreement(sessions, dyads, people(dyads), np.random.default_rng(5))
    together, _ = rater_agreement(sessions, dyads, shared, np.random.default_rng(5))
    assert together.icc_2_1.value == pytest.approx(apart.icc_2_1.value, abs=1e-12)
    widths = [f.icc_2_1.high - f.icc_2_1.low for f in (apart, together)]
    assert widths[1] > 1.3 * widths[0]
    one, _ = rater_agreement(
        sessions, dyads, [(f"P{k}", "T") for k in range(20)], np.random.default_rng(5)
    )
    assert math.isnan(one.icc_2_1.low)
    assert one.status.startswith("no interval: 1 independent")


def test_levels_are_one_mean_per_session_and_rater():
    rng = np.random.default_rng(6)
    sessions = [rated(rng, noise=0.2, level=0.5) + 2 * rng.standard_normal() for _ in range(12)]
    sessions[3][1] = NAN  # one rater is lacking: the session is left out whole
    dyads = [f"d{k}" for k in range(12)]
    _, found = rater_agreement(sessions, dyads, people(dyads), rng)
    table = np.array([s.mean(axis=1) for k, s in enumerate(sessions) if k != 3])
    wanted = intraclass(table)["icc_2_1"]
    assert found.icc_2_1.value == pytest.approx(wanted.value, abs=1e-12)
    assert found.icc_2_1.value == pytest.approx(by_hand(table.T), abs=1e-12)
    assert found.icc_2_1.low == pytest.approx(wanted.low)
    assert found.icc_2_1.high == pytest.approx(wanted.high)
    assert (found.sessions, found.status) == (11, "ok")


def test_sessions_of_one_dyad_are_no_cases_of_their_own():
    rng = np.random.default_rng(16)
    member = np.repeat(np.arange(8), 6)
    level = (2 * rng.standard_normal(8))[member] + 0.3 * rng.standard_normal(48)
    bent = (rng.standard_normal((8, 2)))[member]  # how raters see a dyad stays from day to day
    table = level[:, None] + bent + 0.3 * rng.standard_normal((48, 2))
    sessions = [np.repeat(row[:, None], 20, axis=1) for row in table]
    dyads = [f"d{k}" for k in member]
    _, found = rater_agreement(sessions, dyads, people(dyads), rng)
    plain = intraclass(table)["icc_2_1"]
    assert found.icc_2_1.value == pytest.approx(by_hand(table.T), abs=1e-12)
    assert found.icc_2_1.high - found.icc_2_1.low > 1.3 * (plain.high - plain.low)
    assert found.icc_2_k.low == pytest.approx(step_up(found.icc_2_1.low, 2))
    assert found.status == "only 8 independent dyads"
    few = rater_agreement(sessions[:18], dyads[:18], people(dyads[:18]), rng)[1]
    assert math.isnan(few.icc_2_1.low)
    assert few.status == "no interval: 3 independent dyads, at least 4 are needed"


def test_words_on_few_independent_dyads_and_on_lags():
    row = {"icc_of": "levels", "raters": 2, "role": "patient", "what": "valence", "icc_units": 12}
    row |= dict.fromkeys(("icc_2_1", "icc_2_1_low", "icc_2_1_high"), 0.4)
    row |= dict.fromkeys(("icc_2_k", "icc_2_k_low", "icc_2_k_high"), 0.6)
    said = agreement_words([row | {"icc_status": "only 6 independent dyads"}])[0]
    assert "That is only 6 independent dyads: read the interval" in said
    lag = {"value": 0.01, "low": -0.1, "high": 0.1, "n_dyads": 8, "status": "ok"}
    lag["detail"] = {"rater": "raters", "target": "patient", "lag": "zero"}
    assert lag_words(lag).startswith(
        "The mean rating of the patient by outside raters comes at the same time as the patient’s"
    )
    assert "comes 0.3\xa0s before the patient’s own" in lag_words(lag | {"value": -0.31})


def test_an_icc_of_drawn_clusters_is_that_of_their_rows():
    rng, member = np.random.default_rng(17), np.array([0, 0, 1, 1, 1, 2, 3])
    table = rng.standard_normal((7, 3)) + rng.standard_normal((7, 1))
    weights = np.array([[1, 1, 1, 1], [2, 0, 1, 1], [0, 1, 3, 0]], dtype=float)
    for row, got in zip(weights, _two_way_of_weights(table, member)(weights), strict=True):
        drawn = np.repeat(table, row.astype(int)[member], axis=0)
        assert got == pytest.approx(by_hand(drawn.T), abs=1e-12)


def test_one_session_says_that_levels_cannot_be_told():
    courses, levels = rater_agreement(
        [rated(np.random.default_rng(7))], ["d1"], [("P", "T")], np.random.default_rng(8)
    )
    assert levels.status.startswith("not testable")
    assert math.isnan(levels.icc_2_1.value)
    assert math.isfinite(courses.icc_2_1.value)
    assert math.isnan(courses.icc_2_1.low)


def test_a_session_of_opposites_does_not_swamp_the_mean_of_raters():
    """The ICC of a mean has no lower end: -18 for two raters at -.9."""
    rng = np.random.default_rng(9)
    sessions = [rated(rng, 2, noise=0.3) for _ in range(9)]
    sessions.append(np.stack([sessions[0][0], -sessions[0][0]]))
    dyads = [f"d{k}" for k in range(10)]
    found, _ = rater_agreement(sessions, dyads, people(dyads), rng)
    assert 0 < found.icc_2_k.value < 1
    assert found.icc_2_k.value == pytest.approx(step_up(found.icc_2_1.value, 2))


def judged(dyads=8, stops=6, judges="abc", seed=1, wrong=0.3):
    rng = np.random.default_rng(seed)
    rows = []
    for d in range(dyads):
        for k in range(stops):
            true = rng.integers(0, 3)
            for j in judges:
                points = rng.integers(0, 3) if rng.random() < wrong else true
                facts = {"session": f"s{d}", "perceiver": "T", "target": "P", "judge": j}
                rows.append(
                    Judgement(stop=str(k), thought_of=str(k), points=float(points), **facts)
                )
                rows.append(Judgement(stop=str(k), thought_of="x", points=0.0, **facts))
    return rows


def test_judges_are_compared_over_all_real_inferences():
    rows = judged()
    groups = {f"s{d}": d for d in range(8)}
    found = agreement_of_judges(rows, groups, np.random.default_rng(2))
    real = [r for r in rows if r.is_real]
    table = np.array([[r.points for r in real if r.judge == j] for j in "abc"])
    assert found.alpha[0] == pytest.approx(naive.alpha(table, naive.ordinal), abs=1e-12)
    assert found.icc_2_1[0] == pytest.approx(by_hand(table), abs=1e-12)
    assert found.icc_2_k[0] == pytest.approx(intraclass(table.T)["icc_2_k"].value, abs=1e-12)
    for value, low, high in (found.alpha, found.icc_2_1, found.icc_2_k):
        assert low < value < high < 1
    assert (found.inferences, found.judges, found.status) == (48, 3, "only 8 independent dyads")


def test_few_dyads_and_one_judge_are_said():
    rows = judged(dyads=3)
    found = agreement_of_judges(rows, {f"s{d}": d for d in range(3)}, np.random.default_rng(2))
    assert found.status.startswith("no interval: 3 independent dyads")
    assert math.isfinite(found.alpha[0])
    assert math.isnan(found.alpha[1])
    alone = [r for r in rows if r.judge == "a"]
    found = agreement_of_judges(alone, {f"s{d}": d for d in range(3)}, np.random.default_rng(2))
    assert found.status.startswith("not testable")


def test_a_judge_who_skipped_some_still_counts_for_alpha():
    rows = [r for r in judged() if not (r.judge == "c" and r.stop in "12")]
    found = agreement_of_judges(rows, {f"s{d}": d for d in range(8)}, np.random.default_rng(2))
    table = np.full((3, 48), NAN)
    for r in rows:
        if r.is_real:
            table["abc".index(r.judge), int(r.session[1:]) * 6 + int(r.stop)] = r.points
    assert found.alpha[0] == pytest.approx(naive.alpha(table, naive.ordinal), abs=1e-12)
    whole = table[:, np.isfinite(table).all(axis=0)]
    assert found.icc_2_1[0] == pytest.approx(by_hand(whole), abs=1e-12)


def test_the_report_says_agreement_of_judges_with_intervals_and_that_dyads_are_few():
    found = agreement_of_judges(judged(), {f"s{d}": d for d in range(8)}, np.random.default_rng(2))
    detail = {"measure": "inferences", "perceiver": "T", "target": "P", "stops": 48}
    row = {
        "value": 50.0, "low": 40.0, "high": 60.0, "n_dyads": 8, "status": "ok",
        "detail": detail | {"judges_agree": asdict(found)},
    }  # fmt: skip
    words = accuracy_words([row])
    assert f"alpha (ordinal) = {found.alpha[0]:.2f}".replace("0.", ".") in words
    assert "ICC(2,k) = " in words
    assert "over 48 inferences" in words
    assert "(only 8 independent dyads)" in words
