"""What the audit log is told of requests: before the work, and with the answer.

Labels come from addresses, and an address is what somebody typed: a label is told where the study
is known to have it, never because it was asked for.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Scope

from syntony.app.audit import Audit
from syntony.app.home import Home
from syntony.app.rules import ACCOUNT, ACTS, EDIT, INTENT, ONCE, WORK
from syntony.core.errors import SyntonyError

UNKNOWN = "?"
ONCE_S = 60.0
NOBODY = "nobody"
_CHANGES = frozenset({EDIT, WORK, ACCOUNT})
_OF_PATH = (
    *("session", "run", "set", "number", "film", "table", "page", "name"),
    *("part", "job", "upload", "account", "mark"),
)
_OF_QUERY: Mapping[str, tuple[str, ...]] = {
    "compare": ("first", "second"),
    "report_of": ("page",),
    "review_facts": ("run",),
    "run": ("like",),
}
_RUNS = frozenset({"run", "first", "second", "like"})
_SAFE = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_OURS = re.compile(r"u?[0-9]{1,9}")
"""Numbers, of accounts and of things: they name nobody, whatever the answer was."""


class Unwritten(Exception):
    """The log could not be written; what it was to tell of does not happen."""


class Notes:
    """Writes lines of requests; ``clock`` gives seconds."""

    def __init__(
        self, audit: Audit, home: Home, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._audit, self._home, self._clock = audit, home, clock
        self._told: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def intend(self, scope: Scope) -> None:
        """Before something is changed: a line that it is about to be, with status 0.

        So no change is without a line, whatever happens on the way to the answer.
        """
        route, who = _route(scope), scope["state"].get("visitor")
        if ACTS.get(route) in _CHANGES and who is not None:
            self._append(who.id, INTENT, route, self._about(scope, is_proven=False), 0)

    def tells_of(self, scope: Scope) -> bool:
        """Whether a line may be written of this request at all."""
        return bool(ACTS.get(_route(scope)))

    def answered(self, scope: Scope, status: int) -> None:
        """Before the first byte of an answer: no line, no answer."""
        state, route = scope.get("state", {}), _route(scope)
        act, visitor = ACTS.get(route, ""), state.get("visitor")
        if not act or state.get("quiet") or (visitor is None and route not in _DOOR):
            return
        who = str(state.get("who") or (visitor.id if visitor else NOBODY))
        about = str(state.get("about") or self._about(scope, is_proven=status not in {404, 422}))
        is_try = route == "log_in" and status == 401  # held to so many a quarter of an hour
        if (route in ONCE or (who == NOBODY and not is_try)) and self._was_told(
            who, route, about, str(status)
        ):
            return
        self._append(who, act, route, about, status)

    def _was_told(self, *what: str) -> bool:
        """Whether the same was told within the last minute; if not, it is now."""
        now = self._clock()
        with self._lock:
            self._told = {k: t for k, t in self._told.items() if now - t < ONCE_S}
            if what in self._told:
                return True
            self._told[what] = now
        return False

    def _append(self, who: str, act: str, what: str, about: str, status: int) -> None:
        try:
            self._audit.append(who, act, what, about, status)
        except Exception as error:  # a full disk, a lock that is held, a file that is none
            raise Unwritten from error

    def _about(self, scope: Scope, *, is_proven: bool) -> str:
        """What a request is about: labels, each ``?`` where it may be anything.

        ``is_proven``: the answer was one that an unknown label does not get.
        """
        said: dict[str, Any] = scope["state"].get("params") or {}
        asked = _OF_QUERY.get(_route(scope), ())
        query = parse_qs(scope.get("query_string", b"").decode("latin-1")) if asked else {}
        found = [(k, str(said[k])) for k in _OF_PATH if k in said]
        found += [(k, query[k][0]) for k in asked if query.get(k)]
        return " ".join(f"{k}={self._label(k, v, is_proven=is_proven)}" for k, v in found)

    def _label(self, kind: str, label: str, *, is_proven: bool) -> str:
        if _OURS.fullmatch(label) and kind in {"account", "number", "page"}:
            return label
        if not _SAFE.fullmatch(label) or not (is_proven or self._is_known(kind, label)):
            return UNKNOWN
        return label

    def _is_known(self, kind: str, label: str) -> bool:
        """Whether the study has this session, run or set of clips; of others nobody knows."""
        from syntony.io.study import open_study
        from syntony.pipeline.run_states import find_run

        study = self._home.study
        try:
            if kind == "session":
                return any(s.id == label for s in open_study(study, recordings=False).sessions)
            if kind in _RUNS:
                return bool(find_run(study, label))
        except (SyntonyError, OSError, ValueError):  # a study that is broken knows nothing
            return False
        folder = study / "derivatives" / "syntony" / label
        return kind == "set" and not label.startswith(".") and folder.is_dir()


_DOOR = frozenset({"enter", "log_in"})


def _route(scope: Scope) -> str:
    return scope.get("state", {}).get("route") or ""
