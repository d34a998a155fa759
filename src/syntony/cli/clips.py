"""``syntony clips``: moments of a run as clips for blind coders, and their codes back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from syntony.core.errors import InputError


@click.command("clips")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder for the coders.")
@click.option("--run", default="", help="Name of the run; else the newest.")
@click.option(
    "--which",
    type=click.Choice(["moments", "survivors"]),
    default="moments",
    help="High against low moments, or stretches that survive chance against others.",
)
@click.option("--unmatched", is_flag=True, help="Moments without a partner in their third, too.")
@click.option("--length-s", type=float, help="What is coded (s); else the shortest moment.")
@click.option("--margin-s", type=float, default=2.0, show_default=True, help="Shown around it.")
@click.option("--cut", is_flag=True, help="Cut the media into files (extra 'video').")
@click.option("--seed", type=int, help="Of the random order; else drawn.")
@click.option(
    "--read",
    "sheets",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="CODES.csv",
    help="A filled sheet; once for each coder.",
)
@click.option(
    "--set", "set_name", default="", help="The set of the sheets; else the one they name."
)
@click.option("--coder", default="", help="Who filled in the sheet, where it does not say.")
@click.option("--into-codes", is_flag=True, help="Write them as codes of the sessions, too.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def command(
    study: Path,
    folder: Path | None,
    run: str,
    which: str,
    unmatched: bool,
    length_s: float | None,
    margin_s: float,
    cut: bool,
    seed: int | None,
    sheets: tuple[Path, ...],
    set_name: str,
    coder: str,
    into_codes: bool,
    as_json: bool,
) -> None:
    """Lay out clips for coders who must not know which are high; then read their codes.

    The folder for the coders holds a list, a sheet to fill in and, with --cut, the files: all
    clips of one length, in random order, without their class. The key stays in the study.

    \b
    Examples:
        syntony clips my-study --to for-kim --cut
        syntony clips my-study --read kim.csv --read lee.csv
    """
    if bool(sheets) == (folder is not None):
        given = "both" if sheets else "neither"
        raise InputError("--to, --read", given, "one of the two: clips to a folder, or codes back")
    if sheets:
        from syntony.pipeline.clip_codes import read_clip_codes

        found = read_clip_codes(study, sheets, name=set_name, coder=coder, into_codes=into_codes)
        click.echo(json.dumps(found.as_dict(), indent=1) if as_json else "\n".join(found.lines))
        return
    from syntony.cli.progress import progress
    from syntony.pipeline.clips import make_clips

    with progress("clips") as watch:
        made = make_clips(
            study,
            folder or Path(),
            run=run,
            which=which,
            matched=not unmatched,
            length_s=length_s,
            margin_s=margin_s,
            cut=cut,
            seed=seed,
            on_progress=watch,
        )
    click.echo(json.dumps(made.as_dict(), indent=1) if as_json else "\n".join(made.lines))
