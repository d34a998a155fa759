import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import chance as reference
from scipy import stats

import syntony.surrogates  # noqa: F401  (fills the list, which lends its titles)
from syntony.core.errors import InputError
from syntony.surrogates.decision import (
    disagreement,
    evidence,
    p_values,
    sign_flip,
    z_score,
)
from syntony.surrogates.effects import (
    cliffs_delta,
    d_of_weights,
    delta_of_weights,
    drawn_dyads,
    effect_d,
    effect_delta,
    superiority,
)

coarse = st.integers(-3, 3).map(float)
gappy = st.one_of(coarse, st.just(float("nan")))


@given(gappy, st.lists(gappy, max_size=30))
def test_p_is_the_count_of_its_formula(observed, null):
    got = p_values(observed, null)
    assert_allclose([float(p) for p in got], reference.p_values(observed, null), rtol=1e-12)


def test_a_draw_without_a_value_never_helps():
    full, gaps = [0.1, 0.2, 0.3, 0.9], [0.1, np.nan, np.nan, 0.9]
    assert float(p_values(0.5, full)[0]) == 2 / 5
    assert float(p_values(0.5, gaps)[0]) == 4 / 5
    assert np.isnan(p_values(np.nan, full)).all()


@given(coarse, st.lists(coarse, min_size=1, max_size=20), st.data())
def test_a_gap_in_the_draws_lowers_no_p(observed, null, data):
    at = data.draw(st.integers(0, len(null) - 1))
    gaps = [*null[:at], float("nan"), *null[at + 1 :]]
    for before, after in zip(p_values(observed, null), p_values(observed, gaps), strict=True):
        assert float(after) >= float(before)


def test_ties_never_look_like_a_finding():
    assert [float(p) for p in p_values(10.0, np.full(999, 10.0))] == [1.0, 1.0, 1.0]


def test_many_statistics_at_once_are_those_one_by_one():
    rng = np.random.default_rng(0)
    observed, null = rng.integers(0, 4, (3, 5)).astype(float), rng.integers(0, 4, (3, 5, 19))
    together = p_values(observed, null)
    for k in range(3):
        for m in range(5):
            single = p_values(observed[k, m], null[k, m])
            assert [p[k, m] for p in together] == [float(p) for p in single]
    with pytest.raises(InputError, match="an axis of draws"):
        p_values(observed, null[0])


def test_without_draws_p_is_one():
    assert [float(p) for p in p_values(3.0, np.empty(0))] == [1.0, 1.0, 1.0]


def test_z_is_counted_in_spreads_of_the_draws():
    draws = np.array([1.0, 2.0, 3.0, np.nan])
    assert z_score(4.0, draws) == 2.0
    assert np.isnan(z_score(4.0, np.full(9, 0.1)))
    assert np.isnan(z_score(4.0, np.array([1.0])))
    assert np.isnan(z_score(np.nan, draws))


def test_evidence_keeps_its_draws():
    found = evidence(0.5, np.array([0.1, 0.2, 0.3, 0.9]), "shift_thirds", 20070301)
    assert (found.p_one, found.p_two) == (0.4, 0.8)
    assert found.seed == 20070301
    assert found.null.tolist() == [0.1, 0.2, 0.3, 0.9]


@given(st.lists(coarse, min_size=1, max_size=8))
def test_sign_flips_of_few_dyads_are_all_of_them(values):
    got = sign_flip(values, np.random.default_rng(0))
    assert got.exact
    assert got.draws == 2 ** len(values) - 1
    assert_allclose(got[:2], reference.sign_flip(values), rtol=1e-12)


def test_sign_flips_of_many_dyads_come_near_all_of_them():
    rng = np.random.default_rng(1)
    values = rng.standard_normal(16) + 0.4
    got = sign_flip(values, rng, draws=200_000)
    assert not got.exact
    assert got.draws == 200_000
    assert_allclose(got[:2], reference.sign_flip(values), rtol=0.05)


def test_sign_flips_leave_gaps_out_and_turn_over_with_the_sign():
    rng = np.random.default_rng(1)
    values = np.array([1.0, 2.0, np.nan, 3.0, 0.5])
    assert sign_flip(values, rng) == sign_flip([1.0, 2.0, 3.0, 0.5], rng)
    assert sign_flip(values, rng).p_one == 1 / 16
    assert sign_flip(-values, rng).p_one == 1.0
    assert sign_flip(values, rng).p_two == sign_flip(-values, rng).p_two == 1 / 8
    assert sign_flip(np.zeros(10), rng)[:2] == (1.0, 1.0)
    assert np.isnan(sign_flip([np.nan], rng).p_one)
    assert sign_flip(np.ones(14), rng).p_one == 2.0**-14
    with pytest.raises(InputError, match="n_dyads"):
        sign_flip(np.zeros((2, 2)), rng)
    with pytest.raises(InputError, match="draws"):
        sign_flip(np.zeros(2), rng, 0)


def test_the_pieces_in_which_signs_are_drawn_do_not_matter_for_memory():
    rng = np.random.default_rng(3)
    assert sign_flip(rng.standard_normal(3000), rng, draws=999).draws == 999


@given(st.lists(coarse, min_size=1, max_size=9), st.lists(coarse, min_size=1, max_size=9))
def test_delta_and_superiority_count_pairs(a, b):
    delta = reference.cliffs_delta(a, b)
    assert_allclose(cliffs_delta(a, b), delta, atol=1e-12)
    assert_allclose(superiority(a, b), (delta + 1) / 2, atol=1e-12)
    assert_allclose(cliffs_delta(b, a), -delta, atol=1e-12)


def test_delta_leaves_gaps_out():
    assert cliffs_delta([2.0, np.nan], [1.0, np.nan]) == 1.0
    assert np.isnan(cliffs_delta([], [1.0]))


def some_study(rng, n, effect=0.0, people=1.0):
    row, column = people * rng.standard_normal((2, n))
    index = row[:, None] + column[None, :] + rng.standard_normal((n, n))
    real = np.diag(index) + effect
    np.fill_diagonal(index, np.nan)
    return real, index


def test_d_is_that_of_the_formula_and_keeps_its_sign():
    rng = np.random.default_rng(2)
    real, pseudo = some_study(rng, 9)
    pseudo[2, 5] = np.nan
    want = reference.effect_d(real.tolist(), pseudo.tolist())
    d, low, high = effect_d(real, pseudo, rng)
    assert_allclose(d, want, rtol=1e-10)
    assert low < d < high
    assert_allclose(effect_d(-real, -pseudo, rng, 0)[0], -want, rtol=1e-10)
    assert_allclose(effect_d(1e6 + real, 1e6 + pseudo, rng, 0)[0], want, rtol=1e-6)


def test_d_leaves_dyads_without_a_value_out_on_both_sides():
    rng = np.random.default_rng(2)
    real, pseudo = some_study(rng, 7)
    gaps = np.concatenate([real, [np.nan]])
    wide = np.full((8, 8), 99.0)
    wide[:7, :7] = pseudo
    assert effect_d(gaps, wide, rng, 0)[0] == effect_d(real, pseudo, rng, 0)[0]
    assert np.isnan(effect_d(real, np.full((7, 7), np.nan), rng)).all()
    assert np.isnan(effect_d(real, np.where(np.isnan(pseudo), np.nan, 1.0), rng)).all()
    with pytest.raises(InputError, match="pseudo_by_dyad"):
        effect_d(real, pseudo[:3], rng)


def test_a_dyad_drawn_twice_brings_its_pairs_twice():
    rng = np.random.default_rng(8)
    real, pseudo = some_study(rng, 6, people=3.0)
    drawn = np.array([0, 0, 0, 2, 3, 5])
    weights = np.bincount(drawn, minlength=6).astype(float)[None, :]
    pairs = [pseudo[i, j] for i in drawn for j in drawn if i != j]
    want = (real[drawn].mean() - np.mean(pairs)) / np.std(pairs, ddof=1)
    assert_allclose(d_of_weights(weights, real, pseudo), [want], rtol=1e-10)


@pytest.mark.slow
def test_the_interval_of_d_covers_what_is_true():
    """One SD of noise apart: d = 1 / sqrt(3) with people as varied as the noise."""
    covered = 0
    for k in range(600):
        rng = np.random.default_rng(k)
        real, pseudo = some_study(rng, 30, effect=1.0)
        _, low, high = effect_d(real, pseudo, rng, 500)
        covered += low <= 1 / np.sqrt(3) <= high
    assert 0.91 <= covered / 600 <= 0.98, covered


def test_the_interval_of_d_is_wide_enough_with_twelve_dyads():
    """Coupled dyads that differ, strangers that are only noise: plain percentiles give 91 %."""
    covered = 0
    for k in range(400):
        rng = np.random.default_rng(10_000 + k)
        pseudo = rng.standard_normal((12, 12))
        np.fill_diagonal(pseudo, np.nan)
        real = 1.3 + 1.4 * rng.standard_normal(12)
        _, low, high = effect_d(real, pseudo, rng, 400)
        covered += low <= 1.3 <= high
    assert 0.935 <= covered / 400 <= 0.985, covered


def test_the_interval_of_d_reads_the_quantiles_that_student_asks_for():
    rng = np.random.default_rng(4)
    real, pseudo = some_study(rng, 10, effect=1.0)
    d, samples, n = drawn_dyads(real, pseudo, np.random.default_rng(6), 999, d_of_weights)
    share = stats.norm.cdf(-np.sqrt(10 / 9) * stats.t.ppf(0.975, 9))
    want = np.quantile(samples, [share, 1 - share])
    assert n == 10
    assert_allclose(effect_d(real, pseudo, np.random.default_rng(6), 999), [d, *want], rtol=1e-9)


def test_the_interval_of_delta_is_read_in_the_same_way_and_stays_inside_its_range():
    rng = np.random.default_rng(4)
    real, pseudo = some_study(rng, 10, effect=1.0)
    _, low, high = effect_delta(real, pseudo, np.random.default_rng(6), 999)
    samples = drawn_dyads(real, pseudo, np.random.default_rng(6), 999, delta_of_weights)[1]
    assert -1 <= low < np.quantile(samples, 0.025) < np.quantile(samples, 0.975) <= high <= 1


DRAWS = np.arange(99.0)
HIGH, MIDDLE = 200.0, 50.0


def told(strangers, inside, name="shift_thirds", draws=DRAWS):
    return disagreement(
        evidence(strangers, draws, "pseudo_dyads", 1),
        evidence(inside, DRAWS, name, 1),
        where="d01s03",
    )


def test_agreement_is_not_worth_a_note():
    assert told(HIGH, HIGH) is None
    assert told(MIDDLE, MIDDLE) is None
    assert told(np.nan, HIGH) is None
    assert disagreement(evidence(HIGH, DRAWS, "pseudo_dyads", 1), where="d01s03") is None


def test_what_strangers_show_too_is_the_course_of_the_session():
    note = told(MIDDLE, HIGH)
    assert (note.where, note.code) == ("d01s03", "surrogates-disagree")
    assert (
        "no more than people who never met (p = 0.500 beside people who never met, 99 draws"
        in note.text
    )
    assert "p = 0.010 beside the shift within session thirds" in note.text
    assert "settling at the start" in note.text
    assert "significant" not in note.text


@pytest.mark.parametrize("name", ["circular_shift", "shift_thirds", "segment_shuffle"])
def test_what_survives_a_shift_is_a_likeness_and_not_timing(name):
    text = told(HIGH, MIDDLE, name).text
    assert "More than people who never met" in text
    assert "a likeness of" in text
    assert "not the timing of moments" in text


def test_too_few_strangers_are_no_disagreement_about_structure():
    text = told(HIGH, HIGH, draws=np.arange(10.0)).text
    assert "too few draws of people who never met" in text
    assert "below 0.091" in text


@pytest.mark.parametrize(
    ("strangers", "other", "name", "words"),
    [
        (HIGH, MIDDLE, "stimulus_pairs", "what the stimulus does to everybody"),
        (MIDDLE, HIGH, "stimulus_pairs", "beyond their stimulus"),
        (HIGH, MIDDLE, "pseudo_sessions", "in every session of theirs"),
        (MIDDLE, HIGH, "pseudo_sessions", "what sessions of one number have in common"),
        (HIGH, MIDDLE, "event_shuffle", "a likeness of their slow levels"),
        (HIGH, MIDDLE, "autoregressive", "no more than noise as sluggish"),
    ],
)
def test_what_other_partners_and_draws_explain(strangers, other, name, words):
    assert words in told(strangers, other, name).text


def test_without_strangers_the_other_partners_stand_beside_the_draws():
    one = evidence(MIDDLE, DRAWS, "pseudo_sessions", 1)
    other = evidence(HIGH, DRAWS, "shift_thirds", 1)
    text = disagreement(one, other, where="study").text
    assert "no more than the same two people in different sessions" in text
    assert disagreement(other, where="study") is None


def test_every_surrogate_of_signals_has_its_likeness_and_every_partner_its_name():
    from syntony.surrogates import decision
    from syntony.surrogates.registry import surrogates

    acting = {k: {s.name for s in surrogates().values() if s.acts_on == k} for k in
              ("signal", "partners")}  # fmt: skip
    assert acting["signal"] == set(decision._LIKENESS)
    assert acting["partners"] == set(decision._PARTNERS) == set(decision._COMMON)


def test_too_few_draws_of_the_pair_itself_explain_nothing():
    few = disagreement(
        evidence(HIGH, DRAWS, "pseudo_dyads", 1),
        evidence(MIDDLE, np.arange(15.0), "pseudo_sessions", 1),
        where="study",
    )
    few_sessions = evidence(5.0, np.array([1.0, 9.0]), "pseudo_sessions", 1)
    again = disagreement(evidence(HIGH, DRAWS, "pseudo_dyads", 1), few_sessions, where="d01s01")
    for note in (few, again):
        assert "too few draws of the same two people in different sessions" in note.text


def test_each_surrogate_that_disagrees_is_named():
    note = disagreement(
        evidence(MIDDLE, DRAWS, "pseudo_dyads", 1),
        evidence(HIGH, DRAWS, "shift_thirds", 1),
        evidence(HIGH, DRAWS, "segment_shuffle", 1),
        where="study",
    )
    assert "shift within session thirds" in note.text
    assert "segment shuffling" in note.text
