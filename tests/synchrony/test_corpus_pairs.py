import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import lagged as reference

from syntony.core.errors import InputError
from syntony.synchrony.all_pairs import all_pairs_lagged
from syntony.synchrony.corpus_pairs import SignalRows, corpus_pairs_lagged
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

FACTS = ("mean_z", "mean_abs_z", "lag_zero", "first_leads", "second_leads")
SPANS = {"rate_hz": 2.0, "window_s": 20.0, "step_s": 10.0, "max_lag_s": 4.5}
WINDOW, STEP, LAG, LEAST = 40, 20, 9, 32


def walks(seed, n_signals, n=330):
    return np.cumsum(np.random.default_rng(seed).standard_normal((n_signals, n)), axis=1)


def spoilt(seed, n_first=5, n_second=4):
    """Two sets with scattered samples missing, gaps, unequal lengths and one person absent."""
    first, second = walks(seed, n_first), walks(seed + 1, n_second)
    rng = np.random.default_rng(seed + 2)
    first[0, 90:160] = np.nan
    first[1][rng.random(330) < 0.05] = np.nan
    first[2, 231:] = np.nan  # a shorter recording
    second[1, 198:] = np.nan
    second[2] = np.nan
    second[3, 100:170] = 0.1  # a flat stretch
    second[3, 250:256] = np.nan
    return first, second


def compare(found, want, atol=0.0):
    for name in (*FACTS, "cells"):
        assert_allclose(getattr(found, name), getattr(want, name), rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("block", [1, 2, 3, 250])
@pytest.mark.parametrize("whole", [True, False])
def test_each_pair_is_the_one_that_the_method_gives_alone(block, whole):
    first, second = (walks(1, 5), walks(2, 4)) if whole else spoilt(3)
    found = corpus_pairs_lagged(first, second, **SPANS, block=block)
    entry = get("lagged_correlation")
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            coupling = lagged_correlation(x, y, **SPANS)
            alone = entry.summarise(coupling)
            assert found.cells[i, j] == np.isfinite(coupling.values).sum()
            for name in FACTS:
                got = getattr(found, name)[i, j]
                assert_allclose(got, alone[name], rtol=0, atol=1e-11, err_msg=f"{name} {i} {j}")


def test_each_pair_is_the_naive_mean_of_z():
    first, second = spoilt(4)
    found = corpus_pairs_lagged(first, second, **SPANS, block=3)
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            want, cells = reference.means_of_z(x, y, WINDOW, STEP, LAG, LEAST)
            assert found.cells[i, j] == cells
            for name in FACTS:
                got = getattr(found, name)[i, j]
                assert_allclose(got, want[name], rtol=0, atol=1e-11, err_msg=f"{name} {i} {j}")
    assert np.isnan(found.mean_z[:, 2]).all()
    assert (found.cells[:, 2] == 0).all()
    assert 0 < found.cells[2, 1] < found.cells[2, 0] < found.cells[3, 0]


def test_more_signals_than_a_panel_of_the_product_holds():
    first, second = walks(5, 70, 130), walks(6, 67, 130)
    first[66, 40:45] = np.nan
    found = corpus_pairs_lagged(first, second, **SPANS)
    for i, j in ((0, 66), (69, 0), (66, 65), (65, 66), (63, 64)):
        want, cells = reference.means_of_z(first[i], second[j], WINDOW, STEP, LAG, LEAST)
        assert found.cells[i, j] == cells
        assert_allclose(found.mean_z[i, j], want["mean_z"], rtol=0, atol=1e-12)


def test_one_set_beside_itself_holds_all_its_pairs():
    signals = spoilt(7)[0]
    two, one = corpus_pairs_lagged(signals, signals, **SPANS), all_pairs_lagged(signals, **SPANS)
    upper = np.triu_indices(len(signals), 1)
    for name in (*FACTS, "cells"):
        assert_array_equal(getattr(two, name)[upper], getattr(one, name)[upper])
    assert_allclose(np.diag(two.lag_zero), 10.0, rtol=0, atol=1e-12)


def test_the_first_leads_where_the_second_follows():
    source = walks(8, 3, 1008)
    found = corpus_pairs_lagged(source[:, 8:], source[:, :-8], **SPANS)
    assert (np.diag(found.first_leads) > np.diag(found.second_leads)).all()


def test_what_is_read_in_blocks_gives_the_same_and_no_block_is_larger(tmp_path):
    first, second = spoilt(9)
    kept = np.memmap(tmp_path / "second.f64", dtype=np.float64, mode="w+", shape=second.shape)
    kept[:] = second
    asked = []

    def read(start, stop):
        asked.append((start, stop))
        return first[start:stop]

    rows = SignalRows(n_signals=5, n_samples=330, read=read)
    found = corpus_pairs_lagged(rows, kept, **SPANS, block=2)
    assert asked == [(0, 2), (2, 4), (4, 5)]
    compare(found, corpus_pairs_lagged(first, second, **SPANS, block=2))


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    block=st.integers(1, 6),
    scale=st.sampled_from([-3.0, 0.01, 20.0]),
)
def test_order_blocks_offset_and_scale_change_nothing(seed, block, scale):
    rng = np.random.default_rng(seed)
    first, second = spoilt(seed)
    rows, columns = rng.permutation(len(first)), rng.permutation(len(second))
    plain = corpus_pairs_lagged(first, second, **SPANS)
    other = corpus_pairs_lagged(7.0 + scale * first[rows], second[columns], **SPANS, block=block)
    assert_array_equal(other.cells, plain.cells[np.ix_(rows, columns)])
    for name in FACTS:
        sign = 1.0 if name == "mean_abs_z" else np.sign(scale)
        want = sign * getattr(plain, name)[np.ix_(rows, columns)]
        assert_allclose(getattr(other, name), want, rtol=0, atol=1e-8, err_msg=name)


@pytest.mark.parametrize(
    ("first", "second", "options", "says"),
    [
        (np.zeros(50), np.zeros((2, 50)), {}, "first=.*an array of at least one row"),
        (np.zeros((2, 50)), np.zeros((0, 50)), {}, "second=.*an array of at least one row"),
        (np.zeros((2, 500)), np.zeros((2, 499)), {}, "second=.*rows of 500 samples.*Fill"),
        (np.zeros((2, 50)), np.zeros((2, 50)), {}, "window_s=30.0: expected at most 12.5 s"),
        (np.zeros((2, 500)), np.full((2, 500), np.inf), {}, "inf"),
        (np.zeros((2, 500)), np.zeros((2, 500)), {"block": 0}, "block=0: expected a whole number"),
        (np.zeros((2, 500)), np.zeros((2, 500)), {"min_coverage": 2.0}, "min_coverage=2.0"),
        (np.zeros((2, 500)), np.zeros((2, 500)), {"rate_hz": 0.0}, "rate_hz=0.0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(first, second, options, says):
    with pytest.raises(InputError, match=says):
        corpus_pairs_lagged(first, second, **{"rate_hz": 4.0, **options})


def test_a_block_of_another_shape_is_refused():
    rows = SignalRows(n_signals=3, n_samples=500, read=lambda start, stop: np.zeros((3, 500)))
    with pytest.raises(InputError, match=r"first=\(3, 500\).*\(2, 500\) for rows 0 to 2"):
        corpus_pairs_lagged(rows, np.zeros((2, 500)), rate_hz=4.0, block=2)
