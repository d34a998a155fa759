"""``syntony check``: is a study, or a run, whole?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--disagreements",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Write where two coders part, the longest first.",
)
def command(folder: Path, as_json: bool, disagreements: Path | None) -> None:
    """Check a study (layout, clocks, quality) or a run (inputs unchanged, one pair again).

    Where two coders coded the same session, it says how far they agree.

    \b
    Examples:
        syntony check my-study
        syntony check my-study --disagreements look-again.csv
        syntony check my-study/derivatives/syntony/run-001
    """
    from syntony.pipeline.check import check

    found = check(folder)
    if disagreements is not None:
        from syntony.pipeline.agreements import write_disagreements

        write_disagreements(disagreements, found.agreement)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=1))
    else:
        for line in found.lines:
            click.echo(line)
    sys.exit(0 if found.whole else 1)
