"""syntony import: sensor files to a study."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syntony.core.errors import InputError

if TYPE_CHECKING:
    from syntony.pipeline.import_plan import ImportPlan

ANY = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=ANY, metavar="SOURCE...")
@click.option("--study", required=True, type=ANY, help="Folder of the study; made if not there.")
@click.option("--pattern", default="", help="Of file names: '{dyad}_{session}_{role}.csv'.")
@click.option("--map-file", type=FILE, help="Table naming every file instead of a pattern.")
@click.option(
    "--map",
    "values",
    nargs=2,
    multiple=True,
    metavar="FIELD SHORT=LONG",
    help="What a short form in names means: --map role k=woman,m=man.",
)
@click.option("--type", "kind_of_session", default="", help="Type of all sessions.")
@click.option("--role", "roles", multiple=True, help="Role of a new study; once for each.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="[ROLE=]NAME",
    help="Column to read; with ROLE= for files that hold several people.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="[ROLE.]OPTION=VALUE",
    help="Any option of the reader: --set 'channels=GSR=eda,ECG=ecg' --set units=GSR=kOhm",
)
@click.option("--time-column", default="", help="Column of times.")
@click.option("--kind", default="", help="What was measured: eda, ecg, rr, ...")
@click.option("--unit", default="", help="Its unit: uS, mV, ms, 1, ...")
@click.option("--rate-hz", type=float, help="Samples per second.")
@click.option("--format", "format_", default="", help="Name of the reader.")
@click.option(
    "--offset-s",
    "offsets",
    multiple=True,
    metavar="ROLE=S",
    help="Where that recording begins (s).",
)
@click.option("--together", is_flag=True, help="Recordings without stamps began at once.")
@click.option("--markers", default="", help="Kind of events marked by all devices.")
@click.option("--edges", default="", help="Kind of a trigger channel that all devices have.")
@click.option("--claps", default="", help="Kind of sound or acceleration in which all hear claps.")
@click.option("--shared-signal", default="", help="Kind of a movement or sound all recorded.")
@click.option(
    "--latency-s",
    "latencies",
    multiple=True,
    metavar="ROLE=S",
    help="How late that device stamps what it measures (s).",
)
@click.option("--zone", default="", help="Of stamps that name none: Europe/Warsaw.")
@click.option("--title", default="", help="Of a new study.")
@click.option("--leave-out-problems", is_flag=True, help="Import the sound sessions all the same.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(
    sources: tuple[Path, ...],
    study: Path,
    pattern: str,
    map_file: Path | None,
    values: tuple[tuple[str, str], ...],
    kind_of_session: str,
    roles: tuple[str, ...],
    columns: tuple[str, ...],
    settings: tuple[str, ...],
    time_column: str,
    kind: str,
    unit: str,
    rate_hz: float | None,
    format_: str,
    offsets: tuple[str, ...],
    together: bool,
    markers: str,
    edges: str,
    claps: str,
    shared_signal: str,
    latencies: tuple[str, ...],
    zone: str,
    title: str,
    leave_out_problems: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring recordings of two or more people into a study.

    Every SOURCE is a file or a folder that is searched. The plan is shown first; originals are
    kept with their SHA-256, and nothing is written over. An interrupted import is continued
    by the same command.

    \b
    Examples:
        syntony import recordings --study my-study --pattern '{dyad}_{session}_{role}.csv' \\
            --kind eda --unit uS --rate-hz 4 --dry-run
        syntony import mea --study my-study --pattern '{type}/{dyad}_{session}.txt' \\
            --column patient=pat --column therapist=th --kind motion --unit 1 --rate-hz 25
    """
    from syntony.pipeline.importing import import_files

    plan = import_files(
        sources,
        study,
        pattern=pattern,
        map_file=map_file,
        values=_values(values),
        type=kind_of_session,
        roles=roles,
        columns=dict(_pair("column", c) for c in columns if "=" in c),
        column=_single("column", [c for c in columns if "=" not in c]),
        settings=dict(_pair("set", s) for s in settings),
        time_column=time_column,
        kind=kind,
        unit=unit,
        rate_hz=rate_hz,
        format=format_,
        offsets_s={role: _seconds(role, s) for role, s in (_pair("offset-s", o) for o in offsets)},
        together=together,
        markers=markers,
        edges=edges,
        claps=claps,
        shared_signal=shared_signal,
        latencies_s={
            role: _seconds(role, s) for role, s in (_pair("latency-s", o) for o in latencies)
        },
        zone=zone,
        title=title,
        leave_out_problems=leave_out_problems,
        dry_run=dry_run,
        on_plan=(lambda plan: None) if as_json else _show,
        on_progress=_progress(as_json),
    )
    if as_json:
        click.echo(json.dumps(plan.to_json(), indent=1))
    elif plan.done:
        click.echo(plan.summary[-1])
    if plan.having("problem"):
        raise click.exceptions.Exit(1)


def _show(plan: ImportPlan) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 140).print(plan)


def _progress(silent: bool) -> Callable[[int, int], None]:
    """Count on a terminal, nothing in a pipe."""
    if silent or not sys.stderr.isatty():
        return lambda done, total: None
    return lambda done, total: click.echo(
        f"\r{done} of {total} sessions", err=True, nl=done == total
    )


def _values(given: Sequence[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Gather ``role k=woman,m=man`` and its like by field."""
    out: dict[str, dict[str, str]] = {}
    for name, pairs in given:
        out.setdefault(name, {}).update(_pair("map", p) for p in pairs.split(","))
    return out


def _pair(option: str, text: str) -> tuple[str, str]:
    left, equals, right = (piece.strip() for piece in text.partition("="))
    if not (equals and left and right):
        raise InputError(f"--{option}", text, "two words with = between them")
    return left, right


def _single(option: str, given: Sequence[str]) -> str:
    if len(given) > 1:
        raise InputError(f"--{option}", list(given), "one, or ROLE=NAME for each role")
    return given[0] if given else ""


def _seconds(role: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError("--offset-s", f"{role}={text}", "seconds, such as patient=2.5") from None
