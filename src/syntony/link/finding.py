"""Finding: one row of ``links.parquet``, a statement over dyads beside what chance gives."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement about the study, with its interval and its null.

    Attributes
    ----------
    finding : str
        ``"emotion"``, ``"moments"``, ``"empathy"``, ``"contrast"``, ...
    label : str
        What it is about: an emotion class, ``instrument.scale``, two session types.
    step, method, statistic : int, str, str
        Which synchrony index it rests on.
    surrogate : str
        What made the null; empty where there is none.
    value, low, high : float
        The estimate and its 95 % interval over dyads.
    null_mean, null_low, null_high, z, p_one, p_two, draws
        What chance gives (central 95 % of the draws), and where the value lies in it.
        ``p_one`` points towards larger values.
    d, d_low, d_high : float
        Standardised mean difference of the dyads (mean / SD), where the value is a difference.
    cliffs_delta, cliffs_delta_low, cliffs_delta_high, superiority : float
        Share of (real, pseudo) pairs in which the real dyad is higher less the share in which
        it is lower, with its 95 % interval over dyads; and the probability that a real dyad
        exceeds a pseudo-dyad, (delta + 1) / 2.
    family : str
        ``"primary"``, or ``"exploratory"`` for what is looked at beside it.
    q_exploratory : float
        Benjamini-Hochberg's adjusted p within the exploratory rows of the same finding.
    status : str
        ``"ok"``, or ``"not testable: why"``; then every number that rests on the test is NaN.
    detail : mapping
        Everything else that was found, as plain numbers, texts and lists.
    """

    finding: str
    label: str
    step: int = 0
    method: str = ""
    statistic: str = ""
    surrogate: str = ""
    n_dyads: int = 0
    n_sessions: int = 0
    value: float = NAN
    low: float = NAN
    high: float = NAN
    null_mean: float = NAN
    null_low: float = NAN
    null_high: float = NAN
    z: float = NAN
    d: float = NAN
    d_low: float = NAN
    d_high: float = NAN
    p_one: float = NAN
    p_two: float = NAN
    draws: int = 0
    cliffs_delta: float = NAN
    cliffs_delta_low: float = NAN
    cliffs_delta_high: float = NAN
    superiority: float = NAN
    family: str = ""
    q_exploratory: float = NAN
    status: str = "ok"
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_row(self) -> dict[str, Any]:
        """Make the row of ``links.parquet``; ``detail`` as JSON text, NaN in it as null.

        Examples
        --------
        >>> Finding(finding="empathy", label="x.y", detail={"r": NAN}).to_row()["detail"]
        '{"r": null}'
        """
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        row["detail"] = json.dumps(_plain(self.detail), ensure_ascii=False, allow_nan=False)
        return row


def _plain(value: Any) -> Any:
    """Plain JSON values: numpy scalars unpacked, NaN and infinities as None."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if hasattr(value, "tolist"):  # a numpy array or scalar
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
