import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import chisquare

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.surrogates.codes import rotate, rotation_count, rotation_offsets


@given(st.integers(130, 900), st.sampled_from([1.0, 2.5, 4.0]), st.integers(0, 2**31))
def test_both_tracks_turn_together_by_at_least_a_minute(seconds, rate_hz, seed):
    n = int(np.ceil(seconds * rate_hz))
    tracks = np.stack([np.arange(n), 10_000 + np.arange(n)])
    rotated, offset_s = rotate(tracks, np.random.default_rng(seed), rate_hz=rate_hz)
    assert 60 - 1e-9 <= offset_s <= n / rate_hz - 60 + 1e-9
    assert_array_equal(rotated[1] - rotated[0], 10_000)
    assert rotated[0, round(offset_s * rate_hz)] == 0
    assert_array_equal((rotated[0] - tracks[0]) % n, (-round(offset_s * rate_hz)) % n)


def test_words_and_gaps_travel_too():
    tracks = np.array([["positive"] * 100 + [""] * 100, ["neutral"] * 200])
    rotated, _ = rotate(tracks, np.random.default_rng(0))
    assert (rotated[0] == "").sum() == 100
    assert (rotated[1] == "neutral").all()
    numbers = np.where(np.arange(200) < 50, np.nan, 1.0)
    assert np.isnan(rotate(numbers, np.random.default_rng(0))[0]).sum() == 50


def test_every_rotation_is_equally_likely():
    offsets = rotation_offsets(140, 4200, np.random.default_rng(2))
    counts = np.bincount(offsets, minlength=81)[60:]
    assert counts.size == 21 == rotation_count(140)
    assert chisquare(counts).pvalue > 0.001


def test_two_minutes_are_too_short():
    assert rotation_count(120) == 0
    assert rotation_count(480, rate_hz=4.0) == 0
    assert rotation_count(481, rate_hz=4.0) == 2
    with pytest.raises(InputError, match=r"tracks='120 s': expected more than 120 s"):
        rotate(np.zeros((2, 120)), np.random.default_rng(0))
    with pytest.raises(InputError, match=r"min_shift_s=30.0: expected at least 60 s"):
        rotate(np.zeros((2, 600)), np.random.default_rng(0), min_shift_s=30.0)
    with pytest.raises(InputError, match="rate_hz"):
        rotate(np.zeros((2, 600)), np.random.default_rng(0), rate_hz=-1.0)


def test_rotations_hang_on_their_session_alone():
    there = [rotation_offsets(900, 5, rng_for(1, s, "rotate")) for s in ("s1", "s2", "s3")]
    back = [rotation_offsets(900, 5, rng_for(1, s, "rotate")) for s in ("s3", "s2", "s1")]
    assert_array_equal(there, back[::-1])
