"""``syntony report``: the report again, from the Run folder alone."""

from __future__ import annotations

from pathlib import Path

import click

from syntony.cli.progress import progress


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Write the report of RUN again; nothing is computed.

    \b
    Example:
        syntony report my-study/derivatives/syntony/run-001
    """
    from syntony.report import report

    with progress("pages") as watch:
        click.echo(report(run, on_progress=watch))
