"""Accounts of a study that several people share: kept outside it, passwords as Argon2id."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from syntony.app.database import opened
from syntony.app.visitors import ALONE, CODER, OWNER, ROLES, Visitor
from syntony.core.errors import InputError
from syntony.core.rated import NAME_HELD, SELF, is_name
from syntony.io.codes.kept import PHASES

FILE = "accounts.sqlite"
SHORTEST = 12
LONGEST = 256
TRIES, WITHIN_S = 5, 900.0
AT_ONCE = 2
"""So many passwords are checked at the same time: each takes 64 MB and a core."""
_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
    hash TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1, made_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS assigned (
    account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    session TEXT NOT NULL, PRIMARY KEY (account, session)
);
CREATE TABLE IF NOT EXISTS once (
    account INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE
);
"""
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """Draw a password that is good for one log-in, of letters that nobody mistakes.

    Examples
    --------
    >>> len(one_time_password())
    19
    """
    return "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is shown: never with what its password gave.

    ``once``: its password was given out by another person and is good for one log-in.
    """

    id: int
    name: str
    role: str
    made_at: str
    sessions: tuple[str, ...] = ()
    once: bool = False

    @property
    def visitor(self) -> Visitor:
        """The person behind it, as the guard knows them."""
        return Visitor(
            name=self.name, role=self.role, sessions=frozenset(self.sessions), id=f"u{self.id}"
        )


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts in a folder.

    Examples
    --------
    >>> import tempfile
    >>> accounts = Accounts(Path(tempfile.mkdtemp()))
    >>> accounts.add("mira", "reader", "a long enough password").role
    'reader'
    >>> accounts.check("mira", "a wrong password") is None
    True
    """

    folder: Path

    def __bool__(self) -> bool:
        """Whether there is any account."""
        if not (self.folder / FILE).is_file():
            return False
        with opened(self.folder / FILE, _TABLES, to_read=True) as held:
            return held.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is not None

    def all(self) -> list[Account]:
        """Every account, by name."""
        if not (self.folder / FILE).is_file():
            return []
        with opened(self.folder / FILE, _TABLES, to_read=True) as held:
            rows = held.execute("SELECT id, name, role, made_at FROM accounts ORDER BY name")
            found = [Account(**dict(row)) for row in rows]
            return [_completed(held, account) for account in found]

    def find(self, name: str) -> tuple[Account, int] | None:
        """One account and the version of its password; None where there is none."""
        if not (self.folder / FILE).is_file():
            return None
        with opened(self.folder / FILE, _TABLES, to_read=True) as held:
            row = held.execute(
                "SELECT id, name, role, made_at, version FROM accounts WHERE name = ?", (name,)
            ).fetchone()
            if row is None:
                return None
            said = dict(row)
            version = int(said.pop("version"))
            return _completed(held, Account(**said)), version

    def of_number(self, number: str) -> Account:
        """One account by what the audit log calls it, such as ``u3``.

        Raises
        ------
        InputError
            If there is none.
        """
        everybody = {a.visitor.id: a for a in self.all()}
        if number not in everybody:
            raise InputError("account", number, f"one of {list(everybody)}")
        return everybody[number]

    def add(self, name: str, role: str, password: str, *, once: bool = False) -> Account:
        """Make an account; with ``once`` its password is good for one log-in.

        Raises
        ------
        InputError
            If the name is taken or no word, the role unknown, the password too short.
        """
        if not is_name(name) or name in (ALONE, SELF, PHASES):  # under it a coder codes and rates
            raise InputError("name", name, NAME_HELD)
        if role not in ROLES:
            raise InputError("role", role, f"one of {list(ROLES)}")
        if self.find(name) is not None:
            raise InputError("name", name, "a name that is not taken")
        hashed = _hash(password)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        with opened(self.folder / FILE, _TABLES) as held:
            held.execute(
                "INSERT INTO accounts (name, role, hash, made_at) VALUES (?, ?, ?, ?)",
                (name, role, hashed, made_at),
            )
            _mark_once(held, name, once)
        return self._known(name)

    def set_role(self, name: str, role: str) -> Account:
        """Give an account another role; it counts at its next request.

        Raises
        ------
        InputError
            If there is no such account or role, or it is the last owner among several accounts.
        """
        account = self._known(name)
        if role not in ROLES:
            raise InputError("role", role, f"one of {list(ROLES)}")
        if role != OWNER:
            self._refuse_last_owner(account, "role")
        with opened(self.folder / FILE, _TABLES) as held:
            held.execute("UPDATE accounts SET role = ? WHERE id = ?", (role, account.id))
            if role != CODER:
                held.execute("DELETE FROM assigned WHERE account = ?", (account.id,))
        return self._known(name)

    def set_password(self, name: str, password: str, *, once: bool = False) -> Account:
        """Give an account another password; whoever is logged in by it is logged off."""
        account, hashed = self._known(name), _hash(password)
        with opened(self.folder / FILE, _TABLES) as held:
            held.execute(
                "UPDATE accounts SET hash = ?, version = version + 1 WHERE id = ?",
                (hashed, account.id),
            )
            _mark_once(held, name, once)
        return self._known(name)

    def remove(self, name: str) -> Account:
        """Take an account away; its lines in the audit log stay.

        Raises
        ------
        InputError
            If there is no such account, or it is the last owner among several accounts.
        """
        account = self._known(name)
        self._refuse_last_owner(account, "name")
        with opened(self.folder / FILE, _TABLES) as held:
            held.execute("DELETE FROM accounts WHERE id = ?", (account.id,))
        return account

    def assign(self, name: str, sessions: Iterable[str]) -> Account:
        """Let a coder see exactly these sessions.

        Raises
        ------
        InputError
            If there is no such account, or it is no coder's.
        """
        account = self._known(name)
        if account.role != CODER:
            raise InputError("name", name, "a coder; the other roles see every session")
        with opened(self.folder / FILE, _TABLES) as held:
            held.execute("DELETE FROM assigned WHERE account = ?", (account.id,))
            held.executemany(
                "INSERT INTO assigned (account, session) VALUES (?, ?)",
                [(account.id, s) for s in dict.fromkeys(sessions)],
            )
        return self._known(name)

    def check(self, name: str, password: str) -> tuple[Account, int] | None:
        """The account and its version if the password is right; as slow where there is none."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        hasher = PasswordHasher()
        found = self.find(name)
        hashed = _nobody()
        if found is not None:
            with opened(self.folder / FILE, _TABLES, to_read=True) as held:
                row = held.execute("SELECT hash FROM accounts WHERE id = ?", (found[0].id,))
                hashed = str(row.fetchone()["hash"])
        try:
            hasher.verify(hashed, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return None
        return found

    def _refuse_last_owner(self, account: Account, field: str) -> None:
        everybody = self.all()
        owners = [a for a in everybody if a.role == OWNER]
        if [a.id for a in owners] == [account.id] and len(everybody) > 1:
            hint = "Make another owner first."
            raise InputError(field, account.name, "not the last owner", hint)

    def _known(self, name: str) -> Account:
        found = self.find(name)
        if found is None:
            raise InputError("name", name, f"one of {[a.name for a in self.all()]}")
        return found[0]


def _completed(held: sqlite3.Connection, account: Account) -> Account:
    """An account with its sessions, and whether its password is good for one log-in."""
    rows = held.execute(
        "SELECT session FROM assigned WHERE account = ? ORDER BY session", (account.id,)
    )
    sessions = tuple(str(r["session"]) for r in rows)
    once = held.execute("SELECT 1 FROM once WHERE account = ?", (account.id,)).fetchone()
    return replace(account, sessions=sessions, once=once is not None)


def _mark_once(held: sqlite3.Connection, name: str, once: bool) -> None:
    """Keep whether the password that was just set is good for one log-in."""
    account = "SELECT id FROM accounts WHERE name = ?"
    if once:
        held.execute(f"INSERT OR IGNORE INTO once {account}", (name,))
    else:
        held.execute(f"DELETE FROM once WHERE account = ({account})", (name,))


def _hash(password: str) -> str:
    from argon2 import PasswordHasher

    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(
            "password", f"{len(password)} characters", f"{SHORTEST} to {LONGEST} characters"
        )
    return PasswordHasher().hash(password)


@cache
def _nobody() -> str:
    """A hash of nothing that is known, so that an unknown name takes as long as a known one."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_hex(16))


@dataclass
class Attempts:
    """Failed log-ins, by name and by address: too many, and the door stays shut for a while."""

    clock: Callable[[], float] = time.monotonic
    tries: int = TRIES
    within_s: float = WITHIN_S
    _failed: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *keys: str) -> float:
        """Count a try before it is made; seconds to wait where it may not be, and 0 where it may.

        Tries made at the same time are each counted before any is judged.
        """
        now = self.clock()
        with self._lock:
            self._forget(now)
            full = [f for k in keys if len(f := self._failed.get(k, [])) >= self.tries]
            if not full:
                for key in keys:
                    self._failed.setdefault(key, []).append(now)
        return max((f[-self.tries] + self.within_s - now for f in full), default=0.0)

    def undo(self, *keys: str) -> None:
        """Take the count of one try back: it was a good one."""
        with self._lock:
            for key in keys:
                del self._failed.get(key, [])[-1:]

    def worked(self, *keys: str) -> None:
        """Forget the failed tries after one that worked."""
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)

    def _forget(self, now: float) -> None:
        for key, times in list(self._failed.items()):
            left = [t for t in times if now - t < self.within_s]
            if left:
                self._failed[key] = left
            else:
                del self._failed[key]
