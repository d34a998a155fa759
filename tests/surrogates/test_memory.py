import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import spectral as reference
from surrogates.worlds import shared_course, slow_noise

from syntony.core.errors import InputError
from syntony.surrogates.memory import memory_s
from syntony.surrogates.shift import circular_shift


@settings(deadline=None, max_examples=30)
@given(st.integers(240, 400), st.sampled_from([0.5, 0.9, 0.99]), st.integers(0, 2**31))
def test_memory_is_the_first_lag_under_one_over_e(n, phi, seed):
    rng = np.random.default_rng(seed)
    y = slow_noise(rng, n, phi)
    y[rng.choice(n, n // 10, replace=False)] = np.nan
    y[40:60] = np.nan
    assert memory_s(y, 2.0) == reference.memory(list(y)) / 2.0
    whole = slow_noise(rng, n, phi)
    assert memory_s(whole, 2.0) == reference.memory(list(whole)) / 2.0


def test_the_guard_follows_the_memory_and_is_never_under_a_minute():
    rng = np.random.default_rng(3)
    period = 200
    y = np.sin(2 * np.pi * np.arange(2000) / period) + 1e-6 * np.arange(2000)
    guard = 5 * reference.memory(list(y))
    assert guard > 180

    def offset(drawn):
        return int(np.flatnonzero(drawn == y[0])[0])

    seen = [offset(circular_shift(y, rng, rate_hz=1.0, guard_s="memory")) for _ in range(4000)]
    assert (min(seen), max(seen)) == (guard, 2000 - guard)
    y = rng.standard_normal(200)
    seen = [offset(circular_shift(y, rng, rate_hz=1.0, guard_s="memory")) for _ in range(800)]
    assert (min(seen), max(seen)) == (60, 140)


def test_a_course_of_the_session_asks_for_a_longer_one():
    y = shared_course() + slow_noise(np.random.default_rng(0), 7200) / 10
    with pytest.raises(InputError, match="three times the guard of"):
        circular_shift(y, np.random.default_rng(0), rate_hz=4.0, guard_s="memory")
    with pytest.raises(InputError, match="seconds, or 'memory'"):
        circular_shift(y, np.random.default_rng(0), rate_hz=4.0, guard_s="long")
