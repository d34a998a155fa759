"""syntony repair: mend a recording that was cut off."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command("repair")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
def command(file: Path, as_json: bool) -> None:
    """Mend an XDF FILE that was not closed; the original stays as it is.

    The new file lies beside it as NAME.repaired.xdf. What is missing is told to the sample where
    the recorder's journal is there too.

    \b
    Example:
        syntony repair session-3.xdf
    """
    from syntony.io.xdf import repair

    done = repair(file)
    if as_json:
        click.echo(json.dumps(asdict(done) | {"path": str(done.path)}, indent=1))
        return
    for line in done.words:
        click.echo(line)
    click.echo(done.path)
