"""syntony import-answers: exported answers to a questionnaire's table of a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from syntony.core.errors import InputError


@click.command("import-answers")
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--study", required=True, type=click.Path(path_type=Path), help="Folder of the study."
)
@click.option("--instrument", required=True, help="Questionnaire: on the list, or the study's own.")
@click.option(
    "--person", required=True, help="Who answered: '{column}', an id or a role of the session."
)
@click.option("--session", default="", help="Which session: '{column}'. Without it: all of them.")
@click.option("--about", default="", help="Whom it is about: '{column}', other, self.")
@click.option(
    "--map", "maps", multiple=True, metavar="COLUMN=ITEM", help="A star stands for a number."
)
@click.option(
    "--suffix",
    "suffixes",
    multiple=True,
    metavar="_f=ROLE",
    help="Rows hold a couple: what the columns of a role end with.",
)
@click.option(
    "--value",
    "meanings",
    multiple=True,
    metavar="COLUMN:TEXT=ID",
    help="What a cell means in --person, --session, --about.",
)
@click.option(
    "--choice", "choices", multiple=True, metavar="TEXT=NUMBER", help="What an answer counts as."
)
@click.option("--missing", multiple=True, metavar="TEXT", help="A cell that means no answer.")
@click.option("--rated-at", default="", metavar="COLUMN", help="When it was filled in.")
@click.option("--zone", default="", help="Time zone of those stamps.")
@click.option(
    "--dictionary", type=click.Path(path_type=Path), help="Data dictionary of REDCap, for labels."
)
@click.option("--format", "format_", default="", help="qualtrics, redcap or plain.")
@click.option("--leave-out-strangers", is_flag=True, help="Leave aside who is not of the study.")
@click.option("--new", is_flag=True, help="Add sessions and people; a study without recordings.")
@click.option("--role-of", "role", default="", help="Role of a new person: '{column}'.")
@click.option("--dyad", default="", help="Dyad of a new session: '{column}'.")
@click.option("--number", default="", help="Number of a new session: '{column}'.")
@click.option("--role", "roles", multiple=True, help="Roles of a study that is made, in order.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(
    source: Path,
    study: Path,
    maps: tuple[str, ...],
    suffixes: tuple[str, ...],
    meanings: tuple[str, ...],
    choices: tuple[str, ...],
    format_: str,
    as_json: bool,
    **rest: Any,
) -> None:
    """Bring exported answers (Qualtrics, REDCap, tables) into a study.

    The answers come to phenotype/INSTRUMENT.tsv; the export is kept with its SHA-256, and
    nothing is written over. An answer off the scale is named by line and column.

    \b
    Examples:
        syntony import-answers survey.csv --study my-study --instrument blri_eu \\
            --map 'Q5_*=eu*' --person '{participant}' --session '{session}' --about other --dry-run
        syntony import-answers couples.csv --study couples --instrument ims --new \\
            --suffix _f=woman --suffix _m=man --role woman --role man \\
            --map 'sat.g*=sat*' --map 'com*=com*' --session 'c{row:03}' --person 'c{row:03}{role}'
    """
    from syntony.pipeline.import_answers import import_answers

    meant: dict[str, dict[str, str]] = {}
    for text in meanings:
        place, means = _pair("--value", text)
        column, colon, cell = place.partition(":")
        if not colon:
            raise InputError("--value", text, "COLUMN:TEXT=ID")
        meant.setdefault(column, {})[cell] = means
    plan = import_answers(
        source,
        study,
        map=dict(_pair("--map", m) for m in maps),
        suffixes=dict(_pair("--suffix", s) for s in suffixes),
        values=meant,
        choices={k: _number(k, v) for k, v in (_pair("--choice", c) for c in choices)},
        format=format_,
        **rest,
    )
    click.echo(json.dumps(plan.to_json(), indent=1) if as_json else "\n".join(plan.lines))


def _pair(option: str, text: str) -> tuple[str, str]:
    """Two words around the last =."""
    left, equals, right = (piece.strip() for piece in text.rpartition("="))
    if not (equals and left and right):
        raise InputError(option, text, "two words with = between them")
    return left, right


def _number(name: str, text: str) -> float:
    """What a choice counts as."""
    try:
        return float(text)
    except ValueError:
        raise InputError("--choice", f"{name}={text}", "a number after the =") from None
