"""Who is asking: visitors by the cookie of their browser, kept in memory only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

OWNER, ANALYST, CODER, SUPERVISOR, READER = "owner", "analyst", "coder", "supervisor", "reader"
ROLES = (OWNER, ANALYST, CODER, SUPERVISOR, READER)
ALONE = "local"
"""Name of the one person of a study without accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person who was let in: name, role, and the sessions assigned to a coder.

    ``id`` is what the audit log calls them.
    """

    name: str
    role: str
    sessions: frozenset[str] = frozenset()
    id: str = ALONE

    def may_open(self, session: str) -> bool:
        """Whether this session is for these eyes: a coder sees only what is assigned."""
        return self.role != CODER or session in self.sessions

    @property
    def is_blind(self) -> bool:
        """Whether signals, synchrony and the codes of others are kept from this person."""
        return self.role == CODER


@dataclass(slots=True)
class _Entry:
    visitor: Visitor
    version: int
    seen_s: float


Lookup = Callable[[str], "tuple[Visitor, int] | None"]


@dataclass
class Visitors:
    """The open log-ins; a cookie is known by its hash only.

    ``token`` lets one browser in, once. ``lookup`` gives an account as it is now and the
    version of its password, so that a change of role, of sessions or of password counts at
    once. ``is_shared`` says whether there are accounts: the one person of a study without them
    is let in no longer then. ``clock`` gives seconds.
    """

    token: str
    idle_s: float
    lookup: Lookup = lambda name: None
    is_shared: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _open: dict[str, _Entry] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def exchange(self, token: str) -> str | None:
        """Give a cookie for the launch token; None where it is wrong, was used or has ended."""
        if self.is_shared():
            return None
        with self._lock:
            good = bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())
            if not good:
                return None
            self.token = ""
        return self.let_in(Visitor(name=ALONE, role=OWNER))

    def let_in(self, visitor: Visitor, version: int = 0) -> str:
        """Open a log-in and give its cookie."""
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._open[_hash(cookie)] = _Entry(visitor, version, self.clock())
        return cookie

    def find(self, cookie: str, *, idle_s: float | None = 0.0) -> Visitor | None:
        """Who this cookie belongs to; None where unknown, idle for too long, or changed.

        ``idle_s`` is how long ago the person did something, as the page says; None: this is no
        use, such as a look at whether a socket may stay open.
        """
        key = _hash(cookie)
        with self._lock:
            entry = self._open.get(key)
        if entry is None:
            return None
        now = self._as_now(entry)  # asks the disk: never under the lock
        at_s = self.clock()
        with self._lock:
            if now is None or (now.name != ALONE and at_s - entry.seen_s > self.idle_s):
                self._open.pop(key, None)
                return None
            if idle_s is not None:
                entry.seen_s = max(entry.seen_s, at_s - idle_s)
        return now

    def _as_now(self, entry: _Entry) -> Visitor | None:
        """The visitor of a log-in as the accounts have them now; None where it has ended.

        A name may be given again: the account is the same only with the same number.
        """
        if entry.visitor.name == ALONE:
            return None if self.is_shared() else entry.visitor
        found = self.lookup(entry.visitor.name)
        if found is None or found[0].id != entry.visitor.id or found[1] != entry.version:
            return None
        return found[0]

    def let_out(self, cookie: str) -> None:
        """Close a log-in."""
        with self._lock:
            self._open.pop(_hash(cookie), None)

    def csrf(self, cookie: str) -> str:
        """What a page of this log-in sends with every unsafe request; no other site knows it."""
        return hmac.new(self._secret, cookie.encode(), hashlib.sha256).hexdigest()


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
