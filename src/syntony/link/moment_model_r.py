"""The mixed model of moments for R: the rows that it reads, and its script (``models/rscript``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.link.codes import CLASSES
from syntony.link.joined.seconds import SPEAKERS
from syntony.link.models.rscript import lmer_script
from syntony.link.moment_model import MomentFit, design, random_parts
from syntony.link.moment_rows import MomentRows


def model_data(rows: MomentRows, *, thin_s: int) -> dict[str, Any]:
    """Columns of the file that the script reads: keys, outcomes, codes, predictors.

    ``step`` counts the thinned seconds of a session, those left out included.
    """
    names, columns, _ = design(rows)
    spoken = rows.speaker
    return {
        "session": [rows.sessions[k] for k in rows.session],
        "dyad": [rows.dyads[k] for k in rows.dyad],
        "time_s": rows.time_s,
        "step": np.floor(rows.time_s / thin_s).astype(np.int64),
        **rows.outcomes,
        "class": [CLASSES[k] for k in rows.classes],
        "speaker": [""] * rows.time_s.size if spoken is None else [SPEAKERS[k] for k in spoken],
        **{n: columns[:, k] for k, n in enumerate(names) if n != "intercept"},
    }


def model_script(fits: Sequence[MomentFit], rows: MomentRows) -> str:
    """The models that were fitted, for lme4; with AR(1) along a session on request."""
    fitted = [f for f in fits if f.status == "ok"]
    first = fitted[0]
    names, columns, _ = design(rows)
    slope = columns[:, names.index(first.slope)] if first.slope else None
    return lmer_script(
        first.terms,
        random_parts(rows, first.slope, slope),
        outcomes=[f.outcome for f in fitted],
        along=("step", "dyad:session"),
    )
