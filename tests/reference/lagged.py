"""Lagged Pearson correlation by its definition."""

import numpy as np


def pairs_of(x, y, start, window, lag):
    """Complete pairs of one window at one lag."""
    found = [
        (x[t], y[t + lag])
        for t in range(start, start + window)
        if 0 <= t + lag < len(y) and not np.isnan(x[t]) and not np.isnan(y[t + lag])
    ]
    return np.array(found).reshape(-1, 2).T


def pearson(a, b):
    """Two passes about the mean; NaN where one side does not vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    a, b = a - a[0], b - b[0]
    a, b = a - a.mean(), b - b.mean()
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a)) / np.sqrt(np.sum(b * b)))


def lagged_pearson(x, y, starts, window, lags, min_pairs):
    """r and share of complete pairs, shape (n_windows, n_lags)."""
    r, share = [], []
    for start in starts:
        both = [pairs_of(x, y, start, window, lag) for lag in range(lags[0], lags[1] + 1)]
        r.append([pearson(a, b) if len(a) >= min_pairs else np.nan for a, b in both])
        share.append([len(a) / window for a, _ in both])
    return np.array(r), np.array(share)


def means_of_z(x, y, window, step, lag, least):
    """Means of Fisher's z, cell by cell, as defined; and the count of cells."""
    starts = range(0, len(x) - window + 1, step)
    r, _ = lagged_pearson(x, y, starts, window, (-lag, lag), least)
    with np.errstate(divide="ignore"):
        z = np.clip(np.arctanh(np.clip(r, -1, 1)), -10, 10)
    parts = {
        "mean_z": z,
        "mean_abs_z": np.abs(z),
        "lag_zero": z[:, lag],
        "first_leads": z[:, lag + 1 :],
        "second_leads": z[:, :lag],
    }
    means = {
        name: np.mean(p[~np.isnan(p)]) if (~np.isnan(p)).any() else np.nan
        for name, p in parts.items()
    }
    return means, np.sum(~np.isnan(z))


def rmea_ccf(x, y, window, step, max_lag):
    """Windows of rMEA: start anchored, the later series shifted onward (raw r)."""
    n_windows = -(-(len(x) - window - max_lag + 1) // step)
    rows = []
    for w in range(n_windows):
        s = w * step
        whole = slice(s, s + window + max_lag)
        gone = max(np.isnan(x[whole]).sum(), np.isnan(y[whole]).sum())
        row = []
        for lag in range(-max_lag, max_lag + 1):
            ahead, later = (x, y) if lag >= 0 else (y, x)
            a, b = pairs_of(ahead, later, s, window, abs(lag))
            few = np.sum(a != b) < 2 or gone > (window + max_lag) / 2
            row.append(np.nan if few else pearson(a, b))
        rows.append(row)
    return np.array(rows)
