import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import chisquare

from syntony.core.errors import InputError
from syntony.surrogates.segments import _derangement, segment_shuffle


@settings(deadline=None)
@given(st.integers(300, 900), st.sampled_from([5.0, 12.5, 30.0]), st.integers(0, 2**31))
def test_segments_are_moved_whole_and_none_keeps_its_place(n, segment_s, seed):
    y = np.arange(float(n))
    after = segment_shuffle(y, np.random.default_rng(seed), rate_hz=1.0, segment_s=segment_s)
    assert_array_equal(np.sort(after), y)
    length = round(segment_s)
    count, rest = divmod(n, length)
    moved_in = 0
    for k in range(count):
        slot = after[k * length : (k + 1) * length]
        at_home = slot[slot < count * length]
        moved_in += slot.size - at_home.size
        assert (at_home // length != k).all()
        first = at_home[0] // length
        assert (at_home == first * length + np.flatnonzero(slot < count * length)).all()
    assert moved_in == rest
    assert (after[count * length :] < (count - 1) * length).all()


def test_derangements_of_four_are_equally_likely():
    rng = np.random.default_rng(4)
    seen = [tuple(_derangement(4, rng).tolist()) for _ in range(4500)]
    kinds, counts = np.unique(seen, axis=0, return_counts=True)
    assert len(kinds) == 9
    assert chisquare(counts).pvalue > 0.001


def test_too_few_segments_say_how_long_the_session_must_be():
    with pytest.raises(
        InputError, match=r"y='299 s': expected at least 300 s, 10 segments of 30 s"
    ):
        segment_shuffle(np.zeros(299), np.random.default_rng(0), rate_hz=1.0)
    with pytest.raises(InputError, match="segment_s"):
        segment_shuffle(np.zeros(299), np.random.default_rng(0), rate_hz=1.0, segment_s=0.2)
    with pytest.raises(InputError, match="segment_s"):
        segment_shuffle(np.zeros(299), np.random.default_rng(0), rate_hz=1.0, segment_s=np.nan)
    with pytest.raises(InputError, match="rate_hz"):
        segment_shuffle(np.zeros(299), np.random.default_rng(0), rate_hz=np.nan)
