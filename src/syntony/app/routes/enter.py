"""The door: the launch token for a cookie, or a name and a password."""

from __future__ import annotations

from math import ceil

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from syntony.app.home import Home
from syntony.app.origins import address_of, cookie_of
from syntony.app.rules import INTENT
from syntony.app.schema import REFUSALS, Documented, LogIn, refusal
from syntony.app.visitors import ALONE
from syntony.core.errors import InputError

SLOWER: Documented = {
    409: refusal("The password was good once: choose another with it."),
    429: refusal("Too many tries; Retry-After says how long to wait."),
}
router = APIRouter(responses=REFUSALS)


@router.get("/enter", name="enter", response_class=HTMLResponse)
def enter(request: Request, token: str = "") -> Response:
    """Let the bearer of the launch token in, once; without it, say how to get in."""
    state = request.app.state
    if not token:
        request.state.quiet = True  # nothing was tried
        page: Response = state.pages.render(
            request, "enter.html", asks=bool(state.accounts), text=["common", "enter"]
        )
        return page
    cookie = state.visitors.exchange(token)
    if cookie is None:
        why = "enter.by_name" if state.accounts else "enter.used"
        raise HTTPException(403, state.pages.words(why))
    request.state.who = ALONE
    state.home.launch_file.unlink(missing_ok=True)
    if request.headers.get("sec-fetch-site", "none") == "none":  # typed, or pasted
        return with_cookie(RedirectResponse("/", status_code=303), state.home, cookie)
    # A browser that came from elsewhere, such as from the launch file, would go on without the
    # cookie: what one of our own pages opens is sent it.
    return with_cookie(state.pages.render(request, "entered.html"), state.home, cookie)


@router.post("/api/enter", name="log_in", status_code=204, responses=SLOWER)
async def log_in(request: Request, asked: LogIn) -> Response:
    """Let an account in by name and password; too many wrong ones have to wait.

    A password that another person gave out opens the door only together with one of their own.
    """
    state = request.app.state
    keys = (f"name {asked.name}", f"from {address_of(request.scope, state.home)}")
    wait_s = state.attempts.begin(*keys)
    if wait_s > 0:
        message = state.pages.words("enter.wait", minutes=ceil(wait_s / 60))
        raise HTTPException(429, message, headers={"Retry-After": str(ceil(wait_s))})
    return await run_sync(_let_in, request, asked, keys, limiter=state.hashing)


def _let_in(request: Request, asked: LogIn, keys: tuple[str, str]) -> Response:
    state = request.app.state
    found = state.accounts.check(asked.name, asked.password)
    if found is None:
        raise HTTPException(401, state.pages.words("enter.wrong"))
    state.attempts.worked(keys[0])
    state.attempts.undo(keys[1])
    request.state.who = found[0].visitor.id
    if found[0].once:
        if not asked.own:
            raise HTTPException(409, state.pages.words("enter.choose"))
        if asked.own == asked.password:
            raise InputError("own", "the same one", "a password that nobody gave you")
        told = f"account={found[0].visitor.id}"
        state.audit.append(found[0].visitor.id, INTENT, "own_password", told)
        state.accounts.set_password(asked.name, asked.own)
        found = state.accounts.find(asked.name) or found
    cookie = state.visitors.let_in(found[0].visitor, found[1])
    return with_cookie(Response(status_code=204), state.home, cookie)


@router.get("/api/here", name="here", status_code=204)
def here() -> Response:
    """Answer while a page's log-in lasts; how long ago it was used stands in its headers."""
    return Response(status_code=204)


@router.post("/api/leave", name="leave", status_code=204)
def leave(request: Request) -> Response:
    """Close this log-in."""
    home = request.app.state.home
    cookie = cookie_of(request.headers.get("cookie", ""), home.cookie)
    request.app.state.visitors.let_out(cookie)
    answer = Response(status_code=204)
    answer.delete_cookie(
        home.cookie, path="/", secure=home.secure, httponly=True, samesite="strict"
    )
    return answer


def with_cookie(answer: Response, home: Home, cookie: str) -> Response:
    """Set the cookie that only our own pages send and no script reads."""
    answer.set_cookie(
        home.cookie, cookie, httponly=True, samesite="strict", secure=home.secure, path="/"
    )
    return answer
