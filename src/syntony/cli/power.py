"""``syntony power``: how many dyads a planned study needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from syntony.cli.progress import progress


def _numbers(ctx: click.Context, param: click.Parameter, text: str | None) -> Any:
    """Read ``20,34,60``."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("whole numbers with commas between, such as 20,34,60") from None


@click.command("power")
@click.option(
    "--dyads", callback=_numbers, metavar="N,N,...", help="Numbers to try; else a search."
)
@click.option("--most-dyads", type=int, help="Where the search stops. [100]")
@click.option("--wanted", type=float, help="Power that is wanted. [0.8]")
@click.option("--alpha", type=float, help="Level of the tests. [0.05]")
@click.option("--r", type=float, help="Only the closed form, for this r of index and score.")
@click.option("--sessions-per-dyad", type=int, help="[1]")
@click.option("--dyads-per-therapist", type=int, help="[1]")
@click.option("--minutes", type=float, help="Length of a session. [50]")
@click.option("--share", type=float, help="Median share of common responses. [0.3]")
@click.option("--share-spread", type=float, help="SD of its logit over dyads. [1.2]")
@click.option("--session-spread", type=float, help="SD of a session's logit share. [0]")
@click.option("--therapist-share", type=float, help="Variance of shares between therapists. [0]")
@click.option("--delay-s", type=float, help="The second person follows by this much. [2]")
@click.option("--jitter-s", type=float, help="SD of that delay. [0.5]")
@click.option("--rate-per-min", type=float, help="Skin conductance responses a minute. [5]")
@click.option("--artefacts", type=float, help="Share of each recording that is lost. [0.05]")
@click.option("--effect-r", type=float, help="True r of coupling and empathy. [0.47]")
@click.option("--emotion-effect", type=float, help="More share in shared positive emotion. [0.3]")
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML.")
@click.option("--studies", type=int, help="Studies drawn of each size. [400]")
@click.option("--pools", type=int, help="Independent pools of simulated dyads. [8]")
@click.option("--draws", type=int, help="Draws of chance. [199]")
@click.option("--seed", type=int, help="[20070301]")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per core.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for table, figures, page.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    recipe: Path | None,
    r: float | None,
    jobs: int | None,
    out: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Simulate a planned study: will it find synchrony, its link with empathy, with emotion?

    \b
    Examples:
        syntony power                            the numbers of dyads needed, all defaults
        syntony power --dyads 20,34,60 --share 0.2 --delay-s 1 --out plan
        syntony power --r 0.32                   closed form for a correlation
    """
    import json

    from syntony.config import read_recipe
    from syntony.trials.power import power

    with progress("power") as watch:
        found = power(
            r=r,
            recipe=read_recipe(recipe) if recipe else None,
            jobs=jobs,
            out=out,
            on_progress=watch,
            on_cost=lambda words: click.echo(words, err=True),
            **{name: value for name, value in given.items() if value is not None},
        )
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
        return
    if found.is_simulated:
        click.echo("Simulated data.")
    for line in found.lines():
        click.echo(line)
    click.echo(f"\nFor a plan: {found.sentence}")
    if found.report:
        click.echo(f"Report: {found.report}")
