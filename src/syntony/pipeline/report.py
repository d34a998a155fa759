"""The verb ``report``: the pages again, from the Run folder alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from syntony.core.run import Run
from syntony.report.page import write_report


def report(
    run: Run | Path | str, *, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> Path:
    """Write the report of a run again; nothing is computed.

    Parameters
    ----------
    run : Run or path
        A Run folder.
    on_progress : callable, optional
        Called with (pages done, pages in all).

    Returns
    -------
    Path
        The page to open first.

    Raises
    ------
    FileError
        If the folder holds no run.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.report("no-such-run")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = run if isinstance(run, Run) else Run(Path(run))
    _ = opened.recipe  # says so where it is no run
    return write_report(opened.path, on_progress=on_progress)
