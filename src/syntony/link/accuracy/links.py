"""Which synchrony goes with accuracy: one correlation an index, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.link.dyadic import link_score
from syntony.link.finding import Finding
from syntony.link.intervals import bca_interval, by_dyad
from syntony.link.questionnaires.clusters import Weighted, clustered_interval

LINK = "accuracy_link"


def link_accuracy(
    index: Array,
    accuracy: Array,
    dyads: list[str],
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Any],
    detail: Mapping[str, Any],
    bootstrap: int = 2000,
) -> Finding:
    """Correlate one synchrony index with accuracy over dyads.

    Parameters
    ----------
    index, accuracy : ndarray of float64, shape (n_sessions,)
        Accuracy as Fisher z. NaN is left out.
    dyads : list of str
    rng : numpy.random.Generator
    facts : mapping
        ``label``, ``step``, ``method``, ``statistic``.
    detail : mapping
        Added to what :func:`syntony.link.dyadic.link_score` finds.
    bootstrap : int, default 2000

    Returns
    -------
    Finding
        Of the kind ``accuracy_link``; r with Fisher's interval, p by permutation of accuracies
        over dyads.
    """
    found = link_score(index, accuracy, dyads, rng, bootstrap=bootstrap, **facts)
    return replace(found, finding=LINK, detail={**found.detail, **detail})


def difference_of_links(
    index: Array,
    other: Array,
    accuracy: Array,
    dyads: list[str],
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Any],
    detail: Mapping[str, Any],
    bootstrap: int = 2000,
    block_of: Mapping[str, int] | None = None,
) -> Finding:
    """How much more closely one index goes with accuracy than another, over the same dyads.

    That one correlation passes a test and another does not is no evidence that they differ:
    this is.

    Parameters
    ----------
    index, other, accuracy : ndarray of float64, shape (n_sessions,)
        Sessions that lack one of the three are left out.
    dyads, rng, facts, detail, bootstrap
        As in :func:`link_accuracy`.
    block_of : mapping of str to int, optional
        Block of each dyad: those of one number share people and are drawn together. None:
        nobody is shared.

    Returns
    -------
    Finding
        ``value``: r of ``index`` less r of ``other``, with the BCa interval over dyads,
        or over blocks of dyads that share people (NaN under 4 of them).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a = rng.standard_normal(40)
    >>> found = difference_of_links(
    ...     a + 0.1 * rng.standard_normal(40), rng.standard_normal(40), a,
    ...     [f"d{k}" for k in range(40)], rng, facts={"label": "x"}, detail={})
    >>> bool(found.low > 0), found.n_dyads
    (True, 40)
    """
    table = np.stack([index, other, accuracy], axis=1)
    whole: Bools = np.all(np.isfinite(table), axis=1)
    names, means = by_dyad(
        table[whole], [d for d, w in zip(dyads, whole.tolist(), strict=True) if w]
    )
    base: dict[str, Any] = {
        "finding": LINK,
        "n_dyads": len(names),
        "n_sessions": int(whole.sum()),
        "detail": {**detail, "is_difference": True},
        **facts,
    }
    if len(names) < 4:
        return Finding(**base, status=f"not testable: {len(names)} dyads, at least 4 are needed")
    value = float(_apart(means[None])[0])
    own = np.arange(len(names)) if block_of is None else [block_of[d] for d in names]
    member = np.unique(own, return_inverse=True)[1]
    many = int(member.max()) + 1
    if many == len(names):
        low, high = bca_interval(means, _apart, rng, draws=bootstrap)
    else:
        weighted = _weighted(means, member)
        _, low, high = clustered_interval(weighted, many, rng, draws=bootstrap)
    base["detail"] |= {"blocks": many}
    return Finding(**base, value=value, low=low, high=high)


def _weighted(means: Array, member: Ints) -> Weighted:
    """Difference of the correlations by how often each block is in."""

    def of(weights: Array) -> Array:
        w = weights[:, member]
        w = w / w.sum(axis=1, keepdims=True)
        centred = means - (w @ means)[:, None, :]
        size = np.sqrt(np.einsum("dn,dnk->dk", w, centred**2))
        with np.errstate(invalid="ignore", divide="ignore"):
            r = [
                np.einsum("dn,dn->d", w, centred[..., k] * centred[..., 2])
                / (size[:, k] * size[:, 2])
                for k in (0, 1)
            ]
        out: Array = r[0] - r[1]
        return out

    return of


def _apart(sample: Array) -> Array:
    """Difference of the two correlations with the third column; shape (draws, n, 3) to (draws,)."""
    centred = sample - sample.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = [
            (centred[..., k] * centred[..., 2]).sum(axis=1) / (size[:, k] * size[:, 2])
            for k in (0, 1)
        ]
    out: Array = r[0] - r[1]
    return out
