"""Pyramids: against their twin, what must hold for every input, and files that are not whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from reference import pyramid as reference

from syntony.core.errors import FileError, InputError
from syntony.pipeline import pyramid
from syntony.pipeline.pyramid import (
    TILE_BUCKETS,
    build_levels,
    find_gaps,
    level_sizes,
    open_pyramid,
    write_pyramid,
)


def made(n, missing, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(n).cumsum() + 1e3
    for start in rng.integers(0, n, size=round(missing * 10)):
        values[start : start + int(rng.integers(1, max(2, n // 8)))] = np.nan
    return values.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("n", [1, 3, 4096, 4097, 16_385, 70_003])
@pytest.mark.parametrize("missing", [0.0, 0.5, 1.0])
def test_every_level_is_what_the_definition_says(n, missing):
    values = made(n, missing, seed=n)
    got, want = build_levels(values), reference.levels(values.tolist())
    assert len(got) == len(want)
    for level, rows in zip(got, want, strict=True):
        low, high = np.array(rows).T
        assert_array_equal(level.low, low.astype(np.float32))
        assert_array_equal(level.high, high.astype(np.float32))


@pytest.mark.parametrize("at", [0, 1, 4095, 4096, 60_000, 70_000, 70_002])
def test_a_spike_of_one_sample_is_in_every_level(at):
    values = np.zeros(70_003)
    values[at] = 7.0
    for k, level in enumerate(build_levels(values)):
        assert level.high[at // 4**k] == 7.0
        assert level.low.size == 1 or (level.high == 7.0).sum() == 1


def test_a_spike_beside_a_gap_is_kept_and_the_gap_is_seen_below():
    values = np.zeros(20_000)
    values[400:800] = np.nan
    values[402] = -3.0
    fine, middle, *_ = build_levels(values)
    assert middle.low[100] == -3.0
    assert np.isnan(middle.low[101:200]).all()
    assert np.isnan(fine.low[[400, 401, 403, 799]]).all()
    assert not np.isnan(fine.low[[399, 402, 800]]).any()


@settings(deadline=None, max_examples=60)
@given(
    arrays(
        np.float64,
        st.integers(1, 300),
        elements=st.one_of(st.just(float("nan")), st.floats(-1e30, 1e30)),
    ),
    st.integers(2, 40),
)
def test_levels_hold_the_extremes_and_only_what_is_there(values, tile):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyramid, "TILE_BUCKETS", tile)
        levels = build_levels(values)
        assert [x.low.size for x in levels] == list(level_sizes(values.size))
    assert levels[-1].low.size <= tile
    told = values.astype(np.float32)
    for level in levels:
        assert_array_equal(np.isnan(level.low), np.isnan(level.high))
        if np.isnan(values).all():
            assert np.isnan(level.low).all()
            continue
        assert np.nanmin(level.low) == np.nanmin(told)
        assert np.nanmax(level.high) == np.nanmax(told)
        assert (level.low <= level.high)[~np.isnan(level.low)].all()
        assert np.isin(level.low[~np.isnan(level.low)], told).all()


def test_what_is_beyond_the_range_of_a_float_stays_finite():
    (level,) = build_levels(np.array([1e300, -1e300, np.nan]))
    assert np.isfinite(level.low[:2]).all()
    assert np.isnan(level.low[2])


def test_tiles_of_the_file_are_the_levels(tmp_path):
    values = made(70_003, 0.5, seed=5)
    levels = build_levels(values)
    held = open_pyramid(write_pyramid(tmp_path / "a.pyr", values))
    assert held.n_samples == values.size
    for k, level in enumerate(levels):
        lows, highs = [], []
        for tile in range(-(-level.low.size // TILE_BUCKETS)):
            floats = np.frombuffer(held.tile(k, tile), dtype="<f4")
            half = floats.size // (1 if k == 0 else 2)
            lows.append(floats[:half])
            highs.append(floats[-half:])
        assert_array_equal(np.concatenate(lows), level.low)
        assert_array_equal(np.concatenate(highs), level.high)


@pytest.mark.parametrize(("level", "tile"), [(-1, 0), (4, 0), (0, 18), (0, -1), (3, 1)])
def test_a_tile_that_is_not_there_is_refused(tmp_path, level, tile):
    held = open_pyramid(write_pyramid(tmp_path / "a.pyr", np.zeros(70_003)))
    with pytest.raises(InputError, match="expected 0 to"):
        held.tile(level, tile)


def test_a_file_that_was_cut_short_or_is_something_else_is_refused(tmp_path):
    path = write_pyramid(tmp_path / "a.pyr", np.zeros(5000))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(FileError, match="bytes"):
        open_pyramid(path)
    path.write_bytes(b"something else that is long enough")
    with pytest.raises(FileError, match="something else"):
        open_pyramid(path)
    with pytest.raises(FileError, match="no such file"):
        open_pyramid(tmp_path / "b.pyr")


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(pyramid, "_HEAD", None)
    with pytest.raises(AttributeError):
        write_pyramid(tmp_path / "a.pyr", np.zeros(10))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("values", [np.empty(0), np.zeros((2, 3))])
def test_no_samples_are_refused(values):
    with pytest.raises(InputError, match="at least one sample"):
        build_levels(values)


@pytest.mark.parametrize("seed", range(4))
def test_gaps_are_the_runs_of_missing_samples(seed):
    values = made(2000, 1.0, seed)
    assert [tuple(g) for g in find_gaps(values).tolist()] == reference.gaps(values.tolist())


def test_very_many_gaps_are_told_by_the_widest_pauses_between_them():
    values = np.zeros(10_000)
    values[::10] = np.nan  # a thousand
    values[5000:5300] = 0.0
    told = find_gaps(values, most=2)
    assert told.tolist() == [[0, 4991], [5300, 9991]]
    assert len(find_gaps(values, most=970)) == 970
