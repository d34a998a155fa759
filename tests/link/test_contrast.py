"""High and low moments: the rule against its twin, each clause, matching, the contrast."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import link as reference

from syntony.config import Moments
from syntony.core.errors import InputError
from syntony.link.contrast import (
    Choice,
    Moment,
    choose_moments,
    contrast_of,
    match_moments,
    moment_contrast,
    running_mean,
)

RULE = Moments()


def slow_r(rng, n, smooth=15):
    z = np.convolve(rng.standard_normal(n + smooth), np.ones(smooth) / smooth**0.5, "same")[:n]
    return np.tanh(0.45 * z)


def moment(kind, start_s, strength, third, length_s=20.0):
    return Moment(
        kind=kind,
        start_s=start_s,
        stop_s=start_s + length_s,
        strength=strength,
        third=third,
        coverage=1.0,
    )


@pytest.mark.parametrize("missing", [0.0, 0.03, 0.3])
@pytest.mark.parametrize(
    ("n", "step_s", "rule"),
    [
        (1500, 1.0, RULE),
        (1500, 1.0, RULE.model_copy(update={"share": 0.3, "max_per_class": 2})),
        (900, 2.0, RULE.model_copy(update={"smooth_s": 45.0, "min_gap_s": 200.0})),
        (3000, 0.5, RULE.model_copy(update={"min_length_s": 5.0, "max_artefact": 0.5})),
        (1199, 1.0, RULE),
    ],
)
def test_moments_are_those_of_the_rule(n, step_s, rule, missing):
    rng = np.random.default_rng(n)
    time_s = 12.5 + step_s * np.arange(n)
    r = slow_r(rng, n, smooth=round(40 / step_s))
    start = rng.integers(0, n, int(missing * n / 10))
    for s in start:
        r[s : s + 10] = np.nan
    span = (12.0, 12.0 + n * step_s)
    found = choose_moments(time_s, r, settings=rule, span_s=span)
    want = reference.choose_moments(time_s, r, rule.model_dump(), span)
    got = [
        (m.kind, *np.searchsorted(time_s, (m.start_s, m.stop_s - step_s)).tolist())
        for m in found.moments
    ]
    assert sorted(got) == sorted(want)
    assert (len(want) > 0) == (n != 1199)
    for m in found.moments:
        inside = (time_s >= m.start_s) & (time_s < m.stop_s)
        assert_allclose(m.strength, np.nanmean(r[inside]), atol=1e-9)
        assert_allclose(m.coverage, np.isfinite(r[inside]).mean())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_mirrored_r_swaps_high_and_low(seed):
    r = slow_r(np.random.default_rng(seed), 1500, smooth=30)
    time_s, kwargs = np.arange(1500.0), {"settings": RULE, "span_s": (0.0, 1500.0)}
    swap = {"high": "low", "low": "high"}
    up = choose_moments(time_s, r, **kwargs).moments
    down = choose_moments(time_s, -r, **kwargs).moments
    assert [(m.kind, m.start_s, m.stop_s) for m in up] == [
        (swap[m.kind], m.start_s, m.stop_s) for m in down
    ]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_every_clause_of_the_rule_holds(seed):
    rng = np.random.default_rng(seed)
    r = slow_r(rng, 2400, smooth=40)
    r[rng.integers(0, 2400, 60)] = np.nan
    found = choose_moments(np.arange(2400.0), r, settings=RULE, span_s=(0.0, 2400.0))
    for kind in ("high", "low"):
        ours = [m for m in found.moments if m.kind == kind]
        assert len(ours) <= 5
        gaps = [b.start_s - a.stop_s for a, b in pairwise(ours)]
        assert min(gaps, default=30.0) >= 30.0
    for m in found.moments:
        assert m.start_s >= 299.5
        assert m.stop_s <= 2280.5
        assert m.stop_s - m.start_s >= 20
        assert m.coverage >= 0.9
        assert m.third == 1 + int((m.start_s + m.stop_s) / 2 // 800)


def test_nineteen_minutes_are_too_short_and_twenty_are_not():
    r = slow_r(np.random.default_rng(1), 1300, smooth=40)
    short, long = (
        choose_moments(np.arange(n), r[: int(n)], settings=RULE, span_s=(0.0, n))
        for n in (1140.0, 1200.0)
        for n in [float(n)]
    )
    assert (short.status, short.moments) == ("too short: 19.0 min, under 20 min", ())
    assert long.status == "ok"


def test_a_planted_moment_is_found_where_it_was_planted():
    r = 0.1 * slow_r(np.random.default_rng(2), 1800)
    r[700:760] += 0.8
    found = choose_moments(np.arange(1800) + 0.5, r, settings=RULE, span_s=(0.0, 1800.0))
    best = max(found.moments, key=lambda m: m.strength)
    assert best.kind == "high"
    assert abs((best.start_s + best.stop_s) / 2 - 730) < 10


def test_artefacts_count_by_coverage_where_it_is_known():
    r = slow_r(np.random.default_rng(3), 1800, smooth=40)
    kwargs = {"settings": RULE, "span_s": (0.0, 1800.0)}
    whole = choose_moments(np.arange(1800.0), r, **kwargs)
    poor = choose_moments(np.arange(1800.0), r, coverage=np.full(1800, 0.85), **kwargs)
    fair = choose_moments(np.arange(1800.0), r, coverage=np.full(1800, 0.95), **kwargs)
    assert poor.status == "no moments: none is long and whole enough"
    assert [replace(m, coverage=1.0) for m in fair.moments] == list(whole.moments)
    first = whole.moments[0]
    place = round(first.start_s + 1)
    r[place : place + 5] = np.nan
    lost = choose_moments(np.arange(1800.0), r, coverage=np.full(1800, 0.99), **kwargs)
    assert all(m.coverage == pytest.approx(0.99) for m in lost.moments if m.start_s > place + 60)
    assert all(m.coverage < 0.99 for m in lost.moments if m.start_s <= place < m.stop_s)


def test_flat_missing_and_empty_r_give_no_moments():
    for r in (np.full(1500, 0.2), np.full(1500, np.nan)):
        found = choose_moments(np.arange(1500.0), r, settings=RULE, span_s=(0.0, 1500.0))
        assert found.status == "no moments: the smoothed r does not vary"
    empty = choose_moments(np.empty(0), np.empty(0), settings=RULE, span_s=(0.0, 1500.0))
    assert empty.moments == ()


def test_uneven_time_and_wrong_shapes_are_refused():
    kwargs = {"settings": RULE, "span_s": (0.0, 1500.0)}
    with pytest.raises(InputError, match=r"time_s='steps of 1 to 9 s': expected even steps"):
        choose_moments(np.r_[0.0, 1, 2, 3, 12], np.zeros(5), **kwargs)
    with pytest.raises(InputError, match="r="):
        choose_moments(np.arange(4.0), np.zeros(5), **kwargs)
    with pytest.raises(InputError, match="coverage="):
        choose_moments(np.arange(5.0), np.zeros(5), coverage=np.zeros(4), **kwargs)
    tracks = (np.zeros(4, dtype=int), np.zeros(5, dtype=int))
    with pytest.raises(InputError, match="tracks="):
        moment_contrast(np.arange(5.0), np.zeros(5), tracks, **kwargs)


@given(
    st.lists(st.one_of(st.just(np.nan), st.integers(-9, 9).map(float)), min_size=1, max_size=30),
    st.integers(0, 12),
)
def test_running_mean_is_the_loop(values, half):
    values = np.array(values)
    assert_allclose(running_mean(values, half), reference.running_mean(values, half), atol=1e-12)


def test_matching_keeps_to_thirds_and_takes_the_strongest():
    moments = (
        moment("high", 0, 0.5, 1),
        moment("high", 100, 0.9, 1),
        moment("low", 200, -0.3, 1),
        moment("high", 900, 0.7, 2),
        moment("low", 1700, -0.5, 3),
        moment("low", 1800, -0.7, 3),
        moment("high", 1900, 0.6, 3),
    )
    assert match_moments(Choice(moments=moments)) == [(1, 2), (6, 5)]


def test_matching_on_talk_takes_the_closest_shares():
    moments = tuple(moment("high", 50.0 * i, 0.9, 1) for i in range(2)) + tuple(
        moment("low", 500 + 50.0 * i, -0.9, 1) for i in range(3)
    )
    talk = np.array([0.2, 0.8, 0.75, 0.1, 0.4])
    assert match_moments(Choice(moments=moments), talk=talk) == [(0, 3), (1, 2)]
    assert match_moments(Choice(moments=moments), talk=np.full(5, np.nan)) != []
    turned = match_moments(Choice(moments=moments[2:] + moments[:2]), talk=talk[[2, 3, 4, 0, 1]])
    assert turned == [(3, 1), (4, 0)]


def planted(share_high, share_low, seed=4):
    """r with known moments, and codes that are positive with given shares in them."""
    r = 0.05 * slow_r(np.random.default_rng(seed), 1800)
    first = np.full(1800, 1)
    for start, up in ((400, 1), (500, 0), (800, 1), (1000, 0), (1300, 0), (1500, 1)):
        r[start : start + 60] += 0.8 if up else -0.8
        first[start - 10 : start + 70] = 2
        n = round(80 * (share_high if up else share_low))
        first[start - 10 : start + 70][np.arange(80) * n % 80 < n] = 0
    return r, first


def test_the_contrast_is_the_difference_that_was_planted():
    r, first = planted(0.75, 0.25)
    second = np.full(1800, 1)
    found = moment_contrast(
        np.arange(1800) + 0.5, r, (first, second), settings=RULE, span_s=(0.0, 1800.0)
    )
    assert sum(m.matched for m in found.choice.moments) == 6
    assert_allclose(found.differences[0], [0.5, 0.0, -0.5], atol=0.05)
    assert_allclose(found.differences[1], 0.0)
    assert_allclose(found.value(), found.differences[0, 0] / 2)
    assert_allclose(found.value(2), found.differences[0, 2] / 2)


def test_the_contrast_swaps_its_sign_with_r_and_the_order_of_people_does_not_matter():
    r, first = planted(0.6, 0.2, seed=5)
    second = np.roll(first, 7)
    args = {"settings": RULE, "span_s": (0.0, 1800.0)}
    time_s = np.arange(1800) + 0.5
    here = contrast_of(time_s, r, (first, second), **args)
    assert here > 0.2
    assert_allclose(contrast_of(time_s, -r, (first, second), **args), -here)
    assert_allclose(contrast_of(time_s, r, (second, first), **args), here)


def test_a_second_belongs_to_a_moment_by_its_middle():
    r = 0.05 * slow_r(np.random.default_rng(6), 1800)
    r[400:460] += 0.8
    r[520:580] -= 0.8
    args = {"settings": RULE, "span_s": (0.0, 1800.0)}
    time_s = np.arange(1800) + 0.5
    moments = choose_moments(time_s, r, **args).moments
    high = max(moments, key=lambda m: m.strength)
    inside = (time_s >= high.start_s) & (time_s < high.stop_s)  # time_s are the middles
    track = np.where(inside, 0, 1)
    one = tuple(m for m in moments if m.third == 1)
    assert [m.kind for m in one] == ["high", "low"]
    late = np.where(np.arange(1800) < 600, track, -1)  # only this third is coded
    assert contrast_of(time_s, r, (late, late), **args) == 1.0
    for lost in (np.flatnonzero(inside)[0], np.flatnonzero(inside)[-1]):
        track = late.copy()
        track[lost] = 1
        assert_allclose(contrast_of(time_s, r, (track, track), **args), 1 - 1 / inside.sum())


def test_a_person_without_codes_leaves_the_other():
    r, first = planted(0.75, 0.25)
    none = np.full(1800, -1)
    args = {"settings": RULE, "span_s": (0.0, 1800.0)}
    found = moment_contrast(np.arange(1800) + 0.5, r, (first, none), **args)
    assert np.isnan(found.differences[1]).all()
    assert_allclose(found.value(), 0.5, atol=0.05)
    both = moment_contrast(np.arange(1800) + 0.5, r, (none, none), **args)
    assert np.isnan(both.value())
    assert both.choice.status == "no moments of both kinds in one third"
    assert len(both.choice.moments) == 6


def test_moments_that_were_hardly_coded_are_not_compared():
    r, first = planted(0.75, 0.25)
    holes = first.copy()
    holes[390:450] = -1
    args = {"settings": RULE, "span_s": (0.0, 1800.0)}
    found = moment_contrast(np.arange(1800) + 0.5, r, (holes, first), **args)
    early = [m for m in found.choice.moments if m.third == 1]
    assert len(early) == 2
    assert not any(m.matched for m in early)
    assert np.isfinite(found.value())


def test_a_row_names_its_moment():
    row = moment("high", 40.0, 0.5, 2).to_row(
        session="s1", dyad="d1", step=1, lag_s=2.0, leader="a"
    )
    assert (row["start_s"], row["stop_s"], row["third"], row["leader"]) == (40.0, 60.0, 2, "a")
