"""A progress bar on a terminal, nothing in a pipe; a stop that is asked for is not lost."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Watch = Callable[[int, int], None]


@contextmanager
def progress(what: str) -> Iterator[Watch]:
    """Give the callback that a verb of Python takes as ``on_progress``."""
    with _interruptible() as stop_if_asked, _bar(what) as show:

        def watch(done: int, total: int) -> None:
            stop_if_asked()
            show(done, total)

        yield watch


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Give a callback that stops where an interrupt was asked for.

    Python drops an interrupt that arrives inside a callback from C, such as the collection of
    garbage; without this the run would go on to its end.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: None
        return
    asked = threading.Event()

    def remember(number: int, frame: FrameType | None) -> None:
        asked.set()
        before(number, frame)

    def stop_if_asked() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, remember)
    try:
        yield stop_if_asked
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(what: str) -> Iterator[Watch]:
    """Show a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
