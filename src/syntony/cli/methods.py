"""``syntony methods``: what is offered."""

from __future__ import annotations

import json

import click


@click.command("methods")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the lists as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List methods, surrogates, features, formats and questionnaires, or describe NAME.

    \b
    Examples:
        syntony methods
        syntony methods marci
    """
    from syntony.pipeline.offer import describe, methods

    if as_json:
        click.echo(json.dumps(methods(), indent=1))
        return
    click.echo(describe(name))
