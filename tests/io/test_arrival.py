from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError
from syntony.io.arrival import arrival_axis

PATH = Path("a.csv")


def axis(times):
    times = np.asarray(times, dtype=float)
    return arrival_axis(PATH, times, np.arange(times.size) + 4, "t")


def bursts(n, step=0.02, every=7):
    """Samples that come in bundles: each bundle bears the time of its last."""
    true = step * np.arange(n)
    last = np.minimum((np.arange(n) // every + 1) * every - 1, n - 1)
    return true, true[last] + 0.05


def test_bursts_are_samples_of_a_steady_device():
    _, stamps = bursts(1000)
    found = axis(stamps)
    assert found.rate_hz == pytest.approx(50.0, rel=1e-3)
    assert_array_equal(found.places, np.arange(1000))
    assert [n.code for n in found.notes] == ["jitter"]
    assert found.start_s == pytest.approx(0.11, abs=0.02)


def test_a_delay_that_is_caught_up_is_no_gap_and_one_that_stays_is():
    _, stamps = bursts(1000)
    delayed = stamps.copy()
    delayed[400:430] = np.maximum(delayed[400:430], stamps[430])
    assert axis(delayed).places[-1] == 999
    lost = np.concatenate([stamps[:400], stamps[400:] + 3.0])
    found = axis(lost)
    assert found.places[-1] == pytest.approx(999 + 150, abs=7)
    assert "gap" in {n.code for n in found.notes}


def test_even_stamps_are_taken_as_they_are():
    times = np.delete(0.02 * np.arange(100), [50])
    assert axis(times).places[50] == 51


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([0.0], "one sample"),
        (np.zeros(50), "stands still"),
        (np.concatenate([bursts(200)[1], bursts(200)[1]]), "runs back by"),
        (np.concatenate([bursts(200)[1], bursts(200)[1] + 1e9]), "a pause of"),
    ],
)
def test_time_that_cannot_be_is_refused(times, told):
    with pytest.raises(FileError, match=told):
        axis(times)
