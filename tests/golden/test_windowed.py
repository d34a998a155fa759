"""Figures of synchr, SyncPy, NeuroKit2 and pyphysio for plain correlations in windows."""

import json

import numpy as np
import pytest
from agreement import explained, facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.ccf import window_ccf
from syntony.synchrony.correlation import lagged_correlation


def case(path):
    """Facts for the table, signals and outputs of one figure."""
    facts = json.loads((GOLDEN / path).read_text("utf-8"))
    rows = facts["rows"]
    x, y = load(facts["input"], rows if isinstance(rows, int) else None)
    if isinstance(rows, list):
        x, y = x[rows[0] - 1 : rows[1]], y[rows[0] - 1 : rows[1]]
    return facts_of(GOLDEN / path), x, y, facts["outputs"]


def in_samples(rate_hz=1.0, *, window, step, lag):
    """Options of a layout that is given in samples."""
    return {
        "rate_hz": rate_hz,
        "window_s": window / rate_hz,
        "step_s": step / rate_hz,
        "max_lag_s": lag / rate_hz,
    }


SYNCHR = {
    "a_win120_by40_lag12": (120, 40, 12),
    "a_win120_lag12": (120, 120, 12),
    "resp_win100": (100, 100, 15),
    "swps_p04_win60_by20": (60, 20, 8),
}


@needs_shared("golden/synchr")
def test_all_cases_of_synchr_are_there():
    found = {p.stem for p in (GOLDEN / "synchr").glob("*.json")}
    assert found == {"a_global_lag40", *SYNCHR}


@needs_shared("golden/synchr")
@pytest.mark.parametrize("name", SYNCHR)
def test_synchr_in_windows(name, agrees):
    told, x, y, want = case(f"synchr/{name}.json")
    window, step, lag = SYNCHR[name]
    c = window_ccf(x, y, **in_samples(window=window, step=step, lag=lag))
    found = c.values[:, ::-1]  # its negative lag is our positive one
    cells = np.genfromtxt(GOLDEN / f"synchr/{name}_wcc.csv", delimiter=",", skip_header=1)
    agrees(told, found, cells, allowed=1e-12, what="windows x lags", note="window_ccf, lags turned")
    mean = found.mean(axis=0)
    agrees(told, mean, want["avg_windowed_cc"], allowed=1e-12, what="avg_windowed_cc")
    for what, values in (("", found), ("avg_", mean[None, :])):
        best = np.unravel_index(np.abs(values).argmax(), values.shape)
        agrees(told, values[best], want[f"max_{what}cc"], allowed=1e-12, what=f"max_{what}cc")
        assert want[f"max_{what}cc_time"] == f"lag{best[1] - lag}"


@needs_shared("golden/synchr")
def test_synchr_of_the_whole_recording(agrees):
    told, x, y, want = case("synchr/a_global_lag40.json")
    c = window_ccf(x, y, **in_samples(window=x.size, step=1, lag=40))
    found = c.values[0, ::-1]
    agrees(told, found, want["ccf"], allowed=1e-12, what="ccf", note="window_ccf, lags turned")
    agrees(told, found.max(), want["max_cc"], allowed=1e-12, what="max_cc")
    assert want["max_cc_time"] == str(found.argmax() - 40)


@needs_shared("golden/syncpy/correlation.json")
def test_syncpy_correlation(agrees):
    told, x, y, want = case("syncpy/correlation.json")
    c = window_ccf(x, y, **in_samples(window=x.size, step=1, lag=12))
    scale = (x.size - 1) / np.sqrt(np.sum(x**2) * np.sum(y**2))
    found = scale * c.values[0, ::-1]
    note = "window_ccf, lags turned, on its scale"
    agrees(told, found, want["corr_funct"], allowed=1e-12, what="corr_funct", note=note)
    agrees(told, found.max(), want["max_corr"], allowed=1e-12, what="max_corr", note=note)
    agrees(told, c.values[0, 12], want["corr_coeff"], allowed=1e-12, what="corr_coeff")
    assert found.argmax() - 12 == want["t_max"]
    assert "syncpy/correlation" in explained()


@needs_shared("golden/syncpy/wcc.json")
def test_syncpy_windowed(agrees):
    told, x, y, want = case("syncpy/wcc.json")
    layout = in_samples(4.0, window=60, step=30, lag=12)
    c = lagged_correlation(x, y, anchor="behrens", min_coverage=0.0, **layout)
    starts, lags = np.arange(12, 1141, 30), np.arange(-12, 13)
    assert [float(k) for k in want["cross_corr"]] == (starts / 4.0).tolist()
    assert want["Lag"] == c.coords["lag"].tolist()
    cells = np.array(list(want["cross_corr"].values()))
    note = "lagged_correlation, anchor behrens; the last window apart"
    agrees(told, c.values, cells[:-1], allowed=1e-12, what="windows x lags", note=note)
    everywhere = lagged_correlation(x, y, min_coverage=0.0, **{**layout, "step_s": 0.25}).values
    first = starts[-1] - np.maximum(lags, 0)  # at positive lags its first person moves back
    agrees(told, everywhere[first, lags + 12], cells[-1], allowed=1e-12, what="last window")
    assert "syncpy/wcc" in explained()


WINDOWS = {"a_ar4hz_50min": 120, "r_swps_p04_relax1": 60, "r_swps_p05_coop1_gap": 60}


@needs_shared("golden/neurokit2")
@pytest.mark.parametrize("name", WINDOWS)
def test_neurokit_rolling_correlation(name, agrees):
    told, x, y, want = case(f"neurokit2/signal_synchrony_{name}.json")
    window = WINDOWS[name]
    layout = in_samples(4.0, window=window, step=1, lag=0)
    c = lagged_correlation(x, y, min_coverage=1.0, **layout)
    path = GOLDEN / f"neurokit2/signal_synchrony_{name}.csv"
    cells = np.genfromtxt(path, delimiter=",", names=True)["correlation"]
    found = np.full(x.size, np.nan)  # a window is written at its middle, less one
    found[window // 2 - 1 : window // 2 - 1 + c.values.shape[0]] = c.values[:, 0]
    present = found[~np.isnan(found)]
    found[np.isnan(found)] = present.mean()  # where there is no window, or a gap, its mean
    what = "correlation, gaps and ends as theirs"
    agrees(told, found, cells, allowed=1e-11, what=what, note="lagged_correlation at lag 0")
    agrees(told, present.mean(), want["mean_correlation"], allowed=1e-11, what="mean_correlation")
    assert f"neurokit2/signal_synchrony_{name}" in explained()


@needs_shared("golden/pyphysio")
def test_pyphysio_pearson(agrees):
    told, x, y, want = case("pyphysio/compare_a.json")
    layout = in_samples(window=x.size, step=1, lag=20)
    found = lagged_correlation(x, y, min_coverage=0.5, **layout).values[0]
    lags = np.array(want["lags"]) + 20
    note = "lagged_correlation, one window as long as the recording"
    agrees(told, found[lags], want["pearson_truncated"], allowed=1e-12, what="truncated", note=note)
    turned = [
        lagged_correlation(x, np.roll(y, -lag), **{**layout, "max_lag_s": 0.0}).values[0, 0]
        for lag in want["lags"]
    ]
    note = "lagged_correlation of y turned by hand"
    agrees(told, turned, want["pearson_circular"], allowed=1e-12, what="circular", note=note)
    assert "pyphysio/compare_a" in explained()
