"""``syntony demo``: a made study, the whole chain, the findings beside the truth."""

from __future__ import annotations

from pathlib import Path

import click

from syntony.cli.progress import progress


@click.command("demo")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per core.")
def command(folder: Path | None, jobs: int | None) -> None:
    """Make a study whose answer is known in FOLDER, run it all, print findings beside truth.

    \b
    Example:
        syntony demo
    """
    from syntony.cli.say import say_run
    from syntony.trials.demo import demo, truth_in_words

    with progress("demo") as watch:
        run = demo(folder or Path("syntony-demo"), jobs=jobs, on_progress=watch)
    for line in truth_in_words(run):
        click.echo(line)
    say_run(run)
