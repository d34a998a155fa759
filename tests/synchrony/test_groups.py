import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import groups as twin

import syntony.synchrony  # noqa: F401  fills the list
from syntony.core.errors import InputError
from syntony.synchrony.driver_empath import driver_empath, influence
from syntony.synchrony.everyone import every_pair, pair_table
from syntony.synchrony.group_phase import cluster_phase, kuramoto_weak_null, order_parameter
from syntony.synchrony.inter_subject import inter_subject
from syntony.synchrony.registry import get, methods
from syntony.synchrony.shared_component import principal_component, shared_component
from syntony.synchrony.symbolic import symbolic_entropy, thirds

MANY = sorted(name for name, m in methods().items() if m.people == "many")


def crowd(seed, people=4, samples=700, missing=0.05, offset=0.0):
    rng = np.random.default_rng(seed)
    common = np.convolve(rng.standard_normal(samples + 8), np.ones(9) / 3, "valid")
    rows = common + rng.standard_normal((people, samples)) + offset
    rows[rng.random(rows.shape) < missing] = np.nan
    rows[0, 200:260] = np.nan
    rows[1, 300:340] = 7.0
    return rows


@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_inter_subject_is_its_twin(offset):
    rows = crowd(1, offset=offset)
    c = inter_subject(rows, rate_hz=4.0, window_s=10.0, step_s=5.0, min_coverage=0.5)
    assert_allclose(c.values, twin.inter_subject(rows, 40, 20, 20), atol=1e-9)
    assert_allclose(np.nanmean(c.parts["person"], axis=0), c.values, atol=0.2)


def test_each_against_all_others():
    rows = crowd(2, missing=0.0)[:, :160]
    c = inter_subject(rows, rate_hz=4.0, window_s=40.0, step_s=10.0, against="others")
    scaled = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)
    want = [np.corrcoef(rows[k], np.delete(scaled, k, axis=0).mean(axis=0))[0, 1] for k in range(4)]
    assert_allclose(c.parts["person"][:, 0], want, atol=1e-12)
    assert_allclose(c.values[0], np.mean(want), atol=1e-12)


def test_shared_component_is_its_twin():
    rows = crowd(3)
    c = shared_component(rows, rate_hz=4.0, window_s=12.5, step_s=12.5, min_coverage=0.4)
    for k in range(c.values.size):
        block = rows[:, k * 50 : k * 50 + 50]
        if (~np.isnan(block).any(axis=0)).sum() >= 20:
            assert_allclose(c.values[k], twin.explained(block), atol=1e-12)
        else:
            assert np.isnan(c.values[k])
    assert np.isnan(c.values).any()
    assert np.isfinite(c.values).any()


def test_two_people_share_one_half_plus_half_their_correlation():
    rows = crowd(4, people=2, missing=0.0)[:, :150]
    share, loadings = principal_component(rows)
    r = np.corrcoef(rows)[0, 1]
    assert_allclose(share, 0.5 + abs(r) / 2)
    assert_allclose(np.abs(loadings), np.sqrt(share), atol=1e-12)
    turned = principal_component(rows * [[1.0], [-1.0]])[1]
    assert turned[0] * turned[1] < 0


def test_symbolic_entropy_is_its_twin():
    rows = crowd(5)
    c = symbolic_entropy(rows, rate_hz=4.0, window_s=25.0, step_s=25.0, min_coverage=0.5)
    for k, found in enumerate(c.parts["entropy_nats"]):
        block = rows[:, k * 100 : k * 100 + 100]
        if (~np.isnan(block).any(axis=0)).sum() >= 50:
            assert_allclose(found, twin.entropy(block), atol=1e-12)
        else:
            assert np.isnan(found)
    assert np.isnan(c.values).any()


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 200), st.integers(0, 10_000))
def test_thirds_are_thirds(n, seed):
    values = np.random.default_rng(seed).standard_normal((1, n))
    counts = np.bincount(thirds(values)[0], minlength=3)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 2


def test_influence_is_its_twin_with_missing_samples():
    rows = crowd(6)
    found = influence(rows, 3, min_coverage=0.2)
    for i in range(4):
        for j in range(4):
            if i != j:
                want = twin.slope_beside_own_past(rows[i], rows[j], 3)
                assert_allclose(found.matrix[i, j], want, atol=1e-10)
    assert_allclose(found.driver, (found.matrix**2).sum(axis=1))
    assert_allclose(found.empath, (found.matrix**2).sum(axis=0))
    halved = influence(rows, 3, diagonal="halved", min_coverage=0.2)
    assert_allclose(np.diag(halved.matrix), np.diag(found.matrix) / 2)


def test_who_drives_is_found():
    rng = np.random.default_rng(7)
    lead = rng.standard_normal(2400)
    follow = [np.roll(lead, 8) + rng.standard_normal(2400) for _ in range(2)]
    c = driver_empath(np.array([lead, *follow]), rate_hz=4.0, lag_s=2.0)
    assert c.parts["driver"].argmax() == 0
    assert c.parts["empath"].argmin() == 0
    assert get("driver_empath").summarise(c)["first_drives"] > 0.1
    back = driver_empath(np.array([*follow, lead]), rate_hz=4.0, lag_s=2.0)
    assert get("driver_empath").summarise(back)["first_drives"] < 0


def test_copies_have_no_influence_of_their_own():
    x = np.random.default_rng(8).standard_normal(500)
    assert np.isnan(influence(np.array([x, x]), 2).sync)


@pytest.mark.parametrize("name", MANY)
def test_the_order_of_people_changes_no_value(name):
    rows = crowd(9, missing=0.01)
    entry = get(name)
    there = entry.compute(rows, rate_hz=4.0).values
    back = entry.compute(rows[[2, 0, 3, 1]], rate_hz=4.0).values
    assert_allclose(there, back, atol=1e-12)


@pytest.mark.parametrize("name", MANY)
def test_one_person_is_no_group(name):
    with pytest.raises(InputError, match="two people"):
        get(name).compute(np.zeros((1, 400)), rate_hz=4.0)


def test_every_pair_is_named_and_points_from_leader_to_follower():
    rng = np.random.default_rng(10)
    lead = np.convolve(rng.standard_normal(2420), np.ones(8), "same")
    rows = np.array([lead[8:2408], lead[:2400], rng.standard_normal(2400)])
    found = every_pair(rows, ["a", "b", "c"], rate_hz=4.0)
    assert found[0].statistics["best_lag_s"] == 2.0
    table = pair_table(found)
    assert table[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    with pytest.raises(InputError, match="different names"):
        every_pair(rows, ["a", "a", "c"], rate_hz=4.0)


def test_order_and_cluster_phase_are_their_twins():
    phases = np.random.default_rng(11).uniform(-9, 9, (5, 300))
    assert_allclose(order_parameter(phases), twin.order_parameter(phases), atol=1e-12)
    assert_allclose(cluster_phase(phases).rho, twin.cluster_rho(phases), atol=1e-12)
    holed = phases.copy()
    holed[2, 40:60] = np.nan
    r = order_parameter(holed)
    assert np.isnan(r[40:60]).all()
    assert_allclose(np.delete(r, range(40, 60)), np.delete(order_parameter(phases), range(40, 60)))
    left = np.delete(phases, range(40, 60), axis=1)
    assert_allclose(cluster_phase(holed).rho, cluster_phase(left).rho)
    assert np.isnan(cluster_phase(np.full((3, 9), np.nan)).rho)


def test_the_weak_null_is_kept_by_strangers():
    """Five in a hundred of independent groups pass, within the 99 % binomial limits."""
    rng = np.random.default_rng(12)
    hits = sum(
        kuramoto_weak_null(list(rng.uniform(-np.pi, np.pi, (6, 4, 40)))).p_one <= 0.05
        for _ in range(600)
    )
    assert 15 <= hits <= 46
    with pytest.raises(InputError, match="one size"):
        kuramoto_weak_null([np.zeros((2, 9)), np.zeros((3, 9))])
