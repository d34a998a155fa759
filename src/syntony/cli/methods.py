"""``syntony methods``: what is offered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import click

WIDTH = 100


@click.command("methods")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the lists as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List methods, surrogates, features, formats, code books, questionnaires; or describe NAME.

    \b
    Examples:
        syntony methods
        syntony methods marci
    """
    from syntony.pipeline.offer import describe, methods

    if as_json:
        click.echo(json.dumps(methods(), indent=1, allow_nan=False))
        return
    if name is not None:
        click.echo(describe(name))
        return
    lists = methods()
    for line in _methods(lists.pop("methods")):
        click.echo(line)
    click.echo(describe())


def _methods(entries: list[dict[str, Any]]) -> Iterator[str]:
    """One table a family: question, delays, cost and chance of every method."""
    from syntony.synchrony.costs import measured

    wide = max(len(e["name"]) for e in entries)
    for family, members in groupby(entries, key=lambda e: str(e["family"])):
        yield f"\n{family.upper()}"
        yield from _table(list(members), wide)
    machine, pair = measured()["machine"], measured()["pair"]
    yield (
        f"\nCost: CPU time of one computation / of 999 surrogates, two people, "
        f"{pair['minutes']:g} min at {pair['rate_hz']:g} Hz,\non {machine['processor']}. "
        "Strangers: about what two independent signals give;\na run says it exactly. "
        "All of a method: syntony methods NAME.\n"
    )


def _table(members: list[dict[str, Any]], wide: int) -> list[str]:
    """Lines of a table of at most 100 columns, names in the first ``wide`` of them."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    from syntony.synchrony.costs import Cost, in_words

    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), header_style="")
    table.add_column("method", width=wide)
    table.add_column("question", width=WIDTH - wide - 42)
    table.add_column("delays", width=16)
    table.add_column("cost", width=9)
    table.add_column("strangers", width=9, justify="right")
    for entry in members:
        cost = in_words(None if entry["cost"] is None else Cost(**entry["cost"]))
        table.add_row(
            entry["name"],
            entry["question"],
            entry["lag_range"],
            cost.replace(" / ", "\n/ "),
            f"{float(entry['chance']):g}",
        )
    lines = StringIO()
    Console(file=lines, width=WIDTH, color_system=None, markup=False).print(table)
    return [line.rstrip() for line in lines.getvalue().rstrip().splitlines()]
