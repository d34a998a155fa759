"""What a process of its own does: one piece of long work, within bounds, and says how it went.

Nothing of the server is imported here: every such process would pay for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from syntony.app.discreet import place_of
from syntony.core.errors import SyntonyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a process may use; None: as much as there is."""

    memory_bytes: int | None = None
    cpu_s: int | None = None
    wall_s: float | None = None


def work_apart(
    theirs: Connection, work: Callable[..., Any], arguments: dict[str, Any], bounds: Bounds
) -> None:
    """What the process does: work, and say how it went."""
    with contextlib.suppress(AttributeError, PermissionError):
        os.setsid()  # a group of its own, so that all of it can be ended
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server begun with & ignores it
    _bind(bounds)

    def on_progress(done: int, total: int) -> None:
        theirs.send(("progress", int(done), int(total)))

    try:
        said = ("end", "finished", "", "", work(on_progress=on_progress, **arguments))
    except KeyboardInterrupt:
        said = ("end", "stopped", "", "", None)
    except MemoryError:
        said = ("end", "failed", "It needs more memory than it may use.", "", None)
    except (SyntonyError, OSError) as error:
        said = ("end", "failed", str(error), str(getattr(error, "field", "")), None)
    except Exception as error:  # its own words may hold names: only kind and place are told
        said = ("end", "failed", f"An error in the program: {place_of(error)}.", "", None)
    theirs.send(said)
    theirs.close()


def _bind(bounds: Bounds) -> None:
    """Limit memory and CPU time of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the time limit remains
        return
    if bounds.memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory_bytes, bounds.memory_bytes))
    if bounds.cpu_s is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_s, bounds.cpu_s + 5))
