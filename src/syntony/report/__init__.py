"""One page that explains itself, made from a Run folder and only from it.

The verb ``report`` and this room share a name, so the room itself can be called:
``sy.report(run)`` writes the pages of a run again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from syntony.core.run import Run


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
    from syntony.report.page import write_report

    opened = run if isinstance(run, Run) else Run(Path(run))
    _ = opened.recipe  # says so where it is no run
    return write_report(opened.path, on_progress=on_progress)


class _Verb(ModuleType):
    """A room that is also its verb."""

    __call__ = staticmethod(report)


sys.modules[__name__].__class__ = _Verb
