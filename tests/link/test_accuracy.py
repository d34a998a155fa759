"""Empathic accuracy against naive twins, properties, and what was planted."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import accuracy as naive

from syntony.core.errors import FileError, InputError
from syntony.io.inferences import Judgement, read_inferences
from syntony.kernels.pairwise import paired_correlations, pairwise_correlations
from syntony.link.accuracy.continuous import (
    accuracy_of_rotations,
    accuracy_on_cuts,
    accuracy_with_everybody,
    bias_of,
    extent,
    half_of,
)
from syntony.link.accuracy.inferences import score_inferences
from syntony.link.accuracy.links import difference_of_links, link_accuracy
from syntony.link.accuracy.pooling import pooled
from syntony.link.accuracy.raters import mean_of_raters, pairwise_agreement
from syntony.link.accuracy.reaction import lag_profiles, reaction_lag, without_own
from syntony.link.accuracy.study import (
    Comparison,
    against_rotations,
    against_strangers,
    compare,
)
from syntony.link.accuracy.truth_bias import truth_and_bias
from syntony.simulate.ratings import RatingSetup, make_ratings

LAGS = range(-3, 4)
NAN = float("nan")


def walks(n, size, seed, *, missing=0.1):
    rng = np.random.default_rng(seed)
    out = np.cumsum(rng.standard_normal((n, size)), axis=1) / 5 + 50.0
    out[rng.random((n, size)) < missing] = NAN
    return out


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_every_pair_is_as_the_loops_have_it(missing):
    perceived, truth = walks(3, 90, 1, missing=missing), walks(4, 90, 2, missing=missing)
    found = accuracy_with_everybody(perceived, truth, lags=LAGS, least=20)
    for i in range(3):
        for j in range(4):
            wanted = naive.best_z(perceived[i], truth[j], LAGS, 20)
            assert found.z[i, j] == pytest.approx(wanted, abs=1e-9)
            lag = int(found.lag[i, j])
            at = naive.z_at(perceived[i], truth[j], lag, 20)
            assert at == pytest.approx(wanted, abs=1e-9)


def test_gaps_or_none_give_the_same_by_both_ways():
    x, y = walks(5, 80, 3, missing=0.0), walks(6, 80, 4, missing=0.0)
    padded = [np.pad(v, ((0, 0), (0, 7)), constant_values=NAN) for v in (x, y)]
    np.testing.assert_allclose(
        pairwise_correlations(x, y, 10), pairwise_correlations(*padded, 10), atol=1e-12
    )
    whole = paired_correlations(x[:5], y[:5], np.ones((1, 80)), 10)[:, 0]
    np.testing.assert_allclose(whole, np.diag(pairwise_correlations(x, y[:5], 10)), atol=1e-12)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_rating_that_never_moves_has_no_accuracy(missing):
    flat = np.full((1, 100), 3.7)
    moving = walks(1, 100, 5, missing=missing)
    assert math.isnan(accuracy_with_everybody(flat, moving, least=10).z[0, 0])
    assert math.isnan(accuracy_with_everybody(moving, flat, least=10).z[0, 0])


def test_too_few_seconds_give_no_accuracy():
    x, y = walks(1, 59, 6, missing=0.0), walks(1, 59, 7, missing=0.0)
    assert math.isnan(accuracy_with_everybody(x, y, least=60).z[0, 0])
    assert math.isfinite(accuracy_with_everybody(x, y, least=59).z[0, 0])


@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-20, 20))
@settings(max_examples=30, deadline=None)
def test_scale_and_level_of_a_rating_do_not_matter(seed, slope, shift):
    x, y = walks(2, 120, seed), walks(2, 120, seed + 1)
    one = accuracy_with_everybody(x, y, lags=LAGS, least=20).z
    np.testing.assert_allclose(
        accuracy_with_everybody(slope * x + shift, y, lags=LAGS, least=20).z, one, atol=1e-7
    )


def test_a_perceiver_who_is_later_has_a_positive_lag():
    truth = walks(1, 300, 8, missing=0.0)
    perceived = np.full_like(truth, NAN)
    perceived[:, 2:] = truth[:, :-2]
    found = accuracy_with_everybody(perceived, truth, lags=LAGS)
    assert found.lag[0, 0] == 2
    assert found.z[0, 0] > 10


def test_rotations_and_cuts_are_as_the_loops_have_them():
    perceived, truth = walks(2, 200, 9), walks(2, 200, 10)
    perceived[0, :15] = NAN
    offsets = np.array([60, 75, 101])
    for lags in (LAGS, (0,)):
        for other in (truth[0], half_of(truth[0], "positive")):
            found = accuracy_of_rotations(perceived[0], other, offsets, lags=lags, least=30)
            wanted = [naive.rotated_z(perceived[0], other, int(k), lags, 30) for k in offsets]
            np.testing.assert_allclose(found, wanted, atol=1e-9)
    flat = np.where(np.isfinite(truth[0]), 4.2, NAN)
    for one, other in ((flat, truth[0]), (perceived[0], flat)):
        assert np.isnan(accuracy_of_rotations(one, other, offsets, least=30)).all()
    inside = np.zeros((2, 200))
    inside[0, 20:150] = inside[1, 60:] = 1.0
    cuts = accuracy_on_cuts(perceived, truth, inside, lags=LAGS, least=30)
    for i in range(2):
        for j, (start, stop) in enumerate(((20, 150), (60, 200))):
            wanted = naive.on_cut(perceived[i], truth[i], start, stop, LAGS, 30)
            assert cuts[i, j] == pytest.approx(wanted, abs=1e-9)


def test_halves_leave_out_the_line_and_what_is_missing():
    truth = walks(1, 101, 11)[0]
    for half, sign in (("positive", 1), ("negative", -1)):
        np.testing.assert_array_equal(half_of(truth, half), naive.half(truth, sign))
        np.testing.assert_array_equal(half_of(truth, half, 50.0), naive.half(truth, sign, 50.0))
    for half, kept in (("positive", [NAN, NAN, 3.0]), ("negative", [1.0, NAN, NAN])):
        np.testing.assert_array_equal(half_of(np.array([1.0, 2.0, 3.0]), half), kept)
    with pytest.raises(InputError, match="half"):
        half_of(truth, "middle")
    assert np.isnan(half_of(np.full(5, NAN), "positive")).all()


def test_bias_is_apart_from_accuracy():
    truth = walks(1, 300, 12, missing=0.0)
    one = accuracy_with_everybody(truth + 7.0, truth)
    assert one.z[0, 0] > 10
    assert bias_of(truth[0] + 7.0, truth[0]) == pytest.approx(7.0)
    assert math.isnan(bias_of(np.full(3, NAN), np.ones(3)))


def test_truth_and_bias_is_least_squares():
    p, t, o = walks(3, 200, 13)
    found = truth_and_bias(p, t, o)
    wanted = naive.truth_and_bias(p, t, o)
    got = (found.directional_bias, found.truth_force, found.bias_force)
    np.testing.assert_allclose(got, wanted, atol=1e-9)
    there = np.isfinite(p) & np.isfinite(t) & np.isfinite(o)
    assert found.directional_bias == pytest.approx((p - t)[there].mean())
    assert truth_and_bias(p, t, t).status.startswith("a rating that does not vary")
    short = truth_and_bias(p[:50], t[:50], o[:50])
    assert "at least 60" in short.status
    assert math.isnan(short.truth_force)
    assert math.isnan(truth_and_bias(p, t).bias_force)


@pytest.mark.parametrize("with_own", [True, False])
def test_truth_and_bias_is_that_of_statsmodels(with_own):
    api = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    p, t, o = walks(3, 400, 15)
    there = np.isfinite(np.stack([p, t, o] if with_own else [p, t])).all(axis=0)
    middle = t[there].mean()
    parts = [t[there] - middle, *([o[there] - o[there].mean()] if with_own else [])]
    wanted = api.OLS(p[there] - middle, api.add_constant(np.column_stack(parts))).fit().params
    found = truth_and_bias(p, t, o if with_own else None)
    got = (found.directional_bias, found.truth_force, found.bias_force)[: len(wanted)]
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_the_interval_over_dyads_is_students():
    values = np.random.default_rng(14).standard_normal(12)
    found = pooled(values)
    half = 2.200985 * values.std(ddof=1) / math.sqrt(12)  # t of 11 degrees of freedom, .975
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    assert math.isnan(pooled(np.array([1.0, 2.0])).low)
    assert math.isnan(pooled(np.full(5, 2.0)).low)


def test_a_reaction_lag_is_found_between_samples():
    setup = RatingSetup(rate_hz=1.0, reaction_lag_s=0.0, perceiver_lag_s=2.0, accuracy=0.8)
    rng = np.random.default_rng(15)
    made = [make_ratings(rng, setup, accuracy=0.8, duration_s=600) for _ in range(12)]
    perceived, target = np.stack([m.perceived for m in made]), np.stack([m.target for m in made])
    lags = range(-8, 9)
    found = reaction_lag(
        lag_profiles(perceived, target, lags=lags, least=60), np.array(lags, float), rng
    )
    assert found.low_s < 2.0 < found.high_s
    assert abs(found.value_s - 2.0) < 0.4
    short = lag_profiles(perceived, target, lags=range(-1, 2), least=60)
    edge = reaction_lag(short, np.arange(-1.0, 2.0), rng)
    assert "edge" in edge.status
    assert math.isnan(edge.value_s)
    with pytest.raises(InputError, match="profiles"):
        reaction_lag(short, np.arange(4.0), rng)


def test_reaction_lag_behind_what_was_felt():
    setup = RatingSetup(rate_hz=2.0, reaction_lag_s=3.0, perceiver_lag_s=1.0)
    made = make_ratings(np.random.default_rng(16), setup, accuracy=0.9, duration_s=900)
    lags = range(-20, 21)
    at = np.array(lags) / 2.0
    for rating, late in ((made.target, 3.0), (made.perceived, 4.0)):
        profile = lag_profiles(rating[None], made.felt[None], lags=lags, least=60)[0]
        assert at[np.argmax(profile)] == pytest.approx(late, abs=0.51)


def test_a_session_has_no_part_in_the_lag_it_is_read_at():
    lags = np.array([-1.0, 0.0, 1.0])
    profiles = np.array([[0, 0, 5.0], [0, 0, 5.0], [0, 1.0, 0]])
    chosen = without_own(profiles, ["a", "a", "b"], lags)
    assert chosen.tolist() == [0.0, 0.0, 1.0]


def test_the_mean_of_raters_does_not_step_where_one_stops():
    t = np.sin(np.arange(60) / 5)
    raters = np.stack([t + 1, t + 3, t + 8])
    raters[2, 30:] = NAN
    np.testing.assert_allclose(mean_of_raters(raters), t + 4, atol=1e-12)
    raters[1, 50:] = NAN
    assert np.isnan(mean_of_raters(raters)[50:]).all()
    assert pairwise_agreement(raters[:, :30]) == pytest.approx(1.0)
    assert math.isnan(pairwise_agreement(raters[:1]))


def made_study(dyads, seed, **planted):
    setup = RatingSetup(rate_hz=1.0, perceiver_lag_s=0.0, reaction_lag_s=0.0, **planted)
    rng = np.random.default_rng(seed)
    made = [make_ratings(rng, setup, accuracy=setup.accuracy, duration_s=400) for _ in range(dyads)]
    return np.stack([m.perceived for m in made]), np.stack([m.target for m in made])


def both_tests(perceived, target, how=None, seed=1):
    n = len(perceived)
    names = [f"d{k}" for k in range(n)]
    found = compare(
        perceived, target, names, how or Comparison(rotations=99), seed=seed, names=names
    )
    facts = {"finding": "accuracy", "label": "x"}
    one = against_strangers(
        found,
        names,
        ~np.eye(n, dtype=bool),
        (names, [f"t{k}" for k in range(n)]),
        np.random.default_rng(seed),
        facts=facts,
        draws=199,
        bootstrap=99,
    )
    return found, one, against_rotations(found, names, facts=facts)


def test_planted_accuracy_exceeds_strangers_and_rotations():
    found, strangers, rotations = both_tests(*made_study(10, 17, accuracy=0.7, own=0.0))
    for row in (strangers, rotations):
        assert row.status == "ok"
        assert row.p_one <= 0.01
        assert row.low < 0.7 < row.high
        assert row.null_low < 0 < row.null_high
    assert rotations.value == pytest.approx(np.nanmean(found.z))


def test_who_rated_at_random_is_seldom_called_accurate():
    p = [
        [row.p_one for row in both_tests(*made_study(8, 500 + k, accuracy=0.0, own=0.0))[1:]]
        for k in range(60)
    ]
    alarms = (np.array(p) <= 0.05).sum(axis=0)
    assert (alarms <= 8).all(), alarms  # binomial: 3 to be expected, more than 8 once in 300


def test_two_ratings_that_are_one_recording_have_no_accuracy():
    perceived, target = made_study(8, 19, accuracy=0.5, own=0.0)
    perceived[3] = 2 * target[3] - 1
    found, strangers, rotations = both_tests(perceived, target)
    assert found.same.tolist() == [k == 3 for k in range(8)]
    assert math.isnan(found.z[3])
    assert strangers.n_dyads == rotations.n_dyads == 7
    assert strangers.detail["same_recording"] == 1


def test_missing_draws_never_help():
    perceived, target = made_study(8, 20, accuracy=0.6, own=0.0)
    names = [f"d{k}" for k in range(8)]
    found, _, whole = both_tests(perceived, target)
    found.rotations[2, :40] = NAN
    facts = {"finding": "accuracy", "label": "x"}
    lacking = against_rotations(found, names, facts=facts)
    assert lacking.p_one >= 41 / 100
    assert whole.p_one == pytest.approx(0.01)


def test_few_dyads_or_short_sessions_are_not_testable():
    perceived, target = made_study(4, 21, accuracy=0.6, own=0.0)
    _, strangers, rotations = both_tests(perceived, target)
    assert strangers.status.startswith("not testable: 4 dyads")
    assert rotations.status.startswith("not testable: 4 dyads")
    assert math.isfinite(rotations.value)
    _, _, short = both_tests(perceived[:, :100], target[:, :100])
    assert "long enough to be rotated" in short.status


@pytest.mark.parametrize("lag", ["fixed", "best", "estimated"])
def test_a_lag_is_undone(lag):
    setup = RatingSetup(rate_hz=1.0, reaction_lag_s=0.0, perceiver_lag_s=2.0, own=0.0)
    rng = np.random.default_rng(22)
    made = [make_ratings(rng, setup, accuracy=0.8, duration_s=500) for _ in range(8)]
    perceived, target = np.stack([m.perceived for m in made]), np.stack([m.target for m in made])
    zero, _, _ = both_tests(perceived, target)
    how = Comparison(lag=lag, lag_s=2.0 if lag == "fixed" else 0.0, rotations=99)
    found, strangers, _ = both_tests(perceived, target, how)
    assert np.nanmean(found.z) > np.nanmean(zero.z) + 0.05
    assert abs(np.nanmean(found.lag_s) - 2.0) < 0.6
    assert strangers.p_one <= 0.01
    if lag == "best":  # strangers choose their lag too, so that their mean lies above zero
        assert np.nanmean(found.strangers[~np.eye(8, dtype=bool)]) > 0


def test_order_of_sessions_does_not_change_a_session():
    perceived, target = made_study(6, 23, accuracy=0.4, own=0.0)
    names = [f"d{k}" for k in range(6)]
    how = Comparison(rotations=19)
    one = compare(perceived, target, names, how, seed=5, names=names)
    back = compare(perceived[::-1], target[::-1], names[::-1], how, seed=5, names=names[::-1])
    np.testing.assert_allclose(one.z, back.z[::-1])
    np.testing.assert_allclose(one.rotations, back.rotations[::-1])


def test_links_with_accuracy_and_their_difference():
    rng = np.random.default_rng(24)
    accuracy = rng.standard_normal(30)
    near, far = accuracy + 0.4 * rng.standard_normal(30), rng.standard_normal(30)
    names = [f"d{k}" for k in range(30)]
    facts = {"label": "therapist.accuracy", "method": "marci", "statistic": "ssi"}
    found = link_accuracy(near, accuracy, names, rng, facts=facts, detail={"between": "a"})
    assert found.finding == "accuracy_link"
    assert found.value == pytest.approx(np.corrcoef(near, accuracy)[0, 1])
    assert found.detail["between"] == "a"
    apart = difference_of_links(near, far, accuracy, names, rng, facts=facts, detail={})
    wanted = np.corrcoef(near, accuracy)[0, 1] - np.corrcoef(far, accuracy)[0, 1]
    assert apart.value == pytest.approx(wanted)
    assert 0 < apart.low < wanted < apart.high
    few = difference_of_links(
        near[:3], far[:3], accuracy[:3], names[:3], rng, facts=facts, detail={}
    )
    assert few.status.startswith("not testable")


def judged(rows):
    return [
        Judgement(session="s1", perceiver="T", target="P", stop=a, thought_of=b, judge=j, points=p)
        for a, b, j, p in rows
    ]


def test_inferences_are_scored_as_published():
    rng = np.random.default_rng(25)
    rows = [(str(k), str(k), j, float(rng.integers(0, 3))) for k in range(8) for j in "abcde"]
    wrong = [
        (str(k), str((k + 3) % 8), j, float(rng.integers(0, 2))) for k in range(8) for j in "ab"
    ]
    (found,) = score_inferences(judged(rows + wrong), rng)
    assert found.percent == pytest.approx(naive.percent_right([(a, j, p) for a, _, j, p in rows]))
    base = naive.percent_right([((a, b), j, p) for a, b, j, p in wrong])
    assert found.baseline == pytest.approx(base)
    assert (found.stops, found.judges, found.baseline_pairs) == (8, 5, 8)
    assert found.low < found.percent < found.high
    points = np.array([[p for a, _, j, p in rows if a == str(k)] for k in range(8)])
    wanted = np.corrcoef(points.T)[np.triu_indices(5, 1)].mean()
    assert found.agreement == pytest.approx(wanted)


def test_a_judge_who_gave_nothing_is_left_out():
    rows = [("1", "1", "a", 2.0), ("1", "1", "b", NAN), ("2", "2", "a", NAN)]
    (found,) = score_inferences(judged(rows), np.random.default_rng(1))
    assert (found.percent, found.stops) == (100.0, 1)
    assert math.isnan(found.baseline)
    assert math.isnan(found.agreement)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("s1\tT\tP\t1\tj\t3", "0 to 2 points"),
        ("s1\tT\tP\t1\tj\ttwo", "a number"),
        ("s1\tT\tP\t\tj\t1", "an empty cell"),
        ("s1\tT\tP\t1\tj\t1\ns1\tT\tP\t1\tj\t2", "a second judgement"),
    ],
)
def test_a_bad_judgement_is_refused_by_line(tmp_path, row, says):
    path = tmp_path / "inferences.tsv"
    path.write_text(f"session_id\tperceiver\ttarget\tstop\tjudge\tpoints\n{row}\n")
    with pytest.raises(FileError, match=says) as caught:
        read_inferences(path)
    assert caught.value.line in (2, 3)


def test_extent_of_nothing():
    assert extent(np.full(4, NAN)) == (0, 0)
