from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import skin_simple
from reference.marci_simple import slopes, ssi

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Clock
from syntony.simulate.dyad import PairSetup, coincidences, in_spans, make_pair
from syntony.simulate.skin import Skin

HOUR = PairSetup(duration_s=3600.0, rate_hz=4.0)


def best_lag_s(pair, max_lag_s=8.0):
    """Lag of the highest correlation of gradients over the whole session."""
    a, b = (np.gradient(s.values) for s in pair.signals)
    n = min(a.size, b.size)
    lags = np.arange(-round(max_lag_s * 4), round(max_lag_s * 4) + 1)
    m = lags.max()
    r = [np.corrcoef(a[m : n - m], b[m + k : n - m + k])[0, 1] for k in lags]
    return lags[int(np.argmax(r))] / 4


@pytest.mark.parametrize("delay_s", [-3.0, -1.0, 0.0, 2.0, 5.0])
def test_the_planted_delay_is_found_with_its_sign(delay_s):
    setup = replace(HOUR, share=0.5, delay_s=delay_s, jitter_s=0.2)
    pair = make_pair(rng_for(1, "delay", str(delay_s)), setup)
    assert abs(best_lag_s(pair) - delay_s) <= 0.5
    late = pair.common_s[:, 1] - pair.common_s[:, 0]
    assert_allclose(late.mean(), delay_s, atol=4 * 0.2 / np.sqrt(late.size))
    assert_allclose(late.std(), 0.2, rtol=0.3)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_the_planted_share_is_common_and_rates_do_not_depend_on_it(share):
    setup = replace(HOUR, duration_s=36_000.0, rate_hz=1.0, share=share, delay_s=2.0)
    pair = make_pair(rng_for(2, "share", str(share)), setup)
    want = 5 / 60 * 36_030
    for i, events in enumerate(pair.events):
        assert abs(events.times_s.size - want) < 4 * np.sqrt(want)
        assert np.isin(pair.common_s[:, i], events.times_s).all()
    common = len(pair.common_s)
    assert abs(common - share * want) <= 4 * np.sqrt(share * want)


def test_the_less_active_person_sets_what_can_be_common():
    skins = (Skin(rate_per_min=8.0), Skin(rate_per_min=2.0))
    setup = replace(HOUR, duration_s=36_000.0, rate_hz=1.0, share=0.5, skins=skins)
    pair = make_pair(rng_for(2, "less"), setup)
    sizes = [e.times_s.size for e in pair.events]
    assert abs(sizes[0] - 4804) < 4 * np.sqrt(4804)
    assert abs(sizes[1] - 1201) < 4 * np.sqrt(1201)
    assert abs(len(pair.common_s) - 600) < 4 * np.sqrt(600)


@pytest.mark.parametrize("delay_s", [2.0, -2.0])
def test_common_responses_lie_in_the_planted_moments_only(delay_s):
    moments = ((600.0, 1200.0), (2000.0, 3000.0))
    setup = replace(HOUR, share=0.8, delay_s=delay_s, moments_s=moments)
    pair = make_pair(rng_for(3, "moments"), setup)
    led = pair.common_s[:, 0 if delay_s > 0 else 1]
    assert in_spans(led, moments).all()
    assert abs(len(led) - 0.8 * 1600 / 12) < 4 * np.sqrt(0.8 * 1600 / 12)
    assert [(m.start_s, m.stop_s) for m in pair.moments] == list(moments)
    assert make_pair(rng_for(3), HOUR).moments[0].stop_s == 3600.0


def test_the_share_may_change_from_second_to_second():
    share = np.zeros(3600)
    share[:1800] = 0.8
    pair = make_pair(rng_for(3, "second"), replace(HOUR, share=share))
    assert pair.common_s[:, 0].max() < 1800
    rates = np.histogram(pair.events[1].times_s, [0, 1800, 3600])[0]
    assert np.all(np.abs(rates - 150) < 4 * np.sqrt(150))


def test_heights_of_common_responses_agree_as_asked():
    for amount in (0.0, 0.6, 1.0):
        setup = replace(HOUR, duration_s=36_000.0, rate_hz=1.0, share=1.0, amplitude_share=amount)
        pair = make_pair(rng_for(4, "heights"), replace(setup, jitter_s=0.0))
        logs = [np.log(e.values) for e in pair.events]
        assert_allclose(np.corrcoef(logs[0], logs[1])[0, 1], amount, atol=0.08)


def test_a_clock_that_is_off_moves_the_record_by_offset_and_drift():
    clock = Clock(offset_s=5.0, drift_ppm=2000.0, error_s=0.0, source="test")
    quiet = Skin(drift_us=0.0, noise_us=0.0)
    setup = replace(HOUR, share=1.0, jitter_s=0.0, amplitude_share=1.0, skins=(quiet, quiet))
    pair = make_pair(rng_for(5, "clock"), replace(setup, clocks=(setup.clocks[0], clock)))
    true, moved = pair.signals
    assert moved.start_s == 0.0
    session_s = moved.times_s * (1 + 2000e-6) + 5.0
    assert session_s[-1] < 3600.0 <= session_s[-1] + 0.51
    onsets, heights = pair.events[1].times_s, pair.events[1].values
    for k in rng_for(5, "samples").integers(0, session_s.size, 60):
        parts = [
            h * skin_simple.bateman(session_s[k] - t) for t, h in zip(onsets, heights, strict=True)
        ]
        assert_allclose(moved.values[k], 6.0 + sum(parts), atol=2e-6)
    assert np.abs(moved.values - true.values[: moved.values.size]).max() > 0.3


def test_a_device_may_start_before_the_session():
    early = Clock(offset_s=-10.0, error_s=0.0, source="test")
    pair = make_pair(rng_for(5), replace(HOUR, duration_s=60.0, clocks=(early, early)))
    assert pair.signals[0].values.size == 280


def test_recording_starts_in_mid_stream():
    first = [
        make_pair(rng_for(6, i), replace(HOUR, duration_s=40.0)).signals[0].values
        for i in range(400)
    ]
    level = np.mean(first, axis=0)
    assert_allclose(level[:20].mean(), level[-20:].mean(), atol=0.12)
    assert level[0] > 6.03


@settings(deadline=None, max_examples=30)
@given(
    st.floats(30.0, 300.0),
    st.sampled_from([1.0, 4.0, 10.5]),
    st.floats(0.0, 1.0),
    st.floats(-6.0, 6.0),
    st.integers(0, 2**32),
)
def test_any_pair_is_finite_and_the_same_again(duration_s, rate_hz, share, delay_s, seed):
    setup = PairSetup(duration_s=duration_s, rate_hz=rate_hz, share=share, delay_s=delay_s)
    one, two = (make_pair(rng_for(seed, "again"), setup) for _ in range(2))
    for a, b in zip(one.signals, two.signals, strict=True):
        assert np.isfinite(a.values).all()
        assert_array_equal(a.values, b.values)
    assert one.signals[0].values.size == int(duration_s * rate_hz + 1e-9)
    assert one.common_s.shape[1] == 2


def test_coincidences_count_as_a_loop_would():
    rng = rng_for(7, "count")
    a, b = (np.sort(rng.uniform(0, 200, 60)) for _ in range(2))
    for delay_s in (-2.0, 0.0, 1.5):
        want = sum(any(abs(y - x - delay_s) <= 0.7 for y in b) for x in a)
        assert coincidences(a, b, within_s=0.7, delay_s=delay_s) == want


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("duration_s", 0.0),
        ("rate_hz", np.nan),
        ("share", 1.2),
        ("share", np.zeros(7)),
        ("share", np.full(3600, np.nan)),
        ("jitter_s", -1.0),
        ("amplitude_share", 2.0),
        ("moments_s", ((5.0, 5.0),)),
        ("activity", np.ones(5)),
        ("shape_us", np.ones(5)),
    ],
)
def test_an_impossible_pair_is_refused(field, value):
    with pytest.raises(InputError, match=field):
        replace(HOUR, **{field: value})


def test_a_device_that_starts_after_the_end_is_refused():
    late = Clock(offset_s=4000.0, error_s=0.0, source="test")
    with pytest.raises(InputError, match="offset_s"):
        make_pair(rng_for(1), replace(HOUR, clocks=(late, late)))


@pytest.mark.slow
def test_the_index_has_the_figures_of_the_science_notes():
    """Appendix A: 50 min, 4 Hz, share .3; here and there 150 sessions a cell, SD .16."""
    session = PairSetup(duration_s=3000.0, rate_hz=4.0)
    for delay_s, want in {0: 0.93, 1: 0.75, 2: 0.44, 3: 0.11, 5: -0.36}.items():
        setup = replace(session, share=0.3, delay_s=float(delay_s))
        got = [index_of(rng_for(8, delay_s, i), setup) for i in range(150)]
        assert_allclose(np.mean(got), want, atol=0.06)
    null = [index_of(rng_for(8, "null", i), session) for i in range(400)]
    assert_allclose(np.mean(null), 0.07, atol=0.03)
    assert_allclose(np.std(null), 0.17, atol=0.02)
    assert_allclose(np.quantile(null, 0.95), 0.34, atol=0.06)


def index_of(rng, setup):
    a, b = make_pair(rng, setup).signals
    return ssi(a.values, b.values, 4.0)


def test_slopes_of_the_reference_are_those_of_the_golden_pair():
    """Science notes, appendix B: first slopes .072384 and .078436, index .831068."""
    t = np.arange(2400) / 4

    def g(t):
        waves = ((1.0, 23, 0), (0.6, 7.3, 1), (0.3, 61, 2))
        return sum(h * np.sin(2 * np.pi * t / p + f) for h, p, f in waves)

    a = g(t) + 0.8 * np.sin(2 * np.pi * t / 17.9 + 0.3) + 0.4 * np.sin(2 * np.pi * t / 5.1)
    b = (
        g(t - 2)
        + 0.8 * np.sin(2 * np.pi * t / 14.3 + 1.7)
        + 0.4 * np.sin(2 * np.pi * t / 4.3 + 0.5)
    )
    assert_allclose([slopes(a, 4.0)[0], slopes(b, 4.0)[0]], [0.072384, 0.078436], atol=1e-6)
    assert_allclose(ssi(a, b, 4.0), 0.831068, atol=1e-6)
    assert_allclose(ssi(a, b, 4.0, lag=2), 4.521, atol=1e-3)
