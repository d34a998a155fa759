"""The guard before every request: host, origin, log-in, rule, token; and the headers after it.

It is plain ASGI around the whole app, so that nothing is behind it that it does not see: pages,
files, sockets and errors alike. What it does not know it refuses.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syntony.app.assets import PREFIX
from syntony.app.bodies import TOO_MUCH, bounded, limit_of, says_too_much
from syntony.app.discreet import place_of
from syntony.app.errors import answer
from syntony.app.home import LOOPBACK, Home
from syntony.app.notes import Notes, Unwritten
from syntony.app.origins import cookie_of, host_of, is_from_here
from syntony.app.rules import UNASKED, allows
from syntony.app.schema import Problem
from syntony.app.visitors import Visitor, Visitors

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "X-Syntony-Token"
IDLE_HEADER = "X-Syntony-Idle"
"""Seconds since the person at the page did something; without it the request itself is use."""
RECHECK_S = 3.0
"""So often an open socket is judged again."""
POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
REPORT_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""For report pages, which carry their style in them: no script at all."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), gamepad=(self)",
}
ENCRYPTED_ONLY = "max-age=31536000"
_POLICIES = {POLICY, REPORT_POLICY}
_BUSY = "The accounts or the log are in use by another program. Try again in a moment."
_UNWRITTEN = "The audit log cannot be written, so nothing is answered. Is the disk full?"
_log = logging.getLogger("uvicorn.error")


class Guard:
    """ASGI middleware; ``router`` is asked for its routes at each request, as it has them then.

    ``watches`` says whether a socket of this route is being used without a click: a recording
    that is watched.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        home: Home,
        visitors: Visitors,
        notes: Notes,
        router: object,
        watches: Callable[[str], bool] = lambda route: False,
    ) -> None:
        self.app, self.home, self.visitors = app, home, visitors
        self.notes, self.router, self.watches = notes, router, watches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through and add the headers."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            if _is_of_the_app(scope):
                refusal = self.judge(scope)
            else:
                refusal = await run_in_threadpool(self.judge, scope)  # it may wait for the disk
        except sqlite3.OperationalError:
            refusal = _refuse(503, _BUSY, {"Retry-After": "2"})
        if scope["type"] == "http":
            await self._answer(refusal, scope, receive, self._adding_headers(scope, send))
        elif refusal is None:
            await self._hold_open(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    def judge(self, scope: Scope) -> Response | None:
        """None where the request may go on; else what it is answered with."""
        headers = Headers(scope=scope)
        if host_of(headers.get("host", "")) not in self.home.hosts:
            return _refuse(421, "This address is not one of the app's own.")
        if not is_from_here(scope, headers, self.home):
            return _refuse(403, "The request came from another site.")
        cookie = cookie_of(headers.get("cookie", ""), self.home.cookie)
        found = _match(scope, getattr(self.router, "routes", ()))
        is_asked = scope["type"] == "http" and (found is None or found[0] not in UNASKED)
        idle_s = _idle_s(headers) if is_asked else None
        is_looked_up = bool(cookie) and not _is_of_the_app(scope)
        visitor = self.visitors.find(cookie, idle_s=idle_s) if is_looked_up else None
        scope.setdefault("state", {})["visitor"] = visitor
        scope["state"]["csrf"] = self.visitors.csrf(cookie if visitor else "")
        if found is None:  # nothing is told to strangers, not even what is not there
            return None if visitor else self._ask_to_enter(scope)
        name, params = found
        scope["state"] |= {"route": name, "params": params, "cookie": cookie}
        refusal = self._held_to_rules(scope, visitor) or self._without_token(scope, headers)
        if refusal is None and scope["type"] == "http" and says_too_much(scope, limit_of(name)):
            return _refuse(413, TOO_MUCH)
        return refusal

    def _held_to_rules(self, scope: Scope, visitor: Visitor | None) -> Response | None:
        """Refuse a role that may not use the route, and a session that is not assigned."""
        session = scope["state"]["params"].get("session")
        if not allows(scope["state"]["route"], visitor.role if visitor else None):
            if visitor is None:
                return self._ask_to_enter(scope)
            return _refuse(403, "Your role does not allow this.")
        if visitor and session is not None and not visitor.may_open(session):
            return _refuse(403, "This session is not assigned to you.")
        return None

    async def _answer(
        self, refusal: Response | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the app answer, or refuse; an error is answered like everything else."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                if self.notes.tells_of(scope):
                    await run_in_threadpool(self.notes.answered, scope, int(message["status"]))
                has_begun = True
            await send(message)

        try:
            if refusal is not None:
                await refusal(scope, receive, sending)
                return
            if self.notes.tells_of(scope):
                await run_in_threadpool(self.notes.intend, scope)
            route = scope["state"].get("route")
            await self.app(scope, bounded(receive, limit_of(route)), sending)
        except Unwritten as error:
            if has_begun:
                raise
            await _unwritten(error)(scope, receive, send)
        except Exception as error:
            if has_begun:
                raise
            try:
                await _broken(scope, error)(scope, receive, sending)
            except Unwritten as unwritten:
                await _unwritten(unwritten)(scope, receive, send)
            if not isinstance(error, sqlite3.OperationalError):
                raise  # told by the server, without its words

    async def _hold_open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket be, and close it as soon as its visitor may no longer hold it."""

        async def sending(message: Message) -> None:
            if message["type"] == "websocket.accept":
                await run_in_threadpool(self.notes.answered, scope, 101)
            await send(message)

        talk = asyncio.ensure_future(self.app(scope, receive, sending))
        watch = asyncio.ensure_future(self._until_refused(scope))
        try:
            await asyncio.wait({talk, watch}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done():
                return
            talk.cancel()
            await asyncio.wait({talk})
            await send({"type": "websocket.close", "code": 1008})
            await run_in_threadpool(self.notes.answered, scope, 403)
        finally:
            for task in (talk, watch):
                task.cancel()
            await asyncio.gather(talk, watch, return_exceptions=True)
            if not talk.cancelled() and (error := talk.exception()) is not None:
                raise error

    async def _until_refused(self, scope: Scope) -> None:
        """Judge a socket again every few seconds, until it may not stay."""
        cookie, route = scope["state"]["cookie"], scope["state"]["route"]

        def may_stay() -> bool:
            idle_s = 0.0 if self.watches(route) else None
            visitor = self.visitors.find(cookie, idle_s=idle_s)
            return self._held_to_rules(scope, visitor) is None

        stays = True
        while stays:
            await asyncio.sleep(RECHECK_S)
            with suppress(sqlite3.OperationalError):  # asked again in a moment
                stays = await run_in_threadpool(may_stay)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        """Refuse a request that changes something and does not carry the page's token."""
        if scope["type"] == "websocket" or scope["method"] in SAFE:
            return None
        given = headers.get(TOKEN_HEADER, "").encode()
        if hmac.compare_digest(given, scope["state"]["csrf"].encode()):
            return None
        return _refuse(403, f"The header {TOKEN_HEADER} of the page is missing or wrong.")

    def _ask_to_enter(self, scope: Scope) -> Response:
        wants_page = "text/html" in Headers(scope=scope).get("accept", "")
        is_page = scope["type"] == "http" and not scope["path"].startswith("/api/")
        if is_page and wants_page and scope["method"] in SAFE:
            return RedirectResponse("/enter", status_code=303)
        return _refuse(401, "Log in first.")

    def _adding_headers(self, scope: Scope, send: Send) -> Send:
        """Put the headers on whatever is answered."""
        is_static = _is_of_the_app(scope)
        host = host_of(Headers(scope=scope).get("host", ""))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not is_static or "Cache-Control" not in headers:
                    headers["Cache-Control"] = "no-store"
                if headers.get("Content-Security-Policy") not in _POLICIES:
                    headers["Content-Security-Policy"] = POLICY
                if self.home.secure and host not in LOOPBACK:  # other programs are there, too
                    headers["Strict-Transport-Security"] = ENCRYPTED_ONLY
            await send(message)

        return sending


def visitor_of(scope: Scope) -> Visitor:
    """Who asks; the guard has seen to it that there is somebody."""
    visitor: Visitor = scope["state"]["visitor"]
    return visitor


def _is_of_the_app(scope: Scope) -> bool:
    """Whether a file of the app itself is asked for: the same for everybody, and nobody's data."""
    return str(scope["path"]).startswith(PREFIX)


def _idle_s(headers: Headers) -> float:
    """Seconds since the person at the page did something, as the page says."""
    try:
        said = float(headers.get(IDLE_HEADER, "0"))
    except ValueError:
        return 0.0
    return max(0.0, said) if isfinite(said) else 0.0


def _match(
    scope: Scope, routes: Iterable[BaseRoute]
) -> tuple[str | None, Mapping[str, Any]] | None:
    """Name of the route of a request and what its path holds; None where there is none."""
    partial = None
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.NONE:
            continue
        found = (getattr(route, "name", None), child.get("path_params", {}))
        if match is Match.FULL:
            return found
        partial = partial or found
    return partial


def _refuse(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    problems = [Problem(field="", message=message).model_dump()]
    return JSONResponse({"problems": problems}, status_code=status, headers=headers)


def _broken(scope: Scope, error: Exception) -> Response:
    """What is answered to an error that nobody foresaw; its words are told to nobody."""
    if isinstance(error, sqlite3.OperationalError):
        return _refuse(503, _BUSY, {"Retry-After": "2"})
    message = "An error in the program. What was saved before is still there."
    try:
        return answer(Request(scope), 500, [Problem(field="", message=message)])
    except Exception:  # the page of errors is itself broken
        return _refuse(500, message)


def _unwritten(error: Unwritten) -> Response:
    _log.error("The audit log cannot be written: %s.", place_of(error.__cause__ or error))
    return _refuse(503, _UNWRITTEN)
