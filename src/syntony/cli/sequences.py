"""``syntony sequences``: who answers whom, in a table of interval codes."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("sequences")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--first", required=True, metavar="CODE", help="Code of one person.")
@click.option("--second", required=True, metavar="CODE", help="Code of the other.")
@click.option("--interval-s", type=float, required=True, help="Length of an interval (s).")
@click.option("--lags", type=int, default=6, show_default=True, help="Lags, in intervals.")
@click.option("--session", default="", help="Column that names the dyad; else the first.")
@click.option("--seed", type=int, default=20070301, help="Of the draws.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def command(
    table: Path,
    first: str,
    second: str,
    interval_s: float,
    lags: int,
    session: str,
    seed: int,
    as_json: bool,
) -> None:
    """Ask both ways whether one code follows the other, beside two kinds of chance.

    The table has one row a dyad and a column for each interval, CODE01, CODE02 ... In a study,
    name the codes under [sequences] of the recipe instead.

    \b
    Example:
        syntony sequences couples.csv --first stress --second coping --interval-s 10
    """
    from syntony.config import Sequences
    from syntony.core.errors import InputError
    from syntony.pipeline.sequences import who_answers

    if not 1 <= lags <= 100:
        raise InputError("--lags", lags, "1 to 100 intervals")
    found = who_answers(
        table,
        first,
        second,
        interval_s=interval_s,
        settings=Sequences(lags=lags),
        session=session,
        seed=seed,
    )
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else "\n".join(found.lines))
