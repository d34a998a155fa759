"""The door: the launch token for a cookie, or a name and a password."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from syntony.app.home import Home
from syntony.app.schema import REFUSALS

router = APIRouter(responses=REFUSALS)


@router.get("/enter", name="enter", response_class=HTMLResponse)
def enter(request: Request, token: str = "") -> Response:
    """Let the bearer of the launch token in, once; without it, say how to get in."""
    state = request.app.state
    if not token:
        page: Response = state.pages.render(request, "enter.html")
        return page
    cookie = state.visitors.exchange(token)
    if cookie is None:
        raise HTTPException(403, state.pages.words("enter.used"))
    return with_cookie(RedirectResponse("/", status_code=303), state.home, cookie)


def with_cookie(answer: Response, home: Home, cookie: str) -> Response:
    """Set the cookie that only our own pages send and no script reads."""
    answer.set_cookie(
        home.cookie, cookie, httponly=True, samesite="strict", secure=home.secure, path="/"
    )
    return answer
