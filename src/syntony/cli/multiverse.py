"""``syntony multiverse``: every reasonable path through a study's analysis, tested together."""

from __future__ import annotations

from pathlib import Path

import click

from syntony.cli.progress import progress


@click.command("multiverse")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option(
    "--grid",
    type=click.Path(path_type=Path),
    help="What is varied, in TOML; default: the grid of the recipe's signal.",
)
@click.option("--name", help="Name of the folder; default: the next free multiverse-NNN.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per core.")
@click.option("--resume", is_flag=True, help="Go on with one that was stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print the joint results as JSON.")
def command(
    study: Path,
    recipe: Path | None,
    grid: Path | None,
    name: str | None,
    jobs: int | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Compute every reasonable path through the analysis of STUDY, and test them together.

    \b
    Example:
        syntony multiverse my-study --grid narrow.toml
    """
    from syntony.report.multiverse_page import in_words
    from syntony.trials.multiverse import multiverse

    with progress("couplings") as watch:
        done = multiverse(
            study,
            recipe,
            grid=grid,
            name=name,
            jobs=jobs,
            resume=resume,
            on_progress=watch,
            on_say=lambda words: click.echo(words, err=True),
        )
    if as_json:
        click.echo((done.path / "joint.json").read_text("utf-8"))
        return
    for line in in_words(done.path):
        click.echo(line)
    click.echo(f"Report: {done.report}")
