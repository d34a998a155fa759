"""The guard before every request: host, origin, log-in, rule, token; and the headers after it.

It is plain ASGI around the whole app, so that nothing is behind it that it does not see: pages,
files, sockets and errors alike. What it does not know it refuses.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syntony.app.audit import Audit
from syntony.app.home import Home
from syntony.app.rules import ACTS, ENTER, allows
from syntony.app.visitors import Visitor, Visitors

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "X-Syntony-Token"
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
_TOLD = ("session", "run", "part", "job", "upload", "account", "set", "number", "film")
_POLICIES = {POLICY, REPORT_POLICY}


class Guard:
    """ASGI middleware; ``routes`` are asked for at each request, as the app has them then."""

    def __init__(
        self, app: ASGIApp, *, home: Home, visitors: Visitors, audit: Audit, router: object
    ) -> None:
        self.app, self.home, self.visitors = app, home, visitors
        self.audit, self.router = audit, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through and add the headers."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        refusal = self.judge(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self.app(scope, receive, self._noting(scope, send))
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        sending = self._noting(scope, _adding_headers(scope, send))
        await (self.app if refusal is None else refusal)(scope, receive, sending)

    def judge(self, scope: Scope) -> Response | None:
        """None where the request may go on; else what it is answered with."""
        headers = Headers(scope=scope)
        if _host_of(headers.get("host", "")) not in self.home.hosts:
            return _refuse(421, "This address is not one of the app's own.")
        if not _from_here(scope, headers):
            return _refuse(403, "The request came from another site.")
        cookie = cookie_of(headers.get("cookie", ""), self.home.cookie)
        visitor = self.visitors.find(cookie) if cookie else None
        scope.setdefault("state", {})["visitor"] = visitor
        scope["state"]["csrf"] = self.visitors.csrf(cookie if visitor else "")
        found = _match(scope, getattr(self.router, "routes", ()))
        if found is None:  # nothing is told to strangers, not even what is not there
            return None if visitor else self._ask_to_enter(scope)
        name, params = found
        session = params.get("session")
        scope["state"] |= {"route": name, "about": _about(params)}
        if not allows(name, visitor.role if visitor else None):
            if visitor is None:
                return self._ask_to_enter(scope)
            return _refuse(403, "Your role does not allow this.")
        if visitor and session is not None and not visitor.may_open(session):
            return _refuse(403, "This session is not assigned to you.")
        return self._without_token(scope, headers)

    def _noting(self, scope: Scope, send: Send) -> Send:
        """Write the audit line before the first byte of an answer: no line, no answer."""

        async def sending(message: Message) -> None:
            state = scope.get("state", {})
            act = ACTS.get(state.get("route") or "", "")
            begins = message["type"] in {"http.response.start", "websocket.accept"}
            who = scope.get("state", {}).get("visitor")
            if begins and act and (who is not None or act == ENTER):
                status = int(message.get("status", 101))
                about = state["about"]
                name = state.get("who") or (who.id if who else "nobody")
                await run_in_threadpool(self.audit.append, name, act, state["route"], about, status)
            await send(message)

        return sending

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


def cookie_of(header: str, name: str) -> str:
    """Value of one cookie of a header; empty where it is not there."""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def visitor_of(scope: Scope) -> Visitor:
    """Who asks; the guard has seen to it that there is somebody."""
    visitor: Visitor = scope["state"]["visitor"]
    return visitor


def _host_of(header: str) -> str:
    """Host name without its port, in lower case."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _netloc_of(origin: str) -> str:
    """Host and port of an origin, in lower case; empty where it is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _from_here(scope: Scope, headers: Headers) -> bool:
    """Whether a page of our own asked; what only another site can do is refused.

    A browser names the origin with every socket and with everything that changes something.
    Another port of this machine is another site, although cookies do not tell them apart.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
    socket = scope["type"] == "websocket"
    if origin is None:
        if socket:
            return False
    elif _netloc_of(origin) != headers["host"].lower():
        return False
    if site in {"cross-site", "same-site"}:
        opens_page = headers.get("sec-fetch-mode") == "navigate"
        return opens_page and not socket and scope["method"] in {"GET", "HEAD"}
    return True


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


def _about(params: Mapping[str, object]) -> str:
    """What a request is about, from its path: labels of the study, never names of people."""
    return " ".join(f"{k}={v}" for k, v in params.items() if k in _TOLD)


def _refuse(status: int, message: str) -> Response:
    return JSONResponse({"problems": [{"field": "", "message": message}]}, status_code=status)


def _adding_headers(scope: Scope, send: Send) -> Send:
    """Put the headers on whatever is answered."""
    is_static = scope["path"].startswith("/static/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers["Cache-Control"] = "no-cache" if is_static else "no-store"
            if headers.get("Content-Security-Policy") not in _POLICIES:
                headers["Content-Security-Policy"] = POLICY
        await send(message)

    return sending
