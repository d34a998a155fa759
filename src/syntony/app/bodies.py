"""How much a request may bring: refused before it is read, and while it is read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

LIMIT = 2**20
_MORE: Mapping[str, int | None] = {
    "save_coding": 16 * LIMIT,  # all codes of a session, with their comments
    "save_clip_coding": 16 * LIMIT,
    "upload_file": None,  # held to the limits of uploads, as its bytes go to the disk
}
TOO_MUCH = "The request holds more than this may take."


def limit_of(route: str | None) -> int | None:
    """Bytes that a request to this route may bring; None: the route sees to it itself."""
    return _MORE.get(route or "", LIMIT)


def says_too_much(scope: Scope, limit: int | None) -> bool:
    """Whether the request itself says that it is longer."""
    said = Headers(scope=scope).get("content-length", "")
    return limit is not None and said.isascii() and said.isdigit() and int(said[:20]) > limit


def bounded(receive: Receive, limit: int | None) -> Receive:
    """Stop reading where a request turns out to be longer than it may be.

    Raises
    ------
    HTTPException
        413, while the route reads.
    """
    if limit is None:
        return receive
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, TOO_MUCH)
        return message

    return receiving
