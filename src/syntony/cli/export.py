"""``syntony export``: leave with everything, in a format of others."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command("export")
@click.argument("study", type=FOLDER)
@click.option(
    "--to",
    required=True,
    type=click.Choice(["bids", "r", "csv", "edf", "xdf", "neurokit", "rmea"]),
    help="Which format.",
)
@click.option("--out", required=True, type=FOLDER, help="Folder to make.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def command(study: Path, to: str, out: Path, dry_run: bool, as_json: bool) -> None:
    """Write STUDY in a format that other programs read.

    bids: recordings, codes as events, answers. r: long tables and a script that reads them. csv:
    the tables alone. edf: an EDF+ file for each signal. xdf: a file for each session, as LSL
    records them. neurokit: tables with NeuroKit's names. rmea: two columns of movement. Nothing
    is written over; what is left out is told with the reason.

    \b
    Examples:
        syntony export my-study --to bids --out my-study-bids --dry-run
        syntony export my-study --to r --out for-r
    """
    from syntony.cli.progress import progress
    from syntony.pipeline.exporting import export

    with progress("sessions") as watch:
        made = export(study, to=to, out=out, dry_run=dry_run, on_progress=watch)
    if as_json:
        click.echo(json.dumps(made.as_dict(), indent=1))
        return
    if dry_run:
        for place, about in made.files:
            click.echo(f"{place}  ({about})")
    for line in made.lines:
        click.echo(line)
