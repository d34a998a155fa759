"""``syntony align``: how the clocks of a study lie, and laying them better."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syntony.cli.progress import progress

if TYPE_CHECKING:
    from syntony.pipeline.aligning import Aligned, Alignment


@click.command("align")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--session", default="", metavar="ID", help="This session only.")
@click.option("--markers", default="", metavar="KIND", help="Events that all devices marked.")
@click.option("--edges", default="", metavar="KIND", help="A trigger channel that all have.")
@click.option("--claps", default="", metavar="KIND", help="Sound or acceleration with claps.")
@click.option("--shared-signal", default="", metavar="KIND", help="Movement or sound all recorded.")
@click.option("--reference", default="", metavar="ROLE", help="Whose clock stays.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
    study: Path,
    session: str,
    markers: str,
    edges: str,
    claps: str,
    shared_signal: str,
    reference: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say how the clocks of a STUDY lie; lay them by what all devices caught.

    Without --markers, --edges, --claps or --shared-signal nothing is changed. Codes, ratings and
    videos stay where they are; what was done is kept in clocks/.

    \b
    Examples:
        syntony align my-study
        syntony align my-study --shared-signal acc_z --dry-run
        syntony align my-study --markers marker --session d01s03
    """
    from syntony.pipeline.aligning import align

    with progress("sessions") as on_progress:
        found = align(
            study,
            session=session,
            markers=markers,
            edges=edges,
            claps=claps,
            shared_signal=shared_signal,
            reference=reference,
            dry_run=dry_run,
            on_progress=on_progress,
        )
    if as_json:
        click.echo(json.dumps(_plain(found), indent=1))
    else:
        for line in _lines(found):
            click.echo(line)
    sys.exit(1 if any(r.state == "problem" for r in found.rows) else 0)


def _plain(found: Alignment) -> dict[str, object]:
    """For a program: null where nobody knows."""
    rows = [{k: None if v != v else v for k, v in asdict(r).items()} for r in found.rows]
    errors = {s: None if e != e else e for s, e in found.lag_errors_s.items()}
    return {"clocks": rows, "lag_errors_s": errors}


def _lines(found: Alignment) -> list[str]:
    """One line for a session, one for each person's clock."""
    lines = []
    for session, error in found.lag_errors_s.items():
        unsure = (
            f"lags finer than {error:.2g} s are not resolvable"
            if error == error and error > 0
            else "nothing is known of how far a lag can be trusted"
            if error != error
            else "one clock: lags are resolvable to the sample"
        )
        lines.append(f"{session}: {unsure}")
        rows = [r for r in found.rows if r.session == session]
        if rows[0].state == "problem":
            lines.append(f"  problem, left as it was: {rows[0].why}")
            continue
        lines += [f"  {_line(row)}" for row in rows]
    return lines


def _line(row: Aligned) -> str:
    """A person's clock in words."""
    error = "error unknown" if row.error_s != row.error_s else f"error {row.error_s:.3g} s"
    words = f"{row.person} ({row.role}): {row.source}, {error}"
    if row.state in ("moved", "would be moved"):
        pace = f", pace {row.drift_ppm:+.1f} ppm" if row.drift_ppm else ""
        words += f"; {row.state} by {row.moved_s:+.3f} s{pace}"
    return words
