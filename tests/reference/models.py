"""Naive twins of the models: whole matrices, no clusters, no shortcuts."""

import numpy as np


def reml_deviance(y, x, covariance):
    """-2 log restricted likelihood with the whole covariance matrix."""
    w = np.linalg.inv(covariance)
    gram = x.T @ w @ x
    beta = np.linalg.solve(gram, x.T @ w @ y)
    rest = y - x @ beta
    n, p = x.shape
    return (
        (n - p) * np.log(2 * np.pi)
        + np.linalg.slogdet(covariance)[1]
        + np.linalg.slogdet(gram)[1]
        + rest @ w @ rest
    )


def whole_covariance(variances, kernels):
    """Sum of known matrices times variances, all (n, n)."""
    return sum(v * k for v, k in zip(variances, kernels, strict=True))


def kernels_of(groups_and_columns):
    """One (n, n) matrix per entry of every block: who shares, times the products of columns."""
    out = []
    for group, z in groups_and_columns:
        same = np.array([[float(a == b) for b in group] for a in group])
        for i in range(z.shape[1]):
            for j in range(i, z.shape[1]):
                both = np.outer(z[:, i], z[:, j])
                out.append(same * (both if i == j else both + both.T))
    return out


def spread_of(x, variances, kernels):
    """Inverse of the expected information of the variances, by the textbook formula on P."""
    w = np.linalg.inv(whole_covariance(variances, kernels))
    p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    k = len(kernels)
    info = np.array(
        [[0.5 * np.trace(p @ kernels[a] @ p @ kernels[b]) for b in range(k)] for a in range(k)]
    )
    return np.linalg.inv(info)


def centred(values, dyads, therapists):
    """Within, between dyads, between therapists, by loops."""
    mean = {d: np.mean([v for v, e in zip(values, dyads, strict=True) if e == d]) for d in dyads}
    home = dict(zip(dyads, therapists, strict=True))
    of = {t: np.mean([m for d, m in mean.items() if home[d] == t]) for t in therapists}
    grand = np.mean(list(of.values()))
    ws = [v - mean[d] for v, d in zip(values, dyads, strict=True)]
    bd = [mean[d] - of[home[d]] for d in dyads]
    bt = [of[home[d]] - grand for d in dyads]
    return np.array(ws), np.array(bd), np.array(bt)


def best_change(x, y, places):
    """Largest F over change points, one least-squares fit a place."""
    line = np.column_stack([np.ones(len(x)), x])
    rest0 = np.sum((y - line @ np.linalg.lstsq(line, y, rcond=None)[0]) ** 2)
    best = (-np.inf, np.nan)
    for c in places:
        bent = np.column_stack([line, np.maximum(x - c, 0)])
        rest = np.sum((y - bent @ np.linalg.lstsq(bent, y, rcond=None)[0]) ** 2)
        best = max(best, ((rest0 - rest) / rest * (len(x) - 3), c))
    return best


def without(y, x, covariance, keep):
    """Generalised least squares on some rows."""
    w = np.linalg.inv(covariance[np.ix_(keep, keep)])
    return np.linalg.solve(x[keep].T @ w @ x[keep], x[keep].T @ w @ y[keep])


def flips(parts):
    """Two-sided p over every turning of signs."""
    n = len(parts)
    seen = abs(sum(parts))
    hits = 0
    for k in range(2**n):
        signs = [1 - 2 * ((k >> i) & 1) for i in range(n)]
        hits += abs(sum(s * u for s, u in zip(signs, parts, strict=True))) >= seen - 1e-12
    return hits / 2**n
