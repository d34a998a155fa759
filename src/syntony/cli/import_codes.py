"""syntony import-codes: code files to a session of a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from syntony.core.errors import InputError


@click.command("import-codes")
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--study", required=True, type=click.Path(path_type=Path), help="Folder of the study."
)
@click.option("--session", required=True, help="Id of the session, such as d01s01.")
@click.option("--coder", default="", help="Who coded, where the file does not say.")
@click.option(
    "--person",
    "people",
    multiple=True,
    metavar="TIER=ID",
    help="Who a tier (or a person of the file) is: id or role, or dyad. Once for each.",
)
@click.option("--without", multiple=True, metavar="TIER", help="Tier to leave aside.")
@click.option("--observation", default="", help="Which one of a file that holds several.")
@click.option("--offset-s", type=float, default=0.0, help="Added to every time (s).")
@click.option("--format", "format_", default="", help="Name of the reader.")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="For the reader: see its page."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(
    sources: tuple[Path, ...],
    study: Path,
    session: str,
    coder: str,
    people: tuple[str, ...],
    without: tuple[str, ...],
    observation: str,
    offset_s: float,
    format_: str,
    options: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring code files (ELAN, BORIS, Praat, Datavyu, Noldus, tables ...) into a session.

    The codes come to the session clock as codes/SESSION_CODER.tsv; the originals are kept
    with their SHA-256, and nothing is written over. What the code book of the study does not
    know is said by file and line.

    \b
    Examples:
        syntony import-codes kim.eaf --study my-study --session d01s01 --coder kim \\
            --person CHI=d01patient --person FA1=therapist --without notes --dry-run
        syntony import-codes lab.boris --study my-study --session d01s01 --coder lee \\
            --observation 'pair 1' --offset-s -12.5
    """
    from syntony.pipeline.import_codes import import_codes

    plan = import_codes(
        sources,
        study,
        session=session,
        coder=coder,
        people=dict(_pair("--person", p) for p in people),
        without=without,
        observation=observation,
        offset_s=offset_s,
        format=format_,
        options={k: _value(k, v) for k, v in (_pair("--option", o) for o in options)},
        dry_run=dry_run,
    )
    click.echo(json.dumps(plan.to_json(), indent=1) if as_json else "\n".join(plan.lines))


def _pair(option: str, text: str) -> tuple[str, str]:
    """Two words around the last =, since tiers may hold one."""
    left, equals, right = (piece.strip() for piece in text.rpartition("="))
    if not (equals and left and right):
        raise InputError(option, text, "two words with = between them")
    return left, right


def _value(name: str, text: str) -> Any:
    """Value of a reader's option: a number where its name says seconds."""
    if not name.endswith("_s"):
        return text
    try:
        return float(text)
    except ValueError:
        raise InputError("--option", f"{name}={text}", "seconds, such as interval_s=10") from None
