"""The function ``convergence``: how far the indices of a run agree over its sessions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from syntony.core.errors import InputError
from syntony.core.run import Run
from syntony.link.convergence import agreements
from syntony.report.convergence import known_not_to_agree

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
Kind = Literal["spearman", "pearson"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Convergence:
    """Correlations of all indices over the sessions of a corpus.

    Attributes
    ----------
    rows : tuple of mapping
        One per pair of indices: ``index_a``, ``index_b``, how many sessions and dyads have
        both, Pearson and Spearman with their 95 % intervals.
    """

    rows: tuple[Row, ...]

    def table(self) -> pd.DataFrame:
        """All pairs of indices, one a row."""
        import pandas as pd

        return pd.DataFrame([dict(r) for r in self.rows])

    def matrix(self, kind: Kind = "spearman") -> pd.DataFrame:
        """The correlations as a square table, 1 on its diagonal."""
        import pandas as pd

        names = list(dict.fromkeys(n for r in self.rows for n in (r["index_a"], r["index_b"])))
        out = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
        for row in self.rows:
            a, b = row["index_a"], row["index_b"]
            out.loc[a, b] = out.loc[b, a] = row[kind]
        return out

    def __repr__(self) -> str:
        return f"{self.matrix().round(2).to_string()}\n{known_not_to_agree()}"


def convergence(
    run: Run | Path | str | Sequence[Run | Path | str],
    *,
    statistics: Literal["first", "all"] = "first",
) -> Convergence:
    """Correlate all indices of a run over its sessions.

    Indices of synchrony are known not to agree: what one method finds high, another may find
    low. A result that rests on one of them says nothing about the others.

    Parameters
    ----------
    run : Run or path, or several
        A Run folder; of several the sessions are put together, where they have an index in
        common.
    statistics : {"first", "all"}
        The first statistic of every method, or all of them.

    Returns
    -------
    Convergence
        ``table()`` and ``matrix()`` give labels. The same stands in the run's table
        ``convergence`` and, for three indices and more, on its study page.

    Raises
    ------
    FileError
        If a folder holds no run.
    InputError
        If there is only one index.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.convergence("no-such-run")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    if statistics not in ("first", "all"):
        raise InputError("statistics", statistics, "'first' or 'all'")
    given = [run] if isinstance(run, Run | Path | str) else list(run)
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(given):
        opened = one if isinstance(one, Run) else Run(Path(one))
        told: Any = opened.table("pairs").to_dict("records")
        rows += [
            {**r, "session": (number, r["session"]), "dyad": f"{number}/{r['dyad']}"} for r in told
        ]
    found = convergence_rows(rows)
    if statistics == "first":
        found = [r for r in found if r["first_statistics"]]
    if not found:
        raise InputError("run", [str(r) for r in given], "at least two indices to compare")
    return Convergence(rows=tuple(found))


def convergence_rows(pairs: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of ``convergence`` from rows of ``pairs``: every two statistics of all methods."""
    values: dict[tuple[Any, ...], dict[Any, float]] = {}
    dyads: dict[Any, str] = {}
    for row in pairs:
        key = (row["step"], row["method"], row["statistic"], row["signal_a"], row["signal_b"])
        value = row["value"]
        values.setdefault(key, {})[row["session"]] = math.nan if value is None else float(value)
        dyads[row["session"]] = row["dyad"]
    keys, sessions = list(values), list(dyads)
    if len(keys) < 2:
        return []
    table = np.array([[values[k].get(s, math.nan) for k in keys] for s in sessions])
    names, first = _names(keys), _first_of_step(keys)
    rows = []
    for cell in agreements(table, [dyads[s] for s in sessions]):
        a, b = cell.first, cell.second
        numbers = {k: v for k, v in asdict(cell).items() if k not in ("first", "second")}
        rows.append(
            {
                "index_a": names[a],
                "index_b": names[b],
                "step_a": keys[a][0],
                "step_b": keys[b][0],
                "method_a": keys[a][1],
                "method_b": keys[b][1],
                "statistic_a": keys[a][2],
                "statistic_b": keys[b][2],
                "first_statistics": a in first and b in first,
                **numbers,
            }
        )
    return rows


def _names(keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """Method and statistic; the number of the step where a method was used twice."""
    used = {(method, step) for step, method, *_ in keys}
    many = {m for m, _ in used if sum(n == m for n, _ in used) > 1}
    return [
        f"{method}.{statistic}" + (f" (step {step:g})" if method in many else "")
        for step, method, statistic, *_ in keys
    ]


def _first_of_step(keys: Sequence[tuple[Any, ...]]) -> set[int]:
    """Places of the first statistic of every step, which its method names first."""
    seen: dict[tuple[Any, ...], int] = {}
    for place, (step, method, _, *signals) in enumerate(keys):
        seen.setdefault((step, method, *signals), place)
    return set(seen.values())
