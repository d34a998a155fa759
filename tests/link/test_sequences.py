"""Who answers whom: naive twin, planted answers, shared courses, false alarms, real couples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import following as naive
from shared import SHARED, needs_shared

from syntony.config import Sequences
from syntony.core.errors import FileError, InputError
from syntony.io.codes.intervals import read_interval_tracks
from syntony.link.following import following, rotated
from syntony.link.sequences import CodePair, _asymmetry, _Way, who_follows
from syntony.pipeline.sequences import who_answers

COUPLES = "data/dyseq-coded-couples/couplescope_first40.csv"
cell = st.sampled_from([0.0, 1.0, 0.0, 1.0, np.nan])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell, cell), min_size=6, max_size=40), st.integers(1, 4), st.booleans())
def test_following_is_that_of_counting_by_hand(cells, lag, given_own):
    a, b = (np.array(side) for side in zip(*cells, strict=True))
    found = following(a[None], b[None], lag, given_own=given_own, least=2)
    hand = naive.difference(list(a), list(b), lag, given_own, 2)
    np.testing.assert_allclose(found.difference[0, 0], hand, atol=1e-12)
    if not given_own and np.isfinite(hand):
        assert found.log_odds[0, 0] == pytest.approx(naive.log_odds(list(a), list(b), lag))


def test_all_pairs_at_once_are_each_pair_by_itself():
    rng = np.random.default_rng(1)
    a, b = (rng.integers(2, size=(4, 50)).astype(float) for _ in "ab")
    a[1, 40:] = b[2, 30:] = np.nan
    whole = following(a, b, 2)
    for i in range(4):
        for j in range(4):
            one = following(a[i][None], b[j][None], 2)
            np.testing.assert_allclose(whole.difference[i, j], one.difference[0, 0])
            np.testing.assert_allclose(whole.log_odds[i, j], one.log_odds[0, 0])


def test_what_goes_on_by_itself_is_no_answer():
    rng = np.random.default_rng(5)
    raw, given_own = [], []
    for _ in range(60):  # both hold one common slow state, and nobody answers
        state = markov(rng, 400, 0.9)
        a = np.where(rng.random(400) < 0.95, state, 1 - state)
        raw.append(following(a[None], state[None], 1, given_own=False).difference[0, 0])
        given_own.append(following(a[None], state[None], 1).difference[0, 0])
    assert np.mean(raw) > 0.6
    assert abs(np.mean(given_own)) < 0.03


def test_a_turned_track_keeps_its_own_order_and_its_missing_end():
    track = np.array([1.0, 0, 0, 1, np.nan, np.nan])
    assert rotated(track, np.array([1]))[0].tolist()[:4] == [1, 1, 0, 0]
    assert np.isnan(rotated(track, np.array([2]))[0, 4:]).all()


def markov(rng, n, stay):
    """A track that stays in its state with this probability."""
    out = np.empty(n)
    out[0] = rng.integers(2)
    for t in range(1, n):
        out[t] = out[t - 1] if rng.random() < stay else 1 - out[t - 1]
    return out


def study(rng, *, dyads=10, n=120, answer=0.0, course=0.0, stay=0.8):
    """Tracks of a study: the second answers at lag 1; all dyads share a course."""
    first, second = np.empty((dyads, n)), np.empty((dyads, n))
    shared = np.linspace(1, 0, n) > 0.5
    for i in range(dyads):
        for out in (first, second):
            own = markov(rng, n, stay)
            out[i] = np.where(rng.random(n) < course, shared, own)
        for t in range(1, n):
            if rng.random() < answer:
                second[i, t] = first[i, t - 1]
    return pair_of(first, second)


def pair_of(first, second, allowed=None):
    names = tuple(f"d{k}" for k in range(len(first)))
    return CodePair(
        names=("P: x", "T: y"),
        first=first,
        second=second,
        sessions=names,
        dyads=names,
        allowed=~np.eye(len(first), dtype=bool) if allowed is None else allowed,
        people=(tuple(f"p{n}" for n in names), tuple(f"t{n}" for n in names)),
    )


FEW = Sequences(lags=1, rotations=99, interval_s=10)


def rows_of(pair, settings=FEW, **more):
    rows = who_follows(pair, settings, **{"bootstrap": 199, "derangements": 199, **more})
    return {
        (r.after, r.lag, r.statistic, r.scale, r.surrogate): r for r in rows if not r.session
    }, rows


def test_a_planted_answer_is_found_in_its_direction_and_at_its_lag():
    pair = study(np.random.default_rng(3), answer=0.4, stay=0.7)
    rows, everything = rows_of(pair, Sequences(lags=3, rotations=99))
    for chance in ("pseudo_dyads", "one_turned"):
        there = rows["T: y", 1, "given_own", "difference", chance]
        assert there.value > 0.25
        assert there.low > 0
        assert there.p_two <= 0.02
        assert there.null_low < 0.05 < there.value
        assert there.value > rows["T: y", 3, "given_own", "difference", chance].value + 0.15
        back = rows["P: x", 1, "given_own", "difference", chance]
        assert abs(back.value) < 0.08
    gap = rows["T: y", 1, "asymmetry", "difference", "sign_flip"]
    assert gap.value > 0.2
    assert gap.p_two < 0.05
    assert rows["T: y", 1, "given_own", "log_odds", "pseudo_dyads"].value > 0.8
    single = [r for r in everything if r.session and r.after == "T: y" and r.lag == 1]
    assert len(single) == 10 * 2
    assert np.mean([r.value for r in single if r.statistic == "given_own"]) == pytest.approx(
        rows["T: y", 1, "given_own", "difference", "one_turned"].value
    )


def test_turning_the_question_turns_the_answer():
    pair = study(np.random.default_rng(3), answer=0.4)
    rows, _ = rows_of(pair)
    back, _ = rows_of(pair.turned())
    for after in ("T: y", "P: x"):
        key = (after, 1, "given_own", "difference", "pseudo_dyads")
        assert rows[key].value == back[key].value


def p_of(pair, seed):
    """Two-sided p of what is asked first, beside each kind of chance."""
    ways = [_Way(p, FEW, seed, 19, 6, 199) for p in (pair, pair.turned())]
    asked = 1, "given_own", "difference"
    values = ways[0].real(*asked)
    return {
        "pseudo_dyads": ways[0]._strangers(values, *asked)["p_two"],
        "one_turned": ways[0]._rotation(values, *asked)["p_two"],
        "sign_flip": next(_asymmetry(*ways)).p_two,
    }


@pytest.mark.slow
def test_where_nobody_answers_claims_are_rare():
    rng, studies = np.random.default_rng(7), 150
    found = [p_of(study(rng, dyads=8, n=80), seed) for seed in range(studies)]
    for chance in found[0]:
        passed = sum(p[chance] <= 0.05 for p in found)
        assert passed <= 15, chance  # upper 99 % limit of 150 at .05


def test_a_course_that_all_dyads_share_passes_turned_tracks_but_not_strangers():
    rng = np.random.default_rng(9)
    found = [p_of(study(rng, dyads=8, n=80, course=0.6), seed) for seed in range(60)]
    assert sum(p["pseudo_dyads"] <= 0.05 for p in found) <= 8  # upper 99 % limit of 60 at .05
    assert sum(p["one_turned"] <= 0.05 for p in found) > 30  # why pages lead with strangers


def test_short_sessions_few_dyads_and_single_codes_are_not_testable():
    rng = np.random.default_rng(2)
    rows, _ = rows_of(study(rng, dyads=4, n=11))  # 110 s
    assert "2 x 60 s" in rows["T: y", 1, "given_own", "difference", "one_turned"].status
    assert "not testable" in rows["T: y", 1, "given_own", "difference", "pseudo_dyads"].status
    rows, everything = rows_of(pair_of(np.ones((7, 40)), np.ones((7, 40))))
    row = rows["T: y", 1, "given_own", "difference", "pseudo_dyads"]
    assert "enough of the first code" in row.status
    assert np.isnan(row.value)
    assert np.isnan(row.p_two)
    assert all(np.isnan(r.p_two) for r in everything)


def test_strangers_of_another_length_are_compared_at_the_shorter_one():
    rng = np.random.default_rng(6)
    pair = study(rng, dyads=8, n=100)
    pair.first[0, 60:] = pair.second[0, 60:] = np.nan
    pseudo, cut = _Way(pair, FEW, 1, 19, 6, 99)._with_strangers(1, "given_own", "difference")
    short = [np.where(np.arange(100) < 60, t, np.nan) for t in (pair.first[3], pair.second[3])]
    alone = following(short[0][None], short[1][None], 1).difference[0, 0]
    assert cut[3, 0] == pytest.approx(alone)
    mixed = following(pair.first[0][None], short[1][None], 1).difference[0, 0]
    assert pseudo[0, 3] == pytest.approx(mixed)


def test_tables_of_intervals_keep_missing_apart_from_absent(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,A1,A2,A3,A4,A5\nx,1,0,,1,0\ny,0,0,0,0,0\n", "utf-8")
    sessions, tracks = read_interval_tracks(path)
    assert sessions == ("x", "y")
    np.testing.assert_equal(tracks["A"][0], [1, 0, np.nan, 1, 0])
    assert tracks["A"][1].tolist() == [0] * 5
    path.write_text("id,A1,A2,A3,A4,A5\nx,1,0,2,1,0\n", "utf-8")
    with pytest.raises(FileError, match="line 2, column 'a3'"):
        read_interval_tracks(path)
    path.write_text("id,A1,A2,A3,A4,A5\nx,1,0,1,1,0\nx,1,0,1,1,0\n", "utf-8")
    with pytest.raises(FileError, match="each session once"):
        read_interval_tracks(path)
    path.write_text("id,A1,A2,A3,A4,A5\nx,1,0,1,1,0\n", "utf-8")
    with pytest.raises(InputError, match="second"):
        who_answers(path, "A", "B", interval_s=10)
    with pytest.raises(InputError, match="seconds above 0"):
        who_answers(path, "A", "A", interval_s=0)


@needs_shared(COUPLES)
def test_forty_couples_answer_both_ways_beyond_strangers():
    found = who_answers(
        SHARED / COUPLES, "IKCB", "DCCB", interval_s=10, settings=Sequences(lags=2, rotations=199)
    )
    rows = {
        (r.after, r.lag, r.statistic, r.scale, r.surrogate): r for r in found.rows if not r.session
    }
    for after, value, chance in (("DCCB", 0.286, 0.10), ("IKCB", 0.212, 0.08)):
        row = rows[after, 1, "given_own", "difference", "pseudo_dyads"]
        assert row.value == pytest.approx(value, abs=0.001)
        assert row.null_mean == pytest.approx(chance, abs=0.03)
        assert row.low > row.null_high
        assert row.p_two <= 0.01
    gap = rows["DCCB", 1, "asymmetry", "difference", "sign_flip"]
    assert gap.low < 0 < gap.high  # the two directions cannot be told apart
    assert not found.notes
    assert any("DCCB after IKCB, 10 s later: +0.29" in line for line in found.lines)


@needs_shared(COUPLES)
def test_the_columns_do_not_tell_which_of_two_contradicting_helps_is_right():
    sessions, tracks = read_interval_tracks(SHARED / COUPLES)
    stress, coping = tracks["IKCB"], tracks["DCCB"]
    assert stress.shape == coping.shape == (40, 48)
    assert len(sessions) == 40
    begins = [t.argmax(axis=1) for t in (stress, coping)]
    assert int((begins[0] == begins[1]).sum()) == 28
    assert int((begins[0] < begins[1]).sum()) == 1
    assert int((begins[0] > begins[1]).sum()) == 11
