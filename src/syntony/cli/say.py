"""What the shell prints of a run: the findings in words, then where the report lies."""

from __future__ import annotations

import json
from math import isfinite

import click

from syntony.core.run import Run
from syntony.report.summary import findings_in_words, pair_in_words

REFUSED = {
    "session-failed",
    "session-left-out",
    "codes-refused",
    "questionnaire-refused",
    "questionnaire-unknown",
    "questionnaire-doubled",
    "questionnaire-without-key",
}


def say_run(run: Run, *, as_json: bool = False) -> None:
    """Print the findings of a run, its notes counted, and the report's path."""
    if as_json:
        click.echo(_json(run, "findings", "links"))
        return
    for line in findings_in_words(run.path):
        click.echo(line)
    counts: dict[str, int] = {}
    for note in run.notes:
        if note.code in REFUSED:
            click.echo(f"Note ({note.code}): {note.where}: {note.text}")
        counts[note.code] = counts.get(note.code, 0) + 1
    if "session-failed" in counts:
        click.echo("Finished without the failed sessions; syntony run --resume tries them again.")
    if counts:
        told = ", ".join(f"{code} ({n})" for code, n in sorted(counts.items()))
        click.echo(f"Notes: {told}.")
    click.echo(f"Report: {run.report}")


def say_pair(run: Run, *, as_json: bool = False) -> None:
    """Print what a pair gave, and what its chance cannot tell."""
    if as_json:
        click.echo(_json(run, "pairs", "pairs"))
        return
    for line in pair_in_words(run.path):
        click.echo(line)
    for note in run.notes:
        click.echo(f"Note ({note.code}): {note.text}")
    click.echo(f"Report: {run.report}")


def _json(run: Run, name: str, table: str) -> str:
    """Rows of a table as JSON: every digit kept, null where a number is missing."""
    rows = [
        {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in row.items()}
        for row in run.table(table).to_dict("records")
    ]
    return json.dumps({"run": str(run.path), name: rows}, indent=1)
