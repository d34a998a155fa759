"""``syntony cite``: what to cite for a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("cite")
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--bib", is_flag=True, help="Print BibTeX instead of the paragraph.")
def command(run: Path | None, bib: bool) -> None:
    """Print the methods paragraph and references of RUN; without RUN, how to cite the program.

    \b
    Example:
        syntony cite my-study/derivatives/syntony/run-001 --bib
    """
    from syntony.pipeline.offer import cite

    click.echo(cite(run, bib=bib))
