"""In-phase and anti-phase synchrony by class, as two outcomes, each beside rotated codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.link.intervals import beside
from syntony.link.joined.seconds import CodedSeconds
from syntony.link.moments import CODED, class_synchrony

PHASES = ("in_phase", "anti_phase")
_DIGITS = 10


def phase_parts(r: Array) -> tuple[Array, Array]:
    """In-phase part max(r, 0) and anti-phase part max(-r, 0).

    References
    ----------
    .. [1] Chen et al. (2020), https://doi.org/10.1037/pspi0000337

    Examples
    --------
    >>> [v.tolist() for v in phase_parts(np.array([0.5, -0.25, np.nan]))]
    [[0.5, 0.0, nan], [0.0, 0.25, nan]]
    """
    return np.maximum(r, 0.0), np.maximum(-r, 0.0) + 0.0


def phase_table(
    session: CodedSeconds,
    rng: np.random.Generator,
    *,
    rotations: int,
    min_rotation_s: float,
    min_class_s: float,
) -> Array:
    """Each part in each class less that in the other coded seconds, beside rotated codes.

    Parameters
    ----------
    session : CodedSeconds
    rng : numpy.random.Generator
    rotations, min_rotation_s, min_class_s
        As in :func:`syntony.link.moments.class_synchrony`.

    Returns
    -------
    ndarray of float64, shape (1 + rotations, 2, 4)
        Row 0 is the observed one; ``PHASES`` by coded class. NaN where there is none.
    """
    out = np.full((1 + rotations, len(PHASES), len(CODED)), np.nan)
    middle: Array = np.arange(session.r.size, dtype=np.float64) + 0.5
    for p, part in enumerate(phase_parts(session.r)):
        found = class_synchrony(
            middle,
            part,
            session.classes,
            rng=np.random.default_rng(rng.bit_generator.seed_seq.spawn(1)[0]),  # type: ignore[attr-defined]
            rotations=rotations,
            min_rotation_s=min_rotation_s,
            min_class_s=min_class_s,
            scale="plain",
        )
        for k, one in enumerate(found[: len(CODED)]):
            if one.null.size:
                out[0, p, k], out[1:, p, k] = one.contrast, one.null
    return np.round(out, _DIGITS)


def phase_columns(table: Array) -> list[dict[str, Any]]:
    """Columns that a session's table adds to each of its coded classes in ``codes``."""
    rows = []
    for k in range(len(CODED)):
        row: dict[str, Any] = {}
        for p, phase in enumerate(PHASES):
            chance = beside(float(table[0, p, k]), table[1:, p, k])
            row |= {
                f"{phase}_contrast": float(table[0, p, k]),
                f"{phase}_z": chance.z,
                f"{phase}_p_two": chance.p_two,
            }
        rows.append(row)
    return rows
