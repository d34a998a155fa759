import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import chance as reference
from scipy.stats import binomtest
from surrogates.worlds import mean_correlation, slow_noise

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.decision import sign_flip
from syntony.surrogates.derangements import derangements
from syntony.surrogates.study import _variances, by_dyad, study_test


def shared(n, per_therapist):
    therapist = np.arange(n) // per_therapist
    return therapist[:, None] != therapist[None, :]


def index_of(rng, n, per_therapist=1):
    """Index of every first with every second person; some people are in step with everybody."""
    therapist = np.arange(n) // per_therapist
    second = rng.standard_normal(therapist.max() + 1)[therapist] + rng.standard_normal(n)
    return rng.standard_normal(n)[:, None] + second[None, :] + rng.standard_normal((n, n))


def spread_out(real):
    return np.repeat(real[:, None], real.size, axis=1)


def outcome_of(index, allowed, rng, effect=0.0, **options):
    real = np.diag(index) + effect
    return study_test(real, index, spread_out(real), allowed, rng, **options)


def test_the_draws_are_those_of_the_definition():
    rng = np.random.default_rng(1)
    index, cut = index_of(rng, 12, 3), rng.standard_normal((12, 12))
    real, allowed = np.diag(index).copy(), shared(12, 3)
    got = study_test(real, index, cut, allowed, rng_for(3, "study"), draws=199)
    swaps = derangements(allowed, 199, rng_for(3, "study"))
    null, p_plain = reference.study_null(
        real.tolist(), index.tolist(), cut.tolist(), swaps.tolist()
    )
    assert_allclose(got.null, null, atol=1e-12)
    assert_allclose(got.observed, real.mean())
    assert got.p_plain == p_plain
    assert got.p_one == reference.p_values(got.observed, null)[0]
    assert got.p_two == reference.p_values(got.observed, null)[2]
    assert (got.draws, got.floor) == (199, 1 / 200)
    assert got.n_pairs == allowed.sum()


def test_a_study_of_six_uses_every_re_pairing_once():
    got = outcome_of(index_of(np.random.default_rng(0), 6), ~np.eye(6, dtype=bool), rng_for(1))
    assert got.draws == 265
    assert got.floor == 1 / 266
    assert_allclose(got.spread, np.sqrt(6 / 4))


@pytest.mark.parametrize("n", [0, 1, 5])
def test_under_six_dyads_it_is_not_testable(n):
    got = outcome_of(np.zeros((n, n)), ~np.eye(n, dtype=bool), rng_for(1))
    there = 0 if n == 1 else n  # one dyad alone has no stranger, so it is left out before
    assert got.status == f"not testable: {there} dyads, at least 6 are needed"
    assert np.isnan([got.p_one, got.p_two, got.z, got.d, got.floor]).all()
    assert got.null.size == 0


def test_one_therapist_with_most_patients_is_not_testable():
    got = outcome_of(index_of(np.random.default_rng(0), 8), shared(8, 5), rng_for(1))
    assert got.status.startswith("not testable: not everybody can have a stranger at once")
    named = outcome_of(np.zeros((8, 8)), shared(8, 5), rng_for(1), labels=list("abcdefgh"))
    assert "between them (dyads f, g, h)" in named.status
    assert "dyads 0, 1, 2, 3, 4 have only 3 admissible partners" in got.status


def test_missing_dyads_and_dyads_without_strangers_are_left_out_and_counted():
    rng = np.random.default_rng(4)
    index, allowed = index_of(rng, 10), ~np.eye(10, dtype=bool)
    allowed[8] = False  # no stranger for the first person of dyad 8
    real = np.diag(index).copy()
    real[9] = np.nan
    got = study_test(real, index, spread_out(real), allowed, rng_for(1))
    small = study_test(real[:8], index[:8, :8], spread_out(real[:8]), allowed[:8, :8], rng_for(1))
    assert (got.n_dyads, got.n_missing, got.n_alone) == (8, 1, 1)
    assert got.p_one == small.p_one
    assert np.isnan(got.differences[8:]).all()
    assert_allclose(got.differences[:8], small.differences)


def test_a_pair_without_an_index_is_avoided_and_counted():
    rng = np.random.default_rng(4)
    index, allowed = index_of(rng, 10), ~np.eye(10, dtype=bool)
    real = np.diag(index).copy()
    index[0, 1] = np.nan
    got = study_test(real, index, spread_out(real), allowed, rng_for(1))
    assert got.n_pairs_missing == 1
    assert np.isfinite(got.null).all()


def test_where_it_cannot_be_avoided_it_counts_against_the_finding():
    rng = np.random.default_rng(4)
    index, allowed = index_of(rng, 8), ~np.eye(8, dtype=bool)
    real = np.diag(index) + 50.0
    index[0] = np.nan
    got = study_test(real, index, spread_out(real), allowed, rng_for(1))
    assert got.status == "ok"
    assert np.isnan(got.null).all()
    assert (got.p_one, got.p_two, got.p_plain) == (1.0, 1.0, 1.0)


def test_ties_everywhere_are_no_finding():
    got = outcome_of(np.full((8, 8), 10.0), ~np.eye(8, dtype=bool), rng_for(1))
    assert (got.p_one, got.p_two, got.p_plain) == (1.0, 1.0, 1.0)
    assert np.isnan(got.z)
    additive = np.arange(8.0)[:, None] * 0.1 + np.arange(8.0)[None, :] * 0.7
    got = outcome_of(additive, ~np.eye(8, dtype=bool), rng_for(1))
    assert (got.p_one, got.p_two, got.p_plain) == (1.0, 1.0, 1.0)


def test_a_shorter_stranger_is_compared_with_the_real_index_of_that_length():
    rng = np.random.default_rng(4)
    index = index_of(rng, 12)
    real = np.diag(index).copy()
    changed = index + 3.0  # what a shorter recording does to any index
    cut = spread_out(real) + 3.0
    allowed = ~np.eye(12, dtype=bool)
    whole = study_test(real, index, spread_out(real), allowed, rng_for(1))
    short = study_test(real, changed, cut, allowed, rng_for(1))
    assert_allclose(short.null, whole.null)
    assert short.p_one == whole.p_one
    assert_allclose([short.d, short.d_low], [whole.d, whole.d_low])


def test_real_dyads_above_strangers_are_found_and_below_are_told_apart():
    index = index_of(np.random.default_rng(5), 20, 2)
    above = outcome_of(index, shared(20, 2), rng_for(1), effect=1.5)
    below = outcome_of(index, shared(20, 2), rng_for(1), effect=-1.5)
    assert above.p_one < 0.01
    assert above.z > 2
    assert above.d_low > 0
    assert below.p_one > 0.99
    assert below.p_two < 0.02
    assert below.d_high < 0


def test_people_in_step_with_everybody_make_no_finding():
    index = index_of(np.random.default_rng(6), 20) + 100.0 * (np.arange(20) == 3)[:, None]
    plain = outcome_of(
        index - 100.0 * (np.arange(20) == 3)[:, None], ~np.eye(20, dtype=bool), rng_for(1)
    )
    got = outcome_of(index, ~np.eye(20, dtype=bool), rng_for(1))
    assert got.p_one == plain.p_one
    assert_allclose(got.differences, plain.differences, atol=1e-7)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="real_cut"):
        study_test(np.zeros(7), np.zeros((7, 7)), np.zeros(7), shared(7, 1), rng_for(1))
    with pytest.raises(InputError, match="n_dyads"):
        study_test(np.zeros((7, 1)), np.zeros((7, 7)), np.zeros((7, 7)), shared(7, 1), rng_for(1))


def test_sessions_become_dyads_on_what_can_be_compared():
    labels = ["a", "a", "b", "b", "c"]
    number = np.array([1, 2, 1, 2, 2])
    dyad = np.array([0, 0, 1, 1, 2])
    allowed = (number[:, None] == number[None, :]) & (dyad[:, None] != dyad[None, :])
    rng = np.random.default_rng(0)
    real, pseudo, cut = rng.standard_normal(5), *rng.standard_normal((2, 5, 5))
    pseudo[0, 2] = np.nan
    names, mean, p, c, may = by_dyad(labels, real, pseudo, cut, allowed)
    assert names == ("a", "b", "c")
    assert_allclose(mean, [real[:2].mean(), real[2:4].mean(), real[4]])
    assert_allclose(p[0], [np.nan, pseudo[1, 3], pseudo[1, 4]])
    assert_allclose(c[0], [np.nan, cut[1, 3], cut[1, 4]])
    assert_allclose(p[1, 0], (pseudo[2, 0] + pseudo[3, 1]) / 2)
    assert_allclose(c[1, 0], (cut[2, 0] + cut[3, 1]) / 2)
    assert may.tolist() == [[False, True, True], [True, False, True], [True, True, False]]


def test_one_session_a_dyad_stays_as_it_is():
    rng = np.random.default_rng(0)
    real, pseudo, cut = rng.standard_normal(6), *rng.standard_normal((2, 6, 6))
    real[2] = np.nan
    allowed = shared(6, 2)
    _, mean, p, c, may = by_dyad(list("abcdef"), real, pseudo, cut, allowed)
    assert_allclose(mean, real)
    assert_allclose(p[allowed], pseudo[allowed])
    assert_allclose(c[allowed], cut[allowed])
    assert (may == allowed).all()


def claims(n, per_therapist, runs, seed):
    """How many null studies the study test and the sign flips call a finding at .05."""
    low = flips = high = 0
    for k in range(runs):
        rng = rng_for(seed, "null study", n, per_therapist, k)
        got = outcome_of(
            index_of(rng, n, per_therapist), shared(n, per_therapist), rng, draws=199, bootstrap=0
        )
        low += got.p_one <= 0.05
        high += (np.count_nonzero(got.null <= got.observed) + 1) / (got.draws + 1) <= 0.05
        flips += sign_flip(got.differences, rng, 999).p_one <= 0.05
    return low, high, flips


def test_null_studies_with_shared_therapists_are_rarely_called_a_finding():
    for hits in claims(30, 3, 80, seed=21)[:2]:
        assert binomtest(hits, 80, 0.05).pvalue > 0.001, f"{hits} of 80"


@pytest.mark.slow
@pytest.mark.parametrize(("n", "per_therapist"), [(6, 1), (8, 1), (12, 3), (20, 1), (60, 3)])
def test_null_studies_are_called_a_finding_five_times_in_a_hundred(n, per_therapist):
    low, high, flips = claims(n, per_therapist, 2000, seed=22)
    assert binomtest(low, 2000, 0.05).pvalue > 0.001, f"study test: {low} of 2000"
    assert binomtest(high, 2000, 0.05).pvalue > 0.001, f"study test, lower side: {high} of 2000"
    assert binomtest(flips, 2000, 0.05, alternative="greater").pvalue > 0.001, f"flips: {flips}"


def habit_claims(seed, runs):
    """Findings among null studies of 12 dyads of 4 therapists whose rhythm recurs: p, without."""
    people = [f"P{k}" for k in range(12)], [f"T{k // 3}" for k in range(12)]
    informed = uninformed = 0
    for k in range(runs):
        rng = rng_for(seed, "signals", k)
        habit = [slow_noise(rng, 1200, 0.98) for _ in range(4)]
        first = [slow_noise(rng, 1200) for _ in range(12)]
        second = [slow_noise(rng, 1200) + habit[i // 3] for i in range(12)]
        index = np.array([[mean_correlation(x, y) for y in second] for x in first])
        options = {"draws": 199, "bootstrap": 0}
        informed += (
            outcome_of(index, shared(12, 3), rng_for(seed, k), people=people, **options).p_one
            <= 0.05
        )
        uninformed += outcome_of(index, shared(12, 3), rng_for(seed, k), **options).p_one <= 0.05
    return informed, uninformed


@pytest.mark.slow
@pytest.mark.parametrize("seed", [23, 24])
def test_therapists_with_habits_make_fewer_false_findings_once_they_are_named(seed):
    """Not five in a hundred yet: 6.3 of 100 over 3000 studies, as the docstring says."""
    informed, uninformed = habit_claims(seed, 500)
    assert binomtest(informed, 500, 0.05).pvalue > 0.001, f"{informed}, unnamed {uninformed}"
    assert informed <= uninformed


def test_people_who_come_often_are_counted_as_in_the_definition():
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 9, (6, 6))
    swaps = np.array([rng.permutation(6) for _ in range(20)])
    held = np.zeros((20, 9))
    for k, s in enumerate(swaps):
        for i in range(6):
            held[k, cells[i, s[i]]] += 1
    real = np.bincount(np.diag(cells), minlength=9)
    want = ((real - held.mean(axis=0)) ** 2).sum(), held.var(axis=0).sum()
    assert_allclose(_variances(swaps, cells), want, rtol=1e-12)


def test_naming_people_widens_the_draws_only_where_somebody_comes_often():
    rng = np.random.default_rng(7)
    therapist = np.arange(12) // 3
    habit = rng.standard_normal((12, 4))[:, therapist]  # a patient's match with a therapist
    index = habit + 0.3 * rng.standard_normal((12, 12))
    patients = [f"P{k}" for k in range(12)]
    plain = outcome_of(index, shared(12, 3), rng_for(1))
    apart = outcome_of(index, shared(12, 3), rng_for(1), people=(patients, patients))
    often = outcome_of(
        index, shared(12, 3), rng_for(1), people=(patients, [f"T{k}" for k in therapist])
    )
    assert apart.spread == plain.spread < often.spread
    with pytest.raises(InputError, match="one id for each of the 12 dyads"):
        outcome_of(index, shared(12, 3), rng_for(1), people=(patients[:3], patients))
