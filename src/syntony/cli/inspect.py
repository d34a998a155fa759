"""``syntony inspect``: what is in this file?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from syntony.io.inspecting import ChannelFound, Inspection, PartFound


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "format_", default="", help="Name of the reader.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(file: Path, format_: str, as_json: bool) -> None:
    """Say what FILE holds: devices, channels, kinds, rates, units, start, length, gaps, oddities.

    Nothing need be known of the file; what it leaves open and an import will ask is told.

    \b
    Examples:
        syntony inspect session.acq
        syntony inspect recordings/p01.edf --json
    """
    from syntony.io.inspecting import inspect_file

    found = inspect_file(file, format=format_)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=1))
    else:
        _print(found)


def _print(found: Inspection) -> None:
    """Tell in words."""
    click.echo(f"{found.path}: {found.title} ({found.format})")
    for part in found.parts:
        _print_part(part)
    for title, lines in (
        ("Will be asked:", found.asks),
        ("To look at:", [f"{n.text} [{n.code}]" for n in found.notes]),
    ):
        if lines:
            click.echo(f"\n{title}")
            for line in lines:
                click.echo(f"  - {line}")


def _print_part(part: PartFound) -> None:
    """Tell of one device or segment."""
    click.echo("")
    if part.name:
        click.echo(f"{part.option} {part.name}")
    if part.started_at is None:
        click.echo("Start: not in the file")
    else:
        zone = "" if part.started_at.tzinfo else " (no zone stated)"
        click.echo(f"Start: {part.started_at.isoformat(' ')}{zone}")
    head = ("channel", "kind", "unit", "Hz", "from s", "length s", "samples", "missing", "range")
    rows = [head, *(_row(c) for c in part.channels)]
    if len(rows) > 1:
        wide = [max(len(row[i]) for row in rows) for i in range(len(head))]
        for row in rows:
            cells = [
                c.ljust(w) if i < 3 else c.rjust(w)
                for i, (c, w) in enumerate(zip(row, wide, strict=True))
            ]
            click.echo("  " + "  ".join(cells).rstrip())
    for events in part.events:
        click.echo(f"  {events.count} x {events.kind}, {events.first_s:g} to {events.last_s:g} s")


def _row(c: ChannelFound) -> tuple[str, ...]:
    """One channel as cells."""
    missing = f"{c.missing:.1%}" + (f" in {c.gaps}" if c.gaps else "")
    return (
        c.label or "-",
        c.kind,
        c.unit or "?",
        _number(c.rate_hz),
        _number(c.start_s),
        _number(c.length_s),
        str(c.samples),
        missing if c.missing == c.missing else "?",
        f"{c.low:.4g} to {c.high:.4g}" if c.low == c.low else "?",
    )


def _number(value: float) -> str:
    """A number in short, or a question mark."""
    return f"{value:.6g}" if value == value else "?"
