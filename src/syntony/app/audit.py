"""The audit log: who looked at, played, took out or changed what, in lines that hang together.

Every line holds the hash of the line before it, so a line that was changed, taken out or put in
is found; lines cut off at the end are found beside a backup. It names accounts by number and
sessions by their label in the study: no names of people.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from syntony.app.database import opened
from syntony.core.errors import FileError

FILE = "audit.sqlite"
FIRST = "0" * 64
_TABLES = """
CREATE TABLE IF NOT EXISTS log (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
    what TEXT NOT NULL, about TEXT NOT NULL, status INTEGER NOT NULL,
    previous TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the log.

    Attributes
    ----------
    number : int
        From 1, without gaps.
    at : str
        ISO 8601, UTC.
    who : str
        ``u3`` for the third account, ``local`` for the one person without accounts, ``shell``.
    act : str
        ``enter``, ``view``, ``play``, ``export``, ``edit``, ``work``, ``account``, or ``intent``
        before one of the last three.
    what : str
        Name of the route, or of the verb.
    about : str
        What it was about: ``session=d01s01``, ``run=first``.
    status : int
        HTTP status of the answer; 0 from the shell, and before there is an answer.
    previous, hash : str
        SHA-256 of the line before, and of this one.
    """

    number: int
    at: str
    who: str
    act: str
    what: str
    about: str
    status: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The log in a folder.

    Examples
    --------
    >>> import tempfile
    >>> audit = Audit(Path(tempfile.mkdtemp()))
    >>> audit.append("local", "view", "session", "session=d01s01", 200).number
    1
    >>> audit.verify()
    1
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def append(self, who: str, act: str, what: str, about: str = "", status: int = 0) -> Line:
        """Add a line; it is on the disk when this returns."""
        with opened(self.path, _TABLES) as held:
            last = held.execute(
                "SELECT number, hash FROM log ORDER BY number DESC LIMIT 1"
            ).fetchone()
            line = _sealed(
                number=last["number"] + 1 if last else 1,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                who=who,
                act=act,
                what=what,
                about=about,
                status=status,
                previous=last["hash"] if last else FIRST,
            )
            held.execute(
                "INSERT INTO log VALUES "
                "(:number, :at, :who, :act, :what, :about, :status, :previous, :hash)",
                asdict(line),
            )
        return line

    def lines(self) -> Iterator[Line]:
        """Every line, the oldest first."""
        if self.path.is_file():
            yield from _lines_of(self.path)

    def verify(self, backup: Path | None = None) -> int:
        """Hold every line to the one before it, and to a backup; give their number.

        Raises
        ------
        FileError
            Naming the first line that does not fit, or that the backup has and the log has not.
        """
        previous, number, kept = FIRST, 0, {}
        for line in self.lines():
            number += 1
            said = {k: v for k, v in asdict(line).items() if k != "hash"}
            whole = line.number == number and line.previous == previous
            if not whole or _sealed(**said) != line:
                raise FileError(
                    self.path,
                    f"a line that does not fit the one before it (number {line.number})",
                    "an unbroken chain",
                    "The log was changed. Compare it with a backup.",
                    line=number,
                )
            previous = kept[number] = line.hash
        if backup is not None:
            self._beside(backup, kept)
        return number

    def backup(self, target: Path) -> int:
        """Copy the log, checked, to a new file; give the number of lines.

        Raises
        ------
        FileError
            If the target is there already, or the log is broken.
        """
        count = self.verify()
        if target.exists():
            raise FileError(target, "a file that is there", "a new file", "Name another.")
        if not self.path.is_file():
            raise FileError(self.path, "no log", "a study that was served", "Nothing to copy.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path)) as ours, closing(sqlite3.connect(target)) as copy:
            ours.backup(copy)
        target.chmod(0o600)
        return count

    def _beside(self, backup: Path, kept: dict[int, str]) -> None:
        """Refuse a log that lacks a line of its backup, or has another in its place."""
        if not backup.is_file():
            raise FileError(backup, "no such file", "a backup of the log", "Check the path.")
        for line in _lines_of(backup):
            if kept.get(line.number) != line.hash:
                found = "another line" if line.number in kept else "no line"
                raise FileError(
                    self.path,
                    f"{found} in place of number {line.number} of the backup",
                    "every line of the backup",
                    "The log was changed or cut after the backup.",
                )


def _lines_of(path: Path) -> Iterator[Line]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as held:
            held.row_factory = sqlite3.Row
            for row in held.execute("SELECT * FROM log ORDER BY number"):
                yield Line(**dict(row))
    except sqlite3.DatabaseError as error:
        raise FileError(path, str(error), "an audit log (SQLite)") from error


def _sealed(
    *,
    number: int,
    at: str,
    who: str,
    act: str,
    what: str,
    about: str,
    status: int,
    previous: str,
) -> Line:
    """A line with its hash, over everything in it."""
    said = [number, at, who, act, what, about, status, previous]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return Line(
        number=number,
        at=at,
        who=who,
        act=act,
        what=what,
        about=about,
        status=status,
        previous=previous,
        hash=hashlib.sha256(text.encode()).hexdigest(),
    )
