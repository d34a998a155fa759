"""``syntony check``: is a study, or a run, whole?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(folder: Path, as_json: bool) -> None:
    """Check a study (layout, clocks, quality) or a run (inputs unchanged, one pair again).

    \b
    Examples:
        syntony check my-study
        syntony check my-study/derivatives/syntony/run-001
    """
    from syntony.pipeline.check import check

    found = check(folder)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=1))
    else:
        for line in found.lines:
            click.echo(line)
    sys.exit(0 if found.whole else 1)
