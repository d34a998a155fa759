"""Correlations in moving windows by their definitions: ccf, cross-lagged regression, residuals."""

import numpy as np
from reference.lagged import pairs_of


def ccf(x, y, starts, window, n_lags, min_pairs):
    """Cross-correlation function inside windows; mean and mean square of what is present."""
    rows = []
    for s in starts:
        a, b = x[s : s + window], y[s : s + window]
        there = ~np.isnan(a) & ~np.isnan(b)
        flat = [v.size == 0 or np.all(v == v[0]) for v in (a[~np.isnan(a)], b[~np.isnan(b)])]
        row = []
        for lag in range(-n_lags, n_lags + 1):
            if there.sum() < min_pairs or any(flat):
                row.append(np.nan)
                continue
            da, db = a - np.nanmean(a), b - np.nanmean(b)
            products = [da[t] * db[t + lag] for t in range(window) if 0 <= t + lag < window]
            products = [p for p in products if not np.isnan(p)]
            if not products:
                row.append(np.nan)
                continue
            scale = np.sqrt(np.nanmean(da**2) * np.nanmean(db**2))
            c = np.sum(products) / (len(products) + abs(lag)) / scale
            row.append(min(1.0, max(-1.0, c)))
        rows.append(row)
    return np.array(rows)


def explained(target, predictors):
    """R² of a least-squares fit with intercept."""
    design = np.column_stack([np.ones(target.size), *predictors])
    design[:, 1:] -= design[:, 1:].mean(axis=0)
    target = target - target.mean()
    weights = np.linalg.lstsq(design, target, rcond=None)[0]
    return 1 - np.sum((target - design @ weights) ** 2) / np.sum(target**2)


def cross_lagged(x, y, starts, window, max_lag, min_pairs):
    """Increase in R² by the leader's value; positive lags: x leads."""
    out = np.full((len(starts), 2 * max_lag + 1), np.nan)
    for w, s in enumerate(starts):
        for lag in range(-max_lag, max_lag + 1):
            lead, follow = (x, y) if lag > 0 else (y, x)
            t = np.arange(s, s + window)
            whole = ~np.isnan(lead[t]) & ~np.isnan(follow[t]) & ~np.isnan(follow[t + abs(lag)])
            t = t[whole]
            if lag == 0 or t.size < min_pairs:
                continue
            target, own, other = follow[t + abs(lag)], follow[t], lead[t]
            if min(np.ptp(v) for v in (target, own, other)) == 0:
                continue
            out[w, lag + max_lag] = explained(target, [own, other]) - explained(target, [own])
    return out


def lag_rows(values, order):
    """Complete rows of v[t], v[t - 1], ..., v[t - order]."""
    rows = [values[t - order : t + 1][::-1] for t in range(order, len(values))]
    return np.array([r for r in rows if not np.isnan(r).any()])


def autoregression(values, max_order):
    """Order of lowest BIC, coefficients of the autoregression, and BIC of every order."""
    rows = lag_rows(values, max_order)
    n, bic = len(rows), []
    for p in range(max_order + 1):
        left = 1 - explained(rows[:, 0], [rows[:, 1 + i] for i in range(p)])
        bic.append(n * np.log(left * rows[:, 0].var()) + p * np.log(n))
    order = int(np.argmin(bic))
    rows = lag_rows(values, order)
    centred = rows - rows.mean(axis=0)
    return order, np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0], np.array(bic)


def residuals(values, coefficients):
    """What the past does not explain; NaN where any of it is missing."""
    out = np.full(len(values), np.nan)
    p = len(coefficients)
    for t in range(p, len(values)):
        out[t] = values[t] - sum(coefficients[i] * values[t - 1 - i] for i in range(p))
    return out


def where(x, y, third, starts, window, lags):
    """Pearson r of x[t], y[t] over the t at which third[t + lag] is present."""
    out = np.full((len(starts), lags[1] - lags[0] + 1), np.nan)
    for w, s in enumerate(starts):
        for k, lag in enumerate(range(lags[0], lags[1] + 1)):
            kept = x.copy()
            for t in range(s, s + window):
                if not 0 <= t + lag < len(third) or np.isnan(third[t + lag]):
                    kept[t] = np.nan
            a, b = pairs_of(kept, y, s, window, 0)
            if a.size > 1 and np.ptp(a) > 0 and np.ptp(b) > 0:
                a, b = a - a[0], b - b[0]
                a, b = a - a.mean(), b - b.mean()
                out[w, k] = np.sum(a * b) / np.sqrt(np.sum(a * a)) / np.sqrt(np.sum(b * b))
    return out
