"""``syntony run``: the whole chain on a study."""

from __future__ import annotations

from pathlib import Path

import click

from syntony.cli.progress import progress


@click.command("run")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option("--name", help="Name of the run; default: the next free run-NNN.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per core.")
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Scheduler of a Dask cluster that does the work; 'local' makes one of this machine.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with a run that was stopped; try failed sessions again."
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    study: Path,
    recipe: Path | None,
    name: str | None,
    jobs: int | None,
    dask: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Run the whole chain on STUDY: quality, synchrony, chance, emotion, empathy, report.

    \b
    Example:
        syntony run my-study --recipe eda.toml --name first
    """
    from syntony.cli.say import say_run
    from syntony.pipeline.run import run

    with progress("sessions") as watch:
        done = run(study, recipe, name=name, jobs=jobs, dask=dask, resume=resume, on_progress=watch)
    say_run(done, as_json=as_json)
