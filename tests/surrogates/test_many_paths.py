"""Many paths together: a plain twin, the single test, chance among strangers, what ties do."""

import numpy as np
import pytest
from reference import multiverse as plain
from scipy.stats import binomtest

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.derangements import derangements
from syntony.surrogates.many_paths import (
    complete,
    joint_shift_test,
    joint_test,
    judge_together,
)
from syntony.surrogates.study import study_test


def strangers(rng, n, paths, *, therapists=None, habits=0.0, lift=0.0):
    """Index matrices of paths that see one truth with noise; ``lift`` couples real dyads."""
    who = np.arange(n) if therapists is None else np.arange(n) % therapists
    habit = rng.standard_normal((n, who.max() + 1))[:, who] * habits
    own = rng.standard_normal((n, n)) + habit + rng.standard_normal((n, 1))
    noise = rng.uniform(0.2, 1.5, paths)[:, None, None]
    index = own + noise * rng.standard_normal((paths, n, n))
    index[:, np.arange(n), np.arange(n)] += lift
    allowed = who[:, None] != who[None, :]
    real = np.diagonal(index, axis1=1, axis2=2).copy()
    return real, index, np.repeat(real[:, :, None], n, axis=2), allowed, who


def judged(seed, n, paths, *, draws=99, **more):
    real, index, cut, allowed, who = strangers(rng_for(seed, "made"), n, paths, **more)
    people = [f"p{k}" for k in range(n)], [f"t{k}" for k in who]
    return joint_test(
        real, index, cut, allowed, rng_for(seed, "test"), draws=draws, bootstrap=99, people=people
    )


def test_it_is_what_a_plain_twin_gives():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(1), 9, 6)
    found = joint_test(real, index, cut, allowed, np.random.default_rng(5), draws=60, bootstrap=99)
    swaps = derangements(allowed, 60, np.random.default_rng(5))
    want = plain.effects(real, index, cut, swaps)
    np.testing.assert_allclose(found.effects, want[0], rtol=1e-9)
    np.testing.assert_allclose(found.draws, want[1:], rtol=1e-9, atol=1e-12)
    told = plain.together(want)
    assert (found.median, found.median_p_one) == pytest.approx(told["median"])
    assert (found.same_sign, found.same_sign_p) == pytest.approx(told["same_sign"])
    assert (found.beyond, found.beyond_p) == pytest.approx(told["beyond"])


def test_one_path_is_the_test_of_the_study():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(2), 6, 1, lift=1.0)
    both = [np.random.default_rng(3) for _ in range(2)]
    many = joint_test(real, index, cut, allowed, both[0], draws=999, bootstrap=999)  # all 265
    one = study_test(real[0], index[0], cut[0], allowed, both[1], bootstrap=999)
    assert many.draws.shape == (265, 1)
    assert many.effects[0] == pytest.approx(one.d)
    assert many.spread[0] == pytest.approx(one.spread)
    assert many.median_p_one == one.p_one
    assert (many.median_p_two) == one.p_two
    assert (many.low[0], many.high[0]) == pytest.approx((one.d_low, one.d_high))


def test_cut_sessions_are_compared_at_their_own_length():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(4), 8, 3)
    lower = rng_for(1, "cut").standard_normal((3, 8, 8))
    same = joint_test(real, index, cut, allowed, np.random.default_rng(1), draws=50, bootstrap=99)
    moved = joint_test(
        real, index + lower, cut + lower, allowed, np.random.default_rng(1), draws=50, bootstrap=99
    )
    np.testing.assert_allclose(moved.effects, same.effects, rtol=1e-9)
    np.testing.assert_allclose(moved.draws, same.draws, rtol=1e-9, atol=1e-12)


def test_coupling_is_found_on_all_paths_together():
    found = judged(7, 10, 20, lift=3.0)
    assert found.median_p_one <= 0.02
    assert found.beyond_p <= 0.02
    assert found.same_sign == 1.0
    assert (found.low > 0).mean() > 0.5


def test_a_draw_without_a_value_on_one_path_counts_against_the_finding():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(3), 6, 4, lift=5.0)
    index[2, 0, 1:] = np.nan  # first person of dyad 0 has no stranger on path 2
    found = joint_test(real, index, cut, allowed, np.random.default_rng(1), draws=99, bootstrap=99)
    assert np.isnan(found.draws[:, 2]).all() or found.median_p_one == 1.0
    assert found.status == "ok"
    index[2, 0, 2:] = 0.0  # one stranger is lacking: re-pairings can do without
    found = joint_test(real, index, cut, allowed, np.random.default_rng(1), draws=99, bootstrap=99)
    assert np.isfinite(found.draws).all()


def test_ties_never_help():
    told = judge_together(np.ones(5), np.ones((99, 5)))
    assert told["median_p_one"] == told["same_sign_p"] == told["beyond_p"] == 1.0
    assert told["beyond"] == 0.0


def test_paths_that_do_not_vary_have_no_effect():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(3), 8, 3)
    real[1], index[1], cut[1] = 10.0, 10.0, 10.0
    found = joint_test(real, index, cut, allowed, np.random.default_rng(1), draws=99, bootstrap=99)
    assert np.isnan(found.effects[1]), found.effects
    assert np.isfinite(found.effects[[0, 2]]).all()
    assert np.isfinite(found.median_p_one)


def test_too_few_dyads_are_not_tested():
    found = judged(1, 5, 3)
    assert found.status == "not testable: 5 dyads, at least 6 are needed"
    assert np.isnan(found.median_p_one)


def test_shapes_that_do_not_fit_are_refused():
    real, index, cut, allowed, _ = strangers(np.random.default_rng(3), 6, 2)
    for changed in (
        {"pseudo": index[:, :5]},
        {"allowed": allowed[:5]},
        {"real": np.where(real > 0, np.nan, real)},
    ):
        given = {"real": real, "pseudo": index, "real_cut": cut, "allowed": allowed} | changed
        with pytest.raises(InputError):
            joint_test(*given.values(), np.random.default_rng(1))


def test_shifts_taken_for_all_paths():
    rng = np.random.default_rng(5)
    shared = rng.standard_normal((1, 3, 99))
    shifted = shared + 0.3 * rng.standard_normal((8, 3, 99))
    quiet = joint_shift_test(np.zeros((8, 3)), shifted, rng)
    loud = joint_shift_test(np.full((8, 3), 4.0), shifted, rng)
    assert loud.median_p_one == 0.01
    assert quiet.median_p_one > 0.05
    assert (loud.low > 0).all()
    want = (4.0 - shifted.mean(axis=(1, 2))) / np.sqrt(shifted.var(axis=2, ddof=1).mean(axis=1))
    np.testing.assert_allclose(loud.effects, want)


def test_complete_gives_up_a_dyad_rather_than_half_of_the_paths():
    values = np.ones((10, 8))
    values[:5, 3] = np.nan
    values[9, :6] = np.nan
    paths, dyads = complete(values)
    assert paths.tolist() == list(range(9))
    assert dyads.tolist() == [0, 1, 2, 4, 5, 6, 7]
    assert complete(np.full((2, 2), np.nan))[0].size == 0


def alarms(studies, n, paths, **more):
    """Of made studies without coupling: how many each statistic would call coupled at .05."""
    hits = np.zeros(4, dtype=int)
    for k in range(studies):
        found = judged(10_000 + k, n, paths, **more)
        ps = (found.median_p_one, found.median_p_two, found.same_sign_p, found.beyond_p)
        hits += np.array(ps) <= 0.05
    return hits.tolist()


@pytest.mark.slow
def test_strangers_are_seldom_called_coupled():
    studies = 400
    for hits in alarms(studies, 8, 6):
        assert binomtest(hits, studies).proportion_ci(0.999).low < 0.05, hits


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "more"),
    [(6, {}), (8, {}), (20, {}), (12, {"therapists": 4, "habits": 1.0})],
    ids=["6 dyads", "8 dyads", "20 dyads", "12 dyads of 4 therapists"],
)
def test_false_alarms_of_many_studies(n, more):
    studies = 2000
    for hits in alarms(studies, n, 12, **more):
        assert hits <= 0.075 * studies, f"{hits} of {studies}"
