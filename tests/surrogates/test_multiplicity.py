import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from reference import survivors as reference
from surrogates.worlds import slow_noise

from syntony.core.errors import InputError
from syntony.surrogates.decision import p_values
from syntony.surrogates.multiplicity import false_discovery_rate, max_statistic

gappy = st.one_of(st.integers(-3, 3).map(float), st.just(float("nan")))
shares = st.one_of(st.floats(0, 1), st.sampled_from([0.01, 0.05]), st.just(float("nan")))


@settings(max_examples=40)
@given(st.data())
def test_p_over_cells_is_the_count_of_its_formula(data):
    shape = data.draw(st.sampled_from([(1,), (5,), (2, 3)]))
    observed = data.draw(arrays(float, shape, elements=gappy))
    draws = data.draw(arrays(float, (data.draw(st.integers(0, 12)), *shape), elements=gappy))
    got = max_statistic(observed, draws)
    assert_allclose(got, reference.max_statistic(observed, draws), rtol=1e-12)
    single = p_values(observed, np.moveaxis(draws, 0, -1))[0]
    there = not np.isnan(draws).any()
    assert not there or (got >= single - 1e-12)[~np.isnan(observed)].all()


def test_ties_and_draws_without_a_value_never_help():
    assert max_statistic([2.0, 2.0], np.full((9, 2), 2.0)).tolist() == [1.0, 1.0]
    draws = np.zeros((9, 2))
    assert max_statistic([1.0, -1.0], draws).tolist() == [0.1, 1.0]
    draws[:4] = np.nan
    assert max_statistic([1.0, -1.0], draws).tolist() == [0.5, 1.0]
    draws[:4, 0] = -5.0
    assert max_statistic([1.0, -1.0], draws).tolist() == [0.1, 0.6]
    assert max_statistic([1.0, np.nan], np.empty((0, 2)))[0] == 1.0


@given(st.lists(shares, max_size=20))
def test_false_discovery_rate_is_its_formula(p):
    got = false_discovery_rate(p)
    assert_allclose(got, reference.false_discovery_rate(p), rtol=1e-9)
    there = ~np.isnan(got)
    assert (got[there] >= np.array(p)[there]).all()
    assert (got[there] <= 1).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.randoms())
def test_false_discovery_rate_does_not_hang_on_the_order(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    assert_allclose(false_discovery_rate(np.array(p)[order]), false_discovery_rate(p)[order])


def test_strangers_pass_anywhere_in_five_of_a_hundred_and_without_the_maximum_in_most():
    rng, any_adjusted, any_plain, any_q = np.random.default_rng(5), 0, 0, 0
    for _ in range(400):
        maps = slow_noise(rng, 40 * 120, 0.9).reshape(40, 120)
        any_adjusted += bool(max_statistic(maps[0], maps[1:]).min() <= 0.05)
        plain = p_values(maps[0], maps[1:].T)[0]
        any_plain += bool(plain.min() <= 0.05)
        any_q += bool(false_discovery_rate(plain).min() <= 0.05)
    assert 7 <= any_adjusted <= 34, any_adjusted  # 99.9 % of 400 at .05
    assert any_plain > 200, any_plain
    assert any_q <= 34, any_q


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="one draw a row"):
        max_statistic([1.0, 2.0], [[1.0], [2.0]])
    with pytest.raises(InputError, match="finite"):
        max_statistic([1.0], [[np.inf]])
    with pytest.raises(InputError, match="0 to 1"):
        false_discovery_rate([0.2, 1.2])
