"""What a made file of a format holds."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Sample:
    """``values``: what the first signal (or first events) must hold, NaN where missing."""

    path: Path
    values: np.ndarray
    options: dict = field(default_factory=dict)
    rate_hz: float | None = None
    start_s: float | None = None
    cut: int | None = 40  # bytes taken off the end for a truncated copy
    uncut: str = ""  # why a cut-off file cannot be told
