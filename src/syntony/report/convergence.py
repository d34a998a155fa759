"""Do the indices agree? The matrix of their correlations, with its sentence and its table."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.report import labels, tables
from syntony.report.figures.agreement import Matrix, matrix_figure
from syntony.report.numbers import correlation, count
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import RunFolder, Table

LEAST_INDICES = 3


def known_not_to_agree() -> str:
    """What a reader must know of any two indices."""
    return (
        "Indices of synchrony are known not to agree: over 84 dyads, 16 scores of seven methods "
        "went together little (Schoenherr et al., 2019). A low correlation is no fault of either "
        "index, and a high one no proof; it says that a finding with one of them need not hold "
        "for the other."
    )


def convergence_exhibit(folder: RunFolder) -> tuple[Exhibit | None, Markup]:
    """Figure and table of the first statistics; neither for fewer than three or too few dyads."""
    held = folder.tables["convergence"]
    keep = [bool(v) for v in held.columns.get("first_statistics", [])]
    first = held.where(np.asarray(keep, dtype=bool)) if len(held) else held
    matrix = _matrix(first)
    least = int(folder.recipe.get("corpus", {}).get("min_dyads", 0))
    if matrix is None or max(first.numbers("n_dyads"), default=0.0) < least:
        return None, Markup("")
    shown = exhibit(_words(first), lambda w: matrix_figure(matrix, width=w))
    return shown, tables.html_table(first.rows(), _COLUMNS)


def _matrix(first: Table) -> Matrix | None:
    """Spearman above the diagonal, Pearson below it."""
    rows = list(first.rows())
    names = list(dict.fromkeys(r[k] for r in rows for k in ("index_a", "index_b")))
    if len(names) < LEAST_INDICES:
        return None
    place = {name: k for k, name in enumerate(names)}
    values = np.full((len(names), len(names)), np.nan)
    titles: dict[str, str] = {}
    for row in rows:
        a, b = place[row["index_a"]], place[row["index_b"]]
        values[a, b], values[b, a] = row["spearman"], row["pearson"]
        titles |= {row["index_a"]: _title(row, "a"), row["index_b"]: _title(row, "b")}
    return Matrix(names=[titles[n] for n in names], values=values)


def _title(row: dict[str, Any], which: str) -> str:
    """Name an index by its method, with the step where that was used twice."""
    step = str(row[f"index_{which}"]).partition(" (")[2]
    return labels.method(row[f"method_{which}"]) + (f" ({step}" if step else "")


def _words(first: Table) -> str:
    """Beside the matrix."""
    there = sorted(v for v in first.numbers("spearman").tolist() if isfinite(v))
    if not there:
        return f"No two indices could be correlated. {known_not_to_agree()}"
    middle = there[len(there) // 2]
    sessions = max(first.numbers("n_sessions"))
    return (
        f"The first index of every method, correlated over {count(sessions, 'session')}: Spearman "
        "above the diagonal, Pearson below it; orange where two indices rank sessions alike, "
        "blue where they rank them the other way round. Half of the pairs correlate at "
        f"{correlation(middle)} or less (Spearman; from {correlation(there[0])} to "
        f"{correlation(there[-1])}). {known_not_to_agree()} So choose by the question, before "
        "looking, and do not change the index after."
    )


def _with_interval(kind: str) -> tables.Cell:
    """Correlation with its interval."""

    def cell(row: tables.Row) -> str:
        low, high = row[f"{kind}_low"], row[f"{kind}_high"]
        between = f" [{correlation(low)}, {correlation(high)}]" if isfinite(low) else ""
        return correlation(row[kind]) + between

    return cell


_COLUMNS = (
    tables.Column("index", lambda r: _title(dict(r), "a"), False),
    tables.Column("with", lambda r: _title(dict(r), "b"), False),
    tables.Column("sessions", tables.number("n_sessions", 0)),
    tables.Column("dyads", tables.number("n_dyads", 0)),
    tables.Column("Spearman, 95 %", _with_interval("spearman")),
    tables.Column("Pearson, 95 %", _with_interval("pearson")),
)
