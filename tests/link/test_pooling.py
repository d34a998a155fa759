"""Means over dyads that share people: naive twins, properties, and what intervals then hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import accuracy as naive

from syntony.core.errors import InputError
from syntony.link.accuracy.links import difference_of_links
from syntony.link.accuracy.pooling import pooled
from syntony.link.accuracy.reaction import reaction_lag
from syntony.surrogates.effects import expanded_shares

NAN = float("nan")
SIZES = {"even": [4] * 5, "uneven": [10, 4, 3, 2, 1], "alone": [1] * 20}


def blocks_like(sizes):
    return np.repeat(np.arange(len(sizes)), sizes).tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=6, max_size=24), st.integers(0, 2**20))
def test_the_error_is_that_of_every_matrix_written_out(blocks, seed):
    from scipy.stats import t

    values = np.random.default_rng(seed).standard_normal(len(blocks)) + 3.0
    found = pooled(values, blocks=blocks)
    assert (found.n, found.blocks) == (len(blocks), len(set(blocks)))
    if len(set(blocks)) < 3:
        assert math.isnan(found.low)
        return
    error, freedom = naive.robust_mean(values, blocks)
    half = t.ppf(0.975, freedom) * error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


def test_nobody_shared_is_students_to_the_bit():
    values = np.random.default_rng(1).standard_normal(15)
    values[3] = NAN
    assert pooled(values, blocks=range(15)) == pooled(values)


def test_blocks_of_one_size_are_students_of_their_means():
    values = np.random.default_rng(2).standard_normal(20) + 1.0
    found, means = pooled(values, blocks=blocks_like([4] * 5)), values.reshape(5, 4).mean(axis=1)
    wanted = pooled(means)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_names_and_order_of_blocks_say_nothing():
    rng = np.random.default_rng(3)
    values, blocks = rng.standard_normal(20), np.array(blocks_like(SIZES["uneven"]))
    order = rng.permutation(20)
    found = pooled(values[order], blocks=(7 - blocks[order]).tolist())
    assert found == pytest.approx(pooled(values, blocks=blocks.tolist()))


def test_no_interval_where_blocks_are_few_or_alike():
    values = np.arange(8.0)
    few = pooled(values, blocks=[0, 0, 0, 0, 1, 1, 1, 1])
    assert few.value == 3.5
    assert math.isnan(few.low)
    alike = pooled(np.array([1.0, 3.0] * 4), blocks=[0, 0, 1, 1, 2, 2, 3, 3])
    assert math.isnan(alike.high)
    gone = pooled(np.array([1.0, 2.0, NAN, NAN]), blocks=[0, 1, 2, 2])
    assert (gone.n, gone.blocks) == (2, 2)
    with pytest.raises(InputError, match="one for each of the 8"):
        pooled(values, blocks=[0, 1])


@pytest.mark.parametrize(
    ("sizes", "habit", "holds"),
    [("even", 0.5, False), ("uneven", 0.5, False), ("even", 0.0, True), ("alone", 0.5, True)],
)
def test_habits_of_therapists_are_paid_for(sizes, habit, holds):
    blocks = blocks_like(SIZES[sizes])
    rng, many, inside = np.random.default_rng(4), 2500, np.zeros(2)
    for _ in range(many):
        often = rng.standard_normal(len(SIZES[sizes]))[blocks]
        values = math.sqrt(habit) * often + math.sqrt(1 - habit) * rng.standard_normal(len(blocks))
        told = pooled(values), pooled(values, blocks=blocks)
        inside += [one.low <= 0 <= one.high for one in told]
    as_if, taken = inside / many
    assert (as_if >= 0.93) == holds, as_if
    assert 0.93 <= taken <= 0.97, taken


def test_a_lag_is_drawn_by_blocks():
    lags, blocks = np.arange(-5.0, 6.0), [0, 0, 0, 1, 1, 2, 3]
    rng = np.random.default_rng(5)
    at = rng.normal(1.0, 1.0, 4)[blocks]
    humps = np.exp(-((lags[None] - at[:, None]) ** 2) / 20)
    found = reaction_lag(humps, lags, np.random.default_rng(6), bootstrap=300, blocks=blocks)
    rows = np.random.default_rng(6).integers(4, size=(300, 4))
    peaks = []
    for mean in naive.drawn_blocks(humps, blocks, rows):
        k = int(np.argmax(mean))
        a, b, c = mean[k - 1 : k + 2]
        peaks.append(lags[k] + (a - c) / 2 / (a - 2 * b + c))
    assert (found.low_s, found.high_s) == pytest.approx(
        tuple(np.quantile(peaks, expanded_shares(4)))
    )
    assert (found.n_dyads, found.n_blocks) == (7, 4)
    alone = [
        reaction_lag(humps, lags, np.random.default_rng(6), blocks=b) for b in (None, range(7))
    ]
    assert (alone[0].low_s, alone[0].high_s) == (alone[1].low_s, alone[1].high_s)
    assert alone[0].high_s - alone[0].low_s < found.high_s - found.low_s
    few = reaction_lag(humps, lags, np.random.default_rng(6), blocks=[0, 0, 0, 0, 1, 1, 1])
    assert math.isnan(few.low_s)
    assert few.value_s == found.value_s


def test_a_difference_of_links_is_drawn_by_blocks():
    from syntony.link.accuracy.links import _weighted

    rng, n = np.random.default_rng(7), 24
    blocks = np.array(blocks_like([8, 6, 4, 3, 2, 1]))
    table = rng.standard_normal((n, 3)) + rng.standard_normal((6, 3))[blocks]
    weights = rng.multinomial(6, np.full(6, 1 / 6), size=5).astype(float)
    for row, got in zip(weights, _weighted(table, blocks)(weights), strict=True):
        wanted = naive.difference_of_r(np.repeat(table, row.astype(int)[blocks], axis=0))
        assert got == pytest.approx(wanted)
    names = [f"d{k}" for k in range(n)]
    alone = {d: k for k, d in enumerate(names)}
    told = [
        difference_of_links(
            *table.T, names, np.random.default_rng(8), facts={"label": "x"}, detail={}, block_of=b
        )
        for b in (None, alone, dict(zip(names, blocks.tolist(), strict=True)))
    ]
    assert (told[0].low, told[0].high) == (told[1].low, told[1].high)
    assert told[2].value == told[0].value == pytest.approx(naive.difference_of_r(table))
    assert (told[2].low, told[2].high) != (told[0].low, told[0].high)
    assert told[2].detail["blocks"] == 6
