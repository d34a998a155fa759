"""``syntony preregister``: the plan of an analysis, written down beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("preregister")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Document to write; default: preregistration.md in the study.",
)
@click.option("--replace", is_flag=True, help="Put a new plan in the place of an older one.")
@click.option("--json", "as_json", is_flag=True, help="Print paths and hash as JSON.")
def command(
    study: Path, recipe: Path | None, out: Path | None, replace: bool, as_json: bool
) -> None:
    """Write down the plan for STUDY: the settled recipe under headings of AsPredicted and OSF.

    \b
    Example:
        syntony preregister my-study --recipe eda.toml
    """
    from syntony.trials.preregister import preregister

    made = preregister(study, recipe, out=out, replace=replace)
    if as_json:
        told = {"document": str(made.document), "plan": str(made.path)}
        click.echo(json.dumps(told | {"recipe_sha256": made.recipe_sha256}, indent=1))
        return
    click.echo(f"Document: {made.document}")
    click.echo(f"Plan that runs are compared with: {made.path}")
    click.echo(f"Hash of the recipe (SHA-256): {made.recipe_sha256}")
    click.echo("A file does not prove when it was made: lodge the document with a registry.")
