"""Differences within dyads: sign flips over dyads, their standardised size, its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.link.finding import Finding
from syntony.link.intervals import bca_interval, by_dyad
from syntony.surrogates.blocks import too_few_blocks
from syntony.surrogates.decision import sign_flip

MIN_DYADS = 6  # the smallest two-sided p of five dyads is .0625


def paired_difference(
    values: Array,
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Any],
    draws: int = 9999,
    bootstrap: int = 2000,
    min_dyads: int = MIN_DYADS,
    blocks: Sequence[int] | None = None,
) -> Finding:
    """Test the mean of one difference per dyad against zero, by flipping their signs.

    Parameters
    ----------
    values : ndarray of float64, shape (n_dyads,)
        One difference per dyad, finite.
    rng : numpy.random.Generator
    facts : mapping
        Fields of the Finding that say what it is about (finding, label, step, ...).
    draws : int, default 9999
        Sign flips; all of them where dyads are few.
    bootstrap : int, default 2000
        Draws of the BCa intervals over dyads.
    min_dyads : int, default 6
        Under so many, value, d and intervals are given (from 4 dyads on), and no p.
    blocks : sequence of int, length n_dyads, optional
        Dyads that share people, whose signs turn together; under 6 blocks there is no p.

    Returns
    -------
    Finding
        ``value``: mean; ``z``: mean / its SD over all flips; ``d``: mean / SD of the
        differences (d_z), NaN where they do not vary. Under ``min_dyads`` dyads
        ``status`` is ``"not testable: ..."``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> facts = {"finding": "contrast", "label": "a - b"}
    >>> found = paired_difference(np.arange(1.0, 9.0), rng, facts=facts)
    >>> found.value, round(found.d, 2), found.p_two
    (4.5, 1.84, 0.0078125)
    """
    facts = {"surrogate": "sign_flip", **facts, "n_dyads": values.size}
    if not values.size:
        return Finding(**facts, status=_too_few(0, min_dyads))
    value = float(values.mean())
    sums = np.bincount(np.arange(values.size) if blocks is None else blocks, weights=values)
    spread = float(np.sqrt(np.sum(sums**2))) / values.size  # SD of the mean over all flips
    low, high = bca_interval(values, _mean, rng, draws=bootstrap)
    d_low, d_high = bca_interval(values, _d, rng, draws=bootstrap)
    found = Finding(
        **facts,
        value=value,
        low=low,
        high=high,
        d=float(_d(values[None])[0]) if values.size > 1 else float("nan"),
        d_low=d_low,
        d_high=d_high,
    )
    if values.size < min_dyads:
        return replace(found, status=_too_few(values.size, min_dyads))
    shared = list(range(values.size)) if blocks is None else list(blocks)
    many = len(set(shared))
    found = replace(found, detail=dict(found.detail) | {"blocks": many})
    if why := too_few_blocks(many, values.size):
        return replace(found, status=why)
    flips = sign_flip(values, rng, draws, blocks=shared)
    return replace(
        found,
        null_mean=0.0,
        z=value / spread if spread > 0 else float("nan"),
        p_one=flips.p_one,
        p_two=flips.p_two,
        draws=flips.draws,
    )


def _too_few(n: int, least: int) -> str:
    return f"not testable: {n} dyads, at least {least} are needed"


def _mean(samples: Array) -> Array:
    out: Array = samples.mean(axis=1)
    return out


def _d(samples: Array) -> Array:
    """Mean / SD of each sample; NaN where it does not vary."""
    spread = samples.std(axis=1, ddof=1)
    out: Array = np.full(len(samples), np.nan)
    varies = spread > 1e-12 * np.abs(samples).max(axis=1)
    np.divide(samples.mean(axis=1), spread, out=out, where=varies)
    return out


def paired_contrast(
    values: Array,
    dyads: list[str],
    types: list[str],
    rng: np.random.Generator,
    *,
    contrast: tuple[str, str],
    step: int = 0,
    method: str = "",
    statistic: str = "",
    draws: int = 9999,
    bootstrap: int = 2000,
    min_dyads: int = MIN_DYADS,
    block_of: Mapping[str, int] | None = None,
) -> Finding:
    """Compare an index between two types of session within dyads.

    Parameters
    ----------
    values : ndarray of float64, shape (n_sessions,)
        One index per session; NaN leaves the session out.
    dyads, types : list of str
        Dyad and type of each session.
    rng : numpy.random.Generator
    contrast : (str, str)
        Two types: the first less the second.
    step, method, statistic
        Which index it is, copied into the finding.
    draws, bootstrap, min_dyads : int
        As in ``paired_difference``.
    block_of : mapping of str to int, optional
        Block of each dyad: dyads that share people turn together.

    Returns
    -------
    Finding
        Over the dyads that have both types; sessions of one type are averaged first.

    Raises
    ------
    InputError
        If no session has one of the types, or the lists differ in length.

    Examples
    --------
    >>> values = np.array([2.0, 1.0, 2.5, 1.2, 2.2, 1.9, 3.0, 1.1])
    >>> found = paired_contrast(
    ...     values,
    ...     [d for d in "abcd" for _ in range(2)],
    ...     ["work", "rest"] * 4,
    ...     np.random.default_rng(1),
    ...     contrast=("work", "rest"),
    ...     min_dyads=4,
    ... )
    >>> found.label, found.n_dyads, found.value, found.p_two
    ('work - rest', 4, 1.125, 0.125)
    """
    if not len(values) == len(dyads) == len(types):
        sizes = (len(values), len(dyads), len(types))
        raise InputError("values, dyads, types", sizes, "three lists of one length")
    for name in contrast:
        if name not in types:
            hint = "Name two types of the study's sessions in corpus.contrast."
            raise InputError("contrast", name, f"one of {sorted(set(types))}", hint)
    sides = []
    for name in contrast:
        inside = np.array([t == name for t in types])
        labels, means = by_dyad(
            values[inside], [d for d, t in zip(dyads, types, strict=True) if t == name]
        )
        sides.append(dict(zip(labels, means.tolist(), strict=True)))
    both = [d for d in sides[0] if d in sides[1]]
    used = [
        d in both and t in contrast and bool(np.isfinite(v))
        for d, t, v in zip(dyads, types, values, strict=True)
    ]
    facts = {
        "finding": "contrast",
        "label": f"{contrast[0]} - {contrast[1]}",
        "step": step,
        "method": method,
        "statistic": statistic,
        "n_sessions": sum(used),
        "detail": {"dyads": both},
    }
    differences = np.array([sides[0][d] - sides[1][d] for d in both])
    return paired_difference(
        differences,
        rng,
        facts=facts,
        draws=draws,
        bootstrap=bootstrap,
        min_dyads=min_dyads,
        blocks=None if block_of is None else [block_of[d] for d in both],
    )
