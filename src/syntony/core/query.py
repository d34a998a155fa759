"""Questions in SQL to the tables of runs, answered by DuckDB in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syntony.core.errors import FileError, InputError
from syntony.core.run import TABLES, Run

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

HELP = "The tables and their columns: SHOW TABLES, DESCRIBE pairs."


def query(runs: Run | Path | str | Sequence[Run | Path | str], sql: str) -> pd.DataFrame:
    """Ask the tables of one run or of several a question in SQL.

    Parameters
    ----------
    runs : Run, path, or several of them
        Run folders. Every table has a column ``run`` that names the folder, with its study
        before it where two have one name.
    sql : str
        One SELECT (or SHOW TABLES, DESCRIBE pairs) in the SQL of DuckDB, over the tables of a
        run: ``pairs``, ``pseudo``, ``sessions``, ``quality``, ``links`` and so on.

    Returns
    -------
    pandas.DataFrame
        What a number lacks is NULL inside the question, so that means leave it out, and NaN
        in the answer.

    Raises
    ------
    InputError
        If it is not one question, or DuckDB cannot answer it; says why.
    FileError
        If a folder is no Run folder.

    Notes
    -----
    Nothing but these tables can be reached: no other file, no network; and nothing is written.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.query("no-such-run", "SELECT count(*) FROM pairs")
    Traceback (most recent call last):
    syntony.core.errors.FileError: no-such-run: found no origin.json, expected the folder of a ...
    """
    found: pd.DataFrame = answer(runs, sql).to_pandas()
    return found


def answer(runs: Run | Path | str | Sequence[Run | Path | str], sql: str) -> pa.Table:
    """Give the same as an Arrow table."""
    import duckdb

    several = [runs] if isinstance(runs, Run | Path | str) else list(runs)
    opened = [r if isinstance(r, Run) else Run(Path(r)) for r in several]
    if not opened:
        raise InputError("runs", [], "at least one Run folder")
    with duckdb.connect(":memory:") as held:
        _lay(held, dict(zip(_names(opened), opened, strict=True)))
        try:
            asked = held.extract_statements(sql)
            if len(asked) != 1 or asked[0].type != duckdb.StatementType.SELECT:
                raise InputError("sql", sql, "one SELECT", HELP)
            return held.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            why = " ".join(str(error).split("LINE 1:")[0].split())
            expected = "a question that DuckDB can answer"
            raise InputError("sql", sql, expected, f"{why} {HELP}") from error


def _names(runs: Sequence[Run]) -> list[str]:
    """Name runs by their folder, with the study or the whole path where that is shared."""
    paths = [run.path.resolve() for run in runs]
    if len(set(paths)) < len(paths):
        twice = Counter(paths).most_common(1)[0][0]
        raise InputError("runs", str(twice), "each run once")
    for names in (
        [path.name for path in paths],
        [f"{path.parents[min(2, len(path.parents) - 1)].name}/{path.name}" for path in paths],
    ):
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _lay(held: Any, runs: dict[str, Run]) -> None:
    """Make one view a table, over the files of every run, and shut every other door."""
    from pyarrow import dataset

    parts: dict[str, list[str]] = {}
    for place, (name, run) in enumerate(runs.items()):
        _ = run.origin  # a folder that is no run is refused by name
        for table in TABLES:
            path = run.path / f"{table}.parquet"
            if not path.exists():
                continue
            try:
                file = dataset.dataset(path)
            except (OSError, ValueError) as error:
                raise FileError(path, str(error), "a table of a run") from error
            held.register(f"{table}_of_{place}", file)
            columns = ", ".join(
                f"nullif({_quoted(c.name)}, 'nan'::DOUBLE) AS {_quoted(c.name)}"
                if str(c.type) == "double"
                else _quoted(c.name)
                for c in file.schema
            )
            said = "'" + name.replace("'", "''") + "'"
            parts.setdefault(table, []).append(
                f"SELECT {said} AS run, {columns} FROM {table}_of_{place}"
            )
    for door in ("enable_external_access", "python_enable_replacements"):
        held.execute(f"SET {door} = false")
    for table, views in parts.items():
        held.execute(f"CREATE VIEW {table} AS {' UNION ALL BY NAME '.join(views)}")
    held.execute("SET lock_configuration = true")


def _quoted(name: str) -> str:
    """A column's name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'
