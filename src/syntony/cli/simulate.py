"""syntony simulate: a made study, or made people sent as live streams."""

from __future__ import annotations

from pathlib import Path

import click

from syntony.core.errors import InputError


@click.command("simulate")
@click.option("--stream", is_flag=True, required=True, help="Send a session over LSL, as if live.")
@click.option(
    "--study",
    type=click.Path(path_type=Path, file_okay=False),
    help="Send a recorded session of this study instead of a made one.",
)
@click.option("--session", default="", help="Which session of the study.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="How long; default: to the end.")
@click.option("--minutes", default=50.0, show_default=True, help="Length of the made session.")
@click.option("--rate-hz", default=32.0, show_default=True, help="Of the made session.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--world", default="coupled", show_default=True, help="What is true of the people.")
@click.option("--lsl-session", default="", help="Id that the recorder is given too.")
def command(
    stream: bool,
    study: Path | None,
    session: str,
    seconds: float | None,
    minutes: float,
    rate_hz: float,
    seed: int,
    world: str,
    lsl_session: str,
) -> None:
    """Send two people as LSL streams in real time, to this machine only.

    \b
    Example, in two terminals:
        syntony simulate --stream --lsl-session rehearsal
        syntony record my-study --session try1 --lsl-session rehearsal --seconds 60 \\
            --person 'patient=patient eda' --person 'therapist=therapist eda'
    """
    from syntony.live.network import keep_to_this_machine
    from syntony.live.playing import play
    from syntony.pipeline.rehearsal import session_to_play

    if study is None and session:
        raise InputError("--session", session, "--study with it")
    played = session_to_play(
        study, session, minutes=minutes, rate_hz=rate_hz, seed=seed, world=world
    )
    given = keep_to_this_machine(session_id=lsl_session)
    click.echo(f"LSL session id: {given}", err=True)

    def say(infos: tuple[object, ...]) -> None:
        for info in infos:
            click.echo(f"sending {info.name!r}, source id {info.source_id!r}")  # type: ignore[attr-defined]

    click.echo(f"{play(played, seconds=seconds, on_start=say):,} samples sent")
