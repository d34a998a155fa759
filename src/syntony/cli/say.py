"""What the shell prints of a run: the findings in words, then where the report lies."""

from __future__ import annotations

import json

import click

from syntony.core.run import Run
from syntony.report.summary import findings_in_words, pair_in_words


def say_run(run: Run, *, as_json: bool = False) -> None:
    """Print the findings of a run, its notes counted, and the report's path."""
    if as_json:
        rows = json.loads(run.table("links").to_json(orient="records"))
        click.echo(json.dumps({"run": str(run.path), "findings": rows}, indent=1))
        return
    for line in findings_in_words(run.path):
        click.echo(line)
    counts: dict[str, int] = {}
    for note in run.notes:
        counts[note.code] = counts.get(note.code, 0) + 1
    if counts:
        told = ", ".join(f"{code} ({n})" for code, n in sorted(counts.items()))
        click.echo(f"Notes: {told}.")
    click.echo(f"Report: {run.report}")


def say_pair(run: Run, *, as_json: bool = False) -> None:
    """Print what a pair gave, and what its chance cannot tell."""
    if as_json:
        rows = json.loads(run.table("pairs").to_json(orient="records"))
        click.echo(json.dumps({"run": str(run.path), "pairs": rows}, indent=1))
        return
    for line in pair_in_words(run.path):
        click.echo(line)
    for note in run.notes:
        click.echo(f"Note ({note.code}): {note.text}")
    click.echo(f"Report: {run.report}")
