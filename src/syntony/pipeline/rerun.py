"""The folder ``models/`` of a run: every mixed model again, as a script for R with its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.files import write_text
from syntony.link.models.rscript import PLACE


def write_script(run: Path, name: str, script: str, data: Mapping[str, Sequence[Any]]) -> None:
    """Write ``models/<name>.R`` and the rows that it reads, ``models/<name>.csv``.

    Numbers are written in full, so that R reads what was fitted. An empty script writes nothing.
    """
    if not script:
        return
    home = run / "models"
    write_text(home / f"{name}.R", script.replace(PLACE, name))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(data)
    for row in zip(*data.values(), strict=True):
        out.writerow([_cell(v) for v in row])
    write_text(home / f"{name}.csv", text.getvalue())


def _cell(value: Any) -> Any:
    """A number with every figure it has; a missing one as R writes it."""
    if isinstance(value, float | np.floating):
        return repr(float(value)) if np.isfinite(value) else "NA"
    return value
