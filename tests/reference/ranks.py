"""Lagged Spearman correlation by its definition."""

import numpy as np
from reference.lagged import pairs_of, pearson


def middle_ranks(v):
    """Ranks from 1; equal values share the mean of their ranks."""
    return np.array([np.sum(v < a) + (np.sum(v == a) + 1) / 2 for a in v])


def lagged_spearman(x, y, starts, window, lags, min_pairs):
    """rho and share of complete pairs, shape (n_windows, n_lags)."""
    rho, share = [], []
    for start in starts:
        both = [pairs_of(x, y, start, window, lag) for lag in range(lags[0], lags[1] + 1)]
        rho.append(
            [
                pearson(middle_ranks(a), middle_ranks(b)) if len(a) >= min_pairs else np.nan
                for a, b in both
            ]
        )
        share.append([len(a) / window for a, _ in both])
    return np.array(rho), np.array(share)
