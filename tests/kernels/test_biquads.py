import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import butter, sosfiltfilt

from syntony.kernels.biquads import both_ways, butterworth


@pytest.mark.parametrize("kind", ["lowpass", "highpass"])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("cutoff", [0.0125, 0.1, 0.25, 0.49])
@pytest.mark.parametrize("n", [1, 2, 40, 3001])
def test_it_gives_the_numbers_of_scipy(kind, order, cutoff, n):
    x = 50 + np.cumsum(np.random.default_rng(n).standard_normal(n))
    pad = min(3 * (order + 1), n - 1)
    want = sosfiltfilt(butter(order, 2 * cutoff, kind, output="sos"), x, padlen=pad)
    # A steep filter with a low cut-off has poles near 1: scipy itself is good to 1e-9 there.
    assert_allclose(both_ways(x, *butterworth(order, cutoff, kind), pad), want, atol=1e-8)


@pytest.mark.parametrize("cutoff", [1e-5, 1.6e-3, 0.3])
@pytest.mark.parametrize("order", [2, 8])
def test_a_constant_stays_or_goes(cutoff, order):
    x = np.full(5000, 60.0)
    assert_allclose(both_ways(x, *butterworth(order, cutoff), 200), x, rtol=1e-6)
    gone = both_ways(x, *butterworth(order, cutoff, "highpass"), 200)
    assert_allclose(gone, 0.0, atol=1e-6)


def test_time_turned_round_is_the_same_filter():
    x = np.random.default_rng(1).standard_normal(4000)
    filters = butterworth(4, 0.05)
    there, back = both_ways(x, *filters, 60), both_ways(x[::-1].copy(), *filters, 60)[::-1]
    assert_allclose(there[300:-300], back[300:-300], atol=1e-9)


def test_the_input_is_left_alone():
    x = np.ones(20)
    x.flags.writeable = False
    both_ways(x, *butterworth(2, 0.1), 9)
