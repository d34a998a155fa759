import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.emotion import (
    LABELS,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    UNCODED,
    Feelings,
    codes_from_tracks,
    emotion_tracks,
    mask_uncoded,
    share_by_emotion,
    shared_seconds,
)

LONG_S = 200_000.0


def runs(track):
    edges = np.flatnonzero(np.diff(track)) + 1
    parts = np.split(track, edges)
    return np.array([p[0] for p in parts]), np.array([p.size for p in parts])


def test_states_fill_the_time_they_should_and_last_as_long():
    tracks = emotion_tracks(
        rng_for(1, "stay"), duration_s=LONG_S, feelings=Feelings(common_share=0.0)
    )
    for track in tracks:
        share = [(track == s).mean() for s in (NEUTRAL, POSITIVE, NEGATIVE)]
        assert_allclose(share, [30 / 48, 12 / 48, 6 / 48], atol=0.015)
        state, length = runs(track)
        for s, mean_s in ((NEUTRAL, 30), (POSITIVE, 20), (NEGATIVE, 15)):
            assert_allclose(length[state == s].mean(), mean_s, rtol=0.06)


@pytest.mark.parametrize("common", [0.0, 0.5, 1.0])
def test_the_planted_part_of_the_time_is_common(common):
    tracks = emotion_tracks(
        rng_for(2, str(common)), duration_s=LONG_S, feelings=Feelings(common_share=common)
    )
    by_chance = (30 / 48) ** 2 + (12 / 48) ** 2 + (6 / 48) ** 2
    assert_allclose((tracks[0] == tracks[1]).mean(), common + (1 - common) * by_chance, atol=0.03)


def test_nobody_starts_in_a_favoured_state():
    first = [emotion_tracks(rng_for(3, i), duration_s=10.0)[0, 0] for i in range(1500)]
    assert_allclose(np.mean(np.equal(first, NEUTRAL)), 0.625, atol=0.05)


def test_some_seconds_are_uncoded_for_each_person_by_itself():
    tracks = emotion_tracks(rng_for(4, "lost"), duration_s=LONG_S)
    seen = mask_uncoded(rng_for(4, "mask"), tracks)
    lost = seen == UNCODED
    assert_allclose(lost.mean(axis=1), 0.04, atol=0.008)
    assert_allclose((lost[0] & lost[1]).mean(), 0.0016, atol=0.001)
    assert_array_equal(seen[~lost], tracks[~lost])


@settings(deadline=None, max_examples=40)
@given(st.floats(1.0, 400.0), st.integers(0, 2**32))
def test_codes_say_what_the_tracks_say(duration_s, seed):
    rng = rng_for(seed, "codes")
    tracks = mask_uncoded(rng, emotion_tracks(rng, duration_s=duration_s))
    codes = codes_from_tracks(tracks, people=("P01", "T01"), duration_s=duration_s, coder="c")
    back = np.full(tracks.shape, UNCODED)
    number = {label: state for state, label in LABELS.items()}
    for code in codes:
        assert code.coder == "c"
        assert 0 <= code.start_s < code.stop_s <= duration_s
        here = slice(int(code.start_s), int(np.ceil(code.stop_s)))
        i = ("P01", "T01").index(code.person)
        assert (back[i, here] == UNCODED).all()
        back[i, here] = number[code.label]
    assert_array_equal(back, tracks)


@settings(deadline=None, max_examples=60)
@given(st.floats(0.0, 1.0), st.floats(0.0, 0.5), st.integers(0, 2**32))
def test_the_effect_is_the_difference_and_keeps_the_mean(share, effect, seed):
    positive = rng_for(seed, "positive").random(500) < 0.2
    by_second = share_by_emotion(share, positive, effect=effect)
    assert by_second.min() >= 0
    assert by_second.max() <= 0.95
    p = positive.mean()
    if effect * p <= share <= 0.95 - effect * (1 - p) and 0 < p < 1:
        assert_allclose(by_second.mean(), share, atol=1e-12)
        assert_allclose(
            by_second[positive].mean() - by_second[~positive].mean(), effect, atol=1e-12
        )


def test_shared_seconds_ask_for_both():
    tracks = np.array([[1, 1, -1, 0], [1, 0, -1, 0]], dtype=np.int8)
    assert shared_seconds(tracks).tolist() == [True, False, False, False]
    assert shared_seconds(tracks, NEGATIVE).tolist() == [False, False, True, False]


@pytest.mark.parametrize(("field", "value"), [("positive_s", 0.5), ("common_share", 1.1)])
def test_impossible_feelings_are_refused(field, value):
    with pytest.raises(InputError, match=field):
        Feelings(**{field: value})


def test_a_session_without_length_is_refused():
    with pytest.raises(InputError, match="duration_s"):
        emotion_tracks(rng_for(1), duration_s=0.0)
