"""syntony record: people recorded over LSL into a study."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syntony.core.errors import InputError

if TYPE_CHECKING:
    from syntony.live.alarms import Alarm
    from syntony.live.recorder import Recorder
    from syntony.pipeline.recording import Recorded

STREAM = "ROLE=STREAM"


@click.command("record")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--session", default="", help="Label of the session.")
@click.option(
    "--person",
    "people",
    multiple=True,
    metavar=STREAM,
    help="By name or source id; or strap:ADDRESS, board:NUMBER/KINDS.",
)
@click.option("--seconds", type=click.FloatRange(min=0.1), help="How long; without it: until q.")
@click.option("--dyad", default="", help="Label of the dyad; without it that of the session.")
@click.option("--type", "kind_of_session", default="", help="Type of the session.")
@click.option("--unit", "units", multiple=True, metavar="LABEL=UNIT", help="Where none is said.")
@click.option("--wait", "wait_s", default=10.0, show_default=True, help="For streams (s).")
@click.option("--peer", "peers", multiple=True, help="Another machine of the lab, by address.")
@click.option("--lsl-session", default="", help="Id that senders share; without it a random one.")
@click.option("--remote-start", is_flag=True, help="Begin when 'syntony control' says start.")
@click.option("--id", "ids", multiple=True, metavar="ROLE=ID", help="Of people known already.")
@click.option(
    "--mended",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File this XDF into the study instead of recording.",
)
@click.option("--dry-run", is_flag=True, help="List the streams that answer; record nothing.")
def command(
    study: Path,
    session: str,
    people: tuple[str, ...],
    seconds: float | None,
    dyad: str,
    kind_of_session: str,
    units: tuple[str, ...],
    wait_s: float,
    peers: tuple[str, ...],
    lsl_session: str,
    remote_start: bool,
    ids: tuple[str, ...],
    mended: Path | None,
    dry_run: bool,
) -> None:
    """Record two or more people at once into a session of STUDY.

    Every sample goes to the disk as it comes. Keys while recording: digits are markers, p pauses,
    r resumes, q ends. Which streams are whose is remembered for the next session.

    \b
    Examples:
        syntony record my-study --dry-run --lsl-session lab1
        syntony record my-study --session d01s03 --lsl-session lab1 \\
            --person patient=EDA-7 --person therapist=EDA-9
        syntony record my-study --session d01s04 \\
            --person patient=strap:A0:9E:1A:00:00:01 --person therapist=board:synthetic/eda
    """
    from syntony.live.network import WARNING, keep_to_this_machine

    told: dict[str, Any] = {
        "people": _by_role(people),
        "dyad": dyad,
        "type": kind_of_session,
        "units": dict(_pair("--unit", u) for u in units),
        "ids": dict(_pair("--id", i) for i in ids),
    }
    if not (session or dry_run):
        raise InputError("--session", session, "the label of the session")
    if mended is not None:
        from syntony.pipeline.recording import file_recording

        _say(file_recording(study, mended, session, **told))
        return
    click.echo(f"Note: {WARNING}", err=True)
    given = keep_to_this_machine(session_id=lsl_session, peers=peers)
    click.echo(f"LSL session id: {given}", err=True)
    if dry_run:
        _list(wait_s)
        return
    more = {"seconds": seconds, "wait_s": wait_s, "remote_start": remote_start}
    _record(study, session=session, **told, **more)


def _record(study: Path, **options: Any) -> None:
    """Record, showing how it goes; then say where it lies."""
    from syntony.live.markers import Keyboard
    from syntony.pipeline.recording import record

    stop = threading.Event()
    with (
        _shown(stop) as (on_start, on_alarm, keys),
        Keyboard(lambda words: keys[0](words) if keys else None),
    ):
        done = record(study, stop=stop, on_start=on_start, on_alarm=on_alarm, **options)
    _say(done)


def _say(done: Recorded) -> None:
    """Say what was recorded, and where it lies."""
    for name, count in done.samples.items():
        click.echo(f"{name}: {count:,} samples")
    for note in done.notes:
        click.echo(f"Note ({note.code}): {note.text}")
    click.echo(f"{done.path}  sha256 {done.sha256}")


class _shown:  # noqa: N801  reads as a claim where it is used
    """Shows the recorder on a terminal; in a pipe only its alarms, a line each."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._keys: list[Callable[[str], object]] = []
        self._alarms: list[str] = []
        self._thread: threading.Thread | None = None

    def __enter__(self) -> tuple[Any, Any, list[Callable[[str], object]]]:
        return self._start, self._alarm, self._keys

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self, recorder: Recorder, do: Callable[[str], object]) -> None:
        self._keys.append(do)
        click.echo("Recording.", err=True)
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._show, args=(recorder,), daemon=True)
            self._thread.start()

    def _alarm(self, alarm: Alarm) -> None:
        self._alarms.append(f"{time.strftime('%H:%M:%S')} {alarm.words}")
        if self._thread is None:
            click.echo(self._alarms[-1], err=True)

    def _show(self, recorder: Recorder) -> None:
        """Draw the table twice a second; a slow terminal drops pictures, never samples."""
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(stderr=True), auto_refresh=False) as live:
            while not self._stop.wait(0.5):
                live.update(_table(recorder, self._alarms[-5:]), refresh=True)


def _table(recorder: Recorder, alarms: Sequence[str]) -> Any:
    """How every stream is doing, and the last alarms."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title="paused" if recorder.is_paused else "recording", title_justify="left")
    table.add_column("stream")
    for name in ("samples", "rate Hz", "of", "last s ago", "clock offset s", "grows ppm"):
        table.add_column(name, justify="right")
    table.add_column("alarms", style="red")
    for s in recorder.state():
        table.add_row(
            s.name,
            f"{s.samples:,}",
            f"{s.rate_hz:.1f}",
            f"{s.nominal_rate_hz:g}",
            f"{s.age_s:.1f}",
            f"{s.offset_s:.4f}",
            f"{s.growth_ppm:.1f}",
            " ".join(s.alarms),
        )
    keys = "digits: markers   p: pause   r: resume   q: end"
    return Group(table, *[Text(line, style="red") for line in alarms], Text(keys, style="dim"))


def _list(wait_s: float) -> None:
    """Print the streams that answer, and the straps that are worn."""
    from syntony.live.devices import find_straps
    from syntony.live.streams import find_streams

    found = find_streams(min(wait_s, 3.0))
    for stream in found:
        click.echo(stream.words)
    if not found:
        click.echo("No streams answer. Do the senders share the LSL session id?")
    for strap in find_straps(min(wait_s, 4.0)):
        click.echo(f"{strap.name} [{strap.hostname or 'a strap without a name'}], Bluetooth")


def _by_role(given: Sequence[str]) -> dict[str, list[str]] | None:
    """Gather ``role=stream`` by role; None where nothing was said."""
    out: dict[str, list[str]] = {}
    for text in given:
        role, stream = _pair("--person", text)
        out.setdefault(role, []).append(stream)
    return out or None


def _pair(option: str, text: str) -> tuple[str, str]:
    left, equals, right = (piece.strip() for piece in text.partition("="))
    if not (equals and left and right):
        raise InputError(option, text, "two words with = between them")
    return left, right
