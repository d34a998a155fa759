"""Drawing keeps spikes, keeps gaps, and writes numbers a browser can read."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reference.min_max_columns import min_max_columns

from syntony.report.figures.svg import (
    Drawing,
    Scale,
    envelope,
    map_png,
    nice_ticks,
    padded,
    stretches,
    tick_text,
)
from syntony.report.figures.time import running_mean

VALUES = hnp.arrays(
    np.float64,
    st.integers(1, 400),
    elements=st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))),
)


@given(VALUES, st.integers(1, 60))
def test_every_column_keeps_its_lowest_and_highest_value(ys, columns):
    xs = np.arange(len(ys), dtype=float)
    got_x, got_y = envelope(xs, ys, columns)
    if len(ys) <= 2 * columns:
        np.testing.assert_array_equal(got_y, ys)
        return
    assert len(got_y) == 2 * columns
    pairs = np.sort(got_y.reshape(columns, 2), axis=1)
    np.testing.assert_array_equal(pairs, np.array(min_max_columns(ys, columns)))
    assert (np.diff(got_x) >= 0).all()


def test_values_keep_the_order_in_which_they_came():
    ys = np.zeros(100)
    ys[10], ys[20] = 5.0, -5.0
    assert envelope(np.arange(100.0), ys, 1)[1].tolist() == [5.0, -5.0]
    assert envelope(np.arange(100.0), -ys, 1)[1].tolist() == [-5.0, 5.0]


def test_a_gap_stays_a_gap_and_a_lone_point_stays_a_dot():
    drawing = Drawing(10, 10)
    drawing.path(np.arange(5.0), np.array([0.0, 1.0, np.nan, 2.0, np.nan]), "line")
    assert drawing.pieces[0].count("M") == 2
    assert "h.1" in drawing.pieces[0]
    assert "nan" not in drawing.pieces[0]


def test_a_band_is_not_drawn_across_a_gap():
    drawing = Drawing(10, 10)
    low = np.array([0.0, 0.0, np.nan, 0.0, 0.0])
    drawing.area(np.arange(5.0), low, low + 1, "band")
    assert drawing.pieces[0].count("M") == drawing.pieces[0].count("Z") == 2


@given(hnp.arrays(np.bool_, st.integers(0, 50)))
def test_stretches_cover_exactly_what_is_true(flags):
    back = np.zeros(len(flags), dtype=bool)
    for a, b in stretches(flags):
        assert b > a
        back[a:b] = True
    np.testing.assert_array_equal(back, flags)


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(2, 10))
def test_ticks_are_inside_even_and_told_apart(low, width, about):
    high = low + width
    ticks = nice_ticks(low, high, about)
    assert all(low - 1e-6 * width <= t <= high + 1e-6 * width for t in ticks)
    assert len(ticks) <= 2 * about + 2
    if len(ticks) > 2:
        np.testing.assert_allclose(np.diff(ticks), ticks[1] - ticks[0], rtol=1e-3)
    if width > 1e-4 * abs(low):
        assert len({tick_text(t, ticks) for t in ticks}) == len(ticks)


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf]])
def test_limits_without_a_value_are_zero_to_one(values):
    assert padded(values) == (0.0, 1.0)


def test_limits_around_one_value_have_room():
    low, high = padded([3.0, 3.0])
    assert low < 3 < high


def test_a_scale_without_width_does_not_divide_by_zero():
    assert np.isfinite(Scale(1.0, 1.0, 0, 100)(1.0))


def decode(png):
    """Cells of a palette PNG whose lines are unfiltered, and its palette with opacity."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", png[at + 8 + size : at + 12 + size])
        assert check == zlib.crc32(name + data)
        chunks[name] = data
        at += 12 + size
    columns, rows = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    assert (raw[:, 0] == 0).all()
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    alpha = np.frombuffer(chunks[b"tRNS"], np.uint8)
    return palette[raw[:, 1:]], alpha[raw[:, 1:]]


def test_the_map_tells_sign_by_hue_size_by_opacity_and_missing_by_grey():
    colour, alpha = decode(map_png(np.array([[1.0, 0.5, 0.0, -0.5, -9.0, np.nan]]), 1.0))
    red, blue = colour[0, :, 0].astype(int), colour[0, :, 2].astype(int)
    assert (red[:2] > blue[:2]).all()
    assert (blue[3:5] > red[3:5]).all()
    assert alpha[0, 2] == 0
    assert alpha[0, 0] > alpha[0, 1] > 0
    assert alpha[0, 4] == alpha[0, 0]
    assert len(set(colour[0, 5].tolist())) == 1
    assert alpha[0, 5] > 0


@given(VALUES, st.integers(0, 20))
def test_the_running_mean_is_the_mean_of_what_is_there(values, length):
    got = running_mean(np.arange(len(values), dtype=float), values, float(length))
    half = round(length / 2) if len(values) > 1 else 0
    for k, v in enumerate(values):
        near = values[max(0, k - half) : k + half + 1]
        want = np.nan if np.isnan(v) else np.nanmean(near)
        np.testing.assert_allclose(got[k], want, rtol=1e-6, atol=1e-3)
