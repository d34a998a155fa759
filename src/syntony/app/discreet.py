"""What may stand in a log: the kind of an error and where it was raised, never its words."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path


def place_of(error: BaseException) -> str:
    """Kind of an error, and the file and line that raised it.

    Examples
    --------
    >>> place_of(ValueError("a name"))
    'ValueError'
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


class Discreet(logging.Filter):
    """Takes the words and the trace of an error out of a log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every line, with less in it."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"An error in the program: {place_of(error)}.", ()
            record.exc_info = record.exc_text = None
        return True
