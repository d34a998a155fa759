"""syntony questionnaires: scores, reliability, likeness and change of a study's answers."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import click


@click.command("questionnaires")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option("--name", default="", help="Name of the folder that is made.")
@click.option("--json", "as_json", is_flag=True, help="Reliability, likeness and change as JSON.")
def command(study: Path, recipe: Path | None, name: str, as_json: bool) -> None:
    """Score the questionnaires of STUDY, and say what the scores can bear.

    A study may hold answers alone. Of one with recordings, syntony run gives the same beside
    the rest.

    \b
    Example:
        syntony questionnaires my-study
    """
    from syntony.pipeline.asked import questionnaires
    from syntony.report.questionnaires import questionnaires_in_words

    run = questionnaires(study, recipe, name=name)
    if as_json:
        told = {
            table: [
                {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in row.items()}
                for row in run.table(table).to_dict("records")
            ]
            for table in ("reliability", "likeness", "change")
        }
        click.echo(json.dumps({"run": str(run.path), **told}, indent=1))
        return
    for line in questionnaires_in_words(run.path):
        click.echo(line)
    for note in run.notes:
        click.echo(f"Note ({note.code}): {note.where}: {note.text}")
    click.echo(f"Report: {run.report}")
