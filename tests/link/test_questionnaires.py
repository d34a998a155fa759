"""Alpha, omega, change and likeness: twins, known answers, properties, coverage, false alarms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import link as link_reference
from reference import questionnaires as reference

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.intervals import bca_interval
from syntony.link.questionnaires.change import change_of, error_limit
from syntony.link.questionnaires.clusters import clustered_interval, clusters_of
from syntony.link.questionnaires.factor import one_factor
from syntony.link.questionnaires.likeness import alike
from syntony.link.questionnaires.reliability import omega_total, reliable
from syntony.link.questionnaires.timing import days_between, minutes_between, read_stamp
from syntony.link.scoring import alpha_of


def answers(rng, n, loadings, noise=1.0):
    shared = rng.standard_normal((n, 1))
    return shared * np.asarray(loadings) + noise * rng.standard_normal((n, len(loadings)))


# --- omega -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_omega_is_that_of_the_naive_twin(seed):
    rng = rng_for(seed, "omega twin")
    table = answers(rng, 60, [1.0, 0.8, 0.6, 0.9, 0.4])
    assert_allclose(omega_total(np.cov(table.T)[None])[0], reference.omega(table), atol=1e-5)


def test_the_factor_is_that_of_statsmodels():
    from statsmodels.multivariate.factor import Factor

    table = answers(rng_for(1, "statsmodels"), 120, [1.0, 0.5, 0.8, 0.7])
    fit = Factor(table, n_factor=1, method="ml").fit()
    ours = one_factor(np.corrcoef(table.T)[None])
    assert_allclose(ours.loadings[0], np.abs(np.asarray(fit.loadings)[:, 0]), atol=1e-4)
    assert_allclose(ours.residuals[0], fit.uniqueness, atol=1e-4)


def test_omega_of_a_known_model_is_its_formula_and_not_alpha():
    loadings, own = np.array([1.2, 0.3, 0.9, 0.5]), np.array([0.4, 1.0, 0.7, 1.5])
    found = omega_total((np.outer(loadings, loadings) + np.diag(own))[None])[0]
    assert_allclose(found, loadings.sum() ** 2 / (loadings.sum() ** 2 + own.sum()), rtol=1e-5)
    whole = np.outer(loadings, loadings) + np.diag(own)
    alpha = 4 / 3 * (1 - np.trace(whole) / whole.sum())
    assert alpha < found - 0.02


def test_items_that_are_alike_have_one_omega_and_alpha():
    whole = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    assert_allclose(omega_total(whole[None])[0], 6 * 0.4 / (1 + 5 * 0.4), rtol=1e-6)


def test_the_standardized_example_of_another_program():
    """Loadings .856274547, .728978383, .776175521 give .831138 (public test of jspss)."""
    a = np.array([0.856274547, 0.728978383, 0.776175521])
    whole = np.outer(a, a) + np.diag(1 - a**2)
    assert 0.831138 < omega_total(whole[None])[0] < 0.831139


def test_feldt_interval_is_the_published_formula():
    """26 items, 41 people, 90 %: 1 - (1 - alpha) F, F with 40 and 1,000 degrees."""
    from scipy.stats import f

    rng = rng_for(3, "feldt example")
    table = answers(rng, 41, np.full(26, 0.4))
    found = alpha_of(table, level=0.90)
    assert_allclose(found.low, 1 - (1 - found.alpha) * f.ppf(0.95, 40, 1000), rtol=1e-10)
    assert_allclose(found.high, 1 - (1 - found.alpha) * f.ppf(0.05, 40, 1000), rtol=1e-10)


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 60), st.integers(3, 7), st.integers(0, 999), st.floats(0.1, 50))
def test_omega_minds_neither_order_nor_offset_nor_one_unit_for_all(n, k, seed, unit):
    rng = np.random.default_rng(seed)
    table = answers(rng, n, rng.uniform(0.4, 1.2, k))
    found = omega_total(np.cov(table.T)[None])[0]
    moved = table[rng.permutation(n)][:, rng.permutation(k)] * unit + np.arange(k)
    assert_allclose(omega_total(np.cov(moved.T)[None])[0], found, atol=5e-5)
    assert 0 <= found <= 1


def test_an_item_as_good_as_the_factor_is_told():
    whole = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])  # would need .8 * .8 / .5
    assert one_factor(whole[None]).at_floor[0]
    rng = rng_for(4, "heywood")
    plain = rng.standard_normal((40, 3))
    plain -= plain.mean(axis=0)
    table = plain @ np.linalg.inv(np.linalg.cholesky(np.cov(plain.T)).T)
    table = table @ np.linalg.cholesky(whole).T
    found = reliable(table, range(40), rng, draws=99)
    assert "Heywood" in found.status
    assert 0 < found.omega < 1


# --- intervals over dyads --------------------------------------------------------------------


def test_sums_by_cluster_give_the_covariances_of_the_rows_themselves():
    rng = rng_for(5, "sums")
    table = answers(rng, 30, [1, 1, 1, 1])
    clusters = np.repeat(np.arange(10), 3)
    found = reliable(table, clusters, rng_for(6, "same"), draws=199)
    assert_allclose(found.alpha, link_reference.alpha(table), rtol=1e-10)
    weights = rng_for(6, "same").multinomial(10, np.full(10, 0.1), size=199)
    grouped = [table[clusters == c].tolist() for c in range(10)]
    naive = reference.draw_interval(
        grouped, weights, lambda rows: link_reference.alpha(np.array(rows))
    )
    low, high = np.quantile(naive, [0.002, 0.998])
    assert low <= found.alpha_low < found.alpha_high <= high


def test_with_one_row_a_cluster_the_interval_is_that_of_the_plain_bootstrap():
    x = rng_for(7, "plain").standard_normal(40) ** 2
    value, low, high = clustered_interval(
        lambda w: w @ x / w.sum(axis=1), 40, rng_for(8, "a"), draws=20000
    )
    plain = bca_interval(x, lambda s: s.mean(axis=1), rng_for(9, "b"), draws=20000)
    assert value == pytest.approx(x.mean())
    assert_allclose((low, high), plain, atol=0.03)


def test_people_of_a_dyad_who_are_alike_widen_the_interval():
    rng = rng_for(10, "widen")
    one = answers(rng, 40, [1, 1, 1, 1])
    twice = np.repeat(one, 2, axis=0)  # both people of every dyad answer the same
    together = reliable(twice, np.repeat(np.arange(40), 2), rng_for(1, "x"), draws=999)
    apart = reliable(twice, range(80), rng_for(1, "x"), draws=999)
    alone = reliable(one, range(40), rng_for(1, "x"), draws=999)
    width = lambda f: f.alpha_high - f.alpha_low  # noqa: E731
    assert width(together) > 1.2 * width(apart)
    assert_allclose(width(together), width(alone), rtol=0.15)


def test_clusters_hang_together_through_anybody():
    names = [("d1", "P1", "T1"), ("d2", "P2", "T2"), ("d3", "P3", "T1"), ("d2", "P2", "T2")]
    assert clusters_of(names).tolist() == [0, 1, 0, 1]
    assert clusters_of([("a",), ("b", "a"), ("c",)]).tolist() == [0, 0, 1]
    assert clusters_of([(), ()]).tolist() == [0, 1]
    assert clusters_of([]).size == 0


def test_the_intervals_cover_the_true_values():
    """Dyads whose two people answer alike: 95 % intervals hold the truth in 90 to 98 of 100."""
    runs, loadings, own = 120, np.array([1.0, 0.8, 0.6, 0.9, 0.7]), 1.0
    shared = loadings.sum() ** 2
    true_omega = shared / (shared + 5 * own)
    whole = np.outer(loadings, loadings) + own * np.eye(5)
    true_alpha = 5 / 4 * (1 - np.trace(whole) / whole.sum())
    inside = np.zeros(2)
    for i in range(runs):
        rng = rng_for(11, "coverage", i)
        couple = rng.standard_normal((60, 1)).repeat(2, axis=0) * 0.8**0.5
        trait = couple + rng.standard_normal((120, 1)) * 0.2**0.5
        table = trait * loadings + rng.standard_normal((120, 5))
        found = reliable(table, np.repeat(np.arange(60), 2), rng, draws=149)
        inside += [
            found.alpha_low <= true_alpha <= found.alpha_high,
            found.omega_low <= true_omega <= found.omega_high,
        ]
    assert (inside / runs > 0.88).all()
    assert (inside / runs < 0.99).all()


def test_what_cannot_be_read_says_why():
    rng = rng_for(12, "why")
    table = answers(rng, 20, [1, 1, 1])
    one = reliable(table[:, :1], range(20), rng)
    assert one.status == "not testable: one item"
    assert np.isnan(one.alpha)
    two = reliable(table[:, :2], range(20), rng, draws=99)
    assert np.isfinite(two.alpha)
    assert np.isnan(two.omega)
    assert "three items" in two.status
    few = reliable(table[:2], range(2), rng)
    assert "at least 3" in few.status
    wide = reliable(answers(rng, 8, np.ones(9)), range(8), rng, draws=99)
    assert "more people than items" in wide.status
    assert np.isnan(wide.omega)
    flat = table.copy()
    flat[:, 1] = 3.0
    assert "same answer" in reliable(flat, range(20), rng).status
    gaps = table.copy()
    gaps[:4, 0] = np.nan
    found = reliable(gaps, range(20), rng, draws=99)
    assert (found.people, found.left_out, found.clusters) == (16, 4, 16)
    alone = reliable(table, np.zeros(20, dtype=int), rng, draws=99)
    assert np.isfinite(alone.alpha)
    assert np.isnan(alone.alpha_low)
    assert np.isnan(reliable(np.empty((0, 3)), [], rng).alpha)
    with pytest.raises(InputError, match="one for each of 20 rows"):
        reliable(table, range(19), rng)


def test_an_item_that_was_not_turned_is_named():
    rng = rng_for(13, "turned")
    table = answers(rng, 80, [1, 1, 1, 1, 1])
    table[:, 3] *= -1
    found = reliable(table, range(80), rng, draws=99)
    assert found.weakest == 3
    assert found.weakest_r < -0.3
    assert found.alpha < 0.5


# --- change ----------------------------------------------------------------------------------


def test_the_limit_is_that_of_jacobson_and_truax():
    """SD 10, reliability .8: standard error of a difference 6.32, times 1.96 is 12.40."""
    assert error_limit(10.0, 0.8) == pytest.approx(1.959964 * 10 * np.sqrt(2 * 0.2), abs=1e-5)
    assert error_limit(10.0, 1.0) == 0
    assert error_limit(10.0, -0.5) == error_limit(10.0, 0.0)
    assert np.isnan(error_limit(np.nan, 0.8))
    found = change_of(np.array([1.0, 5.0]), np.array([40.0, 60.0]), spread=10.0,
                      reliability=(0.8, 0.7, 0.9))  # fmt: skip
    assert found.rci == pytest.approx(20 / (10 * np.sqrt(0.4)))
    assert found.beyond_error == "up"
    assert (found.difference_low, found.difference_high) == pytest.approx(
        (20 - found.limit, 20 + found.limit)
    )
    assert found.limit_low < found.limit < found.limit_high


@pytest.mark.parametrize(
    ("last", "word"),
    [(40.0, "within"), (48.0, "within"), (52.0, "unsure"), (56.0, "up"), (24.0, "down")],
)
def test_where_the_reliability_is_uncertain_the_change_is_too(last, word):
    found = change_of(
        np.array([1.0, 2.0]),
        np.array([40.0, last]),
        spread=10.0,
        reliability=(0.8, 0.7, 0.9),  # limits 8.8, 12.4, 15.2
    )
    assert found.beyond_error == word


@given(st.integers(3, 12), st.integers(0, 999))
def test_the_slope_is_that_of_the_normal_equations(n, seed):
    from scipy.stats import t

    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.choice(40, n, replace=False)).astype(float), rng.normal(0, 5, n)
    found = change_of(x, y)
    gain, error = reference.slope(x.tolist(), y.tolist())
    assert_allclose(found.slope, gain, atol=1e-8)
    half = t.ppf(0.975, n - 2) * error
    assert_allclose((found.slope_low, found.slope_high), (gain - half, gain + half), atol=1e-7)


def test_gaps_and_single_sessions_give_no_change():
    nan = np.nan
    two = change_of(np.array([1.0, 2.0, 3.0]), np.array([nan, 4.0, 6.0]))
    assert (two.sessions, two.first, two.difference) == (2, 4.0, 2.0)
    assert np.isnan(two.slope_low)
    assert two.beyond_error == ""
    assert np.isnan(change_of(np.array([1.0]), np.array([4.0])).difference)
    assert change_of(np.array([1.0]), np.array([nan])).sessions == 0
    same = change_of(np.array([2.0, 2.0]), np.array([1.0, 3.0]))
    assert np.isnan(same.slope)


def test_without_true_change_five_in_a_hundred_pass_the_limit():
    rng = rng_for(14, "rci null")
    spread, reliability, n = 10.0, 0.8, 4000
    true = rng.normal(0, spread * reliability**0.5, n)
    first, last = (true + rng.normal(0, spread * (1 - reliability) ** 0.5, n) for _ in range(2))
    limit = error_limit(spread, reliability)
    assert 0.04 < np.mean(np.abs(last - first) > limit) < 0.06


# --- likeness --------------------------------------------------------------------------------


@given(st.integers(4, 30), st.integers(0, 999))
@settings(deadline=None, max_examples=30)
def test_the_icc_is_pearsons_r_of_the_double_entry(n, seed):
    rng = np.random.default_rng(seed)
    pairs = rng.normal(5, 2, (n, 2)) + rng.normal(0, 2, (n, 1))
    found = alike(pairs, range(n), rng, draws=99, permutations=19)
    assert_allclose(found.icc, reference.double_entry(pairs.tolist()), atol=1e-9)
    assert_allclose(found.r, np.corrcoef(pairs.T)[0, 1], atol=1e-9)
    swapped = alike(pairs[:, ::-1], range(n), rng, draws=99, permutations=19)
    assert_allclose((swapped.r, swapped.icc), (found.r, found.icc), atol=1e-9)


def test_a_difference_in_level_lowers_the_icc_and_not_r():
    rng = rng_for(15, "level")
    shared = rng.standard_normal((60, 1))
    pairs = shared + 0.3 * rng.standard_normal((60, 2))
    moved = pairs + np.array([0.0, 4.0])
    a, b = (alike(p, range(60), rng_for(1, "l"), draws=99) for p in (pairs, moved))
    assert b.r == pytest.approx(a.r)
    assert b.icc < a.icc - 0.5


def test_strangers_pass_as_often_as_they_should():
    hits = np.zeros(2)
    runs = 400
    for i in range(runs):
        rng = rng_for(16, "strangers", i)
        found = alike(rng.standard_normal((24, 2)), range(24), rng, draws=99, permutations=199)
        hits += [found.p_r <= 0.05, found.p_icc <= 0.05]
    assert (hits / runs < 0.085).all()
    assert (hits / runs > 0.02).all()


def test_what_has_no_likeness_says_why():
    rng = rng_for(17, "none")
    pairs = rng.standard_normal((10, 2))
    assert "at least 4" in alike(pairs[:3], range(3), rng).status
    flat = pairs.copy()
    flat[:, 1] = 2.0
    assert "same score" in alike(flat, range(10), rng).status
    gaps = pairs.copy()
    gaps[0, 1] = np.nan
    assert alike(gaps, range(10), rng, draws=99, permutations=19).dyads == 9
    shared = alike(pairs, [0, 0, *range(1, 9)], rng, draws=99)
    assert shared.clusters == 9
    assert np.isnan(shared.p_r)
    assert np.isnan(shared.fisher_low)
    assert "share people" in shared.status
    with pytest.raises(InputError, match="one for each of 10 dyads"):
        alike(pairs, range(9), rng)


# --- time of rating --------------------------------------------------------------------------


def test_minutes_and_days_after_the_session():
    ended = read_stamp("2024-03-30T23:50:00+01:00")
    same = read_stamp("2024-03-30T22:55:00Z")
    assert minutes_between(ended, same) == 5
    assert days_between(ended, same) == 0
    assert days_between(ended, read_stamp("2024-03-31T00:10:00+01:00")) == 1
    assert minutes_between(ended, read_stamp("2024-03-31T03:10:00+02:00")) == 140  # summer time
    assert np.isnan(minutes_between(ended, read_stamp("2024-03-30 23:55")))
    assert np.isnan(minutes_between(None, same))
    assert read_stamp("yesterday") is None
