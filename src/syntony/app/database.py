"""SQLite files of the app, outside the study: readable by their owner only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 2.0


@contextmanager
def opened(path: Path, tables: str, *, to_read: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a database in a transaction of its own; made, with its tables, where not there.

    It is committed when the block ends, and undone when it raises. One ``to_read`` keeps nobody
    from writing.

    Raises
    ------
    sqlite3.OperationalError
        If another program holds it for longer than ``PATIENCE_S``.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(tables)
        connection.execute("BEGIN" if to_read else "BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.close()
