import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import matching as reference

from syntony.core.errors import InputError
from syntony.synchrony._features import MATCH_COLUMNS, distance_weight, matches
from syntony.synchrony.amico1 import amico1
from syntony.synchrony.amico2 import amico2
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

BOTH = pytest.mark.parametrize("amico", [amico1, amico2])


def skin(seed, n=2400, rate_hz=4.0, noise=0.01):
    """Responses of some seconds at random moments on a slowly moving level, in uS."""
    rng = np.random.default_rng(seed)
    driver = (rng.random(n) < 0.1 / rate_hz) * rng.uniform(0.2, 1.5, n)
    t = np.arange(0, 25, 1 / rate_hz)
    shape = np.exp(-t / 4) - np.exp(-t / 0.7)
    level = 4 + np.cumsum(rng.standard_normal(n)) * 0.003
    return level + np.convolve(driver, shape)[:n] + noise * rng.standard_normal(n)


def follows(seed, lag_s, rate_hz=4.0):
    """A pair in which the second follows by ``lag_s``, each with noise of its own."""
    shift = round(lag_s * rate_hz)
    common = skin(seed, 2400 + shift, rate_hz)
    rng = np.random.default_rng(seed + 1)
    x, y = common[shift:], common[: common.size - shift]
    return x + 0.005 * rng.standard_normal(x.size), y + 0.005 * rng.standard_normal(x.size)


@pytest.mark.parametrize("missing", [0.0, 0.03])
@pytest.mark.parametrize("rate_hz", [4.0, 5.3])
def test_amico1_does_what_the_definition_says(rate_hz, missing):
    x, y = skin(1, 1601, rate_hz), skin(2, 1601, rate_hz)
    rng = np.random.default_rng(3)
    x[rng.random(1601) < missing] = np.nan
    y[rng.random(1601) < missing] = np.nan
    y[400:440] = np.nan
    c = amico1(x, y, rate_hz=rate_hz)
    window = 25 if rate_hz == 4.0 else 33
    values, lags = reference.amico1(x, y, rate_hz, 4.0, 0.35, 0.25, 5.0, window, 0.8)
    assert np.isfinite(values).sum() > 300
    assert_allclose(c.values, values, rtol=0, atol=1e-9, equal_nan=True)
    assert_allclose(c.parts["lag_s"], lags, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.03])
@pytest.mark.parametrize("rate_hz", [4.0, 5.3])
def test_amico2_does_what_the_definition_says(rate_hz, missing):
    x, y = skin(22, 1601, rate_hz), skin(23, 1601, rate_hz)
    rng = np.random.default_rng(24)
    x[rng.random(1601) < missing] = np.nan
    y[rng.random(1601) < missing] = np.nan
    x[700:760] = np.nan
    c = amico2(x, y, rate_hz=rate_hz, piece_s=5.0)
    window = 25 if rate_hz == 4.0 else 33
    longest_s = c.options["max_lag_s"]  # in whole samples
    values, lags = reference.amico2(x, y, rate_hz, longest_s, 0.5, 0.1, 4.0, 5.0, window, 0.8)
    assert np.isfinite(values).sum() > 500
    assert (matches(c)["is_match"] == 0).sum() > 3
    assert_allclose(c.values, values, rtol=0, atol=1e-9, equal_nan=True)
    assert_allclose(c.parts["lag_s"], lags, rtol=0, atol=1e-9, equal_nan=True)


@BOTH
@pytest.mark.parametrize("rate_hz", [4.0, 7.5])
def test_the_delay_and_the_leader_are_found(amico, rate_hz):
    x, y = follows(4, 2.0, rate_hz)
    entry = get(amico.__name__)
    for pair, want in (((x, y), 2.0), ((y, x), -2.0)):
        c = amico(*pair, rate_hz=rate_hz)
        found = entry.summarise(c)
        assert abs(np.nanmedian(c.parts["lag_s"]) - want) <= 0.5
        assert abs(found["mean_lag_s"] - want) < 0.6
        assert (found["first_leads_share"] > 0.8) == (want > 0)
        assert found["matched_share"] > 0.8
    strangers = entry.summarise(amico(skin(5), skin(6), rate_hz=4.0))
    assert strangers["mean_sync"] < found["mean_sync"] - 0.1


@BOTH
def test_matches_keep_the_order_of_both(amico):
    c = amico(skin(7), skin(8), rate_hz=4.0)
    table = matches(c)
    assert tuple(table) == MATCH_COLUMNS
    real = table["is_match"] == 1
    for who in ("first", "second"):
        assert (np.diff(table[f"{who}_peak_s"][real]) > 0).all()
        assert (table[f"{who}_start_s"] <= table[f"{who}_peak_s"]).all()
    assert_allclose(table["lag_s"], table["second_peak_s"] - table["first_peak_s"], atol=1e-12)
    assert (np.abs(table["lag_s"][real]) <= c.options["max_lag_s"]).all()
    assert real.sum() > 10


@BOTH
def test_nothing_reaches_over_a_gap(amico):
    x, y = follows(9, 2.0)
    whole = amico(x, y, rate_hz=4.0)
    for who in (0, 1):
        pair = [x.copy(), y.copy()]
        pair[who][1000:1100] = np.nan
        c = amico(*pair, rate_hz=4.0)
        inside = (c.coords["time"] >= 250) & (c.coords["time"] < 275)
        assert np.isnan(c.values[inside]).all()
        assert np.isnan(c.parts["lag_s"][inside]).all()
        assert (c.coverage[inside] == 0).all()
        assert np.isfinite(c.values).mean() > 0.7
        table = matches(c)
        for name in ("first", "second"):
            before, after = table[f"{name}_end_s"] < 250, table[f"{name}_start_s"] >= 275
            assert (before | after).all()
        far = np.r_[0:800, 1300:2400]
        same = np.isclose(c.values[far], whole.values[far], equal_nan=True)
        assert same.mean() > 0.95  # matches hang together, but not far


@BOTH
def test_scattered_missing_samples_move_little(amico):
    x, y = follows(10, 1.0)
    holed = x.copy()
    holed[np.random.default_rng(11).random(x.size) < 0.03] = np.nan
    whole, c = amico(x, y, rate_hz=4.0), amico(holed, y, rate_hz=4.0)
    both = np.isfinite(whole.values) & np.isfinite(c.values)
    assert both.mean() > 0.8
    assert np.median(np.abs(whole.values - c.values)[both]) < 0.1
    assert c.coverage.mean() == pytest.approx(np.isfinite(holed).mean())


@BOTH
def test_small_responses_do_not_count(amico):
    x, y = skin(12), skin(13)
    assert amico(x, y, rate_hz=4.0).parts["feature_counts"].min() > 10
    small = amico(0.01 * x, y, rate_hz=4.0)
    assert small.parts["feature_counts"][0] == 0
    assert np.isnan(small.values).all()


def test_weights_run_from_one_to_the_malus():
    lags = np.array([0.0, 1.0, -3.0, 6.0, 9.0])
    w = distance_weight(lags, 6.0, 0.5)
    assert_allclose(w[[0, 3, 4]], [1.0, 0.5, 0.5])
    assert_allclose(w[1:3], [reference.weight(t, 6.0, 0.5) for t in (1.0, 3.0)], rtol=1e-9)
    assert (distance_weight(lags, 0.0, 0.5) == 1).all()


def test_segments_are_longer_than_asked_and_leave_no_rest():
    c = amico1(skin(14), skin(14) + 0.1 * skin(15), rate_hz=4.0)
    short = amico1(skin(14), skin(14) + 0.1 * skin(15), rate_hz=4.0, min_size_s=0.0)
    steps = [np.count_nonzero(np.diff(v.values[np.isfinite(v.values)])) for v in (c, short)]
    assert steps[0] < steps[1]
    assert_array_equal(np.isnan(c.values), np.isnan(short.values))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"malus": 1.5}, "malus"),
        ({"min_similarity": -0.1}, "min_similarity"),
        ({"smooth_order": 6}, "smooth_order"),
        ({"smooth_order": 2.0}, "smooth_order"),
        ({"smooth_s": 0.5}, "smooth_s"),
        ({"smooth_s": 1e4}, "smooth_s"),
        ({"max_lag_s": -1.0}, "max_lag_s"),
        ({"min_amplitude_us": -0.1}, "min_amplitude_us"),
    ],
)
@BOTH
def test_what_makes_no_sense_is_refused(amico, options, field):
    with pytest.raises(InputError, match=field):
        amico(skin(16), skin(17), rate_hz=4.0, **options)


def test_only_their_own_couplings_have_matches():
    with pytest.raises(InputError, match="amico1 or amico2"):
        matches(lagged_correlation(skin(18), skin(19), rate_hz=4.0))
    with pytest.raises(InputError, match="end"):
        amico2(skin(18), skin(19), rate_hz=4.0, end="never")


def test_responses_end_as_asked():
    x, y = skin(20), skin(21)
    fall = {
        end: matches(amico2(x, y, rate_hz=4.0, end=end, end_s=3.0, min_size_s=0.0))
        for end in ("half_recovery", "duration")
    }
    real = fall["duration"]["is_match"] == 1
    longest = (fall["duration"]["first_end_s"] - fall["duration"]["first_peak_s"])[real].max()
    assert longest <= 3.0
    real = fall["half_recovery"]["is_match"] == 1
    ends = fall["half_recovery"]
    assert (ends["first_end_s"] - ends["first_peak_s"])[real].max() > 3.0
