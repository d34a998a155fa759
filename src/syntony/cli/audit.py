"""``syntony audit``: the log of who saw, played, took out and changed what."""

from __future__ import annotations

from pathlib import Path

import click

STUDY = click.argument("study", type=click.Path(path_type=Path, file_okay=False))
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of accounts and audit log, as of `serve`.",
)


@click.group("audit")
def command() -> None:
    """The audit log of a study: verify, show, backup.

    Every line holds the hash of the line before it. The log lies in your own data folder, not
    in the study.

    \b
    Examples:
        syntony audit verify my-study
        syntony audit backup my-study logs/my-study.sqlite
    """


@command.command("verify")
@STUDY
@click.option(
    "--backup",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Every line of this backup must be there.",
)
@DATA
def verify(study: Path, backup: Path | None, data: Path | None) -> None:
    """Check every line; with a backup, also that none was cut off."""
    from syntony.app.audit import Audit

    count = Audit(_folder(study, data)).verify(backup)
    click.echo(f"{count} lines, the chain is whole.")


@command.command("show")
@STUDY
@click.option("--last", type=click.IntRange(min=1), default=50, show_default=True)
@DATA
def show(study: Path, last: int, data: Path | None) -> None:
    """Print the last lines: number, time, who, act, what, about, status."""
    from syntony.app.audit import Audit

    for line in list(Audit(_folder(study, data)).lines())[-last:]:
        said = (line.number, line.at, line.who, line.act, line.what, line.about, line.status)
        click.echo("\t".join(_printable(str(word)) for word in said))


@command.command("backup")
@STUDY
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@DATA
def backup(study: Path, target: Path, data: Path | None) -> None:
    """Copy the log, checked, to a new file."""
    from syntony.app.audit import Audit

    count = Audit(_folder(study, data)).backup(target)
    click.echo(f"{count} lines in {target}.")


def _folder(study: Path, data: Path | None) -> Path:
    from syntony.app.home import data_beside

    return data_beside(study, data)


def _printable(word: str) -> str:
    """A word in which nothing ends the line or moves the cursor."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in word)
