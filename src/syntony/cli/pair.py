"""``syntony pair``: two files, one answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from syntony.cli.progress import progress


@click.command("pair")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--kind", multiple=True, help="What was measured: eda, hr, ...; twice if two kinds.")
@click.option("--unit", multiple=True, help="Unit of the numbers: uS, ms, 1, ...; twice if two.")
@click.option(
    "--rate-hz", type=float, multiple=True, help="Samples per second, where no time column says it."
)
@click.option("--time-column", help="Name of the time column.")
@click.option("--column", "columns", multiple=True, help="Column; twice, if the two differ.")
@click.option("--format", "format_", help="Name of the format, where content does not say it.")
@click.option("--role", "roles", multiple=True, help="What to call the two; give it twice.")
@click.option("--together", is_flag=True, help="Both recordings start at the same moment.")
@click.option("--offset-s", type=float, help="Seconds the second starts after the first.")
@click.option("--strangers", type=click.Path(path_type=Path), help="A study that lends strangers.")
@click.option("--type", "session_type", help="Type of the strangers' sessions.")
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to make.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(
    first: Path,
    second: Path,
    columns: tuple[str, ...],
    roles: tuple[str, ...],
    recipe: Path | None,
    format_: str | None,
    as_json: bool,
    **rest: Any,
) -> None:
    """Put FIRST and SECOND, one file of each person, through the chain.

    \b
    Examples:
        syntony pair patient.csv therapist.csv --kind eda --unit uS --rate-hz 4 --together
        syntony pair both.txt both.txt --column pat --column th --kind motion --unit 1 \\
            --rate-hz 25 --together --role patient --role therapist
        syntony pair skin.csv voice.csv --kind eda --kind f0 --unit uS --unit Hz --rate-hz 4 \\
            --together
    """
    from syntony.cli.say import say_pair
    from syntony.config import read_recipe
    from syntony.pipeline.pair import pair

    if len(roles) not in (0, 2):
        raise click.BadParameter("give it twice, or not at all", param_hint="--role")
    if len(columns) > 2:
        raise click.BadParameter("give it once or twice", param_hint="--column")
    facts: dict[str, Any] = {"column": columns[0]} if len(columns) == 1 else {}
    for name in ("kind", "unit", "rate_hz"):
        given = rest.pop(name)
        if len(given) > 2:
            raise click.BadParameter("give it once or twice", param_hint=f"--{name}")
        facts[name] = given if len(given) == 2 else next(iter(given), None)
    facts["time_column"] = rest.pop("time_column")
    if format_:
        facts["format"] = format_
    with progress("pair") as watch:
        run = pair(
            first,
            second,
            columns=(columns[0], columns[1]) if len(columns) == 2 else None,
            roles=(roles[0], roles[1]) if roles else None,
            recipe=read_recipe(recipe) if recipe else None,
            on_progress=watch,
            **rest,
            **facts,
        )
    say_pair(run, as_json=as_json)
