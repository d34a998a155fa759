import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import warping as reference

from syntony.core.errors import InputError
from syntony.synchrony.registry import get
from syntony.synchrony.warping import derivative, dtw, warping_path


def walk(seed, n=400):
    rng = np.random.default_rng(seed)
    return np.convolve(rng.standard_normal(n + 15), np.hanning(16), "valid")


@pytest.mark.parametrize("of", ["values", "derivative"])
@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize("rate_hz", [4.0, 2.6])
def test_it_does_what_the_definition_says(rate_hz, missing, of):
    x, y = walk(1), walk(2)
    x[np.random.default_rng(3).random(400) < missing] = np.nan
    c = dtw(x, y, rate_hz=rate_hz, window_s=15.0, step_s=25.0, max_lag_s=2.0, of=of)
    window, band = round(15 * rate_hz), int(2 * rate_hz)
    if of == "derivative":
        x, y = derivative(x), derivative(y)
    found = 0
    for w, time in enumerate(c.coords["time"]):
        s = round(time * rate_hz - window / 2)
        a, b = x[s : s + window], y[s : s + window]
        share = np.isfinite(a + b).mean()
        assert c.coverage[w] == pytest.approx(share)
        if share < 0.8:
            assert np.isnan(c.values[w])
            continue
        similarity, lags = reference.window(a, b, band)
        assert_allclose(c.values[w], similarity, rtol=0, atol=1e-12)
        assert_allclose(c.parts["lag_s"][w] * rate_hz, lags, atol=1e-9, equal_nan=True)
        assert_allclose(c.parts["mean_lag_s"][w] * rate_hz, np.nanmean(lags), atol=1e-9)
        found += 1
    assert found >= 3


def test_the_delay_and_the_leader_are_found():
    common = walk(4, 2408)
    x, y = common[8:], common[:-8]
    entry = get("dtw")
    for pair, lag in (((x, y), 2.0), ((y, x), -2.0)):
        c = dtw(*pair, rate_hz=4.0)
        found = entry.summarise(c)
        assert np.nanmedian(c.parts["lag_s"]) == lag
        assert abs(found["mean_lag_s"] - lag) < 0.3
        assert (found["first_leads_share"] > 0.9) == (lag > 0)
        assert found["mean_similarity"] > 0.8
    strangers = entry.summarise(dtw(walk(5, 2400), walk(6, 2400), rate_hz=4.0))
    assert strangers["mean_similarity"] < found["mean_similarity"] - 0.1
    assert strangers["lowest_similarity"] <= strangers["mean_similarity"]


def test_a_band_of_nothing_compares_sample_by_sample():
    x, y = walk(7), walk(8)
    c = dtw(x, y, rate_hz=4.0, window_s=50.0, max_lag_s=0.0)
    a, b = ((v - v.mean()) / v.std() for v in (x[:200], y[:200]))
    assert_allclose(c.parts["distance"][0], np.sqrt(np.mean((a - b) ** 2)), rtol=1e-12)
    assert c.parts["step_count"][0] == 200
    assert (c.parts["lag_s"] == 0).all()


def test_windows_with_too_much_missing_have_no_value():
    x, y = walk(9, 1200), walk(10, 1200)
    whole = dtw(x, y, rate_hz=4.0, step_s=10.0)
    x[500:560] = np.nan
    c = dtw(x, y, rate_hz=4.0, step_s=10.0)
    gone = np.isnan(c.values)
    assert_allclose(c.coverage < 0.8 - 1e-9, gone)
    assert gone.any()
    untouched = c.coverage == 1.0
    assert untouched.any()
    assert_allclose(c.values[untouched], whole.values[untouched])
    assert np.isnan(c.parts["mean_lag_s"][gone]).all()
    assert np.isnan(c.parts["step_count"][gone]).all()


def test_whole_series_and_what_is_refused():
    x = walk(11, 50)
    distance, path = warping_path(x, x, rate_hz=4.0)
    assert distance == 0.0
    assert (path[:, 0] == path[:, 1]).all()
    for call in (
        lambda: warping_path(x, x[:-1], rate_hz=4.0),
        lambda: warping_path(x[:0], x[:0], rate_hz=4.0),
        lambda: warping_path(x, x, rate_hz=4.0, max_lag_s=-1.0),
        lambda: dtw(x, x, rate_hz=4.0),
        lambda: dtw(x, x, rate_hz=4.0, window_s=5.0, of="slopes"),
    ):
        with pytest.raises(InputError):
            call()
