"""Rows of a mixed model laid out by cluster, as they are or turned so that few say it all.

Clusters of unlike size are padded: a padded row has no data and a variance of 1. Clusters of
hundreds of rows are turned first (:func:`lay_out_turned`): the search then costs what the
coefficients cost, not what the rows do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from syntony.core.arrays import Array, Bools, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Random:
    """One set of random effects: ``z`` has a column per effect, ``group`` who shares them."""

    name: str
    effects: tuple[str, ...]
    group: Sequence[object]
    z: Array


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Rows laid out by cluster, padded to the largest.

    Attributes
    ----------
    y : ndarray, shape (n_clusters, m)
    x : ndarray, shape (n_clusters, m, p)
    there : ndarray of bool, shape (n_clusters, m)
    rows : ndarray of int, shape (n_clusters, m)
        Place of each cell in the table that was given; -1 where padded.
    kernels : ndarray, shape (k, n_clusters, m, m)
    sizes : tuple of int
        Effects in each block.
    spans : tuple of float
        Root mean square of each effect's column where it is not 0, in the order of the blocks.
    spare : int
        Rows that were turned into zeros: they have a residual variance, and tell nothing else.
    """

    y: Array
    x: Array
    there: Bools
    rows: Ints
    kernels: Array
    sizes: tuple[int, ...]
    spans: tuple[float, ...]
    spare: int = 0


def lay_out(y: Array, x: Array, cluster: Sequence[object], random: Sequence[Random]) -> Design:
    """Sort rows into clusters and make the matrices of which their covariance is the sum.

    Parameters
    ----------
    y : ndarray, shape (n,)
    x : ndarray, shape (n, p)
    cluster : sequence, length n
        Rows of different clusters are independent; every group must lie in one cluster.
    random : sequence of Random
        The last is the residual.
    """
    order: dict[object, list[int]] = {}
    for i, name in enumerate(cluster):
        order.setdefault(name, []).append(i)
    m = max(map(len, order.values()))
    rows = np.full((len(order), m), -1)
    for c, members in enumerate(order.values()):
        rows[c, : len(members)] = members
    there = rows >= 0
    kernels = []
    for part in random:
        group = _codes(part.group)[rows]
        same = (group[:, :, None] == group[:, None, :]) & there[:, :, None] & there[:, None, :]
        z = part.z[rows]
        for a, b in entries(part.z.shape[1]):
            outer = z[:, :, None, a] * z[:, None, :, b]
            kernels.append(same * (outer if a == b else outer + outer.transpose(0, 2, 1)))
    return Design(
        np.where(there, y[rows], 0.0),
        np.where(there[..., None], x[rows], 0.0),
        there,
        rows,
        np.array(kernels),
        tuple(part.z.shape[1] for part in random),
        _spans(random),
    )


def lay_out_turned(
    y: Array, x: Array, cluster: Sequence[object], random: Sequence[Random]
) -> Design:
    """Turn every cluster so that few rows say what its many rows say, and lay these out.

    A rotation of the rows of a cluster leaves the restricted likelihood as it is, because
    residuals of one variance stay so. The one that makes the columns of the random effects, then
    those of ``x``, then ``y`` triangular leaves as many rows as there are columns; the others are
    zeros, of which only the number counts.

    Parameters
    ----------
    y, x, cluster, random
        As for :func:`lay_out`. The last of ``random`` is the residual: one of its own for every
        row, of one variance.

    Returns
    -------
    Design
        With the coefficients, variances and degrees of freedom of the rows themselves. Its rows
        are mixtures of those of the cluster (``rows`` is -1): what looks at single rows, as
        residuals do, needs :func:`lay_out`.

    Examples
    --------
    >>> who = np.repeat(np.arange(4), 200).tolist()
    >>> rest = Random(name="residual", effects=("",), group=range(800), z=np.ones((800, 1)))
    >>> level = Random(name="dyad", effects=("intercept",), group=who, z=np.ones((800, 1)))
    >>> x = np.column_stack([np.ones(800), np.arange(800.0)])
    >>> design = lay_out_turned(np.sin(np.arange(800.0)), x, who, [level, rest])
    >>> design.y.shape, design.spare
    ((4, 4), 784)
    """
    order = _codes(cluster)
    turned = [
        _turned(y, x, random[:-1], np.flatnonzero(order == c)) for c in range(order.max() + 1)
    ]
    m, p = max(t[0].shape[0] for t in turned), x.shape[1]
    n_kernels = sum(len(entries(part.z.shape[1])) for part in random)
    there = np.array([np.arange(m) < t[0].shape[0] for t in turned])
    data = np.zeros((len(turned), m, p + 1))
    kernels = np.zeros((n_kernels, len(turned), m, m))
    for c, (rows, own) in enumerate(turned):
        k = rows.shape[0]
        data[c, :k] = rows
        kernels[:-1, c, :k, :k] = own
        kernels[-1, c, range(k), range(k)] = 1.0
    return Design(
        data[:, :, p],
        data[:, :, :p],
        there,
        np.full(there.shape, -1),
        kernels,
        tuple(part.z.shape[1] for part in random),
        _spans(random),
        y.size - int(there.sum()),
    )


def _turned(y: Array, x: Array, random: Sequence[Random], rows: Ints) -> tuple[Array, Array]:
    """Rows of ``[x y]`` of a turned cluster, (k, p + 1), and the kernels of its effects."""
    columns = []
    for part in random:
        codes = _codes([part.group[i] for i in rows])
        mine = codes[:, None] == np.arange(codes.max() + 1)
        columns.append(part.z[rows][:, None, :] * mine[:, :, None])  # row, group, effect
    flat = [c.reshape(rows.size, -1) for c in columns]
    whole: Array = np.asarray(np.linalg.qr(np.column_stack([*flat, x[rows], y[rows]]), mode="r"))
    kernels, start = [], 0
    for shape in (c.shape for c in columns):
        stop = start + shape[1] * shape[2]
        z = whole[:, start:stop].reshape(-1, shape[1], shape[2])
        for a, b in entries(shape[2]):
            outer = z[:, :, a] @ z[:, :, b].T
            kernels.append(outer if a == b else outer + outer.T)
        start = stop
    empty = np.zeros((0, whole.shape[0], whole.shape[0]))
    return whole[:, start:], np.array(kernels) if kernels else empty


def _codes(names: Sequence[object]) -> Ints:
    """Number each name by when it first comes."""
    codes = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return np.array([codes[name] for name in names])


def _spans(random: Sequence[Random]) -> tuple[float, ...]:
    """Root mean square of each effect's column, so that all are searched on one scale."""
    columns = [column[column != 0] for part in random for column in part.z.T]
    return tuple(float(np.sqrt((c**2).mean())) if c.size else 1.0 for c in columns)


def entries(size: int) -> list[tuple[int, int]]:
    """Entries of a symmetric matrix on and above its diagonal."""
    return list(combinations_with_replacement(range(size), 2))
