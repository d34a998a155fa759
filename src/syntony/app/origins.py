"""Where a request comes from: its cookie, host, origin, and the address of who asks."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from syntony.app.home import Home

_PLAIN = {"ws": "http", "wss": "https"}


def cookie_of(header: str, name: str) -> str:
    """Value of one cookie of a header, whatever else is in it; empty where it is not there.

    Examples
    --------
    >>> cookie_of('theme=dark mode; odd={"a": 1}; ours=x', "ours")
    'x'
    """
    return cookie_parser(header).get(name, "")


def host_of(header: str) -> str:
    """Host name without its port, in lower case."""
    split = _split(f"//{header}")
    try:
        return (split.hostname if split else "") or ""
    except ValueError:
        return ""


def address_of(scope: Scope, home: Home) -> str:
    """Who asks; behind a proxy, whom the proxy says that it speaks for.

    Only the last entry is the proxy's own word: what stands before it came with the request.
    """
    said = _last(Headers(scope=scope), "x-forwarded-for") if home.behind_proxy else ""
    client = scope.get("client")
    return said or (str(client[0]) if client else "")


def is_from_here(scope: Scope, headers: Headers, home: Home) -> bool:
    """Whether a page of our own asked; what only another site can do is refused.

    A browser names the origin with every socket and with everything that changes something.
    Another port of this machine is another site, although cookies do not tell them apart; so is
    a page that came over an open line, where ours come over an encrypted one.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
    socket = scope["type"] == "websocket"
    if origin is None:
        if socket:
            return False
    else:
        split = _split(origin)
        own = (_scheme_of(scope, headers, home), headers["host"].lower())
        if split is None or (split.scheme, split.netloc.lower()) != own:
            return False
    if site in {"cross-site", "same-site"}:
        opens_page = headers.get("sec-fetch-mode") == "navigate"
        return opens_page and not socket and scope["method"] in {"GET", "HEAD"}
    return True


def _scheme_of(scope: Scope, headers: Headers, home: Home) -> str:
    """How the browser speaks to us, or to the proxy before us."""
    if home.behind_proxy:
        return _last(headers, "x-forwarded-proto").lower() or "https"
    said = str(scope["scheme"])
    return _PLAIN.get(said, said)


def _last(headers: Headers, name: str) -> str:
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
