import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from reference import survivors as reference
from surrogates.worlds import slow_noise

from syntony.core.errors import InputError
from syntony.surrogates.clusters import cluster_mass

gappy = st.one_of(st.integers(-4, 4).map(float), st.just(float("nan")))


def as_sets(found):
    return {
        frozenset(map(tuple, np.argwhere(found.labels == k + 1).tolist())): (
            found.mass[k],
            found.sign[k],
            found.p[k],
        )
        for k in range(found.mass.size)
    }


@settings(max_examples=40)
@given(st.data())
def test_clusters_are_those_of_the_naive_twin(data):
    shape = data.draw(st.sampled_from([(9,), (4, 5)]))
    n = data.draw(st.integers(0, 12))
    observed = data.draw(arrays(float, shape, elements=gappy))
    draws = data.draw(arrays(float, (n, *shape), elements=gappy))
    two, point = data.draw(st.booleans()), data.draw(st.sampled_from([0.05, 0.2, 0.5]))
    got = as_sets(cluster_mass(observed, draws, sides="two" if two else "high", point=point))
    want = reference.cluster_mass(observed, draws, two=two, point=point)
    assert got.keys() == want.keys()
    for cells, figures in want.items():
        assert_allclose(np.array(got[cells], float), np.array(figures, float), rtol=1e-9)


@pytest.mark.parametrize("shape", [(50,), (20, 9)])
def test_a_real_valued_map_agrees_with_the_naive_twin(shape):
    rng = np.random.default_rng(8)
    maps = slow_noise(rng, 60 * np.prod(shape), 0.7).reshape(60, *shape)
    maps[rng.random(maps.shape) < 0.05] = np.nan
    for two in (False, True):
        got = as_sets(cluster_mass(maps[0], maps[1:], sides="two" if two else "high", point=0.2))
        want = reference.cluster_mass(maps[0], maps[1:], two=two, point=0.2)
        assert got.keys() == want.keys()
        assert len(want) > 2
        for cells, figures in want.items():
            assert_allclose(np.array(got[cells], float), np.array(figures, float), rtol=1e-9)


def planted(where, height=4.0, shape=(60,), seed=3):
    rng = np.random.default_rng(seed)
    observed, draws = rng.standard_normal(shape), rng.standard_normal((199, *shape))
    observed[where] = height
    return observed, draws


def test_a_gap_parts_a_stretch():
    observed, draws = planted(slice(20, 31))
    whole = cluster_mass(observed, draws)
    assert np.unique(whole.labels[20:31]).size == 1
    observed[25] = np.nan
    parted = cluster_mass(observed, draws)
    assert parted.labels[25] == 0
    assert parted.labels[24] not in (0, parted.labels[26])
    assert parted.mass.max() < whole.mass.max()


def test_corners_do_not_touch():
    observed, draws = planted(([4, 4, 5, 5], [2, 3, 4, 5]), shape=(12, 8))
    labels = cluster_mass(observed, draws).labels
    assert labels[4, 2] == labels[4, 3] != labels[5, 4] == labels[5, 5] > 0


def test_two_sides_mirror_and_low_stretches_are_clusters_of_their_own():
    observed, draws = planted(slice(20, 25))
    observed[25:30] = -4.0
    one, other = (cluster_mass(s * observed, s * draws, sides="two") for s in (1, -1))
    assert_array_equal(one.labels, other.labels)
    assert_array_equal(one.sign, -other.sign)
    assert_allclose(one.p, other.p)
    assert_allclose(one.low, -other.high)
    assert one.labels[24] != one.labels[25]
    assert one.p[one.labels[[22, 27]] - 1].max() <= 0.01
    high = cluster_mass(observed, draws)
    assert not high.labels[25:30].any()
    assert np.isnan(high.low).all()


@settings(max_examples=20)
@given(st.floats(0.1, 10), st.floats(-5, 5), st.integers(0, 59))
def test_each_cell_may_have_a_level_and_a_scale_of_its_own(scale, level, at):
    observed, draws = planted(slice(20, 25))
    before = cluster_mass(observed, draws)
    factor, plus = np.ones(60), np.zeros(60)
    factor[at], plus[at] = scale, level
    after = cluster_mass(observed * factor + plus, draws * factor + plus)
    assert_array_equal(after.labels, before.labels)
    assert_allclose(after.mass, before.mass, rtol=1e-6)


def test_draws_without_a_value_count_against_the_finding_and_ties_do_not_help():
    observed, draws = planted(slice(20, 25))
    p = cluster_mass(observed, draws).p.min()
    draws[:50] = np.nan
    found = cluster_mass(observed, draws)
    assert p == 1 / 200
    assert found.p.min() == 51 / 200
    assert np.isnan(found.largest[:50]).all()
    same = cluster_mass(observed, np.tile(observed, (19, 1)))
    assert same.mass.size == 0
    assert np.isnan(same.high).all()


def test_too_few_draws_find_nothing():
    observed, draws = planted(slice(20, 25))
    assert cluster_mass(observed, draws[:18]).mass.size == 0
    assert cluster_mass(observed, draws[:19]).mass.size > 0


@pytest.mark.parametrize(("shape", "sides"), [((120,), "high"), ((120,), "two"), ((40, 9), "high")])
def test_strangers_have_a_cluster_in_at_most_five_of_a_hundred(shape, sides):
    rng, hits, repeats, draws = np.random.default_rng(6), 0, 400, 39
    for _ in range(repeats):
        maps = slow_noise(rng, (draws + 1) * int(np.prod(shape)), 0.9).reshape(-1, *shape)
        hits += bool((cluster_mass(maps[0], maps[1:], sides=sides).p <= 0.05).any())
    assert 7 <= hits <= 34, hits  # 99.9 % of 400 at .05


def test_what_does_not_fit_is_refused():
    observed, draws = planted(slice(20, 25))
    for bad in ({"point": 0.0}, {"point": 1.0}, {"sides": "low"}):
        with pytest.raises(InputError):
            cluster_mass(observed, draws, **bad)
    with pytest.raises(InputError, match="one axis"):
        cluster_mass(np.zeros((2, 2, 2)), np.zeros((3, 2, 2, 2)))
    with pytest.raises(InputError, match="one draw a row"):
        cluster_mass(observed, draws.T)
