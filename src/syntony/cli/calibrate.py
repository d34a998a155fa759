"""``syntony calibrate``: how often do strangers pass with these settings?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from syntony.cli.progress import progress


@click.command("calibrate")
@click.argument("study", required=False, type=click.Path(path_type=Path))
@click.option(
    "--like",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="A finished run: its recordings, its recipe; the card goes into its folder and report.",
)
@click.option("--recipe", type=click.Path(path_type=Path), help="Recipe in TOML, of a STUDY.")
@click.option("--studies", type=click.IntRange(min=1), help="Twin studies; default: 200.")
@click.option(
    "--coupled", type=click.IntRange(min=0), help="Twin studies per planted coupling; default: 20."
)
@click.option("--quick", is_flag=True, help="40 twin studies, 5 per planted coupling.")
@click.option(
    "--delay-s",
    type=float,
    default=2.0,
    show_default=True,
    help="Delay in seconds at which shares are planted.",
)
@click.option(
    "--dyads", type=click.IntRange(min=1), help="Twins of so many dyads only, drawn at random."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
def command(
    study: Path | None,
    like: Path | None,
    recipe: Path | None,
    studies: int | None,
    coupled: int | None,
    quick: bool,
    delay_s: float,
    dyads: int | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Say how often strangers would pass with exactly these settings, and what would be found.

    Twins of STUDY (or of the run after --like) are simulated without coupling and sent through
    its own recipe; then again with planted coupling.

    \b
    Examples:
        syntony calibrate my-study
        syntony calibrate --like my-study/derivatives/syntony/run-001 --quick
    """
    from syntony.trials import calibrate as verb

    with progress("twin studies") as watch:
        card = verb.calibrate(
            study,
            recipe,
            like=like,
            studies=studies or (verb.QUICK_STUDIES if quick else verb.STUDIES),
            coupled=_or(coupled, verb.QUICK_COUPLED if quick else verb.COUPLED),
            delay_s=delay_s,
            dyads=dyads,
            jobs=jobs,
            on_progress=watch,
            on_estimate=_say_estimate,
        )
    if as_json:
        click.echo(json.dumps(dict(card.facts), indent=1))
        return
    click.echo(repr(card))
    click.echo(f"Card: {card.path}")


def _or(given: int | None, default: int) -> int:
    """What was given, 0 included."""
    return default if given is None else given


def _say_estimate(left: int, seconds: float, jobs: int) -> None:
    """Say on standard error how long it will take."""
    click.echo(estimate(left, seconds, jobs), err=True)


def estimate(left: int, seconds: float, jobs: int) -> str:
    """How long so many twin studies take.

    Examples
    --------
    >>> estimate(358, 2.3, 2)
    '358 twin studies to go, about 7 min on 2 cores; Ctrl-C keeps what is done.'
    """
    whole = left * seconds / jobs
    time = f"{whole / 60:.0f} min" if whole >= 90 else f"{max(1, round(whole))} s"
    cores = "1 core" if jobs == 1 else f"{jobs} cores"
    return f"{left} twin studies to go, about {time} on {cores}; Ctrl-C keeps what is done."
