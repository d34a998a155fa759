"""syntony import-ratings: continuous ratings to a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from syntony.core.errors import InputError


@click.command("import-ratings")
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--study", required=True, type=click.Path(path_type=Path), help="Folder of the study."
)
@click.option("--what", required=True, help="What was rated, such as valence.")
@click.option(
    "--rater", default="self", show_default=True, help="self, a role, or an outside rater's name."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="WHAT=NAME",
    help="Column of a long table: role, value, time, dyad, session, person, rater. Once for each.",
)
@click.option(
    "--map",
    "cells",
    multiple=True,
    metavar="CELL=ROLE",
    help="What a cell of the column role means. Once for each; the first is first of a pair.",
)
@click.option("--session", default="", help="Without --column: id of the session.")
@click.option("--about", default="", help="Without --column: id or role of the person rated.")
@click.option("--time-unit-s", type=float, default=1.0, help="Seconds of one unit of time.")
@click.option("--offset-s", type=float, default=0.0, help="Added to every time (s).")
@click.option("--unit", default="1", help="Unit of the values; 1: points of a scale.")
@click.option(
    "--clock-error-s",
    type=float,
    default=None,
    help="Of a new study (s): 0 where both rated one video. Without it no leader is named.",
)
@click.option("--type", "type_", default="", help="Type of the sessions of a new study.")
@click.option("--title", default="", help="Title of a new study.")
@click.option("--format", "format_", default="", help="Without --column: name of the reader.")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="For the reader: see its page."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(
    sources: tuple[Path, ...],
    study: Path,
    what: str,
    rater: str,
    columns: tuple[str, ...],
    cells: tuple[str, ...],
    session: str,
    about: str,
    time_unit_s: float,
    offset_s: float,
    unit: str,
    clock_error_s: float | None,
    type_: str,
    title: str,
    format_: str,
    options: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring continuous ratings (dials, joysticks, CARMA) into a study.

    A rating lies in the study as a signal of the person it is about, of the kind
    WHAT_by_RATER. Originals are kept with their SHA-256, and nothing is written over.

    \b
    Examples:
        syntony import-ratings dials.csv --study couples --what valence --column dyad=couple \\
            --column person=person --column role=female --column value=dial \\
            --column time=time --map 1=woman --map 0=man --time-unit-s 2 --offset-s -2 \\
            --clock-error-s 0
        syntony import-ratings d01.csv --study my-study --session d01s01 --about patient \\
            --rater therapist --what valence
    """
    from syntony.pipeline.import_ratings import import_ratings

    plan = import_ratings(
        sources,
        study,
        what=what,
        rater=rater,
        columns=dict(_pair("--column", c) for c in columns),
        values=dict(_pair("--map", c) for c in cells),
        session=session,
        about=about,
        time_unit_s=time_unit_s,
        offset_s=offset_s,
        unit=unit,
        clock_error_s=clock_error_s,
        type=type_,
        title=title,
        format=format_,
        options={k: _value(k, v) for k, v in (_pair("--option", o) for o in options)},
        dry_run=dry_run,
    )
    click.echo(json.dumps(plan.to_json(), indent=1) if as_json else "\n".join(plan.lines))


def _pair(option: str, text: str) -> tuple[str, str]:
    """Two words around the first =."""
    left, equals, right = (piece.strip() for piece in text.partition("="))
    if not (equals and left and right):
        raise InputError(option, text, "two words with = between them")
    return left, right


def _value(name: str, text: str) -> Any:
    """Value of a reader's option: a number where its name says seconds or hertz."""
    if not name.endswith(("_s", "_hz")):
        return text
    try:
        return float(text)
    except ValueError:
        raise InputError("--option", f"{name}={text}", "a number, such as rate_hz=2") from None
