from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from reference import tables as reference

from syntony.core.errors import FileError
from syntony.io.axis import find_axis

FILE = Path("a.csv")


def axis(times):
    return find_axis(FILE, np.asarray(times, dtype=float), np.arange(len(times)) + 2, "t")


@pytest.mark.parametrize(
    ("rate_hz", "digits"), [(30, 2), (40, 2), (64, 3), (3, 1), (128, 3), (7, 2)]
)
def test_rounded_stamps_give_the_rate_they_were_made_with(rate_hz, digits):
    times = np.round(np.arange(6000) / rate_hz, digits)
    if np.any(np.diff(times) == 0):
        pytest.fail("the example must have different stamps")
    got = axis(times)
    assert got.rate_hz == pytest.approx(rate_hz, rel=1e-5)
    assert_array_equal(got.places, np.arange(6000))


def test_a_drifting_device_keeps_its_own_rate():
    times = np.arange(12_000) / 4 * (1 + 200e-6)
    assert axis(times).rate_hz == pytest.approx(4 / (1 + 200e-6), rel=1e-6)


def test_jitter_is_measured_and_noted():
    rng = np.random.default_rng(5)
    times = np.arange(4000) / 4 + rng.uniform(-0.05, 0.05, 4000)
    got = axis(times)
    assert got.rate_hz == pytest.approx(4, rel=1e-4)
    assert_array_equal(got.places, np.arange(4000))
    assert [n.code for n in got.notes] == ["jitter"]
    assert "0.05" in got.notes[0].text or "0.049" in got.notes[0].text


def test_stamps_that_wander_are_refused():
    n = np.arange(4000)
    times = n / 4 + 2 * np.sin(n / 600)
    with pytest.raises(FileError, match=r"off an even axis.*give rate_hz"):
        axis(times)


def test_gaps_that_are_no_multiples_do_not_add_up():
    runs, start = [], 0.0
    for _ in range(40):
        runs.append(start + np.arange(50) / 4)
        start = runs[-1][-1] + 0.25 * 10.45
    got = axis(np.concatenate(runs))
    true = np.concatenate(runs)
    assert np.abs(got.start_s + got.places / got.rate_hz - true).max() < 0.6 / 4
    assert got.rate_hz == pytest.approx(4, rel=1e-3)
    assert "39 gaps" in got.notes[0].text


@pytest.mark.parametrize("lost", [[5], [5, 6, 7], [1], list(range(100, 300)), [10, 12, 14, 400]])
def test_lost_rows_leave_their_place_empty(lost):
    times = np.delete(np.arange(500) / 25, lost)
    values = np.sin(times)
    got = axis(times).lay(values)
    assert_array_equal(got, reference.on_axis(times.tolist(), values.tolist(), 0.04))
    assert np.isnan(got).sum() == len(lost)
