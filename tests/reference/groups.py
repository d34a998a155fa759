"""Naive twins of the measures for several people, from their definitions."""

import math

import numpy as np


def inter_subject(rows, window, step, least):
    """Mean Pearson r over all pairs, window by window; complete samples of the pair only."""
    out = []
    for s in range(0, rows.shape[1] - window + 1, step):
        found = []
        for i in range(len(rows)):
            for j in range(i):
                a, b = rows[i, s : s + window], rows[j, s : s + window]
                both = ~np.isnan(a) & ~np.isnan(b)
                if both.sum() >= least and len(set(a[both])) > 1 and len(set(b[both])) > 1:
                    found.append(np.corrcoef(a[both], b[both])[0, 1])
        out.append(np.mean(found) if found else math.nan)
    return np.array(out)


def explained(rows):
    """Largest eigenvalue of the correlation matrix over the number of signals."""
    whole = rows[:, ~np.isnan(rows).any(axis=0)]
    return np.linalg.eigvalsh(np.corrcoef(whole)).max() / len(rows)


def entropy(rows):
    """Shannon entropy in nats of the joint thirds."""
    whole = rows[:, ~np.isnan(rows).any(axis=0)]
    cuts = [(np.quantile(r, 1 / 3), np.quantile(r, 2 / 3)) for r in whole]
    words = [
        tuple(int(v >= low) + int(v >= high) for v, (low, high) in zip(column, cuts, strict=True))
        for column in whole.T
    ]
    shares = [words.count(w) / len(words) for w in set(words)]
    return -sum(p * math.log(p) for p in shares)


def slope_beside_own_past(i, j, lag):
    """Coefficient of i's value on j's value ``lag`` later, beside j's own and an intercept."""
    now_i, now_j, later = i[:-lag], j[:-lag], j[lag:]
    there = ~np.isnan(now_i) & ~np.isnan(now_j) & ~np.isnan(later)
    design = np.column_stack([np.ones(there.sum()), now_j[there], now_i[there]])
    return np.linalg.lstsq(design, later[there], rcond=None)[0][2]


def order_parameter(phases):
    """Length of the mean of unit vectors."""
    return np.abs(np.mean(np.exp(1j * phases), axis=0))


def cluster_rho(phases):
    """Degree to which everybody keeps a phase of their own to the group's phase."""
    group = np.angle(np.mean(np.exp(1j * phases), axis=0))
    relative = np.exp(1j * (phases - group))
    mean = np.angle(relative.mean(axis=1, keepdims=True))
    return np.abs(np.mean(relative * np.exp(-1j * mean), axis=0)).mean()
