"""``syntony query``: a question in SQL to the tables of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_ROWS = 40


@click.command("query")
@click.argument("run", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("sql")
@click.option("--csv", "as_csv", is_flag=True, help="Print every row as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print every row as JSON.")
def command(run: tuple[Path, ...], sql: str, as_csv: bool, as_json: bool) -> None:
    """Ask the tables of each RUN a question in SQL; the last argument is the question.

    Every table has a column run. Only the tables of the runs can be read, and nothing is
    written.

    \b
    Examples:
        syntony query my-study/derivatives/syntony/run-001 "SHOW TABLES"
        syntony query run-001 run-002 "SELECT run, avg(value) FROM pairs GROUP BY run" --csv
    """
    from syntony.core.query import answer

    found = answer(run, sql)
    if as_csv:
        click.echo(_csv(found), nl=False)
    elif as_json:
        click.echo(json.dumps(found.to_pylist(), indent=1, default=str))
    else:
        click.echo(_table(found))


def _csv(found: pa.Table) -> str:
    """Every row for a spreadsheet, an empty cell where something is missing."""
    from io import BytesIO

    from pyarrow import csv

    from syntony.core.sheets import table_for_sheet

    written = BytesIO()
    csv.write_csv(table_for_sheet(found), written)
    return written.getvalue().decode("utf-8")


def _table(found: pa.Table) -> str:
    """The first rows for a reader, numbers with six figures."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="")
    for name, kind in zip(found.column_names, found.schema.types, strict=True):
        right = str(kind).startswith(("int", "uint", "double", "float", "decimal"))
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in found.slice(0, FIRST_ROWS).to_pylist():
        table.add_row(*(_cell(row[name]) for name in found.column_names))
    written = StringIO()
    Console(file=written, width=None if found.num_columns < 8 else 160).print(table)
    more = found.num_rows - FIRST_ROWS
    tail = f"... and {more:,} rows more: --csv or --json gives all.\n" if more > 0 else ""
    return (written.getvalue() + tail).rstrip("\n")


def _cell(value: Any) -> str:
    """Write one value; – where there is none."""
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
