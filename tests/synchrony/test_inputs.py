import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import InputError
from syntony.synchrony._inputs import in_samples, least_pairs, whole_steps, window_starts


def test_a_window_needs_at_least_its_share_of_pairs():
    assert least_pairs(0.8, 15) == 12
    assert least_pairs(0.8, 21) == 17  # 16.8 are asked for
    assert least_pairs(0.7, 10) == 7  # 0.7 * 10 is a little above 7
    assert least_pairs(0.0, 15) == 3


def test_durations_become_samples():
    assert in_samples("window_s", 2.5, 3.0, 2) == 8  # 7.5
    assert in_samples("window_s", 0.1 * 3, 10.0, 2) == 3
    assert whole_steps(2.5, 3.0) == 7
    assert whole_steps(0.3, 10.0) == 3  # 0.3 * 10 is a little below 3
    with pytest.raises(InputError, match=r"step_s=0.1: expected at least 0.25 s \(1 samples\)"):
        in_samples("step_s", 0.1, 4.0, 1)


@pytest.mark.parametrize("step", [1.0, 2.5, 1 / 3 * 7, 10.0])
def test_every_whole_window_starts_where_its_time_says(step):
    starts = window_starts(100, 10, step)
    assert_array_equal(starts, np.floor(np.arange(starts.size) * step + 0.5))
    assert starts[-1] + 10 <= 100 < np.floor(starts.size * step + 0.5) + 10
    assert window_starts(9, 10, step).size == 0
